#include "git/line_diff.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace baton {
namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

// "-from,count+to,count" a hunk.
void check(std::string_view from, std::string_view to, std::string_view expected) {
  std::string text;
  for (const LineHunk& hunk : diff_lines(from, to)) {
    text += (text.empty() ? "" : " ") + ("-" + std::to_string(hunk.from_line) + "," + std::to_string(hunk.from_count)) + "+" +
            std::to_string(hunk.to_line) + "," + std::to_string(hunk.to_count);
  }
  EXPECT_EQ(text, expected) << "from: " << from << "\nto: " << to;
}

TEST(LineDiff, FindsWhatChanged) {
  check("", "", "");
  check("a\n", "a\n", "");
  check("", "a\nb\n", "-1,0+1,2");
  check("a\nb\n", "", "-1,2+1,0");
  check("a\nb\nc\n", "a\nc\n", "-2,1+2,0");
  check("a\nb\nc\n", "a\nX\nY\nc\n", "-2,1+2,2");
  check("f {\n}\n", "g {\n}\nf {\n}\n", "-1,0+1,2");              // a function above another: not half of each
  check("a\nx\nb\nx\nc\n", "b\nx\na\nx\nc\n", "-1,2+1,0 -4,0+2,2");  // moved
  check("x\nx\nx\n", "x\nx\n", "-3,1+3,0");                        // nothing occurs once
  check("a\na\nb\nb\n", "b\nb\na\na\n", "-1,2+1,0 -5,0+3,2");
}

// Whatever is given, the hunks turn one text into the other, in order and without touching.
TEST(LineDiff, TurnsOneTextIntoTheOther) {
  std::mt19937 random(7);
  for (int round = 0; round < 400; ++round) {
    std::string from, to;
    const int kinds = 1 + static_cast<int>(random() % 12);
    const auto line = [&] { return std::string(1, static_cast<char>('a' + random() % kinds)) + "\n"; };
    for (unsigned i = random() % 40; i > 0; --i) {
      const std::string text = line();
      if (random() % 4) from += text;
      if (random() % 4) to += text;
      if (random() % 6 == 0) to += line();
    }
    const auto old_lines = lines_of(from), new_lines = lines_of(to);
    std::string made;
    int at = 1, end = 0;
    for (const LineHunk& hunk : diff_lines(from, to)) {
      ASSERT_TRUE(end == 0 || hunk.from_line > end) << from << "--\n" << to;
      for (; at < hunk.from_line; ++at) made += old_lines.at(at - 1);
      for (int i = 0; i < hunk.to_count; ++i) made += new_lines.at(hunk.to_line - 1 + i);
      at += hunk.from_count;
      end = hunk.from_line + hunk.from_count - 1;
    }
    for (; at <= static_cast<int>(old_lines.size()); ++at) made += old_lines[at - 1];
    ASSERT_EQ(made, to) << from;
  }
}

TEST(LineDiff, IsBounded) {
  std::string from, to;
  for (int i = 0; i < 60000; ++i) {
    from += i % 2 ? "x\n" : "y\n";
    to += i % 3 ? "x\n" : "y\n";
  }
  EXPECT_FALSE(diff_lines(from, to).empty());
}

}  // namespace
}  // namespace baton
