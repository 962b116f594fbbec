#include "orchestrator/tasks/task_record.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/json_fields.h"
#include "orchestrator/tasks/task_facts.h"
#include "support/json.h"

namespace baton {
namespace {

using nlohmann::json;

// What the phase that is reached has no use for any more.
bool is_void(const TaskEffect& effect, const TaskState& state, bool attempts_stopped) {
  using enum EffectKind;
  const bool over = is_over(state.phase);
  switch (effect.kind) {
    case start_attempt: return attempts_stopped || over;
    case integrate: return over || state.phase != TaskPhase::integrating;
    case verify: return over || state.phase != TaskPhase::verifying;
    case land: return over || state.phase != TaskPhase::landing;
    case apply: return over || state.phase != TaskPhase::verified;
    case make_plan: return over || state.phase != TaskPhase::drafted;
    case deliver_answer: return over;
    case notify_human: return over;
    case stop_attempts:
    case clean_up: return false;
  }
  return false;
}

json body_of(const TaskState& state, json fields, json facts, const std::vector<TaskEffect>& effects, std::vector<std::string> done) {
  json asked = json::array();
  for (const TaskEffect& effect : effects) asked.push_back(to_json(effect));
  json body = {{"fields", std::move(fields)}, {"phase", to_string(state.phase)}, {"wait", to_string(state.wait)}};
  if (!facts.empty()) body["facts"] = std::move(facts);
  if (!asked.empty()) body["effects"] = std::move(asked);
  if (!done.empty()) body["done"] = std::move(done);
  return body;
}

Event event_of(const std::string& task, std::string_view kind, const json& body, std::string_view actor) {
  Event event;
  event.task = task;
  event.kind = kind;
  event.body = dump_json(body);
  event.actor = actor;
  if (const auto fields = body.find("fields"); fields != body.end()) event.subtask = fields->value("subtask", "");
  return event;
}

}  // namespace

std::string_view to_string(LandMode mode) {
  switch (mode) {
    case LandMode::branch: return "branch";
    case LandMode::apply: return "apply";
    case LandMode::none: return "none";
  }
  return "";
}

bool TaskRecord::is_pending(std::string_view key) const {
  return std::any_of(pending.begin(), pending.end(), [&](const TaskEffect& effect) { return effect.key == key; });
}

const PlannedSubtask* TaskRecord::part(std::string_view subtask) const {
  if (!plan) return nullptr;
  const auto found = std::find_if(plan->subtasks.begin(), plan->subtasks.end(), [&](const auto& part) { return part.id == subtask; });
  return found == plan->subtasks.end() ? nullptr : &*found;
}

int TaskRecord::attempt_number(const std::string& subtask) const {
  const auto found = state.subtasks.find(subtask);
  return found == state.subtasks.end() ? 1 : std::max(1, found->second.attempts);
}

void take(TaskRecord& record, const Event& event) {
  const auto parsed = parse_json(event.body.empty() ? "{}" : event.body);
  if (!parsed || !parsed->is_object()) return;
  const json& body = *parsed;
  const json facts = body.value("facts", json::object());
  record.seq = event.seq;
  record.updated_ms = event.unix_ms;
  if (event.kind == kTaskDrafted) {
    record.id = event.task;
    record.created_ms = event.unix_ms;
  }
  std::optional<TaskEvent> known = task_event(event.kind, body.value("fields", json::object()));
  if (known) {
    std::vector<TaskEffect> effects;  // as the body has them
    (void)advance_task(record.state, *known, effects);
  }
  for (const json& asked : body.value("effects", json::array())) {
    if (auto effect = task_effect(asked)) record.pending.push_back(std::move(*effect));
  }
  for (const json& done : body.value("done", json::array())) {
    if (done.is_string()) std::erase_if(record.pending, [&](const TaskEffect& effect) { return effect.key == done.get_ref<const std::string&>(); });
  }
  if (known) take_facts(record, *known, facts);
  take_notes(record, facts);
}

TaskRecord replay(const std::vector<Event>& events) {
  TaskRecord record;
  for (const Event& event : events) take(record, event);
  return record;
}

std::optional<Event> make_event(const TaskRecord& record, const TaskEvent& event, json facts, std::vector<std::string> done,
                                std::string_view actor, std::string& refusal) {
  const TaskStep step = step_task(record.state, event);
  refusal = step.refusal;
  if (!refusal.empty()) return std::nullopt;
  const bool stopped = std::any_of(step.effects.begin(), step.effects.end(), [](const auto& effect) { return effect.kind == EffectKind::stop_attempts; });
  for (const TaskEffect& effect : record.pending) {
    if (is_void(effect, step.state, stopped)) done.push_back(effect.key);
  }
  std::sort(done.begin(), done.end());
  done.erase(std::unique(done.begin(), done.end()), done.end());
  return event_of(record.id, name_of(event), body_of(step.state, fields_of(event), std::move(facts), step.effects, std::move(done)), actor);
}

Event make_note(const TaskRecord& record, json facts, std::vector<std::string> done, std::string_view actor) {
  return event_of(record.id, kTaskNoted, body_of(record.state, json::object(), std::move(facts), {}, std::move(done)), actor);
}

Event make_draft(const std::string& id, const TaskWishes& wishes, const std::string& head, const std::string& base) {
  json facts = to_json(wishes);
  facts["head"] = head;
  facts["base"] = base;
  return event_of(id, kTaskDrafted, body_of(TaskState{}, json::object(), std::move(facts), {{EffectKind::make_plan, "", "make_plan/0"}}, {}), wishes.actor);
}

}  // namespace baton
