#include "orchestrator/doctor_report.h"

#include <nlohmann/json.hpp>

#include "orchestrator/diagnosis_json.h"
#include "orchestrator/doctor_text.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::pair<TrustState, const char*> kTrust[] = {
    {TrustState::trusted, "trusted"}, {TrustState::never_asked, "never_asked"}, {TrustState::changed, "changed"}};

Gate planned_gate(JsonFields& fields, const json& object) {
  Gate gate;
  gate.name = fields.text(object, "name");
  gate.kind = gate_kind_from(fields, object, "kind");
  gate.required = fields.flag(object, "required");
  gate.argv = fields.texts(object, "argv");
  gate.cwd = fields.text(object, "cwd");
  gate.network = fields.flag(object, "network");
  gate.timeout = std::chrono::seconds(fields.big_integer(object, "timeout"));
  gate.needs = fields.texts(object, "needs");
  gate.reports = fields.texts(object, "reports");
  gate.source = fields.text(object, "source");
  return gate;
}

Finding problem_from(JsonFields& fields, const json& object) {
  Finding problem;
  problem.path = fields.text(object, "path");
  problem.line = fields.integer(object, "line");
  problem.column = fields.integer(object, "col");
  problem.severity = severity_from(fields, object, "severity");
  problem.message = fields.text(object, "message");
  problem.code = fields.text(object, "code");
  return problem;
}

}  // namespace

json to_json(const DoctorReport& report) {
  json gates = json::array(), advice = json::array(), problems = json::array();
  for (const Gate& gate : report.plan.gates) {
    gates.push_back({{"name", gate.name},
                     {"kind", to_string(gate.kind)},
                     {"required", gate.required},
                     {"argv", gate.argv},
                     {"command", command_line(gate)},
                     {"cwd", gate.cwd},
                     {"network", gate.network},
                     {"timeout", gate.timeout.count()},
                     {"needs", gate.needs},
                     {"reports", gate.reports},
                     {"source", gate.source}});
  }
  for (const Advice& one : report.plan.advice) {
    advice.push_back({{"about", one.about}, {"message", one.message}, {"mend", one.mend}, {"blocking", one.blocking}});
  }
  for (const Finding& problem : report.config_problems) {
    problems.push_back({{"path", problem.path},
                        {"line", problem.line},
                        {"col", problem.column},
                        {"severity", to_string(problem.severity)},
                        {"message", problem.message},
                        {"code", problem.code}});
  }
  json agents = json::array();
  for (const AgentNote& note : report.agents) {
    agents.push_back({{"name", note.name}, {"backend", note.backend}, {"usable", note.usable}, {"why", note.why}, {"mend", note.mend}});
  }
  const char* trust = "";
  for (const auto& [state, name] : kTrust) {
    if (state == report.trust) trust = name;
  }
  return {{"root", report.root},   {"branch", report.branch},         {"head", report.head},
          {"git", report.git_version}, {"sandbox", report.sandbox},     {"trust", trust},   {"trusted_by", report.trusted_by},
          {"gates", gates},        {"advice", advice},                {"tools", report.plan.tools},
          {"config_problems", problems}, {"agents", agents}};
}

Result<DoctorReport> doctor_report_from_json(const json& object) {
  JsonFields fields("a doctor's report");
  DoctorReport report;
  report.root = fields.text(object, "root");
  report.branch = fields.text(object, "branch");
  report.head = fields.text(object, "head");
  report.git_version = fields.text(object, "git");
  report.sandbox = fields.text(object, "sandbox");
  report.trusted_by = fields.text(object, "trusted_by");
  const std::string trust = fields.text(object, "trust");
  for (const auto& [state, name] : kTrust) {
    if (trust == name) report.trust = state;
  }
  for (const json& gate : fields.list(object, "gates")) report.plan.gates.push_back(planned_gate(fields, gate));
  for (const json& one : fields.list(object, "advice")) {
    report.plan.advice.push_back(
        {fields.text(one, "about"), fields.text(one, "message"), fields.text(one, "mend"), fields.flag(one, "blocking")});
  }
  report.plan.tools = fields.texts(object, "tools");
  for (const json& note : fields.list(object, "agents")) {
    report.agents.push_back({fields.text(note, "name"), fields.text(note, "backend"), fields.flag(note, "usable"), fields.text(note, "why"), fields.text(note, "mend")});
  }
  for (const json& problem : fields.list(object, "config_problems")) report.config_problems.push_back(problem_from(fields, problem));
  if (!fields.ok()) return fields.error();
  return report;
}

}  // namespace baton
