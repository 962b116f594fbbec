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

// "cat a | sort b > out; ls *.c (expanded)"
std::string told(std::string_view line) {
  const auto found = shell_commands(line);
  if (!found) return "cannot be told";
  constexpr const char* kThen[] = {"; ", " && ", " || ", " | "};
  std::string text, joint;
  for (const ShellCommand& command : *found) {
    text += joint;
    const auto add = [&](const std::string& before, const std::string& word) { text += before + word + (command.expanded.contains(word) ? " (expanded)" : ""); };
    for (std::size_t i = 0; i < command.words.size(); ++i) add(i ? " " : "", command.words[i]);
    for (const std::string& path : command.read) add(" < ", path);
    for (const std::string& path : command.written) add(" > ", path);
    joint = kThen[static_cast<int>(command.then)];
  }
  return text;
}

TEST(ShellCommands, WhatALineRuns) {
  const std::pair<const char*, const char*> kCases[] = {
      {"cat 'a b' | sort -u; ls && pwd || true", "cat a b | sort -u; ls && pwd || true"},
      {"make test 2>&1 >out.txt < in", "make test < in > out.txt"},
      {"cd a > b &&\n ls", "cd a > b && ls"},
      {"echo x 3<> a", "echo x > a"},
      {"ls *.c 'a*' b\\*", "ls *.c (expanded) a* b*"},
      {"rm ~/a x=~root '~' a~", "rm ~/a (expanded) x=~root (expanded) ~ a~"},
      {"cp {a,b} {1..3} HEAD@{1} '{a,b}' c", "cp {a,b} (expanded) {1..3} (expanded) HEAD@{1} {a,b} (expanded) c"},
      {"grep 'a$' \"b$\" $c \"$d\"", "grep a$ b$ $c (expanded) $d (expanded)"},
      {"echo x >> a.txt &> b.log", "echo x > a.txt > b.log"},
      {"CI=1 npm test # and so on\nls", "npm test; ls"},
      {"grep \"$HOME\" a\\ b", "grep $HOME (expanded) a b"},
      {"echo $(id)", "cannot be told"},
      {"echo \"`id`\"", "cannot be told"},
      {"$X y", "cannot be told"},
      {"cat <<EOF", "cannot be told"},
      {"sleep 600 &", "cannot be told"},
      {"diff <(ls) b", "cannot be told"},
      {"echo x > $F", "cannot be told"},
      {"PATH=/tmp ls", "cannot be told"},
      {"HOME=. git log", "cannot be told"},
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
    fs::create_symlink(".", ground_.tree / "self");
    fs::create_directories(ground_.tree / "docs");
    fs::create_symlink("/root", ground_.tree / "docs" / "out");
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
      {"edit", "lib/../a", "allow"},       {"edit", "self/../a", "refuse"},                     {"read", "/proc/1/environ", "refuse"}, {"read", "/proc/cpuinfo", "allow"},
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
  AcpToolCall call;
  call.kind = "execute";
  call.argv = {"cat", "~root/x", "{a,b}"};  // without a shell they are names
  EXPECT_EQ(judged(call), "allow");
  ground_.allow = {"*"};
  EXPECT_EQ(of_command("curl https://example.com"), "allow");
}

// Where no box holds it, whatever a line may name is looked at.
TEST_F(Permissions, ByWhatACommandNames) {
  const std::pair<const char*, const char*> kCases[] = {
      {"cat /root", "refuse"},
      {"cat /proc/1/environ", "refuse"},
      {"cat < /root", "refuse"},
      {"head -n 3 src/a /etc/hosts", "allow"},
      {"git diff --no-index /dev/null /root/.bashrc", "refuse"},
      {"grep -rn /api/users src", "ask"},  // a pattern, or a place
      {"git commit -m '/api is new'", "ask"},
      {"find /root -type f -delete", "refuse"},
      {"find /etc -name x -delete", "refuse"},
      {"find src -name '*.o' -delete", "allow"},
      {"find . -fls /usr/list", "refuse"},
      {"rm -rf ~root/x", "ask"},
      {"echo x > ~root/x", "ask"},
      {"rm -rf {/a,/b}", "ask"},
      {"rm -rf src/{a,b}", "ask"},
      {"rm src/*.o", "allow"},
      {"cat docs/*", "ask"},
      {"cat */passwd", "ask"},
      {"cat etc/*", "ask"},
      {"cat etc/passwd", "refuse"},
      {"rm /root/*", "refuse"},
      {"cp --target-directory=/usr/share v", "refuse"},
      {"cp -t /usr/share v", "refuse"},
      {"cp -t/usr/share v", "refuse"},
      {"sed -i s/a/b/ /root/.bashrc", "refuse"},
      {"sed -i s/a/b/ /etc/hosts", "refuse"},
      {"sed -n 3p /etc/hosts", "allow"},
      {"sort -o /etc/x a", "refuse"},
      {"sort -o/root/x a", "refuse"},
      {"sort --output /etc/x a", "refuse"},
      {"sort -o src/a src/a", "allow"},
      {"sort --compress-program=sh a", "ask"},
      {"grep -o x src/a", "allow"},
      {"git diff --output=/etc/y", "refuse"},
      {"git diff --output=.git/hooks/post-commit", "refuse"},
      {"git diff main..dev -- src", "allow"},
      {"git show HEAD@{1} HEAD~2:src/a", "allow"},
      {"git grep -Ovim x", "ask"},
      {"xxd -r a /etc/z", "refuse"},
      {"xxd /usr/bin/env", "allow"},
      {"make install DESTDIR=/root", "refuse"},
      {"cmake -S . -B build -DCMAKE_INSTALL_PREFIX=/root", "refuse"},
      {"env GIT_DIR=/root/x git reset --hard", "ask"},
      {"env LD_PRELOAD=/tmp/x ls", "ask"},
      {"env '-Sbaton accept t'", "ask"},
      {"env -C /root ls", "ask"},
      {"env CI=1 npm test", "allow"},
      {"time --output=/etc/x ls", "ask"},
      {"cat $D/x", "ask"},
      {"echo $HOME '~' {a,b} /root", "allow"},
      {"grep 'x$' src/a", "allow"},
      {"make test > /dev/null 2>&1 | tee /dev/stderr", "allow"},
      // where a `cd` may have failed, or stood in a shell of its own
      {"echo x > ../y; cd src", "refuse"},
      {"cd src && echo x > ../y", "allow"},
      {"cd src && ls; rm ../y", "refuse"},
      {"cd src | rm ../y", "refuse"},
      {"false || cd src && rm ../y", "refuse"},
      {"mkdir build && cd build && cmake ..", "allow"},
      {"cd - && rm x", "ask"},
      {"cd -- .. && rm x", "ask"},
      {"cd self && rm ../y", "refuse"},
  };
  for (const auto& [line, expected] : kCases) EXPECT_EQ(of_command(line), expected) << line;
  ground_.isolated = true;
  EXPECT_EQ(of_command("cat /root $D */x"), "allow");  // what the box shows
  EXPECT_EQ(of_command("sort -o /etc/x a"), "allow");
  EXPECT_EQ(of_command("cp -t /usr/share v"), "refuse");
}

// What of a profile keeps the agent from acting without a question: "mode default", "untrusted workspace-write".
std::string way_of(const AcpTerms& terms, bool boxed) {
  if (terms.never_asks) return boxed ? "never" : "not used";
  const AcpTerms::Further& further = boxed ? terms.isolated : terms.plain;
  std::string all, way = terms.mode.empty() ? "" : "mode " + terms.mode;
  for (const std::string& word : further.arguments) all += word + " ";
  for (const Environment* variables : {&terms.variables, &further.variables}) {
    for (const auto& [name, value] : *variables) all += name + "=" + value + " ";
  }
  std::erase_if(all, [](char c) { return c == '"'; });
  const auto add_where = [&](const char* sign, const char* word) {
    if (all.find(sign) != std::string::npos) way += (way.empty() ? "" : " ") + std::string(word);
  };
  add_where("untrusted", "untrusted");
  add_where("danger-full-access", "danger-full-access");
  add_where("workspace-write", "workspace-write");
  add_where("edit:ask", "edit ask");
  add_where("bash:ask", "bash ask");
  add_where("GOOSE_MODE=approve", "GOOSE_MODE");
  return way.empty() ? "asks by itself" : way;
}

TEST(AcpMessages, UsageIsReadAsItIsTold) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"({"inputTokens": 10, "outputTokens": 2, "totalTokens": 12})", "10 2 0"},
      {R"({"inputTokens": 10, "outputTokens": 2, "totalTokens": 112, "cachedReadTokens": 90, "cachedWriteTokens": 10})", "110 2 90"},  // cached ones beside
      {R"({"inputTokens": 10, "outputTokens": 2, "thoughtTokens": 5, "totalTokens": 17})", "10 7 0"},
      {R"({"inputTokens": 10, "outputTokens": 7, "thoughtTokens": 5, "totalTokens": 17})", "10 7 0"},                                   // within the output
      {R"({"promptTokens": 10, "completionTokens": 2, "thoughtsTokens": null, "cachedTokens": 4})", "10 2 4"},
      {R"({"inputTokens": 0, "outputTokens": 0, "totalTokens": 0})", "none"},
      {R"({"inputTokens": "many", "outputTokens": -2, "totalTokens": 1e300})", "none"},
      {R"([])", "none"},
      {R"(null)", "none"},
  };
  for (const auto& [usage, expected] : kCases) {
    const auto read = read_acp_usage(*parse_json(std::string(R"({"usage": )") + usage + "}"), "usage");
    EXPECT_EQ(read ? std::to_string(read->input) + " " + std::to_string(read->output) + " " + std::to_string(read->cached) : "none", expected) << usage;
  }
  const auto cost = [](const char* text) { return read_update(*parse_json(std::string(R"({"update": {"sessionUpdate": "usage_update", "cost": )") + text + "}}")).cost.value_or(-1); };
  EXPECT_DOUBLE_EQ(cost(R"({"amount": 0.5, "currency": "USD"})"), 0.5);
  EXPECT_DOUBLE_EQ(cost(R"({"amount": 7, "currency": "credits"})"), -1);
  EXPECT_DOUBLE_EQ(cost("null"), -1);
}

