#include "orchestrator/task_state.h"

#include <algorithm>
#include <array>

namespace baton {
namespace {

constexpr std::array<std::string_view, 12> kPhases = {"drafted", "planned", "running", "integrating", "verifying", "verified",
                                                      "landing", "landed", "applied", "escalated_to_human", "cancelled", "failed"};
constexpr std::array<std::string_view, 6> kWaits = {"none", "trust", "approval", "answer", "criteria", "slot"};
constexpr std::array<std::string_view, 8> kReasons = {"attempts", "rounds", "ambiguous", "blocker", "security", "architecture", "conflict", "weakened"};
constexpr std::array<std::string_view, 4> kSubtaskPhases = {"waiting", "queued", "running", "done"};
constexpr std::array<std::string_view, 12> kEffects = {"make_plan", "start_attempt", "integrate", "verify", "land",
                                                       "apply", "deliver_answer", "notify_human", "stop_attempts", "clean_up", "publish", "comment"};
constexpr std::array<std::string_view, std::variant_size_v<TaskEvent>> kEvents = {
    "plan_made", "trust_missing", "trusted", "approved", "attempt_started", "attempt_done", "attempt_failed", "fault", "asked", "answered",
    "integrated", "conflicted", "round_green", "round_red", "criterion_waved", "sent_back", "land_requested", "landed", "land_failed",
    "apply_requested", "applied", "escalated", "retried", "accepted_by_human", "handed_in", "cancelled", "given_up", "reopened", "publish_requested",
    "published"};

template <class E, std::size_t N>
std::string_view word(const std::array<std::string_view, N>& words, E value) { return words[static_cast<std::size_t>(value)]; }

bool is_active(const SubtaskState& subtask) { return subtask.phase == SubtaskPhase::queued || subtask.phase == SubtaskPhase::running; }

// Tells each subtask who starts from it. False where not every one can come to its turn: an unknown dependency, a circle.
bool link(std::map<std::string, SubtaskState>& subtasks) {
  std::map<std::string_view, std::size_t> waits_for;
  std::vector<std::string_view> ready;
  for (const auto& [id, subtask] : subtasks) {
    waits_for[id] = subtask.after.size();
    if (subtask.after.empty()) ready.push_back(id);
    for (const std::string& earlier : subtask.after) {
      const auto found = subtasks.find(earlier);
      if (found == subtasks.end()) return false;
      found->second.before.push_back(id);
    }
  }
  std::size_t reached = 0;
  while (!ready.empty()) {
    const auto& followers = subtasks.find(std::string(ready.back()))->second.before;
    ready.pop_back();
    ++reached;
    for (const std::string& later : followers) {
      if (--waits_for[later] == 0) ready.push_back(later);
    }
  }
  return reached == subtasks.size();
}

// One step. Each `on` either changes `state_` and returns nothing, or returns why it did not.
class Stepper {
 public:
  Stepper(TaskState& state, std::vector<TaskEffect>& effects) : state_(state), effects_(effects) {}

  std::string take(const TaskEvent& event) {
    const bool after_the_end = std::holds_alternative<event::Reopened>(event) || std::holds_alternative<event::PublishRequested>(event) || std::holds_alternative<event::Published>(event);
    const bool was_escalated = in(TaskPhase::escalated_to_human);
    const int escalations = state_.escalations;
    std::string refusal = is_over(state_.phase) && !after_the_end
                              ? "The task is " + std::string(to_string(state_.phase)) + "; start a task of its own for what is left."
                              : std::visit([this](const auto& e) { return on(e); }, event);
    if (!refusal.empty()) return refusal;
    if (state_.published && (was_escalated != in(TaskPhase::escalated_to_human) || escalations != state_.escalations)) ask(EffectKind::comment);
    settle_wait();
    return refusal;
  }

 private:
  using Why = std::string;  // empty: taken

