// Whole verifications of small real repositories: real git, real processes, the sandbox that this machine has.
#include "orchestrator/engine.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <numeric>
#include <thread>

#include "orchestrator/sqlite.h"
#include "tests/orchestrator/workshop.h"

namespace baton {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point when) { return std::chrono::duration<double>(Clock::now() - when).count(); }

// Processes whose command line holds the text. One that ends while it is read holds nothing.
int processes_with(const std::string& text) {
  int found = 0;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const auto line = read_file(entry.path() / "cmdline");
    found += line.ok() && line->find(text) != std::string::npos;
  }
  return found;
}

using EngineTest = Workshop;

TEST_F(EngineTest, OneRegressionAmongTwelveFailuresThatWereThereBefore) {
  std::string base = "good pass\nother pass\n", expected;
  for (int i = 10; i < 22; ++i) base += "old" + std::to_string(i) + " fail\n";
  commit({tap_gate(), tap_script(), {"tests.txt", base}});
  write({{"tests.txt", "good fail\n" + base.substr(base.find('\n') + 1)}});
  const VerifyReport report = judged();
  EXPECT_EQ(verdict(report), "rejected; check: fail");
  for (const TestVerdict& test : report.tests) {
    const TestStatus wanted = test.id == "good"    ? TestStatus::regression
                              : test.id == "other" ? TestStatus::unchanged
                                                   : TestStatus::pre_existing;
    EXPECT_EQ(to_string(test.status), to_string(wanted)) << test.id;
  }
  EXPECT_EQ(report.tests.size(), 14u);
  ASSERT_TRUE(report.gates[0].base && report.gates[0].head);
  EXPECT_EQ(report.gates[0].base->failed, 12);
  EXPECT_EQ(report.gates[0].head->failed, 13);
  EXPECT_TRUE(fs::exists(report.gates[0].head->log));
  EXPECT_EQ(report.base.name, "HEAD");
  EXPECT_EQ(report.head.name, "working tree");
}

TEST_F(EngineTest, FixedAddedVanishedAndMoved) {
  commit({tap_gate(), tap_script(), {"tests.txt", "a fail\nb pass\nc pass\n"}});
  write({{"tests.txt", "a pass\nb skip\nd pass\n"}});
  const VerifyReport report = judged();
  EXPECT_EQ(statuses(report), "a=fixed b=vanished c=vanished d=added");
  EXPECT_EQ(verdict(report), "rejected; check: fail");
}

TEST_F(EngineTest, AnHonestChangePasses) {
  commit({tap_gate(), tap_script(), {"tests.txt", "a pass\nb fail\n"}});
  write({{"tests.txt", "a pass\nb fail\nc pass\n"}, {"README", "x"}});
  const VerifyReport report = judged();
  EXPECT_EQ(statuses(report), "a=unchanged b=pre_existing c=added");
  EXPECT_EQ(verdict(report), "no_regression; check: pass");
}

TEST_F(EngineTest, AHeadWhereNothingRunsIsVacuous) {
  commit({tap_gate(), tap_script(), {"tests.txt", "a pass\n"}});
  write({{"tests.txt", ""}});
  const VerifyReport report = judged();
  EXPECT_EQ(verdict(report), "rejected; check: vacuous");
  EXPECT_EQ(statuses(report), "a=vanished");
}

TEST_F(EngineTest, NewWarningsAndBuildErrorsAreAtTheirLines) {
  if (!find_program("gcc", *get(env_, "PATH"))) GTEST_SKIP() << "gcc is not installed";
  const std::string code = "int f(void) {\n  int old;\n  return 0;\n}\n";
  commit({gate(R"(["gcc", "-Wall", "-c", "a.c", "-o", "/dev/null"])", "build"), {"a.c", code}});
  write({{"a.c", "// above\n" + code + "int g(void) {\n  int fresh;\n  return 1;\n}\n"}});
  VerifyReport report = judged();
  EXPECT_EQ(verdict(report), "no_regression; check: pass");
  ASSERT_EQ(report.findings.size(), 2u);
  EXPECT_EQ(report.findings[0].finding.line, 3);
  EXPECT_FALSE(report.findings[0].is_new);
  EXPECT_EQ(report.findings[1].finding.line, 7);
  EXPECT_TRUE(report.findings[1].is_new);

  write({{"a.c", code + "int g(void) { return missing; }\n"}});
  report = judged();
  EXPECT_EQ(verdict(report), "rejected; check: fail");
  ASSERT_FALSE(report.findings.empty());
  const auto error = std::find_if(report.findings.begin(), report.findings.end(),
                                  [](const FindingVerdict& f) { return f.finding.severity == Severity::error; });
  ASSERT_NE(error, report.findings.end());
  EXPECT_EQ(error->finding.path, "a.c");
  EXPECT_EQ(error->finding.line, 5);
  EXPECT_TRUE(error->is_new);
}

