// The box with real tools inside. Skipped where the machine does not allow one.
#include "support/sandbox.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "support/descriptor.h"
#include "support/files.h"
#include "support/path_order.h"
#include "support/seccomp_filter.h"

namespace baton {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class Sandbox : public testing::Test {
 protected:
  Sandbox() : folder_(*TemporaryFolder::make("/tmp", "baton-box-")) {
    for (const char* name : {"home", "tmp", "work"}) EXPECT_TRUE(make_folder(at(name)).ok());
    policy_.home = at("home");
    policy_.tmp = at("tmp");
    policy_.binds = {{at("work"), at("work"), true}};
  }
  void SetUp() override {
    if (probe_sandbox() != SandboxRung::bubblewrap) GTEST_SKIP() << "no sandbox here: " << sandbox_problem();
  }
  fs::path at(const std::string& name) const { return folder_.path() / name; }

  ProcessSpec spec(std::vector<std::string> argv) const {
    ProcessSpec spec;
    spec.argv = std::move(argv);
    spec.cwd = at("work");
    spec.env = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"LC_ALL", "C"}};
    spec.timeout = 60s;
    return spec;
  }
  ProcessResult boxed(const ProcessSpec& spec) const {
    auto wrapped = sandboxed(spec, policy_, SandboxRung::bubblewrap);
    EXPECT_TRUE(wrapped.ok()) << (wrapped.ok() ? "" : wrapped.error().message);
    if (!wrapped) return {};
    auto result = run(*wrapped);
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    return result.ok() ? *result : ProcessResult{};
  }
  ProcessResult shell(const std::string& script) const { return boxed(spec({"sh", "-c", script})); }

  TemporaryFolder folder_;
  SandboxPolicy policy_;
};

TEST_F(Sandbox, EndsLikeTheCommandItself) {
  EXPECT_EQ(shell("exit 7").exit_code, 7);
  EXPECT_EQ(shell("exit 139").exit_code, 139);
  const auto crash = shell("kill -SEGV $$");
  EXPECT_EQ(crash.signal, SIGSEGV);
  EXPECT_FALSE(crash.exit_code.has_value());
}

TEST_F(Sandbox, WhatCannotStartSaysSo) {
  const auto missing = boxed(spec({"no-such-program"}));
  EXPECT_EQ(missing.exit_code, 127);
  EXPECT_NE(missing.start_error.find("no-such-program"), std::string::npos) << missing.start_error;
  ASSERT_TRUE(write_file(at("work/plain"), "", 0644).ok());
  EXPECT_EQ(boxed(spec({"./plain"})).exit_code, 126);
  auto lost = spec({"true"});
  lost.cwd = at("work/none");
  EXPECT_NE(boxed(lost).start_error.find("Cannot enter " + lost.cwd.string()), std::string::npos);
  const auto with127 = shell("exit 127");
  EXPECT_EQ(with127.start_error, "");
  EXPECT_EQ(with127.exit_code, 127);
}

TEST_F(Sandbox, ABoxThatCannotBeBuiltIsNotAFailedCommand) {
  policy_.binds.push_back({at("work"), "/usr/no/such/place", false});
  const auto result = boxed(spec({"true"}));
  EXPECT_EQ(result.exit_code, 126);
  EXPECT_NE(result.start_error.find("sandbox could not be set up"), std::string::npos) << result.start_error;
  policy_.binds = {{at("missing"), at("missing"), false}};
  EXPECT_FALSE(sandboxed(spec({"true"}), policy_, SandboxRung::bubblewrap).ok());
}

TEST_F(Sandbox, EnvironmentIsTheSpecsWithPrivatePlaces) {
  auto env = spec({"env"});
  env.env = {{"PATH", "/usr/bin:/bin"}, {"A", "x y=z"}, {"LD_LIBRARY_PATH", at("work").string()}};
  const auto result = boxed(env);
  std::vector<std::string> lines;
  for (std::size_t from = 0, to; (to = result.out.find('\n', from)) != std::string::npos; from = to + 1)
    lines.push_back(result.out.substr(from, to - from));
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(lines, (std::vector<std::string>{"A=x y=z", "HOME=" + at("home").string(),
                                             "LD_LIBRARY_PATH=" + at("work").string(), "PATH=/usr/bin:/bin",
                                             "PWD=" + at("work").string(), "TMPDIR=/tmp"}));
}

