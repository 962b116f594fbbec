#include "orchestrator/engine_wire.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "orchestrator/doctor_report.h"

namespace baton {
namespace {

using nlohmann::json;

// A value comes back as it went, and says the same again.
template <class Read, class Value>
void check(const Value& value, Read read) {
  const json sent = to_json(value);
  const auto back = read(sent);
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(to_json(*back), sent);
}

TEST(EngineWire, CarriesEveryValue) {
  VerifyRequest request;
  request.base = "main";
  request.unsaved = {{"a b.txt", "one\ntwo"}, {"ü", ""}};
  request.gates = {"ctest"};
  request.criteria = {"it works"};
  request.quick = request.fresh = request.outlives_caller = true;
  request.client_env = {{"PATH", "/bin"}, {"EMPTY", ""}};
  request.actor = "lsp:7";
  check(request, verify_request_from_json);
  EXPECT_FALSE(verify_request_from_json(to_json(request))->prove);
  for (const std::vector<std::string>& named : {std::vector<std::string>(), {"tests/test_a.py::test_a"}}) {
    request.prove = named;
    EXPECT_EQ(verify_request_from_json(to_json(request))->prove, named);
  }
  check(Progress{"gate", "ctest", "base", "base: ctest", 1, 4, "/log"}, progress_from_json);
  TrustSubject subject;
  subject.repository = "/r/.git";
  subject.digest = "d1";
  subject.command_lines = {"make test"};
  subject.parts = {"p1", "p2"};
  subject.also = {"a1"};
  check(subject, trust_subject_from_json);
  EXPECT_EQ(trust_subject_from_json(to_json(subject))->parts, subject.parts);
  EXPECT_EQ(trust_subject_from_json(to_json(subject))->also, subject.also);
  check(EngineAddress{"/run/s", "1", "1+2", 1, 42}, engine_address_from_json);
  check(Environment{{"A", "1"}, {"A", "2"}}, environment_from_json);
  Repository repository;
  repository.root = "/r";
  repository.common_dir = repository.git_dir = "/r/.git";
  repository.head = "abc";
  repository.submodules = {"third"};
  check(repository, repository_from_json);
}

TEST(EngineWire, CarriesWhatDoctorSays) {
  DoctorReport report;
  report.root = "/r";
  report.trust = TrustState::changed;
  Gate gate;
  gate.name = "pytest";
  gate.argv = {"{root}/.venv/bin/python", "-m", "pytest"};
  gate.needs = {"venv"};
  gate.source = "pyproject.toml";
  report.plan.gates = {gate};
  report.plan.advice = {{"pytest", "It is missing.", "pip install pytest", true}};
  report.config_problems = {{.path = ".baton/config.json", .line = 3, .column = 2, .message = "no such key"}};
  check(report, doctor_report_from_json);
}

TEST(EngineWire, CarriesErrorsWithTheirKind) {
  for (const ErrorKind kind : {ErrorKind::usage, ErrorKind::precondition, ErrorKind::trust, ErrorKind::missing_tool, ErrorKind::io,
                               ErrorKind::cancelled, ErrorKind::internal}) {
    const Error back = error_from_json(to_json(Error{kind, "Say it."}));
    EXPECT_EQ(back.kind, kind);
    EXPECT_EQ(back.message, "Say it.");
  }
  EXPECT_EQ(error_from_json(json{{"message", "from elsewhere"}, {"data", 7}}).kind, ErrorKind::internal);
}

TEST(EngineWire, RefusesWhatIsNone) {
  EXPECT_FALSE(verify_request_from_json(json{{"base", 7}}).ok());
  EXPECT_FALSE(environment_from_json(json{{"env", {{"A"}}}}).ok());
  EXPECT_FALSE(engine_address_from_json(json::object()).ok());
  EXPECT_FALSE(repository_from_json(json::object()).ok());
}

}  // namespace
}  // namespace baton
