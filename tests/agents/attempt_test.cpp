// Attempts of command-line agents: scripts as real processes, in work trees of their own, and everything that goes wrong with them.
#include "orchestrator/agents/attempt.h"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "git/capture.h"
#include "orchestrator/agents/agent_log.h"
#include "orchestrator/agents/ports.h"
#include "orchestrator/agents/supervision.h"
#include "orchestrator/agents/task_paper.h"
#include "orchestrator/agents/work_trees.h"
#include "orchestrator/attestation.h"
#include "support/json.h"
#include "support/sandbox.h"
#include "tests/orchestrator/workshop.h"

namespace baton {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

class AttemptTest : public Workshop {
 protected:
  AttemptTest() : executor_(local_executor(2)) {}

  AttemptOrder order(const std::string& script) {
    AttemptOrder asked;
    asked.task = "t1";
    asked.subtask = "s1";
    asked.part = {"s1", "Do it", "general", {}, {}, {}};
    asked.text = "Say hello";
    asked.agent.name = "script";
    asked.agent.command = {"sh", "-c", script};
    asked.agent.network = NetworkPolicy::none;
    asked.client_env = env_;
    return asked;
  }

  Result<AttemptResult> attempt(AttemptOrder asked, std::stop_token stop = {}) {
    auto repository = open_repository(at("repo"));
    EXPECT_TRUE(repository.ok());
    store_ = std::make_unique<Store>(*Store::open(*repository));
    if (!journal_) journal_ = *Journal::open(at("journal.db"));
    if (!evidence_) evidence_ = std::make_unique<EvidenceStore>(*EvidenceStore::open(at("evidence")));
    if (asked.start.empty()) asked.start = *store_->resolve_commit("HEAD");
    start_ = asked.start;
    ProgressTicker progress{ProgressSink()};
    return run_attempt(asked, parts(), progress, stop);
  }

  AttemptParts parts() {
    return {*store_, *journal_, *evidence_, *executor_, config_, at("cache/baton"), at("config/baton"), at("run/baton"), at("state"), "executor"};
  }

  // "completed | reason | changed files | surprises"
  static std::string told(const Result<AttemptResult>& result) {
    if (!result) return "error: " + result.error().message;
    std::string text = std::string(to_string(result->end)) + " | " + result->reason + " |";
    for (const FileChange& change : result->changes) text += " " + change.path;
    text += " |";
    for (const std::string& path : result->surprises) text += " " + path;
    return text;
  }

  std::string left(const AttemptResult& result, const std::string& path) {
    auto tree = store_->tree_of(result.commit);
    auto text = tree ? store_->read(*tree, path) : Result<std::optional<std::string>>(tree.error());
    return text && *text ? **text : "(absent)";
  }

  // The text of the only kept name that begins so.
  Result<std::string> left_by_hand(const std::string& beginning) const {
    const fs::path begins = store_->path() / beginning;
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(begins.parent_path())) {
      if (entry.path().string().starts_with(begins.string())) found.push_back(entry.path());
    }
    return found.size() == 1 ? read_file(found.front()) : Result<std::string>(Error{ErrorKind::io, std::to_string(found.size()) + " begin so"});
  }

  // Processes whose command line or environment names this test's folder.
  int strays() const {
    int found = 0;
    for (const auto& entry : fs::directory_iterator("/proc")) {
      const auto line = read_file(entry.path() / "cmdline");
      found += line.ok() && line->find(folder_.path().string()) != std::string::npos;
    }
    return found;
  }

  std::unique_ptr<Executor> executor_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<EvidenceStore> evidence_;
  Config config_;
  std::string start_;
};

TEST_F(AttemptTest, WhatItLeftIsItsAnswer) {
  commit({{"a.txt", "old\n"}, {".gitignore", "out/\n"}});
  AttemptOrder asked = order("echo new > a.txt; mkdir out deep; echo x > out/o; echo y > deep/new; git add -A; git commit -qm mine; echo said");
  asked.part.write_set = {"a.txt"};
  const auto result = attempt(asked);
  EXPECT_EQ(told(result), "completed |  | a.txt deep/new | deep/new");
  EXPECT_EQ(left(*result, "a.txt"), "new\n");
  EXPECT_EQ(left(*result, "out/o"), "(absent)");
  EXPECT_EQ(result->said.substr(result->said.size() - 5), "said\n");
  EXPECT_EQ(*read_file(result->log), result->said);
  EXPECT_EQ(git({"status", "--porcelain"}), "") << "the user's tree is as it was";
  EXPECT_EQ(*read_file(at("repo/a.txt")), "old\n");
}

