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
      if (!one.whole() && std::find(one.chosen.begin(), one.chosen.end(), id) == one.chosen.end()) continue;
      std::stable_sort(cases.begin(), cases.end(),
                       [](const TestCase* a, const TestCase* b) { return rank(a) < rank(b); });
      for (std::size_t i = 0; i < cases.size(); ++i) {
        CaseHistory& history = all[i == 0 ? id : id + " (" + std::to_string(i + 1) + ")"];
        const SideOutcome outcome = outcome_of(*cases[i]);
        const bool first_failure = cases[i]->status == CaseStatus::failed && history.shown.status != CaseStatus::failed;
        if (history.tries() == 0 || first_failure) history.shown = *cases[i];
        (one.whole() ? history.whole : history.alone).push_back(outcome);
      }
    }
  }
  return all;
}

std::string runner_id(const Histories& histories, const std::string& id) {
  const auto found = histories.find(id);
  return found == histories.end() ? id : found->second.shown.id;
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

bool told_apart(const Diagnosis& diagnosis) {
  return diagnosis.tests && !diagnosis.tests->cases.empty();
}

bool ran_to_end(const Diagnosis& diagnosis) {
  return diagnosis.verdict == RunVerdict::pass || diagnosis.verdict == RunVerdict::fail ||
         diagnosis.verdict == RunVerdict::vacuous;
}

}  // namespace baton
