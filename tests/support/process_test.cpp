// Real processes: what they leave behind, what they print, how they end.
#include "support/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include "support/bounded_text.h"
#include "support/files.h"

namespace baton {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

class Process : public testing::Test {
 protected:
  Process() : folder_(*TemporaryFolder::make("/tmp", "baton-process-")) {}

  ProcessSpec spec(std::vector<std::string> argv) const {
    ProcessSpec spec;
    spec.argv = std::move(argv);
    spec.cwd = folder_.path();
    spec.env = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"LC_ALL", "C"}};
    spec.timeout = 60s;
    return spec;
  }
  ProcessSpec shell(const std::string& script) const { return spec({"/bin/sh", "-c", script}); }
  ProcessResult result_of(const ProcessSpec& spec, std::stop_token stop = {}) const {
    auto result = run(spec, stop);
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    return result.ok() ? *result : ProcessResult{};
  }
  fs::path at(const std::string& name) const { return folder_.path() / name; }
  pid_t pid_in(const std::string& name) const {
    const auto text = read_file(at(name));
    return text.ok() && !text->empty() ? std::stoi(*text) : 0;
  }

  TemporaryFolder folder_;
};

bool alive(pid_t pid) {
  return pid > 0 && ::kill(pid, 0) == 0;
}

// Waits on a condition, never for a time: gives up only where the test has failed anyway.
template <class Condition>
bool eventually(Condition condition) {
  for (const auto limit = Clock::now() + 20s; Clock::now() < limit; std::this_thread::sleep_for(2ms))
    if (condition()) return true;
  return false;
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

TEST_F(Process, ExitCodesAndSignals) {
  struct Row {
    std::string script;
    std::optional<int> exit_code, signal;
  };
  for (const Row& row : std::vector<Row>{{"exit 0", 0, {}},
                                         {"exit 7", 7, {}},
                                         {"exit 255", 255, {}},
                                         {"kill -SEGV $$", {}, SIGSEGV},
                                         {"kill -9 $$", {}, SIGKILL}}) {
    const auto result = result_of(shell(row.script));
    EXPECT_EQ(result.exit_code, row.exit_code) << row.script;
    EXPECT_EQ(result.signal, row.signal) << row.script;
    EXPECT_EQ(result.start_error, "");
    EXPECT_EQ(result.success(), row.exit_code == 0);
  }
}

TEST_F(Process, StreamsStayApartOrComeTogetherInOrder) {
  auto apart = result_of(shell("echo a; echo b >&2; echo c"));
  EXPECT_EQ(apart.out, "a\nc\n");
  EXPECT_EQ(apart.err, "b\n");
  EXPECT_EQ(apart.output_bytes, 6u);
  auto together = shell("echo a; echo b >&2; echo c");
  together.merge_stderr = true;
  const auto merged = result_of(together);
  EXPECT_EQ(merged.out, "a\nb\nc\n");
  EXPECT_EQ(merged.err, "");
}

TEST_F(Process, OnlyTheGivenEnvironmentFolderAndDescriptors) {
  auto env = spec({"/usr/bin/env"});
  env.env = {{"A", "1"}, {"B", "x=y"}};
  EXPECT_EQ(result_of(env).out, "A=1\nB=x=y\n");
  EXPECT_EQ(result_of(shell("pwd")).out, fs::canonical(folder_.path()).string() + "\n");
  const int leaked = ::open("/dev/null", O_RDONLY);  // without close-on-exec
  ASSERT_GE(leaked, 0);
  EXPECT_EQ(result_of(spec({"ls", "/proc/self/fd"})).out, "0\n1\n2\n3\n");  // 3 is ls reading the folder
  ::close(leaked);
}

TEST_F(Process, SignalsAreAtTheirDefaults) {
  // The C library keeps 32 and 33 for itself: the digit they fall into is not looked at.
  const auto result = result_of(shell("grep -E 'Sig(Blk|Ign)' /proc/self/status | tr -d '\\n\\t'"));
  std::string out = result.out;
  ASSERT_EQ(out.size(), 46u) << out;
  for (const std::size_t at : {7 + 7, 7 + 8, 30 + 7, 30 + 8}) out[at] = '0';
  EXPECT_EQ(out, "SigBlk:0000000000000000SigIgn:0000000000000000");
}

TEST_F(Process, StdinTextAndNone) {
  auto cat = spec({"cat"});
  EXPECT_EQ(result_of(cat).out, "");
  cat.stdin_text = std::string(3'000'000, 'q');
  EXPECT_EQ(result_of(cat).output_bytes, 3'000'000u);
  auto ignores = shell("exit 3");  // never reads what it is given
  ignores.stdin_text = std::string(3'000'000, 'q');
  EXPECT_EQ(result_of(ignores).exit_code, 3);
}

TEST_F(Process, InputsAreReadFromThreeOn) {
  auto reader = shell("cat <&3; cat <&4");
  reader.inputs = {"one ", "two"};
  EXPECT_EQ(result_of(reader).out, "one two");
}

TEST_F(Process, WhatCannotStartSaysSo) {
  ASSERT_TRUE(write_file(at("plain"), "#!/bin/sh\nexit 0\n", 0644).ok());
  ASSERT_TRUE(write_file(at("broken"), "#!/no/such/interpreter\n", 0755).ok());
  ASSERT_TRUE(write_file(at("headless"), "exit 5\n", 0755).ok());
  struct Row {
    std::string program;
    int code;
    std::string says;
  };
  for (const Row& row : std::vector<Row>{{"no-such-program-anywhere", 127, "No such file"},
                                         {"/no/such/program", 127, "No such file"},
                                         {at("plain").string(), 126, "Permission denied"},
                                         {"./plain", 126, "Permission denied"},
                                         {"/", 126, ""},
                                         {at("broken").string(), 127, "interpreter"}}) {
    const auto result = result_of(spec({row.program}));
    EXPECT_EQ(result.exit_code, row.code) << row.program;
    EXPECT_NE(result.start_error.find(row.program), std::string::npos) << result.start_error;
    EXPECT_NE(result.start_error.find(row.says), std::string::npos) << result.start_error;
    EXPECT_FALSE(result.success());
  }
  EXPECT_EQ(result_of(spec({"./headless"})).exit_code, 5);  // as a shell would
  auto lost = spec({"true"});
  lost.cwd = at("none");
  EXPECT_NE(result_of(lost).start_error.find("Cannot enter"), std::string::npos);
  EXPECT_EQ(result_of(lost).exit_code, 127);
  auto on_path = spec({"plain"});
  on_path.env = {{"PATH", folder_.path().string()}};
  EXPECT_EQ(result_of(on_path).exit_code, 126);
  EXPECT_EQ(result_of(spec({"/bin/true", std::string(3'000'000, 'x')})).exit_code, 126);
  EXPECT_FALSE(run(spec({})).ok());
  EXPECT_FALSE(run(spec({"true", std::string("a\0b", 3)})).ok());
}

TEST_F(Process, AProgramThatExitsWith127StartedAllTheSame) {
  const auto result = result_of(shell("exit 127"));
  EXPECT_EQ(result.exit_code, 127);
  EXPECT_EQ(result.start_error, "");
}

TEST_F(Process, NothingSurvivesTheCommand) {
  // A daemon as they are written: double fork, a session of its own, detached streams.
  const auto result =
      result_of(shell("(setsid sh -c 'echo $$ > daemon; exec sleep 1000' </dev/null >/dev/null 2>&1 &) & "
                      "while ! test -s daemon; do :; done"));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.descendants_killed, 1);
  ASSERT_GT(pid_in("daemon"), 0);
  EXPECT_FALSE(alive(pid_in("daemon")));
}