TEST_F(EngineTest, TestsOfAHeadThatDoesNotBuildAreNotRun) {
  commit({{".baton/config.json", R"({"gates": [{"name": "build", "kind": "build", "command": ["sh", "-n", "run.sh"]},
            {"name": "check", "kind": "test", "command": ["sh", "run.sh"], "needs": ["build"]}]})"},
          tap_script(),
          {"tests.txt", "a pass\n"}});
  write({{"run.sh", "if broken\n"}});
  const VerifyReport report = judged();
  EXPECT_EQ(verdict(report), "rejected; build: fail; check: fail");
  EXPECT_EQ(statuses(report), "a=not_run");
  EXPECT_NE(report.gates[1].cause.find("build"), std::string::npos);
}

// A test that fails every second time it is run, whatever the checkout: its state lies outside, which needs the plain rung.
TEST_F(EngineTest, MixedResultsAreFlakyOrNewlyUnstable) {
  user_config(R"({"sandbox": "none"})");
  const std::string counter = at("counter").string();
  const std::string every_second = "n=$(cat " + counter + "-$1 2>/dev/null || echo 0); echo $((n+1)) > " + counter +
                                   "-$1; if [ $((n % 2)) = $2 ]; then echo pass; else echo fail; fi\n";
  const std::string script = "echo \"t $(sh luck.sh $(cat side))\" > tests.txt\n" + std::string(kTapScript);
  commit({tap_gate(), {"run.sh", script}, {"luck.sh", every_second}, {"side", "base 0"}});
  write({{"side", "head 1"}});
  VerifyReport report = judged();
  EXPECT_EQ(statuses(report), "t=flaky");
  EXPECT_EQ(verdict(report), "no_regression; check: pass");
  EXPECT_EQ(report.sandbox, "not isolated");

  commit({{"luck.sh", "echo pass\n"}});
  write({{"luck.sh", every_second}, {"side", "other 1"}});
  report = judged();
  EXPECT_EQ(statuses(report), "t=newly_unstable");
}

TEST_F(EngineTest, ATimeoutThatTheBaseDoesNotHaveFails) {
  commit({gate(R"(["sh", "run.sh"])", "test", R"(, "timeout": 1)"), tap_script(), {"tests.txt", "a pass\n"}});
  write({{"run.sh", "exec sleep 60\n"}});
  const VerifyReport report = judged();
  EXPECT_EQ(verdict(report), "rejected; check: fail");
  EXPECT_EQ(statuses(report), "a=not_run");
  EXPECT_LT(report.seconds, 10);
}

TEST_F(EngineTest, AMissingToolIsAFaultOfTheEnvironment) {
  commit({gate(R"(["no-such-tool-anywhere"])"), {"a", "1"}});
  write({{"a", "2"}});
  const VerifyReport report = judged();
  EXPECT_EQ(verdict(report), "inconclusive; check: env_fault");
  EXPECT_NE(report.gates[0].cause.find("no-such-tool-anywhere"), std::string::npos) << report.gates[0].cause;
}

