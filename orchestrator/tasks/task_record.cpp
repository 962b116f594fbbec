#include "orchestrator/tasks/task_record.h"

#include <algorithm>
#include <charconv>
#include <set>
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
    case publish:
    case comment:
    case clean_up: return false;
  }
  return false;
}

int number_of(std::string_view key) {
  int number = 0;
  const std::string_view digits = key.substr(key.rfind('/') + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

std::deque<TaskEffect>::const_iterator find_effect(const std::deque<TaskEffect>& pending, std::string_view key) {
  const auto at = std::lower_bound(pending.begin(), pending.end(), number_of(key), [](const TaskEffect& effect, int number) { return number_of(effect.key) < number; });
  return at != pending.end() && at->key == key ? at : pending.end();
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
    case LandMode::draft_pr: return "draft-pr";
  }
  return "";
}

bool TaskRecord::is_pending(std::string_view key) const { return find_effect(pending, key) != pending.end(); }

const VerifyReport* TaskRecord::verdict() const {
  if (landing && landing->report && landing->only_apply.empty()) return &*landing->report;
  return round && round->report ? &*round->report : nullptr;
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

TaskRecord for_attempt(const TaskRecord& record, const std::string& subtask) {
  TaskRecord part;
  part.id = record.id;
  part.seq = record.seq;
  part.created_ms = record.created_ms;
  part.updated_ms = record.updated_ms;
  part.state.phase = record.state.phase;
  part.state.wait = record.state.wait;
  part.wishes = record.wishes;
  part.head = record.head;
  part.base = record.base;
  std::vector<std::string> open = {subtask};
  if (record.given_back.contains(subtask)) {
    part.given_back.insert(subtask);
    for (const auto& [id, any] : record.state.subtasks) open.push_back(id);
  }
  while (!open.empty()) {  // itself and all that it starts from
    const std::string id = std::move(open.back());
    open.pop_back();
    const auto known = record.state.subtasks.find(id);
    if (known == record.state.subtasks.end() || !part.state.subtasks.insert(*known).second) continue;
    open.insert(open.end(), known->second.after.begin(), known->second.after.end());
    if (const auto brought = record.contributions.find(id); brought != record.contributions.end()) part.contributions.insert(*brought);
  }
  if (record.plan) {
    part.plan.emplace();
    part.plan->title = record.plan->title;
    part.plan->text = record.plan->text;
    part.plan->workflow = record.plan->workflow;
    for (const PlannedSubtask& planned : record.plan->subtasks) {
      if (part.state.subtasks.contains(planned.id)) part.plan->subtasks.push_back(planned);
    }
    std::set<std::string> wanted;
    if (const PlannedSubtask* own = part.part(subtask)) wanted.insert(own->criteria.begin(), own->criteria.end());
    for (const Criterion& criterion : record.plan->criteria) {
      if (wanted.contains(criterion.id)) part.plan->criteria.push_back(criterion);
    }
  }
  for (const AttemptRecord& attempt : record.attempts) {
    if (attempt.subtask == subtask) part.attempts.push_back(attempt);
  }
  for (const auto& id : {std::string(), subtask}) {
    if (const auto hint = record.hints.find(id); hint != record.hints.end()) part.hints.insert(*hint);
  }
  if (const auto said = record.feedback.find(subtask); said != record.feedback.end()) part.feedback.insert(*said);
  return part;
}

void take(TaskRecord& record, const Event& event, bool went_on) {
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
  if (known && !went_on) {
    std::vector<TaskEffect> effects;  // as the body has them
    (void)advance_task(record.state, *known, effects);
  }
  for (const json& asked : body.value("effects", json::array())) {
    if (auto effect = task_effect(asked)) record.pending.push_back(std::move(*effect));
  }
  for (const json& done : body.value("done", json::array())) {
    if (!done.is_string()) continue;
    if (const auto at = find_effect(record.pending, done.get_ref<const std::string&>()); at != record.pending.end()) record.pending.erase(at);
  }
  if (known) take_facts(record, *known, facts);
  take_notes(record, facts);
}

TaskRecord replay(const std::vector<Event>& events) {
  TaskRecord record;
  for (const Event& event : events) take(record, event);
  return record;
}

std::optional<Event> make_event(TaskRecord& record, const TaskEvent& event, json facts, std::vector<std::string> done,
                                std::string_view actor, std::string& refusal) {
  std::vector<TaskEffect> effects;
  refusal = advance_task(record.state, event, effects);
  if (!refusal.empty()) return std::nullopt;
  const bool stopped = std::any_of(effects.begin(), effects.end(), [](const auto& effect) { return effect.kind == EffectKind::stop_attempts; });
  for (const TaskEffect& effect : record.pending) {
    if (is_void(effect, record.state, stopped)) done.push_back(effect.key);
  }
  std::sort(done.begin(), done.end());
  done.erase(std::unique(done.begin(), done.end()), done.end());
  return event_of(record.id, name_of(event), body_of(record.state, fields_of(event), std::move(facts), effects, std::move(done)), actor);
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
