#include "analyzers/audit/compare_tests.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>

#include "analyzers/audit/code_text.h"

namespace baton::audit {
namespace {

constexpr double kAlike = 0.6;          // of two tests of different names that are one
constexpr double kAlikeCheck = 0.5;     // of two checks of which one became the other
constexpr std::size_t kMaxPairs = 250;  // tests compared with each other for likeness
constexpr std::size_t kMaxHunkLines = 12;

bool matches(std::string_view text, const RE2& pattern) { return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern); }

// A unit of one side with all that it insists on, its calls of checking helpers included.
struct Entry {
  std::size_t file = 0;
  const TestUnit* unit = nullptr;
  bool test = false;  // collected
  std::vector<Check> checks;
  std::vector<bool> used;  // of the head: stands for a check of the base; of the base: found again
  std::optional<std::size_t> pair;
};

struct Side {
  std::vector<Entry> entries;
};

bool holds(const Entry& entry) {
  return std::any_of(entry.checks.begin(), entry.checks.end(), [](const Check& check) { return check.strength > 0; });
}

std::string short_text(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (c == '\n' || c == '\t') line += line.ends_with(' ') ? "" : " ";
    else if (c != ' ' || !line.ends_with(' ')) line += c;
    if (line.size() >= 120) return line + "…";
  }
  return line;
}

const char* kEnvironment =
    "(?i)(\\bCI\\b|GITHUB_ACTIONS|BATON|TRAVIS|GITLAB|JENKINS|BUILDKITE|CIRCLECI|TEAMCITY|APPVEYOR|AGENT)";
bool asks_the_environment(std::string_view condition) {
  static const RE2 kReads("(?i)(environ|getenv|process\\.env|env::var|System\\.getenv|LookupEnv|Getenv|isCI\\b|is_ci\\b)"), kNames(kEnvironment);
  return (matches(condition, kReads) && matches(condition, kNames)) || condition.find("isCI") != condition.npos || condition.find("is_ci") != condition.npos || condition == "CI";
}

class Comparison {
 public:
  Comparison(const std::vector<TestFilePair>& files, const Intent& intent, const Surroundings& around) : files_(files), intent_(intent), around_(around) {}

  std::vector<WeakenedCheck> run() {
    base_ = side([](const TestFilePair& file) -> const TestFile& { return file.base; }, true);
    head_ = side([](const TestFilePair& file) -> const TestFile& { return file.head; }, false);
    pair_units();
    find_again();
    for (std::size_t i = 0; i < base_.entries.size(); ++i) judge(i);
    compare_marks();
    compare_replacements();
    return std::move(findings_);
  }

 private:
  // ---------------------------------------------------------------- what counts

