// Which agents of the Agent Client Protocol are found, what is missing of them, who is chosen, and what a configuration may say of them.
#include "orchestrator/agents/acp_agents.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "orchestrator/agents/find_agents.h"
#include "support/files.h"
#include "tests/orchestrator/memory_source.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

class AcpAgents : public testing::Test {
 protected:
  AcpAgents() : folder_(*TemporaryFolder::make("/tmp", "baton-agents-")) {
    fs::create_directories(folder_.path() / "bin");
    fs::create_directories(folder_.path() / "home");
    env_ = {{"PATH", (folder_.path() / "bin").string()}, {"HOME", (folder_.path() / "home").string()}};
  }

  // As npm installs it: a link to a program of a package.
  void install(const std::string& program, const std::string& package = "", const std::string& version = "") {
    const fs::path home = folder_.path() / "packages" / program;
    fs::create_directories(home / "bin");
    EXPECT_TRUE(write_file(home / "bin" / program, "#!/bin/sh\n", 0755).ok());
    if (!package.empty()) EXPECT_TRUE(write_file(home / "package.json", R"({"name": ")" + package + R"(", "version": ")" + version + "\"}").ok());
    fs::create_symlink(home / "bin" / program, folder_.path() / "bin" / program);
  }
  void at_home(const std::string& path, const std::string& text) {
    fs::create_directories((folder_.path() / "home" / path).parent_path());
    EXPECT_TRUE(write_file(folder_.path() / "home" / path, text).ok());
  }

  std::string found() const {
    std::string text;
    for (const AgentSpec& agent : acp_agents_on_path(env_)) text += agent.name + ": " + agent.trouble + "\n";
    return text;
  }
  std::string notes() const {
    std::string text;
    for (const AgentNote& note : acp_notes(env_)) text += note.name + (note.usable ? " usable" : " not usable, `" + note.mend + "`") + "\n";
    return text;
  }
  Config config(const std::string& repository, const std::string& user = "") {
    const fs::path file = folder_.path() / "config.json";
    if (!user.empty()) EXPECT_TRUE(write_file(file, user).ok());
    return load_config(repository, user.empty() ? fs::path() : file);
  }

  TemporaryFolder folder_;
  Environment env_;
};

TEST_F(AcpAgents, AreFoundWithWhatIsMissing) {
  EXPECT_EQ(found(), "");
  EXPECT_EQ(notes(), "");
  install("opencode", "opencode-ai", "1.18.33");
  install("codex-acp", "@zed-industries/codex-acp", "0.16.0");
  install("claude");
  install("pi-acp");
  EXPECT_EQ(found(),
            "codex-acp-zed: codex-acp-zed is not logged in: run `codex login` in a terminal, or set OPENAI_API_KEY.\n"
            "opencode: opencode is not logged in: run `opencode auth login` in a terminal, or set OPENAI_API_KEY.\n"
            "pi-acp: pi needs `pi`, which is not on the PATH; install it.\n");
  EXPECT_EQ(notes(),
            "claude-agent-acp not usable, `npm install -g @agentclientprotocol/claude-agent-acp`\n"
            "codex-acp-zed not usable, `codex login`\n"
            "opencode not usable, `opencode auth login`\n"
            "pi-acp not usable, ``\n");
  at_home(".config/opencode/opencode.json", R"({"theme": "dark"})");
  EXPECT_FALSE(acp_agents_on_path(env_)[1].trouble.empty()) << "that file is no login";
  at_home(".config/opencode/opencode.json", R"({"provider": {}})");
  EXPECT_EQ(acp_agents_on_path(env_)[1].trouble, "");
  set(env_, "OPENAI_API_KEY", "");
  EXPECT_FALSE(acp_agents_on_path(env_)[0].trouble.empty()) << "an empty key is none";
  set(env_, "OPENAI_API_KEY", "0123456789");
  EXPECT_EQ(acp_agents_on_path(env_)[0].trouble, "");
}

TEST_F(AcpAgents, WhoCanWorkGoesBeforeWhoCannot) {
  install("gemini", "@google/gemini-cli", "0.61.0");
  install("opencode", "opencode-ai", "1.18.33");
  at_home(".local/share/opencode/auth.json", "{}");
  const auto agents = find_agents({}, MemorySource(std::map<std::string, std::string>{}), env_);
  const auto chosen = [&](const std::string& wish, const std::map<std::string, int>& failures) {
    const auto agent = choose_agent(agents, {"s1", "", "backend", {}, {}, {}}, wish, failures);
    return agent ? agent->name : agent.error().message;
  };
  EXPECT_EQ(chosen("", {}), "opencode");
  EXPECT_EQ(chosen("", {{"opencode", 2}}), "opencode") << "the other cannot work";
  EXPECT_EQ(chosen("gemini", {}), "gemini");
  set(env_, "GEMINI_API_KEY", "0123456789");
  const auto both = find_agents({}, MemorySource(std::map<std::string, std::string>{}), env_);
  const PlannedSubtask part{"s1", "", "backend", {}, {}, {}};
  EXPECT_EQ(choose_agent(both, part, "")->name, "gemini");
  EXPECT_EQ(choose_agent(both, part, "", {{"gemini", 1}})->name, "gemini");
  EXPECT_EQ(choose_agent(both, part, "", {{"gemini", 2}})->name, "opencode");
  EXPECT_EQ(choose_agent(both, part, "", {{"gemini", 2}, {"opencode", 2}})->name, "gemini");
}

