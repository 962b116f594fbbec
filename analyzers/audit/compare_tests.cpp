#include "analyzers/audit/comparison.h"

#include <algorithm>
#include <map>

#include "analyzers/audit/code_text.h"

namespace baton::audit {
namespace {

constexpr double kAlike = 0.6;          // of two tests of different names that are one
constexpr std::size_t kMaxPairs = 250;  // tests compared with each other for likeness

// What is made of the value there is a check of its own, or hands it on to one.
const RE2& checks_something() {
  static const RE2 pattern("(?i)\\b(assert\\w*|expect\\w*|require\\w*|check\\w*|verify\\w*|should\\w*|if|while|return|lambda|function)\\b|=>|->");
  return pattern;
}

// Functions that a call is handed by their names: `run_with(&check_one)`.
std::vector<std::string> handed_on(const CallSite& call) {
  std::vector<std::string> names;
  if (call.text.size() > 2000) return names;
  const auto chain = chain_of(call.text);
  for (const ChainLink& link : chain) {
    for (std::string_view argument : link.arguments) {
      if (argument.starts_with('&')) argument.remove_prefix(1);
      static const RE2 kName("^([A-Za-z_][\\w]*(\\.|::))*[A-Za-z_]\\w*$");
      if (matches(argument, kName)) names.emplace_back(argument.substr(argument.find_last_of(".:") + 1));
    }
  }
  return names;
}

// Where a test of JUnit has its cases from.
std::vector<std::string> providers_of(const TestUnit& unit) {
  std::vector<std::string> names;
  const std::string_view head = std::string_view(unit.text).substr(0, 600);
  const auto at = head.find("@MethodSource");
  if (at == head.npos) return names;
  names.push_back(unit.name);
  for (const std::string& told : literals(head.substr(at, head.find('{', at) - at))) names.push_back(told.substr(1, told.size() - 2));
  return names;
}

// `function reads(text) { return () => { … } }`
bool makes_a_function(const TestUnit& unit) {
  static const RE2 kFunction("^(async)?(\\(?[\\w,{} ]*\\)?=>|func\\(|function\\b)");
  return unit.answers.size() == 1 && matches(unit.answers[0], kFunction);
}

// `option.expect("…")` of Rust, whatever a helper of that name does.
bool is_of_the_language(const CallSite& call, Language language) { return language == Language::rust && call.name == "expect" && !call.text.starts_with("expect("); }

}  // namespace

ComparedTests Comparison::run() {
  base_ = side([](const TestFilePair& file) -> const TestFile& { return file.base; }, true);
  head_ = side([](const TestFilePair& file) -> const TestFile& { return file.head; }, false);
  name_values(base_, true);
  name_values(head_, false);
  for (const Entry& entry : head_.entries) {
    if (!entry.test && !entry.unit->is_group && !entry.unit->is_macro && !entry.unit->checks.empty()) helpers_.insert(entry.unit->name);
  }
  pair_units();
  find_again();
  // Those that are gone take what is left: what stands in for a check of the same test is no other's.
  for (const bool paired : {true, false}) {
    for (std::size_t i = 0; i < base_.entries.size() && !stop_.stop_requested(); ++i) {
      if (base_.entries[i].pair.has_value() == paired) judge(i);
    }
  }
  compare_values();
  compare_iterations();
  compare_answers();
  compare_marks();
  compare_replacements();
  std::vector<AuditedTest> tests = fates();
  return {std::move(findings_), std::move(tests)};
}

template <class Of>
Side Comparison::side(Of of, bool base) {
  std::set<std::string> helpers, makers;
  for (const TestFilePair& file : files_) {
    const std::set<std::string> scopes = scopes_of_tests(of(file));
    for (const TestUnit& unit : of(file).units) {
      if (is_the_program(of(file), unit, scopes)) continue;
      if (!unit.is_test && !unit.is_group && !unit.is_macro && !unit.name.empty() && !unit.checks.empty()) helpers.insert(unit.name);
      if (makes_a_function(unit)) makers.insert(unit.name);
    }
  }
  // Helpers of helpers, once.
  for (const TestFilePair& file : files_) {
    const std::set<std::string> scopes = scopes_of_tests(of(file));
    for (const TestUnit& unit : of(file).units) {
      if (unit.is_test || unit.is_group || unit.name.empty() || is_the_program(of(file), unit, scopes)) continue;
      if (std::any_of(unit.calls.begin(), unit.calls.end(), [&](const CallSite& call) { return helpers.count(call.name) > 0; })) helpers.insert(unit.name);
    }
  }
  std::set<std::string> called;
  for (const TestFilePair& file : files_) {
    for (const TestUnit& unit : of(file).units) {
      for (const CallSite& call : unit.calls) {
        called.insert(call.name);
        if (base) continue;  // what it may hold there is looked for only where it went from a test
        for (std::string& name : handed_on(call)) called.insert(std::move(name));
      }
      for (std::string& name : providers_of(unit)) called.insert(std::move(name));
    }
  }
  const std::set<std::string> of_tests = helpers_of_tests();
  Side found;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const TestFilePair& pair = files_[i];
    const TestFile& file = of(pair);
    const std::set<std::string> scopes = scopes_of_tests(file);
    // A name that no runner looks for counts where the base had it the same way.
    const bool collected = file.collected || (base ? true : !pair.base.units.empty() && !pair.base.collected) || by_content(file.language);
    for (const TestUnit& unit : file.units) {
      if (is_the_program(file, unit, scopes)) continue;
      Entry entry;
      entry.file = i;
      entry.unit = &unit;
      entry.test = unit.is_test && collected;
      const bool in_class = unit.is_group || unit.name.empty();
      // What no test calls holds nothing.
      entry.called = entry.test || in_class || called.count(unit.name) > 0 || is_hook(unit.name);
      // A helper that stands in the tests' own files is called by those that did not change, for all that is known.
      const bool own = file.of_tests && !unit.is_test && stands_by_itself(file, unit);
      const bool kept = base ? own && !unit.checks.empty() : (known_helper(pair.base, unit.name) && !was_test(pair.base, unit.name)) || (own && of_tests.count(unit.name) > 0);
      if (!entry.called && !kept) continue;
      entry.checks = unit.checks;
      for (const CallSite& call : unit.calls) {
        if (!helpers.count(call.name) || call.name == unit.name || is_of_the_language(call, file.language) || is_of_an_import(call, i, of) || gives_a_value(call, base ? pair.base_text : pair.head_text)) continue;
        if (makers.count(call.name) && !call.is_body) continue;  // the function that it gives is called by nobody
        if (std::any_of(unit.checks.begin(), unit.checks.end(), [&](const Check& check) { return check.line == call.line && check.text == call.text; })) continue;
        Check check;
        check.kind = CheckKind::row;
        check.strength = 4;
        check.subject = normalised(call.text);
        check.line = check.end_line = call.line;
        check.text = call.text;
        check.swallowed = call.swallowed;
        check.condition = call.condition;
        check.of_body = call.is_body;
        entry.checks.push_back(std::move(check));
      }
      entry.used.resize(entry.checks.size());
      found.entries.push_back(std::move(entry));
    }
  }
  return found;
}

