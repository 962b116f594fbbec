#include "orchestrator/living_tests.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <tuple>
#include <utility>

namespace baton {
namespace {

// What a runner writes behind a test's name: `[1-2]`, `/sub`, `(int)[1]`, `#01`, `::case_1`, ` (2)`.
constexpr const char* kParameters = "(?:[\\[/(#].*|::\\w+| \\(.*)?";

// A title with holes that a runner fills: `adds %i and $b`, `adds ${n}`. What stands between them.
std::vector<std::string> parts_of_title(std::string_view title) {
  static const RE2 kHole("(%[sdifjoOc#p]|\\$\\{[^}]*\\}|\\$#?\\w+(?:\\.\\w+)*)");
  std::vector<std::string> parts;
  re2::StringPiece left(title.data(), title.size()), hole;
  while (RE2::PartialMatch(left, kHole, &hole)) {
    const std::size_t at = static_cast<std::size_t>(hole.data() - left.data());
    parts.emplace_back(left.data(), at);
    left.remove_prefix(at + hole.size());
  }
  parts.emplace_back(left.data(), left.size());
  return parts;
}

std::string pattern_of_title(std::string_view title) {
  std::string pattern;
  for (const std::string& part : parts_of_title(title)) pattern += (pattern.empty() ? "" : ".*") + RE2::QuoteMeta(part);
  return parts_of_title(title).front().empty() && pattern.empty() ? ".*" : pattern;
}

// A name with classes and groups around it, whatever a runner puts between them. GoogleTest puts its instance before and the type within.
std::string pattern_of_names(const PlacedTest& test) {
  const std::string_view around = std::string_view(test.qualified).substr(0, test.qualified.size() - std::min(test.qualified.size(), test.name.size()));
  std::string pattern;
  for (std::size_t at = 0; at < around.size();) {
    const std::size_t end = std::min(around.find('.', at), around.size());
    pattern += pattern_of_title(around.substr(at, end - at)) + "(?: > |::|[./ $])";
    at = end + 1;
  }
  const auto dot = test.name.find('.');
  const bool suite = around.empty() && dot != test.name.npos && test.name.find(' ') == test.name.npos;
  if (!suite) return pattern + pattern_of_title(test.name);
  return "(?:\\w+/)?" + RE2::QuoteMeta(test.name.substr(0, dot)) + "(?:/\\w+)?\\." + RE2::QuoteMeta(test.name.substr(dot + 1));
}

std::string as_path(std::string text) {
  RE2::GlobalReplace(&text, " > |::|[.: $]", "/");
  while (text.ends_with('/')) text.pop_back();
  return text;
}

bool ends_alike(const std::string& a, const std::string& b) {
  const auto ends = [](const std::string& whole, const std::string& end) { return whole == end || whole.ends_with("/" + end); };
  return !a.empty() && !b.empty() && (ends(a, b) || ends(b, a));
}

// A package, a module, a class of that file.
bool names_its_place(const std::string& before, const std::string& path) {
  const std::string told = as_path(before), file = path.substr(0, path.rfind('.')), folder = path.substr(0, std::min(path.rfind('/'), path.size()));
  return before.starts_with(path) || ends_alike(told, as_path(file)) || ends_alike(told, as_path(folder));
}

// The patterns of a test, built once.
class Matcher {
 public:
  explicit Matcher(const PlacedTest& test) : path_(test.path), all_(test.qualified), nested_(test.qualified != test.name) {
    const std::vector<std::string> parts = parts_of_title(test.name);
    holes_ = parts_of_title(test.qualified).size() > 1;
    const auto dot = test.name.rfind('.');
    if (parts.size() > 1) needle_ = *std::max_element(parts.begin(), parts.end(), [](const std::string& a, const std::string& b) { return a.size() < b.size(); });
    else needle_ = test.name.substr(test.name.find(' ') == test.name.npos && dot != test.name.npos ? dot + 1 : 0);
    static const RE2 kWord("\\w\\w");
    says_nothing_ = parts.size() > 1 && !RE2::PartialMatch(needle_, kWord);
    const std::string before = "(?s)(.*?[^\\w$])?" "?(", after = ")" + std::string(holes_ ? "(?: \\(\\d+\\))?" : kParameters);
    qualified_ = std::make_unique<RE2>(before + pattern_of_names(test) + after, RE2::Quiet);
    name_ = std::make_unique<RE2>(before + pattern_of_title(test.name) + after, RE2::Quiet);
  }

