#include "orchestrator/tasks/commit_style.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

const SubjectWish kWish{"Use nullptr in the parser.", {"style", "refactor"}, {"src/parser", "parser", "src"}};

void check(const std::vector<std::string>& history, const std::string& form, const std::string& subject, const SubjectWish& wish = kWish) {
  const CommitStyle style = commit_style(history);
  EXPECT_EQ(to_string(style.form), form) << history.front();
  EXPECT_EQ(commit_subject(style, wish), subject) << history.front();
}

TEST(CommitStyle, IsThatOfTheHistory) {
  check({"Fix the build", "Add a test for empty input", "Update the docs"}, "plain", "Use nullptr in the parser");
  check({"fix the build", "add a test for empty input", "update docs"}, "plain", "use nullptr in the parser");
  check({"Fix the build.", "Add a test.", "Update the docs."}, "plain", "Use nullptr in the parser.");
  check({"feat: add x", "fix: correct y", "refactor: move z", "docs: say so"}, "conventional", "refactor: use nullptr in the parser");
  check({"feat(parser): add x", "fix(lexer): y", "style(parser): z", "chore(ci): w"}, "conventional", "style(parser): use nullptr in the parser");
  check({"feat(ui): Add x", "fix(ui)!: Y again", "feat: Z is there"}, "conventional", "style: Use nullptr in the parser");
  check({"parser: handle eof", "lexer: fix ids", "parser: add tokens", "doc: typo"}, "prefixed", "parser: use nullptr in the parser");
  check({"net/http: fix leak", "net/url: parse", "cmd/go: test"}, "prefixed", "Use nullptr in the parser");
  check({"[parser] Fix x", "[lexer] Fix y", "[parser] Add z"}, "bracketed", "[parser] Use nullptr in the parser");
  check({"Note to all: this is text", "When x: y", "Something else"}, "plain", "Use nullptr in the parser");
  check({"feat: one", "Add two", "Add three", "Add four", "Add five"}, "plain", "Use nullptr in the parser");
  check({"Merge branch 'x'", "Merge pull request 1", "Merge y", "fix: one"}, "plain", "Use nullptr in the parser");
}

TEST(CommitStyle, TooLittleHistorySaysNothing) {
  check({"feat: one"}, "plain", "Use nullptr in the parser");
  EXPECT_EQ(commit_subject(commit_style({}), kWish), "Use nullptr in the parser");
}

TEST(CommitStyle, NamesKeepTheirLetters) {
  const std::vector<std::string> small = {"fix the build", "add a test", "update docs"}, capital = {"Fix the build", "Add a test", "Update docs"};
  check(small, "plain", "API of the parser", {"API of the parser", {}, {}});
  check(capital, "plain", "iOS build", {"iOS build", {}, {}});
  check(capital, "plain", "std::move where it helps", {"std::move where it helps", {}, {}});
}

TEST(CommitStyle, ALongTextIsCutBetweenWords) {
  const std::string subject = commit_subject({}, {"Fix " + std::string(30, 'a') + " and " + std::string(30, 'b') + " and " + std::string(30, 'c'), {}, {}});
  EXPECT_EQ(subject, "Fix " + std::string(30, 'a') + " and " + std::string(30, 'b'));
  EXPECT_LE(commit_subject({}, {std::string(200, 'x'), {}, {}}).size(), 72u);
  EXPECT_EQ(commit_subject({}, {"One\nTwo", {}, {}}), "One");
}

}  // namespace
}  // namespace baton