TEST_F(Sandbox, SeesTheWorkTreeItsHomeAndTmpAndNothingElse) {
  ASSERT_TRUE(write_file(at("secret"), "s").ok());
  struct Row {
    std::string script;
    int exit_code;
  };
  const std::string home = ::getenv("HOME") ? ::getenv("HOME") : "/root";
  for (const Row& row : std::vector<Row>{
           {"echo x > made && test -s made", 0},
           {"echo x > $HOME/made && echo x > /tmp/made && test -w /dev/null", 0},
           {"test -e " + at("secret").string(), 1},
           {"test -e " + home + "/.bashrc", 1},
           {"test -z \"$(ls -A " + home + " 2>/dev/null)\"", 0},
           {"test -e /etc/shadow", 1},
           {"test -e /etc/npmrc", 1},
           {"test -e /root/.npmrc", 1},
           {"touch /usr/x 2>/dev/null", 1},
           {"touch /x 2>/dev/null", 1},
           {"touch /etc/x 2>/dev/null", 1},
           {"test \"$(ls /proc | grep -c '^[0-9]')\" -lt 12", 0},
           {"test \"$(cd; pwd)\" = \"$HOME\" && test \"$(getent passwd $(id -u) | cut -d: -f6)\" = \"$HOME\"", 0},
           {"id -un && getent hosts localhost", 0},
           {"mkdir -p /var/tmp/x && echo x > /dev/shm/x", 0}})
    EXPECT_EQ(shell(row.script).exit_code, row.exit_code) << row.script;
  EXPECT_TRUE(fs::exists(at("work/made")));
  EXPECT_TRUE(fs::exists(at("tmp/made")));
  EXPECT_TRUE(fs::exists(at("home/made")));
}

TEST_F(Sandbox, TheMoreSpecificPathWins) {
  for (const char* name : {"work/ro/deep", "work/keys", "other"}) ASSERT_TRUE(make_folder(at(name)).ok());
  for (const char* name : {"work/ro/f", "work/keys/k", "work/token", "other/f"})
    ASSERT_TRUE(write_file(at(name), "x").ok());
  policy_.binds.push_back({at("work/ro"), at("work/ro"), false});
  policy_.binds.push_back({at("other"), at("work/keys/shown"), false});
  policy_.binds.push_back({at("work/keys"), "/elsewhere", false});
  ASSERT_TRUE(make_folder(at("work/keys/shown")).ok());
  policy_.masked = {at("work/keys"), at("work/token"), at("none"), "/usr/games"};
  for (const auto& [script, code] :
       std::vector<std::pair<std::string, int>>{{"test -e ro/f && ! touch ro/x 2>/dev/null", 0},
                                                {"test -e keys/k", 1},
                                                {"touch keys/x 2>/dev/null", 1},
                                                {"test -e keys/shown/f", 0},
                                                {"test -s token", 1},
                                                {"test -e /elsewhere/k", 1},
                                                {"test -z \"$(ls /usr/games)\"", 0}})
    EXPECT_EQ(shell(script).exit_code, code) << script;
}

// A server of ours on the host's loopback.
struct Listener {
  Listener() : socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(socket.get(), 8), 0);
    socklen_t size = sizeof address;
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port = std::to_string(ntohs(address.sin_port));
  }
  Descriptor socket;
  std::string port;
};

TEST_F(Sandbox, NetworkIsLoopbackOnlyUnlessOpened) {
  const Listener listener;
  const std::string connect = "exec 3<>/dev/tcp/127.0.0.1/" + listener.port;
  EXPECT_NE(boxed(spec({"bash", "-c", connect})).exit_code, 0);
  EXPECT_EQ(
      boxed(
          spec({"python3", "-c",
                "import socket\ns=socket.create_server(('127.0.0.1',0))\nc=socket.create_connection(s.getsockname())\n"
                "assert [i for _,i in socket.if_nameindex()]==['lo']"}))
          .exit_code,
      0);
  policy_.network = true;
  EXPECT_EQ(boxed(spec({"bash", "-c", connect})).exit_code, 0);
}