TEST_F(EngineTest, ASetUpStepThatTheNetworkFailedIsTriedAgain) {
  const auto with_step = [](const std::string& script) {
    return std::map<std::string, std::string>{
        {"step.sh", script},
        {".baton/config.json", R"({"gates": [{"name": "fetch", "kind": "setup", "command": ["sh", "step.sh"], "network": true}]})"}};
  };
  commit(with_step("echo 'npm error code EAI_AGAIN'\n[ -e tried ] || { touch tried; exit 1; }\n"));
  write({{"README", "x"}});
  std::vector<std::string> said;
  const auto report = verify(request(), [&](const Progress& step) { said.push_back(step.message); });
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(to_string(report->gates.at(0).verdict), "pass");
  EXPECT_TRUE(std::any_of(said.begin(), said.end(), [](const std::string& line) {
    return line.find("again in 1 s: npm cannot reach its registry") != line.npos;
  }));

  // A network that stays away is no one's change.
  write(with_step("echo 'npm error code EAI_AGAIN'\nexit 1\n"));
  const VerifyReport closed = judged();
  EXPECT_EQ(to_string(closed.gates.at(0).verdict), "env_fault");
  EXPECT_EQ(to_string(closed.verdict), "inconclusive");
}

TEST_F(EngineTest, AServerLeftRunningHoldsNothingUp) {
  const std::string mark = "4242." + std::to_string(::getpid());
  commit({tap_gate(), {"run.sh", "sleep " + mark + " &\n" + kTapScript}, {"tests.txt", "a pass\n"}});
  write({{"tests.txt", "a pass\nb pass\n"}});
  const auto began = Clock::now();
  EXPECT_EQ(verdict(judged()), "no_regression; check: pass");
  EXPECT_LT(seconds_since(began), 20);
  EXPECT_EQ(processes_with(mark), 0);
}

TEST_F(EngineTest, EndlessOutputIsBounded) {
  commit({tap_gate(), tap_script(), {"tests.txt", "a pass\n"}});
  write({{"run.sh", "yes abcdefghijklmnopqrstuvwxyz | head -c 1000000000\n" + std::string(kTapScript)}});
  const VerifyReport report = judged();
  EXPECT_EQ(statuses(report), "a=unchanged");
  ASSERT_TRUE(report.gates[0].head);
  EXPECT_LT(fs::file_size(report.gates[0].head->log), 128u << 20);
}

TEST_F(EngineTest, CancelledMidGateWithinASecond) {
  const std::string mark = "4243." + std::to_string(::getpid());
  commit({tap_gate(), {"run.sh", "exec sleep " + mark + "\n"}});
  write({{"a", "1"}});
  std::stop_source stop;
  std::atomic<bool> asked = false;
  Clock::time_point when;
  const ProgressSink sink = [&](const Progress& progress) {
    if (progress.stage != "gate" || progress.log.empty() || asked.exchange(true)) return;
    when = Clock::now();
    stop.request_stop();
  };
  const auto report = verify(request(), sink, stop.get_token());
  ASSERT_TRUE(asked);
  EXPECT_LT(seconds_since(when), 1.0);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().kind, ErrorKind::cancelled);
  EXPECT_EQ(processes_with(mark), 0);
}

TEST_F(EngineTest, ProgressNamesWhatIsWaitedForEverySecond) {
  commit({tap_gate(), {"run.sh", std::string(kTapScript).replace(std::string(kTapScript).find("echo \"1.."), 0, "sleep 3.5\n")}, {"tests.txt", "a pass\n"}});
  std::vector<std::string> said;
  const auto report = verify(request(), [&](const Progress& progress) { said.push_back(progress.message); });
  ASSERT_TRUE(report.ok());
  for (const char* line : {"head: check", "head: check, 1 test, 2 s", "head: check, 1 test, 3 s"}) {
    EXPECT_NE(std::find(said.begin(), said.end(), line), said.end()) << line;
  }
}

TEST_F(EngineTest, AfterKillTheNextVerificationWorks) {
  const std::string mark = "4244." + std::to_string(::getpid());
  commit({tap_gate(), {"run.sh", "exec sleep " + mark + "\n"}, {"tests.txt", "a pass\n"}});
  const pid_t driver = ::fork();
  ASSERT_GE(driver, 0);
  if (driver == 0) {
    (void)verify(request());
    ::_exit(0);
  }
  const auto began = Clock::now();
  while (processes_with(mark) == 0 && seconds_since(began) < 20) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ASSERT_GT(processes_with(mark), 0);
  ::kill(driver, SIGKILL);
  ::waitpid(driver, nullptr, 0);
  const auto killed = Clock::now();
  while (processes_with(mark) > 0 && seconds_since(killed) < 5) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(processes_with(mark), 0);

  commit({tap_script()});
  EXPECT_EQ(statuses(judged()), "a=unchanged");
}

