#include "git/capture.h"

#include "git/checkout.h"
#include "support/process.h"
#include "tests/git/fixture.h"

namespace baton::test {
namespace {

class CaptureTest : public GitTest {
 protected:
  CaptureTest() : root_(make_repository()), store_(store_of(root_)), base_(git(root_, {"rev-parse", "HEAD"})), folder_(at("checkout")) {
    EXPECT_TRUE(make_checkout(store_, base_, folder_).ok());
  }

  std::string changes(const SparseCone& cone = {}) {
    const auto capture = capture_tree(store_, folder_, base_, {}, {}, cone);
    EXPECT_TRUE(capture.ok()) << capture.error().message;
    std::string text;
    for (const FileChange& change : capture->changes) {
      const char* kinds[] = {"added", "deleted", "modified", "renamed"};
      text += std::string(kinds[static_cast<int>(change.kind)]) + " " + change.path + "\n";
    }
    for (const std::string& path : capture->left_out) text += "left out " + path + "\n";
    return text;
  }

  fs::path root_;
  Store store_;
  std::string base_;
  fs::path folder_;
};

TEST_F(CaptureTest, NothingDoneIsTheBase) {
  const auto capture = capture_tree(store_, folder_, base_);
  ASSERT_TRUE(capture.ok()) << capture.error().message;
  EXPECT_EQ(capture->tree, *store_.tree_of(base_));
  EXPECT_TRUE(capture->changes.empty());
}

TEST_F(CaptureTest, EveryKindOfChange) {
  write(folder_ / "a.txt", "changed\n");
  fs::remove(folder_ / "b.txt");
  write(folder_ / ".gitignore", "*.log\n");
  write(folder_ / "noise.log", "x");
  write(folder_ / "new/file.txt", "n");
  git(folder_, {"add", "-A"});
  git(folder_, {"commit", "-qm", "committed by whoever worked here"});
  EXPECT_EQ(changes(), "added .gitignore\nmodified a.txt\ndeleted b.txt\nadded new/file.txt\n");
}

TEST_F(CaptureTest, TheCheckoutsOwnGitFolderHasNoSay) {
  const std::string touch = "touch " + at("ran").string();
  write(folder_ / "a.txt", "changed\n");
  write(folder_ / ".gitattributes", "* filter=trap\n");
  git(folder_, {"config", "core.fsmonitor", touch});
  git(folder_, {"config", "filter.trap.clean", touch + "; cat"});
  git(folder_, {"config", "core.worktree", at("elsewhere").string()});
  write(folder_ / ".git/hooks/post-index-change", "#!/bin/sh\n" + touch + "\n");
  fs::permissions(folder_ / ".git/hooks/post-index-change", fs::perms::owner_all);
  write(folder_ / ".git/info/exclude", "*\n");
  EXPECT_EQ(changes(), "added .gitattributes\nmodified a.txt\n");
  EXPECT_FALSE(fs::exists(at("ran")));

  fs::remove_all(folder_ / ".git");
  EXPECT_EQ(changes(), "added .gitattributes\nmodified a.txt\n");
}

TEST_F(CaptureTest, LineEndsAndFiltersAreTheUsers) {
  git(root_, {"config", "core.autocrlf", "true"});
  git(root_, {"config", "filter.upper.clean", "tr a-z A-Z"});
  git(root_, {"config", "filter.upper.smudge", "tr A-Z a-z"});
  write(root_ / ".gitattributes", "loud.txt filter=upper\n");
  write(root_ / "loud.txt", "loud\n");
  git(root_, {"add", "-A"});
  git(root_, {"commit", "-qm", "filtered"});
  base_ = git(root_, {"rev-parse", "HEAD"});
  folder_ = at("another");
  ASSERT_TRUE(make_checkout(store_, base_, folder_).ok());
  EXPECT_EQ(read(folder_ / "loud.txt"), "loud\r\n");
  EXPECT_EQ(changes(), "");
  write(folder_ / "loud.txt", "louder\r\n");
  const auto capture = capture_tree(store_, folder_, base_);
  ASSERT_TRUE(capture.ok());
  EXPECT_EQ(*store_.read(capture->tree, "loud.txt").value(), "LOUDER\n");
}

// Installed dependencies are ignored and lent all the same; a package among them may even be a repository.
TEST_F(CaptureTest, WhatIsNotTakenMayBeIgnored) {
  write(folder_ / ".gitignore", "deps/\n");
  write(folder_ / "deps/lib", "x");
  write(folder_ / "lent", "x");
  git(folder_, {"init", "-q", (folder_ / "deps/inner").string()});
  const auto capture = capture_tree(store_, folder_, base_, {}, {"deps", "lent"});
  ASSERT_TRUE(capture.ok()) << capture.error().message;
  ASSERT_EQ(capture->changes.size(), 1u);
  EXPECT_EQ(capture->changes[0].path, ".gitignore");
}

TEST_F(CaptureTest, ARepositoryInsideIsNamed) {
  write(folder_ / "inner/file.txt", "x");
  git(folder_ / "inner", {"init", "-q"});
  git(folder_ / "inner", {"add", "-A"});
  git(folder_ / "inner", {"commit", "-qm", "x"});
  write(folder_ / "b.txt", "changed\n");
  EXPECT_EQ(changes(), "modified b.txt\nleft out inner: is a repository of its own\n");
}

// What is done in a checkout of `src/deep` alone.
TEST_F(CaptureTest, ASliceLosesNothingAndInventsNoRemoval) {
  write(root_ / "other/far/e.txt", "e\n");
  write(root_ / "other/f.txt", "f\n");
  git(root_, {"add", "-A"});
  git(root_, {"commit", "-qm", "more folders"});
  base_ = git(root_, {"rev-parse", "HEAD"});
  const SparseCone cone({"src/deep"});
  const struct {
    const char* what;
    std::string script;
    const char* found;
  } cases[] = {
      {"nothing", ":", ""},
      {"in the slice", "echo new > src/deep/d.txt; echo x > src/deep/n.txt; rm src/c.txt a.txt", "deleted a.txt\ndeleted src/c.txt\nmodified src/deep/d.txt\nadded src/deep/n.txt\n"},
      {"beside it", "mkdir -p other/far; echo x > other/g.txt; echo changed > other/far/e.txt", "modified other/far/e.txt\nadded other/g.txt\n"},
      {"committed", "echo new > src/deep/d.txt; git add -A; git commit -qm mine", "modified src/deep/d.txt\n"},
      {"widened", "git sparse-checkout add other/far; test -f other/f.txt; echo changed > other/far/e.txt", "modified other/far/e.txt\n"},
      {"made whole", "git sparse-checkout disable; echo changed > other/far/e.txt", "modified other/far/e.txt\n"},
      {"without its git", "rm -rf .git; git init -q; git add -A; echo x > src/deep/n.txt", "added src/deep/n.txt\n"},
      {"removed where it was not", "git rm -q --sparse other/f.txt", ""},
  };
  for (const auto& one : cases) {
    folder_ = at(std::string("slice ") + one.what);
    ASSERT_TRUE(make_checkout(store_, base_, folder_, {}, cone).ok());
    EXPECT_EQ(git(folder_, {"status", "--porcelain"}), "") << one.what;
    EXPECT_FALSE(fs::exists(folder_ / "other"));
    EXPECT_EQ(read(folder_ / "src/deep/d.txt"), "d\n");
    ProcessSpec spec;
    spec.argv = {"sh", "-ec", one.script};
    spec.cwd = folder_;
    spec.env = current_environment();
    for (const char* who : {"AUTHOR", "COMMITTER"}) {
      set(spec.env, std::string("GIT_") + who + "_NAME", "Ada");
      set(spec.env, std::string("GIT_") + who + "_EMAIL", "ada@example.com");
    }
    const auto ran = run(spec);
    ASSERT_TRUE(ran.ok() && ran->success()) << one.what << ": " << ran->err;
    EXPECT_EQ(changes(cone), one.found) << one.what;
  }
}

// A whole checkout in a place that a slice had is whole.
TEST_F(CaptureTest, ASliceThatIsResetIsWhole) {
  folder_ = at("slice");
  ASSERT_TRUE(make_checkout(store_, base_, folder_, {}, SparseCone({"src/deep"})).ok());
  ASSERT_TRUE(reset_checkout(store_, base_, folder_, {}).ok());
  EXPECT_TRUE(fs::exists(folder_ / "src/c.txt"));
  EXPECT_EQ(changes(), "");
}

}  // namespace
}  // namespace baton::test