TEST_F(Process, StoppedAndMaskedDescendantsDieToo) {
  const auto result =
      result_of(shell("sh -c 'trap \"\" TERM HUP INT; echo $$ > masked; while :; do sleep 1000; done' & "
                      "sh -c 'echo $$ > stopped; kill -STOP $$' & "
                      "while ! test -s masked || ! test -s stopped; do :; done; exit 4"));
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_GE(result.descendants_killed, 2);
  EXPECT_FALSE(alive(pid_in("masked")));
  EXPECT_FALSE(alive(pid_in("stopped")));
}

TEST_F(Process, StragglersMayFinishTheirLine) {
  const auto result = result_of(spec({"bash", "-c", "echo text > >(cat)"}));
  EXPECT_EQ(result.out, "text\n");
  EXPECT_EQ(result.descendants_killed, 0);
}

TEST_F(Process, AnInheritedPipeDoesNotHoldUsUp) {
  const auto start = Clock::now();
  const auto result = result_of(shell("echo done; sleep 1000 & exit 0"));
  EXPECT_EQ(result.out, "done\n");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_LT(seconds_since(start), 10);
}

TEST_F(Process, TheLimitEndsWhatNeverEnds) {
  auto forever = shell("trap '' TERM INT HUP; (setsid sleep 1000 &); echo started; while :; do sleep 1000; done");
  forever.timeout = 300ms;
  const auto result = result_of(forever);
  EXPECT_TRUE(result.timed_out);
  EXPECT_FALSE(result.success());
  EXPECT_FALSE(result.exit_code.has_value());
  EXPECT_EQ(result.signal, SIGKILL);
  EXPECT_EQ(result.out, "started\n");
  EXPECT_LT(result.seconds, 0.3 + 0.5);
}

