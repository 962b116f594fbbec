// Landings in real repositories: what is on the branch, whose it is, and what never is.
#include "orchestrator/tasks/landing.h"

#include "git/branch.h"
#include "git/user_commit.h"
#include "tests/orchestrator/workshop.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

class LandingTest : public Workshop {
 protected:
  void start(const std::map<std::string, std::string>& files) {
    git({"config", "user.name", "Ada Lovelace"});
    git({"config", "user.email", "ada@example.com"});
    commit(files);
    open();
    order_.task = "01J000000000000000000ABCDE";
    order_.plan.title = "Use nullptr in the parser";
    order_.head = order_.snapshot = store_->resolve_commit("HEAD").value();
    order_.testimony = said("01EVIDENCE", "");
    order_.judge = [this](const std::string& commit) -> Result<Testimony> {
      judged_ = commit;
      return said("01ALONE", commit);
    };
    order_.refuse = [this](const VerifyReport&) { return refusal_; };
    order_.client_env = env_;
  }

  Testimony said(const char* id, const std::string& commit) const {
    VerifyReport report;
    report.id = id;
    report.verdict = Verdict::no_regression;
    if (!commit.empty()) report.head.tree = store_->tree_of(commit).value();
    return {report, VerifierId(kVerifierRole, "baton-verifier/1")};
  }

  void open() {
    auto repository = open_repository(at("repo"));
    ASSERT_TRUE(repository.ok());
    store_.emplace(std::move(*Store::open(*repository)));
  }

  std::string change(const std::map<std::string, std::string>& files, const std::string& on) {
    std::vector<TreeEntry> updates;
    for (const auto& [path, text] : files) updates.push_back({path, text.empty() ? "" : store_->write_blob(text).value(), 0100644, 0});
    return store_->write_commit(store_->write_tree(store_->tree_of(on).value(), updates).value(), {on}, "result", 1).value();
  }

  // The user's tree as it is becomes what the task starts from.
  void take_the_tree() {
    auto snapshot = take_snapshot(*store_, {}, {});
    ASSERT_TRUE(snapshot.ok()) << snapshot.error().message;
    order_.snapshot = snapshot->commit;
  }

  void result(const std::map<std::string, std::string>& files) {
    order_.commit = change(files, order_.snapshot);
    order_.contributions = {{"s1", "claude", order_.snapshot, order_.commit, {}}};
    order_.plan.subtasks = {{"s1", "Use nullptr in the parser", "general", {}, {}, {}}};
  }

  Landing prepared() {
    auto landing = prepare_landing(*store_, order_, {});
    EXPECT_TRUE(landing.ok()) << landing.error().message;
    return landing ? *landing : Landing{};
  }
  Landing landed() {
    const Landing landing = prepared();
    const Status status = land(*store_, landing, {});
    EXPECT_TRUE(status.ok()) << status.error().message;
    return landing;
  }

  std::string shown(const std::string& format, const std::string& commit) { return git({"log", "-1", "--format=" + format, commit}); }

  std::optional<Store> store_;
  LandOrder order_;
  std::string judged_, refusal_;
};

TEST_F(LandingTest, ABranchOnHeadInTheUsersName) {
  start({{"a", "1\n"}, {"src/parser.c", "int x;\n"}});
  result({{"src/parser.c", "int y;\n"}});
  order_.notes = {"Left out: one thing: it breaks the build"};
  const std::string before = git({"status", "--porcelain"});
  const Landing landing = landed();
  EXPECT_EQ(landing.branch, "baton/use-nullptr-in-the-parser-0abcde");
  EXPECT_TRUE(judged_.empty() && !landing.report) << "what was judged is what lands";
  EXPECT_EQ(landing.tree, store_->tree_of(order_.commit).value());
  EXPECT_EQ(git({"rev-parse", landing.branch + "^{tree}"}), landing.tree + "\n");
  EXPECT_EQ(git({"rev-parse", landing.branch + "^"}), order_.head + "\n");
  EXPECT_EQ(shown("%an <%ae> %cn", landing.branch), "Ada Lovelace <ada@example.com> Ada Lovelace\n");
  EXPECT_EQ(shown("%s", landing.branch), "Use nullptr in the parser\n");
  EXPECT_EQ(shown("%(trailers:only)", landing.branch),
            "Baton-Task: 01J000000000000000000ABCDE\nBaton-Agent: claude\nBaton-Verifier: baton-verifier/1\nBaton-Evidence: 01EVIDENCE\n\n");
  EXPECT_NE(shown("%b", landing.branch).find("- Left out: one thing"), std::string::npos);
  EXPECT_EQ(git({"status", "--porcelain"}), before);
  EXPECT_EQ(git({"symbolic-ref", "HEAD"}), "refs/heads/main\n");
}