  IdMatch match(std::string_view id, std::string_view path) const {
    if ((!path.empty() && path != path_) || id.find(needle_) == id.npos) return {};
    std::string before, name;
    const re2::StringPiece text(id.data(), id.size());
    const bool by_all = RE2::FullMatch(text, *qualified_, &before, &name);
    if (!by_all && (says_nothing_ || !RE2::FullMatch(text, *name_, &before, &name))) return {};
    return {1 + (path.empty() ? 0 : 4) + (by_all && nested_ ? 2 : 0) + (names_its_place(before, path_) ? 1 : 0), before + (holes_ ? all_ : name)};
  }

 private:
  std::string path_, all_, needle_;
  bool nested_, holes_ = false, says_nothing_ = false;  // `test.each(…)("%s")`: its groups alone tell which it is
  std::unique_ptr<RE2> qualified_, name_;
};

// Each id to the one test that fits it best; one that fits two is nobody's.
class Owners {
 public:
  Owners(const std::vector<RanTest>& ran, const std::vector<PlacedTest>& tests) : of_(tests.size()), stems_(tests.size()) {
    std::vector<Matcher> matchers;
    for (const PlacedTest& test : tests) matchers.emplace_back(test);
    for (const RanTest& one : ran) {
      std::size_t best = 0, count = 0;
      IdMatch top;
      for (std::size_t i = 0; i < matchers.size(); ++i) {
        IdMatch match = matchers[i].match(one.id, one.path);
        if (match.weight == 0 || match.weight < top.weight) continue;
        count = match.weight > top.weight ? 1 : count + 1;
        top = std::move(match);
        best = i;
      }
      if (count != 1) continue;
      of_[best].push_back(&one);
      stems_[best].insert(std::move(top.stem));
    }
  }

  const std::vector<const RanTest*>& of(std::size_t test) const { return of_[test]; }
  const std::set<std::string>& stems(std::size_t test) const { return stems_[test]; }

 private:
  std::vector<std::vector<const RanTest*>> of_;
  std::vector<std::set<std::string>> stems_;
};

class Living {
 public:
  Living(const std::vector<RanTest>& base, const std::vector<RanTest>& head, const std::vector<AuditedTest>& audited)
      : audited_(audited), on_base_(base, places()), on_head_(head, holders()) {}

  LivingTests run() {
    for (std::size_t i = 0; i < audited_.size(); ++i) {
      std::vector<std::string> gone;
      for (const RanTest* one : on_base_.of(i)) {
        if (one->alone) gone.push_back(one->id);
      }
      if (gone.empty() || on_base_.stems(i).size() != 1) continue;  // of two tests of one name no one knows which
      if (audited_[i].fate == TestFate::removed_by_task) found_.removed_by_task.insert(gone.begin(), gone.end());
      if (audited_[i].fate == TestFate::held) settle(i, gone);
      if (!audited_[i].removed_cases.empty()) take_cases_away(i, gone);
    }
    return std::move(found_);
  }

 private:
  std::vector<PlacedTest> places() const {
    std::vector<PlacedTest> all;
    for (const AuditedTest& test : audited_) all.push_back(test.was);
    return all;
  }

  std::vector<PlacedTest> holders() {
    std::vector<PlacedTest> all;
    for (const AuditedTest& test : audited_) {
      for (const PlacedTest& by : test.held_by) {
        const auto [place, fresh] = holder_.try_emplace({by.path, by.qualified, by.line}, all.size());
        if (fresh) all.push_back(by);
      }
    }
    return all;
  }