TEST_F(Process, AForkingCrowdIsKilled) {
  auto crowd = shell(
      "i=0; while [ $i -lt 60 ]; do (setsid sh -c 'sh -c \"sleep 1000 & sleep 1000\" & sleep 1000' &); i=$((i+1)); "
      "done; "
      "touch ready; sleep 1000");
  crowd.timeout = 1500ms;
  const auto result = result_of(crowd);
  EXPECT_TRUE(result.timed_out);
  EXPECT_GT(result.descendants_killed, 60);
}

TEST_F(Process, AProcessThatForksFasterThanItDies) {
  // Each generation leaves its session and its parent: no group kill and no walk from the top catches it whole.
  auto chain = spec({"python3", "-S", "-c",
                     "import os,time\n"
                     "end=time.time()+30\n"
                     "while time.time()<end:\n"
                     "  if os.fork(): os._exit(0)\n"
                     "  os.setsid()\n"});
  chain.timeout = 500ms;
  const auto start = Clock::now();
  const auto result = result_of(chain);
  EXPECT_LT(seconds_since(start), 5);
  EXPECT_TRUE(result.exit_code == 0 || result.timed_out) << result.err;
}

TEST_F(Process, KillOfTheGroupDoesNotReachTheShim) {
  const auto result = result_of(shell("kill -9 0"));
  EXPECT_EQ(result.signal, SIGKILL);
  EXPECT_FALSE(result.timed_out);
}

TEST_F(Process, ACommandThatKillsTheShimDiesWithIt) {
  const auto start = Clock::now();
  const auto result = result_of(shell("echo $$ > pid; kill -9 $PPID; sleep 1000"));
  EXPECT_EQ(result.signal, SIGKILL);
  EXPECT_FALSE(result.success());
  EXPECT_LT(seconds_since(start), 10);
  EXPECT_TRUE(eventually([&] { return !alive(pid_in("pid")); }));
}

TEST_F(Process, NoOrphanWhenWeAreKilled) {
  const pid_t runner = ::fork();
  if (runner == 0) {
    auto gate = shell("(setsid sh -c 'echo $$ > daemon; exec sleep 1000' &); echo $$ > main; exec sleep 1000");
    (void)run(gate);
    ::_exit(0);
  }
  ASSERT_GT(runner, 0);
  const bool up = eventually([&] { return pid_in("daemon") > 0 && pid_in("main") > 0; });
  ::kill(runner, SIGKILL);
  ::waitpid(runner, nullptr, 0);
  ASSERT_TRUE(up);
  EXPECT_TRUE(eventually([&] { return !alive(pid_in("daemon")) && !alive(pid_in("main")); }));
}

TEST_F(Process, StopTokenCancels) {
  auto source = std::stop_source();
  auto forever = shell("echo up; sleep 1000");
  Clock::time_point asked;
  forever.on_output = [&](std::string_view) {
    asked = Clock::now();
    source.request_stop();
  };
  const auto result = result_of(forever, source.get_token());
  EXPECT_TRUE(result.cancelled);
  EXPECT_FALSE(result.timed_out);
  EXPECT_FALSE(result.success());
  EXPECT_LT(seconds_since(asked), 0.5);

  EXPECT_TRUE(result_of(shell("touch ran"), source.get_token()).cancelled);
  EXPECT_FALSE(fs::exists(at("ran")));
}

TEST_F(Process, OutputIsBoundedHoweverLoud) {
  auto loud = shell("echo first; head -c 1000000000 /dev/zero; echo; echo last");
  loud.max_output = 64 << 10;
  const auto start = Clock::now();
  const auto result = result_of(loud);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.output_bytes, 1'000'000'000u + 12);
  EXPECT_TRUE(result.truncated);
  EXPECT_LT(result.out.size(), (64u << 10) + 100);
  EXPECT_TRUE(result.out.starts_with("first\n"));
  EXPECT_TRUE(result.out.ends_with("\nlast\n"));
  EXPECT_LT(seconds_since(start), 60);
}

