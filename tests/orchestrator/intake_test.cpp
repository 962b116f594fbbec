#include "orchestrator/intake.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

// The title and the criteria, a line each.
void check(std::string_view text, const std::string& expected) {
  const TaskText task = take_in(text);
  std::string found = task.title;
  for (std::size_t i = 0; i < task.criteria.size(); ++i) {
    EXPECT_EQ(task.criteria[i].id, "c" + std::to_string(i + 1));
    found += "\n" + task.criteria[i].text;
  }
  EXPECT_EQ(found, expected) << text;
}

TEST(Intake, CriteriaAreFoundAndNeverInvented) {
  check("", "");
  check("Make it nicer", "Make it nicer");
  check("Close the file. It must be closed twice at most.", "Close the file. It must be closed twice at most.\nIt must be closed twice at most.");
  check("Title\n\nRows should be hidden; the job has to purge them. Nice.", "Title\nRows should be hidden\nthe job has to purge them.");
  check("History\n- every update is recorded\n- GET /history", "History\nevery update is recorded\nGET /history");
  check("# Export\n\n## Acceptance criteria\n1. a button\n2) a file\nIt is UTF-8.", "Export\na button\na file\nIt is UTF-8.");
  check("Map\n\n**Steps**\n1. open\n2. wait\n\n**Expected** tiles are there", "Map\ntiles are there");
  check("T\n```\nit must not be read\n- nor this\n```\nDone when:\n- green", "T\ngreen");
  check("T\n- same\n- same", "T\nsame");
}

TEST(Intake, ALongTitleEndsAtAWord) {
  const TaskText task = take_in(std::string(30, 'a') + " " + std::string(60, 'b') + " " + std::string(60, 'c'));
  EXPECT_EQ(task.title, std::string(30, 'a') + " " + std::string(60, 'b') + "\u2026");
}

TEST(Intake, TodoComments) {
  const auto todo = [](std::string_view line, const std::string& expected) { EXPECT_EQ(todo_task(line).value_or("-"), expected) << line; };
  todo("// TODO(baton): show a skeleton", "show a skeleton");
  todo("  /* TODO(baton) close it */", "close it");
  todo("<!-- TODO(baton): new title -->", "new title");
  todo("# TODO(baton):", "-");
  todo("// TODO: not ours", "-");
}

}  // namespace
}  // namespace baton
