#include "orchestrator/retries.h"

#include <algorithm>
#include <set>

namespace baton {
namespace {

bool bad(SideOutcome outcome) { return outcome == SideOutcome::failed || outcome == SideOutcome::env_fault; }

bool has_both(const std::vector<SideOutcome>& tries) {
  const bool passed = std::find(tries.begin(), tries.end(), SideOutcome::passed) != tries.end();
  return passed && std::any_of(tries.begin(), tries.end(), bad);
}

// More tries would not change what is said of it.
bool settled(const CaseHistory& history, int max_tries) {
  return has_both(history.whole) || has_both(history.alone) || static_cast<int>(history.tries()) >= max_tries;
}

// It failed with the others and passes alone: only whole runs can tell.
bool needs_whole(const CaseHistory& history) {
  if (history.alone.empty() || history.whole.empty()) return false;
  const bool differs = bad(history.alone.front()) != bad(history.whole.front());
  return differs && history.whole.size() <= history.alone.size();
}

constexpr int kMaxRuns = 4;  // of a gate, times the tries of one test

class Decision {
 public:
  explicit Decision(const RetryInput& input)
      : input_(input), head_(histories(*input.head)), base_(input.base ? histories(*input.base) : Histories{}) {}

  std::optional<Retry> next() {
    if (auto retry = retry_on(RetrySide::head, head_candidates(), head_)) return retry;
    if (!input_.base || !input_.base_can_run) return std::nullopt;
    if (auto retry = retry_on(RetrySide::base, mixed_on_head(), base_)) return retry;
    if (auto retry = retry_on(RetrySide::base, out_of_time_on_head(), base_)) return retry;
    if (names_may_differ() && !over_budget(*input_.base)) return Retry{RetrySide::base, {}};
    return retry_on(RetrySide::base, base_candidates(), base_);
  }

 private:
  const CaseHistory* base_of(const std::string& id) const {
    const auto found = base_.find(id);
    return found == base_.end() ? nullptr : &found->second;
  }

  std::vector<std::string> head_candidates() const {
    std::vector<std::string> ids;
    for (const auto& [id, history] : head_) {
      const CaseHistory* base = base_of(id);
      const bool failed_there_too = base && bad(base->outcome());
      if (worth(history) && !failed_there_too) ids.push_back(id);
    }
    return ids;
  }

  std::vector<std::string> base_candidates() const {
    std::vector<std::string> ids;
    for (const auto& [id, history] : base_) {
      const auto head = head_.find(id);
      if (worth(history) && head != head_.end() && head->second.outcome() == SideOutcome::passed) ids.push_back(id);
    }
    return ids;
  }

  std::vector<std::string> mixed_on_head() const {
    std::vector<std::string> ids;
    for (const auto& [id, history] : head_) {
      const CaseHistory* base = base_of(id);
      const bool mixed = history.outcome() == SideOutcome::mixed;
      if (mixed && base && base->outcome() == SideOutcome::passed && !settled(*base, input_.max_tries)) ids.push_back(id);
    }
    return ids;
  }

  std::vector<std::string> out_of_time_on_head() const {
    std::vector<std::string> ids;
    for (const auto& [id, history] : head_) {
      const CaseHistory* base = base_of(id);
      const bool always = history.outcome() == SideOutcome::failed && history.out_of_time == history.tries();
      if (always && base && base->outcome() == SideOutcome::passed && !settled(*base, kTimeLimitTries)) ids.push_back(id);
    }
    return ids;
  }

  // Tests are gone and others came. Where their names hold the time or a random number, the base's own names do not come again.
  bool names_may_differ() const {
    if (whole_runs(*input_.base) != 1) return false;
    const auto missing_in = [](const Histories& other) { return [&](const auto& entry) { return !other.count(entry.first); }; };
    return std::any_of(base_.begin(), base_.end(), missing_in(head_)) && std::any_of(head_.begin(), head_.end(), missing_in(base_));
  }

  // Something failed, and more tries can change what is said of it. A file that does not load is not a matter of luck.
  bool worth(const CaseHistory& history) const {
    const bool failed = std::any_of(history.whole.begin(), history.whole.end(), bad) ||
                        std::any_of(history.alone.begin(), history.alone.end(), bad);
    return failed && !history.shown.load_failure && !settled(history, input_.max_tries);
  }

