// The names are those that `baton verify --json` promises (docs/schema/verify-report.schema.json).
#include "orchestrator/verify_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/diagnosis_json.h"

namespace baton {
namespace {

using nlohmann::json;

template <class T, class ToJson>
json list_json(const std::vector<T>& values, ToJson convert) {
  json list = json::array();
  for (const T& value : values) list.push_back(convert(value));
  return list;
}

template <class T, class FromJson>
std::vector<T> list_from(JsonFields& fields, const json& object, const char* name, FromJson convert) {
  std::vector<T> values;
  for (const json& item : fields.list(object, name)) values.push_back(convert(fields, item));
  return values;
}

json judged_json(const Judged& judged) {
  return {{"commit", judged.commit}, {"tree", judged.tree}, {"name", judged.name}};
}

Judged judged_from(JsonFields& fields, const json& object) {
  return {fields.text(object, "commit"), fields.text(object, "tree"), fields.text(object, "name")};
}

json run_json(const std::optional<RunSummary>& run) {
  if (!run) return nullptr;
  return {{"verdict", to_string(run->verdict)},
          {"cause", run->cause},
          {"exit_code", or_null(run->exit_code)},
          {"signal", or_null(run->signal)},
          {"seconds", run->seconds},
          {"tests", counts_json(run->total, run->passed, run->failed, run->skipped)},
          {"log", run->log},
          {"evidence", run->evidence},
          {"cached", run->cached}};
}

std::optional<RunSummary> run_from(JsonFields& fields, const json& gate, const char* side) {
  const json* object = fields.object(gate, side);
  if (!object) return std::nullopt;
  RunSummary run;
  run.verdict = run_verdict_from(fields, *object, "verdict");
  run.cause = fields.text(*object, "cause");
  run.exit_code = fields.maybe_integer(*object, "exit_code");
  run.signal = fields.maybe_integer(*object, "signal");
  run.seconds = fields.number(*object, "seconds");
  if (const json* tests = fields.object(*object, "tests")) {
    run.total = fields.maybe_integer(*tests, "total");
    run.passed = fields.maybe_integer(*tests, "passed");
    run.failed = fields.maybe_integer(*tests, "failed");
    run.skipped = fields.maybe_integer(*tests, "skipped");
  }
  run.log = fields.text(*object, "log");
  run.evidence = fields.text(*object, "evidence");
  run.cached = fields.flag(*object, "cached");
  return run;
}

json gate_json(const GateReport& gate) {
  return {{"name", gate.name},     {"kind", to_string(gate.kind)},
          {"required", gate.required}, {"verdict", to_string(gate.verdict)},
          {"cause", gate.cause},   {"argv", gate.argv},
          {"source", gate.source}, {"base", run_json(gate.base)},
          {"head", run_json(gate.head)}};
}

GateReport gate_from(JsonFields& fields, const json& object) {
  GateReport gate;
  gate.name = fields.text(object, "name");
  gate.kind = gate_kind_from(fields, object, "kind");
  gate.required = fields.flag(object, "required", true);
  gate.verdict = fields.word(object, "verdict", {GateVerdict::inconclusive, GateVerdict::pass, GateVerdict::fail,
                                                 GateVerdict::vacuous, GateVerdict::env_fault});
  gate.cause = fields.text(object, "cause");
  gate.argv = fields.texts(object, "argv");
  gate.source = fields.text(object, "source");
  gate.base = run_from(fields, object, "base");
  gate.head = run_from(fields, object, "head");
  return gate;
}

void put_accepted(json& object, const std::optional<AcceptedNote>& note) {
  if (note) object["accepted"] = {{"reason", note->reason}, {"by", note->by}, {"human", note->human}};
}

std::optional<AcceptedNote> accepted_from(JsonFields& fields, const json& object) {
  const json* note = object.contains("accepted") ? fields.object(object, "accepted") : nullptr;
  if (!note) return std::nullopt;
  return AcceptedNote{fields.text(*note, "reason"), fields.text(*note, "by"), fields.flag(*note, "human")};
}

json test_json(const TestVerdict& test) {
  json object = {{"id", test.id}, {"status", to_string(test.status)}, {"gate", test.gate}};
  if (!test.path.empty()) object["path"] = test.path;
  if (test.line != 0) object["line"] = test.line;
  if (!test.message.empty()) object["message"] = test.message;
  if (!test.symbol.empty()) object["symbol"] = test.symbol;
  if (test.seconds != 0) object["seconds"] = test.seconds;
  put_accepted(object, test.accepted);
  if (test.removed_by_task) object["removed_by_task"] = true;
  return object;
}

TestVerdict test_from(JsonFields& fields, const json& object) {
  using S = TestStatus;
  TestVerdict test;
  test.id = fields.text(object, "id");
  test.status = fields.word(object, "status", {S::not_run, S::fixed, S::regression, S::pre_existing, S::flaky,
                                               S::newly_unstable, S::vanished, S::added, S::added_failing,
                                               S::unchanged, S::env_fault, S::skipped});
  test.gate = fields.text(object, "gate");
  test.path = fields.text(object, "path");
  test.line = fields.integer(object, "line");
  test.message = fields.text(object, "message");
  test.symbol = fields.text(object, "symbol");
  test.seconds = fields.number(object, "seconds");
  test.accepted = accepted_from(fields, object);
  test.removed_by_task = fields.flag(object, "removed_by_task");
  return test;
}

json placed_finding_json(const FindingVerdict& verdict) {
  json object = finding_json(verdict.finding);
  object["gate"] = verdict.gate;
  object["new"] = verdict.is_new;
  put_accepted(object, verdict.accepted);
  return object;
}

FindingVerdict placed_finding_from(JsonFields& fields, const json& object) {
  return {finding_from(fields, object), fields.text(object, "gate"), fields.flag(object, "new", true),
          accepted_from(fields, object)};
}

AuditFinding audit_from(JsonFields& fields, const json& object) {
  return {fields.text(object, "path"), fields.integer(object, "line"), fields.text(object, "kind"), severity_from(fields, object, "severity"),
          fields.text(object, "message"), fields.flag(object, "escalates"), fields.text(object, "side") == "base", fields.text(object, "hunk")};
}

json criterion_json(const CriterionVerdict& criterion) {
  json object = {{"text", criterion.text}, {"status", to_string(criterion.status)}, {"evidence", criterion.evidence}};
  if (!criterion.why.empty()) object["why"] = criterion.why;
  if (!criterion.test.empty()) object["test"] = criterion.test;
  return object;
}

CriterionVerdict criterion_from(JsonFields& fields, const json& object) {
  return {fields.text(object, "text"),
          fields.word(object, "status",
                      {CriterionStatus::not_checkable, CriterionStatus::met, CriterionStatus::unmet}),
          fields.texts(object, "evidence"), fields.text(object, "why"), fields.text(object, "test")};
}

template <class E>
json word_or_null(const std::optional<E>& value) {
  return value ? json(to_string(*value)) : json(nullptr);
}

json reproduction_json(const Reproduction& shown) {
  return {{"status", to_string(shown.status)}, {"reason", word_or_null(shown.reason)}, {"step", word_or_null(shown.step)}, {"message", shown.message},
          {"gate", shown.gate}, {"targets", shown.targets}, {"proven", shown.proven}, {"unloaded", shown.unloaded}, {"evidence", shown.evidence}, {"trees", shown.trees}};
}

Reproduction reproduction_from(JsonFields& fields, const json& object) {
  using R = RedGreenReason;
  using S = RedGreenStep;
  Reproduction shown;
  shown.status = fields.word(object, "status", {ReproductionStatus::not_judged, ReproductionStatus::proven, ReproductionStatus::invalid});
  if (!fields.text(object, "reason").empty()) {
    shown.reason = fields.word(object, "reason", {R::unexpected_green, R::still_red, R::zero_tests_discovered, R::nonzero_exit_without_test_failure,
                                                  R::fixture_or_load_failure, R::no_target_test_failure, R::edited_between, R::flaky});
  }
  if (!fields.text(object, "step").empty()) shown.step = fields.word(object, "step", {S::tests_on_base, S::with_change, S::change_reverted});
  shown.message = fields.text(object, "message");
  shown.gate = fields.text(object, "gate");
  shown.targets = fields.texts(object, "targets");
  shown.proven = fields.texts(object, "proven");
  shown.unloaded = fields.texts(object, "unloaded");
  shown.evidence = fields.texts(object, "evidence");
  shown.trees = fields.texts(object, "trees");
  return shown;
}

json base_tests_json(const BaseTests& told) {
  return {{"put_back", told.put_back}, {"failing", told.failing}, {"unasked", told.unasked}, {"evidence", told.evidence}, {"trees", told.trees}};
}

BaseTests base_tests_from(JsonFields& fields, const json& object) {
  return {fields.texts(object, "put_back"), fields.texts(object, "failing"), fields.texts(object, "unasked"), fields.texts(object, "evidence"), fields.texts(object, "trees")};
}

json mutants_json(const MutantCount& count) {
  return {{"made", count.made}, {"tried", count.tried}, {"noticed", count.noticed}, {"unnoticed", count.unnoticed}, {"not_viable", count.not_viable}, {"seconds", count.seconds}};
}

MutantCount mutants_from(JsonFields& fields, const json& object) {
  return {fields.integer(object, "made"), fields.integer(object, "tried"), fields.integer(object, "noticed"), fields.integer(object, "unnoticed"),
          fields.integer(object, "not_viable"), fields.number(object, "seconds")};
}

}  // namespace

json to_json(const AuditFinding& finding) {
  return {{"path", finding.path}, {"line", finding.line}, {"side", finding.on_base ? "base" : "head"}, {"kind", finding.kind}, {"severity", to_string(finding.severity)},
          {"escalates", finding.escalates}, {"message", finding.message}, {"hunk", finding.hunk}};
}

bool blocks(const TestVerdict& test) { return blocks(test.status) && !test.removed_by_task; }

std::size_t weakened_checks(const VerifyReport& report) {
  return static_cast<std::size_t>(std::count_if(report.audit.begin(), report.audit.end(), [](const AuditFinding& finding) { return finding.escalates; }));
}

int exit_code(const VerifyReport& report) { return report.accepted ? 0 : exit_code(report.verdict); }

json to_json(const VerifyReport& report) {
  json object = {{"id", report.id},
          {"verdict", to_string(report.verdict)},
          {"cause", report.cause},
          {"base", judged_json(report.base)},
          {"head", judged_json(report.head)},
          {"gates", list_json(report.gates, gate_json)},
          {"tests", list_json(report.tests, test_json)},
          {"findings", list_json(report.findings, placed_finding_json)},
          {"gone", list_json(report.gone, placed_finding_json)},
          {"task", report.task},
          {"audit", list_json(report.audit, [](const AuditFinding& finding) { return to_json(finding); })},
          {"criteria", list_json(report.criteria, criterion_json)},
          {"notes", report.notes},
          {"sandbox", report.sandbox},
          {"whole", report.whole},
          {"provisional", report.provisional},
          {"cached", report.cached},
          {"accepted", report.accepted},
          {"seconds", report.seconds},
          {"gate_seconds", report.gate_seconds}};
  if (report.reproduction) object["reproduction"] = reproduction_json(*report.reproduction);
  if (report.base_tests) object["base_tests"] = base_tests_json(*report.base_tests);
  if (report.prove) object["prove"] = *report.prove;
  if (report.task_by_agent) object["task_by_agent"] = true;
  if (report.mutants) object["mutants"] = mutants_json(*report.mutants);
  return object;
}

Result<VerifyReport> verify_report_from_json(const json& object) {
  JsonFields fields("a verification report");
  VerifyReport report;
  report.id = fields.text(object, "id");
  report.verdict = fields.word(object, "verdict", {Verdict::inconclusive, Verdict::verified, Verdict::no_regression,
                                                   Verdict::rejected});
  report.cause = fields.text(object, "cause");
  if (const json* base = fields.object(object, "base")) report.base = judged_from(fields, *base);
  if (const json* head = fields.object(object, "head")) report.head = judged_from(fields, *head);
  report.gates = list_from<GateReport>(fields, object, "gates", gate_from);
  report.tests = list_from<TestVerdict>(fields, object, "tests", test_from);
  report.findings = list_from<FindingVerdict>(fields, object, "findings", placed_finding_from);
  report.gone = list_from<FindingVerdict>(fields, object, "gone", placed_finding_from);
  report.task = fields.text(object, "task");
  report.task_by_agent = fields.flag(object, "task_by_agent");
  report.audit = list_from<AuditFinding>(fields, object, "audit", audit_from);
  report.criteria = list_from<CriterionVerdict>(fields, object, "criteria", criterion_from);
  if (const json* shown = fields.object(object, "reproduction")) report.reproduction = reproduction_from(fields, *shown);
  if (const json* told = fields.object(object, "base_tests")) report.base_tests = base_tests_from(fields, *told);
  if (object.contains("prove")) report.prove = fields.texts(object, "prove");
  if (const json* count = fields.object(object, "mutants")) report.mutants = mutants_from(fields, *count);
  report.notes = fields.texts(object, "notes");
  report.sandbox = fields.text(object, "sandbox");
  report.whole = fields.flag(object, "whole", true);
  report.provisional = fields.flag(object, "provisional");
  report.cached = fields.flag(object, "cached");
  report.accepted = fields.flag(object, "accepted");
  report.seconds = fields.number(object, "seconds");
  report.gate_seconds = fields.number(object, "gate_seconds");
  if (!fields.ok()) return fields.error();
  return report;
}

}  // namespace baton
