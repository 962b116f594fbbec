#include "orchestrator/toml.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/json.h"

namespace baton {
namespace {

void check(const std::string& text, const std::string& expected) {
  const auto value = parse_toml(text);
  EXPECT_EQ(value ? dump_json(*value) : "error", expected) << text;
}

TEST(Toml, ReadsWhatProjectsWrite) {
  check("", "{}");
  check("a = 1 # one\nb = 'x'\nc = true\n", R"({"a":1,"b":"x","c":true})");
  check("[a.b]\nc.d = [1, 2,\n # note\n 3,\n]\n", R"({"a":{"b":{"c":{"d":[1,2,3]}}}})");
  check("[[p]]\nn = 1\n[[p]]\nn = 2\n[p.q]\nr = 3\n", R"({"p":[{"n":1},{"n":2,"q":{"r":3}}]})");
  check("a = { b = 'c', d = [ {e = 1} ] }", R"({"a":{"b":"c","d":[{"e":1}]}})");
  check("a = \"x\\ty\\u00e9\\\"\"", "{\"a\":\"x\\ty\xc3\xa9\\\"\"}");
  check("a = '''\nx'y\n'''\nb = \"\"\"a\\\n   b\"\"\"\n", R"({"a":"x'y\n","b":"ab"})");
  check("\"quoted key\" = 1\n'x.y' = 2\n", R"({"quoted key":1,"x.y":2})");
  check("d = 1979-05-27T07:32:00Z\nf = 1_000.5\n", R"({"d":"1979-05-27T07:32:00Z","f":1000.5})");
  check("a = 1\r\nb = 2\r\n", R"({"a":1,"b":2})");
}

TEST(Toml, RefusesTheRest) {
  for (const char* text : {"a", "a =", "[a", "a = [1", "a = {b = 1", "a = 'x", "a = 1 b = 2", "[[a]\n", "= 1", "a = 1\n[a]\nb = 2\n"}) {
    check(text, "error");
  }
  check("a = " + std::string(5000, '['), "error");
  check("a = " + [] {
    std::string text;
    for (int i = 0; i < 500; ++i) text += "{a=";
    return text;
  }(), "error");
  EXPECT_NE(parse_toml("a = 1\nb\n").error().message.find("line 2"), std::string::npos);
}

}  // namespace
}  // namespace baton
