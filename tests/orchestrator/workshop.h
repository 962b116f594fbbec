// A real repository in a temporary folder with HOME and XDG folders of its own, and an engine over it. Its gate is a script
// that prints TAP from `tests.txt`: lines of "<name> pass|fail|skip".
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "orchestrator/engine.h"
#include "support/files.h"
#include "support/process.h"

namespace baton {

inline constexpr const char* kTapScript = R"(i=0; status=0
echo "TAP version 13"
while read -r name what; do
  i=$((i+1))
  case $what in
    pass) echo "ok $i - $name";;
    skip) echo "ok $i - $name # SKIP";;
    *) echo "not ok $i - $name"; status=1;;
  esac
done < tests.txt
echo "1..$i"
exit $status
)";

class Workshop : public testing::Test {
 protected:
  Workshop() : folder_(*TemporaryFolder::make("/tmp", "baton-workshop-")) {
    for (const char* name : {"home", "cache", "config/baton", "run", "repo"}) std::filesystem::create_directories(at(name));
    std::filesystem::permissions(at("run"), std::filesystem::perms::owner_all);
    env_ = {{"PATH", get(current_environment(), "PATH").value_or("/usr/local/bin:/usr/bin:/bin")},
            {"HOME", at("home").string()},
            {"XDG_CACHE_HOME", at("cache").string()},
            {"XDG_CONFIG_HOME", at("config").string()},
            {"XDG_RUNTIME_DIR", at("run").string()}};
    git({"init", "-q", "-b", "main"});
  }

  std::filesystem::path at(const std::string& path) const { return folder_.path() / path; }

  void write(const std::map<std::string, std::string>& files) {
    for (const auto& [name, text] : files) {
      std::filesystem::create_directories(at("repo/" + name).parent_path());
      ASSERT_TRUE(write_file(at("repo/" + name), text).ok());
    }
  }

  std::string git(std::vector<std::string> args) {
    ProcessSpec spec;
    spec.argv = {"git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com"};
    spec.argv.insert(spec.argv.end(), args.begin(), args.end());
    spec.cwd = at("repo");
    spec.env = env_;
    set(spec.env, "GIT_CONFIG_NOSYSTEM", "1");
    const auto result = run(spec);
    EXPECT_TRUE(result.ok() && result->success()) << args[0] << ": " << (result.ok() ? result->err : result.error().message);
    return result.ok() ? result->out : "";
  }

  void commit(const std::map<std::string, std::string>& files = {}) {
    write(files);
    git({"add", "-A"});
    git({"commit", "-q", "-m", "work"});
  }

  // `.baton/config.json` with one gate.
  static std::pair<const std::string, std::string> gate(const std::string& command, const std::string& kind = "test",
                                                        const std::string& more = "") {
    return {".baton/config.json", R"({"gates": [{"name": "check", "kind": ")" + kind + R"(", "command": )" + command + more + "}]}"};
  }
  static std::pair<const std::string, std::string> tap_gate() { return gate(R"(["sh", "run.sh"])"); }
  static std::pair<const std::string, std::string> tap_script() { return {"run.sh", kTapScript}; }

  void user_config(const std::string& text) { ASSERT_TRUE(write_file(at("config/baton/config.json"), text).ok()); }

  VerifyRequest request() const {
    VerifyRequest asked;
    asked.client_env = env_;
    asked.trust_this_run = true;
    asked.actor = "test";
    return asked;
  }

  Result<VerifyReport> verify(const VerifyRequest& asked, const ProgressSink& sink = {}, std::stop_token stop = {}) {
    auto engine = Engine::open(at("repo"), env_);
    if (!engine) return engine.error();
    return (*engine)->verify(asked, sink, stop);
  }

  // A verification that must come to a report.
  VerifyReport judged(const VerifyRequest& asked) {
    auto report = verify(asked);
    EXPECT_TRUE(report.ok()) << report.error().message;
    return report.ok() ? *report : VerifyReport{};
  }
  VerifyReport judged() { return judged(request()); }

  static std::string statuses(const VerifyReport& report) {
    std::map<std::string, std::string> by_id;
    for (const TestVerdict& test : report.tests) by_id[test.id] = to_string(test.status);
    std::string text;
    for (const auto& [id, status] : by_id) text += (text.empty() ? "" : " ") + id + "=" + status;
    return text;
  }

  // "rejected; check: fail"
  static std::string verdict(const VerifyReport& report) {
    std::string text(to_string(report.verdict));
    for (const GateReport& one : report.gates) text += "; " + one.name + ": " + std::string(to_string(one.verdict));
    return text;
  }

  TemporaryFolder folder_;
  Environment env_;
};

}  // namespace baton