TEST(AcpProfiles, AreWhole) {
  EXPECT_GE(acp_profiles().size(), 8u);
  for (const AcpProfile& profile : acp_profiles()) {
    EXPECT_FALSE(profile.command.empty()) << profile.name;
    EXPECT_FALSE(profile.terms.signs.empty()) << profile.name;
    EXPECT_FALSE(profile.terms.login_command.empty()) << profile.name;
    for (const LoginSign& sign : profile.terms.signs) EXPECT_NE(sign.file.empty(), sign.environment.empty()) << profile.name;
  }
  // How each is made to ask, in a box and without one.
  const struct {
    const char *name, *boxed, *plain;
  } kWays[] = {
      {"claude-agent-acp", "mode default", "mode default"},
      {"codex-acp", "untrusted danger-full-access", "untrusted workspace-write"},
      {"codex-acp-zed", "untrusted danger-full-access", "untrusted workspace-write"},
      {"gemini", "mode default", "mode default"},
      {"opencode", "edit ask bash ask", "edit ask bash ask"},
      {"qwen-code", "mode default", "mode default"},
      {"goose", "mode approve GOOSE_MODE", "mode approve GOOSE_MODE"},
      {"copilot", "asks by itself", "asks by itself"},
      {"pi-acp", "never", "not used"},
  };
  ASSERT_EQ(acp_profiles().size(), std::size(kWays));
  for (std::size_t i = 0; i < std::size(kWays); ++i) {
    EXPECT_EQ(acp_profiles()[i].name, kWays[i].name);
    EXPECT_EQ(way_of(acp_profiles()[i].terms, true), kWays[i].boxed) << kWays[i].name;
    EXPECT_EQ(way_of(acp_profiles()[i].terms, false), kWays[i].plain) << kWays[i].name;
  }
  EXPECT_TRUE(is_older("0.9.12", "0.10.0"));
  EXPECT_FALSE(is_older("1.18.33", "1.0.0"));
  EXPECT_FALSE(is_older("1.0", "1.0.0"));
}

}  // namespace
}  // namespace baton