TEST_F(Sandbox, FilterRefusesWhatReachesPastNamespaces) {
  const std::string prelude =
      "import ctypes,errno,socket,os,sys\nlibc=ctypes.CDLL(None,use_errno=True)\n"
      "def e(*a):\n  r=libc.syscall(*a)\n  return ctypes.get_errno() if r<0 else 0\n"
      "def s(f):\n  try:\n    socket.socket(f,socket.SOCK_STREAM if f!=16 else socket.SOCK_RAW); return 0\n"
      "  except OSError as x: return x.errno\n";
  for (const auto& [expression, expected] : std::vector<std::pair<std::string, std::string>>{
           {"libc.unshare(0x10000000),ctypes.get_errno()", "-1 1"},
           {"libc.mount(b'none',b'/tmp',b'tmpfs',0,None),ctypes.get_errno()", "-1 1"},
           {"s(40)", "97"},  // vsock
           {"s(38)", "97"},  // kernel crypto
           {"s(17)", "97"},  // packet
           {"s(16),s(1),s(2)", "0 0 0"},
           {"libc.ptrace(0,0,0,0)", "0"}})  // traceme
    EXPECT_EQ(boxed(spec({"python3", "-c", prelude + "print(" + expression + ")"})).out, expected + "\n") << expression;
  EXPECT_NE(shell("unshare -U true 2>/dev/null").exit_code, 0);
  EXPECT_EQ(shell("grep -c '^CapEff:.0*$' /proc/self/status; grep -c 'Seccomp:.2' /proc/self/status").out, "1\n1\n");
}

TEST_F(Sandbox, NothingSurvivesAndLeftoversAreCounted) {
  const auto left = shell("setsid sleep 1000 </dev/null >/dev/null 2>&1 & sleep 0.01; exit 0");
  EXPECT_EQ(left.exit_code, 0);
  EXPECT_EQ(left.descendants_killed, 1);
  EXPECT_EQ(boxed(spec({"bash", "-c", "echo text > >(cat)"})).out, "text\n");
  auto forever = spec({"sh", "-c", "trap '' TERM; while :; do sleep 1000; done"});
  forever.timeout = 500ms;
  const auto result = boxed(forever);
  EXPECT_TRUE(result.timed_out);
  EXPECT_LT(result.seconds, 1.0 + 0.5);
}

TEST_F(Sandbox, TheCommandCannotSpeakForTheShim) {
  // Killing it is possible and never a pass; its report pipe is out of reach.
  const auto killed = shell("kill -9 $PPID; sleep 1000");
  EXPECT_FALSE(killed.success());
  EXPECT_EQ(killed.signal, SIGKILL);
  const auto forged = shell("for p in /proc/[0-9]*; do (exec 9>$p/fd/64) 2>/dev/null && echo reach $p; done; exit 0");
  EXPECT_EQ(forged.out, "");
}

TEST_F(Sandbox, StreamsAndInput) {
  auto cat = spec({"sh", "-c", "cat; echo e >&2"});
  cat.stdin_text = "in";
  const auto result = boxed(cat);
  EXPECT_EQ(result.out, "in");
  EXPECT_EQ(result.err, "e\n");
}

TEST_F(Sandbox, PlainKeepsTheHostsPaths) {
  auto plain = sandboxed(spec({"sh", "-c", "echo $HOME $TMPDIR; exit 3"}), policy_, SandboxRung::plain);
  ASSERT_TRUE(plain.ok());
  const auto result = run(*plain);
  EXPECT_EQ(result->out, at("home").string() + " " + at("tmp").string() + "\n");
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_EQ(to_string(SandboxRung::plain), "not isolated");
}

// The rung below: no namespaces, the host's own paths, and files held by the kernel.
class Landlock : public Sandbox {
 protected:
  void SetUp() override {
    if (held(spec({"true"})).exit_code != 0) GTEST_SKIP() << "this kernel has no Landlock that is new enough";
    EXPECT_TRUE(make_folder(at("shown")) && write_file(at("shown/text"), "shown\n") && write_file(at("secret"), "secret\n"));
    policy_.binds.push_back({at("shown"), "/elsewhere", false});
  }
  ProcessResult held(const ProcessSpec& spec) const {
    auto wrapped = sandboxed(spec, policy_, SandboxRung::landlock);
    auto result = wrapped ? run(*wrapped) : Result<ProcessResult>(wrapped.error());
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    return result.ok() ? *result : ProcessResult{};
  }
  // What a line of shell printed, and its exit code where that is not 0.
  std::string said(const std::string& script) const {
    const auto result = held(spec({"sh", "-c", script}));
    return result.out + (result.exit_code == 0 ? "" : "exit " + std::to_string(result.exit_code.value_or(-1)));
  }
};

