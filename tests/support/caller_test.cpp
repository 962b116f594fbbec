// Coding agents among the ancestors of a process, found by the names of real processes.
#include "support/caller.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "support/files.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

// A shell under a name, which reads its input until that ends, and a shell below it.
class Shell {
 public:
  Shell(const fs::path& program, const std::string& script) {
    int in[2], out[2], started[2];
    EXPECT_EQ(::pipe2(in, O_CLOEXEC) | ::pipe2(out, O_CLOEXEC) | ::pipe2(started, O_CLOEXEC), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(in[0], STDIN_FILENO);
      ::dup2(out[1], STDOUT_FILENO);
      ::execl(program.c_str(), program.c_str(), "-c", script.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    ::close(started[1]);
    in_ = in[1];
    char byte = 0;
    while (::read(started[0], &byte, 1) > 0) {
    }
    // The script says the id of the shell that waits.
    std::string line;
    while (::read(out[0], &byte, 1) == 1 && byte != '\n') line += byte;
    waiting_ = std::atoi(line.c_str());
    ::close(started[0]);
    ::close(out[0]);
  }
  ~Shell() {
    ::close(in_);
    ::waitpid(pid_, nullptr, 0);
  }
  pid_t waiting() const { return waiting_; }

 private:
  pid_t pid_ = -1, waiting_ = -1;
  int in_ = -1;
};

constexpr const char* kAlone = "echo $$; read -r line";
constexpr const char* kBelow = "sh -c 'echo $$; read -r line'; exit $?";

TEST(Caller, FindsTheNearestAgent) {
  auto folder = TemporaryFolder::make("/tmp", "baton-caller-");
  ASSERT_TRUE(folder.ok());
  const auto outside = agent_above(::getpid());  // whatever runs these tests
  for (const auto& [name, script, expected] : {std::tuple{"claude", kAlone, std::optional<std::string>("claude")},
                                               {"codex", kBelow, std::optional<std::string>("codex")},
                                               {"harmless", kBelow, outside},
                                               {"claudette", kAlone, outside}}) {
    const fs::path program = folder->path() / name;
    fs::copy_file("/bin/sh", program);
    const Shell shell(program, script);
    ASSERT_GT(shell.waiting(), 0) << name;
    EXPECT_EQ(agent_above(shell.waiting()), expected) << name;
  }
}

TEST(Caller, OfAScriptByItsName) {
  auto folder = TemporaryFolder::make("/tmp", "baton-caller-");
  ASSERT_TRUE(folder.ok());
  const fs::path script = folder->path() / "gemini";
  ASSERT_TRUE(write_file(script, "#!/bin/sh\necho $$\nread -r line\n", 0755).ok());
  const Shell shell("/bin/sh", "exec " + script.string());
  EXPECT_EQ(agent_above(shell.waiting()), std::optional<std::string>("gemini"));
}

TEST(Caller, WhoIsGoneIsNobody) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(0);
  ::waitpid(pid, nullptr, 0);
  EXPECT_EQ(agent_above(pid), std::nullopt);
  EXPECT_EQ(agent_above(0), std::nullopt);
}

TEST(Caller, SaidForPeople) {
  EXPECT_EQ(by_whom({"cli:1", true, {}}), "a human");
  EXPECT_EQ(by_whom({"cli:1", false, "claude"}), "a process below claude");
  EXPECT_EQ(by_whom({"cli:1", false, {}}), "a process");
}

}  // namespace
}  // namespace baton
