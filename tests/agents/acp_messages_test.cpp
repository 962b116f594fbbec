// The wire of the Agent Client Protocol: each message of ours against the protocol's own schema, theirs read whatever they hold; what
// may be done unasked; the lines of shell that an agent wants to run.
#include "orchestrator/agents/acp_messages.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "orchestrator/agents/acp_permission.h"
#include "orchestrator/agents/acp_profile.h"
#include "orchestrator/agents/acp_trouble.h"
#include "orchestrator/agents/shell_commands.h"
#include "support/files.h"
#include "support/json.h"
#include "support/process.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

ProcessResult run_here(std::vector<std::string> argv, const fs::path& cwd, std::string input = "") {
  ProcessSpec spec;
  spec.argv = std::move(argv);
  spec.cwd = cwd;
  spec.env = current_environment();
  spec.stdin_text = std::move(input);
  spec.timeout = std::chrono::seconds(120);
  auto result = run(spec);
  return result ? std::move(*result) : ProcessResult{};
}

TEST(AcpMessages, EveryOneOfOursObeysTheSchema) {
  const fs::path folder = fs::path(BATON_BUILD_DIR) / "acp-schema";
  if (!fs::exists(folder / "ready")) {
    ASSERT_TRUE(make_folder(folder).ok());
    ASSERT_TRUE(write_file(folder / "package.json", R"({"private": true})").ok());
    const auto installed = run_here({"npm", "install", "--no-audit", "--no-fund", "@agentclientprotocol/sdk@2", "ajv@8"}, folder);
    if (!installed.success()) GTEST_SKIP() << "npm cannot install the schema: " << installed.err.substr(0, 300);
    ASSERT_TRUE(write_file(folder / "ready", "").ok());
  }
  const std::vector<AcpMcpServer> servers = {{"baton", "/usr/bin/baton", {"mcp"}, {{"TOKEN", "x"}}}};
  std::string lines;
  for (const std::string& line :
       {acp_initialize(0, {}), acp_initialize(1, {true}), acp_authenticate(2, "key"), acp_new_session(3, "/tree", {}), acp_new_session(4, "/tree", servers), acp_set_mode(5, "s", "default"),
        acp_set_option(6, "s", "model", "big"), acp_prompt(7, "s", "text with \xff bytes\n"), acp_cancel("s"), acp_permit(R"("session/request_permission#1")", "y"),
        acp_permit_nothing(R"("session/request_permission#2")"), acp_file_text(R"("fs/read_text_file#1")", "text"), acp_done(R"("fs/write_text_file#1")"),
        acp_refuse("17", kAcpMethodNotFound, "no")}) {
    EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
    lines += line;
  }
  const auto validated = run_here({"node", BATON_SOURCE_DIR "/tests/agents/validate_acp.mjs", (folder / "node_modules").string()}, folder, lines);
  EXPECT_EQ(validated.out, "14 messages\n") << validated.err;
}

std::string kind_of(const std::string& line) {
  const AcpIncoming incoming = read_acp(line);
  constexpr const char* kNames[] = {"answer", "failure", "request", "notification", "noise"};
  return std::string(kNames[static_cast<int>(incoming.kind)]) + " " + incoming.id + " " + incoming.method;
}

TEST(AcpMessages, WhateverTheySendIsRead) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"({"jsonrpc":"2.0","result":{},"id":3})", "answer 3 "},
      {R"({"id":"a-b","method":"session/request_permission","params":{}})", "request \"a-b\" session/request_permission"},
      {R"({"method":"session/update"})", "notification  session/update"},
      {R"({"id":3,"error":{"code":-32000,"message":"no"}})", "failure 3 "},
      {R"({"id":null,"error":{"code":-32700}})", "noise  "},
      {R"({"id":3,"error":null,"result":1})", "answer 3 "},
      {R"([])", "noise  "},
      {R"({"method":7,"id":{}})", "noise  "},
      {"\x01 Loading", "noise  "},
      {"", "noise  "},
  };
  for (const auto& [line, expected] : kCases) EXPECT_EQ(kind_of(line), expected) << line;
  // Members of every type where another is meant.
  for (const char* value : {"null", "1", "\"x\"", "[]", "[1]", "{}", "[{}]", "[[]]", "true"}) {
    const std::string v = value;
    const auto body = *parse_json(R"({"toolCall":)" + v + R"(,"options":)" + v + R"(,"update":)" + v + R"(,"modes":)" + v + R"(,"configOptions":)" + v + R"(,"sessionId":)" + v +
                                  R"(,"authMethods":)" + v + R"(,"protocolVersion":)" + v + R"(,"code":)" + v + R"(,"data":)" + v + "}");
    (void)read_permission(body);
    (void)read_update(body);
    (void)read_session(body);
    (void)read_agent_info(body);
    (void)read_failure(body);
    const auto inner = *parse_json(R"({"toolCall":{"rawInput":)" + v + R"(,"locations":)" + v + R"(,"content":)" + v + R"(,"kind":)" + v + R"(},"update":{"sessionUpdate":"tool_call","content":)" + v +
                                   R"(,"rawInput":{"command":)" + v + R"(,"paths":)" + v + R"(,"changes":)" + v + "}}}");
    (void)read_permission(inner);
    (void)read_update(inner);
  }
}

