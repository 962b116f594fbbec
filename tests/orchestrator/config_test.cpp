#include "orchestrator/config.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "support/files.h"
#include "support/json.h"

namespace baton {
namespace {

Config load(std::string_view text) { return load_config(text, ""); }

// Problems as "line:column code".
void check(std::string_view text, const std::string& expected) {
  std::string found;
  for (const Finding& problem : load(text).problems) {
    found += (found.empty() ? "" : ", ") + std::to_string(problem.line) + ":" + std::to_string(problem.column) + " " + problem.code;
    EXPECT_EQ(problem.path, ".baton/config.json");
    EXPECT_FALSE(problem.message.empty());
  }
  EXPECT_EQ(found, expected) << text;
}

TEST(Config, NothingIsNeeded) {
  for (const char* text : {"", "  \n", "{}"}) {
    check(text, "");
    EXPECT_TRUE(load(text).gates.empty());
  }
}

TEST(Config, ReadsWhatIsSaid) {
  const Config config = load(R"({
    "gates": [{"name": "t", "kind": "build", "command": "make x", "required": false, "timeout": 1.5, "network": true,
               "cwd": "sub", "parser": "gcc", "needs": ["a"], "reports": ["r.xml"]},
              {"name": "u", "command": ["make", "u"], "disabled": true}],
    "setup": ["./a b", ["c", "d"]],
    "worktree": {"copy": [".env"]},
    "sandbox": "auto", "budgets": {"attempts": 3}, "onLastClose": "park", "domains": [{"name": "x", "keywords": ["y"], "files": ["z/**"]}]})");
  EXPECT_TRUE(config.problems.empty());
  ASSERT_EQ(config.gates.size(), 2u);
  const GateSetting& gate = config.gates[0];
  EXPECT_EQ(gate.kind, GateKind::build);
  EXPECT_EQ(gate.command, (std::vector<std::string>{"sh", "-c", "make x"}));
  EXPECT_EQ(gate.required, false);
  EXPECT_EQ(gate.timeout, std::chrono::seconds(2));
  EXPECT_EQ(gate.network, true);
  EXPECT_EQ(gate.cwd, "sub");
  EXPECT_EQ(config.gates[1].command, (std::vector<std::string>{"make", "u"}));
  EXPECT_TRUE(config.gates[1].disabled);
  EXPECT_EQ(config.setup, (std::vector<std::vector<std::string>>{{"sh", "-c", "./a b"}, {"c", "d"}}));
  EXPECT_EQ(config.worktree_copy, std::vector<std::string>{".env"});
  EXPECT_EQ(config.sandbox, "auto");
}

TEST(Config, WhatIsWrongIsFoundOnItsLine) {
  check("{\n  \"gates\": 3\n}", "2:3 wrong-type");
  check("{\n  \"gatez\": []\n}", "2:3 unknown-key");
  check("{\"gates\": [\n  {\"name\": \"a\",\n   \"kind\": \"tset\"}]}", "3:4 unknown-value");
  check("{\"gates\": [\n  {\"command\": \"x\"}]}", "2:3 missing-key");
  check("{\"gates\": [\n  3]}", "2:3 wrong-type");
  check("{\"gates\": [{\"name\": \"a\", \"timeout\": 0}]}", "1:26 wrong-type");
  check("{\"gates\": [{\"name\": \"a\", \"command\": []}]}", "1:26 wrong-type");
  check("{\"setup\": [\"a\"],\n \"setup\": [\"b\"]}", "2:2 repeated-key");
  check("{\n\"a\": }", "2:1 not-json");
  check("[]", "1:1 not-json");
  check("{\"\xf0\x9f\x98\x80\": 1, \"sandbox\": \"off\"}", "1:2 unknown-key, 1:11 unknown-value");
  check("{\"worktree\": {\"copy\": [\"../x\"]}}", "1:1 not-allowed");
  check("{\"sandbox\": \"none\"}", "1:1 not-allowed");
  check("{\"agents\": [3,\n  {\"name\": \"a\", \"command\": \"a\"},\n  {\"name\": \"mine\", \"profile\": \"claud\"}],\n \"gates\": [{},\n  {\"name\": \"t\", \"cwd\": \"..\"}]}",
        "1:13 wrong-type, 4:12 missing-key, 5:3 not-allowed, 3:3 not-allowed");
  for (const Finding& problem : load(R"({"agents": [{"name": "mine", "profile": "claud"}]})").problems) {
    EXPECT_TRUE(problem.message.starts_with("The agent mine has the `profile` `claud`, which is not known, so it is ignored; known are ")) << problem.message;
  }
  check(std::string(400, '['), "1:1 not-json");
}

// No key of anybody's: made up for this table.
TEST(Config, AKeyItselfIsRefused) {
  const std::string sk = "sk-proj-Ab3dEf6hIj9lMn2pQr5t", gh = "ghp_" + std::string("16C7e42F292c6912E7710c838347Ae178B4a"), chance = "9f8c1d7be03a4c52a6e1";
  check("{\"forge\": {\n \"token\": \"" + gh + "\"}}", "2:2 literal-key, 2:2 unknown-key");
  check("{\"forge\": {\n \"token_env\": \"" + chance + "\"}}", "2:2 literal-key");
  for (const char* mine : {R"({"forge": {"token_env": "GITHUB_TOKEN_2"}})", R"({"forge": {"token_command": ["pass", "show", "github/token1"]}})", R"({"forge": {"url": "https://evil.example"}})"}) {
    check(mine, "1:1 not-allowed");
  }
  check("{\"agents\": [{\"name\": \"a\", \"command\": [\"a\",\n \"--api-key\", \"" + sk + "\"]}]}", "2:15 literal-key, 1:13 not-allowed");
  check("{\"agents\": [{\"name\": \"a\",\n \"command\": \"MY_API_KEY=" + chance + " a\"}]}", "2:2 literal-key, 1:13 not-allowed");
  check("{\"gates\": [{\"name\": \"t\",\n \"command\": \"curl -H 'Authorization: Bearer " + chance + "' x\"}]}", "2:2 literal-key");
  check("{\"gates\": [{\"name\": \"t\",\n \"command\": \"curl -H 'Authorization: Basic YWRhOmxvdmVsYWNl' x\"}]}", "2:2 literal-key");
  check("{\n\"api_key\": \"" + sk + "\"}", "2:1 literal-key, 2:1 unknown-key");
  for (const char* fine : {R"({"forge": {"labels": ["agent"], "reviewers": ["ada", "org/team"], "base": "develop"}})",
                           R"({"gates": [{"name": "t", "command": "API_KEY=$KEY_OF_STAGING_2 TOKEN=${TOKEN1:-x} make -j4 test2"}]})",
                           R"({"domains": [{"name": "x", "keywords": ["sk-learn", "token", "key"], "files": ["src/keys/v2/generated.ts"]}]})",
                           R"({"gates": [{"name": "t", "command": ["python3", "-c", "h = {\"Authorization\": \"Bearer \" + key}"]}]})",
                           R"({"gates": [{"name": "t", "command": ["python3", "-c", "h = {\"Authorization\": token_of_user}; g = {'Authorization': f'Bearer {key}'}"]}]})",
                           R"({"gates": [{"name": "t", "command": ["curl", "-H", "Authorization: Bearer $TOKEN", "http://localhost:8080/health"]}]})"}) {
    check(fine, "");
  }
  const Config config = load("{\"agents\": [{\"name\": \"a\", \"command\": \"run " + sk + "\"}]}");
  EXPECT_TRUE(config.agents.empty()) << "a command that holds one is none";
  for (const Finding& problem : config.problems) EXPECT_EQ(problem.message.find(sk), std::string::npos) << "it is not said again";
}