TEST_F(AttemptTest, TheTaskLiesBesideTheTree) {
  commit({{"a.txt", "old\n"}});
  AttemptOrder asked = order("cp {task} got.md; cp \"$BATON_TASK\" same.md; echo {subtask} $PORT $HOME {worktree} > env; test -w . && test ! -w /usr/bin");
  asked.criteria = {{"c1", "it says hello"}};
  asked.feedback = {"the test failed"};
  asked.hint = "look at b";
  asked.part.write_set = {"src/**"};
  const auto result = attempt(asked);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(to_string(result->end), "completed") << result->reason;
  const std::string paper = left(*result, "got.md");
  for (const char* part : {"Say hello", "Do it", "- [ ] it says hello", "the test failed", "look at b", "- src/**"}) EXPECT_NE(paper.find(part), std::string::npos) << part << "\n" << paper;
  EXPECT_EQ(left(*result, "same.md"), paper);
  const std::string env = left(*result, "env");
  EXPECT_TRUE(env.starts_with("s1 2") || env.starts_with("s1 3")) << env;
  EXPECT_EQ(env.find(at("home").string()), std::string::npos) << "HOME is not the user's";
}

TEST_F(AttemptTest, ItBeginsWithWhatItsPartIsAbout) {
  commit({{"src/hello.py", "def say_hello(name):\n    return name\n"}, {"src/other.py", "def other():\n    pass\n"}, {"src/AGENTS.md", "Greet in English.\n"}, {"docs/AGENTS.md", "No tables.\n"}, {"a.txt", "old\n"}});
  const AttemptOrder asked = order("cp {task} got.md");
  auto result = attempt(asked);
  ASSERT_TRUE(result.ok());
  const std::string paper = left(*result, "got.md");
  EXPECT_NE(paper.find("## Where to begin\n"), std::string::npos) << paper;
  EXPECT_NE(paper.find("### src/hello.py\n\n```\n1 def say_hello(name):\n2     return name\n```\n"), std::string::npos) << paper;
  EXPECT_NE(paper.find("Greet in English."), std::string::npos) << "the instructions that stand beside it, which no file of the plan leads to";
  EXPECT_EQ(paper.find("No tables."), std::string::npos) << paper;
  const auto figures = read_file(at("state/tasks/t1/s1-1.context.json"));
  ASSERT_TRUE(figures.ok()) << "what it was given, and what that saved";
  for (const char* part : {"\"tokens\": ", "\"whole_files_tokens\": ", "\"workspace_tokens\": ", "src/hello.py"}) EXPECT_NE(figures->find(part), std::string::npos) << part;
  EXPECT_TRUE(fs::exists(at("state/index/context")));

  user_config(R"({"budgets": {"context": 0}})");
  result = attempt(asked);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(left(*result, "got.md").find("## Where to begin"), std::string::npos) << "the user wants none";
}

TEST_F(AttemptTest, ItIsToldHowWorkIsDoneHere) {
  commit({{"a.txt", "old\n"}, {"AGENTS.md", "Tabs, never spaces.\n"}, {".claude/skills/release/SKILL.md", "---\nname: release\ndescription: How to release.\n---\nTag first.\n"},
          {".baton/primers/TESTING_AGENT_PRIMER.md", "---\ninherits_from: [base, absent]\n---\nOne assert each.\n"}});
  AttemptOrder asked = order("cp {task} got.md");
  asked.part.agent_type = "testing";
  const auto result = attempt(asked);
  ASSERT_TRUE(result.ok());
  const std::string paper = left(*result, "got.md");
  for (const char* part : {"One assert each.", "Read before you write", "Tabs, never spaces.", "release (`.claude/skills/release/SKILL.md`): How to release.", "names the primer absent"}) {
    EXPECT_NE(paper.find(part), std::string::npos) << part << "\n" << paper;
  }
  EXPECT_EQ(paper.find("Tag first."), std::string::npos) << "a skill is read on demand";
}

