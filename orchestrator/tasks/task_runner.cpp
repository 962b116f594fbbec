#include "orchestrator/tasks/task_runner.h"

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>
#include <set>

#include "orchestrator/accepted.h"
#include "orchestrator/tasks/task_texts.h"
#include "orchestrator/tasks/untested_fix.h"
#include "support/fault_point.h"
#include "support/files.h"
#include "support/log.h"

namespace baton {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr auto kLook = 200ms;  // how soon what another process wrote to the journal is seen
constexpr const char* kSelf = "baton";

// What a level of autonomy may do unasked.
int rank(std::string_view level) {
  constexpr std::string_view kLevels[] = {"plan", "run", "apply", "branch", "draft-pr"};
  const auto found = std::find(std::begin(kLevels), std::end(kLevels), level);
  return found == std::end(kLevels) ? 0 : static_cast<int>(found - std::begin(kLevels));
}

std::string level_of(const std::map<std::string, std::string>& levels, const TaskRecord& record) {
  const auto found = levels.find(record.plan ? std::string(to_string(record.plan->workflow)) : "");
  return found == levels.end() ? "plan" : found->second;
}

// What is done on top of the others waits for them; of several of that kind the first of the plan goes first.
bool others_have_ended(const TaskRecord& record, const std::string& subtask) {
  if (!record.plan) return true;
  bool earlier = true;
  for (const PlannedSubtask& part : record.plan->subtasks) {
    if (part.id == subtask) earlier = false;
    const auto other = record.state.subtasks.find(part.id);
    if (part.id == subtask || other == record.state.subtasks.end()) continue;
    const bool active = other->second.phase == SubtaskPhase::queued || other->second.phase == SubtaskPhase::running;
    if (active && (earlier || !record.given_back.contains(part.id))) return false;
  }
  return true;
}

// Why a human looks at it before it is more than a branch; empty where nothing asks for that.
std::string looked_at_first(const TaskRecord& record) {
  const VerifyReport* verdict = record.verdict();
  if (!verdict) return {};
  if (record.round->untested_fix || (record.landing && record.landing->untested_fix)) return kUntestedFix;
  const auto& tests = verdict->tests;
  const auto unstable = std::count_if(tests.begin(), tests.end(), [](const TestVerdict& test) { return test.status == TestStatus::newly_unstable && !is_accepted(test); });
  return unstable == 0 ? "" : std::to_string(unstable) + (unstable == 1 ? " test that always passed now fails" : " tests that always passed now fail") + " sometimes.";
}

bool changed_nothing(const TaskRecord& record) {
  const auto& report = record.round ? record.round->report : std::optional<VerifyReport>();
  return report && report->head.tree == report->base.tree;
}

}  // namespace

void Slots::use(int slots) {
  const std::lock_guard guard(mutex_);
  slots_ = std::max(1, slots);
}

bool Slots::try_take() {
  const std::lock_guard guard(mutex_);
  if (taken_ >= slots_) return false;
  ++taken_;
  return true;
}

int Slots::free() {
  const std::lock_guard guard(mutex_);
  return std::max(0, slots_ - taken_);
}

void Slots::give() {
  const std::lock_guard guard(mutex_);
  --taken_;
}

Result<TaskRecord> TaskRunner::drive(const std::string& id, std::stop_token stop) {
  auto record = book_.record(id);
  if (!record) return record;
  auto lock = wait_for_lock(*record, stop);
  if (!lock) return lock.error();
  if (*lock) {
    const Status worked = work(*record, stop);
    leave_nothing_running();
    if (auto written = write_documents(*record, ground_.state); !written) log(LogLevel::warning, written.error().message);
    if (!worked) return worked.error();
  }
  return record;
}

void TaskRunner::leave_nothing_running() {
  for (const auto& flight : flights_) {
    flight->stop.request_stop();
    flight->thread.join();
    if (flight->slot) slots_.give();
  }
  flights_.clear();
}

// Empty: another drives it and has come to an end, or goes on and nobody wants to wait.
Result<std::optional<FileLock>> TaskRunner::wait_for_lock(TaskRecord& record, std::stop_token stop) {
  const auto folder = task_folder(ground_.state, record.id);
  if (auto made = make_folder(folder); !made) return made.error();
  while (true) {
    auto lock = FileLock::try_acquire(folder / "task.lock");
    if (auto read = book_.refresh(record); !read) return read.error();
    if (lock) return std::optional<FileLock>(std::move(*lock));
    if (lock.error().kind != ErrorKind::precondition) return lock.error();
    if (!options_.take_over || stop.stop_requested()) return std::optional<FileLock>();
    announce(record);
    std::this_thread::sleep_for(kLook / 4);
  }
}

