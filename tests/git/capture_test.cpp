#include "git/capture.h"

#include "git/checkout.h"
#include "tests/git/fixture.h"

namespace baton::test {
namespace {

class CaptureTest : public GitTest {
 protected:
  CaptureTest() : root_(make_repository()), store_(store_of(root_)), base_(git(root_, {"rev-parse", "HEAD"})), folder_(at("checkout")) {
    EXPECT_TRUE(make_checkout(store_, base_, folder_).ok());
  }

  std::string changes() {
    const auto capture = capture_tree(store_, folder_, base_);
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

}  // namespace
}  // namespace baton::test