TEST_F(AttemptTest, ASliceAndAMountAreAsConfigured) {
  commit({{"a.txt", "a\n"}, {"src/in/b.txt", "b\n"}, {"src/out/c.txt", "c\n"}, {"far/d.txt", "d\n"}, {".gitignore", "data/\n"}});
  write({{"data/set.txt", "of the user\n"}});
  user_config(R"({"worktree": {"sparse": ["src/in"], "mount": ["data", "nowhere", ".git"]}})");
  AttemptOrder asked = order("ls -d * */* > src/in/seen; cat data/set.txt >> src/in/seen; ! echo x 2>&- > data/set.txt; echo changed > a.txt; cp {task} src/in/paper");
  const auto result = attempt(asked);
  ASSERT_TRUE(result.ok());
  const bool boxed = probe_sandbox() == SandboxRung::bubblewrap;
  if (!boxed) GTEST_SKIP() << "nothing can be mounted here";
  EXPECT_EQ(told(result), "completed |  | a.txt src/in/paper src/in/seen |") << result->said;
  EXPECT_EQ(left(*result, "src/in/seen"), "a.txt\ndata\ndata/set.txt\nsrc\nsrc/in\nof the user\n");
  const std::string paper = left(*result, "src/in/paper");
  for (const char* part : {"and `src/in/`", "`nowhere`, which `worktree.mount` names", "`.git`, which"}) EXPECT_NE(paper.find(part), std::string::npos) << part << "\n" << paper;
  EXPECT_EQ(left(*result, "far/d.txt"), "d\n") << "what was not in the slice is still there";
  EXPECT_EQ(*read_file(at("repo/data/set.txt")), "of the user\n");
}

TEST_F(AttemptTest, ItIsMadeReadyAsForOtherTools) {
  commit({{"a.txt", "old\n"}, {".gitignore", ".env\nmade\n"}, {"conductor.json", R"({"scripts": {"setup": "cp $CONDUCTOR_ROOT_PATH/.env .env && date > made && exit 3"}})"}});
  write({{".env", "TOKEN=abc\n"}});
  const auto result = attempt(order("cat .env > a.txt; test -s made && echo made >> a.txt; cp {task} paper"));
  EXPECT_EQ(told(result), "completed |  | a.txt paper |") << result->said;
  EXPECT_EQ(left(*result, "a.txt"), "TOKEN=abc\nmade\n");
  EXPECT_NE(left(*result, "paper").find("`exit 3` (conductor.json) does not pass"), std::string::npos) << left(*result, "paper");
}

TEST_F(AttemptTest, NothingChangedIsAFailure) {
  commit({{"a.txt", "old\n"}});
  EXPECT_EQ(told(attempt(order("echo done, all 1637 tests pass"))), "failed | script ended without having changed a file. | |");
}

TEST_F(AttemptTest, ItsEndIsTold) {
  commit({{"a.txt", "old\n"}});
  struct Case {
    const char* script;
    const char* expected;
  };
  const Case kCases[] = {
      {"echo x > a.txt; echo cannot go on; exit 7", "failed | script ended with exit code 7: cannot go on | a.txt |"},
      {"echo x > a.txt; kill -9 $$", "failed | script was ended by signal 9. | a.txt |"},
      {"echo x > a.txt; echo Which database?; exit 3", "blocked | script asks: Which database? | a.txt |"},
      {"printf 'Long story.\\nSQLite or PostgreSQL?\\n' > \"$BATON_QUESTION\"", "blocked | script asks: SQLite or PostgreSQL? | |"},
      {"rm -rf .git; echo x > a.txt", "completed |  | a.txt |"},
      {"rm -rf .git; git init -q; git add -A; git -c user.name=a -c user.email=a@b commit -qm all; rm a.txt", "completed |  | a.txt |"},
      {"printf '[core]\\n\\tfsmonitor = touch ran\\n' >> .git/config; mkdir -p .git/hooks; printf '#!/bin/sh\\ntouch hooked' > .git/hooks/pre-commit; "
       "chmod +x .git/hooks/pre-commit; echo x > a.txt", "completed |  | a.txt |"},
  };
  for (const Case& one : kCases) EXPECT_EQ(told(attempt(order(one.script))), one.expected) << one.script;
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
    EXPECT_TRUE(entry.path().filename() != "hooked" && entry.path().filename() != "ran") << "what it planted ran: " << entry.path();
  }
  const auto asks = attempt(order("printf 'Long story.\\nSQLite or PostgreSQL?\\n' > \"$BATON_QUESTION\""));
  EXPECT_EQ(asks->question, "Long story.\nSQLite or PostgreSQL?");
}

