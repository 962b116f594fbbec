#include "orchestrator/verify_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/json.h"
#include "tests/orchestrator/sample_report.h"

namespace baton {
namespace {

using nlohmann::json;

json schema() {
  return std::move(*parse_json_file(std::string(BATON_SOURCE_DIR) + "/docs/schema/verify-report.schema.json"));
}

bool is_of_type(const json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  return type == "null" && value.is_null();
}

// The words of JSON Schema that ours uses. `strict`: a field that the schema does not name is an error, so that the
// schema keeps up with the report.
void validate(const json& root, const json& rule, const json& value, const std::string& at,
              std::vector<std::string>& errors) {
  if (rule.contains("$ref")) {
    std::string ref = rule["$ref"].get<std::string>().substr(1);
    validate(root, root.at(json::json_pointer(ref)), value, at, errors);
  }
  if (rule.contains("enum") && std::find(rule["enum"].begin(), rule["enum"].end(), value) == rule["enum"].end())
    errors.push_back(at + ": not one of the words: " + value.dump());
  if (rule.contains("type")) {
    json types = rule["type"].is_array() ? rule["type"] : json::array({rule["type"]});
    bool any = std::any_of(types.begin(), types.end(), [&](const json& type) { return is_of_type(value, type); });
    if (!any) errors.push_back(at + ": is not " + types.dump());
  }
  if (rule.contains("minimum") && value.is_number() && value < rule["minimum"]) errors.push_back(at + ": too small");
  if (value.is_array() && rule.contains("items")) {
    for (size_t i = 0; i < value.size(); ++i)
      validate(root, rule["items"], value[i], at + "[" + std::to_string(i) + "]", errors);
  }
  if (!value.is_object() || !rule.contains("properties")) return;
  for (const json& name : rule["required"])
    if (!value.contains(name)) errors.push_back(at + ": lacks " + name.get<std::string>());
  for (const auto& [name, field] : value.items()) {
    if (rule["properties"].contains(name))
      validate(root, rule["properties"][name], field, at + "." + name, errors);
    else
      errors.push_back(at + ": the schema does not name " + name);
  }
}

std::vector<std::string> complaints(const json& report) {
  json rules = schema();
  std::vector<std::string> errors;
  validate(rules, rules, report, "report", errors);
  return errors;
}

TEST(VerifyReport, FollowsItsSchema) {
  EXPECT_EQ(complaints(to_json(sample_report())), std::vector<std::string>());
  EXPECT_EQ(complaints(to_json(VerifyReport{})), std::vector<std::string>());
  json broken = to_json(sample_report());
  broken["verdict"] = "fine", broken["seconds"] = "1", broken["gates"][0].erase("head"), broken["extra"] = 1;
  EXPECT_EQ(complaints(broken).size(), 4u);
}

TEST(VerifyReport, HasTheNamesThatScriptsRelyOn) {
  json report = to_json(sample_report());
  EXPECT_EQ(report["verdict"], "rejected");
  EXPECT_EQ(report["base"]["commit"], "4be2c1a9d8e7f60512345678901234567890abcd");
  const json& gate = report["gates"][2];
  EXPECT_TRUE(gate["name"] == "ctest" && gate["kind"] == "test" && gate["required"] == true);
  EXPECT_EQ(gate["verdict"], "fail");
  EXPECT_EQ(gate["head"]["tests"], (json{{"total", 51}, {"passed", 36}, {"failed", 13}, {"skipped", 2}}));
  EXPECT_EQ(gate["base"]["tests"]["skipped"], nullptr);
  EXPECT_EQ(gate["head"]["exit_code"], 8);
  EXPECT_EQ(report["gates"][4]["base"], nullptr);
  EXPECT_EQ(report["gates"][4]["head"]["exit_code"], nullptr);
  EXPECT_EQ(report["tests"][0]["id"], "Parser.Nested");
  EXPECT_EQ(report["tests"][0]["status"], "regression");
  EXPECT_EQ(report["findings"][0]["col"], 7);
  EXPECT_EQ(report["criteria"][1]["status"], "met");
}

TEST(VerifyReport, RoundTripsWithoutLoss) {
  for (const VerifyReport& report : {sample_report(), VerifyReport{}}) {
    std::string text = dump_json(to_json(report));
    Result<VerifyReport> back = verify_report_from_json(*parse_json(text));
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(dump_json(to_json(*back)), text);
  }
  VerifyReport back = *verify_report_from_json(to_json(sample_report()));
  EXPECT_EQ(back.findings[0].finding, sample_report().findings[0].finding);
  EXPECT_EQ(back.findings[2].is_new, false);
  EXPECT_EQ(back.gates[0].base->cached, true);
}

TEST(VerifyReport, RefusesWhatIsNone) {
  auto check = [](auto change, const std::string& expected) {
    json report = to_json(sample_report());
    change(report);
    Result<VerifyReport> read = verify_report_from_json(report);
    ASSERT_FALSE(read.ok()) << expected;
    EXPECT_NE(read.error().message.find(expected), std::string::npos) << read.error().message;
  };
  check([](json& r) { r = json::array(); }, "\"id\"");
  check([](json& r) { r = "text"; }, "\"id\"");
  check([](json& r) { r["verdict"] = "great"; }, "\"verdict\"");
  check([](json& r) { r["gates"] = 3; }, "\"gates\"");
  check([](json& r) { r["gates"][0] = 3; }, "\"name\"");
  check([](json& r) { r["tests"][0]["line"] = 1e300; }, "\"line\"");
  check([](json& r) { r["tests"][0]["line"] = 5'000'000'000; }, "\"line\"");
  check([](json& r) { r["findings"][0]["severity"] = "fatal"; }, "\"severity\"");
}

}  // namespace
}  // namespace baton