TEST(Config, WhatAgentsMayReach) {
  const auto folder = TemporaryFolder::make("/tmp", "baton-config-");
  ASSERT_TRUE(folder.ok());
  const auto mine = folder->path() / "config.json";
  ASSERT_TRUE(write_file(mine, R"({"agents": [{"name": "a", "command": "x"}, {"name": "b", "command": "x", "network": "none"}, {"name": "c", "command": "x", "network": "endpoint-only"},
      {"name": "d", "command": "x", "endpoint": {"url": "http://h/v1"}}, {"name": "e", "command": "x", "endpoint": {"url": "http://h/v1"}, "network": "full"}]})").ok());
  const Config config = load_config("", mine);
  std::string told;
  for (const AgentSetting& agent : config.agents) told += agent.name + " " + std::string(to_string(agent.network)) + "\n";
  EXPECT_EQ(told, "a full\nb none\nc none\nd endpoint-only\ne full\n");
  ASSERT_EQ(config.problems.size(), 1u) << "c has no endpoint";
}

TEST(Config, SuggestsTheNearestWord) {
  EXPECT_NE(load(R"({"gatez": []})").problems[0].message.find("`gates`"), std::string::npos);
  EXPECT_NE(load(R"({"gates": [{"name": "a", "kind": "tests"}]})").problems[0].message.find("`test`"), std::string::npos);
  EXPECT_EQ(load(R"({"entirely-different": 1})").problems[0].message.find("did you mean"), std::string::npos);
}