TEST_F(EngineTest, ASecondVerificationOfAnUnchangedTreeAnswersAtOnce) {
  commit({tap_gate(), tap_script(), {"tests.txt", "a pass\n"}});
  write({{"tests.txt", "a fail\n"}});
  const VerifyReport first = judged();
  const auto began = Clock::now();
  const VerifyReport second = judged();
  EXPECT_LT(seconds_since(began), 0.3);
  EXPECT_FALSE(first.cached);
  EXPECT_TRUE(second.cached);
  EXPECT_EQ(second.id, first.id);
  EXPECT_EQ(statuses(second), statuses(first));

  VerifyRequest fresh = request();
  fresh.fresh = true;
  EXPECT_FALSE(judged(fresh).cached);

  // The base's runs serve again, the head's tree is another.
  write({{"tests.txt", "a pass\n"}, {"other", "1"}});
  const VerifyReport third = judged();
  EXPECT_FALSE(third.cached);
  EXPECT_TRUE(third.gates[0].base->cached);
  EXPECT_FALSE(third.gates[0].head->cached);
  EXPECT_EQ(statuses(third), "a=unchanged");
}

TEST_F(EngineTest, AJournalThatSomeoneElseBeganAnswersNothing) {
  commit({tap_gate(), tap_script(), {"tests.txt", "a pass\n"}});
  write({{"tests.txt", "a fail\n"}});
  judged();
  EXPECT_TRUE(judged().cached);

  // The same folder, unpacked by another user.
  fs::create_directories(at("config/other/baton"));
  set(env_, "XDG_CONFIG_HOME", at("config/other").string());
  auto engine = Engine::open(at("repo"), env_);
  ASSERT_TRUE(engine.ok());
  EXPECT_FALSE((*engine)->latest_report()->has_value());
  const auto mentions = [](const VerifyReport& report) {
    return std::count_if(report.notes.begin(), report.notes.end(),
                         [](const std::string& note) { return note.find("not begun by you") != note.npos; });
  };
  const VerifyReport first = judged(), second = judged();
  EXPECT_FALSE(first.cached);
  EXPECT_FALSE(first.gates[0].base->cached);
  EXPECT_EQ(mentions(first), 1);
  EXPECT_TRUE(second.cached);
  EXPECT_EQ(mentions(second), 0);
}

// What the journal holds is the repository's to write, so only what this user's own key signed answers again.
TEST_F(EngineTest, AJournalThatWasAlteredAnswersNothing) {
  commit({tap_gate(), tap_script(), {"tests.txt", "a pass\n"}});
  write({{"tests.txt", "a fail\n"}});
  judged();
  const auto alter = [&](const std::string& kind, const std::string& path, const std::string& value) {
    auto database = SqlDatabase::open(at("repo/.git/baton/journal.db"), SqlAccess::read_write);
    ASSERT_TRUE(database.ok());
    ASSERT_TRUE((*database)->execute(("DROP TRIGGER IF EXISTS event_is_not_updated; UPDATE event SET body = json_set(body, '" + path + "', " + value + ") WHERE kind = '" + kind + "'").c_str()).ok());
    EXPECT_GT((*database)->changes(), 0);
  };
  alter("verification_done", "$.unread", "1");
  EXPECT_TRUE(judged().cached) << "it is the report that is signed";
  alter("verification_done", "$.report.verdict", "'no_regression'");
  const VerifyReport report = judged();
  EXPECT_FALSE(report.cached);
  EXPECT_EQ(verdict(report), "rejected; check: fail");
  EXPECT_TRUE(report.gates[0].base->cached) << "runs are signed for themselves";

  // The runs of the result give way to those of the base.
  auto database = SqlDatabase::open(at("repo/.git/baton/journal.db"), SqlAccess::read_write);
  ASSERT_TRUE(database.ok());
  ASSERT_TRUE((*database)->execute("DELETE FROM verification; UPDATE run SET seq = (SELECT min(seq) FROM run), evidence = (SELECT evidence FROM run ORDER BY seq LIMIT 1)").ok());
  const VerifyReport again = judged();
  EXPECT_EQ(verdict(again), "rejected; check: fail");
  EXPECT_FALSE(again.gates[0].head->cached);
}