TEST_F(LandingTest, MadeAgainItIsTheSame) {
  start({{"a", "1\n"}});
  result({{"a", "2\n"}});
  const Landing first = landed(), second = landed();
  EXPECT_EQ(second.branch, first.branch);
  EXPECT_EQ(second.commit, first.commit);
  EXPECT_EQ(git({"for-each-ref", "--format=%(refname)", "refs/heads/baton"}), "refs/heads/" + first.branch + "\n");
}

TEST_F(LandingTest, ANameThatIsTakenGetsAnotherEnding) {
  start({{"a", "1\n"}});
  result({{"a", "2\n"}});
  git({"branch", "baton/use-nullptr-in-the-parser-0abcde"});
  const Landing landing = landed();
  EXPECT_EQ(landing.branch, "baton/use-nullptr-in-the-parser-0abcde-2");
  EXPECT_EQ(git({"rev-parse", "baton/use-nullptr-in-the-parser-0abcde"}), order_.head + "\n");
}

TEST_F(LandingTest, ABranchNamedBatonIsSaidInOneSentence) {
  start({{"a", "1\n"}});
  result({{"a", "2\n"}});
  git({"branch", "baton"});
  const auto landing = prepare_landing(*store_, order_, {});
  ASSERT_FALSE(landing.ok());
  EXPECT_NE(landing.error().message.find("git branch -m baton"), std::string::npos) << landing.error().message;
}

TEST_F(LandingTest, ACommitForEachSubtaskInTheHistorysStyle) {
  start({{"a", "1\n"}, {"b", "1\n"}});
  for (const char* subject : {"feat(core): add one", "fix(core): mend two", "docs: say three", "refactor(core): four"}) git({"commit", "-q", "--allow-empty", "-m", subject});
  open();
  order_.head = order_.snapshot = store_->resolve_commit("HEAD").value();
  const std::string one = change({{"a", "2\n"}}, order_.head), two = change({{"b", "2\n"}}, order_.head);
  order_.commit = change({{"a", "2\n"}, {"b", "2\n"}}, order_.head);
  order_.contributions = {{"s1", "claude", order_.head, one, {}}, {"s2", "codex", order_.head, two, {}}};
  order_.plan.subtasks = {{"s1", "Change the one", "general", {}, {}, {}}, {"s2", "Test the other", "testing", {}, {}, {}}};
  const Landing landing = landed();
  EXPECT_EQ(git({"log", "--format=%s", order_.head + ".." + landing.branch}), "test: test the other\nfeat: change the one\n");
  EXPECT_EQ(git({"log", "--format=%(trailers:key=Baton-Evidence,valueonly)%(trailers:key=Baton-Agent,valueonly)", order_.head + ".." + landing.branch}),
            "01EVIDENCE\ncodex\n\nclaude\n\n");
  EXPECT_EQ(landing.tree, store_->tree_of(order_.commit).value());
}