TEST_F(AttemptTest, AProgramThatIsNotThereIsAFault) {
  commit({{"a.txt", "old\n"}});
  AttemptOrder asked = order("");
  asked.agent.command = {"no-such-agent", "{task}"};
  EXPECT_EQ(told(attempt(asked)),
            "fault | Cannot run no-such-agent: No such file or directory; install it, or correct the command of the agent \"script\" in the configuration. | |");
}

TEST_F(AttemptTest, OneThatNeverEndsIsStoppedAndNothingIsLost) {
  commit({{"a.txt", "old\n"}});
  const auto began = Clock::now();
  AttemptOrder asked = order("echo half > a.txt; (setsid sleep 600 &) ; while :; do echo tick; sleep 0.1; done");
  asked.agent.limit = std::chrono::seconds(2);
  const auto result = attempt(asked);
  EXPECT_EQ(told(result), "failed | script did not end within 2 s and was stopped. | a.txt |");
  EXPECT_EQ(left(*result, "a.txt"), "half\n");
  EXPECT_LT(Clock::now() - began, std::chrono::seconds(30));
  EXPECT_EQ(strays(), 0);
}

TEST_F(AttemptTest, OneThatIsSilentIsStopped) {
  commit({{"a.txt", "old\n"}});
  AttemptOrder mute = order("sleep 600");
  mute.agent.start_limit = std::chrono::seconds(1);
  EXPECT_EQ(told(attempt(mute)), "failed | script neither printed nor changed anything for 1 s and was stopped. | |");
  AttemptOrder silent = order("echo hello; echo half > a.txt; sleep 600");
  silent.agent.silence_limit = std::chrono::seconds(1);
  EXPECT_EQ(told(attempt(silent)), "failed | script neither printed nor changed anything for 1 s and was stopped. | a.txt |");
  // Work without a word is a sign of life.
  AttemptOrder quiet = order("for i in 1 2 3 4 5 6 7 8; do echo $i > a.txt; sleep 0.4; done");
  quiet.agent.start_limit = quiet.agent.silence_limit = std::chrono::seconds(1);
  EXPECT_EQ(told(attempt(quiet)), "completed |  | a.txt |");
}

TEST_F(AttemptTest, StoppingIsQuickAndKeepsWhatIsThere) {
  commit({{"a.txt", "old\n"}});
  std::stop_source stop;
  AttemptOrder asked = order("echo half > a.txt; echo ready; (setsid sleep 600 &); exec sleep 600");
  std::jthread stopper([&] {
    const fs::path log = at("state/tasks/t1/s1-1.log");
    while (!read_file(log).ok() || read_file(log)->find("ready") == std::string::npos) std::this_thread::yield();
    stop.request_stop();
  });
  const auto result = attempt(asked, stop.get_token());
  EXPECT_EQ(told(result), "cancelled | Cancelled while script worked. | a.txt |");
  EXPECT_EQ(left(*result, "a.txt"), "half\n");
  EXPECT_EQ(strays(), 0);
}

