// Golden files in tests/orchestrator/report_text; BATON_UPDATE_GOLDEN=1 writes them anew. Escape is written as ␛.
#include "orchestrator/report_text.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

#include "orchestrator/terminal_text.h"
#include "support/files.h"
#include "tests/orchestrator/sample_report.h"

namespace baton {
namespace {

std::string visible(std::string text) {
  for (size_t at = 0; (at = text.find('\x1b', at)) != text.npos;) text.replace(at, 1, "␛");
  return text;
}

void check(const std::string& name, const VerifyReport& report, const TextStyle& style) {
  std::string text = visible(report_text(report, style));
  std::string path = std::string(BATON_SOURCE_DIR) + "/tests/orchestrator/report_text/" + name + ".txt";
  if (std::getenv("BATON_UPDATE_GOLDEN")) {
    ASSERT_TRUE(write_file(path, text).ok());
    return;
  }
  Result<std::string> expected = read_file(path);
  ASSERT_TRUE(expected.ok()) << expected.error().message;
  EXPECT_EQ(text, *expected) << name;
}

VerifyReport small(Verdict verdict, std::string cause) {
  VerifyReport report;
  report.verdict = verdict, report.cause = std::move(cause);
  report.base.name = "HEAD", report.base.commit = std::string(40, 'b');
  report.head.name = "working tree";
  report.sandbox = "bubblewrap";
  report.seconds = 0.2;
  return report;
}

GateReport gate(std::string name, GateKind kind, GateVerdict verdict, std::string cause) {
  GateReport report;
  report.name = std::move(name), report.kind = kind, report.verdict = verdict, report.cause = std::move(cause);
  report.base = report.head = RunSummary{};
  report.base->seconds = report.head->seconds = 3.0;
  return report;
}

TEST(ReportText, Rejected) {
  VerifyReport report = sample_report();
  check("rejected_80", report, {.width = 80});
  check("rejected_140", report, {.width = 140, .relative_to = "/home/user/project"});
  check("rejected_colour", report, {.colour = true, .width = 80});
  check("rejected_verbose", report, {.width = 80, .verbose = true});
  check("rejected_40", report, {.width = 20});
}

TEST(ReportText, NoRegression) {
  VerifyReport report = small(Verdict::no_regression, "no criteria were given");
  report.gates = {gate("npm test", GateKind::test, GateVerdict::pass, "12 failures were there before")};
  report.gates[0].head->passed = 130, report.gates[0].head->failed = 12;
  report.gates[0].head->verdict = RunVerdict::fail;
  report.seconds = 125.4, report.provisional = true, report.cached = true, report.sandbox = "not isolated";
  check("no_regression", report, {.width = 80});
}

TEST(ReportText, Verified) {
  VerifyReport report = small(Verdict::verified, "1 of 1 criterion shown");
  report.gates = {gate("pytest", GateKind::test, GateVerdict::pass, "")};
  report.criteria = {{"An empty file is an error", CriterionStatus::met, {}}};
  check("verified", report, {.width = 80});
}

TEST(ReportText, WeakerThanBefore) {
  VerifyReport report = small(Verdict::no_regression, "1 of 2 criteria shown, 1 check is weaker than before");
  report.gates = {gate("pytest", GateKind::test, GateVerdict::pass, "")};
  report.criteria = {{"gate: pytest", CriterionStatus::not_checkable, {}, "the gate says pass, but tests/test_a.py:3 is weaker than before (assertion_weakened)"}};
  report.audit = {{"tests/test_a.py", 3, "assertion_weakened", Severity::warning, "\"total(3) == 9\" became \"total(3) is not None\".", true, false,
                   "-    assert total(3) == 9\n+    assert total(3) is not None\n"},
                  {"pytest.ini", 2, "gate_script_changed", Severity::warning, "The change touches what decides what \"pytest\" runs; was: addopts = -q"},
                  {"tests/test_b.py", 9, "skip_added", Severity::note, "\"test_slow\" is skipped on Windows."}};
  check("weakened", report, {.width = 80});
}

TEST(ReportText, Inconclusive) {
  check("no_gate", small(Verdict::inconclusive, "no gate was found"), {.width = 80});
  VerifyReport report =
      small(Verdict::inconclusive, "cmake build: red on both sides, and nothing tells the failures apart");
  report.gates = {
      gate("cmake build", GateKind::build, GateVerdict::inconclusive,
           "red on both sides, and nothing tells the failures apart"),
      gate("ctest", GateKind::test, GateVerdict::inconclusive, "not run: it needs cmake build, which is inconclusive"),
      gate("npm test", GateKind::test, GateVerdict::vacuous, "nothing ran, where the base ran 12 tests")};
  report.gates[0].base->verdict = report.gates[0].head->verdict = RunVerdict::fail;
  report.gates[1].base.reset();
  report.gates[1].head.reset();
  report.gates[2].head->verdict = RunVerdict::vacuous;
  check("inconclusive", report, {.width = 80});
}

TEST(ReportText, LongWideAndHostileNames) {
  VerifyReport report = small(Verdict::rejected, "テスト failed: 1 regression");
  report.gates = {gate("テスト", GateKind::test, GateVerdict::fail, "1 regression"),
                  gate("a gate with a very long name that nobody would give to any gate of theirs, but who knows",
                       GateKind::build, GateVerdict::pass, "")};
  std::string deep = "src/" + std::string(60, 'd') + "/very/deep/folder/test_ünïcödé.py";
  report.tests = {{deep + "::TestSomething::test_of_a_thing[" + std::string(80, 'p') + "-last]", TestStatus::regression,
                   "テスト", deep, 7, std::string(200, 'm') + "\n\x1b[31mred\x1b[0m \xff\xfe \u202Eevil", "", 0}};
  for (int i = 0; i < 30; ++i)
    report.tests.push_back({"t" + std::to_string(i), TestStatus::vanished, "テスト", "", 0, "", "", 0});
  check("hostile", report, {.width = 80});
}

TEST(ReportText, NothingIsWiderThanTheTerminalButPaths) {
  for (int width : {40, 60, 80, 100, 200}) {
    std::istringstream lines(report_text(sample_report(), {.width = width}));
    for (std::string line; std::getline(lines, line);) {
      bool to_be_copied = line.find("evidence/") != line.npos || line.find("baton verify") != line.npos ||
                          line.find("01J0") != line.npos;
      EXPECT_TRUE(to_be_copied || display_width(line) <= width) << width << ": " << line;
      EXPECT_TRUE(line.empty() || line.back() != ' ') << line;
    }
  }
}

TEST(ReportText, WithoutColourThereIsNoEscape) {
  EXPECT_EQ(report_text(sample_report(), {}).find('\x1b'), std::string::npos);
  EXPECT_NE(report_text(sample_report(), {.colour = true}).find("\x1b[31m"), std::string::npos);
}

TEST(TerminalText, Width) {
  auto check = [](std::string_view text, int expected) { EXPECT_EQ(display_width(text), expected) << text; };
  check("", 0);
  check("plain", 5);
  check("ünï", 3);
  check("e\u0301", 1);
  check("テスト", 6);
  check("✓ … –", 5);
  check("🎉", 2);
  check("\xff", 1);
}

TEST(TerminalText, Shortening) {
  EXPECT_EQ(shorten_middle("abcdefghij", 10), "abcdefghij");
  EXPECT_EQ(shorten_middle("abcdefghij", 5), "ab…ij");
  EXPECT_EQ(shorten_middle("abcdefghij", 1), "…");
  EXPECT_EQ(shorten_middle("abcdefghij", 0), "");
  EXPECT_EQ(shorten_end("abcdefghij", 4), "abc…");
  for (int width = 0; width < 12; ++width) {
    EXPECT_LE(display_width(shorten_middle("テストテスト\u0301x", width)), width);
    EXPECT_LE(display_width(shorten_end("テストテスト\u0301x", width)), width);
  }
}

TEST(TerminalText, Printable) {
  auto check = [](std::string_view text, std::string_view expected) { EXPECT_EQ(printable_text(text), expected); };
  check("plain\nlines\t.", "plain\nlines .");
  check("\x1b[31m\r\x7f", "\\x1b[31m\\x0d\\x7f");
  check("\xc2\x9b", "\\xc2\\x9b");
  check("\xe2\x80\xae", "\\xe2\\x80\\xae");
  check("ü\xff\xc0\x80", "ü\\xff\\xc0\\x80");
  check("\xed\xa0\x80", "\\xed\\xa0\\x80");
  check("\xf0\x9f\x8e\x89 テ", "🎉 テ");
  check("\xe2\x80", "\\xe2\\x80");
}

TEST(TerminalText, Wrapping) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(wrap_text("", 10), Lines{""});
  EXPECT_EQ(wrap_text("one two three", 7), (Lines{"one two", "three"}));
  EXPECT_EQ(wrap_text("one\ntwo", 20), (Lines{"one", "two"}));
  EXPECT_EQ(wrap_text("aaaaaaaaaaaa b", 5), (Lines{"aaaaaaaaaaaa", "b"}));
}

}  // namespace
}  // namespace baton