  template <class Of>
  Side side(Of of, bool base) {
    std::set<std::string> helpers;
    for (const TestFilePair& file : files_) {
      for (const TestUnit& unit : of(file).units) {
        if (!unit.is_test && !unit.is_group && !unit.name.empty() && !unit.checks.empty()) helpers.insert(unit.name);
      }
    }
    // Helpers of helpers, once.
    for (const TestFilePair& file : files_) {
      for (const TestUnit& unit : of(file).units) {
        if (unit.is_test || unit.is_group || unit.name.empty()) continue;
        if (std::any_of(unit.calls.begin(), unit.calls.end(), [&](const CallSite& call) { return helpers.count(call.name) > 0; })) helpers.insert(unit.name);
      }
    }
    std::set<std::string> called;
    for (const TestFilePair& file : files_) {
      for (const TestUnit& unit : of(file).units) {
        for (const CallSite& call : unit.calls) called.insert(call.name);
      }
    }
    Side found;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      const TestFilePair& pair = files_[i];
      const TestFile& file = of(pair);
      // A name that no runner looks for counts where the base had it the same way.
      const bool collected = file.collected || (base ? true : !pair.base.units.empty() && !pair.base.collected) || by_content(file.language);
      for (const TestUnit& unit : file.units) {
        Entry entry;
        entry.file = i;
        entry.unit = &unit;
        entry.test = unit.is_test && collected;
        const bool in_class = unit.is_group || unit.name.empty();
        // What no test calls holds nothing.
        const bool reached = entry.test || in_class || called.count(unit.name) > 0 || is_hook(unit.name) || (base ? false : known_helper(pair.base, unit.name) && !was_test(pair.base, unit.name));
        if (base ? (!entry.test && !in_class && !reached) : !reached) {
          if (base || !unit.is_test) continue;
          continue;
        }
        entry.checks = unit.checks;
        for (const CallSite& call : unit.calls) {
          if (!helpers.count(call.name) || call.name == unit.name) continue;
          if (std::any_of(unit.checks.begin(), unit.checks.end(), [&](const Check& check) { return check.line == call.line && check.text == call.text; })) continue;
          Check check;
          check.kind = CheckKind::row;
          check.strength = 4;
          check.subject = normalised(call.text);
          check.line = check.end_line = call.line;
          check.text = call.text;
          check.swallowed = call.swallowed;
          check.condition = call.condition;
          entry.checks.push_back(std::move(check));
        }
        entry.used.resize(entry.checks.size());
        found.entries.push_back(std::move(entry));
      }
    }
    return found;
  }

  static bool by_content(Language language) {
    return language == Language::rust || language == Language::cpp || language == Language::c || language == Language::java || language == Language::go;
  }
  static bool is_hook(std::string_view name) {
    static const RE2 kHook("(?i)^(set_?up\\w*|tear_?down\\w*|before\\w*|after\\w*|main|TestMain|run|conftest|pytest_\\w+)$");
    return matches(name, kHook);
  }
  static bool known_helper(const TestFile& file, const std::string& name) {
    return std::any_of(file.units.begin(), file.units.end(), [&](const TestUnit& unit) { return unit.name == name && !unit.is_test; });
  }
  static bool was_test(const TestFile& file, const std::string& name) {
    return std::any_of(file.units.begin(), file.units.end(), [&](const TestUnit& unit) { return unit.name == name && unit.is_test; });
  }

  // ---------------------------------------------------------------- which unit is which

  static bool alike_kind(const Entry& a, const Entry& b) { return a.test == b.test && a.unit->is_group == b.unit->is_group && a.unit->name.empty() == b.unit->name.empty(); }

  template <class Same>
  void pair_by(Same same) {
    for (std::size_t i = 0; i < base_.entries.size(); ++i) {
      Entry& base = base_.entries[i];
      if (base.pair) continue;
      for (std::size_t k = 0; k < head_.entries.size(); ++k) {
        Entry& head = head_.entries[k];
        if (head.pair || !alike_kind(base, head) || !same(base, head)) continue;
        base.pair = k;
        head.pair = i;
        break;
      }
    }
  }

  void pair_units() {
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

  // ---------------------------------------------------------------- checks that are still there

  void take(Entry& base, std::size_t i, Entry& head, std::size_t k) {
    base.used[i] = head.used[k] = true;
    const Check &was = base.checks[i], &is = head.checks[k];
    if (is.swallowed && !was.swallowed) {
      report("exception_swallowed", true, head, is, &base, &was, "The failure of \"" + short_text(is.text) + "\" is caught and goes nowhere.");
    } else if (was.condition.empty() && !is.condition.empty() && is.condition != was.condition) {
      judge_condition(base, was, head, is);
    }
    static const RE2 kPromise("\\.(resolves|rejects)\\b|^assert\\.(rejects|doesNotReject)");
    if (was.awaited && !is.awaited && matches(was.text, kPromise)) report("assertion_not_awaited", true, head, is, &base, &was, "Nobody waits for \"" + short_text(is.text) + "\" any longer, so it cannot fail the test.");
  }

  void judge_condition(const Entry& base, const Check& was, const Entry& head, const Check& is) {
    const std::set<std::string> asked = identifiers(is.condition), looked_at = identifiers(is.subject + " " + is.text);
    const bool about_itself = std::any_of(asked.begin(), asked.end(), [&](const std::string& name) { return looked_at.count(name) > 0 && name != "self" && name != "this"; });
    const bool bad = asks_the_environment(is.condition) || about_itself;
    if (bad && !base.unit->calls.empty() && was.line > 0)
      report("assertion_conditional", asks_the_environment(is.condition) || (about_itself && !around_.program_changed), head, is, &base, &was, "\"" + short_text(is.text) + "\" is held only where " + short_text(is.condition) + ".");
  }

  void find_again() {
    for (Entry& base : base_.entries) {
      if (base.pair) exact(base, head_.entries[*base.pair]);
    }
    std::map<std::string, std::vector<std::pair<std::size_t, std::size_t>>> by_subject;
    for (std::size_t k = 0; k < head_.entries.size(); ++k) {
      for (std::size_t c = 0; c < head_.entries[k].checks.size(); ++c) {
        if (!head_.entries[k].used[c]) by_subject[head_.entries[k].checks[c].subject].push_back({k, c});
      }
    }
    for (Entry& base : base_.entries) {
      for (std::size_t i = 0; i < base.checks.size(); ++i) {
        if (base.used[i]) continue;
        for (const std::string& subject : {base.checks[i].subject, base.checks[i].expected}) {
          const auto at = by_subject.find(subject);
          if (at == by_subject.end() || base.used[i]) continue;
          for (const auto& [k, c] : at->second) {
            Entry& head = head_.entries[k];
            if (head.used[c] || !same_check(base.checks[i], head.checks[c])) continue;
            take(base, i, head, c);
            break;
          }
        }
      }
    }
  }

  void exact(Entry& base, Entry& head) {
    for (std::size_t i = 0; i < base.checks.size(); ++i) {
      if (base.used[i]) continue;
      for (std::size_t k = 0; k < head.checks.size(); ++k) {
        if (head.used[k] || !same_check(base.checks[i], head.checks[k])) continue;
        take(base, i, head, k);
        break;
      }
    }
  }

  // ---------------------------------------------------------------- checks that are not

  void judge(std::size_t index) {
    Entry& base = base_.entries[index];
    Entry* head = base.pair ? &head_.entries[*base.pair] : nullptr;
    std::vector<std::size_t> left;
    const auto rest = [&] {
      left.clear();
      for (std::size_t i = 0; i < base.checks.size(); ++i) {
        if (!base.used[i] && base.checks[i].strength > 0) left.push_back(i);
      }
    };
    rest();
    if (left.empty() && (head || holds(base) || !base.test)) return;
    if (head) {
      for (const std::size_t i : left) by_subject(base, i, *head);
    }
    rest();
    if (!head) {
      for (const std::size_t i : left) elsewhere(base, i);
    }
    rest();
    for (const std::size_t i : left) {
      if (in_a_table(base, base.checks[i], head)) base.used[i] = true;
    }
    rest();
    if (head) {
      for (const std::size_t i : left) by_likeness(base, i, *head);
      rest();
    }
    if (!head && base.test) {
      vanished(base, left);
      return;
    }
    if (left.empty()) return;
    missing(base, left, head);
  }

  // The same thing is looked at, in another way.
  void by_subject(Entry& base, std::size_t i, Entry& head) {
    const Check& was = base.checks[i];
    std::optional<std::size_t> best;
    for (std::size_t k = 0; k < head.checks.size(); ++k) {
      const Check& is = head.checks[k];
      if (head.used[k] || !same_subject(was, is)) continue;
      if (!best || better(was, is, head.checks[*best])) best = k;
    }
    if (!best) return;
    const Check is = head.checks[*best];
    take(base, i, head, *best);
    changed(base, was, head, is);
  }

  static bool same_subject(const Check& was, const Check& is) {
    if (was.kind == CheckKind::row || is.kind == CheckKind::row) return was.kind == is.kind && was.subject == is.subject;
    if (was.kind == CheckKind::fails || is.kind == CheckKind::fails) return was.kind == is.kind && was.subject == is.subject;
    if (was.kind == CheckKind::throws && is.kind != CheckKind::throws && is.strength > 0) return false;
    if (was.subject == is.subject && !was.subject.empty()) return true;
    // `x == x`, `f() or True`: what it was about is still in it.
    if (is.kind == CheckKind::constant && !was.subject.empty() && (is.subject.find(was.subject) != std::string::npos || normalised(is.text).find(was.subject) != std::string::npos)) return true;
    return (was.kind == CheckKind::equal || was.kind == CheckKind::near) && (is.kind == was.kind) && was.subject == is.expected && !is.expected.empty();
  }

  static bool better(const Check& was, const Check& a, const Check& b) {
    if ((a.kind == was.kind) != (b.kind == was.kind)) return a.kind == was.kind;
    return a.strength > b.strength;
  }

  void changed(const Entry& base, const Check& was, const Entry& head, const Check& is) {
    if (is.strength == 0 || is.kind == CheckKind::constant) {
      report("assertion_weakened", true, head, is, &base, &was, "\"" + short_text(is.text) + "\" holds whatever the code does.");
      return;
    }
    if (was.kind == CheckKind::near && is.kind == CheckKind::near && was.expected == is.expected) {
      if (wider(was, is)) {
        report("tolerance_widened", !intent_.explains_change(about(head) + " tolerance precision", is.text), head, is, &base, &was,
               "The tolerance of \"" + short_text(was.subject) + "\" grew" + (was.tolerance && is.tolerance ? " from " + number(*was.tolerance) + " to " + number(*is.tolerance) : std::string()) + ".");
      }
      return;
    }
    if (was.kind == CheckKind::equal && is.kind == CheckKind::near && was.expected == is.expected) {
      const double expected = std::abs(number_of(was.expected).value_or(1));
      const bool small = !is.tolerance || *is.tolerance <= 1e-3 * std::max(1.0, expected);
      report("tolerance_widened", !small, head, is, &base, &was, "\"" + short_text(was.subject) + "\" has to be near " + short_text(is.expected) + " only.");
      return;
    }
    if (is.strength < was.strength) {
      if (was.kind == CheckKind::throws && is.kind == CheckKind::throws && mentions_type(was, is)) {
        report("assertion_weakened", false, head, is, &base, &was, "Another error is expected: \"" + short_text(is.text) + "\".");
        return;
      }
      const bool says_the_same = around_.program_changed && is.kind == CheckKind::contains && likeness(tokens_inside(was.expected), tokens_inside(is.expected)) >= 0.5;
      report("assertion_weakened", weakens(was, is) && !says_the_same, head, is, &base, &was, "\"" + short_text(was.text) + "\" became \"" + short_text(is.text) + "\", which holds for more.");
      return;
    }
    if (was.kind == CheckKind::compare && is.kind == CheckKind::compare) {
      judge_bound(base, was, head, is);
      return;
    }
    if (was.kind == CheckKind::near && is.kind == CheckKind::near && wider(was, is))
      report("tolerance_widened", !intent_.explains_change(about(head) + " tolerance precision", is.text), head, is, &base, &was, "The tolerance of \"" + short_text(was.subject) + "\" grew.");
    if (was.expected != is.expected || was.negated != is.negated || was.kind != is.kind) expectation(base, was, head, is);
  }

  // Words of a text or a pattern: an exact text that became a pattern of it has them still.
  static std::vector<std::string> tokens_inside(const std::string& code) {
    const std::set<std::string> found = words(code);
    return {found.begin(), found.end()};
  }

  static bool mentions_type(const Check& was, const Check& is) { return is.strength >= 3 && was.expected.find('|') == std::string::npos; }

  // A step down that takes little is a matter of taste: null to "not there".
  bool weakens(const Check& was, const Check& is) const {
    if (was.strength >= 3 && is.strength <= 2) {
      if (was.kind == CheckKind::called || was.kind == CheckKind::snapshot) return is.strength <= 1;
      return true;
    }
    if (was.kind == CheckKind::throws) return true;
    return was.strength == 2 && is.strength == 1 && was.kind != CheckKind::fails && was.kind != CheckKind::not_equal && !is.negated;
  }

  void judge_bound(const Entry& base, const Check& was, const Entry& head, const Check& is) {
    const auto before = number_of(was.expected), after = number_of(is.expected);
    const bool up = is.op.starts_with('<') && before && after && *after > *before, down = is.op.starts_with('>') && before && after && *after < *before;
    if ((up || down) && was.op[0] == is.op[0]) {
      report("bound_loosened", !intent_.explains_change(about(head), is.expected), head, is, &base, &was, "\"" + short_text(was.text) + "\" became \"" + short_text(is.text) + "\", which holds for more.");
    } else if (before && after && *before != *after && was.op[0] == is.op[0]) {
      return;  // tightened
    } else if (was.expected != is.expected || was.op[0] != is.op[0]) {
      expectation(base, was, head, is);
    }
  }

  static bool wider(const Check& was, const Check& is) {
    if (is.tolerance && was.tolerance) return *is.tolerance > *was.tolerance * 1.0001;
    return is.tolerance && !was.tolerance && *is.tolerance > 1e-3;
  }

  static std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", value);
    return text;
  }

  std::string about(const Entry& entry) const { return entry.unit->qualified + " " + files_[entry.file].head.path + " " + files_[entry.file].base.path; }

  bool concerns_gone(const std::string& code) const {
    const std::set<std::string> names = identifiers(code);
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return around_.gone.count(name) > 0; });
  }

  // Another kind of quote inside a text is the same text to a reader.
  static std::vector<std::string> plain_literals(const std::string& code) {
    std::vector<std::string> found = literals(code);
    for (std::string& one : found) std::erase_if(one, [](char c) { return c == '\'' || c == '"' || c == '`' || c == '\\'; });
    return found;
  }

  void expectation(const Entry& base, const Check& was, const Entry& head, const Check& is) {
    // What is not a value says the same thing in other words, often enough.
    const bool values = plain_literals(was.expected) != plain_literals(is.expected) || was.negated != is.negated || (was.kind != is.kind && is.strength >= was.strength);
    if (!values) return;
    if (was.kind != is.kind && was.negated == is.negated && was.expected == is.expected) return;
    if (is.strength > was.strength && was.negated == is.negated && (was.strength <= 1 || was.kind == CheckKind::contains)) return;  // tightened
    const bool explained = intent_.explains_change(about(head) + " " + was.subject, is.expected + " " + was.expected) || concerns_gone(was.text);
    const bool asks = intent_.given() ? !explained : !around_.program_changed;
    report("expectation_changed", asks, head, is, &base, &was,
           "\"" + short_text(was.text) + "\" became \"" + short_text(is.text) + "\"" + (asks ? ", and nothing that was asked for says why." : "."));
  }

  // The test is gone; another test may look at the same thing.
  void elsewhere(Entry& base, std::size_t i) {
    for (Entry& head : head_.entries) {
      for (std::size_t k = 0; k < head.checks.size(); ++k) {
        if (head.used[k] || head.checks[k].kind == CheckKind::row || head.checks[k].kind == CheckKind::fails || !same_subject(base.checks[i], head.checks[k]) || called_names(head.checks[k].subject).empty()) continue;
        const Check is = head.checks[k];
        const Check was = base.checks[i];
        take(base, i, head, k);
        changed(base, was, head, is);
        return;
      }
    }
  }

  // All values of the check stand in one row of a table, or in one call of a helper, of a test that asks the same function.
  bool in_a_table(const Entry& base, const Check& was, const Entry* pair) const {
    std::vector<std::string> wanted = literals(was.subject + " " + was.expected);
    if (was.kind == CheckKind::row) wanted = literals(was.text);
    if (wanted.empty()) return false;
    const std::set<std::string> asked = was.kind == CheckKind::row ? std::set<std::string>() : called_names(was.subject);
    for (const Entry& head : head_.entries) {
      const bool has_rows = std::any_of(head.checks.begin(), head.checks.end(), [](const Check& check) { return check.kind == CheckKind::row; });
      if (!has_rows && !(was.kind == CheckKind::row)) continue;
      if (!asked.empty() && !asks_one_of(head, asked)) continue;
      for (const Check& row : head.checks) {
        if (row.kind != CheckKind::row && was.kind != CheckKind::row) continue;
        if (&head != pair && base.pair && was.kind == CheckKind::row && row.kind == CheckKind::row && files_[head.file].head.path != files_[base.file].head.path) continue;
        if (holds_all(literals(row.kind == CheckKind::row ? row.text : row.subject + " " + row.expected), wanted)) return true;
      }
    }
    return false;
  }

  static bool holds_all(std::vector<std::string> row, const std::vector<std::string>& wanted) {
    for (const std::string& one : wanted) {
      const auto at = std::find(row.begin(), row.end(), one);
      if (at == row.end()) return false;
      row.erase(at);
    }
    return true;
  }

  bool asks_one_of(const Entry& head, const std::set<std::string>& asked) const {
    const auto asks = [&](const Entry& entry) {
      return std::any_of(entry.unit->calls.begin(), entry.unit->calls.end(), [&](const CallSite& call) { return asked.count(call.name) > 0; }) ||
             std::any_of(entry.checks.begin(), entry.checks.end(), [&](const Check& check) {
               for (const std::string& name : called_names(check.text)) {
                 if (asked.count(name)) return true;
               }
               return false;
             });
    };
    if (asks(head)) return true;
    for (const CallSite& call : head.unit->calls) {
      for (const Entry& helper : head_.entries) {
        if (!helper.test && helper.unit->name == call.name && asks(helper)) return true;
      }
    }
    return false;
  }

  void by_likeness(Entry& base, std::size_t i, Entry& head) {
    const Check was = base.checks[i];
    const auto words_of = [](const Check& check) { return tokens(check.text); };
    const std::vector<std::string> before = words_of(was);
    std::optional<std::size_t> best;
    double score = kAlikeCheck;
    for (std::size_t k = 0; k < head.checks.size(); ++k) {
      if (head.used[k] || (was.kind == CheckKind::row) != (head.checks[k].kind == CheckKind::row)) continue;
      const double now = likeness(before, words_of(head.checks[k]));
      if (now >= score) {
        score = now;
        best = k;
      }
    }
    if (!best) return;
    const Check is = head.checks[*best];
    // The same matcher with other values is no counterpart of a check when all that they share is its name.
    const std::set<std::string> asked = called_names(was.subject), now_asked = called_names(is.subject);
    if (was.kind != CheckKind::row && is.strength < was.strength && asked != now_asked) return;
    take(base, i, head, *best);
    if (is.strength < was.strength) {
      if (is.strength == 0 || weakens(was, is)) changed(base, was, head, is);
      return;
    }
    if (was.kind == CheckKind::row && was.subject != is.subject) return;  // another case
    if (literals(was.expected) != literals(is.expected) && (was.subject == is.subject || literals(was.subject) == literals(is.subject))) expectation(base, was, head, is);
  }

  void vanished(Entry& base, const std::vector<std::size_t>& left) {
    const std::string code = base.unit->text;
    const bool had_checks = holds(base);
    if (had_checks && left.empty()) return;
    // Part of it is still held elsewhere, and what is left is little.
    const std::size_t all = static_cast<std::size_t>(std::count_if(base.checks.begin(), base.checks.end(), [](const Check& check) { return check.strength > 0; }));
    const bool mostly_there = had_checks && left.size() * 3 <= all;
    const bool was_off = !base.unit->off.empty();
    bool gone = concerns_gone(code);
    const bool explained = intent_.explains_removal(about(base) + " " + called_text(base)) || rewritten_file(base, left.size());
    WeakenedCheck finding;
    finding.path = files_[base.file].base.path;
    finding.line = base.unit->line;
    finding.on_base = true;
    finding.kind = "test_removed";
    finding.escalates = !gone && !explained && !was_off && !mostly_there;
    finding.message = "The test \"" + short_text(base.unit->qualified) + "\" is no longer run" + std::string(left.empty() ? "." : ", and nothing else checks \"" + short_text(base.checks[left[0]].text) + "\".");
    finding.hunk = hunk(files_[base.file].base_text, base.unit->line, base.unit->end_line, {}, 0, 0);
    finish(std::move(finding));
  }

  std::string called_text(const Entry& entry) const {
    std::string text;
    for (const CallSite& call : entry.unit->calls) {
      if (text.size() < 2000) text += call.name + " ";
    }
    return text;
  }

  // As many new tests, as strong, of the same things, stand where the old ones went.
  bool rewritten_file(const Entry& base, std::size_t) const {
    int lost = 0, fresh = 0;
    std::set<std::string> asked, now;
    for (const Entry& entry : base_.entries) {
      if (entry.file != base.file || !entry.test || entry.pair) continue;
      for (std::size_t i = 0; i < entry.checks.size(); ++i) lost += !entry.used[i] && entry.checks[i].strength > 0;
    }
    for (const CallSite& call : base.unit->calls) asked.insert(call.name);
    bool shares = false;
    for (const Entry& entry : head_.entries) {
      if (!entry.test || entry.pair) continue;
      bool same_things = false;
      for (const CallSite& call : entry.unit->calls) same_things = same_things || (asked.count(call.name) > 0 && call.name.size() > 3 && !is_assertion_name(call.name));
      shares = shares || same_things;
      for (std::size_t k = 0; k < entry.checks.size(); ++k) fresh += !entry.used[k] && entry.checks[k].strength >= 2;
    }
    return shares && lost > 0 && fresh >= lost;
  }

  static bool is_assertion_name(std::string_view name) {
    static const RE2 kName("(?i)^(assert|expect|to[A-Z]|equal|is|raises|require|check|verify|fail|not|be|len|str|int|print|list|dict|range|format)");
    return matches(name, kName);
  }

  void missing(Entry& base, const std::vector<std::size_t>& left, const Entry* head) {
    std::size_t fresh = 0, strong_fresh = 0, strong_left = 0;
    if (head) {
      for (std::size_t k = 0; k < head->checks.size(); ++k) {
        if (head->used[k] || head->checks[k].strength == 0) continue;
        ++fresh;
        strong_fresh += head->checks[k].strength >= 3;
      }
    }
    std::size_t gone = 0, slight = 0;
    for (const std::size_t i : left) {
      const Check& check = base.checks[i];
      strong_left += check.strength >= 3;
      gone += concerns_gone(check.text) || concerns_gone(check.subject);
      slight += check.strength <= 1 && check.kind != CheckKind::fails;
    }
    const bool rewritten = head && fresh >= left.size() && strong_fresh >= strong_left;
    const std::size_t kept = head ? static_cast<std::size_t>(std::count_if(head->checks.begin(), head->checks.end(), [](const Check& check) { return check.strength >= 2; })) : 0;
    const bool little = slight == left.size() && kept >= left.size();
    std::string code;
    for (const std::size_t i : left) code += base.checks[i].text + " ";
    const bool explained = intent_.explains_removal(about(base) + " " + code);
    const bool rows = std::all_of(left.begin(), left.end(), [&](std::size_t i) { return base.checks[i].kind == CheckKind::row; });
    WeakenedCheck finding;
    const Check& first = base.checks[left[0]];
    finding.path = files_[base.file].base.path;
    finding.line = first.line;
    finding.on_base = true;
    finding.kind = rows ? "case_removed" : "assertion_removed";
    finding.escalates = !rewritten && gone < left.size() && !little && !explained && (!rows || base.test || kept > 0 || !head || true);
    if (rewritten && gone == 0 && left.size() == 1 && fresh == 1) finding.escalates = false;
    const std::string more = left.size() > 1 ? " and " + std::to_string(left.size() - 1) + " more" : "";
    finding.message = "\"" + short_text(first.text) + "\"" + more + (left.size() > 1 ? " are" : " is") + " no longer checked" + (base.unit->name.empty() ? "." : " by \"" + short_text(base.unit->qualified) + "\".");
    if (rewritten) finding.message = "\"" + short_text(base.unit->qualified) + "\" was rewritten: \"" + short_text(first.text) + "\"" + more + " gave way to other checks.";
    finding.hunk = head ? hunk(files_[base.file].base_text, first.line, base.checks[left.back()].end_line, files_[head->file].head_text, 0, 0)
                        : hunk(files_[base.file].base_text, first.line, first.end_line, {}, 0, 0);
    finish(std::move(finding));
  }

  // ---------------------------------------------------------------- marks

  static bool same_mark(const OffMark& a, const OffMark& b) { return a.kind == b.kind && normalised(a.condition) == normalised(b.condition); }

  bool holds_known_tests(const Entry& group) const {
    return std::any_of(head_.entries.begin(), head_.entries.end(), [&](const Entry& entry) {
      if (!entry.test || !entry.pair || entry.file != group.file) return false;
      const std::string& scope = group.unit->qualified;
      return scope.empty() || entry.unit->qualified.starts_with(scope + ".");
    });
  }

  void compare_marks() {
    for (const Entry& head : head_.entries) {
      const Entry* base = head.pair ? &base_.entries[*head.pair] : nullptr;
      const bool outer = head.unit->is_group || head.unit->name.empty();
      const bool known = base ? (head.test || !outer || holds_known_tests(head)) : outer && holds_known_tests(head);
      for (const OffMark& mark : head.unit->off) {
        const auto before = base ? std::count_if(base->unit->off.begin(), base->unit->off.end(), [&](const OffMark& one) { return same_mark(one, mark); }) : 0;
        const auto now = std::count_if(head.unit->off.begin(), head.unit->off.end(), [&](const OffMark& one) { return same_mark(one, mark); });
        if (before >= now) continue;
        // A mark that says it in other words, with a reason or a condition.
        if (base && !base->unit->off.empty() && !mark.condition.empty()) continue;
        put_mark(head, base, mark, known);
        break;
      }
    }
  }

  void put_mark(const Entry& head, const Entry* base, const OffMark& mark, bool known) {
    const std::string what = head.unit->name.empty() ? "the tests of this file" : "\"" + short_text(head.unit->qualified) + "\"";
    const bool environment = asks_the_environment(mark.condition);
    WeakenedCheck finding;
    finding.path = files_[head.file].head.path;
    finding.line = mark.line;
    switch (mark.kind) {
      case OffKind::only:
        finding.kind = "only_added";
        finding.escalates = true;
        finding.message = "Only " + what + " runs now: \"" + short_text(mark.text) + "\" keeps every other test of the file from running.";
        break;
      case OffKind::skip:
        finding.kind = "skip_added";
        finding.escalates = known && (mark.condition.empty() || environment) && !intent_.explains_switching_off();
        finding.message = mark.condition.empty() ? what + " is skipped: \"" + short_text(mark.text) + "\"." : what + " is skipped where " + short_text(mark.condition) + ".";
        break;
      case OffKind::inverted:
        finding.kind = "failure_expected";
        finding.escalates = known && (mark.condition.empty() || environment) && !intent_.explains_switching_off();
        finding.message = what + " is expected to fail: \"" + short_text(mark.text) + "\".";
        break;
      case OffKind::retried:
        finding.kind = "retried";
        finding.escalates = known && !intent_.explains_switching_off();
        finding.message = what + " is run until it passes: \"" + short_text(mark.text) + "\".";
        break;
      case OffKind::unreachable:
        if (!mark.condition.empty()) return;
        finding.kind = "run_cut_short";
        finding.escalates = known || (base != nullptr) || head.unit->name.empty();
        finding.message = "\"" + short_text(mark.text) + "\" ends the run, or hides a failure, whatever the tests say.";
        break;
    }
    if (!finding.message.empty()) finding.message[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(finding.message[0])));
    finding.hunk = hunk({}, 0, 0, files_[head.file].head_text, mark.line, mark.line);
    finish(std::move(finding));
  }

  // ---------------------------------------------------------------- what is put in place of the program

  void compare_replacements() {
    for (std::size_t i = 0; i < files_.size(); ++i) {
      const TestFilePair& file = files_[i];
      if (file.base.units.empty()) continue;
      std::set<std::string> before;
      for (const TestUnit& unit : file.base.units) {
        for (const Replacement& one : unit.replaces) before.insert(one.target);
      }
      for (const Entry& entry : head_.entries) {
        if (entry.file != i) continue;
        for (const Replacement& one : entry.unit->replaces) {
          if (before.count(one.target)) continue;
          if (replaces_subject(entry, one)) put_replacement(entry, one);
        }
      }
    }
  }

  bool replaces_subject(const Entry& entry, const Replacement& one) const {
    const TestFile& file = files_[entry.file].head;
    std::set<std::string> names{one.target};
    if (one.module) {
      names.clear();
      for (const auto& [name, module] : file.imports) {
        if (module == one.target) names.insert(name);
      }
    }
    for (const Entry& other : head_.entries) {
      if (other.file != entry.file || (entry.test && &other != &entry) || !other.pair) continue;
      for (const Check& check : other.checks) {
        if (check.kind == CheckKind::called || check.kind == CheckKind::row) continue;
        for (const std::string& name : names) {
          if (asks(check.subject, name, one.owner) || asks(check.text, name, one.owner)) return true;
        }
      }
    }
    return false;
  }

  // `tax(…)` or `calc.tax(…)` where calc is what was replaced in; `client.get(…)` is another's.
  static bool asks(const std::string& code, const std::string& name, const std::string& owner) {
    for (std::size_t at = code.find(name + "("); at != std::string::npos; at = code.find(name + "(", at + 1)) {
      if (at == 0) return true;
      const char before = code[at - 1];
      if (std::isalnum(static_cast<unsigned char>(before)) || before == '_') continue;
      if (before != '.' && before != ':') return true;
      std::size_t begin = at - 1;
      while (begin > 0 && (code[begin - 1] == ':' || code[begin - 1] == '.')) --begin;
      const std::size_t end = begin;
      while (begin > 0 && (std::isalnum(static_cast<unsigned char>(code[begin - 1])) || code[begin - 1] == '_')) --begin;
      if (lower(code.substr(begin, end - begin)) == lower(owner) && !owner.empty()) return true;
    }
    return false;
  }

  void put_replacement(const Entry& entry, const Replacement& one) {
    WeakenedCheck finding;
    finding.path = files_[entry.file].head.path;
    finding.line = one.line;
    finding.kind = "subject_mocked";
    finding.escalates = true;
    finding.message = "\"" + short_text(one.target) + "\" is replaced by the test that checks it: \"" + short_text(one.text) + "\".";
    finding.hunk = hunk({}, 0, 0, files_[entry.file].head_text, one.line, one.line);
    finish(std::move(finding));
  }

  // ---------------------------------------------------------------- findings

  static void put_lines(std::string& out, std::string_view text, int first, int last, char sign) {
    if (first <= 0) return;
    const auto lines = lines_of(text);
    std::size_t count = 0;
    for (int line = first; line <= last && line <= static_cast<int>(lines.size()); ++line) {
      if (++count > kMaxHunkLines) {
        out += std::string(1, sign) + "…\n";
        return;
      }
      out += std::string(1, sign) + std::string(lines[static_cast<std::size_t>(line) - 1]) + "\n";
    }
  }

  static std::string hunk(std::string_view base, int from, int to, std::string_view head, int head_from, int head_to) {
    std::string text;
    put_lines(text, base, from, to, '-');
    put_lines(text, head, head_from, head_to, '+');
    return text;
  }

  void report(const char* kind, bool escalates, const Entry& head, const Check& is, const Entry* base, const Check* was, std::string message) {
    WeakenedCheck finding;
    finding.path = files_[head.file].head.path;
    finding.line = is.line;
    finding.kind = kind;
    finding.escalates = escalates;
    finding.message = std::move(message);
    finding.hunk = hunk(base ? files_[base->file].base_text : std::string_view(), was ? was->line : 0, was ? was->end_line : 0, files_[head.file].head_text, is.line, is.end_line);
    finish(std::move(finding));
  }

  void finish(WeakenedCheck finding) {
    finding.severity = finding.escalates ? Severity::warning : Severity::note;
    findings_.push_back(std::move(finding));
  }

  const std::vector<TestFilePair>& files_;
  const Intent& intent_;
  const Surroundings& around_;
  Side base_, head_;
  std::vector<WeakenedCheck> findings_;
};

}  // namespace

std::vector<WeakenedCheck> compare_tests(const std::vector<TestFilePair>& files, const Intent& intent, const Surroundings& around) {
  return Comparison(files, intent, around).run();
}

}  // namespace baton::audit