  std::size_t count(SubtaskPhase phase) const { return state_.in_phase[static_cast<std::size_t>(phase)]; }
  void move(SubtaskState& subtask, SubtaskPhase phase) {
    --state_.in_phase[static_cast<std::size_t>(subtask.phase)];
    ++state_.in_phase[static_cast<std::size_t>(phase)];
    subtask.phase = phase;
  }

  bool in(TaskPhase phase) const { return state_.phase == phase; }
  bool waits_for_criteria() const { return in(TaskPhase::verifying) && state_.criteria_open > 0; }

  Why not_now(std::string_view what) const {
    return std::string(what) + " does not belong to a task that is " + std::string(to_string(state_.phase)) + ".";
  }

  void ask(EffectKind kind, const std::string& subtask = {}) {
    effects_.push_back({kind, subtask, std::string(to_string(kind)) + "/" + std::to_string(++state_.effects)});
  }

  SubtaskState* find(const std::string& id) {
    const auto found = state_.subtasks.find(id);
    return found == state_.subtasks.end() ? nullptr : &found->second;
  }

  SubtaskState* active(const std::string& id) {
    SubtaskState* subtask = find(id);
    return subtask && is_active(*subtask) && (in(TaskPhase::running) || in(TaskPhase::escalated_to_human)) ? subtask : nullptr;
  }

  Why no_attempt(const std::string& id) const { return "No attempt at " + (id.empty() ? "a subtask" : id) + " is under way."; }

  void start_ready() {
    for (auto& [id, subtask] : state_.subtasks) start_if_ready(id, subtask);
  }

  void start_if_ready(const std::string& id, SubtaskState& subtask) {
    if (subtask.phase != SubtaskPhase::waiting) return;
    const bool ready = std::all_of(subtask.after.begin(), subtask.after.end(), [&](const std::string& other) {
      const SubtaskState* before = find(other);
      return before && before->phase == SubtaskPhase::done;
    });
    if (!ready || subtask.attempts >= kMaxAttempts) return;
    move(subtask, SubtaskPhase::queued);
    ++subtask.attempts;
    ask(EffectKind::start_attempt, id);
  }

  void integrate() {
    state_.phase = TaskPhase::integrating;
    ask(EffectKind::integrate);
  }

  // What follows when a subtask is done. Only those that start from it can have become ready.
  void go_on_after(const SubtaskState& finished) {
    if (!in(TaskPhase::running)) return;
    for (const std::string& id : finished.before) start_if_ready(id, *find(id));
    go_on_to_the_round();
  }

  void go_on() {
    if (!in(TaskPhase::running)) return;
    start_ready();
    go_on_to_the_round();
  }

  void go_on_to_the_round() {
    if (count(SubtaskPhase::done) == state_.subtasks.size()) integrate();
  }

  void escalate(EscalationReason reason, std::vector<std::string> blamed) {
    state_.stopped_in = state_.phase;
    state_.phase = TaskPhase::escalated_to_human;
    state_.escalation = reason;
    ++state_.escalations;
    state_.blamed = std::move(blamed);
    ask(EffectKind::notify_human);
  }

  // Another attempt for each, or the human when one of them has had its last.
  void try_again(const std::vector<std::string>& ids, EscalationReason when_spent = EscalationReason::attempts) {
    std::vector<std::string> spent;
    for (const std::string& id : ids) {
      SubtaskState* subtask = find(id);
      move(*subtask, SubtaskPhase::waiting);
      if (subtask->attempts >= kMaxAttempts) spent.push_back(id);
    }
    if (!spent.empty()) return escalate(when_spent, std::move(spent));
    state_.phase = TaskPhase::running;
    start_ready();
  }

  std::vector<std::string> those_done(const std::vector<std::string>& ids) {
    std::vector<std::string> known;
    for (const std::string& id : ids) {
      const SubtaskState* subtask = find(id);
      if (subtask && subtask->phase == SubtaskPhase::done && std::find(known.begin(), known.end(), id) == known.end()) known.push_back(id);
    }
    return known;
  }

