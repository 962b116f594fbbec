#include "orchestrator/tasks/task_events.h"

#include <nlohmann/json.hpp>
#include <type_traits>

#include "orchestrator/json_fields.h"

namespace baton {
namespace {

using nlohmann::json;
using Texts = std::vector<std::string>;

template <std::size_t... I>
std::optional<TaskEvent> named(std::string_view kind, std::index_sequence<I...>) {
  std::optional<TaskEvent> found;
  const auto look = [&](TaskEvent candidate) {
    if (!found && name_of(candidate) == kind) found = std::move(candidate);
  };
  (look(TaskEvent(std::in_place_index<I>)), ...);
  return found;
}

json seeds_json(const std::vector<SubtaskSeed>& seeds) {
  json all = json::array();
  for (const SubtaskSeed& seed : seeds) all.push_back({{"id", seed.id}, {"after", seed.after}});
  return all;
}

std::vector<SubtaskSeed> seeds_from(JsonFields& reader, const json& fields, const char* name) {
  std::vector<SubtaskSeed> seeds;
  for (const json& seed : reader.list(fields, name)) seeds.push_back({reader.text(seed, "id"), reader.texts(seed, "after")});
  return seeds;
}

std::optional<EffectKind> effect_kind(const std::string& word) {
  using enum EffectKind;
  return enum_named(word, {make_plan, start_attempt, integrate, verify, land, apply, deliver_answer, notify_human, stop_attempts, clean_up, publish, comment});
}

}  // namespace

json fields_of(const TaskEvent& event) {
  return std::visit(
      [](const auto& e) {
        json fields = json::object();
        if constexpr (requires { e.subtask; }) fields["subtask"] = e.subtask;
        if constexpr (requires { e.blamed; }) fields["blamed"] = e.blamed;
        if constexpr (requires { e.criteria_open; }) fields["criteria_open"] = e.criteria_open;
        if constexpr (requires { e.known; }) fields["known"] = e.known;
        if constexpr (requires { e.weakened; }) fields["weakened"] = e.weakened;
        if constexpr (requires { e.to_show; }) {
          if (!e.to_show.empty()) fields["to_show"] = seeds_json(e.to_show);
        }
        if constexpr (requires { e.publish; }) fields["publish"] = e.publish;
        if constexpr (requires { e.reason; }) fields["reason"] = to_string(e.reason);
        if constexpr (std::is_same_v<std::decay_t<decltype(e)>, event::PlanMade>) {
          fields["subtasks"] = seeds_json(e.subtasks);
        } else if constexpr (requires { e.subtasks; }) {
          fields["subtasks"] = e.subtasks;
        }
        return fields;
      },
      event);
}

std::optional<TaskEvent> task_event(std::string_view kind, const json& fields) {
  auto found = named(kind, std::make_index_sequence<std::variant_size_v<TaskEvent>>());
  if (!found) return found;
  JsonFields reader("an event of a task");
  std::visit(
      [&](auto& e) {
        if constexpr (requires { e.subtask; }) e.subtask = reader.text(fields, "subtask");
        if constexpr (requires { e.blamed; }) e.blamed = reader.texts(fields, "blamed");
        if constexpr (requires { e.criteria_open; }) e.criteria_open = reader.integer(fields, "criteria_open");
        if constexpr (requires { e.known; }) e.known = reader.flag(fields, "known");
        if constexpr (requires { e.weakened; }) e.weakened = reader.texts(fields, "weakened");
        if constexpr (requires { e.to_show; }) e.to_show = seeds_from(reader, fields, "to_show");
        if constexpr (requires { e.publish; }) e.publish = reader.flag(fields, "publish");
        if constexpr (requires { e.reason; }) {
          using enum EscalationReason;
          e.reason = reader.word(fields, "reason", {attempts, rounds, ambiguous, blocker, security, architecture, conflict, weakened});
        }
        if constexpr (std::is_same_v<std::decay_t<decltype(e)>, event::PlanMade>) {
          e.subtasks = seeds_from(reader, fields, "subtasks");
        } else if constexpr (requires { e.subtasks; }) {
          e.subtasks = reader.texts(fields, "subtasks");
        }
      },
      *found);
  return found;
}

json to_json(const TaskEffect& effect) { return {{"kind", to_string(effect.kind)}, {"subtask", effect.subtask}, {"key", effect.key}}; }

std::optional<TaskEffect> task_effect(const json& object) {
  JsonFields reader("an effect");
  const auto kind = effect_kind(reader.text(object, "kind"));
  TaskEffect effect{kind.value_or(EffectKind::clean_up), reader.text(object, "subtask"), reader.text(object, "key")};
  if (!kind || effect.key.empty()) return std::nullopt;
  return effect;
}

}  // namespace baton
