#include <gtest/gtest.h>

#include <thread>

#include "cli/criteria.h"
#include "cli/progress_line.h"

namespace baton {
namespace {

using Lines = std::vector<std::string>;
using namespace std::chrono_literals;

void check_criteria(std::string_view text, const Lines& expected) { EXPECT_EQ(criteria_lines(text), expected) << text; }

TEST(Criteria, OneALineWithoutMarks) {
  check_criteria("", {});
  check_criteria("# Title\n\nIt works.\n", {"It works."});
  check_criteria("- a\n* b\n+ c\n- [ ] d\n- [x] e\n1. f\n12) g\n", {"a", "b", "c", "d", "e", "f", "g"});
  check_criteria("---\n  a - b  \r\n", {"a - b"});
  check_criteria("3 files\n2.5 s\n", {"3 files", "2.5 s"});
}

TEST(Criteria, AFileThatIsNotThereIsNoTask) {
  for (const char* text : {"Round prices up", "refactor", "", "Move a/b to c/d"}) EXPECT_TRUE(read_task(text) && *read_task(text) == text) << text;
  for (const char* path : {"TASK.md", "/no/such/task", "notes/task.txt", "/tmp"}) {
    ASSERT_FALSE(read_task(path)) << path;
    EXPECT_EQ(read_task(path).error().message, "There is no file " + std::string(path) + "; name a file, or write the task as text.");
  }
}

Progress progress(std::string message, int done = 0, int total = 0) { return {"gate", "ctest", "base", std::move(message), done, total, ""}; }

void check_label(const Progress& progress, const ProgressLabel& expected) {
  const ProgressLabel label = progress_label(progress);
  EXPECT_EQ(label.what, expected.what) << progress.message;
  EXPECT_EQ(label.tests, expected.tests) << progress.message;
}

TEST(ProgressLabel, NamesWhatIsWaitedForWithoutItsTime) {
  check_label(progress("base: ctest, 12 s"), {"base: ctest", ""});
  check_label(progress("base: ctest, 57 of 212 tests, 12 s"), {"base: ctest", "57 of 212 tests"});
  check_label(progress("base: ctest, 1 test"), {"base: ctest", "1 test"});
  check_label(progress("base: ctest", 3, 8), {"[3/8] base: ctest", ""});
  check_label(progress("base: a, b s"), {"base: a, b s", ""});
  check_label(progress(""), {"base: gate", ""});
  check_label(progress("evil \x1b[2J"), {"evil \\x1b[2J", ""});
}

TEST(ProgressLine, SaysAgainWhatLastsWhereThereIsNoTerminal) {
  ::testing::internal::CaptureStderr();
  {
    ProgressLine line(ProgressStyle::plain, 200ms);
    line.show(progress("base: ctest"));
    line.show(progress("base: ctest, 57 tests, 1 s"));
    std::this_thread::sleep_for(700ms);
    line.show(progress("base: lint"));
  }
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(said.substr(0, 46), "base: ctest\nbase: ctest, 57 tests, 0 s so far\n") << said;
  EXPECT_TRUE(said.ends_with("so far\nbase: lint\n")) << said;
}

TEST(ElapsedText, SecondsThenMinutes) {
  EXPECT_EQ(elapsed_text(900ms), "0 s");
  EXPECT_EQ(elapsed_text(59s), "59 s");
  EXPECT_EQ(elapsed_text(125s), "2 min 05 s");
}

}  // namespace
}  // namespace baton