  std::vector<std::string> all_done() {
    std::vector<std::string> ids;
    for (const auto& [id, subtask] : state_.subtasks) {
      if (subtask.phase == SubtaskPhase::done) ids.push_back(id);
    }
    return ids;
  }

  bool third_fault(const std::string& id) {
    if (++state_.faults < kMaxFaults) return false;
    escalate(EscalationReason::blocker, id.empty() ? std::vector<std::string>() : std::vector<std::string>{id});
    return true;
  }

  // The human has answered: both counts begin anew, and the work goes on where it stopped.
  void resume(const std::vector<std::string>& again) {
    const TaskPhase stopped = state_.stopped_in.value_or(TaskPhase::drafted);
    state_.red_rounds = state_.faults = 0;
    state_.escalation.reset();
    state_.stopped_in.reset();
    state_.blamed.clear();
    for (const std::string& id : again) {
      SubtaskState* subtask = find(id);
      if (!subtask || is_active(*subtask)) continue;
      move(*subtask, SubtaskPhase::waiting);
      subtask->attempts = 0;
    }
    for (auto& [id, subtask] : state_.subtasks) {
      if (subtask.phase == SubtaskPhase::waiting && subtask.attempts >= kMaxAttempts) subtask.attempts = 0;
    }
    state_.phase = stopped;
    switch (stopped) {
      case TaskPhase::drafted:
        return ask(EffectKind::make_plan);
      case TaskPhase::planned:
      case TaskPhase::verified:
        return;
      case TaskPhase::landing:
        return ask(EffectKind::land);
      default:
        state_.phase = TaskPhase::running;
        state_.criteria_open = 0;
        state_.accepted = false;
        return go_on();
    }
  }

  void settle_wait() {
    TaskWait wait = TaskWait::none;
    if (is_over(state_.phase)) wait = TaskWait::none;
    else if (in(TaskPhase::escalated_to_human)) wait = TaskWait::answer;
    else if (state_.trust_missing) wait = TaskWait::trust;
    else if (state_.question_open) wait = TaskWait::answer;
    else if (in(TaskPhase::planned) || in(TaskPhase::verified)) wait = TaskWait::approval;
    else if (waits_for_criteria()) wait = TaskWait::criteria;
    else if (in(TaskPhase::running) && count(SubtaskPhase::queued) > 0 && count(SubtaskPhase::running) == 0) wait = TaskWait::slot;
    state_.wait = wait;
  }

  Why on(const event::PlanMade& e) {
    if (!in(TaskPhase::drafted) && !in(TaskPhase::planned)) return not_now("A plan");
    std::map<std::string, SubtaskState> subtasks;
    for (const SubtaskSeed& seed : e.subtasks) subtasks[seed.id].after = seed.after;
    if (subtasks.empty() || subtasks.size() != e.subtasks.size() || !link(subtasks)) return "The plan cannot run: its subtasks need ids of their own and dependencies without a circle.";
    state_.subtasks = std::move(subtasks);
    state_.in_phase = {state_.subtasks.size()};
    state_.phase = TaskPhase::planned;
    state_.approved = false;
    return {};
  }

  Why on(const event::TrustMissing&) {
    if (in(TaskPhase::drafted) || in(TaskPhase::escalated_to_human)) return not_now("A question of trust");
    state_.trust_missing = true;
    return {};
  }

  Why on(const event::Trusted&) {
    if (!state_.trust_missing) return "Nothing waits for trust.";
    state_.trust_missing = false;
    if (in(TaskPhase::planned) && state_.approved) return begin();
    if (in(TaskPhase::integrating)) ask(EffectKind::integrate);
    if (in(TaskPhase::verifying) && !waits_for_criteria()) ask(EffectKind::verify);
    if (in(TaskPhase::landing)) ask(EffectKind::land);
    for (auto& [id, subtask] : state_.subtasks) {
      if (in(TaskPhase::running) && subtask.phase == SubtaskPhase::queued) ask(EffectKind::start_attempt, id);
    }
    return {};
  }

  Why begin() {
    state_.phase = TaskPhase::running;
    start_ready();
    return {};
  }