TEST_F(AttemptTest, TheBoxHolds) {
  if (probe_sandbox() != SandboxRung::bubblewrap) GTEST_SKIP() << sandbox_problem();
  commit({{"a.txt", "old\n"}});
  ASSERT_TRUE(write_file(at("config/baton/key"), "secret").ok());
  const std::string outside = at("outside").string(), user = at("repo/a.txt").string(), key = at("config/baton/key").string();
  const auto result = attempt(order("echo x > a.txt; touch " + outside + "; echo y > " + user + "; cat " + key + "; echo ended"));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(to_string(result->end), "completed") << result->reason << result->said;
  EXPECT_FALSE(fs::exists(outside));
  EXPECT_EQ(*read_file(at("repo/a.txt")), "old\n");
  EXPECT_EQ(result->said.find("secret"), std::string::npos);
}

// Without a box nothing holds it, and it is seen: also where its own result is good.
TEST_F(AttemptTest, WhatItChangesOutsideIsAnIncident) {
  commit({{"a.txt", "old\n"}});
  config_.sandbox = "none";
  const std::string hook = at("repo/.git/hooks/post-checkout").string(), user = at("repo/a.txt").string();
  const auto result = attempt(order("echo new > a.txt; echo x > " + hook + "; echo y > " + user));
  EXPECT_EQ(told(result), "failed | Files outside its work tree changed while script worked without a sandbox: " + hook + ", " + user +
                              ". What it did does not count; look at these files, and install bubblewrap. | a.txt | " + hook + " " + user);
  EXPECT_EQ(result->commit, "");
  fs::remove(hook);
  EXPECT_EQ(told(attempt(order("echo newer > a.txt"))), "completed |  | a.txt |");
}

TEST_F(AttemptTest, EnvironmentAndLoginOnlyAsConfigured) {
  commit({{"a.txt", "old\n"}});
  fs::create_directories(at("home/.agent"));
  ASSERT_TRUE(write_file(at("home/.agent/login"), "token-file").ok());
  ASSERT_TRUE(write_file(at("home/.other"), "x").ok());
  AttemptOrder asked = order("cat ~/.agent/login > login; test -e ~/.other && echo leaked > other; echo \"$MINE|$THEIRS\" > env; echo key is $MINE; true");
  asked.agent.environment = {"MINE"};
  asked.agent.login = {".agent", ".missing"};
  set(asked.client_env, "MINE", "sk-0123456789abcdef0123");
  set(asked.client_env, "THEIRS", "theirs");
  const auto result = attempt(asked);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(left(*result, "login"), "token-file");
  EXPECT_EQ(left(*result, "other"), "(absent)");
  EXPECT_EQ(left(*result, "env"), "sk-0123456789abcdef0123|\n");
  EXPECT_EQ(result->said.find("sk-0123456789"), std::string::npos) << result->said;
}

TEST_F(AttemptTest, FilesOfTheUserAreLentAndNeverCollected) {
  commit({{"a.txt", "old\n"}, {".worktreeinclude", "*.local\n"}, {".gitignore", "*.local\n.env\n"}});
  write({{".env", "SECRET_TOKEN=abcdefgh12345678\n"}, {"conf/x.local", "local\n"}, {"loose", "of the user"}});
  config_.worktree_copy = {".env"};
  const auto result = attempt(order("cat .env conf/x.local > seen; cat .env; test -e loose && echo leaked; echo changed >> .env; true"));
  EXPECT_EQ(told(result), "completed |  | seen |");
  EXPECT_EQ(left(*result, "seen"), "SECRET_TOKEN=abcdefgh12345678\nlocal\n");
  EXPECT_EQ(result->said.find("abcdefgh12345678"), std::string::npos) << result->said;
  EXPECT_EQ(result->said.find("leaked"), std::string::npos);
}

TEST_F(AttemptTest, SetUpIsDoneAndIsNoWorkOfTheAgent) {
  // No `.gitignore` knows what set-up makes.
  commit({{".baton/config.json", R"({"setup": ["mkdir -p deps && echo 1 > deps/lib && echo locked > made.lock && echo touched >> a.txt"],
                                    "gates": [{"name": "t", "command": "true"}]})"},
          {"a.txt", "old\n"}});
  config_.setup = {{"sh", "-c", "mkdir -p deps && echo 1 > deps/lib && echo locked > made.lock && echo touched >> a.txt"}};
  EXPECT_EQ(told(attempt(order("cat deps/lib > used"))), "completed |  | used |");
  EXPECT_EQ(told(attempt(order("echo more >> made.lock"))), "completed |  | made.lock |");
  config_.setup = {{"sh", "-c", "echo broken >&2; exit 1"}};
  const auto result = attempt(order("cp {task} paper"));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(to_string(result->end), "completed") << result->reason;
  EXPECT_NE(left(*result, "paper").find("`setup` does not pass"), std::string::npos) << left(*result, "paper");
}

