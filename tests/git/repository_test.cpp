#include "git/repository.h"

#include <sys/stat.h>
#include <unistd.h>

#include "git/config_file.h"
#include "tests/git/fixture.h"

namespace baton::test {
namespace {

class RepositoryTest : public GitTest {
 protected:
  void refuses(const fs::path& inside, const std::string& sentence) {
    const auto opened = open_repository(inside);
    ASSERT_FALSE(opened.ok()) << inside;
    EXPECT_NE(opened.error().message.find(sentence), std::string::npos) << opened.error().message;
    EXPECT_EQ(opened.error().message.find('\n'), std::string::npos);
  }
};

TEST_F(RepositoryTest, IsFoundFromAnyFolderOrFileInside) {
  const fs::path root = make_repository();
  const std::string head = git(root, {"rev-parse", "HEAD"});
  fs::create_directory_symlink(root, at("alias"));
  for (const fs::path& inside : {root, root / "src/deep", root / "src/c.txt", at("alias") / "src"}) {
    const Repository repository = open(inside);
    EXPECT_EQ(repository.root, root);
    EXPECT_EQ(repository.git_dir, root / ".git");
    EXPECT_EQ(repository.common_dir, root / ".git");
    EXPECT_EQ(repository.head, head);
    EXPECT_EQ(repository.branch, "main");
    EXPECT_EQ(repository.operation, "");
    EXPECT_FALSE(repository.sparse || repository.sha256);
    EXPECT_TRUE(repository.submodules.empty());
  }
}

TEST_F(RepositoryTest, HeadIsReadInEveryForm) {
  const fs::path root = make_repository();
  const std::string head = git(root, {"rev-parse", "HEAD"});
  git(root, {"pack-refs", "--all"});
  EXPECT_EQ(open(root).head, head);
  git(root, {"checkout", "-q", "-b", "feature/one"});
  EXPECT_EQ(open(root).branch, "feature/one");
  git(root, {"checkout", "-q", "--detach"});
  EXPECT_EQ(open(root).branch, "");
  EXPECT_EQ(open(root).head, head);
  git(root, {"checkout", "-q", "--orphan", "new"});
  EXPECT_EQ(open(root).head, std::nullopt);
  EXPECT_EQ(open(root).branch, "new");
  write(root / ".git/HEAD", "ref: refs/heads/../../../../etc/passwd\n");
  refuses(root, "Cannot understand");
  write(root / ".git/HEAD", "nonsense\n");
  refuses(root, "Cannot understand");
}

TEST_F(RepositoryTest, LinkedWorkTreesShareOneCommonFolder) {
  const fs::path root = make_repository();
  git(root, {"worktree", "add", "-q", "-b", "other", at("linked").string()});
  const Repository linked = open(at("linked") / "src");
  EXPECT_EQ(linked.root, at("linked"));
  EXPECT_EQ(linked.git_dir, root / ".git/worktrees/linked");
  EXPECT_EQ(linked.common_dir, root / ".git");
  EXPECT_EQ(linked.branch, "other");
  EXPECT_EQ(linked.head, open(root).head);
}

TEST_F(RepositoryTest, LinkedWorkTreeOfABareRepository) {
  const fs::path root = make_repository();
  git(at(""), {"clone", "-q", "--bare", root.string(), at("bare.git").string()});
  git(at("bare.git"), {"worktree", "add", "-q", at("of-bare").string(), "main"});
  EXPECT_EQ(open(at("of-bare")).root, at("of-bare"));
  refuses(at("bare.git"), "is a bare repository");
}

TEST_F(RepositoryTest, OperationsInProgress) {
  const fs::path root = make_repository();
  git(root, {"checkout", "-q", "-b", "side"});
  write(root / "a.txt", "side\n");
  git(root, {"commit", "-qam", "side"});
  git(root, {"checkout", "-q", "main"});
  write(root / "a.txt", "main\n");
  git(root, {"commit", "-qam", "main"});
  git(root, {"merge", "-q", "side"}, 1);
  EXPECT_EQ(open(root).operation, "merge");
  git(root, {"merge", "--abort"});
  git(root, {"rebase", "-q", "side"}, 1);
  EXPECT_EQ(open(root).operation, "rebase");
  git(root, {"rebase", "--abort"});
  git(root, {"cherry-pick", "side"}, 1);
  EXPECT_EQ(open(root).operation, "cherry-pick");
  git(root, {"cherry-pick", "--abort"});
  git(root, {"bisect", "start"});
  EXPECT_EQ(open(root).operation, "bisect");
}

TEST_F(RepositoryTest, SubmodulesSparseAndSha256AreSaid) {
  const fs::path inner = make_repository("inner");
  const fs::path root = make_repository();
  git(root, {"submodule", "add", "-q", inner.string(), "libs/inner"});
  EXPECT_EQ(open(root).submodules, std::vector<std::string>{"libs/inner"});
  const Repository submodule = open(root / "libs/inner");
  EXPECT_EQ(submodule.root, root / "libs/inner");
  EXPECT_EQ(submodule.git_dir, root / ".git/modules/libs/inner");
  git(root, {"sparse-checkout", "set", "src"});
  EXPECT_TRUE(open(root).sparse);
  const fs::path sha256 = make_repository("sha256", {"--object-format=sha256"});
  EXPECT_TRUE(open(sha256).sha256);
  EXPECT_EQ(open(sha256).head->size(), 64u);
}

TEST_F(RepositoryTest, WhatCannotBeJudgedIsSaidInOneSentence) {
  const fs::path root = make_repository();
  refuses(at("nowhere"), "does not exist");
  refuses(home(), "is not inside a git repository");
  refuses(root / ".git/objects", "inside a repository's .git folder");
  git(at(""), {"init", "-q", "--bare", at("bare").string()});
  refuses(at("bare"), "bare repository");
  write(at("pointer/.git"), "gitdir: ../gone/.git\n");
  refuses(at("pointer"), "points to");
  write(at("pointer/.git"), "hello\n");
  refuses(at("pointer"), "is not a file that git understands");
  git(root, {"config", "core.worktree", "/tmp"});
  refuses(root, "puts the work tree elsewhere");
  git(root, {"config", "--unset", "core.worktree"});
  git(root, {"config", "core.bare", "true"});
  refuses(root, "core.bare is true");
  write(root / ".git/config", "[core\n");
  refuses(root, "bad configuration in line");
}

TEST_F(RepositoryTest, AnotherUsersRepositoryNeedsSafeDirectory) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to give a folder to another user";
  const fs::path root = make_repository();
  ASSERT_EQ(::lchown(root.c_str(), 12345, 12345), 0);
  refuses(root, "git config --global --add safe.directory " + root.string());
  git(root, {"config", "--file", (root / ".git/config").string(), "safe.directory", "*"});
  refuses(root, "belongs to another user");  // the repository cannot declare itself safe
  git(home(), {"config", "--global", "--add", "safe.directory", root.string()});
  EXPECT_TRUE(open_repository(root).ok());
  git(home(), {"config", "--global", "--add", "safe.directory", ""});
  refuses(root, "belongs to another user");
  git(home(), {"config", "--global", "--add", "safe.directory", root.parent_path().string() + "/*"});
  EXPECT_TRUE(open_repository(root).ok());
}

TEST_F(RepositoryTest, ConfigurationIsReadAsGitReadsIt) {
  const std::string text =
      "\xEF\xBB\xBF# comment\n[core]\n\tBare = false ; said\r\n\tworktree = \"../a b\" \n[filter \"L \\\"x\"] clean = "
      "a \\\n b\\tc # d\n"
      "[Remote.Origin]\nurl=x\n[core]\n\tbare = 1\n\tempty =\n\tq = \" a;b \"  c  \n";
  write(at("config"), text);
  const auto config = ConfigFile::read(at("config"));
  ASSERT_TRUE(config.ok()) << config.error().message;
  std::string ours;
  for (const auto& [name, value] : config->entries()) ours += name + "=" + value + "\n";
  EXPECT_EQ(ours, git(home(), {"config", "--file", at("config").string(), "--list"}) + "\n");
  EXPECT_TRUE(config->get_bool("core.bare"));
  EXPECT_TRUE(ConfigFile::parse("[core] # x\n bare ; y\n[a]\nb=c")->get_bool("core.bare"));
  for (const char* bad :
       {"[core", "x = 1\n", "[core]\na = \"b\n", "[core]\na = \\q\n", "[\"a\"]\n", "[core]\n= 1\n", "[core]\na = b\\"})
    EXPECT_FALSE(ConfigFile::parse(bad).ok()) << bad;
}

TEST_F(RepositoryTest, OpeningRunsNothingThatTheRepositoryNames) {
  const fs::path root = make_repository();
  write(at("evil.sh"), "#!/bin/sh\ntouch " + at("ran").string() + "\ncat\n");
  ::chmod(at("evil.sh").c_str(), 0755);
  const std::string evil = at("evil.sh").string();
  ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
  write(root / ".git/config", "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tfsmonitor = " + evil +
                                  "\n\thooksPath = " + at("").string() + "\n\tsshCommand = " + evil +
                                  "\n\tpager = " + evil + "\n[filter \"x\"]\n\tclean = " + evil +
                                  "\n\tprocess = " + evil + "\n[include]\n\tpath = " + at("pipe").string() +
                                  "\n[diff]\n\texternal = " + evil + "\n[alias]\n\trev-parse = !" + evil +
                                  "\n[extensions]\n\tpartialClone = origin\n[remote \"origin\"]\n\turl = ext::" + evil +
                                  "\n\tpromisor = true\n");
  write(root / ".gitattributes", "* filter=x\n");
  for (const char* hook : {"post-index-change", "reference-transaction", "post-checkout", "fsmonitor-watchman"}) {
    write(root / ".git/hooks" / hook, "#!/bin/sh\ntouch " + at("ran").string() + "\n");
    ::chmod((root / ".git/hooks" / hook).c_str(), 0755);
  }
  const auto before = manifest(root);
  EXPECT_TRUE(open_repository(root).ok());
  Store store = store_of(root);
  EXPECT_TRUE(store.resolve_commit("HEAD").ok());
  EXPECT_TRUE(store.list(*store.tree_of(*store.resolve_commit("HEAD"))).ok());
  EXPECT_EQ(difference(before, manifest(root)), "");
  std::string config = read(root / ".git/config");
  config.erase(config.find("[include]"),
               config.find("[diff]") - config.find("[include]"));  // git too waits for the pipe
  write(root / ".git/config", config);
  EXPECT_TRUE(store.resolve_commit("main~0").ok());
  // An object that the "remote" would have to bring.
  EXPECT_FALSE(store.resolve_commit("1234567890123456789012345678901234567890").ok());
  EXPECT_FALSE(fs::exists(at("ran")));
}

}  // namespace
}  // namespace baton::test