Status TaskRunner::work(TaskRecord& record, std::stop_token stop) {
  const std::stop_callback wake(stop, [this] { changed_.notify_all(); });
  if (record.parked) {
    if (auto noted = book_.note(record, {{"parked", false}}, {}, kSelf); !noted) return noted;
  }
  while (true) {
    if (auto read = book_.refresh(record); !read) return read;
    announce(record);
    if (auto settled = settle_finished(record); !settled) return settled;
    announce(record);
    if (stop.stop_requested()) return park(record);
    drop_void(record);
    if (auto launched = launch(record); !launched) return launched;
    if (flights_.empty()) {
      const bool waits_for_slot = !halted_ && std::any_of(record.pending.begin(), record.pending.end(), [&](const TaskEffect& e) { return may_start(record, e); });
      if (!waits_for_slot) {
        const auto more = halted_ ? Result<bool>(false) : go_on_by_policy(record);
        if (!more) return more.error();
        if (!*more && flights_.empty()) return done();
        continue;
      }
    }
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kLook, [&] {
      return stop.stop_requested() || std::any_of(flights_.begin(), flights_.end(), [](const auto& flight) { return flight->outcome.has_value(); });
    });
  }
}

Status TaskRunner::settle_finished(TaskRecord& record) {
  while (true) {
    std::unique_ptr<Flight> finished;
    {
      const std::lock_guard guard(mutex_);
      const auto found = std::find_if(flights_.begin(), flights_.end(), [](const auto& flight) { return flight->outcome.has_value(); });
      if (found == flights_.end()) return done();
      finished = std::move(*found);
      flights_.erase(found);
    }
    finished->thread.join();
    if (finished->slot) slots_.give();
    if (auto settled = settle(record, *finished); !settled) return settled;
  }
}

Status TaskRunner::settle(TaskRecord& record, Flight& flight) {
  Outcome& outcome = *flight.outcome;
  if (flight.effect.key.empty()) {  // asked by policy, not by the state
    if (outcome.keep) halted_ = !flight.stop.stop_requested();
    else if (auto noted = book_.note(record, *outcome.facts, {}, kSelf); !noted) return noted;
    if (outcome.event) {
      if (auto told = book_.tell(record, *outcome.event, *outcome.facts, {}, kSelf); !told && told.error().kind != ErrorKind::precondition) return told;
    }
  } else if (!record.is_pending(flight.effect.key)) {
    return done();  // nobody wants it any more
  } else if (outcome.keep && !outcome.event) {
    halted_ = halted_ || !flight.stop.stop_requested();
  } else {
    std::vector<std::string> finished;
    if (!outcome.keep) finished.push_back(flight.effect.key);
    Status told = outcome.event ? book_.tell(record, *outcome.event, *outcome.facts, finished, kSelf) : book_.note(record, *outcome.facts, finished, kSelf);
    if (!told && told.error().kind == ErrorKind::precondition) {  // the task has gone another way meanwhile
      log(LogLevel::info, told.error().message);
      told = book_.note(record, json::object(), finished, kSelf);
    }
    if (!told) return told;
  }
  if (!outcome.message.empty()) {
    json event = task_event_json(record, to_string(flight.effect.kind), outcome.message);
    if (!flight.effect.subtask.empty()) event["subtask"] = flight.effect.subtask;
    if (flight.effect.kind == EffectKind::verify && record.round && record.round->report && outcome.facts->contains("round")) event["report"] = to_json(*record.round->report);
    emit(event);
  }
  return done();
}

void TaskRunner::drop_void(const TaskRecord& record) {
  const std::lock_guard guard(mutex_);
  for (const auto& flight : flights_) {
    if (flight->effect.key.empty() ? is_over(record.state.phase) : !record.is_pending(flight->effect.key)) flight->stop.request_stop();
  }
}

bool TaskRunner::may_start(const TaskRecord& record, const TaskEffect& effect) const {
  if (effect.kind != EffectKind::start_attempt) return false;
  if (record.state.phase != TaskPhase::running || record.state.trust_missing) return false;
  if (!record.question.empty() && record.question_subtask == effect.subtask) return false;
  return !record.given_back.contains(effect.subtask) || others_have_ended(record, effect.subtask);
}