TEST_F(AttemptTest, AFullDiskIsAFault) {
  struct Mount {
    fs::path at;
    bool made;
    explicit Mount(fs::path place) : at(std::move(place)), made(false) {
      fs::create_directories(at);
      ProcessSpec spec;
      spec.argv = {"mount", "-t", "tmpfs", "-o", "size=24m", "none", at.string()};
      spec.cwd = "/";
      spec.env = {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}};
      const auto done = run(spec);
      made = done.ok() && done->success();
    }
    ~Mount() {
      if (!made) return;
      ProcessSpec spec;
      spec.argv = {"umount", "-l", at.string()};
      spec.cwd = "/";
      spec.env = {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}};
      (void)run(spec);
    }
  };
  commit({{"a.txt", "old\n"}});
  const Mount small(at("cache/baton"));
  if (!small.made) GTEST_SKIP() << "a small file system cannot be mounted here";
  const auto result = attempt(order("echo half > a.txt; cat /dev/zero > big; echo after"));
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(to_string(result->end), "fault");
  EXPECT_NE(result->reason.find("is full"), std::string::npos) << result->reason;
  EXPECT_EQ(left(*result, "a.txt"), "half\n");
}

TEST_F(AttemptTest, ResultsAreReadAgain) {
  AttemptResult result;
  result.end = AttemptEnd::blocked;
  result.reason = "r";
  result.question = "q";
  result.commit = "c";
  result.changes = {{ChangeKind::renamed, "b", "a", 1, 2, false}};
  result.surprises = {"x"};
  result.fixes = {{"i", "t", "c", "p", 1, "m", {{"p", 1, 2, "x"}}}};
  result.said = "s";
  result.log = "/l";
  result.worktree = "/w";
  result.seconds = 1.5;
  const auto again = attempt_result_from_json(*parse_json(dump_json(to_json(result))));
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(dump_json(to_json(*again)), dump_json(to_json(result)));
}

TEST_F(AttemptTest, WorkTreesWithinTheirBudget) {
  commit({{"a.txt", "old\n"}, {".gitignore", "deps/\n"}});
  config_.setup = {{"sh", "-c", "mkdir -p deps && head -c 3000000 /dev/zero > deps/lib"}};
  auto first = attempt(order("echo one > a.txt"));
  ASSERT_TRUE(first.ok());
  AttemptOrder again = order("echo two > a.txt");
  again.attempt = 2;
  auto second = attempt(again);
  ASSERT_TRUE(second.ok());
  EXPECT_TRUE(fs::exists(fs::path(first->worktree) / "deps/lib"));
  // Somebody worked on in the first one.
  ASSERT_TRUE(write_file(fs::path(first->worktree) / "a.txt", "by hand\n").ok());

  sweep_work_trees(at("cache/baton"), 5u << 20);
  EXPECT_FALSE(fs::exists(fs::path(first->worktree) / "deps/lib")) << "what can be made again goes first";
  EXPECT_TRUE(fs::exists(fs::path(first->worktree) / "a.txt"));
  EXPECT_TRUE(fs::exists(fs::path(second->worktree) / "deps/lib"));

  sweep_work_trees(at("cache/baton"), 0);
  EXPECT_FALSE(fs::exists(first->worktree));
  EXPECT_FALSE(fs::exists(second->worktree));
  const auto kept = left_by_hand("refs/baton/attempts/t1/s1/1-left-");
  ASSERT_TRUE(kept.ok()) << "what was done by hand is in the store";
  AttemptResult by_hand;
  by_hand.commit = kept->substr(0, kept->find('\n'));
  EXPECT_EQ(left(by_hand, "a.txt"), "by hand\n");
  EXPECT_EQ(left(*first, "a.txt"), "one\n");
}