// A plan counts what is proposed; a commit what it holds, in one word for one number.
TEST_F(LandingTest, CommitsOfFixersCountTheFixesThatAreInThem) {
  start({{"a", "1\n2\n"}, {"b", "1\n"}, {"c", "1\n"}});
  const auto fix = [](const char* tool, const char* check, const char* path, std::size_t offset) {
    return Fix{std::string(path) + std::to_string(offset), tool, check, path, 1, "", {{path, offset, 1, "x"}}};
  };
  const Contribution two{"s1", "tidy", order_.head, "", {fix("tidy", "plain", "a", 0), fix("tidy", "plain", "a", 2)}};
  const Contribution one{"s2", "tidy", order_.head, "", {fix("tidy", "other", "b", 0)}}, format{"s3", "neat", order_.head, "", {fix("neat", "neat", "c", 0)}};
  order_.plan.title = "Fix the findings";
  order_.plan.subtasks = {{"s1", "tidy: plain, 3 fixes", "general", {}, {}, {}}, {"s2", "tidy: other, 4 fixes", "general", {}, {}, {}}, {"s3", "neat: 2 files", "general", {}, {}, {}}};
  order_.contributions = {two, one, format};
  order_.commit = change({{"a", "x\nx\n"}, {"b", "x\n"}, {"c", "x\n"}}, order_.head);
  const Landing several = landed();
  EXPECT_EQ(git({"log", "--format=%s|%b", order_.head + ".." + several.branch}).find("3 fixes"), std::string::npos);
  EXPECT_EQ(git({"log", "--format=%s", order_.head + ".." + several.branch}), "neat: 1 file\ntidy: other, 1 fix\ntidy: plain, 2 fixes\n");
  EXPECT_EQ(git({"log", "--format=%b", order_.head + ".." + several.branch}).find("- "), std::string::npos) << "the subject says it";

  order_.contributions = {two};  // alone: the subject is the user's, and the body counts
  order_.task = "01J000000000000000000FGHIJ";
  order_.commit = change({{"a", "x\nx\n"}}, order_.head);
  EXPECT_EQ(shown("%s%n%b", landed().branch).substr(0, 41), "Fix the findings\n- tidy: plain, 2 fixes\n\n");
}

TEST_F(LandingTest, TheCommitMsgHookRunsAndThePreCommitHookDoesNot) {
  start({{"a", "1\n"}});
  result({{"a", "2\n"}});
  ASSERT_TRUE(write_file(at("repo/.git/hooks/commit-msg"), "#!/bin/sh\nprintf '\\nChange-Id: I1\\n' >> \"$1\"\n", 0755).ok());
  ASSERT_TRUE(write_file(at("repo/.git/hooks/pre-commit"), "#!/bin/sh\ntouch " + at("ran").string() + "\nexit 1\n", 0755).ok());
  EXPECT_NE(shown("%B", landed().branch).find("Change-Id: I1"), std::string::npos);
  EXPECT_FALSE(fs::exists(at("ran")));

  ASSERT_TRUE(write_file(at("hooks/commit-msg"), "#!/bin/sh\necho 'no ticket in the subject' >&2\nexit 1\n", 0755).ok() || make_folder(at("hooks")).ok());
  ASSERT_TRUE(write_file(at("hooks/commit-msg"), "#!/bin/sh\necho 'no ticket in the subject' >&2\nexit 1\n", 0755).ok());
  git({"config", "core.hooksPath", at("hooks").string()});
  git({"branch", "-D", "baton/use-nullptr-in-the-parser-0abcde"});
  const auto refused = prepare_landing(*store_, order_, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("no ticket in the subject"), std::string::npos) << refused.error().message;
}

TEST_F(LandingTest, CommitsAreSignedAsTheUserSigns) {
  if (!find_program("ssh-keygen", *get(env_, "PATH"))) GTEST_SKIP() << "ssh-keygen is not installed";
  start({{"a", "1\n"}});
  result({{"a", "2\n"}});
  ProcessSpec keygen;
  keygen.argv = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", at("key").string()};
  keygen.cwd = at("home");
  keygen.env = env_;
  ASSERT_TRUE(run(keygen)->success());
  git({"config", "gpg.format", "ssh"});
  git({"config", "user.signingKey", at("key.pub").string()});
  git({"config", "commit.gpgSign", "true"});
  EXPECT_NE(git({"cat-file", "commit", landed().branch}).find("gpgsig -----BEGIN SSH SIGNATURE-----"), std::string::npos);

  git({"branch", "-D", "baton/use-nullptr-in-the-parser-0abcde"});
  git({"config", "user.signingKey", at("no-key").string()});
  const auto refused = prepare_landing(*store_, order_, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("could not be signed"), std::string::npos) << refused.error().message;
}

TEST_F(LandingTest, WithoutAnIdentityItIsSaid) {
  start({{"a", "1\n"}});
  result({{"a", "2\n"}});
  git({"config", "--unset", "user.name"});
  git({"config", "--unset", "user.email"});
  git({"config", "user.useConfigOnly", "true"});
  const auto landing = prepare_landing(*store_, order_, {});
  ASSERT_FALSE(landing.ok());
  EXPECT_NE(landing.error().message.find("git does not know who you are"), std::string::npos) << landing.error().message;
}

