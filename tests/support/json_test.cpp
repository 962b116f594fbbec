#include "support/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace baton {
namespace {

std::string nested(int depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

// Expected: the value dumped again, or "error".
void check(const std::string& text, const std::string& expected) {
  const auto value = parse_json(text);
  EXPECT_EQ(value ? dump_json(*value) : "error", expected) << text.substr(0, 100);
}

TEST(Json, ParseTable) {
  check(R"({"a":[1,2.5,null,true,"x"]})", R"({"a":[1,2.5,null,true,"x"]})");
  check("[]", "[]");
  check("[[]]", "[[]]");
  check("", "error");
  check("{", "error");
  check("{} {}", "error");
  check("\xef\xbb\xbf{}", "{}");
  check("1e400", "error");
  check("\"\xff\"", "error");
  check("\"a\xc3\"", "error");
}

TEST(Json, DepthIsBounded) {
  check(nested(256), nested(256));
  check(nested(257), "error");
  check(nested(200'000), "error");
  check(std::string(1'000'000, '['), "error");
  check("\"" + std::string(1000, '[') + "\"", "\"" + std::string(1000, '[') + "\"");  // brackets in a string are text
  check(R"(["\"[[[","\\",[]])", R"(["\"[[[","\\",[]])");
}

TEST(Json, LoneSurrogatesBecomeTheReplacementCharacter) {
  check(R"("\ud83d\ude00")", "\"\xf0\x9f\x98\x80\"");
  check(R"("\ud83d")", "\"\xef\xbf\xbd\"");
  check(R"("\ude00x")", "\"\xef\xbf\xbdx\"");
  check(R"("\ud83d\u0041")",
        "\"\xef\xbf\xbd"
        "A\"");
  check(R"("\ud83d\ud83d\ude00")", "\"\xef\xbf\xbd\xf0\x9f\x98\x80\"");
  check(R"("\\ud83d")", R"("\\ud83d")");  // an escaped backslash, then plain letters
  check(R"("\u12")", "error");
}

TEST(Json, DumpNeverThrowsOnBytes) {
  EXPECT_EQ(dump_json(nlohmann::json("a\xff"
                                     "b")),
            "\"a\xef\xbf\xbd"
            "b\"");
  EXPECT_EQ(dump_json_pretty(nlohmann::json{{"a", 1}}), "{\n  \"a\": 1\n}\n");
}

TEST(Json, ErrorsSayWhere) {
  const auto value = parse_json("{\n  \"a\": oops\n}");
  ASSERT_FALSE(value.ok());
  EXPECT_EQ(value.error().kind, ErrorKind::usage);
  EXPECT_NE(value.error().message.find("line 2"), std::string::npos) << value.error().message;
  EXPECT_EQ(parse_json_file("/nonexistent/x.json").error().kind, ErrorKind::io);
}

}  // namespace
}  // namespace baton
