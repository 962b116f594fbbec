#include "orchestrator/tries.h"

#include <re2/re2.h>

#include <algorithm>

namespace baton {
namespace {

SideOutcome outcome_of(const TestCase& test) {
  switch (test.status) {
    case CaseStatus::passed:
      return SideOutcome::passed;
    case CaseStatus::skipped:
      return SideOutcome::skipped;
    case CaseStatus::failed:
      break;
  }
  return is_environment_failure(test) ? SideOutcome::env_fault : SideOutcome::failed;
}

// passed, failed, skipped, env_fault, or mixed; absent when there was no try.
SideOutcome together(const std::vector<SideOutcome>& tries) {
  const auto has = [&](SideOutcome outcome) { return std::find(tries.begin(), tries.end(), outcome) != tries.end(); };
  const bool failed = has(SideOutcome::failed), fault = has(SideOutcome::env_fault);
  if (has(SideOutcome::passed)) return failed || fault ? SideOutcome::mixed : SideOutcome::passed;
  if (failed) return SideOutcome::failed;
  if (fault) return SideOutcome::env_fault;
  return tries.empty() ? SideOutcome::absent : SideOutcome::skipped;
}

// A load failure stands for a whole file, so it weighs more than a case of the same name.
int rank(const TestCase* test) {
  if (test->load_failure) return 3;
  switch (test->status) {
    case CaseStatus::passed:
      return 0;
    case CaseStatus::skipped:
      return 1;
    case CaseStatus::failed:
      return 2;
  }
  return 2;
}

bool is_chosen(const Try& one, const std::string& id) {
  return std::find(one.chosen.begin(), one.chosen.end(), id) != one.chosen.end();
}

// A test that one try named and another did not, though it ran it.
void add_unnamed(const Tries& tries, Histories& all) {
  for (const Try& one : tries) {
    if (!one.diagnosis.tests) continue;
    std::set<std::string_view> named;
    for (const TestCase& test : one.diagnosis.tests->cases) named.insert(test.id);
    const Unnamed unnamed(one.diagnosis);
    for (auto& [id, history] : all) {
      const TestCase& test = history.shown;
      if (named.count(test.id)) continue;
      if (!one.whole() && !is_chosen(one, test.id) && !is_chosen(one, test.program)) continue;
      const SideOutcome outcome = unnamed.outcome(test);
      if (outcome == SideOutcome::passed || outcome == SideOutcome::failed)
        (one.whole() ? history.whole : history.alone).push_back(outcome);
    }
  }
}

}  // namespace

SideOutcome CaseHistory::outcome() const {
  const SideOutcome with_others = together(whole), by_itself = together(alone);
  if (with_others == SideOutcome::absent) return by_itself;
  if (by_itself == SideOutcome::absent || by_itself == with_others) return with_others;
  if (with_others == SideOutcome::mixed || by_itself == SideOutcome::mixed) return SideOutcome::mixed;
  const bool fails_with_others = with_others == SideOutcome::failed || with_others == SideOutcome::env_fault;
  if (fails_with_others && by_itself == SideOutcome::passed && whole.size() == 1) return SideOutcome::mixed;
  return with_others;
}

Histories histories(const Tries& tries) {
  Histories all;
  for (const Try& one : tries) {
    if (!one.diagnosis.tests) continue;
    std::map<std::string, std::vector<const TestCase*>> by_id;
    for (const TestCase& test : one.diagnosis.tests->cases) by_id[test.id].push_back(&test);
    for (auto& [id, cases] : by_id) {
      const bool asked = one.whole() || is_chosen(one, id) || is_chosen(one, cases.front()->program);
      if (!asked) continue;
      std::stable_sort(cases.begin(), cases.end(),
                       [](const TestCase* a, const TestCase* b) { return rank(a) < rank(b); });
      for (std::size_t i = 0; i < cases.size(); ++i) {
        CaseHistory& history = all[i == 0 ? id : id + " (" + std::to_string(i + 1) + ")"];
        const SideOutcome outcome = outcome_of(*cases[i]);
        const bool first_failure = cases[i]->status == CaseStatus::failed && history.shown.status != CaseStatus::failed;
        if (history.tries() == 0 || first_failure) history.shown = *cases[i];
        (one.whole() ? history.whole : history.alone).push_back(outcome);
        history.out_of_time += ran_out_of_time(*cases[i]);
      }
    }
  }
  if (tries.size() > 1) add_unnamed(tries, all);
  return all;
}

std::size_t whole_runs(const Tries& tries) {
  return static_cast<std::size_t>(
      std::count_if(tries.begin(), tries.end(), [](const Try& one) { return one.whole() && told_apart(one.diagnosis) && ran_to_end(one.diagnosis); }));
}

Unnamed::Unnamed(const Diagnosis& run) {
  if (!run.tests) return;
  interrupted_.insert(run.tests->interrupted.begin(), run.tests->interrupted.end());
  int passed = 0, failed = 0;
  for (const TestCase& test : run.tests->cases) {
    passed += test.status == CaseStatus::passed;
    failed += test.status == CaseStatus::failed;
    if (test.program.empty())
      entries_.emplace(test.id, test.status);
    else
      programs_[test.program] |= test.status == CaseStatus::passed;
  }
  passes_ = ran_to_end(run) && passed == 0 && run.tests->passed.value_or(0) > 0 && run.tests->failed == failed;
}

SideOutcome Unnamed::outcome(const TestCase& test) const {
  if (interrupted_.count(test.program.empty() ? test.id : test.program)) return SideOutcome::not_run;
  if (!test.program.empty()) {
    const auto entry = entries_.find(test.program);
    if (entry == entries_.end()) return SideOutcome::absent;
    if (entry->second == CaseStatus::failed) return SideOutcome::not_run;
    return entry->second == CaseStatus::passed ? SideOutcome::passed : SideOutcome::skipped;
  }
  // A program that runs nothing any more: its cases are told each, it is no test beside them.
  if (const auto program = programs_.find(test.id); program != programs_.end() && test.status != CaseStatus::skipped)
    return program->second ? SideOutcome::passed : SideOutcome::failed;
  return passes_ ? SideOutcome::passed : SideOutcome::absent;
}

std::string runner_id(const Histories& histories, const std::string& id) {
  const auto found = histories.find(id);
  if (found == histories.end()) return id;
  const TestCase& test = found->second.shown;
  return test.program.empty() ? test.id : test.program;
}

bool is_environment_failure(const TestCase& test) {
  if (test.status != CaseStatus::failed) return false;
  static const RE2 kFault(
      "ECONNREFUSED|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|getaddrinfo (?:ENOTFOUND|EAI_)|gaierror|"
      "Connection refused|Network is unreachable|Name or service not known|Temporary failure in name resolution|"
      "Could not resolve host|no such host|Read-only file system|No space left on device|spawn \\S+ ENOENT|"
      "\\b(?:command not found|cannot execute: required file not found)\\b");
  return RE2::PartialMatch(test.message, kFault);
}

bool needs_outside_network(const TestCase& test) {
  static const RE2 kOutside(
      "EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|getaddrinfo (?:ENOTFOUND|EAI_)|gaierror|Network is unreachable|"
      "Name or service not known|Temporary failure in name resolution|Could not resolve host|no such host");
  return test.status == CaseStatus::failed && RE2::PartialMatch(test.message, kOutside);
}

bool ran_out_of_time(const TestCase& test) {
  static const RE2 kLimit(
      "(?i)\\btest timed out (?:in|after) |\\btimed out after \\d|\\btimeout of [\\d.]+ ?m?s exceeded|\\bexceeded timeout of [\\d.]+|"
      "^(?:\\*+)?(?:failed: )?timeout(?:$| ?[>(:])|\\bTimeoutExpired\\b|\\btimed out while running tests");
  return test.status == CaseStatus::failed && RE2::PartialMatch(test.message, kLimit);
}

bool ended_by_its_runner(const TestCase& test) {
  static const RE2 kLimit(
      "\\b[Tt]est timed out (?:in|after) \\d|\\bTimeout of [\\d.]+ ?m?s exceeded\\. For async|\\bExceeded timeout of [\\d.]+ ?m?s for a (?:test|hook)|"
      "^\\**(?:Failed: )?Timeout(?:$| ?[>(])|\\btimed out while running tests");
  return test.status == CaseStatus::failed && RE2::PartialMatch(test.message, kLimit);
}

bool is_network_fault(const Diagnosis& diagnosis) {
  if (diagnosis.verdict != RunVerdict::env_fault) return false;
  static const RE2 kNetwork("cannot reach|cannot be reached|cannot be resolved|network is unreachable");
  return RE2::PartialMatch(diagnosis.cause, kNetwork);
}

bool told_apart(const Diagnosis& diagnosis) {
  return diagnosis.tests && (!diagnosis.tests->cases.empty() || Unnamed(diagnosis).passes());
}

bool ran_to_end(const Diagnosis& diagnosis) {
  return diagnosis.verdict == RunVerdict::pass || diagnosis.verdict == RunVerdict::fail ||
         diagnosis.verdict == RunVerdict::vacuous;
}

}  // namespace baton