std::set<std::string> Comparison::scopes_of_tests(const TestFile& file) {
  std::set<std::string> scopes;
  for (const TestUnit& unit : file.units) {
    if (unit.is_test && !scope_of(unit).empty()) scopes.insert(scope_of(unit));
  }
  return scopes;
}

// In a module or class of tests, or that class itself.
bool Comparison::stands_by_tests(const TestUnit& unit, const std::set<std::string>& scopes) {
  if (unit.is_group) return scopes.count(unit.qualified + ".") > 0;
  return scopes.count(scope_of(unit)) > 0;
}

bool Comparison::is_the_program(const TestFile& file, const TestUnit& unit, const std::set<std::string>& scopes) {
  const bool may_hold_both = file.language == Language::rust || file.language == Language::cpp || file.language == Language::c || file.language == Language::java;
  return may_hold_both && !file.collected && !unit.is_test && !stands_by_tests(unit, scopes);
}

bool Comparison::by_content(Language language) {
  return language == Language::rust || language == Language::cpp || language == Language::c || language == Language::java || language == Language::go;
}

bool Comparison::is_hook(std::string_view name) {
  static const RE2 kHook("(?i)^(set_?up\\w*|tear_?down\\w*|before\\w*|after\\w*|main|TestMain|run|conftest|pytest_\\w+)$");
  return matches(name, kHook);
}

// `dir = TempDir()`, `Some(bytes(text))`: asked for what it gives.
bool Comparison::gives_a_value(const CallSite& call, std::string_view text) {
  const auto lines = lines_of(text);
  if (call.line <= 0 || call.line > static_cast<int>(lines.size())) return false;
  const std::string_view line = trimmed(lines[static_cast<std::size_t>(call.line) - 1]);
  const auto at = line.find(call.text.substr(0, call.text.find('\n')));
  if (call.text.ends_with("()")) return !line.starts_with(call.text) && !line.starts_with("await ");
  if (at == line.npos || at == 0) return false;
  static const RE2 kUsed("[=(,\\[{:]\\s*$"), kOpensABody("(\\)|=>|\\belse|\\bdo)\\s*\\{\\s*$");
  return matches(line.substr(0, at), kUsed) && !matches(line.substr(0, at), kOpensABody) && !matches(line, checks_something());
}