  void settle(std::size_t i, const std::vector<std::string>& gone) {
    const bool cases = on_base_.of(i).size() > 1 || *on_base_.stems(i).begin() != gone.front();
    std::vector<std::vector<std::string>> by;  // of each that holds it: what may stand for one of its cases
    for (const PlacedTest& one : audited_[i].held_by) {
      const auto& ran = on_head_.of(holder_.at({one.path, one.qualified, one.line}));
      const bool fine = !ran.empty() && std::all_of(ran.begin(), ran.end(), [](const RanTest* test) { return test->passed || !test->alone; }) &&
                        std::any_of(ran.begin(), ran.end(), [](const RanTest* test) { return test->passed; });
      if (!fine) return;
      by.emplace_back();
      for (const RanTest* test : ran) {
        if (test->passed && test->alone && !taken_.count(test->id)) by.back().push_back(test->id);
      }
      if (!cases && ran.size() == 1 && by.back().empty() && ran.front()->passed) by.back().push_back(ran.front()->id);  // one that was there, or stands for others, too
    }
    if (cases) pair_cases(gone, by, i);
    else if (std::none_of(by.begin(), by.end(), [](const auto& ids) { return ids.empty(); })) pair_whole(gone.front(), by, i);
  }

  void pair_cases(const std::vector<std::string>& gone, const std::vector<std::vector<std::string>>& by, std::size_t i) {
    std::vector<std::string> fresh;
    for (const auto& ids : by) fresh.insert(fresh.end(), ids.begin(), ids.end());
    if (fresh.size() < gone.size()) return merge_cases(gone, i);
    for (std::size_t k = 0; k < gone.size(); ++k) {
      found_.now[gone[k]] = {fresh[k]};
      taken_.insert(fresh[k]);
    }
  }

  // One test without cases of its own, in which each of them is gone through.
  void merge_cases(const std::vector<std::string>& gone, std::size_t i) {
    if (audited_[i].held_by.size() != 1 || audited_[i].cases < gone.size()) return;
    const PlacedTest& one = audited_[i].held_by.front();
    const std::size_t place = holder_.at({one.path, one.qualified, one.line});
    const auto& ran = on_head_.of(place);
    if (ran.size() != 1 || !ran.front()->passed || on_head_.stems(place).count(ran.front()->id) == 0) return;
    for (const std::string& id : gone) found_.now[id] = {ran.front()->id};
  }

  // Each id says nothing but what one of the cases says that are to go.
  void take_cases_away(std::size_t i, const std::vector<std::string>& gone) {
    std::vector<std::string> cases = audited_[i].removed_cases;
    if (gone.size() > cases.size()) return;
    for (const std::string& id : gone) {
      std::set<std::string> said = words_of(id);
      for (const std::string& word : words_of(*on_base_.stems(i).begin() + " " + audited_[i].was.qualified + " " + audited_[i].was.path)) said.erase(word);
      const auto at = std::find_if(cases.begin(), cases.end(), [&](const std::string& one) {
        const std::set<std::string> words = words_of(one);
        return !said.empty() && std::includes(words.begin(), words.end(), said.begin(), said.end());
      });
      if (at == cases.end()) continue;
      cases.erase(at);
      found_.removed_by_task.insert(id);
    }
  }

  static std::set<std::string> words_of(const std::string& text) {
    std::set<std::string> words;
    std::string word;
    for (const char c : text + " ") {
      if (std::isalnum(static_cast<unsigned char>(c))) word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      else if (!word.empty()) words.insert(std::exchange(word, {}));
    }
    return words;
  }

  void pair_whole(const std::string& gone, const std::vector<std::vector<std::string>>& by, std::size_t i) {
    for (std::size_t k = 0; k < by.size(); ++k) {
      const PlacedTest& one = audited_[i].held_by[k];
      const bool one_of_many = on_head_.of(holder_.at({one.path, one.qualified, one.line})).size() > 1;
      found_.now[gone].push_back(by[k].front());
      if (one_of_many) taken_.insert(by[k].front());  // a case stands for one test
    }
  }

  const std::vector<AuditedTest>& audited_;
  std::map<std::tuple<std::string, std::string, int>, std::size_t> holder_;
  const Owners on_base_, on_head_;
  std::set<std::string> taken_;
  LivingTests found_;
};

}  // namespace

IdMatch match_id(std::string_view id, std::string_view path, const PlacedTest& test) { return Matcher(test).match(id, path); }

LivingTests living_tests(const std::vector<RanTest>& base, const std::vector<RanTest>& head, const std::vector<AuditedTest>& audited) {
  if (audited.empty()) return {};
  return Living(base, head, audited).run();
}

}  // namespace baton