TEST(AcpMessages, ErrorsAreUnderstood) {
  const std::pair<const char*, AcpTrouble> kCases[] = {
      {"exceeded retry limit, last status: 429 Too Many Requests", AcpTrouble::busy},
      {"unexpected status 401 Unauthorized: Incorrect API key", AcpTrouble::key},
      {"Model not found: m/none", AcpTrouble::model},
      {"402 Payment Required", AcpTrouble::spent},
      {"stream disconnected before completion: error sending request for url (http://127.0.0.1:9)", AcpTrouble::unreachable},
      {"Unable to connect. Is the computer able to access the url?", AcpTrouble::unreachable},
      {"Cannot read properties of undefined (reading '4011')", AcpTrouble::other},
  };
  for (const auto& [message, expected] : kCases) EXPECT_EQ(trouble_of({-32603, message}), expected) << message;
  EXPECT_EQ(trouble_of({-32000, "whatever"}), AcpTrouble::login);
}

// "cat a | sort b > out"
std::string told(std::string_view line) {
  const auto found = shell_commands(line);
  if (!found) return "cannot be told";
  std::string text;
  for (const auto& command : found->commands) {
    text += text.empty() ? "" : " | ";
    for (std::size_t i = 0; i < command.size(); ++i) text += (i ? " " : "") + command[i];
  }
  for (const std::string& path : found->written) text += " > " + path;
  return text;
}

TEST(ShellCommands, WhatALineRuns) {
  const std::pair<const char*, const char*> kCases[] = {
      {"cat 'a b' | sort -u; ls && pwd || true", "cat a b | sort -u | ls | pwd | true"},
      {"make test 2>&1 >out.txt < in", "make test > out.txt"},
      {"echo x >> a.txt &> b.log", "echo x > a.txt > b.log"},
      {"CI=1 npm test # and so on\nls", "npm test | ls"},
      {"grep \"$HOME\" a\\ b", "grep $HOME a b"},
      {"echo $(id)", "cannot be told"},
      {"echo \"`id`\"", "cannot be told"},
      {"$X y", "cannot be told"},
      {"cat <<EOF", "cannot be told"},
      {"sleep 600 &", "cannot be told"},
      {"diff <(ls) b", "cannot be told"},
      {"echo x > $F", "cannot be told"},
      {"PATH=/tmp ls", "cannot be told"},
      {"(ls)", "cannot be told"},
      {"echo 'x", "cannot be told"},
      {"echo x >", "cannot be told"},
      {"", ""},
  };
  for (const auto& [line, expected] : kCases) EXPECT_EQ(told(line), expected) << line;
}

class Permissions : public testing::Test {
 protected:
  Permissions() : folder_(*TemporaryFolder::make("/tmp", "baton-permissions-")) {
    ground_.tree = folder_.path() / "tree";
    ground_.inner = "/home/baton/work/x";
    ground_.own = {"/tmp"};
    ground_.allow = {"sh check.sh"};
    fs::create_directories(ground_.tree / "src");
    fs::create_symlink("/etc", ground_.tree / "etc");
    fs::create_symlink("src", ground_.tree / "lib");
    fs::create_symlink("/home/baton/work/x/src", ground_.tree / "whole");
  }