TEST_F(Process, BoundedTextKeepsBothEnds) {
  struct Row {
    std::uint64_t max;
    std::vector<std::string> pieces;
    std::string expected;
  };
  for (const Row& row : std::vector<Row>{{8, {"abcd"}, "abcd"},
                                         {8, {"abcdefgh"}, "abcdefgh"},
                                         {8, {"abc", "defgh"}, "abcdefgh"},
                                         {8, {"abcd", "efghi"}, "abcd\n[... 1 bytes left out ...]\nfghi"},
                                         {8, {"abcdefghijklmnop"}, "abcd\n[... 8 bytes left out ...]\nmnop"},
                                         {0, {"ab", "c"}, "[... 3 bytes left out ...]\n"}}) {
    BoundedText text(row.max);
    for (const auto& piece : row.pieces) text.add(piece);
    EXPECT_EQ(text.truncated(), row.expected.find("left out") != std::string::npos);
    EXPECT_EQ(text.take(), row.expected);
  }
}

TEST_F(Process, SpillFileHoldsBothStreamsUpToItsCap) {
  auto both = shell("echo a; echo b >&2; echo c");
  both.output_file = at("log");
  both.merge_stderr = true;
  EXPECT_FALSE(result_of(both).truncated);
  EXPECT_EQ(*read_file(at("log")), "a\nb\nc\n");

  auto large = shell("head -c 3000000 /dev/zero");
  large.output_file = at("log");
  large.max_output_file = 1000;
  const auto result = result_of(large);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(result.truncated);
  EXPECT_EQ(fs::file_size(at("log")), 1000u);
  EXPECT_EQ(result.out.size(), 3'000'000u);

  large.output_file = at("no/such/folder/log");
  EXPECT_FALSE(run(large).ok());
  large.output_file = "/dev/full";
  EXPECT_TRUE(result_of(large).truncated);
  EXPECT_EQ(result_of(large).exit_code, 0);
}

TEST_F(Process, LimitsBite) {
  auto file = shell("head -c 100000 /dev/zero > big");
  file.max_file_size = 4096;
  EXPECT_NE(result_of(file).exit_code, 0);
  EXPECT_EQ(fs::file_size(at("big")), 4096u);
  auto memory = shell("ulimit -v; ulimit -c");
  memory.max_memory = 1u << 30;
  EXPECT_EQ(result_of(memory).out, "1048576\n0\n");
}

TEST_F(Process, CountsTheTimeOfTheWholeTree) {
  const auto result = result_of(shell("sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done'"));
  EXPECT_GT(result.cpu_seconds, 0.01);
  EXPECT_GT(result.seconds, 0.01);
}

TEST_F(Process, ManyAtOnceDoNotShareAnything) {
  std::vector<std::jthread> threads;
  std::atomic<int> right = 0;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        auto echo = shell("cat; exit " + std::to_string(t));
        echo.stdin_text = std::to_string(t * 100 + i);
        const auto result = run(echo);
        if (result.ok() && result->out == echo.stdin_text && result->exit_code == t) ++right;
      }
    });
  threads.clear();
  EXPECT_EQ(right, 40);
}

TEST_F(Process, NoDescriptorAndNoZombieIsLeft) {
  const auto count = [] { return std::distance(fs::directory_iterator("/proc/self/fd"), {}); };
  (void)result_of(shell("true"));
  const auto before = count();
  for (int i = 0; i < 20; ++i) (void)result_of(shell("true"));
  EXPECT_EQ(count(), before);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
}

TEST_F(Process, FindProgramLooksOnlyInAbsoluteFolders) {
  ASSERT_TRUE(write_file(at("tool"), "#!/bin/sh\n", 0755).ok());
  ASSERT_TRUE(write_file(at("data"), "", 0644).ok());
  const std::string path = "relative::/nonexistent:" + folder_.path().string();
  EXPECT_EQ(find_program("tool", path), at("tool"));
  EXPECT_EQ(find_program("data", path), std::nullopt);
  EXPECT_EQ(find_program("", path), std::nullopt);
  EXPECT_EQ(find_program(at("tool").string(), ""), at("tool"));
  EXPECT_EQ(find_program(folder_.path().string(), ""), std::nullopt);
}

TEST_F(Process, EnvironmentAsData) {
  Environment env{{"A", "1"}};
  set(env, "B", "2");
  set(env, "A", "3");
  EXPECT_EQ(env, (Environment{{"A", "3"}, {"B", "2"}}));
  EXPECT_EQ(get(env, "C"), std::nullopt);
  EXPECT_EQ(get(current_environment(), "PATH"), std::string(::getenv("PATH")));
}

}  // namespace
}  // namespace baton