// What is to be done and is not under way, oldest first; of attempts as many as there are slots.
std::vector<TaskEffect> TaskRunner::ready(const TaskRecord& record) {
  std::set<std::string_view> in_flight;
  for (const auto& flight : flights_) in_flight.insert(flight->effect.key);
  int slots = slots_.free();
  std::vector<TaskEffect> effects;
  for (const TaskEffect& effect : record.pending) {
    const bool attempt = effect.kind == EffectKind::start_attempt;
    if (attempt && slots == 0) continue;
    if (in_flight.contains(effect.key) || (attempt && !may_start(record, effect))) continue;
    if (attempt) --slots;
    effects.push_back(effect);
  }
  return effects;
}

// For effects that are under way or have to come first.
bool TaskRunner::waits(const TaskRecord& record, const TaskEffect& effect) const {
  const auto flies = [&](EffectKind kind) { return std::any_of(flights_.begin(), flights_.end(), [&](const auto& flight) { return flight->effect.kind == kind; }); };
  switch (effect.kind) {
    case EffectKind::stop_attempts: return flies(EffectKind::start_attempt);
    case EffectKind::clean_up: return !flights_.empty();  // what stands in the work trees is looked at when nobody works there any more
    case EffectKind::comment:  // says what the human's record says, one after the other
      return flies(EffectKind::comment) || std::any_of(record.pending.begin(), record.pending.end(), [](const auto& other) { return other.kind == EffectKind::notify_human; });
    default: return false;
  }
}

Status TaskRunner::launch(TaskRecord& record) {
  if (halted_) return done();
  for (const TaskEffect& effect : ready(record)) {
    if (effect.kind != EffectKind::start_attempt) {
      if (!waits(record, effect)) fly(record, effect, false);
      continue;
    }
    if (!may_start(record, effect) || !slots_.try_take()) continue;
    const auto subtask = record.state.subtasks.find(effect.subtask);
    if (subtask != record.state.subtasks.end() && subtask->second.phase == SubtaskPhase::queued) {
      json facts = {{"key", effect.key}, {"attempt", record.attempt_number(effect.subtask)}};
      if (auto told = book_.tell(record, event::AttemptStarted{effect.subtask}, std::move(facts), {}, kSelf); !told) {
        slots_.give();
        return told;
      }
      json event = task_event_json(record, "attempt", "attempt " + std::to_string(record.attempt_number(effect.subtask)) + " at " + effect.subtask + " begins");
      event["subtask"] = effect.subtask;
      emit(event);
    }
    fly(record, effect, true);
  }
  return done();
}

void TaskRunner::fly(const TaskRecord& whole, const TaskEffect& effect, bool slot) {
  auto flight = std::make_unique<Flight>();
  flight->effect = effect;
  flight->slot = slot;
  Flight& self = *flight;
  const std::lock_guard guard(mutex_);
  flights_.push_back(std::move(flight));
  const bool attempt = effect.kind == EffectKind::start_attempt;
  self.thread = std::jthread([this, &self, record = std::make_unique<const TaskRecord>(attempt ? for_attempt(whole, effect.subtask) : whole)] {
    const std::string name(to_string(self.effect.kind));
    std::atomic<bool> went_on = false;
    const ProgressSink sink = [&](const Progress& progress) {
      if (!went_on.exchange(true)) fault_point("during " + name);
      json event = task_event_json(*record, "progress", progress.message);
      event["stage"] = progress.stage;
      if (!self.effect.subtask.empty()) event["subtask"] = self.effect.subtask;
      if (progress.total > 0) event["done"] = progress.done, event["total"] = progress.total;
      emit(event);
    };
    fault_point("before effect " + name);
    Outcome outcome = self.effect.key.empty() ? prepare_to_land(*record, ground_, sink, self.stop.get_token())
                                              : perform_effect(*record, self.effect, ground_, sink, self.stop.get_token());
    fault_point("after effect " + name);
    const std::lock_guard finished(mutex_);
    self.outcome = std::move(outcome);
    changed_.notify_all();
  });
}

// What may happen without another word. True: something was told or begun.
Result<bool> TaskRunner::go_on_by_policy(TaskRecord& record) {
  const TaskState& state = record.state;
  if (state.trust_missing || options_.plan_only) return false;
  if (state.phase == TaskPhase::planned && !state.approved) {
    const bool may = record.wishes.yes || rank(level_of(options_.levels, record)) >= rank("run");
    if (!may || record.base.empty()) return false;
    const std::string by = record.wishes.yes ? "--yes" : "autonomy: " + level_of(options_.levels, record);
    if (auto told = book_.tell(record, event::Approved{}, {{"approved_by", by}}, {}, kSelf); !told) return told.error();
    return true;
  }
  if (state.phase == TaskPhase::verified) return go_on_to_land(record);
  return false;
}

