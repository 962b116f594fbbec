// Data beside tests: tables of cases and expectations are held to what they said, and inputs are not.
#include "analyzers/audit/test_data.h"
#include "tests/analyzers/audit_cases.h"

namespace baton {
namespace {

using namespace audit_cases;

TEST(AuditData, TablesOfCases) {
  const std::string json = "[\n  {\"text\": \"1,2\", \"parts\": [1, 2]},\n  {\"text\": \"7\", \"parts\": [7]},\n  {\"text\": \"\", \"parts\": []}\n]\n";
  const std::string named = "{\n  \"cases\": [\n    {\"in\": \"1,2\", \"expected\": 3},\n    {\"in\": \"7\", \"expected\": 7}\n  ]\n}\n";
  const std::string csv = "text,sum\n1;2,3\n7,7\n9;9,18\n";
  const std::string yaml = "cases:\n  - in: '1,2'\n    expected: 3\n  - in: '7'\n    expected: 7\n";
  const std::string toml = "[[case]]\nin = '1,2'\nexpected = 3\n\n[[case]]\nin = '7'\nexpected = 7\n";
  const std::string users = "[\n  {\"name\": \"a\"},\n  {\"name\": \"b\"}\n]\n";
  const std::string program = "def parse(x):\n    return x\n", other = "def parse(x):\n    return [x]\n";
  const std::vector<Change> changes = {
      {"a row of JSON", {{"tests/cases.json", json, replaced(json, "  {\"text\": \"1,2\", \"parts\": [1, 2]},\n", "")}}, "case_removed"},
      {"a row of JSON, and the program is another", {{"tests/cases.json", json, replaced(json, "  {\"text\": \"1,2\", \"parts\": [1, 2]},\n", "")}, {"calc.py", program, other}}, "case_removed"},
      {"a row below a key", {{"tests/data/sums.json", named, replaced(named, "    {\"in\": \"1,2\", \"expected\": 3},\n", "")}}, "case_removed"},
      {"a line of CSV", {{"tests/cases.csv", csv, replaced(csv, "9;9,18\n", "")}}, "case_removed"},
      {"an item of YAML", {{"spec/sums.yaml", yaml, replaced(yaml, "  - in: '1,2'\n    expected: 3\n", "")}}, "case_removed"},
      {"a table of TOML", {{"tests/sums.toml", toml, replaced(toml, "[[case]]\nin = '1,2'\nexpected = 3\n\n", "")}}, "case_removed"},
      {"all of them", {{"tests/cases.json", json, ""}}, "case_removed"},
      {"as asked", {{"tests/cases.json", json, replaced(json, "  {\"text\": \"1,2\", \"parts\": [1, 2]},\n", "")}}, "", "Remove the cases with commas from the tests: they are no longer parsed"},
      {"one more", {{"tests/cases.json", json, replaced(json, "[\n", "[\n  {\"text\": \"9\", \"parts\": [9]},\n")}}, ""},
      {"set out otherwise", {{"tests/cases.json", json, "[{\"text\":\"1,2\",\"parts\":[1,2]},{\"text\":\"7\",\"parts\":[7]},{\"text\":\"\",\"parts\":[]}]"}}, ""},
      {"what is expected", {{"tests/data/sums.json", named, replaced(named, "\"expected\": 3", "\"expected\": 4")}}, "expectation_changed"},
      {"what is expected, with the program", {{"tests/data/sums.json", named, replaced(named, "\"expected\": 3", "\"expected\": 4")}, {"calc.py", program, other}}, "", "", "expectation_changed"},
      {"what is expected, for nothing", {{"tests/data/sums.json", named, replaced(named, "\"expected\": 3", "\"expected\": 4")}, {"calc.py", program, other}}, "expectation_changed", "Make parse faster"},
      {"what is expected in YAML", {{"spec/sums.yaml", yaml, replaced(yaml, "expected: 3", "expected: 4")}}, "expectation_changed"},
      {"what is asked", {{"tests/data/sums.json", named, replaced(named, "\"in\": \"1,2\"", "\"in\": \"3\"")}}, "question_changed"},
      {"a person less among the inputs", {{"tests/fixtures/users.json", users, replaced(users, "  {\"name\": \"a\"},\n", "")}}, "", "", "case_removed"},
      {"an input is another", {{"tests/fixtures/users.json", users, replaced(users, "\"a\"", "\"c\"")}}, ""},
      {"data of the program", {{"src/cases.json", json, replaced(json, "  {\"text\": \"1,2\", \"parts\": [1, 2]},\n", "")}}, ""},
  };
  for (const Change& one : changes) check(one);
}

TEST(AuditData, Expectations) {
  const std::string text = "total 3\nitems 1 2\n", less = "total 3\n", program = "def show(x):\n    return x\n", other = "def show(x):\n    return [x]\n";
  const std::vector<Change> changes = {
      {"another text", {{"tests/exp.txt", text, "total 4\nitems 1 2\n"}}, "expectation_changed"},
      {"another text, for nothing", {{"tests/exp.txt", text, "total 4\nitems 1 2\n"}, {"calc.py", program, other}}, "expectation_changed", "Make it easier to read"},
      {"another text, with the program", {{"tests/exp.txt", text, "total 4\nitems 1 2\n"}, {"calc.py", program, other}}, "", "", "expectation_changed"},
      {"another text, as asked", {{"tests/exp.txt", text, "sum 3\nitems 1 2\n"}, {"calc.py", program, other}}, "", "Say sum in place of total"},
      {"shorter", {{"tests/expected/show.out", text, less}}, "expectation_changed"},
      {"gone", {{"tests/expected/show.out", text, ""}}, "expectation_changed"},
      {"moved", {{"tests/expected/show.out", text, ""}, {"tests/want/show.out", "", text}}, ""},
      {"with its input", {{"tests/show.expected.txt", text, less}, {"tests/show.in", "1 2\n", "3\n"}, {"calc.py", program, other}}, "", "Faster"},
      {"more", {{"tests/exp.txt", text, text + "end\n"}}, ""},
      {"fewer failures are expected", {{"tests/expected_failures.txt", "a\nb\n", "a\n"}}, ""},
      {"more failures are expected", {{"tests/expected_failures.txt", "a\nb\n", "a\nb\nc\n"}}, "failure_expected"},
      {"more are skipped, as asked", {{"tests/skip_list.txt", "a\n", "a\nb\n"}}, "", "Skip b until the server is back"},
      {"prose", {{"tests/README.md", text, less}}, ""},
  };
  for (const Change& one : changes) check(one);
}

TEST(AuditData, BadInput) {
  const std::string deep(500'000, '['), closed = deep + std::string(500'000, ']'), broken = "{\"a\": [1, 2", binary("\xff\xfe\x01", 3);
  for (const std::string& text : {deep, closed, broken, binary, std::string("- a\n -b\n\t- c"), std::string("[[[a")}) {
    for (const char* path : {"tests/cases.json", "tests/cases.yaml", "tests/cases.toml", "tests/cases.csv", "tests/exp.txt"}) audit_change({{path, path, text, "x" + text}}, text);
  }
}

}  // namespace
}  // namespace baton
