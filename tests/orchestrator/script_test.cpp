#include "orchestrator/script.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

// Commands divided by " ; ", words by "|", assignments in front in braces, pipes behind as "> name"; "shell" when it needs one.
std::string shown(std::string_view text) {
  const auto commands = split_script(text);
  if (!commands) return "shell";
  std::string result;
  for (const SimpleCommand& command : *commands) {
    if (!result.empty()) result += " ; ";
    for (const auto& [key, value] : command.env) result += "{" + key + "=" + value + "}";
    for (std::size_t i = 0; i < command.words.size(); ++i) {
      result += (i > 0 ? "|" : "") + command.words[i].text + (command.words[i].expands ? "*" : "");
    }
    for (const std::string& program : command.piped_to) result += " > " + program;
  }
  return result;
}

void check(std::string_view text, const std::string& expected) { EXPECT_EQ(shown(text), expected) << text; }

TEST(Script, SimpleTextIsTakenApart) {
  check("ava", "ava");
  check("xo && ava&&tsd", "xo ; ava ; tsd");
  check("A=1 B='x y' mocha -g \"a b\"", "{A=1}{B=x y}mocha|-g|a b");
  check("tape 'test/**/*.js'", "tape|test/**/*.js");
  check("tape test/*.js", "tape|test/*.js*");
  check("a\\ b c\\'d", "a b|c'd");
  check("tape x | tap-spec -q | cat", "tape|x > tap-spec > cat");
  check("a x=1", "a|x=1");
  check("a b#c", "a|b#c");
}

TEST(Script, TheRestNeedsAShell) {
  for (const char* text : {"", "  ", "&& a", "a &&", "a || b", "a; b", "a & b", "a > b", "a < b", "$(a)", "`a`", "a $B", "\"$A\"",
                           "(a)", "'a", "a |", "| a", "A=1", "a # b", "a \\"}) {
    check(text, "shell");
  }
}

TEST(Script, QuotesOnlyWhatMustBe) {
  EXPECT_EQ(shell_quoted("a-b/c.d{root}=1"), "a-b/c.d{root}=1");
  EXPECT_EQ(shell_quoted(""), "''");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
  EXPECT_EQ(argv_of((*split_script("a 'b c' d"))[0].words), (std::vector<std::string>{"a", "b c", "d"}));
  EXPECT_EQ(argv_of((*split_script("a 'b c' *.js"))[0].words), (std::vector<std::string>{"sh", "-c", "exec a 'b c' *.js"}));
}

}  // namespace
}  // namespace baton