TEST_F(Landlock, HoldsFilesAndLeavesTheRest) {
  const std::string outside = at("secret").string();
  const struct {
    const char* name;
    std::string script, says;
  } kCases[] = {
      {"its own folders", "echo a > a && mkdir -p d && mv a d/b && cat d/b && echo h > ~/h && echo t > $TMPDIR/t && ln d/b c && rm c", "a\n"},
      {"between them", "echo a > a && mv a ~/a && cat ~/a", "a\n"},
      {"what is shown", "cat " + at("shown/text").string(), "shown\n"},
      {"and not written", "echo x 2>&- >> " + at("shown/text").string(), "exit 2"},
      {"reading elsewhere", "cat 2>&- " + outside, "exit 1"},
      {"listing elsewhere", "ls 2>&- " + folder_.path().string(), "exit 2"},
      {"writing elsewhere", "echo x 2>&- > " + outside, "exit 2"},
      {"cutting elsewhere", "truncate -s 0 2>&- " + outside, "exit 1"},
      {"making elsewhere", "mkdir 2>&- " + at("new").string(), "exit 1"},
      {"moving out", "echo a > a; mv a 2>&- " + at("moved").string() + "; test -e " + at("moved").string(), "exit 1"},
      {"by a link", "ln -s " + outside + " link && cat 2>&- link", "exit 1"},
      {"devices and processes", "echo x > /dev/null && head -c 4 /dev/urandom | wc -c && test -r /proc/self/status && echo fine", "4\nfine\n"},
      {"the home of the user", "ls 2>&- /root /home; echo $HOME", at("home").string() + "\n"},
      {"the environment of others", "cat 2>&- /proc/" + std::to_string(::getpid()) + "/environ | wc -c", "0\n"},
      {"more rights", "test $(grep NoNewPrivs /proc/self/status | cut -f2) = 1 && unshare -U true 2>&- || echo none", "none\n"},
  };
  for (const auto& one : kCases) EXPECT_EQ(said(one.script), one.says) << one.name << ": " << one.script;
  EXPECT_EQ(*read_file(at("secret")), "secret\n");
}

TEST_F(Landlock, EndsLikeTheCommandItself) {
  EXPECT_EQ(held(spec({"sh", "-c", "exit 7"})).exit_code, 7);
  EXPECT_EQ(held(spec({"sh", "-c", "kill -9 $$"})).signal, SIGKILL);
  EXPECT_NE(held(spec({"no-such-program"})).start_error, "");
  EXPECT_EQ(held(spec({"sh", "-c", "sleep 300 & setsid sleep 300 & echo out"})).out, "out\n");
  auto long_one = spec({"sh", "-c", "setsid sleep 77.25 & sleep 77.25"});
  long_one.timeout = 300ms;
  EXPECT_TRUE(held(long_one).timed_out);
  EXPECT_EQ(held(spec({"pgrep", "-f", "sleep 77[.]25"})).out, "");
  EXPECT_EQ(to_string(SandboxRung::landlock), "landlock");
}

// The user's own tools, found through the PATH these tests were started with.
class Toolchain : public Sandbox {
 protected:
  void check(const std::string& program, const std::string& script) {
    const Environment user = current_environment();
    if (!find_program(program, get(user, "PATH").value_or(""))) GTEST_SKIP() << program << " is not installed";
    for (const BindMount& bind : toolchain_binds(user)) policy_.binds.push_back(bind);
    auto tool = spec({"bash", "-c", "set -e; " + script + "\ntest -z \"$(ls -A ~)\" || true"});
    tool.env = toolchain_environment(user);
    set(tool.env, "PATH", get(user, "PATH").value_or(""));
    tool.timeout = 100s;
    const auto result = boxed(tool);
    EXPECT_EQ(result.exit_code, 0) << result.start_error << result.err << result.out;
  }
};

TEST_F(Toolchain, Python) {
  check("python3", "python3 -c 'import ssl,sqlite3,hashlib,json; print(1)'");
}
TEST_F(Toolchain, Node) {
  check("node", "node -e 'require(\"os\").networkInterfaces(); fetch; console.log(process.version)'");
}
TEST_F(Toolchain, Npm) {
  check("npm", "npm --version");
}
TEST_F(Toolchain, Cargo) {
  check("cargo", "cargo --version; rustc --version; printf 'fn main(){println!(\"x\");}' > m.rs; rustc m.rs; ./m");
}
TEST_F(Toolchain, Go) {
  check("go", "go version; go env GOROOT; printf 'package main\\n' | gofmt; go list -deps fmt");
}
TEST_F(Toolchain, Java) {
  check("javac",
        "java -version; echo 'class M{public static void main(String[] a){System.out.println(1);}}' > M.java; javac "
        "M.java; java M");
}
TEST_F(Toolchain, Maven) {
  check("mvn", "mvn --version");
}
TEST_F(Toolchain, Git) {
  check("git", "git init -q r; cd r; git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x");
}
TEST_F(Toolchain, CompilerAndItsSanitizers) {
  check("g++",
        "printf '#include <cstdlib>\\n#include <cstdio>\\nint main(int c,char**){void* volatile p=malloc(9); if(c==1) "
        "free(p); p=0; puts(\"ran\");}' > m.cpp; "
        "g++ m.cpp -o m && ./m; g++ -g -fsanitize=address,undefined m.cpp -o a && ./a; "
        "if ./a leak 2>log; then exit 9; fi; grep -q 'detected memory leaks' log; "
        "g++ -g -fsanitize=thread m.cpp -o t && ./t");
}