Result<bool> TaskRunner::go_on_to_land(TaskRecord& record) {
  LandMode mode = record.wishes.land;
  if (mode == LandMode::none || !record.trouble.empty()) return false;
  if (changed_nothing(record)) {
    if (auto noted = book_.note(record, {{"trouble", "Nothing is left that could land: the result is what was there before."}}, {}, kSelf); !noted) return noted.error();
    return false;
  }
  const bool asked = record.wishes.land_given || (!record.approved_by.empty() && !record.approved_by.starts_with("autonomy"));
  const bool shown = record.verdict() && record.verdict()->verdict == Verdict::verified;
  const int level = rank(level_of(options_.levels, record));
  if (mode == LandMode::branch && !record.wishes.land_given && shown && level >= rank("draft-pr")) mode = LandMode::draft_pr;
  json facts = json::object();
  if (const std::string why = looked_at_first(record); mode == LandMode::draft_pr && !why.empty()) {
    mode = LandMode::branch;
    facts["note"] = why + " So it landed as a branch: look at it, then `baton pr` makes the pull request.";
  }
  const bool unasked = shown && level >= rank(to_string(mode));
  if (!asked && !unasked) return false;
  if (leaves_edits(record)) return false;
  if (mode == LandMode::apply) {
    if (auto told = book_.tell(record, event::ApplyRequested{}, json::object(), {}, kSelf); !told) return told.error();
    return true;
  }
  if (!record.landing) {
    fly(record, {EffectKind::land, "", ""}, false);
    return true;
  }
  if (!record.landing->only_apply.empty()) return false;
  if (mode != record.wishes.land) facts["land"] = to_string(mode);
  if (auto told = book_.tell(record, event::LandRequested{}, std::move(facts), {}, kSelf); !told) return told.error();
  return true;
}

bool TaskRunner::leaves_edits(const TaskRecord& record) const {
  return options_.takes_edits && !options_.plan_only && record.state.phase == TaskPhase::verified && record.wishes.land == LandMode::apply && record.trouble.empty();
}

// Stopped by hand: what runs is stopped and stays to be done. Written down first, since who stops us may not wait for the rest.
Status TaskRunner::park(TaskRecord& record) {
  Status noted = done();
  if (!is_over(record.state.phase) && (!record.pending.empty() || !flights_.empty())) noted = book_.note(record, {{"parked", true}}, {}, kSelf);
  {
    const std::lock_guard guard(mutex_);
    for (const auto& flight : flights_) flight->stop.request_stop();
  }
  while (true) {
    if (auto settled = settle_finished(record); !settled) return settled;
    std::unique_lock lock(mutex_);
    if (flights_.empty()) return noted;
    changed_.wait(lock, [&] { return std::any_of(flights_.begin(), flights_.end(), [](const auto& flight) { return flight->outcome.has_value(); }); });
  }
}

void TaskRunner::announce(const TaskRecord& record) {
  const std::string state = std::string(to_string(record.state.phase)) + "/" + std::string(to_string(record.state.wait));
  if (record.plan && record.state.phase == TaskPhase::planned) {
    const json plan = to_json(*record.plan);
    if (std::string text = plan.dump(-1, ' ', false, json::error_handler_t::replace); text != told_plan_) {
      told_plan_ = std::move(text);
      json event = task_event_json(record, "plan", record.plan->reason);
      event["plan"] = plan;
      event["agents"] = record.agents;
      event["budget"] = to_json(record.outlook);
      emit(event);
    }
  }
  if (state != told_state_) {
    told_state_ = state;
    if (auto written = write_documents(record, ground_.state); !written) log(LogLevel::warning, written.error().message);
    // What follows from a verdict is told when it is known.
    json event = task_event_json(record, "state", record.state.phase == TaskPhase::verified ? (record.state.accepted ? "The result is accepted." : "The result is verified.") : state_sentence(record));
    event["title"] = record.wishes.title;
    event["document"] = (task_folder(ground_.state, record.id) / "task.md").string();
    emit(event);
  }
  const std::string escalation = record.escalation ? record.escalation->id : "";
  if (escalation != told_escalation_) {
    told_escalation_ = escalation;
    if (!record.escalation) return;
    if (auto written = write_documents(record, ground_.state); !written) log(LogLevel::warning, written.error().message);  // stored before it is shown
    json event = task_event_json(record, "escalation", record.escalation->message);
    event["escalation"] = to_json(*record.escalation);
    event["document"] = (task_folder(ground_.state, record.id) / "task.md").string();
    emit(event);
  }
}

void TaskRunner::emit(const json& event) {
  const std::lock_guard guard(emitting_);
  if (events_) events_(event);
}

}  // namespace baton