TEST_F(EngineTest, AReportThatTheTreeBringsAlongIsNone) {
  const std::string told = "<testsuites><testsuite name='s' tests='1'><testcase classname='s' name='a'/></testsuite></testsuites>";
  commit({gate(R"(["sh", "run.sh"])", "test", R"(, "reports": ["out/*.xml"])"), {"run.sh", "mkdir -p out; echo \"" + told + "\" > out/r.xml\n"}});
  EXPECT_EQ(verdict(judged()), "no_regression; check: pass");
  write({{"run.sh", "exit 0\n"}, {"out/r.xml", told}});
  const VerifyReport report = judged();
  EXPECT_EQ(verdict(report), "rejected; check: fail");
  EXPECT_NE(report.gates[0].cause.find("no readable report"), std::string::npos) << report.gates[0].cause;
}

TEST_F(EngineTest, UnsavedTextIsJudged) {
  commit({tap_gate(), tap_script(), {"tests.txt", "a pass\n"}});
  VerifyRequest asked = request();
  asked.unsaved["tests.txt"] = "a fail\n";
  EXPECT_EQ(statuses(judged(asked)), "a=regression");
  EXPECT_EQ(*read_file(at("repo/tests.txt")), "a pass\n");
}

TEST_F(EngineTest, AFileOfTheUsersOwnTreeIsLentToWhatHasNoNetwork) {
  const std::string script = "test -e .env && cat .env; grep -q API_TOKEN .env && echo 'a pass' > tests.txt || echo 'a fail' > tests.txt\n" +
                             std::string(kTapScript);
  commit({{".baton/config.json", R"({"gates": [{"name": "check", "command": ["sh", "run.sh"], "kind": "test", "network": false}],
                                     "worktree": {"copy": [".env", "absent"]}})"},
          {".gitignore", ".env\ntests.txt\n"}, {"run.sh", script}});
  write({{".env", "API_TOKEN=t0psecretvalue\n"}, {"other", "1"}});
  const VerifyReport report = judged();
  EXPECT_EQ(statuses(report), "a=unchanged");
  EXPECT_TRUE(report.provisional);
  const std::string notes = std::accumulate(report.notes.begin(), report.notes.end(), std::string());
  EXPECT_NE(notes.find("`.env` was copied from your own tree (sha256 "), notes.npos) << notes;
  EXPECT_NE(notes.find("`absent`, which `worktree.copy` names, is no file of your tree"), notes.npos) << notes;
  ASSERT_TRUE(report.gates[0].head);
  const auto log = read_file(report.gates[0].head->log);
  ASSERT_TRUE(log.ok());
  EXPECT_EQ(log->find("t0psecretvalue"), log->npos) << *log;
  EXPECT_NE(log->find("API_TOKEN=[redacted]"), log->npos) << *log;

  // Another content is another verdict.
  EXPECT_TRUE(judged().cached);
  write({{".env", "OTHER=1\n"}});
  const VerifyReport second = judged();
  EXPECT_FALSE(second.cached);
  EXPECT_EQ(statuses(second), "a=pre_existing");
}

TEST_F(EngineTest, AFileOfTheUsersOwnTreeIsKeptFromWhatHasNetwork) {
  commit({{".baton/config.json", R"({"gates": [{"name": "check", "command": ["sh", "run.sh"], "kind": "test", "network": true}],
                                     "worktree": {"copy": [".env"]}})"},
          {".gitignore", ".env\n"}, {"run.sh", "test -e .env && echo 'a fail' > tests.txt || echo 'a pass' > tests.txt\n" + std::string(kTapScript)}});
  write({{".env", "API_TOKEN=t0psecretvalue\n"}, {"other", "1"}});
  EXPECT_EQ(statuses(judged()), "a=unchanged");
}

TEST_F(EngineTest, TheSameTreeRunsOnce) {
  commit({tap_gate(), tap_script(), {"tests.txt", "a pass\nb fail\n"}});
  const VerifyReport report = judged();
  EXPECT_EQ(statuses(report), "a=unchanged b=pre_existing");
  EXPECT_EQ(verdict(report), "no_regression; check: pass");
  EXPECT_FALSE(report.gates[0].head->cached);
}

TEST_F(EngineTest, BeforeTheFirstCommitEverythingIsNew) {
  write({tap_gate(), tap_script(), {"tests.txt", "a pass\nb pass\n"}});
  const VerifyReport report = judged();
  EXPECT_EQ(statuses(report), "a=added b=added");
  EXPECT_EQ(verdict(report), "no_regression; check: pass");
  EXPECT_FALSE(report.gates[0].base);
}

TEST_F(EngineTest, WithoutAGateItIsSaidBeforeTrustIsAskedFor) {
  commit({{"notes.txt", "1\n"}});
  write({{"notes.txt", "2\n"}});
  VerifyRequest asked = request();
  asked.trust_this_run = false;
  const auto refused = verify(asked);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::precondition);
  EXPECT_NE(refused.error().message.find("baton doctor"), std::string::npos);
}

TEST_F(EngineTest, ABrokenConfigurationOfTheResultIsSaid) {
  commit({tap_gate(), tap_script(), {"tests.txt", "a pass\n"}});
  write({{".baton/config.json", "{\n  \"gates\": 3\n}\n"}});
  const VerifyReport report = judged();
  EXPECT_EQ(statuses(report), "a=unchanged");
  EXPECT_TRUE(std::any_of(report.notes.begin(), report.notes.end(), [](const std::string& note) {
    return note.starts_with(".baton/config.json:2: ") && note.find("the base's configuration is what counted") != note.npos;
  })) << std::accumulate(report.notes.begin(), report.notes.end(), std::string());
}

TEST_F(EngineTest, ChangesThatGitIsToldNotToSeeMakeItProvisional) {
  commit({tap_gate(), tap_script(), {"tests.txt", "a pass\n"}, {"local.txt", "1\n"}});
  EXPECT_FALSE(judged().provisional);
  git({"update-index", "--assume-unchanged", "local.txt"});
  write({{"local.txt", "2\n"}});
  EXPECT_TRUE(judged().provisional);
}

TEST_F(EngineTest, TwoRevisions) {
  commit({tap_gate(), tap_script(), {"tests.txt", "a pass\n"}});
  commit({{"tests.txt", "a fail\n"}});
  VerifyRequest asked = request();
  asked.base = "HEAD~1";
  asked.head = "HEAD";
  EXPECT_EQ(statuses(judged(asked)), "a=regression");
  asked.base = "no-such-revision";
  const auto unknown = verify(asked);
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().kind, ErrorKind::usage);
}

TEST_F(EngineTest, NothingRunsWithoutTrust) {
  commit({tap_gate(), tap_script(), {"tests.txt", "a pass\n"}});
  VerifyRequest asked = request();
  asked.trust_this_run = false;
  auto refused = verify(asked);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::trust);

  auto engine = Engine::open(at("repo"), env_);
  ASSERT_TRUE(engine.ok());
  const auto subject = (*engine)->what_would_run(asked);
  ASSERT_TRUE(subject.ok());
  ASSERT_TRUE((*engine)->trust(*subject, {"cli:1", true, {}}).ok());
  EXPECT_TRUE(verify(asked).ok());
  // A new command line asks again.
  write({gate(R"(["sh", "run.sh", "other"])")});
  refused = verify(asked);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::trust);
}

// git runs them outside of any sandbox, and what they write is judged.
TEST_F(EngineTest, AFilterOfTheRepositorysOwnConfigurationAsksForTrust) {
  commit({tap_gate(), tap_script(), {"tests.txt", "a pass\n"}, {".gitattributes", "tests.txt filter=mend\n"}});
  VerifyRequest asked = request();
  asked.trust_this_run = false;
  auto engine = Engine::open(at("repo"), env_);
  ASSERT_TRUE(engine.ok());
  ASSERT_TRUE((*engine)->trust(*(*engine)->what_would_run(asked), {"cli:1", true, {}}).ok());
  write({{"tests.txt", "a fail\n"}});
  EXPECT_EQ(statuses(judged(asked)), "a=regression");
  git({"config", "filter.mend.smudge", "sed s/fail/pass/"});
  const auto refused = verify(asked);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::trust);
  const auto subject = (*engine)->what_would_run(asked);
  EXPECT_NE(subject->command_lines.back().find("filter.mend.smudge=sed s/fail/pass/"), std::string::npos) << subject->command_lines.back();
  ASSERT_TRUE((*engine)->trust(*subject, {"cli:1", true, {}}).ok());
  EXPECT_TRUE(verify(asked).ok());
}

// What ran is the tree's code, or the tests say nothing about it.
TEST_F(EngineTest, AStepThatRewritesTheTreeBeforeTheTestsIsSeen) {
  const std::string gates = R"({"gates": [{"name": "prepare", "kind": "build", "command": ["sh", "prepare.sh"]},
                                          {"name": "check", "kind": "test", "command": ["sh", "run.sh"], "needs": ["prepare"]}]})";
  commit({{".baton/config.json", gates}, tap_script(), {"code.py", "old\n"}, {"made.py", "0\n"}, {"prepare.sh", "date > made.py; echo x > build.log; echo 1 > package-lock.json\n"}, {"tests.txt", "a pass\n"}, {"package-lock.json", "0\n"}});
  write({{"README.md", "x\n"}});
  EXPECT_EQ(verdict(judged()), "no_regression; prepare: pass; check: pass") << "the base's steps do so, too";
  write({{"prepare.sh", "date > made.py; echo good > code.py\n"}, {"code.py", "bad\n"}});
  const VerifyReport report = judged();
  EXPECT_EQ(verdict(report), "inconclusive; prepare: pass; check: inconclusive");
  EXPECT_EQ(report.gates[1].cause, "a gate before it changed code.py, so that other code ran than the tree has");
}

TEST_F(EngineTest, TheBasesGateJudgesAndItsChangeIsShown) {
  commit({tap_gate(), tap_script(), {"tests.txt", "a pass\n"}});
  write({gate(R"(["true"])"), {"tests.txt", "a fail\n"}});
  const VerifyReport report = judged();
  EXPECT_EQ(statuses(report), "a=regression");
  EXPECT_EQ(verdict(report), "rejected; check: fail");
  EXPECT_FALSE(report.audit.empty());
}

constexpr const char* kStrong = "test('tax', () => {\n  expect(tax(100)).toBe(18);\n});\n";
constexpr const char* kWeak = "test('tax', () => {\n  expect(tax(100)).toBeDefined();\n});\n";

TEST_F(EngineTest, AWeakenedCheckIsToldFirstAndKeepsFromVerified) {
  commit({tap_gate(), tap_script(), {"tests.txt", "a pass\n"}, {"tax.js", "export const tax = (x) => (x * 18) / 100;\n"}, {"tests/tax.test.js", kStrong}});
  write({{"tax.js", "export const tax = (x) => x * 0.18;\n"}});
  VerifyRequest asked = request();
  asked.criteria = {"file: tax.js"};
  EXPECT_EQ(verdict(judged(asked)), "verified; check: pass") << "an honest change passes unbothered";
  write({{"tests/tax.test.js", kWeak}});
  for (const bool quick : {true, false}) {
    asked.quick = quick;
    const VerifyReport report = judged(asked);
    EXPECT_EQ(verdict(report), "no_regression; check: pass") << quick;
    EXPECT_NE(report.cause.find("1 check is weaker than before"), std::string::npos) << report.cause;
    ASSERT_EQ(weakened_checks(report), 1u) << quick;
    EXPECT_EQ(report.audit[0].path + ":" + std::to_string(report.audit[0].line), "tests/tax.test.js:2");
    EXPECT_EQ(report.audit[0].hunk, "-  expect(tax(100)).toBe(18);\n+  expect(tax(100)).toBeDefined();\n");
  }
  EXPECT_TRUE(judged(asked).cached) << "the audit's findings stand in the verdict that is remembered";
  EXPECT_EQ(weakened_checks(judged(asked)), 1u);
}

TEST_F(EngineTest, TheTaskExplainsWhatItAsksForAndIsPartOfTheVerdict) {
  commit({tap_gate(), tap_script(), {"tests.txt", "a pass\n"}, {"tax.js", "export const tax = (x) => (x * 18) / 100;\n"}, {"tests/tax.test.js", kStrong}});
  write({{"tests/tax.test.js", std::string(kStrong).replace(std::string(kStrong).find("18"), 2, "20")}, {"tests.txt", "a pass\nb pass\n"}});
  VerifyRequest asked = request();
  EXPECT_EQ(weakened_checks(judged(asked)), 1u) << "no program code changed, and another value is expected";
  asked.task = "The tax is 20 %";
  const VerifyReport report = judged(asked);
  EXPECT_FALSE(report.cached);
  EXPECT_EQ(report.task, asked.task);
  EXPECT_EQ(weakened_checks(report), 0u);
  ASSERT_EQ(report.audit.size(), 1u) << "it is a note, and never silent";
  EXPECT_EQ(report.audit[0].kind, "expectation_changed");
}

// What could not be read is told, and the same each time.
TEST_F(EngineTest, AFileOfTestsThatIsTooLongIsNotTakenForUnchanged) {
  commit({tap_gate(), tap_script(), {"tests.txt", "a pass\n"}, {"tests/tax.test.js", std::string(kStrong) + "//" + std::string(2u << 20, '#')}});
  write({{"tests/tax.test.js", std::string(kWeak) + "//" + std::string(2u << 20, '#')}});
  const VerifyReport report = judged();
  ASSERT_EQ(weakened_checks(report), 1u);
  EXPECT_EQ(report.audit[0].kind, "not_read");
}

TEST_F(EngineTest, CriteriaAreShownOnlyByWhatRan) {
  commit({tap_gate(), tap_script(), {"tests.txt", "a fail\n"}});
  write({{"tests.txt", "a pass\n"}});
  VerifyRequest asked = request();
  asked.criteria = {"gate: check", "test: a"};
  EXPECT_EQ(to_string(judged(asked).verdict), "verified");
  asked.criteria = {"test: a", "the code is beautiful"};
  const VerifyReport report = judged(asked);
  EXPECT_EQ(to_string(report.verdict), "no_regression");
  EXPECT_EQ(report.criteria[1].status, CriterionStatus::not_checkable);
}

TEST_F(EngineTest, NothingOfTheUsersIsTouched) {
  commit({tap_gate(), tap_script(), {"tests.txt", "a pass\n"}, {".gitignore", "ignored\n"}});
  write({{"tests.txt", "a fail\n"}, {"untracked", "1"}, {"ignored", "1"}});
  git({"add", "tests.txt"});
  const std::string index = *read_file(at("repo/.git/index")), config = *read_file(at("repo/.git/config"));
  (void)judged();
  EXPECT_EQ(*read_file(at("repo/.git/index")), index);
  EXPECT_EQ(*read_file(at("repo/.git/config")), config);
  EXPECT_EQ(git({"status", "--porcelain"}), "M  tests.txt\n?? untracked\n");
  EXPECT_EQ(git({"for-each-ref", "--format=%(refname)"}), "refs/heads/main\n");
  EXPECT_TRUE(fs::is_empty(at("home")));
  for (const auto& entry : fs::directory_iterator(at("cache/baton/runs"))) {
    for (const auto& left : fs::directory_iterator(entry.path())) {
      EXPECT_EQ(left.path().filename(), "kept") << "left behind: " << left.path();  // what quick verdicts go on from
    }
  }
}

}  // namespace
}  // namespace baton