  Why on(const event::Approved&) {
    if (!in(TaskPhase::planned) || state_.approved) return not_now("An approval of the plan");
    state_.approved = true;
    return state_.trust_missing ? Why() : begin();
  }

  Why on(const event::AttemptStarted& e) {
    SubtaskState* subtask = active(e.subtask);
    if (!subtask || subtask->phase != SubtaskPhase::queued) return no_attempt(e.subtask);
    move(*subtask, SubtaskPhase::running);
    return {};
  }

  Why on(const event::AttemptDone& e) {
    SubtaskState* subtask = active(e.subtask);
    if (!subtask) return no_attempt(e.subtask);
    move(*subtask, SubtaskPhase::done);
    go_on_after(*subtask);
    return {};
  }

  Why on(const event::AttemptFailed& e) {
    SubtaskState* subtask = active(e.subtask);
    if (!subtask) return no_attempt(e.subtask);
    if (in(TaskPhase::running)) {
      try_again({e.subtask});
    } else {
      move(*subtask, SubtaskPhase::waiting);  // its turn comes when the human has answered
    }
    return {};
  }

  Why on(const event::Fault& e) {
    if (!e.subtask.empty()) {
      SubtaskState* subtask = active(e.subtask);
      if (!subtask) return no_attempt(e.subtask);
      move(*subtask, SubtaskPhase::waiting);
      --subtask->attempts;
      if (in(TaskPhase::running) && !third_fault(e.subtask)) start_ready();
      return {};
    }
    const bool judged = waits_for_criteria();
    if (judged || !(in(TaskPhase::integrating) || in(TaskPhase::verifying) || in(TaskPhase::landing))) return not_now("A fault of the environment");
    const EffectKind again = in(TaskPhase::integrating) ? EffectKind::integrate : in(TaskPhase::verifying) ? EffectKind::verify : EffectKind::land;
    if (!third_fault({})) ask(again);
    return {};
  }

  Why on(const event::Asked& e) {
    if (!active(e.subtask)) return no_attempt(e.subtask);
    state_.question_open = true;
    ask(EffectKind::notify_human);
    return {};
  }

  Why on(const event::Answered&) {
    if (in(TaskPhase::escalated_to_human)) {
      resume(state_.blamed);
      return {};
    }
    if (!state_.question_open) return "No question is open.";
    state_.question_open = false;
    ask(EffectKind::deliver_answer);
    return {};
  }

  Why on(const event::Integrated&) {
    if (!in(TaskPhase::integrating)) return not_now("The end of an integration");
    state_.phase = TaskPhase::verifying;
    state_.criteria_open = 0;
    ask(EffectKind::verify);
    return {};
  }

  Why on(const event::Conflicted& e) {
    if (!in(TaskPhase::integrating)) return not_now("A conflict");
    const auto back = those_done(e.subtasks);
    if (back.empty()) {
      escalate(EscalationReason::conflict, {});
    } else {
      try_again(back, EscalationReason::conflict);
    }
    return {};
  }

  // Those that are new, beside the others; none where they cannot come to their turn.
  Why join(const std::vector<SubtaskSeed>& seeds) {
    auto subtasks = state_.subtasks;
    for (auto& [id, subtask] : subtasks) subtask.before.clear();
    std::size_t fresh = 0;
    for (const SubtaskSeed& seed : seeds) fresh += subtasks.try_emplace(seed.id, SubtaskState{seed.after, SubtaskPhase::waiting}).second;
    if (fresh == 0) return {};
    if (!link(subtasks)) return "The subtasks that are to show what is open cannot run: they need dependencies that are there, without a circle.";
    state_.subtasks = std::move(subtasks);
    state_.in_phase[static_cast<std::size_t>(SubtaskPhase::waiting)] += fresh;
    return {};
  }

