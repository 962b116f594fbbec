#include "analyzers/matcher.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "analyzers/readers/reader.h"

namespace baton {
namespace {

std::vector<Finding> read(const MatcherTable& table, std::string_view output) {
  const Text text(output);
  const RunOutput run;
  const PathMapper paths("/w", "/w", {});
  Reading reading(text, run, paths);
  table.read(reading);
  std::vector<Finding> out;
  for (Reported& one : reading.findings) out.push_back(one.finding);
  return out;
}

TEST(Matchers, ANewToolIsADataEntry) {
  const auto table = MatcherTable::parse(R"json({"matchers": [{
    "name": "frobcheck", "line": "frob> (?P<severity>bad|odd) (?P<code>F\\d+) at (?P<line>\\d+)/(?P<col>\\d+): (?P<message>.*)",
    "head": "checking (?P<path>\\S+)$", "detail": "     (?P<message>.*)", "severity": {"bad": "error", "odd": "info"}}]})json");
  ASSERT_TRUE(table) << table.error().message;
  const auto found = read(**table, "checking src/a.frob\nfrob> bad F12 at 3/4: no frobs\n     at all\nfrob> odd F1 at 9/1: few\n\nfrob> bad F2 at 1/1: no head\n");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].path, "src/a.frob");
  EXPECT_EQ(found[0].line, 3);
  EXPECT_EQ(found[0].column, 4);
  EXPECT_EQ(found[0].severity, Severity::error);
  EXPECT_EQ(found[0].code, "F12");
  EXPECT_EQ(found[0].message, "no frobs\nat all");
  EXPECT_EQ(found[1].severity, Severity::info);
}

TEST(Matchers, ABadPatternIsSaidWithItsName) {
  const auto table = MatcherTable::parse(R"json([{"name": "broken", "line": "(?P<path>["}])json");
  ASSERT_FALSE(table);
  EXPECT_NE(table.error().message.find("broken"), std::string::npos) << table.error().message;
}

TEST(Matchers, ExamplesOfTheTableHold) {
  const nlohmann::json rows = nlohmann::json::parse(matchers_json())["matchers"];
  for (const auto& row : rows) {
    for (const auto& example : row.value("examples", nlohmann::json::array())) {
      const auto found = read(MatcherTable::builtin(), example[0].get<std::string>());
      ASSERT_EQ(found.size(), 1u) << row["name"] << ": " << example[0];
      EXPECT_EQ(found[0].message, example[1].get<std::string>()) << row["name"];
      EXPECT_EQ(found[0].tool, row["tool"].get<std::string>()) << row["name"] << ": " << example[0];
    }
  }
}

}  // namespace
}  // namespace baton
