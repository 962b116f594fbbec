#include <nlohmann/json.hpp>

#include "orchestrator/agents/attempt.h"
#include "orchestrator/json_fields.h"

namespace baton {

using nlohmann::json;

namespace {

std::string_view to_string(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::added: return "added";
    case ChangeKind::deleted: return "deleted";
    case ChangeKind::modified: return "modified";
    case ChangeKind::renamed: return "renamed";
  }
  return "";
}

json to_json(const FileChange& change) {
  return {{"kind", to_string(change.kind)}, {"path", change.path}, {"old_path", change.old_path},
          {"added", change.added},          {"removed", change.removed}, {"binary", change.binary}};
}

FileChange change_from(JsonFields& fields, const json& object) {
  FileChange change;
  const std::string kind = fields.text(object, "kind");
  for (const ChangeKind one : {ChangeKind::added, ChangeKind::deleted, ChangeKind::modified, ChangeKind::renamed}) {
    if (to_string(one) == kind) change.kind = one;
  }
  change.path = fields.text(object, "path");
  change.old_path = fields.text(object, "old_path");
  change.added = fields.integer(object, "added");
  change.removed = fields.integer(object, "removed");
  change.binary = fields.flag(object, "binary");
  return change;
}

}  // namespace

std::string_view to_string(AgentBackend backend) {
  switch (backend) {
    case AgentBackend::command: return "command";
    case AgentBackend::fixer: return "fixer";
    case AgentBackend::acp: return "acp";
  }
  return "";
}

std::string_view to_string(AttemptEnd end) {
  switch (end) {
    case AttemptEnd::completed: return "completed";
    case AttemptEnd::failed: return "failed";
    case AttemptEnd::blocked: return "blocked";
    case AttemptEnd::fault: return "fault";
    case AttemptEnd::cancelled: return "cancelled";
  }
  return "";
}

json to_json(const Spending& spent) {
  return {{"input", spent.input}, {"output", spent.output}, {"cached", spent.cached}, {"money", spent.money}, {"calls", spent.calls},
          {"refused", spent.refused}, {"estimated", spent.estimated}, {"reported", spent.reported}, {"unpriced", spent.unpriced}};
}

Spending spending_from(JsonFields& fields, const json& object) {
  Spending spent;
  spent.input = fields.big_integer(object, "input");
  spent.output = fields.big_integer(object, "output");
  spent.cached = fields.big_integer(object, "cached");
  spent.money = fields.number(object, "money");
  spent.calls = fields.integer(object, "calls");
  spent.refused = fields.integer(object, "refused");
  spent.estimated = fields.flag(object, "estimated");
  spent.reported = fields.flag(object, "reported");
  spent.unpriced = fields.flag(object, "unpriced");
  return spent;
}

json to_json(const AttemptResult& result) {
  json changes = json::array(), fixes = json::array();
  for (const FileChange& change : result.changes) changes.push_back(to_json(change));
  for (const Fix& fix : result.fixes) fixes.push_back(to_json(fix));
  return {{"end", to_string(result.end)}, {"reason", result.reason},       {"question", result.question}, {"commit", result.commit},
          {"changes", std::move(changes)}, {"surprises", result.surprises}, {"fixes", std::move(fixes)},   {"said", result.said},
          {"log", result.log},             {"worktree", result.worktree},   {"unusable", result.unusable},   {"spent", to_json(result.spent)}, {"seconds", result.seconds},
          {"context", result.context},     {"sandbox", result.sandbox},     {"network", result.network}};
}

Result<AttemptResult> attempt_result_from_json(const json& object) {
  JsonFields fields("the result of an attempt");
  AttemptResult result;
  result.end = fields.word(object, "end", {AttemptEnd::completed, AttemptEnd::failed, AttemptEnd::blocked, AttemptEnd::fault, AttemptEnd::cancelled});
  result.reason = fields.text(object, "reason");
  result.question = fields.text(object, "question");
  result.commit = fields.text(object, "commit");
  for (const json& change : fields.list(object, "changes")) result.changes.push_back(change_from(fields, change));
  result.surprises = fields.texts(object, "surprises");
  for (const json& one : fields.list(object, "fixes")) {
    auto fix = fix_from_json(one);
    if (!fix) return fix.error();
    result.fixes.push_back(std::move(*fix));
  }
  result.said = fields.text(object, "said");
  result.log = fields.text(object, "log");
  result.worktree = fields.text(object, "worktree");
  result.unusable = fields.flag(object, "unusable");
  if (const json* spent = fields.object(object, "spent")) result.spent = spending_from(fields, *spent);
  result.seconds = fields.number(object, "seconds");
  if (object.contains("context")) result.context = fields.text(object, "context");
  result.sandbox = fields.text(object, "sandbox");
  result.network = fields.text(object, "network");
  if (!fields.ok()) return fields.error();
  return result;
}

}  // namespace baton
