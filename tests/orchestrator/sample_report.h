// Reports for the tests of their forms.
#pragma once

#include "orchestrator/verify_report.h"

namespace baton {

// Every field filled, every list with something in it.
inline VerifyReport sample_report() {
  VerifyReport report;
  report.id = "01J0QZ8M3VXK5T1Y2W4R6B8D9F";
  report.verdict = Verdict::rejected;
  report.cause = "ctest failed: 1 regression, 1 test no longer runs";
  report.base = {"4be2c1a9d8e7f60512345678901234567890abcd", std::string(40, 'b'), "HEAD"};
  report.head = {"8a1f2c3d4e5f60718293a4b5c6d7e8f901234567", std::string(40, 'h'), "working tree"};
  report.sandbox = "bubblewrap";
  report.seconds = 41.23;
  report.gate_seconds = 38.9;

  auto run = [](RunVerdict verdict, double seconds, std::optional<int> passed, std::optional<int> failed,
                std::optional<int> skipped) {
    RunSummary summary;
    summary.verdict = verdict;
    summary.exit_code = verdict == RunVerdict::pass ? 0 : 8;
    summary.seconds = seconds;
    summary.passed = passed, summary.failed = failed, summary.skipped = skipped;
    if (passed) summary.total = passed.value_or(0) + failed.value_or(0) + skipped.value_or(0);
    summary.log = "/home/user/project/.git/baton/evidence/3f/3f" + std::string(62, 'a');
    summary.evidence = std::string(64, 'e');
    return summary;
  };
  GateReport configure{"cmake configure", GateKind::setup, true, GateVerdict::pass, "", {"cmake", "-S", "."},
                       "CMakeLists.txt", run(RunVerdict::pass, 1.1, {}, {}, {}), run(RunVerdict::pass, 1.0, {}, {}, {})};
  configure.base->cached = true;
  GateReport build{"cmake build", GateKind::build, true, GateVerdict::pass, "", {"cmake", "--build", "{root}"},
                   "CMakeLists.txt", run(RunVerdict::pass, 13.4, {}, {}, {}), run(RunVerdict::pass, 12.9, {}, {}, {})};
  GateReport ctest{"ctest", GateKind::test, true, GateVerdict::fail, "1 regression, 1 test no longer runs",
                   {"ctest"}, "CMakeLists.txt", run(RunVerdict::fail, 1.21, 38, 12, {}),
                   run(RunVerdict::fail, 1.3, 36, 13, 2)};
  ctest.head->cause = "13 tests failed";
  GateReport pytest{"pytest", GateKind::test, true, GateVerdict::pass, "1 flaky test", {"pytest"}, "pyproject.toml",
                    run(RunVerdict::pass, 0.8, 20, 0, {}), run(RunVerdict::pass, 0.81, 21, 0, {})};
  GateReport eslint{"eslint", GateKind::lint, false, GateVerdict::env_fault, "could not be run on the result",
                    {"eslint"}, "package.json", {}, run(RunVerdict::env_fault, 0.02, {}, {}, {})};
  eslint.head->cause = "eslint is not installed";
  eslint.head->exit_code = std::nullopt;
  eslint.head->signal = 9;
  report.gates = {configure, build, ctest, pytest, eslint};

  report.tests = {
      {"Parser.Nested", TestStatus::regression, "ctest", "tests/parser_test.cpp", 41,
       "Expected equality of these values:\n  depth(parse(\"((1))\"))\n    Which is: 1\n  2\nmore", "Parser_Nested_Test::TestBody", 0.01},
      {"Parser.Empty", TestStatus::vanished, "ctest", "tests/parser_test.cpp", 12, "", "", 0},
      {"tests/test_api.py::test_timeout", TestStatus::flaky, "pytest", "tests/test_api.py", 9, "", "", 0},
      {"tests/test_api.py::test_new", TestStatus::added, "pytest", "", 0, "", "", 0}};
  for (int i = 0; i < 12; ++i) {
    report.tests.push_back({"Legacy.Case" + std::to_string(i), TestStatus::pre_existing, "ctest",
                            "tests/legacy_test.cpp", 10 + i, "not implemented", "", 0});
  }
  report.tests.push_back({"Parser.Plain", TestStatus::unchanged, "ctest", "", 0, "", "", 0.5});

  Finding warning;
  warning.path = "src/parser.cpp", warning.line = 17, warning.column = 7, warning.severity = Severity::warning;
  warning.code = "-Wunused-variable", warning.message = "unused variable 'depth'", warning.tool = "gcc";
  warning.end_line = 17, warning.end_column = 12, warning.low_confidence = true;
  warning.related = {{"src/parser.h", 3, 1, "declared here"}};
  Finding failure;
  failure.path = "tests/parser_test.cpp", failure.line = 41, failure.code = "Parser.Nested", failure.message = "told as test";
  Finding old = warning;
  old.line = 30, old.suppressed = true;
  report.findings = {{warning, "cmake build", true}, {failure, "ctest", true}, {old, "cmake build", false}};
  report.task = "Parse nested expressions";
  report.audit = {{"tests/parser_test.cpp", 60, "assertion_removed", Severity::warning, "\"EXPECT_EQ(depth, 3)\" is no longer checked by \"Parser.Deep\".", true, true,
                   "-  EXPECT_EQ(depth, 3);\n"},
                  {"CMakeLists.txt", 14, "gate_script_changed", Severity::warning,
                   "a test was taken out of the list that ctest runs"}};
  report.criteria = {{"Nested expressions parse", CriterionStatus::unmet, {}},
                     {"The empty input is an error", CriterionStatus::met, {std::string(64, 'e')}, "Parser.Empty covers it and is fixed", "tests/parser_test.cpp::Empty"},
                     {"It is fast", CriterionStatus::not_checkable, {}}};
  report.reproduction = Reproduction{ReproductionStatus::invalid, RedGreenReason::flaky, RedGreenStep::tests_on_base, "Parser.Nested does not fail each time on the base.",
                                     "ctest", {"Parser.Nested"}, {}, {std::string(64, 'd')}, {std::string(40, 'c')}, {"Parser.Fresh"}};
  report.prove = {"tests/parser_test.cpp::Empty"};
  report.mutants = MutantCount{9, 7, 4, 2, 1, 12.5};
  report.notes = {"No lock file: the newest versions that package.json allows were installed on both sides.",
                  "huge.bin was left out: larger than 100 MiB."};
  return report;
}

}  // namespace baton
