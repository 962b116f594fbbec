#include "orchestrator/criteria_facts.h"

#include <re2/re2.h>

#include <algorithm>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/line_changes.h"
#include "analyzers/audit/test_file.h"
#include "orchestrator/task_words.h"

namespace baton {
namespace {

constexpr double kSpokenOf = 0.6;  // share of a sentence's words that a test that covers it has
constexpr std::size_t kFewestSaid = 2;

bool is_filler(const std::string& word) {
  static const std::set<std::string> kFiller = {
      "a",    "an",   "and",  "any",  "are",   "as",    "at",    "be",     "been",  "but",  "by",   "can",  "do",    "does",   "each",  "every", "for",    "from",
      "has",  "have", "if",   "in",   "into",  "is",    "it",    "its",    "may",   "must", "new",  "no",   "not",   "now",    "of",    "on",    "or",     "shall",
      "should", "so", "such", "than", "that",  "the",   "their", "them",   "then",  "there", "these", "this", "to",  "too",    "was",   "when",  "where",  "which",
      "while", "will", "with", "without", "works", "work", "add", "added", "adds", "test", "tests", "case", "one", "also", "still", "only", "all", "after", "before", "given"};
  return kFiller.contains(word);
}

// Stems of all words, those of an identifier's parts among them.
std::set<std::string> stems_of(std::string_view text) {
  std::set<std::string> stems;
  for (const TaskWord& word : task_words(text)) {
    if (word.text.size() < 2 || is_filler(word.text)) continue;
    stems.insert(word.stem);
    for (const std::string& part : word.parts) {
      if (part.size() > 1 && !is_filler(part)) stems.insert(part);
    }
  }
  return stems;
}

// What stands in the sentence as code: in backticks, as a call, in snake_case or camelCase.
std::vector<std::string> identifiers_of(std::string_view sentence) {
  static const RE2 kCode(R"(`([A-Za-z_][\w.:]*)(?:\(\))?`|\b([A-Za-z_]\w*)\(|\b([a-z]\w*_\w+|[a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*)\b)");
  std::vector<std::string> names;
  re2::StringPiece rest(sentence.data(), sentence.size());
  std::string quoted, called, written;
  while (RE2::FindAndConsume(&rest, kCode, &quoted, &called, &written)) {
    std::string name = !quoted.empty() ? quoted : !called.empty() ? called : written;
    const auto cut = name.find_last_of(".:");
    if (cut != name.npos) name = name.substr(cut + 1);
    if (!name.empty()) names.push_back(name);
  }
  return names;
}

bool has_word(const std::string& text, const std::string& name) { return RE2::PartialMatch(text, R"((?:^|\W))" + RE2::QuoteMeta(name) + R"((?:\W|$))"); }

// Whatever comes: what holds only under a condition may never be held at all.
bool insists(const audit::TestUnit& unit) {
  return std::any_of(unit.checks.begin(), unit.checks.end(), [](const audit::Check& check) {
    const bool fails = check.kind == audit::CheckKind::fails;  // its condition is what it checks
    const bool by_hand = check.kind == audit::CheckKind::throws || fails || check.kind == audit::CheckKind::called;
    return !check.swallowed && (check.condition.empty() || fails) && (check.strength >= 2 || by_hand);
  });
}

// Inside of Rust's macros no tree shows them: `assert_eq!(slug("é"), "e")`.
std::set<std::string> calls_of(const audit::TestUnit& unit) {
  std::set<std::string> calls;
  for (const audit::CallSite& call : unit.calls) calls.insert(call.name);
  for (const audit::Check& check : unit.checks) calls.merge(audit::called_names(check.subject + " " + check.expected));
  return calls;
}

void add_tests(const std::vector<FileChange>& changes, const TextOf& base, const TextOf& head, CriteriaFacts& facts) {
  for (const NamedTest& changed : changed_tests(changes, base, head)) {
    const auto text = head(changed.path);
    if (!text) continue;
    for (const audit::TestUnit& unit : audit::read_test_file(changed.path, *text).units) {
      if (!unit.is_test || unit.qualified != changed.qualified) continue;
      facts.tests.push_back({changed, unit.text, calls_of(unit), insists(unit)});
      break;
    }
  }
}

void add_symbols(const FileChange& change, const TextOf& base, const TextOf& head, CriteriaFacts& facts) {
  const Language language = language_of(change.path);
  if (language == Language::none || change.kind == ChangeKind::deleted || change.binary) return;
  const auto now = head(change.path);
  if (!now) return;
  const auto was = change.kind == ChangeKind::added ? std::optional<std::string>() : base(change.old_path);
  std::set<std::string> known;
  for (const Symbol& symbol : was ? outline(*was, language) : std::vector<Symbol>()) known.insert(symbol.name);
  const auto lines = audit::line_changes(was.value_or(""), *now);
  const auto symbols = outline(*now, language);
  for (const Symbol& symbol : symbols) {
    const bool touched = std::any_of(lines.fresh.begin(), lines.fresh.end(), [&](const audit::ChangedLine& one) { return one.line >= symbol.line && one.line <= symbol.end_line; });
    const bool fresh = was && !known.contains(symbol.name);
    if (touched || fresh || !was) facts.touched.insert(symbol.name);
    if (!known.contains(symbol.name)) facts.fresh.insert(symbol.name);
  }
  // A line that went leaves its trace in the symbol of the base around it.
  for (const audit::ChangedLine& lost : lines.lost) {
    if (const auto symbol = was ? enclosing_symbol(outline(*was, language), lost.line) : std::nullopt) facts.touched.insert(symbol->name);
  }
}

}  // namespace

std::string name_of(const NamedTest& test) { return test.path + "::" + test.qualified; }

CriteriaFacts criteria_facts(const std::vector<FileChange>& changes, const TextOf& base, const TextOf& head) {
  CriteriaFacts facts;
  facts.base_text = base;
  facts.head_text = head;
  facts.in_result = [head](const std::string& path) { return head(path).has_value(); };
  add_tests(changes, base, head, facts);
  for (const FileChange& change : changes) {
    if (change.kind != ChangeKind::deleted) facts.changed_files.push_back(change.path);
    const ChangePart part = part_of_change(change.path);
    if (part == ChangePart::program || part == ChangePart::both) add_symbols(change, base, head, facts);
  }
  return facts;
}

bool covers(const ChangedTest& test, std::string_view sentence, const CriteriaFacts& facts) {
  if (!test.insists) return false;
  const bool calls_it = std::any_of(test.calls.begin(), test.calls.end(), [&](const std::string& call) { return facts.touched.contains(call); });
  if (!calls_it) return false;
  for (const std::string& name : identifiers_of(sentence)) {
    if (!has_word(test.text, name)) return false;
  }
  const std::set<std::string> said = stems_of(sentence), in_name = stems_of(test.test.name), in_text = stems_of(test.text);
  std::size_t spoken = 0, named = 0;
  for (const std::string& stem : said) {
    spoken += in_name.contains(stem) || in_text.contains(stem);
    named += in_name.contains(stem);
  }
  return named >= 1 && spoken >= std::min(kFewestSaid, said.size()) && static_cast<double>(spoken) >= kSpokenOf * static_cast<double>(said.size());
}

}  // namespace baton