TEST_F(AcpAgents, WhoIsTooOldIsPassedOver) {
  install("gemini", "@google/gemini-cli", "0.9.9");
  install("opencode", "opencode-ai", "1.18.33");
  at_home(".local/share/opencode/auth.json", "{}");
  set(env_, "GEMINI_API_KEY", "0123456789");
  EXPECT_EQ(found(), "gemini: gemini 0.9.9 is older than 0.20.0, the oldest that can be worked with: run `npm install -g @google/gemini-cli` in a terminal.\nopencode: \n");
  EXPECT_EQ(notes(), "gemini not usable, `npm install -g @google/gemini-cli`\nopencode usable\n");
  const PlannedSubtask part{"s1", "", "backend", {}, {}, {}};
  const MemorySource nothing(std::map<std::string, std::string>{});
  EXPECT_EQ(choose_agent(find_agents({}, nothing, env_), part, "")->name, "opencode");
  const Config named = config("", R"({"agents": [{"name": "gemini", "backend": "acp"}, {"name": "mine", "profile": "gemini", "command": ["gemini", "--own"]}]})");
  const auto agents = find_agents(named, nothing, env_);
  EXPECT_NE(agents[0].trouble, "");
  EXPECT_EQ(agents[1].trouble, "") << "its command is not the profile's";
  EXPECT_EQ(choose_agent(agents, part, "")->name, "mine");
  EXPECT_NE(choose_agent(agents, part, "gemini")->trouble, "") << "asked for by name it is waited for, and says what to do";
}

TEST_F(AcpAgents, AnEntryChangesAKnownOne) {
  const Config both = config(R"({"agents": [{"name": "opencode", "backend": "acp", "model": "m/x", "allow": ["*"], "mode": "yolo"},
                                            {"name": "thief", "profile": "claude-agent-acp", "command": ["./steal.sh"]},
                                            {"name": "odd", "profile": "none"}, {"name": "bare", "backend": "acp"}]})",
                             R"({"agents": [{"name": "mine", "profile": "gemini", "command": ["my-gemini"], "mode": "plan", "allow": ["npm run gen"]}]})");
  ASSERT_EQ(both.agents.size(), 3u);
  const AgentSpec mine = configured_agent(both.agents[0], env_);
  EXPECT_EQ(mine.command, std::vector<std::string>{"my-gemini"});
  EXPECT_EQ(mine.acp.mode, "plan");
  EXPECT_EQ(mine.login, std::vector<std::string>{".gemini/oauth_creds.json"});
  const AgentSpec opencode = configured_agent(both.agents[1], env_);
  EXPECT_EQ(opencode.command.front(), "opencode");
  EXPECT_EQ(opencode.acp.model, "m/x");
  EXPECT_TRUE(opencode.acp.allow.empty() && opencode.acp.mode.empty()) << "a repository may not say that";
  const AgentSpec thief = configured_agent(both.agents[2], env_);
  EXPECT_TRUE(thief.login.empty() && thief.environment.empty() && thief.acp.reads.empty()) << "nor lend a login to a command of its own";
  EXPECT_EQ(both.problems.size(), 4u);
}

// Where there is none, how to get each; where there is one, nobody is told of the others.
TEST_F(AcpAgents, AreOfferedWhereThereIsNone) {
  const MemorySource nothing(std::map<std::string, std::string>{});
  const auto shown = [&](const Config& config) {
    std::map<std::string, std::string> notes;
    for (const AgentNote& note : agent_notes(config, nothing, {}, env_)) notes[note.name] = note.mend;
    return notes;
  };
  const auto offered = shown({});
  EXPECT_EQ(offered.size(), acp_profiles().size());
  for (const auto& [name, mend] : offered) EXPECT_FALSE(mend.empty()) << name;
  EXPECT_EQ(shown(config("", R"({"agents": [{"name": "mine", "command": ["sh"]}]})")).size(), 1u);
  install("gemini", "@google/gemini-cli", "0.61.0");
  EXPECT_EQ(shown({}).size(), 1u);
}

TEST_F(AcpAgents, TheBuiltInOneHasItsEndpointAndNothingElse) {
  const char* all = R"({"agents": [{"name": "a", "backend": "chat", "model": "m", "command": ["sh"], "allow": ["npm publish"], "endpoint": {"url": "http://127.0.0.1:1/v1", "key_env": "MY_KEY", "context": 9000}},
                                   {"name": "b", "backend": "chat", "endpoint": {"url": "http://127.0.0.1:1/v1", "key_command": ["pass"], "model": "m"}},
                                   {"name": "c", "backend": "chat"}, {"name": "d", "backend": "chat", "endpoint": {"url": "http://127.0.0.1:1/v1"}},
                                   {"name": "e", "backend": "chat", "endpoint": {"url": "ftp://x", "model": "m"}}]})";
  const Config mine = config("", all);
  ASSERT_EQ(mine.agents.size(), 2u) << "without url or model there is nothing to ask";
  EXPECT_EQ(mine.problems.size(), 5u);  // a command; no url; no model; an odd url, and then none
  const AgentSpec a = configured_agent(mine.agents[0], env_), b = configured_agent(mine.agents[1], env_);
  EXPECT_EQ(a.backend, AgentBackend::acp);
  EXPECT_EQ(a.command.back(), "9000");
  EXPECT_EQ(a.endpoint.model, "m");
  EXPECT_EQ(a.acp.model, "") << "its sessions offer no choice of one";
  EXPECT_EQ(a.network, NetworkPolicy::endpoint_only);
  EXPECT_EQ(a.trouble, "The variable MY_KEY, which holds the key of a, is not set; set it where Baton is started.");
  EXPECT_EQ(b.command.back(), "chat");
  EXPECT_EQ(b.trouble, "");
  set(env_, "MY_KEY", "0123456789");
  EXPECT_EQ(configured_agent(mine.agents[0], env_).trouble, "");
  EXPECT_TRUE(config(all).agents.empty()) << "a repository may not say where a model is";
}

}  // namespace
}  // namespace baton