TEST_F(LandingTest, FromADirtyTreeTheChangeAloneIsReplayed) {
  start({{"a", "1\n2\n3\n4\n5\n6\n7\n8\n9\n"}, {"b", "1\n"}});
  write({{"a", "my unfinished secret idea\n2\n3\n4\n5\n6\n7\n8\n9\n"}, {"draft.txt", "my unfinished secret draft\n"}});
  take_the_tree();
  result({{"a", "my unfinished secret idea\n2\n3\n4\n5\n6\n7\n8\nnine\n"}});
  const Landing landing = landed();
  EXPECT_EQ(store_->tree_of(judged_).value(), landing.tree);
  EXPECT_EQ(commit_parents(*store_, judged_).value(), std::vector<std::string>{order_.head}) << "it is judged on what others have";
  EXPECT_EQ(landing.report.value().id, "01ALONE");
  EXPECT_EQ(shown("%(trailers:key=Baton-Evidence,valueonly)", landing.branch), "01ALONE\n\n");
  EXPECT_EQ(git({"show", landing.branch + ":a"}), "1\n2\n3\n4\n5\n6\n7\n8\nnine\n");
  EXPECT_EQ(git({"rev-parse", landing.branch + "^"}), order_.head + "\n");
  // Nothing that a push of the branch would send holds the user's own.
  ProcessSpec objects;
  objects.argv = {"sh", "-c", "git rev-list --objects " + landing.branch + " | cut -d' ' -f1 | git cat-file --batch | grep -c -a 'unfinished secret'"};
  objects.cwd = at("repo");
  objects.env = env_;
  EXPECT_EQ(run(objects)->out, "0\n");
}

TEST_F(LandingTest, WhatDoesNotHoldAloneIsOnlyApplied) {
  start({{"a", "1\n"}, {"b", "1\n"}});
  write({{"b", "2\n"}});
  take_the_tree();
  result({{"a", "2\n"}});
  refusal_ = "The change does not hold.";
  const Landing landing = prepared();
  EXPECT_EQ(landing.only_apply, refusal_);
  EXPECT_TRUE(landing.commit.empty() && landing.report);
  order_.judge = [](const std::string&) -> Result<Testimony> { return Error{ErrorKind::trust, "not approved"}; };
  const auto missing = prepare_landing(*store_, order_, {});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().kind, ErrorKind::trust);
}

TEST_F(LandingTest, WhatRestsOnUncommittedWorkIsOnlyApplied) {
  start({{"a", "1\n2\n3\n"}});
  write({{"a", "1\nmy own new line here\n3\n"}, {"mine.txt", "an idea of my own\n"}});
  take_the_tree();
  for (const auto& files : {std::map<std::string, std::string>{{"a", "1\nmy own new line here, bettered\n3\n"}},
                            {{"mine.txt", "an idea of my own, bettered\n"}},
                            {{"other", "an idea of my own\n"}}}) {
    result(files);
    const Landing landing = prepared();
    EXPECT_FALSE(landing.only_apply.empty()) << files.begin()->first;
    EXPECT_TRUE(landing.commit.empty());
    EXPECT_FALSE(land(*store_, landing, {}).ok());
  }
  EXPECT_EQ(git({"for-each-ref", "refs/heads/baton"}), "");
}

TEST_F(LandingTest, BeforeTheFirstCommitThereIsNoBranch) {
  auto repository = open_repository(at("repo"));
  ASSERT_TRUE(repository.ok());
  store_.emplace(std::move(*Store::open(*repository)));
  write({{"a", "1\n"}});
  take_the_tree();
  result({{"a", "2\n"}});
  EXPECT_NE(prepared().only_apply.find("no commit yet"), std::string::npos);
}

TEST_F(LandingTest, ATreeThatIsNotTheVerifiedOneNeverLands) {
  start({{"a", "1\n"}});
  result({{"a", "2\n"}});
  Landing landing = prepared();
  landing.tree = store_->tree_of(order_.head).value();
  const Status status = land(*store_, landing, {});
  ASSERT_FALSE(status.ok());
  EXPECT_FALSE(branch_commit(store_->repository(), landing.branch)->has_value());
}

}  // namespace
}  // namespace baton