TEST_F(AttemptTest, AWorkTreeThatADeadProcessWasMakingGoesAtOnce) {
  commit({{"a.txt", "old\n"}});
  const auto repository = open_repository(at("repo"));
  ASSERT_TRUE(repository.ok());
  std::optional<WorkTree> dead = *new_work_tree(at("cache/baton"), *repository, "s1-1");
  const auto alive = new_work_tree(at("cache/baton"), *repository, "s1-2");
  ASSERT_TRUE(alive.ok() && write_file(dead->folder / "half", "made\n").ok());
  const fs::path folder = dead->folder, in_the_making = folder.parent_path() / "new-1";
  ASSERT_TRUE(make_folder(in_the_making).ok());
  dead.reset();
  remove_work_trees(at("cache/baton"), *repository, [](const std::string&) { return false; });
  EXPECT_FALSE(fs::exists(folder));
  EXPECT_TRUE(fs::exists(alive->folder)) << "somebody holds it";
  EXPECT_TRUE(fs::exists(in_the_making)) << "it may be locked in a moment";
}

TEST_F(AttemptTest, WorkTreesOfATaskThatEndedGoWhenTheStoreHasWhatTheyHold) {
  commit({{"a.txt", "old\n"}});
  auto ended = attempt(order("echo one > a.txt"));
  AttemptOrder another = order("echo two > a.txt");
  another.task = "t2";
  auto goes_on = attempt(another);
  ASSERT_TRUE(ended.ok() && goes_on.ok());
  const std::string first = ended->worktree, second = goes_on->worktree;
  // As an attempt leaves it whose engine dies: something is written that nobody has kept.
  ASSERT_TRUE(write_file(fs::path(first) / "new.txt", "half done\n").ok());
  const auto of_first = [](const std::string& task) { return task == "t1"; };
  {
    fs::path folder = first;
    while (!fs::exists(folder / "lock")) folder = folder.parent_path();
    const auto in_use = FileLock::try_acquire(folder / "lock");
    ASSERT_TRUE(in_use.ok());
    EXPECT_EQ(remove_work_trees(at("cache/baton"), store_->repository(), of_first), 0);
    EXPECT_TRUE(fs::exists(first));
  }
  {  // Where the store cannot take it, it stays.
    const fs::path kept = store_->path() / "refs/baton/attempts/t1/s1";
    fs::permissions(kept, fs::perms::owner_read | fs::perms::owner_exec);
    const int removed = remove_work_trees(at("cache/baton"), store_->repository(), of_first);
    fs::permissions(kept, fs::perms::owner_all);
    if (::geteuid() != 0) {
      EXPECT_EQ(removed, 0);
      EXPECT_TRUE(fs::exists(first));
    }
  }
  remove_work_trees(at("cache/baton"), store_->repository(), of_first);
  EXPECT_FALSE(fs::exists(first));
  EXPECT_TRUE(fs::exists(second));
  const auto kept = left_by_hand("refs/baton/attempts/t1/s1/1-left-");
  ASSERT_TRUE(kept.ok()) << kept.error().message;
  AttemptResult left_there;
  left_there.commit = kept->substr(0, kept->find('\n'));
  EXPECT_EQ(left(left_there, "new.txt"), "half done\n");
  EXPECT_EQ(left(*ended, "a.txt"), "one\n");
}

TEST(AgentLog, SecretsAndBounds) {
  auto folder = TemporaryFolder::make("/tmp", "baton-log-");
  auto log = AgentLog::open(folder->path() / "x/log", {"hunter2hunter2"});
  ASSERT_TRUE(log.ok());
  log->add("pass hunter2");
  log->add("hunter2 end\n-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n");
  log->add("def\n-----END RSA PRIVATE KEY-----\nafter\nno line end");
  log->finish();
  const std::string text = *read_file(folder->path() / "x/log");
  EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
  EXPECT_EQ(text.find("MIIabc"), std::string::npos) << text;
  EXPECT_NE(text.find("after\nno line end"), std::string::npos) << text;
  const std::string chunk(1 << 20, 'x');
  for (int i = 0; i < 40; ++i) log->add(chunk + "\n");
  log->finish();
  EXPECT_LT(fs::file_size(folder->path() / "x/log"), AgentLog::kMaxFile + 1000);
  EXPECT_LE(log->end().size(), 2 * AgentLog::kMaxEnd + (1 << 20));
}

