#include "orchestrator/progress.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/files.h"

namespace baton {
namespace {

using namespace std::chrono_literals;

void check(std::string_view line, int tests) { EXPECT_EQ(tests_in_line(line), tests) << line; }

TEST(TestsSeen, TellsThemByTheLinesOfRunners) {
  check("ok 12 - parses", 1);
  check("    not ok 3 - nested", 1);
  check(" 7/19 Test  #7: parse_number ...............   Passed    0.00 sec", 1);
  check("      Start  8: parse_string", 0);
  check("test tests::parses ... ok", 1);
  check("test_a (m.T.test_a) ... skipped 'no disk'", 1);
  check("[       OK ] Suite.Name (0 ms)", 1);
  check("[  FAILED  ] Suite.Name", 0);
  check("--- FAIL: TestParse (0.00s)", 1);
  check(R"({"Time":"2026-01-01T00:00:00Z","Action":"pass","Package":"x/y","Test":"TestA","Elapsed":0})", 1);
  check(R"({"Time":"2026-01-01T00:00:00Z","Action":"pass","Package":"x/y","Elapsed":0})", 0);
  check(R"({"Time":"2026-01-01T00:00:00Z","Action":"run","Package":"x/y","Test":"TestA"})", 0);
  check("  ✔ adds two numbers (0.4ms)", 1);
  check(" ✓ test/a.test.ts (12 tests) 5ms", 12);
  check("tests/test_a.py ....F.s [ 33%]", 7);
  check("tests/test_a.py ..", 2);
  check("....", 4);
  check("tests/test_a.py::test_one PASSED      [  3%]", 1);
  check("[INFO] Tests run: 5, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 s -- in a.B", 5);
  for (const char* other : {"", "okay", "Collecting pytest", "-- Configuring done", "error: it is not ok", "building..."}) check(other, 0);
}

struct Log {
  TemporaryFolder folder = *TemporaryFolder::make(std::filesystem::temp_directory_path(), "baton-progress-");
  std::filesystem::path path = folder.path() / "log";
  void add(std::string_view text) const { std::ofstream(path, std::ios::app) << text; }
};

TEST(TestsSeen, GoesOnWithALogThatGrows) {
  const Log log, other;
  TestsSeen seen;
  EXPECT_EQ(seen.in(log.path), 0);
  log.add("ok 1 - a\nt");
  EXPECT_EQ(seen.in(log.path), 1);
  log.add(".py ..");
  EXPECT_EQ(seen.in(log.path), 3);
  log.add(".F\nok");
  EXPECT_EQ(seen.in(log.path), 6);
  other.add("ok 1 - z\n");
  EXPECT_EQ(seen.in(other.path), 1);
}

TEST(ProgressTicker, TellsTheTestsOfARunOfTests) {
  const Log log;
  log.add("ok 1 - a\nok 2 - b\n");
  std::vector<std::string> said;
  const auto told = [&](std::optional<int> of) {
    said.clear();
    ProgressTicker ticker([&](const Progress& progress) { said.push_back(progress.message); });
    Progress step{"gate", "tap", "head", "head: tap", 0, 1, log.path.string()};
    step.of_tests = of;
    ticker.show(step);
    return said.at(0);
  };
  EXPECT_EQ(told(7), "head: tap, 2 of 7 tests");
  EXPECT_EQ(told(0), "head: tap, 2 tests");
  EXPECT_EQ(told(1), "head: tap, 2 tests");
  EXPECT_EQ(told(std::nullopt), "head: tap");
}

}  // namespace
}  // namespace baton
