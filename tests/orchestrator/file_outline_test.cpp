// What of a file a change touches, function by function.
#include "orchestrator/file_outline.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace baton {
namespace {

constexpr const char* kPython = "def one():\n    return 1\n\n\ndef two():\n    a = 1\n    return a\n\n\nclass T:\n    def test_it(self):\n        pass\n";

// "one", "two*" (changed), "test_it!" (a test)
std::vector<std::string> outlined(const char* path, const std::string& base, const std::string& text) {
  std::vector<std::string> all;
  for (const OutlinedFunction& one : outline_of_text(path, base, text).functions) all.push_back(one.name + (one.test ? "!" : "") + (one.changed ? "*" : ""));
  return all;
}

std::string with(std::string text, const std::string& what, const std::string& instead) {
  const auto at = text.find(what);
  EXPECT_NE(at, text.npos) << what;
  return text.replace(at, what.size(), instead);
}

using Names = std::vector<std::string>;

TEST(FileOutline, NamesWhatIsChanged) {
  EXPECT_EQ(outlined("a.py", kPython, kPython), (Names{"one", "two", "test_it!"}));
  EXPECT_EQ(outlined("a.py", kPython, with(kPython, "return 1", "return 2")), (Names{"one*", "two", "test_it!"}));
  EXPECT_EQ(outlined("a.py", kPython, with(kPython, "    a = 1\n", "")), (Names{"one", "two*", "test_it!"})) << "a line that is gone";
  EXPECT_EQ(outlined("a.py", kPython, "# a remark\n" + std::string(kPython)), (Names{"one", "two", "test_it!"})) << "outside of functions";
  EXPECT_EQ(outlined("a.py", "", kPython), (Names{"one*", "two*", "test_it!*"})) << "a new file";
  EXPECT_EQ(outlined("a.py", with(kPython, "\n", "\r\n"), kPython), (Names{"one", "two", "test_it!"})) << "line ends are no change";
}

TEST(FileOutline, KnowsTests) {
  EXPECT_EQ(outlined("a_test.go", "", "package a\n\nfunc TestIt(t *testing.T) {}\n\nfunc Other() {}\n"), (Names{"TestIt!*", "Other*"}));
  EXPECT_EQ(outlined("a.cpp", "", "int f() { return 1; }\nTEST(Math, Adds) { f(); }\n"), (Names{"f*", "Math.Adds!*"}));
}

TEST(FileOutline, HasItsLimits) {
  EXPECT_TRUE(outlined("a.py", "", std::string(2u << 20, 'a')).empty());
  EXPECT_TRUE(outlined("a.txt", "", "text\n").empty());
  EXPECT_TRUE(outline_of_text("a.txt", "one\n", "two\n").changed);
  std::string many;
  for (int i = 0; i < 700; ++i) many += "def f" + std::to_string(i) + "(): pass\n";
  EXPECT_EQ(outlined("a.py", "", many).size(), kMaxOutlined);
}

TEST(FileOutline, PassesTheWire) {
  const FileOutline outline = outline_of_text("a.py", "", kPython);
  const auto back = file_outline_from_json(to_json(outline));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(to_json(*back), to_json(outline));
  EXPECT_FALSE(file_outline_from_json({{"functions", 7}}).ok());
}

}  // namespace
}  // namespace baton
