// Fixes as data and as a tree: what is applied beside what, and what is not.
#include "orchestrator/agents/fix.h"

#include <nlohmann/json.hpp>

#include "orchestrator/agents/text_places.h"
#include "support/json.h"
#include "tests/orchestrator/workshop.h"

namespace baton {
namespace {

class FixTest : public Workshop {
 protected:
  // One file `a` with `text`, and the fixes; the text afterwards, and the ids that were left out.
  std::string applied(const std::string& text, const std::vector<Fix>& fixes) {
    write({{"a", text}});
    git({"add", "-A"});
    git({"commit", "-q", "--allow-empty", "-m", "work"});
    auto store = Store::open(*open_repository(at("repo")));
    EXPECT_TRUE(store.ok());
    const std::string head = *store->resolve_commit("HEAD");
    const auto fixed = apply_fixes(*store, head, fixes);
    if (!fixed) return "error: " + fixed.error().message;
    std::string told = store->read(fixed->tree, "a")->value_or("?");
    for (const std::string& id : fixed->overlapping) told += " !" + id;
    return told;
  }
  static Fix fix(std::string id, std::vector<std::tuple<std::size_t, std::size_t, const char*>> edits, const char* check = "c") {
    Fix made{std::move(id), "t", check, "a", 1, "m", {}};
    for (const auto& [offset, length, text] : edits) made.edits.push_back({"a", offset, length, text});
    return made;
  }
};

TEST_F(FixTest, WhatIsAppliedBesideWhat) {
  struct Case {
    std::string text;
    std::vector<Fix> fixes;
    std::string expected;
  };
  const std::vector<Case> kCases = {
      {"abcdef", {}, "abcdef"},
      {"abcdef", {fix("1", {{0, 1, "X"}}), fix("2", {{1, 1, "Y"}})}, "XYcdef"},
      {"abcdef", {fix("1", {{1, 3, "X"}}), fix("2", {{3, 1, "Y"}})}, "aXef !2"},
      {"abcdef", {fix("1", {{3, 1, "Y"}}), fix("2", {{1, 3, "X"}})}, "abcYef !2"},
      {"abcdef", {fix("1", {{1, 3, "X"}}), fix("2", {{1, 3, "X"}})}, "aXef"},
      {"abcdef", {fix("1", {{1, 3, "X"}}), fix("2", {{1, 3, "Z"}})}, "aXef !2"},
      // All edits of a fix or none.
      {"abcdef", {fix("1", {{1, 1, "X"}}), fix("2", {{1, 1, "Y"}, {4, 1, "Z"}})}, "aXcdef !2"},
      // Insertions beside replacements, and inside of one.
      {"abcdef", {fix("1", {{2, 2, "X"}}), fix("2", {{2, 0, "<"}, {4, 0, ">"}})}, "ab<X>ef"},
      {"abcdef", {fix("1", {{2, 2, "X"}}), fix("2", {{3, 0, "!"}})}, "abXef !2"},
      {"abcdef", {fix("1", {{3, 0, "!"}}), fix("2", {{2, 2, "X"}})}, "abc!def !2"},
      // Equal closing braces of one check are both meant, a line that is needed once is not, nor is one finding under two names.
      {"abcdef", {fix("1", {{6, 0, "}"}}), fix("2", {{6, 0, "}"}})}, "abcdef}}"},
      {"abcdef", {fix("1", {{0, 0, "#include <x>\n"}, {1, 1, "B"}}), fix("2", {{0, 0, "#include <x>\n"}, {2, 1, "C"}})}, "#include <x>\naBCdef"},
      {"abcdef", {fix("1", {{6, 0, " override"}}, "x-override"), fix("2", {{6, 0, " override"}}, "y-override")}, "abcdef override"},
      {"abcdef", {fix("1", {{0, 0, "const "}}, "x"), fix("2", {{0, 0, "static "}}, "y")}, "const abcdef !2"},
      // Bytes, not characters; deletions; the end of the file.
      {"ä😀b", {fix("1", {{2, 4, ""}}), fix("2", {{6, 1, "c"}, {7, 0, "\n"}})}, "äc\n"},
      // A fix that contradicts itself is none.
      {"abcdef", {fix("1", {{0, 3, "X"}, {2, 2, "Y"}}), fix("2", {{5, 1, "Z"}})}, "abcdeZ !1"},
  };
  for (const Case& one : kCases) EXPECT_EQ(applied(one.text, one.fixes), one.expected);
}

TEST_F(FixTest, FixesThatDoNotFitSaySo) {
  EXPECT_EQ(applied("abc", {fix("1", {{2, 5, "X"}})}), "error: The fixes of a do not fit the file, which has 3 bytes; plan the task anew.");
  Fix elsewhere = fix("1", {{0, 1, "X"}});
  elsewhere.edits[0].path = "missing";
  EXPECT_EQ(applied("abc", {elsewhere}), "error: The fixes of missing do not fit the file, which is not there as a file; plan the task anew.");
}

TEST_F(FixTest, ModesStayAndLinksAreNotFollowed) {
  commit({{"run.sh", "old\n"}});
  std::filesystem::permissions(at("repo/run.sh"), std::filesystem::perms(0755));
  std::filesystem::create_symlink("run.sh", at("repo/link"));
  commit();
  auto store = Store::open(*open_repository(at("repo")));
  const std::string head = *store->resolve_commit("HEAD");
  Fix one{"1", "t", "c", "run.sh", 1, "m", {{"run.sh", 0, 3, "new"}}};
  const auto fixed = apply_fixes(*store, head, {one});
  ASSERT_TRUE(fixed.ok()) << fixed.error().message;
  EXPECT_EQ((*store->find(fixed->tree, "run.sh"))->mode, 0100755u);
  one.edits[0].path = "link";
  EXPECT_FALSE(apply_fixes(*store, head, {one}).ok());
}

TEST_F(FixTest, ThousandsOfFixesOfOneFile) {
  std::string text;
  std::vector<Fix> fixes;
  for (int i = 0; i < 20'000; ++i) {
    fixes.push_back(fix(std::to_string(i), {{text.size(), 1, "b"}, {text.size() + 3, 0, ";"}}));
    text += "a x\n";
  }
  const auto began = std::chrono::steady_clock::now();
  const std::string after = applied(text, fixes);
  EXPECT_EQ(after.substr(0, 10), "b x;\nb x;\n");
  EXPECT_EQ(after.size(), text.size() + 20'000);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(20));
}

TEST(FixJson, WhatIsWrittenIsReadAgain) {
  for (const char* text : {"plain", "", "ä😀\n", "\xff\xfe latin"}) {
    const Fix fix{"t:c:a:1:2", "t", "c", "a", 3, "message", {{"a", 4, 5, text}, {"b", 0, 0, text}}};
    const auto json = parse_json(dump_json(to_json(fix)));
    ASSERT_TRUE(json.ok());
    const auto again = fix_from_json(*json);
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(*again, fix);
  }
  for (const char* bad : {"[]", R"({"id": 3})", R"({"edits": [{"path": "a", "offset": -1}]})", R"({"edits": [{"path": "a", "hex": "zz"}]})"}) {
    EXPECT_FALSE(fix_from_json(*parse_json(bad)).ok()) << bad;
  }
}

TEST(TextPlaces, UnitsOfALongLine) {
  std::string text = "\xEF\xBB\xBF";
  for (int i = 0; i < 5000; ++i) text += "aä😀";  // 1 + 2 + 4 bytes, 1 + 1 + 2 units, 3 characters
  const TextPlaces places(text);
  EXPECT_EQ(places.bom(), 3u);
  EXPECT_TRUE(places.is_utf8());
  for (const std::size_t at : {0u, 1u, 77u, 4999u}) {
    EXPECT_EQ(places.byte_of(at * 4, TextUnit::utf16, 3), 3 + at * 7);
    EXPECT_EQ(places.byte_of(at * 4 + 2, TextUnit::utf16, 3), 3 + at * 7 + 3);
    EXPECT_EQ(places.byte_of(at * 3 + 1, TextUnit::code_points, 3), 3 + at * 7 + 1);
    EXPECT_FALSE(places.byte_of(at * 4 + 3, TextUnit::utf16, 3).has_value()) << "inside a character";
  }
  EXPECT_FALSE(places.byte_of(20'001, TextUnit::utf16, 3).has_value());
  EXPECT_EQ(places.byte_of(20'000, TextUnit::utf16, 3), text.size());
  EXPECT_FALSE(TextPlaces("a\xff").is_utf8());
  EXPECT_FALSE(TextPlaces("a\xff").byte_of(1, TextUnit::utf16).has_value());
  const TextPlaces lines("ab\nc\n");
  EXPECT_EQ(lines.line_of(0), 1);
  EXPECT_EQ(lines.line_of(3), 2);
  EXPECT_EQ(lines.column_of(4), 2);
  EXPECT_EQ(lines.line_start(2), 3u);
  EXPECT_EQ(lines.line_start(9), 5u);
}

}  // namespace
}  // namespace baton