  // False: each of them has had its last attempt.
  bool begin_to_show(const std::vector<SubtaskSeed>& seeds) {
    bool any = false;
    for (const SubtaskSeed& seed : seeds) {
      SubtaskState& subtask = *find(seed.id);
      if (subtask.attempts >= kMaxAttempts) continue;
      if (subtask.phase == SubtaskPhase::done) move(subtask, SubtaskPhase::waiting);
      any = true;
    }
    if (!any) return false;
    state_.criteria_open = 0;
    state_.phase = TaskPhase::running;
    start_ready();
    return true;
  }

  Why on(const event::RoundGreen& e) {
    if (!in(TaskPhase::verifying) || waits_for_criteria()) return not_now("A verdict");
    const bool shows_more = e.weakened.empty() && e.criteria_open > 0;
    if (Why cannot = shows_more ? join(e.to_show) : Why(); !cannot.empty()) return cannot;
    state_.required_gate_failed = state_.known_failures = e.known;
    state_.accepted = false;
    state_.has_result = true;
    if (!e.weakened.empty()) {
      escalate(EscalationReason::weakened, those_done(e.weakened));
      return {};
    }
    state_.criteria_open = std::max(0, e.criteria_open);
    if (shows_more && begin_to_show(e.to_show)) return {};
    if (state_.criteria_open == 0) state_.phase = TaskPhase::verified;
    return {};
  }

  Why on(const event::RoundRed& e) {
    if (!in(TaskPhase::verifying) || waits_for_criteria()) return not_now("A verdict");
    state_.required_gate_failed = state_.has_result = true;
    state_.accepted = state_.known_failures = false;
    const auto blamed = those_done(e.blamed);
    if (++state_.red_rounds >= kMaxRounds || blamed.empty()) {
      escalate(EscalationReason::rounds, blamed);
    } else {
      try_again(blamed);
    }
    return {};
  }

  Why on(const event::CriterionWaved&) {
    if (!waits_for_criteria()) return "No criterion waits to be waved through.";
    if (--state_.criteria_open == 0) state_.phase = TaskPhase::verified;
    return {};
  }

  Why on(const event::SentBack& e) {
    if (!waits_for_criteria() && !in(TaskPhase::verified)) return not_now("Sending back");
    auto ids = those_done(e.subtasks);
    if (ids.empty()) ids = all_done();
    for (const std::string& id : ids) find(id)->attempts = 0;
    state_.red_rounds = state_.faults = state_.criteria_open = 0;
    try_again(ids);
    return {};
  }

  Why on(const event::LandRequested&) {
    if (!in(TaskPhase::verified)) return not_now("Landing");
    state_.phase = TaskPhase::landing;
    ask(EffectKind::land);
    return {};
  }

  Why on(const event::Landed& e) {
    if (!in(TaskPhase::landing)) return not_now("The end of a landing");
    end(TaskPhase::landed);
    if (e.publish) ask(EffectKind::publish);
    return {};
  }

  Why on(const event::PublishRequested&) {
    if (!in(TaskPhase::landed)) return not_now("A pull request");
    ask(EffectKind::publish);
    return {};
  }

  Why on(const event::Published&) {
    if (!in(TaskPhase::landed)) return not_now("The end of a publication");
    state_.published = true;
    return {};
  }

  Why on(const event::LandFailed&) {
    if (!in(TaskPhase::landing)) return not_now("The end of a landing");
    escalate(EscalationReason::blocker, {});
    return {};
  }

  Why on(const event::ApplyRequested&) {
    if (!in(TaskPhase::verified)) return not_now("Applying");
    ask(EffectKind::apply);
    return {};
  }

  Why on(const event::Applied&) { return in(TaskPhase::verified) ? end(TaskPhase::applied) : not_now("The end of an apply"); }

  Why on(const event::Escalated& e) {
    if (in(TaskPhase::landing) || in(TaskPhase::escalated_to_human)) return not_now("An escalation");
    if (e.reason == EscalationReason::security) stop_attempts();
    escalate(e.reason, {});
    return {};
  }