// `shapes.area(2)` where `shapes` comes from elsewhere, and the only helper of that name is a method here.
template <class Of>
bool Comparison::is_of_an_import(const CallSite& call, std::size_t file, Of of) const {
  const auto chain = chain_of(call.text);
  if (chain.size() < 2 || chain[0].called || of(files_[file]).imports.count(std::string(chain[0].name)) == 0) return false;
  return std::none_of(files_.begin(), files_.end(), [&](const TestFilePair& other) { return &other != &files_[file] && known_helper(of(other), call.name); });
}

// In no other function.
bool Comparison::stands_by_itself(const TestFile& file, const TestUnit& unit) {
  const std::string scope = scope_of(unit);
  return scope.empty() || std::any_of(file.units.begin(), file.units.end(), [&](const TestUnit& other) { return other.is_group && other.qualified + "." == scope; });
}

// By what the base has of them.
std::set<std::string> Comparison::helpers_of_tests() const {
  std::set<std::string> names;
  for (const TestFilePair& file : files_) {
    for (const TestUnit& unit : file.base.units) {
      if (file.base.of_tests && !unit.is_test && !unit.is_group && !unit.checks.empty() && stands_by_itself(file.base, unit)) names.insert(unit.name);
    }
  }
  return names;
}

bool Comparison::known_helper(const TestFile& file, const std::string& name) {
  return std::any_of(file.units.begin(), file.units.end(), [&](const TestUnit& unit) { return unit.name == name && !unit.is_test; });
}

bool Comparison::was_test(const TestFile& file, const std::string& name) {
  return std::any_of(file.units.begin(), file.units.end(), [&](const TestUnit& unit) { return unit.name == name && unit.is_test; });
}

// Of several namesakes the one that is most like it, as of the members of classes without a name.
template <class Same>
void Comparison::pair_by(Same same) {
  for (std::size_t i = 0; i < base_.entries.size(); ++i) {
    Entry& base = base_.entries[i];
    if (base.pair) continue;
    std::optional<std::size_t> best;
    double score = -1;
    for (std::size_t k = 0; k < head_.entries.size(); ++k) {
      const Entry& head = head_.entries[k];
      if (head.pair || !alike_kind(base, head) || !same(base, head)) continue;
      const double now = head.unit->text == base.unit->text ? 2 : likeness(base.unit->words, head.unit->words);
      if (now > score) best = k, score = now;
    }
    if (!best) continue;
    base.pair = best;
    head_.entries[*best].pair = i;
  }
}

void Comparison::pair_units() {
  // What did not change is what it was, whatever else has its name (`drop` of two types).
  const auto unchanged = [](const Entry& a, const Entry& b) { return a.file == b.file && !a.unit->name.empty() && a.unit->text == b.unit->text; };
  pair_by([&](const Entry& a, const Entry& b) { return unchanged(a, b) && a.unit->qualified == b.unit->qualified; });
  pair_by([&](const Entry& a, const Entry& b) { return unchanged(a, b) && a.unit->name == b.unit->name; });
  pair_by([](const Entry& a, const Entry& b) { return a.file == b.file && a.unit->qualified == b.unit->qualified; });
  pair_by([](const Entry& a, const Entry& b) { return a.file == b.file && !a.unit->name.empty() && a.unit->name == b.unit->name; });
  pair_by([](const Entry& a, const Entry& b) { return !a.unit->name.empty() && a.unit->qualified == b.unit->qualified; });
  pair_by([](const Entry& a, const Entry& b) { return a.test && a.unit->name == b.unit->name; });
  std::vector<std::size_t> left, right;
  for (std::size_t i = 0; i < base_.entries.size(); ++i) {
    if (!base_.entries[i].pair && base_.entries[i].test) left.push_back(i);
  }
  for (std::size_t k = 0; k < head_.entries.size(); ++k) {
    if (!head_.entries[k].pair && head_.entries[k].test) right.push_back(k);
  }
  if (left.size() > kMaxPairs || right.size() > kMaxPairs) return;
  struct Candidate {
    double score;
    std::size_t base, head;
  };
  std::vector<Candidate> candidates;
  for (const std::size_t i : left) {
    for (const std::size_t k : right) {
      const double score = likeness(base_.entries[i].unit->words, head_.entries[k].unit->words);
      if (score >= kAlike) candidates.push_back({score, i, k});
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  for (const Candidate& one : candidates) {
    if (base_.entries[one.base].pair || head_.entries[one.head].pair) continue;
    base_.entries[one.base].pair = one.head;
    head_.entries[one.head].pair = one.base;
  }
}

ComparedTests compare_tests(const std::vector<TestFilePair>& files, const Intent& intent, const Surroundings& around, std::stop_token stop) {
  return Comparison(files, intent, around, std::move(stop)).run();
}

}  // namespace baton::audit
