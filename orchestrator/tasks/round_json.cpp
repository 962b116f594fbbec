// A round's result as the journal keeps it.
#include <nlohmann/json.hpp>

#include "orchestrator/json_fields.h"
#include "orchestrator/tasks/round.h"

namespace baton {

std::string_view to_string(RoundEnd end) {
  switch (end) {
    case RoundEnd::green: return "green";
    case RoundEnd::red: return "red";
    case RoundEnd::conflicted: return "conflicted";
    case RoundEnd::fault: return "fault";
  }
  return "";
}

nlohmann::json to_json(const LeftOut& left) {
  return {{"subtask", left.subtask}, {"what", left.what}, {"reason", left.reason}, {"path", left.path}, {"line", left.line}};
}

nlohmann::json to_json(const Contribution& contribution) {
  nlohmann::json fixes = nlohmann::json::array();
  for (const Fix& fix : contribution.fixes) fixes.push_back(to_json(fix));
  return {{"subtask", contribution.subtask}, {"agent", contribution.agent}, {"start", contribution.start}, {"commit", contribution.commit}, {"fixes", std::move(fixes)}};
}

Result<Contribution> contribution_from_json(const nlohmann::json& json) {
  JsonFields fields("a contribution");
  Contribution contribution{fields.text(json, "subtask"), fields.text(json, "agent"), fields.text(json, "start"), fields.text(json, "commit"), {}};
  for (const nlohmann::json& one : fields.list(json, "fixes")) {
    auto fix = fix_from_json(one);
    if (!fix) return fix.error();
    contribution.fixes.push_back(std::move(*fix));
  }
  if (!fields.ok()) return fields.error();
  return contribution;
}

nlohmann::json to_json(const RoundResult& result) {
  nlohmann::json left = nlohmann::json::array(), untouched = nlohmann::json::array(), contributions = nlohmann::json::array(), troubles = nlohmann::json::array();
  for (const LeftOut& one : result.left_out) left.push_back(to_json(one));
  for (const Untouched& one : result.untouched) untouched.push_back({{"subtask", one.subtask}, {"planned", one.planned}});
  for (const Contribution& one : result.contributions) contributions.push_back(to_json(one));
  for (const MergeTrouble& one : result.troubles) troubles.push_back({{"subtasks", one.subtasks}, {"paths", one.paths}, {"message", one.message}});
  return {{"end", to_string(result.end)}, {"commit", result.commit}, {"tree", result.tree}, {"report", result.report ? to_json(*result.report) : nlohmann::json()},
          {"criteria_open", result.criteria_open}, {"blamed", result.blamed}, {"weakened", result.weakened}, {"untested_fix", result.untested_fix},
          {"left_out", std::move(left)}, {"untouched", std::move(untouched)}, {"contributions", std::move(contributions)},
          {"feedback", result.feedback}, {"troubles", std::move(troubles)}, {"reason", result.reason}, {"probes", result.probes}, {"probe_seconds", result.probe_seconds}};
}

Result<RoundResult> round_result_from_json(const nlohmann::json& json) {
  JsonFields fields("a round's result");
  RoundResult result;
  result.end = fields.word(json, "end", {RoundEnd::fault, RoundEnd::green, RoundEnd::red, RoundEnd::conflicted});
  result.commit = fields.text(json, "commit");
  result.tree = fields.text(json, "tree");
  if (const auto* report = fields.object(json, "report")) {
    auto read = verify_report_from_json(*report);
    if (!read) return read.error();
    result.report = std::move(*read);
  }
  result.criteria_open = fields.integer(json, "criteria_open");
  result.blamed = fields.texts(json, "blamed");
  result.weakened = fields.texts(json, "weakened");
  result.untested_fix = fields.flag(json, "untested_fix");
  for (const nlohmann::json& one : fields.list(json, "left_out"))
    result.left_out.push_back({fields.text(one, "subtask"), fields.text(one, "what"), fields.text(one, "reason"), fields.text(one, "path"), fields.integer(one, "line")});
  for (const nlohmann::json& one : fields.list(json, "untouched")) result.untouched.push_back({fields.text(one, "subtask"), fields.text(one, "planned")});
  for (const nlohmann::json& one : fields.list(json, "contributions")) {
    auto contribution = contribution_from_json(one);
    if (!contribution) return contribution.error();
    result.contributions.push_back(std::move(*contribution));
  }
  if (const auto* feedback = fields.object(json, "feedback")) {
    for (const auto& [subtask, text] : feedback->items()) {
      if (text.is_string()) result.feedback[subtask] = text.get<std::string>();
    }
  }
  for (const nlohmann::json& one : fields.list(json, "troubles"))
    result.troubles.push_back({fields.texts(one, "subtasks"), fields.texts(one, "paths"), fields.text(one, "message")});
  result.reason = fields.text(json, "reason");
  result.probes = fields.integer(json, "probes");
  result.probe_seconds = fields.number(json, "probe_seconds");
  if (!fields.ok()) return fields.error();
  return result;
}

}  // namespace baton
