#include "git/line_map.h"

#include <gtest/gtest.h>

#include <string>

namespace baton {
namespace {

// `exact` of every line of `from` and of its end, comma separated; "-" where the line is gone, its nearest after it.
std::string lines(std::string_view from, std::string_view to, int count) {
  const LineMap map(from, to);
  std::string text;
  for (int line = 1; line <= count + 1; ++line) {
    const auto exact = map.exact(line);
    if (!text.empty()) text += ' ';
    text += exact ? std::to_string(*exact) : "-" + std::to_string(map.nearest(line));
    if (exact) {
      EXPECT_EQ(map.nearest(line), *exact);
    }
  }
  return text;
}

void check(std::string_view from, std::string_view to, int count, std::string_view expected) {
  EXPECT_EQ(lines(from, to, count), expected) << "from: " << from << "\nto: " << to;
}

TEST(LineMap, CarriesLines) {
  check("", "", 0, "1");
  check("a\nb\nc\n", "a\nb\nc\n", 3, "1 2 3 4");
  check("a\nb\n", "new\na\nb\n", 2, "2 3 4");                  // insert above
  check("a\nb\nc\n", "a\nx\ny\nb\nc\n", 3, "1 4 5 6");         // insert between
  check("a\nb\nc\n", "a\nc\n", 3, "1 -2 2 3");                 // delete
  check("a\nb\nc\n", "b\nc\n", 3, "-1 1 2 3");                 // delete the first
  check("a\nb\nc\n", "a\nb\n", 3, "1 2 -2 3");                 // delete the last: the nearest line that is there
  check("a\nb\nc\n", "a\nX\nc\n", 3, "1 -2 3 4");              // replace
  check("a\nb\nc\nd\n", "a\nX\nY\nZ\nd\n", 4, "1 -2 -2 5 6");  // replace two by three
  check("a\nb\nc\nd\n", "x\na\nb\nd\ny\n", 4, "2 3 -4 4 6");   // several hunks
  check("a\nb\n", "", 2, "-1 -1 1");                           // all gone
  check("", "a\nb\n", 0, "3");                                 // all new
  check("a\nb", "a\nb\n", 2, "1 2 3");                         // last line end missing
  check("a\nb", "z\na\nb", 2, "2 3 4");
  check("a\nb\n", "a\r\nb\r\n", 2, "1 2 3");  // line ends alone
  check("a\r\nb\r\n", "x\na\nb\n", 2, "2 3 4");
  check(std::string_view("a\n\0b\nc\n", 7), std::string_view("x\na\n\0b\nc\n", 9), 3,
        "2 3 4 5");  // binary is text here
}

TEST(LineMap, SaysWhichLinesAreNew) {
  const LineMap map("a\nb\nc\nd\n", "a\nX\nY\nc\n");
  EXPECT_FALSE(map.identity());
  EXPECT_FALSE(map.changed_in_to(1));
  EXPECT_TRUE(map.changed_in_to(2));
  EXPECT_TRUE(map.changed_in_to(3));
  EXPECT_FALSE(map.changed_in_to(4));
  EXPECT_TRUE(LineMap("a\nb", "a\r\nb\r\n").identity());
}

TEST(LineMap, StaysInsideTheTextWhateverIsAsked) {
  const LineMap map("a\nb\n", "a\n");
  EXPECT_EQ(map.exact(0), std::nullopt);
  EXPECT_EQ(map.exact(-5), std::nullopt);
  EXPECT_EQ(map.exact(99), std::nullopt);
  EXPECT_EQ(map.nearest(-5), 1);
  EXPECT_EQ(map.nearest(99), 2);
  EXPECT_EQ(LineMap("a\n", "").nearest(1), 1);
}

TEST(LineMap, LargeTextsTakeNoTime) {
  std::string from, to;
  for (int i = 0; i < 50'000; ++i) {
    from += "line " + std::to_string(i) + "\n";
    to += "line " + std::to_string(i) + (i % 100 == 0 ? " changed\n" : "\n");
  }
  const LineMap map(from, "first\n" + to);
  EXPECT_EQ(map.exact(50'000), 50'001);
  EXPECT_EQ(map.exact(1), std::nullopt);
}

}  // namespace
}  // namespace baton
