#include "orchestrator/base_tests_face.h"

#include <re2/re2.h>

#include <algorithm>
#include <optional>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/test_file.h"

namespace baton {
namespace {

constexpr int kRounds = 3;  // names that stand for names

std::string path_in(const FailingBaseTest& test) {
  const auto colons = test.id.find("::");
  const std::string told = colons == test.id.npos ? std::string() : test.id.substr(0, colons);
  return audit::may_hold_tests(told) && language_of(told) != Language::none ? told : test.path;
}

const audit::TestUnit* unit_of(const audit::TestFile& file, const std::string& path, const std::string& id) {
  const auto found = std::find_if(file.units.begin(), file.units.end(), [&](const audit::TestUnit& unit) { return unit.is_test && !unit.is_group && speaks_of(id, "", {path, unit.name, unit.qualified}); });
  return found == file.units.end() ? nullptr : &*found;
}

// "tool.py" and not "mytool.py".
bool names_file(const std::string& text, const std::string& name) {
  const RE2 whole("(^|[^\\w.-])" + RE2::QuoteMeta(name) + "($|[^\\w-])");
  return RE2::PartialMatch(text, whole);
}

// In its own text, or in what its names stand for in its file: constants, helpers.
bool speaks_of_gone_file(const audit::TestFile& file, const audit::TestUnit& unit, const std::set<std::string>& gone) {
  std::string text = unit.text;
  std::set<const void*> taken{&unit};
  for (int round = 0; round < kRounds; ++round) {
    const std::set<std::string> names = audit::identifiers(text);
    for (const audit::TestUnit& other : file.units) {
      for (const auto& given : other.given) {
        if (!other.is_test && names.contains(given.first.substr(given.first.rfind('.') + 1)) && taken.insert(&given).second) text += "\n" + given.second;
      }
      if (!other.is_test && !other.is_group && !other.name.empty() && names.contains(other.name) && taken.insert(&other).second) text += "\n" + other.text;
    }
  }
  return std::any_of(gone.begin(), gone.end(), [&](const std::string& name) { return names_file(text, name); });
}

// What gives its elements one by one was taken for a list.
bool takes_it_for_a_list(const std::string& words) {
  static const RE2 kLazy("(generator|map|filter|zip|enumerate|reversed|islice|chain|dict_keys|dict_values|dict_items|odict_\\w+|\\w*_?iterator)"),
      kSaid("TypeError: '(\\w+)' object is not subscriptable|TypeError: object of type '(\\w+)' has no len\\(\\)|assert <(\\w+)(?:\\.\\w+)? object\\b|assert (dict_\\w+)\\(");
  std::string a, b, c, d;
  return RE2::PartialMatch(words, kSaid, &a, &b, &c, &d) && RE2::FullMatch(a + b + c + d, kLazy);
}

// Its statements, without `list(…)` and `tuple(…)` around a value.
std::vector<std::string> statements_without_lists(std::string_view text) {
  std::vector<std::string> lines;
  for (const std::string_view raw : audit::lines_of(text)) {
    std::string line = audit::normalised(raw);
    static const RE2 kWrap("(^|[^\\w.])(?:list|tuple)\\(");
    re2::StringPiece before;
    while (RE2::PartialMatch(line, kWrap, &before)) {
      const std::size_t at = static_cast<std::size_t>(before.data() - line.data()) + before.size(), open = line.find('(', at);
      int depth = 0;
      std::size_t close = open;
      for (; close < line.size(); ++close) {
        depth += line[close] == '(' ? 1 : line[close] == ')' ? -1 : 0;
        if (depth == 0) break;
      }
      if (close >= line.size()) break;
      line.erase(close, 1);
      line.erase(at, open + 1 - at);
    }
    if (!line.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

// All that the base's test says is said, in order; what is between it asserts more.
bool says_the_same(const audit::TestUnit& was, const audit::TestUnit& is) {
  if (was.text == is.text) return false;  // it was not adapted
  const std::vector<std::string> before = statements_without_lists(was.text), now = statements_without_lists(is.text);
  std::size_t at = 0;
  for (const std::string& line : now) {
    if (at < before.size() && line == before[at]) ++at;
    else if (!line.starts_with("assert")) return false;
  }
  return at == before.size();
}

}  // namespace

bool meets_another_face(const FailingBaseTest& test, const FaceGround& ground) {
  const std::string told = path_in(test);
  if (test.id.empty() || told.empty()) return false;
  const auto change = std::find_if(ground.changes.begin(), ground.changes.end(), [&](const FileChange& one) { return one.path == told || one.old_path == told; });
  const std::string old_path = change == ground.changes.end() ? told : change->old_path;
  const auto base = ground.base(old_path);
  if (!base) return false;
  const audit::TestFile was = audit::read_test_file(old_path, *base);
  const audit::TestUnit* unit = unit_of(was, old_path, test.id);
  if (!unit) return false;
  if (!ground.gone_names.empty() && speaks_of_gone_file(was, *unit, ground.gone_names)) return true;
  if (!takes_it_for_a_list(test.words) || change == ground.changes.end()) return false;
  const auto head = ground.head(change->path);
  if (!head) return false;
  const audit::TestFile is = audit::read_test_file(change->path, *head);
  const auto now = std::find_if(is.units.begin(), is.units.end(), [&](const audit::TestUnit& one) { return one.is_test && one.qualified == unit->qualified; });
  return now != is.units.end() && says_the_same(*unit, *now);
}

}  // namespace baton