  std::string judged(const AcpToolCall& call) const {
    const auto answer = judge_permission(call, ground_);
    constexpr const char* kNames[] = {"allow", "refuse", "ask"};
    return kNames[static_cast<int>(answer.kind)];
  }
  std::string of_command(const std::string& line) const {
    AcpToolCall call;
    call.kind = "execute";
    call.command = line;
    return judged(call);
  }
  std::string of_path(const std::string& kind, const std::string& path) const {
    AcpToolCall call;
    call.kind = kind;
    call.paths = {path};
    return judged(call);
  }

  TemporaryFolder folder_;
  PermissionGround ground_;
};

TEST_F(Permissions, ByPath) {
  const struct {
    const char *kind, *path, *expected;
  } kCases[] = {
      {"edit", "src/a", "allow"},          {"edit", "/home/baton/work/x/src/a", "allow"}, {"edit", "lib/a", "allow"},     {"edit", "whole/a", "allow"},
      {"edit", "etc/passwd", "refuse"},    {"edit", "/home/baton/work/xy/a", "refuse"},   {"edit", "src/../../a", "refuse"}, {"edit", ".git/hooks/x", "refuse"},
      {"delete", "src/a", "allow"},        {"delete", "/etc/hosts", "refuse"},            {"move", "src/b", "allow"},     {"edit", "/tmp/x", "allow"},
      {"read", "/usr/include/x.h", "allow"}, {"read", "/root/.ssh/id", "refuse"},         {"read", ".git/HEAD", "allow"}, {"edit", "~/x", "refuse"},
      {"fetch", "src/a", "refuse"},        {"switch_mode", "src/a", "refuse"},            {"", "src/a", "ask"},           {"think", "src/a", "allow"},
  };
  for (const auto& one : kCases) EXPECT_EQ(of_path(one.kind, one.path), one.expected) << one.kind << " " << one.path;
}

TEST_F(Permissions, ByCommand) {
  const std::pair<const char*, const char*> kCases[] = {
      {"sh check.sh", "allow"},
      {"cd src && ls -la ../src | head -3", "allow"},
      {"timeout 60 npm test -- --run", "allow"},
      {"sed -n '1,20p' a", "ask"},  // a bare name is told from a script by its dot
      {"sed -n '1,20p' a.txt", "allow"},
      {"sed -i 's/a/b/g' src/a.cpp", "allow"},
      {"sed 's/a/id/e' src/a.cpp", "ask"},
      {"find . -name '*.c' -exec rm {} +", "ask"},
      {"git commit -am x", "allow"},
      {"git -c core.pager=x log", "ask"},
      {"git push origin main", "refuse"},
      {"rm -rf src", "allow"},
      {"rm -rf ../other", "refuse"},
      {"cd .. && ls", "refuse"},
      {"cd src && rm ../a", "allow"},
      {"cp /usr/share/x src/x", "allow"},
      {"cp src/x /usr/share/x", "refuse"},
      {"echo x > /etc/passwd", "refuse"},
      {"rm -rf .git", "refuse"},
      {"curl https://example.com", "ask"},
      {"python3 -c 'print(1)'", "ask"},
      {"/tmp/ls", "ask"},
      {"/usr/bin/ls", "allow"},
      {"baton accept t1", "refuse"},
      {"ls; /opt/bin/baton verify", "refuse"},
      {"env X=1 baton run x", "refuse"},
      {"rm -rf $D", "ask"},
      {"echo $(id)", "ask"},
  };
  for (const auto& [line, expected] : kCases) EXPECT_EQ(of_command(line), expected) << line;
  ground_.allow = {"*"};
  EXPECT_EQ(of_command("curl https://example.com"), "allow");
}

TEST(AcpProfiles, AreWhole) {
  EXPECT_GE(acp_profiles().size(), 8u);
  for (const AcpProfile& profile : acp_profiles()) {
    EXPECT_FALSE(profile.command.empty()) << profile.name;
    EXPECT_FALSE(profile.terms.signs.empty()) << profile.name;
    EXPECT_FALSE(profile.terms.login_command.empty()) << profile.name;
    for (const LoginSign& sign : profile.terms.signs) EXPECT_NE(sign.file.empty(), sign.environment.empty()) << profile.name;
  }
  EXPECT_TRUE(is_older("0.9.12", "0.10.0"));
  EXPECT_FALSE(is_older("1.18.33", "1.0.0"));
  EXPECT_FALSE(is_older("1.0", "1.0.0"));
}

}  // namespace
}  // namespace baton
