// The command line as a script meets it: what lies on stdout, what on stderr, and the exit code. Each line runs in a process of
// its own.
#include "cli/command_line.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "support/files.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

struct Ran {
  int code = -1;
  std::string out, err;
};

// `input`: standard input, closed after it. Never a terminal.
Ran run_line(std::vector<std::string> words, const std::string& input = {}, const fs::path& cwd = "/") {
  auto folder = TemporaryFolder::make(fs::temp_directory_path(), "baton-cli-");
  const fs::path out = folder->path() / "out", err = folder->path() / "err", in = folder->path() / "in";
  EXPECT_TRUE(write_file(in, input).ok());
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(::open(in.c_str(), O_RDONLY), 0);
    ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT, 0600), 1);
    ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT, 0600), 2);
    if (::chdir(cwd.c_str()) != 0) ::_exit(99);
    words.insert(words.begin(), "baton");
    std::vector<const char*> argv;
    for (const std::string& word : words) argv.push_back(word.c_str());
    argv.push_back(nullptr);
    const int code = command_line(static_cast<int>(words.size()), argv.data());
    std::fflush(nullptr);
    ::_exit(code);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), *read_file(out), *read_file(err)};
}

void check(std::vector<std::string> words, int code, std::string_view out_begins, std::string_view err_begins,
           const std::string& input = {}) {
  const Ran ran = run_line(words, input);
  EXPECT_EQ(ran.code, code) << testing::PrintToString(words) << ran.err;
  EXPECT_EQ(ran.out.substr(0, out_begins.size()), out_begins) << testing::PrintToString(words);
  EXPECT_EQ(ran.err.substr(0, err_begins.size()), err_begins) << testing::PrintToString(words);
  if (out_begins.empty()) EXPECT_EQ(ran.out, "") << testing::PrintToString(words);
  if (err_begins.empty()) EXPECT_EQ(ran.err, "") << testing::PrintToString(words);
  if (code == 2 && !words.empty()) EXPECT_EQ(ran.err.find('\n'), ran.err.size() - 1) << "one sentence: " << ran.err;
}

TEST(CommandLine, HelpAndVersion) {
  check({"--version"}, 0, "baton ", "");
  check({"--help"}, 0, "Baton judges what a change really did", "");
  check({"verify", "--help"}, 0, "Judge a change", "");
  check({}, 2, "", "Baton judges");
}

TEST(CommandLine, BadUsageIsOneSentence) {
  check({"fly"}, 2, "", "baton: ");
  check({"verify", "--nonsense"}, 2, "", "baton: ");
  check({"verify", "--head", "HEAD", "--dirty"}, 2, "", "baton: ");
  check({"verify", "extra"}, 2, "", "baton: ");
  check({"verify", "--base", ""}, 2, "", "baton: --base: it is empty; name a revision");
  check({"verify", "--head="}, 2, "", "baton: ");
  check({"diagnose", "--exit-code", "many"}, 2, "", "baton: ");
  check({"diagnose", "--format", "xml"}, 2, "", "baton: ");
  check({"diagnose", "/no/such/file"}, 2, "", "baton: ");
  check({"config"}, 2, "", "baton: ");
  check({"lsp", "--port", "0"}, 2, "", "baton: ");
  check({"lsp", "--stdio", "--port", "5000"}, 2, "", "baton: ");
  check({"lsp", "--socket", std::string(200, 'x')}, 2, "", "baton: ");
}

TEST(CommandLine, VerbsOfALaterDayAreNotListed) {
  const std::string help = run_line({"--help"}).out;
  for (const char* verb : {"merge", "forward", "reside"}) {
    EXPECT_EQ(help.find(std::string("\n  ") + verb + " "), help.npos) << verb;
  }
  for (const char* verb : {"verify", "doctor", "diagnose", "config", "lsp", "stop", "route", "plan", "run", "tasks", "apply", "pr", "mcp", "hook", "context", "audit", "evidence"}) {
    EXPECT_NE(help.find(std::string("\n  ") + verb + " "), help.npos) << verb;
  }
}

TEST(CommandLine, NoRepository) {
  auto folder = TemporaryFolder::make(fs::temp_directory_path(), "baton-cli-");
  ASSERT_TRUE(folder.ok());
  const std::string path = folder->path().string();
  check({"verify", "--workspace", path}, 2, "", "baton: ");
  check({"doctor", "--workspace", path}, 2, "", "baton: ");
  check({"verify", "--workspace", path + "/none", "--json"}, 2, "", "baton: ");
  check({"verify", "--criteria", path + "/none.md"}, 2, "", "baton: ");
}

TEST(CommandLine, Diagnose) {
  check({"diagnose", "--exit-code", "1"}, 0, "{", "", "a.c:3:5: error: expected ';'\n");
  check({"diagnose", "--format", "sarif"}, 0, "{", "", "a.c:3:5: error: expected ';'\n");
  check({"diagnose"}, 0, "{", "", "");
}

TEST(CommandLine, RouteAndPlanRunNothing) {
  auto folder = TemporaryFolder::make(fs::temp_directory_path(), "baton-cli-");
  ASSERT_TRUE(folder.ok());
  const std::string path = folder->path().string(), batch = path + "/tasks.jsonl", plan = path + "/plan.json";
  ASSERT_TRUE(write_file(batch, "{\"id\": 1, \"text\": \"Dark mode\"}\n\n{\"id\": \"b\", \"text\": \"\"}\n").ok());
  check({"route", "--workspace", path, "Dark mode toggle"}, 0, "{\"ambiguous\":false", "");
  const Ran ran = run_line({"route", "--workspace", path, "--batch", batch});
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 2) << ran.out;
  ASSERT_TRUE(write_file(batch, "{\"id\": 1}\n").ok());
  check({"route", "--workspace", path, "--batch", batch}, 2, "", "baton: ");
  check({"route"}, 2, "", "baton: ");
  check({"route", "--workspace", path + "/none", "x"}, 2, "", "baton: ");
  check({"plan", "--workspace", path, ""}, 2, "", "baton: ");
  check({"plan", "--workspace", path, "--pattern", "circle", "x"}, 2, "", "baton: ");
  check({"plan", "--workspace", path, "--agent", "codex", "x"}, 2, "", "baton: The agent codex");
  const Ran printed = run_line({"plan", "--workspace", path, "Dark mode toggle\n- it is dark"});
  EXPECT_EQ(printed.code, 0) << printed.err;
  ASSERT_TRUE(write_file(plan, printed.out).ok());
  check({"plan", "--check", plan}, 0, "", "");
  std::string edited = printed.out;
  edited.replace(edited.find("\"c1\""), 4, "\"c2\"");
  ASSERT_TRUE(write_file(plan, edited).ok());
  EXPECT_EQ(run_line({"plan", "--check", plan}).code, 2);
}

TEST(CommandLine, ConfigSchema) { check({"config", "schema"}, 0, "{", ""); }

}  // namespace
}  // namespace baton