  std::optional<Retry> retry_on(RetrySide side, const std::vector<std::string>& ids, const Histories& all) const {
    if (ids.empty()) return std::nullopt;
    const Tries& tries = side == RetrySide::head ? *input_.head : *input_.base;
    if (over_budget(tries)) return std::nullopt;
    const bool whole = !input_.can_select || ids.size() > kMaxSelected || selection_fails(tries) ||
                       std::any_of(ids.begin(), ids.end(), [&](const std::string& id) { return needs_whole(all.at(id)); });
    if (whole) return Retry{side, {}};
    std::set<std::string> names;
    for (const std::string& id : ids) names.insert(runner_id(all, id));
    return Retry{side, {names.begin(), names.end()}};
  }

  bool over_budget(const Tries& tries) const {
    if (static_cast<int>(tries.size()) < kMinTries) return false;
    // A test that later tries do not report is never settled.
    if (static_cast<int>(tries.size()) >= kMaxRuns * input_.max_tries) return true;
    double spent = 0;
    for (std::size_t i = 1; i < tries.size(); ++i) spent += tries[i].seconds;
    return spent >= std::max(kRetryFloor, kRetryBudget * tries.front().seconds);
  }

  // The runner was asked for a test and did not report it: asking again the same way tells nothing.
  static bool selection_fails(const Tries& tries) {
    return std::any_of(tries.begin(), tries.end(), [](const Try& one) {
      return std::any_of(one.chosen.begin(), one.chosen.end(), [&](const std::string& id) {
        if (!one.diagnosis.tests) return true;
        const auto& cases = one.diagnosis.tests->cases;
        return std::none_of(cases.begin(), cases.end(), [&](const TestCase& test) {
          return (test.id == id || test.program == id) && test.status != CaseStatus::skipped;
        });
      });
    });
  }

  const RetryInput& input_;
  Histories head_, base_;
};

// A whole run as the one case of a gate that names no tests.
Try as_one_case(const Try& whole) {
  Try one;
  one.seconds = whole.seconds;
  one.diagnosis.tests.emplace();
  TestCase test;
  test.id = "the gate";
  test.status = whole.diagnosis.verdict == RunVerdict::pass ? CaseStatus::passed : CaseStatus::failed;
  one.diagnosis.tests->cases.push_back(std::move(test));
  return one;
}

Tries as_one_case(const Tries& tries) {
  Tries all;
  for (const Try& whole : tries) all.push_back(as_one_case(whole));
  return all;
}

// A run that ended early by our clock would do so again, at the same cost; one that lacks its environment too.
bool may_be_luck(RunVerdict verdict) { return verdict == RunVerdict::fail || verdict == RunVerdict::crash; }

}  // namespace

std::optional<Retry> next_retry(const RetryInput& input) {
  if (!input.head || input.head->empty() || (input.base && input.base->empty())) return std::nullopt;
  const Diagnosis& head = input.head->front().diagnosis;
  if (told_apart(head) && ran_to_end(head) && (!input.base || told_apart(input.base->front().diagnosis))) {
    return Decision(input).next();
  }
  if (!input.base) return std::nullopt;
  const RunVerdict base_verdict = input.base->front().diagnosis.verdict;
  const bool only_one_failed = (head.verdict == RunVerdict::pass) != (base_verdict == RunVerdict::pass);
  if (!only_one_failed) return std::nullopt;
  if (!may_be_luck(head.verdict == RunVerdict::pass ? base_verdict : head.verdict)) return std::nullopt;

  const Tries base = as_one_case(*input.base), on_head = as_one_case(*input.head);
  RetryInput as_whole = input;
  as_whole.base = &base;
  as_whole.head = &on_head;
  as_whole.can_select = false;
  return Decision(as_whole).next();
}

SideOutcome whole_outcome(const Tries& tries) {
  const Histories all = histories(as_one_case(tries));
  return all.empty() ? SideOutcome::absent : all.begin()->second.outcome();
}

}  // namespace baton