TEST(ToolchainBinds, ShowInstallationsAndNeverHomeOrCredentials) {
  auto folder = *TemporaryFolder::make("/tmp", "baton-tools-");
  const fs::path home = folder.path() / "home";
  const auto make = [&](const fs::path& path) { ASSERT_TRUE(make_folder(path).ok()); };
  const auto program = [&](const fs::path& path) {
    make(path.parent_path());
    ASSERT_TRUE(write_file(path, "#!/bin/sh\n", 0755).ok());
  };
  program(home / ".nvm/versions/node/v1/bin/node");
  program(home / ".cargo/bin/cargo");
  ASSERT_TRUE(write_file(home / ".cargo/credentials.toml", "x").ok());
  make(home / ".rustup/toolchains");
  program(home / "go/bin/gopls");
  make(home / "go/pkg/mod");
  program(home / ".local/bin/direct");
  program(home / ".local/share/pipx/venvs/black/bin/black");
  fs::create_symlink(home / ".local/share/pipx/venvs/black/bin/black", home / ".local/bin/black");
  program(folder.path() / "opt/tool/bin/tool");
  make(folder.path() / "opt/tool/lib");
  fs::create_directory_symlink(folder.path() / "opt/tool", folder.path() / "current");
  program(folder.path() / "repo/bin/x");
  make(folder.path() / "repo/lib");
  make(folder.path() / "repo/.git");
  program(folder.path() / "npm/node_modules/agent/bin/agent.js");
  make(folder.path() / "npm/node_modules/what-it-needs");
  make(folder.path() / "npm/node_modules/.bin");
  fs::create_symlink("../agent/bin/agent.js", folder.path() / "npm/node_modules/.bin/agent");
  make(home / ".ssh/bin");
  make(home / "bin");
  std::string path = "relative:/usr/bin:" + home.string();
  for (const fs::path& entry :
       {home / ".nvm/versions/node/v1/bin", home / ".cargo/bin", home / "go/bin", home / ".local/bin",
        folder.path() / "current/bin", folder.path() / "repo/bin", folder.path() / "npm/node_modules/.bin", home / ".ssh/bin", home / "bin", home / "none"})
    path += ":" + entry.string();
  std::vector<std::string> shown;
  for (const BindMount& bind : toolchain_binds({{"HOME", home.string()}, {"PATH", path}})) {
    EXPECT_FALSE(bind.writable);
    shown.push_back(bind.target.lexically_relative(folder.path()).string());
  }
  EXPECT_EQ(shown,
            (std::vector<std::string>{"current", "home/.cargo/bin", "home/.local/bin", "home/.local/share/pipx",
                                      "home/.nvm", "home/.rustup", "home/bin", "home/go/bin", "npm/node_modules", "opt/tool", "repo/bin"}));
}

TEST(SeccompFilter, IsSmallAndBuiltOnce) {
  const auto filter = seccomp_filter();
  ASSERT_TRUE(filter.ok());
  EXPECT_EQ(filter->size() % 8, 0u);
  EXPECT_LT(filter->size(), 8192u);
}

TEST(PathOrder, BelowComparesParts) {
  using namespace std::literals;
  EXPECT_TRUE(below("/a/b"sv, "/a"sv));
  EXPECT_TRUE(below("/a"sv, "/a"sv));
  EXPECT_TRUE(below("/a"sv, "/"sv));
  EXPECT_FALSE(below("/ab"sv, "/a"sv));
  EXPECT_FALSE(below("/a"sv, "/a/b"sv));
  EXPECT_EQ(normal("/a/./b/../c/"), "/a/c");
  EXPECT_EQ(normal("/"), "/");
}

}  // namespace
}  // namespace baton
