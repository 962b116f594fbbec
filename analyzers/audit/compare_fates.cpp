// What became of each test of the base: tests of the result insist on all that it did, the task takes it away with what it tested, or
// it is lost. A finding that stands within a test speaks of it, so that nothing is said here that the findings do not say.
#include <algorithm>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/comparison.h"

namespace baton::audit {
namespace {

constexpr int kMaxDepth = 4;  // names that stand for names

bool is_one_of(std::string_view kind, std::initializer_list<std::string_view> kinds) { return std::find(kinds.begin(), kinds.end(), kind) != kinds.end(); }

bool within(const AuditFinding& finding, const PlacedTest& test) { return finding.path == test.path && finding.line >= test.line && finding.line <= test.end_line; }

// What only looks at a value in another way, so that its first argument is what is asked.
bool looks_at_its_argument(std::string_view name) {
  static const RE2 kLooks("^(len|str|repr|list|tuple|set|dict|sorted|int|float|bool|bytes|abs|round|sum|any|all|isinstance|type|next|iter|String|Number|Array|from|is_ok|is_err|std|to_string|size)$");
  return matches(name, kLooks);
}

}  // namespace

PlacedTest Comparison::placed(const Entry& entry, bool base) const {
  const TestFilePair& file = files_[entry.file];
  return {(base ? file.base : file.head).path, entry.unit->name, entry.unit->qualified, entry.unit->line, entry.unit->end_line};
}

std::vector<AuditedTest> Comparison::fates() const {
  std::vector<AuditedTest> all;
  for (const Entry& base : base_.entries) {
    if (base.test && !stop_.stop_requested()) all.push_back(fate_of(base));
  }
  return all;
}

AuditedTest Comparison::fate_of(const Entry& base) const {
  AuditedTest test{placed(base, true)};
  const std::vector<const Entry*> by = holders(base);
  for (const Entry* head : by) {
    if (head->test) test.held_by.push_back(placed(*head, false));
  }
  if (held_by_tests(base, by) && !is_missed(test)) test.fate = TestFate::held;
  else if (removed_by_task(base)) test.fate = TestFate::removed_by_task;
  if (test.fate == TestFate::held) test.cases = cases_gone_through(base, by);
  if (test.fate != TestFate::removed_by_task) test.removed_cases = cases_removed_by_task(base);
  return test;
}

// Its own, and those of the tables of its file that it goes through.
std::vector<Comparison::Row> Comparison::rows_of(const Entry& base) const {
  std::vector<Row> rows;
  const auto& values = files_[base.file].base.values;
  const auto goes_through = [&](const Check& row) {
    return std::ranges::any_of(base.unit->iterations, [&](const Iteration& one) {
      const auto value = values.find(one.name);
      return value != values.end() && row.line >= value->second.line && row.line <= value->second.end_line;
    });
  };
  for (const Entry& entry : base_.entries) {
    if (entry.file != base.file || (entry.unit != base.unit && entry.test)) continue;
    for (std::size_t i = 0; i < entry.checks.size(); ++i) {
      if (entry.checks[i].kind == CheckKind::row && !entry.checks[i].of_body && (entry.unit == base.unit || goes_through(entry.checks[i]))) rows.emplace_back(&entry, i);
    }
  }
  return rows;
}

// Nothing leaves the loop, or takes a part of the cases.
std::size_t Comparison::cases_gone_through(const Entry& base, const std::vector<const Entry*>& by) const {
  const std::vector<Row> rows = rows_of(base);
  static const RE2 kLeaves("\\b(continue|break|return|skip\\w*|Skip\\w*)\\b");
  for (const Entry* head : by) {
    const auto part = [](const Iteration& one) { return !one.part.empty(); };
    if (head->test && (matches(head->unit->text, kLeaves) || std::ranges::any_of(head->unit->iterations, part))) return 0;
    const auto& values = files_[head->file].head.values;
    const auto goes_through = [&](const Iteration& one) { return values.count(one.name) > 0; };
    if (!head->test && std::ranges::none_of(by, [&](const Entry* test) { return test->test && std::ranges::any_of(test->unit->iterations, goes_through); })) return 0;
  }
  // A table outside of it that stayed is gone through still.
  for (const auto& [entry, i] : rows) {
    const auto goes_on = [&](const Entry* head) { return head->test && std::ranges::any_of(head->unit->iterations, [&](const Iteration& one) { return std::ranges::any_of(base.unit->iterations, [&](const Iteration& was) { return was.name == one.name; }); }); };
    if (!entry->used[i] || (entry->unit != base.unit && std::ranges::none_of(by, goes_on))) return 0;
  }
  return rows.size();
}

// All that is missed of it, where those are cases that the task takes away with what they were for.
std::vector<std::string> Comparison::cases_removed_by_task(const Entry& base) const {
  if (!intent_.given() || !around_.program_changed || !base.pair) return {};
  std::vector<std::string> removed;
  std::vector<Row> rows = rows_of(base);
  for (std::size_t i = 0; i < base.checks.size(); ++i) {
    if (base.checks[i].kind != CheckKind::row && base.checks[i].strength > 0 && !base.used[i]) return {};
  }
  for (const auto& [entry, i] : rows) {
    if (entry->used[i]) continue;
    if (!task_takes_away(entry->checks[i])) return {};
    removed.push_back(entry->checks[i].text);
  }
  return removed;
}

// It is called by it, or holds it: `("roman", "IV", 4)`, where Roman numerals are to go.
bool Comparison::task_takes_away(const Check& row) const {
  for (const std::string& text : literals(row.label + " " + row.text)) {
    if (text[0] != '\'') continue;
    for (const std::string& word : plain_words(text)) {
      if (word.size() > 2 && intent_.takes_away_kind(word)) return true;
    }
  }
  return false;
}

std::vector<const Entry*> Comparison::holders(const Entry& base) const {
  std::set<std::size_t> by = base.held_by;
  if (base.pair) by.insert(*base.pair);
  std::vector<const Entry*> found;
  for (const std::size_t k : by) found.push_back(&head_.entries[k]);
  return found;
}

// Each check is found again, by a test or by what one of these tests calls; where there was none, all is called that was.
bool Comparison::held_by_tests(const Entry& base, const std::vector<const Entry*>& by) const {
  if (base.loosely) return false;
  for (std::size_t i = 0; i < base.checks.size(); ++i) {
    if (base.checks[i].strength > 0 && !base.used[i]) return false;
  }
  const auto runs = [&](const Entry* one) {
    if (one->test || one->unit->is_group || one->unit->name.empty()) return true;
    return std::any_of(by.begin(), by.end(), [&](const Entry* test) {
      return test->test && std::any_of(test->unit->calls.begin(), test->unit->calls.end(), [&](const CallSite& call) { return call.name == one->unit->name; });
    });
  };
  const bool off = std::any_of(by.begin(), by.end(), [](const Entry* one) { return one->test && !one->unit->off.empty(); });
  if (off && base.unit->off.empty()) return false;
  const bool any_test = std::any_of(by.begin(), by.end(), [](const Entry* one) { return one->test; });
  if (!any_test || !std::all_of(by.begin(), by.end(), runs)) return false;
  if (holds(base)) return true;
  return std::all_of(base.unit->calls.begin(), base.unit->calls.end(), [&](const CallSite& was) {
    return std::any_of(by.begin(), by.end(), [&](const Entry* test) {
      return std::any_of(test->unit->calls.begin(), test->unit->calls.end(), [&](const CallSite& call) { return call.name == was.name; });
    });
  });
}

// Something about it that is no more, or another, whether that was meant or not. What the task asks to be otherwise is as it asks.
bool Comparison::is_missed(const AuditedTest& test) const {
  return std::any_of(findings_.begin(), findings_.end(), [&](const AuditFinding& finding) {
    if (finding.on_base) return within(finding, test.was) && is_one_of(finding.kind, {"test_removed", "assertion_removed", "case_removed"});
    const bool other = is_one_of(finding.kind, {"question_changed", "assertion_conditional", "case_removed"}) || (finding.kind == "expectation_changed" && !intent_.given());
    return other && std::any_of(test.held_by.begin(), test.held_by.end(), [&](const PlacedTest& by) { return within(finding, by); });
  });
}

// The task takes it away by its name or its file's, or all that it asks of.
bool Comparison::removed_by_task(const Entry& base) const {
  if (!intent_.given()) return false;
  if (intent_.takes_away(base.unit->name) || intent_.takes_away(files_[base.file].base.path)) return true;
  bool any = false;
  for (const Check& check : base.checks) {
    if (check.strength == 0 || check.kind == CheckKind::row) continue;
    if (!asks_what_is_removed(base, check.subject)) return false;
    any = true;
  }
  if (any) return true;
  if (holds(base)) return false;
  const auto removed = [&](const CallSite& call) { return task_removes(base, call.name); };
  const auto stays = [&](const CallSite& call) { return around_.defined.count(call.name) > 0; };
  return std::any_of(base.unit->calls.begin(), base.unit->calls.end(), removed) && std::none_of(base.unit->calls.begin(), base.unit->calls.end(), stays);
}

// `old(3)`, `calc.old(3).size`, `client.get()` where the client is one of those: what it is called on counts, and no argument.
bool Comparison::asks_what_is_removed(const Entry& base, std::string_view code, int depth) const {
  if (depth > kMaxDepth) return false;
  if (const auto part = code.rfind('#'); part != code.npos) code = code.substr(0, part);  // the first of two values, and the like
  const auto chain = chain_of(code);
  if (!chain.empty()) {
    if (std::any_of(chain.begin(), chain.end(), [&](const ChainLink& link) { return task_removes(base, std::string(link.name)); })) return true;
    for (const ChainLink& link : chain) {
      if (link.called && looks_at_its_argument(link.name) && !link.arguments.empty()) return asks_what_is_removed(base, link.arguments[0], depth + 1);
    }
    const std::string root(chain[0].name), member = chain.size() > 1 ? std::string(chain[0].name) + "." + std::string(chain[1].name) : root;
    for (const TestUnit& unit : files_[base.file].base.units) {
      if (unit.is_test && &unit != base.unit) continue;
      for (const std::string& name : {root, member}) {
        const auto given = unit.given.find(name);
        if (given != unit.given.end() && given->second != code && asks_what_is_removed(base, given->second, depth + 1)) return true;
      }
      if (unit.name == root && unit.answers.size() == 1 && asks_what_is_removed(base, unit.answers[0], depth + 1)) return true;  // a fixture
    }
    return false;
  }
  const std::set<std::string> called = called_names(code);
  return !called.empty() && std::all_of(called.begin(), called.end(), [&](const std::string& name) { return looks_at_its_argument(name) || task_removes(base, name); }) &&
         std::any_of(called.begin(), called.end(), [&](const std::string& name) { return task_removes(base, name); });
}

// The program defined it and speaks of it no more, and the task says that it, or the file that it came from, is to go.
bool Comparison::task_removes(const Entry& base, const std::string& name) const {
  if (around_.removed.count(name) == 0) return false;
  if (intent_.takes_away(name)) return true;
  const auto& imports = files_[base.file].base.imports;
  const auto from = imports.find(name);
  if (from == imports.end()) return false;
  std::string module = from->second.substr(from->second.find_last_of("./") + 1);
  if (from->second.find('/') != std::string::npos) module = from->second.substr(from->second.rfind('/') + 1), module.resize(std::min(module.find('.'), module.size()));
  return around_.removed.count(module) > 0 && intent_.takes_away(module);
}

}  // namespace baton::audit
