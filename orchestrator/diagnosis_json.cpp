#include "orchestrator/diagnosis_json.h"

#include <nlohmann/json.hpp>

namespace baton {
namespace {

using nlohmann::json;

void put(json& object, const char* name, const std::string& value) {
  if (!value.empty()) object[name] = value;
}

void put(json& object, const char* name, int value) {
  if (value != 0) object[name] = value;
}

void put_flag(json& object, const char* name, bool value) {
  if (value) object[name] = true;
}

json case_json(const TestCase& test) {
  json object = {{"id", test.id}, {"status", to_string(test.status)}};
  put(object, "program", test.program);
  put(object, "path", test.path);
  put(object, "line", test.line);
  put(object, "message", test.message);
  if (test.seconds != 0) object["seconds"] = test.seconds;
  put_flag(object, "load_failure", test.load_failure);
  return object;
}

TestCase case_from(JsonFields& fields, const json& object) {
  TestCase test;
  test.id = fields.text(object, "id");
  test.status = fields.word(object, "status", {CaseStatus::passed, CaseStatus::failed, CaseStatus::skipped});
  test.program = fields.text(object, "program");
  test.path = fields.text(object, "path");
  test.line = fields.integer(object, "line");
  test.message = fields.text(object, "message");
  test.seconds = fields.number(object, "seconds");
  test.load_failure = fields.flag(object, "load_failure");
  return test;
}

json report_json(const TestReport& report) {
  json object = counts_json(report.total, report.passed, report.failed, report.skipped);
  json cases = json::array();
  for (const TestCase& test : report.cases) cases.push_back(case_json(test));
  object["cases"] = std::move(cases);
  if (!report.interrupted.empty()) object["interrupted"] = report.interrupted;
  return object;
}

TestReport report_from(JsonFields& fields, const json& object) {
  TestReport report;
  report.total = fields.maybe_integer(object, "total");
  report.passed = fields.maybe_integer(object, "passed");
  report.failed = fields.maybe_integer(object, "failed");
  report.skipped = fields.maybe_integer(object, "skipped");
  for (const json& test : fields.list(object, "cases")) report.cases.push_back(case_from(fields, test));
  report.interrupted = fields.texts(object, "interrupted");
  return report;
}

}  // namespace

json or_null(const std::optional<int>& value) { return value ? json(*value) : json(nullptr); }

json counts_json(const std::optional<int>& total, const std::optional<int>& passed, const std::optional<int>& failed,
                 const std::optional<int>& skipped) {
  return {{"total", or_null(total)}, {"passed", or_null(passed)}, {"failed", or_null(failed)},
          {"skipped", or_null(skipped)}};
}

RunVerdict run_verdict_from(JsonFields& fields, const json& object, const char* name) {
  return fields.word(object, name, {RunVerdict::fail, RunVerdict::pass, RunVerdict::vacuous, RunVerdict::env_fault,
                                    RunVerdict::timeout, RunVerdict::crash});
}

GateKind gate_kind_from(JsonFields& fields, const json& object, const char* name) {
  return fields.word(object, name,
                     {GateKind::test, GateKind::setup, GateKind::build, GateKind::typecheck, GateKind::lint});
}

Severity severity_from(JsonFields& fields, const json& object, const char* name) {
  return fields.word(object, name, {Severity::error, Severity::warning, Severity::info, Severity::note});
}

json finding_json(const Finding& finding) {
  json object = {{"path", finding.path},
                 {"line", finding.line},
                 {"severity", to_string(finding.severity)},
                 {"message", finding.message}};
  put(object, "col", finding.column);
  put(object, "end_line", finding.end_line);
  put(object, "end_col", finding.end_column);
  put(object, "code", finding.code);
  put(object, "tool", finding.tool);
  put_flag(object, "low_confidence", finding.low_confidence);
  put_flag(object, "suppressed", finding.suppressed);
  if (!finding.related.empty()) {
    json related = json::array();
    for (const RelatedPlace& place : finding.related) {
      json entry = {{"path", place.path}, {"line", place.line}, {"message", place.message}};
      put(entry, "col", place.column);
      related.push_back(std::move(entry));
    }
    object["related"] = std::move(related);
  }
  return object;
}

Finding finding_from(JsonFields& fields, const json& object) {
  Finding finding;
  finding.path = fields.text(object, "path");
  finding.line = fields.integer(object, "line");
  finding.column = fields.integer(object, "col");
  finding.end_line = fields.integer(object, "end_line");
  finding.end_column = fields.integer(object, "end_col");
  finding.severity = severity_from(fields, object, "severity");
  finding.code = fields.text(object, "code");
  finding.message = fields.text(object, "message");
  finding.tool = fields.text(object, "tool");
  finding.low_confidence = fields.flag(object, "low_confidence");
  finding.suppressed = fields.flag(object, "suppressed");
  for (const json& entry : fields.list(object, "related")) {
    RelatedPlace place;
    place.path = fields.text(entry, "path");
    place.line = fields.integer(entry, "line");
    place.column = fields.integer(entry, "col");
    place.message = fields.text(entry, "message");
    finding.related.push_back(std::move(place));
  }
  return finding;
}

json diagnosis_json(const Diagnosis& diagnosis) {
  json findings = json::array();
  for (const Finding& finding : diagnosis.findings) findings.push_back(finding_json(finding));
  return {{"verdict", to_string(diagnosis.verdict)},
          {"cause", diagnosis.cause},
          {"format", diagnosis.format},
          {"findings", std::move(findings)},
          {"tests", diagnosis.tests ? report_json(*diagnosis.tests) : json(nullptr)}};
}

Diagnosis diagnosis_from(JsonFields& fields, const json& object) {
  Diagnosis diagnosis;
  diagnosis.verdict = run_verdict_from(fields, object, "verdict");
  diagnosis.cause = fields.text(object, "cause");
  diagnosis.format = fields.text(object, "format");
  for (const json& finding : fields.list(object, "findings"))
    diagnosis.findings.push_back(finding_from(fields, finding));
  if (const json* tests = fields.object(object, "tests")) diagnosis.tests = report_from(fields, *tests);
  return diagnosis;
}

}  // namespace baton