  // They have not failed: their attempts do not count.
  void stop_attempts() {
    bool any = false;
    for (auto& [id, subtask] : state_.subtasks) {
      if (!is_active(subtask)) continue;
      move(subtask, SubtaskPhase::waiting);
      --subtask.attempts;
      any = true;
    }
    if (any) ask(EffectKind::stop_attempts);
  }

  Why on(const event::Retried&) {
    if (!in(TaskPhase::escalated_to_human)) return not_now("A retry");
    const bool nobody_blamed = state_.blamed.empty() && state_.stopped_in == TaskPhase::verifying;
    resume(nobody_blamed ? all_done() : state_.blamed);
    return {};
  }

  Why on(const event::AcceptedByHuman&) {
    if (!in(TaskPhase::escalated_to_human)) return not_now("Accepting in spite of a failure");
    if (!state_.has_result) return "There is no result yet that could be accepted; answer, retry with a hint, or cancel.";
    stop_attempts();
    state_.accepted = true;
    state_.red_rounds = state_.faults = 0;
    state_.escalation.reset();
    state_.stopped_in.reset();
    state_.blamed.clear();
    state_.criteria_open = 0;
    state_.phase = TaskPhase::verified;  // how it ends is what was asked for
    return {};
  }

  Why on(const event::HandedIn& e) {
    SubtaskState* subtask = find(e.subtask);
    if (!in(TaskPhase::escalated_to_human) || !subtask) return not_now("Work that was taken over");
    if (is_active(*subtask)) return "An attempt at " + e.subtask + " is under way; cancel it or wait for it.";
    move(*subtask, SubtaskPhase::done);
    if (state_.stopped_in != TaskPhase::planned) state_.stopped_in = TaskPhase::running;  // what was judged before lacks this work
    auto& blamed = state_.blamed;
    blamed.erase(std::remove(blamed.begin(), blamed.end(), e.subtask), blamed.end());
    resume(blamed);
    return {};
  }

  Why on(const event::Cancelled&) {
    if (in(TaskPhase::landing)) return "It is landing at this moment; wait for the end.";
    stop_attempts();
    return end(TaskPhase::cancelled);
  }

  Why on(const event::GivenUp&) {
    if (!in(TaskPhase::escalated_to_human)) return not_now("Giving up");
    stop_attempts();
    return end(TaskPhase::failed);
  }

  Why on(const event::Reopened&) {
    if (!in(TaskPhase::landed)) return not_now("Reopening");
    TaskState anew;
    anew.effects = state_.effects;
    anew.escalations = state_.escalations;
    anew.published = state_.published;
    state_ = std::move(anew);
    ask(EffectKind::make_plan);
    return {};
  }

  Why end(TaskPhase phase) {
    state_.phase = phase;
    state_.escalation.reset();
    state_.stopped_in.reset();
    state_.trust_missing = state_.question_open = false;
    ask(EffectKind::clean_up);
    return {};
  }

  TaskState& state_;
  std::vector<TaskEffect>& effects_;
};

}  // namespace

std::string_view to_string(TaskPhase phase) { return word(kPhases, phase); }
std::string_view to_string(TaskWait wait) { return word(kWaits, wait); }
std::string_view to_string(EscalationReason reason) { return word(kReasons, reason); }
std::string_view to_string(SubtaskPhase phase) { return word(kSubtaskPhases, phase); }
std::string_view to_string(EffectKind kind) { return word(kEffects, kind); }
std::string_view name_of(const TaskEvent& event) { return kEvents[event.index()]; }

bool is_over(TaskPhase phase) {
  return phase == TaskPhase::landed || phase == TaskPhase::applied || phase == TaskPhase::cancelled || phase == TaskPhase::failed;
}

std::string advance_task(TaskState& state, const TaskEvent& event, std::vector<TaskEffect>& effects) { return Stepper(state, effects).take(event); }

TaskStep step_task(const TaskState& state, const TaskEvent& event) {
  TaskStep step{state, {}, {}};
  step.refusal = advance_task(step.state, event, step.effects);
  return step;
}

}  // namespace baton