TEST(PortLease, TwoLeasesDoNotMeet) {
  auto folder = TemporaryFolder::make("/tmp", "baton-ports-");
  auto one = PortLease::take(folder->path());
  ASSERT_TRUE(one.ok()) << one.error().message;
  auto two = PortLease::take(folder->path());
  ASSERT_TRUE(two.ok()) << two.error().message;
  EXPECT_NE(one->first(), two->first());
}

TEST(TaskPaper, SaysOnlyWhatThereIs) {
  AttemptOrder order;
  order.text = "Fix it";
  order.part.title = "Fix it";
  const std::string paper = task_paper(order, {});
  for (const char* part : {"Your part", "done when", "Files that", "hint", "attempt", "question", "ports", "About this"}) EXPECT_EQ(paper.find(part), std::string::npos) << part;
}

TEST(Attestation, WhoAsksAndWhoIsAsked) {
  const VerifierId verifier = own_verifier();
  static_assert(!std::is_convertible_v<VerifierId, ExecutorId> && !std::is_convertible_v<ExecutorId, VerifierId>);
  const ExecutorId executor("executor", "t1/s1/2");
  EXPECT_TRUE(check_attestation(verifier, {executor}, {"cli:1", {}, 0}, nullptr).ok());
  EXPECT_TRUE(check_attestation(verifier, {}, {"cli:1", {{"PATH", "/bin"}}, ::getpid()}, nullptr).ok());

  auto folder = TemporaryFolder::make("/tmp", "baton-attestation-");
  auto journal = Journal::open(folder->path() / "journal.db");
  ASSERT_TRUE(journal.ok());
  const auto same_role = check_attestation(VerifierId("executor", "x"), {executor}, {"cli:1", {}, 0}, journal->get());
  ASSERT_FALSE(same_role.ok());
  EXPECT_TRUE(same_role.error().message.starts_with("SelfAttestationError: executor:t1/s1/2 ")) << same_role.error().message;
  const auto asked = check_attestation(verifier, {}, {"cli:7", {{kExecutorVariable, executor.text()}}, 0}, journal->get());
  ASSERT_FALSE(asked.ok());
  for (const std::string& id : {executor.text(), verifier.text()}) EXPECT_NE(asked.error().message.find(id), std::string::npos) << asked.error().message;
  const auto events = (*journal)->events("t1", 0, 10);
  ASSERT_TRUE(events.ok());
  ASSERT_EQ(events->size(), 2u);
  EXPECT_EQ((*events)[1].kind, "self_attestation_refused");
  const auto body = parse_json((*events)[1].body);
  EXPECT_EQ((*body)["executor"], executor.text());
  EXPECT_EQ((*body)["verifier"], verifier.text());
}

TEST(Attestation, ProcessesBelowAnExecutorAreItsOwn) {
  // The grandchild has no such variable of its own.
  ProcessSpec spec;
  spec.argv = {"sh", "-c", "env -i /bin/sh -c 'echo $$; read x < /dev/null; exec sleep 30'"};
  spec.cwd = "/";
  spec.env = {{"PATH", "/usr/bin:/bin"}, {kExecutorVariable, "executor:t9/s1/1"}};
  std::stop_source stop;
  std::string printed;
  std::optional<ExecutorId> found;
  spec.on_output = [&](std::string_view bytes) {
    printed += bytes;
    if (printed.find('\n') == std::string::npos || found) return;
    found = executor_above(std::atoi(printed.c_str()));
    stop.request_stop();
  };
  ASSERT_TRUE(run(spec, stop.get_token()).ok());
  ASSERT_TRUE(found.has_value()) << printed;
  EXPECT_EQ(found->text(), "executor:t9/s1/1");
  EXPECT_FALSE(executor_above(::getppid()).has_value());
}

}  // namespace
}  // namespace baton