TEST(Config, WhatIsRightBesideItCounts) {
  const Config config = load(R"({"gates": [{"name": "a", "command": "x", "timeout": "soon"}, {"kind": "test"}], "nonsense": {}})");
  EXPECT_EQ(config.problems.size(), 3u);
  ASSERT_EQ(config.gates.size(), 1u);
  EXPECT_EQ(config.gates[0].command.back(), "x");
}

TEST(Config, TheUsersWins) {
  const auto folder = TemporaryFolder::make("/tmp", "baton-config-");
  ASSERT_TRUE(folder.ok());
  const auto mine = folder->path() / "config.json";
  ASSERT_TRUE(write_file(mine, R"({"gates": [{"name": "a", "required": true}], "sandbox": "none", "setup": ["mine"]})").ok());
  const Config config = load_config(
      R"({"gates": [{"name": "a", "required": false, "command": "x"}, {"name": "b", "command": "y"}], "setup": ["theirs"]})", mine);
  EXPECT_TRUE(config.problems.empty());
  ASSERT_EQ(config.gates.size(), 2u);
  EXPECT_EQ(config.gates[0].required, true);
  EXPECT_EQ(config.gates[0].command.back(), "x");
  EXPECT_EQ(config.sandbox, "none");
  EXPECT_EQ(config.setup[0].back(), "mine");
  EXPECT_EQ(load_config("{}", folder->path() / "absent.json").problems.size(), 0u);
}

TEST(Config, SchemaIsOfTheSameTable) {
  const auto schema = parse_json(config_schema());
  ASSERT_TRUE(schema.ok());
  EXPECT_EQ((*schema)["$schema"], "https://json-schema.org/draft/2020-12/schema");
  const auto& gate = (*schema)["properties"]["gates"]["items"];
  EXPECT_EQ(gate["properties"]["kind"]["enum"].size(), 5u);
  EXPECT_EQ(gate["required"], nlohmann::json::array({"name"}));
  EXPECT_EQ(gate["additionalProperties"], false);
}

// BATON_UPDATE=1 writes the file anew.
TEST(Config, DocumentationIsOfTheSameTable) {
  const std::filesystem::path file = std::filesystem::path(BATON_SOURCE_DIR) / "docs/configuration.md";
  if (std::getenv("BATON_UPDATE")) ASSERT_TRUE(write_file(file, config_documentation()).ok());
  const auto text = read_file(file);
  ASSERT_TRUE(text.ok()) << text.error().message;
  EXPECT_EQ(*text, config_documentation()) << "run this test with BATON_UPDATE=1";
}

}  // namespace
}  // namespace baton
