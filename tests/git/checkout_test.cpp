#include "git/checkout.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <functional>

#include "git/snapshot.h"
#include "tests/git/fixture.h"

namespace baton::test {
namespace {

class CheckoutTest : public GitTest {
 protected:
  // "<mode> <path> <content>" of what lies in a folder, `.git` aside; folders only when empty or not 0755.
  static std::string on_disk(const fs::path& root) {
    std::vector<std::string> lines;
    for (auto it = fs::recursive_directory_iterator(root); it != fs::recursive_directory_iterator(); ++it) {
      const std::string path = it->path().lexically_relative(root).string();
      if (it->path().filename() == ".git") {
        it.disable_recursion_pending();
        continue;
      }
      struct stat info {};
      ::lstat(it->path().c_str(), &info);
      if (S_ISDIR(info.st_mode)) {
        if (fs::is_empty(it->path()) || (info.st_mode & 0777) != 0755) lines.push_back("folder " + path + "\n");
        continue;
      }
      const bool link = S_ISLNK(info.st_mode);
      std::string content = link ? "-> " + fs::read_symlink(it->path()).string() + "\n" : read(it->path());
      lines.push_back((link ? "120000 " : info.st_mode & 0100 ? "100755 " : "100644 ") + path + " " + content);
    }
    std::sort(lines.begin(), lines.end(),
              [](const auto& a, const auto& b) { return a.substr(a.find(' ')) < b.substr(b.find(' ')); });
    std::string text;
    for (const std::string& line : lines) text += line;
    return text;
  }

  void make(Store& store, const std::string& commit, const fs::path& folder) {
    const auto made = make_checkout(store, commit, folder);
    ASSERT_TRUE(made.ok()) << made.error().message;
  }
  void reset(Store& store, const std::string& commit, const fs::path& folder,
             const std::vector<std::string>& keep = {}) {
    const auto done = reset_checkout(store, commit, folder, keep);
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
};

TEST_F(CheckoutTest, TellsWhichTrackedFilesWereChanged) {
  for (const char* format : {"sha1", "sha256"}) {
    const fs::path root = make_repository(format, {std::string("--object-format=") + format});
    Store store = store_of(root);
    const fs::path folder = at(std::string("checkout-") + format);
    make(store, git(root, {"rev-parse", "HEAD"}), folder);
    using Paths = std::vector<std::string>;
    EXPECT_EQ(*changed_files(store, folder), Paths{});
    // Neither what is new nor what is only touched; and nothing that its `.git` says is believed.
    write(folder / "new.txt", "n\n");
    write(folder / "b.txt", read(folder / "b.txt"));
    write(folder / "a.txt", "x\n");
    fs::remove(folder / "src/deep/d.txt");
    fs::remove(folder / "link");
    fs::create_symlink("b.txt", folder / "link");
    git(folder, {"update-index", "--assume-unchanged", "a.txt"});
    git(folder, {"config", "core.fsmonitor", "touch " + at("ran").string()});
    fs::rename(folder, at("elsewhere"));  // as a side's folder is
    EXPECT_EQ(*changed_files(store, at("elsewhere")), (Paths{"a.txt", "link", "src/deep/d.txt"}));
    EXPECT_FALSE(fs::exists(at("ran")));
    fs::rename(at("elsewhere"), folder);
    reset(store, git(root, {"rev-parse", "HEAD"}), folder);
    EXPECT_EQ(*changed_files(store, folder), Paths{});
  }
}

TEST_F(CheckoutTest, HoldsTheCommitAndAnswersGit) {
  for (const char* format : {"sha1", "sha256"}) {
    const fs::path root = make_repository(format, {std::string("--object-format=") + format});
    git(root, {"tag", "-a", "v1.0", "-m", "v"});
    git(root, {"tag", "light"});
    write(root / "a.txt", "2\n");
    write(root / "n\xff/new", "n\n");
    Store store = store_of(root);
    const Snapshot taken = take_snapshot(store, {}).value();
    const fs::path folder = at(std::string("out-") + format);
    const auto before = manifest(root);
    make(store, taken.commit, folder);
    EXPECT_EQ(difference(before, manifest(root)), "");
    EXPECT_EQ(on_disk(folder), show(store, taken.tree));
    EXPECT_EQ(git(folder, {"status", "--porcelain", "--ignored"}), "");
    EXPECT_EQ(git(folder, {"rev-parse", "HEAD"}), taken.commit);
    EXPECT_TRUE(git(folder, {"describe", "--tags"}).starts_with("v1.0-1-g"));
    EXPECT_EQ(git(folder, {"remote"}), "");
    EXPECT_EQ(git(folder, {"log", "--format=%s", "--reverse"}), "first\nThe working tree as its user sees it");
    git(folder, {"fsck"});
    // A tool may commit there; nothing of it reaches the user's repository.
    git(folder, {"commit", "-q", "--allow-empty", "-m", "tool"});
    EXPECT_EQ(difference(before, manifest(root)), "");
    EXPECT_FALSE(make_checkout(store, taken.commit, folder).ok());
  }
}

TEST_F(CheckoutTest, FiltersAndLineEndsAreTheUsers) {
  const fs::path root = make_repository();
  git(root, {"config", "filter.x.clean", "sed s/SMUDGED/plain/"});
  git(root, {"config", "filter.x.smudge", "sed 's/plain/SMUDGED/'"});
  git(root, {"config", "core.autocrlf", "true"});
  write(root / ".gitattributes", "*.x filter=x\n");
  write(root / "f.x", "SMUDGED \"q\"\n");
  write(root / ".git/info/attributes", "b.txt -text\n");
  Store store = store_of(root);
  const Snapshot taken = take_snapshot(store, {}).value();
  EXPECT_EQ(*store.read(taken.tree, "f.x"), "plain \"q\"\n");
  make(store, taken.commit, at("out"));
  EXPECT_EQ(read(at("out/f.x")), "SMUDGED \"q\"\r\n");
  EXPECT_EQ(read(at("out/a.txt")), "a\r\n");
  EXPECT_EQ(read(at("out/b.txt")), "b\n");
  EXPECT_EQ(git(at("out"), {"status", "--porcelain"}), "");
}

TEST_F(CheckoutTest, ResetRestoresToTheByte) {
  const fs::path root = make_repository();
  write(root / ".gitignore", "node_modules\n*.log\n");
  write(root / "packages/p/file", "p\n");
  git(root, {"add", "-A"});
  git(root, {"commit", "-qm", "second"});
  Store store = store_of(root);
  const std::string head = *store.resolve_commit("HEAD"), first = *store.resolve_commit("HEAD~1");
  const fs::path folder = at("out");
  make(store, head, folder);
  const std::string clean = on_disk(folder);
  struct stat untouched {};
  ::stat((folder / "src/c.txt").c_str(), &untouched);

  const struct {
    const char* name;
    std::function<void()> harm;
  } cases[] = {
      {"nothing", [] {}},
      {"edit, same size, same time",
       [&] {
         const auto time = fs::last_write_time(folder / "a.txt");
         write(folder / "a.txt", "X\n");
         fs::last_write_time(folder / "a.txt", time);
       }},
      {"edit and hide",
       [&] {
         write(folder / "a.txt", "hidden\n");
         git(folder, {"update-index", "--assume-unchanged", "a.txt"});
       }},
      {"edit and commit",
       [&] {
         write(folder / "a.txt", "committed\n");
         git(folder, {"commit", "-qam", "x"});
       }},
      {"delete",
       [&] {
         fs::remove_all(folder / "src");
         fs::remove(folder / "link");
       }},
      {"add",
       [&] {
         write(folder / "x/y/z", "1");
         write(folder / "t.log", "1");
         write(folder / "src/deep/n", "1");
         fs::create_directories(folder / "empty/e");
       }},
      {"dependencies", [&] { write(folder / "node_modules/m/index.js", "1"); }},
      {"nested repository",
       [&] {
         git(folder, {"init", "-q", (folder / "nested").string()});
         git(folder, {"init", "-q", (folder / "src/deep").string()});
       }},
      {"closed folders",
       [&] {
         write(folder / "closed/in/f", "1");
         ::chmod((folder / "closed/in").c_str(), 0);
         ::chmod((folder / "closed").c_str(), 0500);
         ::chmod((folder / "src").c_str(), 0555);
         ::chmod((folder / "src/c.txt").c_str(), 0);
       }},
      {"kinds",
       [&] {
         fs::remove(folder / "a.txt");
         write(folder / "a.txt/in", "1");
         fs::remove_all(folder / "src");
         fs::create_directory_symlink(home(), folder / "src");
         ::mkfifo((folder / "pipe").c_str(), 0600);
         fs::remove(folder / "b.txt");
         fs::create_symlink(home() / ".gitconfig", folder / "b.txt");
       }},
      {"modes",
       [&] {
         ::chmod((folder / "a.txt").c_str(), 0777);
         ::chmod((folder / "run.sh").c_str(), 0600);
         ::chmod((folder / "src").c_str(), 0777);
       }},
      {"no git folder", [&] { fs::remove_all(folder / ".git"); }},
      {"git folder elsewhere",
       [&] {
         fs::remove_all(folder / ".git");
         fs::create_directory_symlink(root / ".git", folder / ".git");
       }},
      {"hostile git folder",
       [&] {
         const std::string evil = "touch " + at("ran").string() + "; cat";
         write(folder / ".git/config", "[core]\n\tbare = true\n\tfsmonitor = \"" + evil + "\"\n\tworktree = " +
                                           root.string() + "\n[filter \"x\"]\n\tsmudge = \"" + evil + "\"\n");
         write(folder / ".git/info/attributes", "* filter=x\n");
         write(folder / ".git/hooks/post-checkout", "#!/bin/sh\n" + evil + "\n");
         ::chmod((folder / ".git/hooks/post-checkout").c_str(), 0755);
         write(folder / ".git/index", "garbage");
         write(folder / ".git/index.lock", "");
         write(folder / "a.txt", "2\n");
       }},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    test.harm();
    const auto before = manifest(root), home_before = manifest(home());
    reset(store, head, folder);
    EXPECT_EQ(difference(before, manifest(root)), "");
    EXPECT_EQ(difference(home_before, manifest(home())), "");
    EXPECT_EQ(on_disk(folder), clean);
    EXPECT_EQ(git(folder, {"status", "--porcelain", "--ignored"}), "");
    EXPECT_EQ(git(folder, {"rev-parse", "HEAD"}), head);
    EXPECT_FALSE(fs::exists(folder / ".git/hooks"));
    ASSERT_FALSE(testing::Test::HasFailure());
  }
  EXPECT_FALSE(fs::exists(at("ran")));

  // To another commit and back; what is kept stays.
  write(folder / "node_modules/m/index.js", "kept\n");
  write(folder / "packages/p/node_modules/q", "kept\n");
  write(folder / "packages/other/q", "gone\n");
  reset(store, first, folder, {"node_modules", "packages/p/node_modules"});
  EXPECT_EQ(read(folder / "node_modules/m/index.js"), "kept\n");
  EXPECT_EQ(read(folder / "packages/p/node_modules/q"), "kept\n");
  EXPECT_FALSE(fs::exists(folder / "packages/other"));
  EXPECT_FALSE(fs::exists(folder / "packages/p/file"));
  reset(store, head, folder);
  EXPECT_EQ(on_disk(folder), clean);
  // A keep that is a symlink is no folder of installed dependencies.
  fs::create_directory_symlink(home(), folder / "node_modules");
  reset(store, head, folder, {"node_modules"});
  EXPECT_EQ(on_disk(folder), clean);

  fs::remove_all(folder);
  reset(store, head, folder);
  EXPECT_EQ(on_disk(folder), clean);
}

TEST_F(CheckoutTest, UnchangedFilesAreNotWrittenAgain) {
  const fs::path root = make_repository();
  Store store = store_of(root);
  const std::string head = *store.resolve_commit("HEAD");
  make(store, head, at("out"));
  struct stat before {
  }, after{};
  ::stat(at("out/src/c.txt").c_str(), &before);
  write(at("out/a.txt"), "2\n");
  reset(store, head, at("out"));
  ::stat(at("out/src/c.txt").c_str(), &after);
  EXPECT_EQ(before.st_ino, after.st_ino);
  EXPECT_EQ(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
  EXPECT_EQ(read(at("out/a.txt")), "a\n");

  fs::rename(at("out"), at("renamed"));
  reset(store, head, at("renamed"));
  ::stat(at("renamed/src/c.txt").c_str(), &after);
  EXPECT_EQ(before.st_ino, after.st_ino);
}

TEST_F(CheckoutTest, SubmodulesComeFromTheUsersRepository) {
  const fs::path deepest = make_repository("deepest"), inner = make_repository("inner");
  git(inner, {"submodule", "add", "-q", deepest.string(), "deep"});
  git(inner, {"commit", "-qm", "deep"});
  const fs::path root = make_repository();
  git(root, {"submodule", "add", "-q", inner.string(), "libs/inner"});
  git(root, {"submodule", "update", "-q", "--init", "--recursive"});
  git(root, {"commit", "-qm", "sub"});
  Store store = store_of(root);
  const std::string head = *store.resolve_commit("HEAD");
  const auto before = manifest(root);
  make(store, head, at("out"));
  EXPECT_EQ(read(at("out/libs/inner/a.txt")), "a\n");
  EXPECT_EQ(read(at("out/libs/inner/deep/src/c.txt")), "c\n");
  EXPECT_EQ(git(at("out"), {"status", "--porcelain"}), "");
  EXPECT_TRUE(missing_submodules(store, head)->empty());
  write(at("out/libs/inner/a.txt"), "2\n");
  write(at("out/libs/inner/new"), "2\n");
  reset(store, head, at("out"));
  EXPECT_EQ(read(at("out/libs/inner/a.txt")), "a\n");
  EXPECT_FALSE(fs::exists(at("out/libs/inner/new")));
  EXPECT_EQ(difference(before, manifest(root)), "");

  // In a linked work tree, which shares the modules.
  git(root, {"worktree", "add", "-q", at("linked").string()});
  Store linked = store_of(at("linked"));
  make(linked, head, at("out-linked"));
  EXPECT_EQ(read(at("out-linked/libs/inner/a.txt")), "a\n");

  // Where nobody has the commit the folder stays empty, and is named.
  git(at(""), {"clone", "-q", root.string(), at("clone").string()});
  Store clone = store_of(at("clone"));
  make(clone, head, at("out-clone"));
  EXPECT_TRUE(fs::is_empty(at("out-clone/libs/inner")));
  EXPECT_EQ(*missing_submodules(clone, head), std::vector<std::string>{"libs/inner"});
}

TEST_F(CheckoutTest, ShallowAndPrunedHistories) {
  const fs::path root = make_repository();
  write(root / "a.txt", "2\n");
  git(root, {"commit", "-qam", "second"});
  git(at(""), {"clone", "-q", "--depth=1", "file://" + root.string(), at("shallow").string()});
  write(at("shallow/b.txt"), "3\n");
  Store store = store_of(at("shallow"));
  const Snapshot taken = take_snapshot(store, {}).value();
  make(store, taken.commit, at("out"));
  EXPECT_EQ(read(at("out/b.txt")), "3\n");
  EXPECT_EQ(git(at("out"), {"log", "--format=%s"}), "The working tree as its user sees it\nsecond");
  make(store, taken.head, at("out-head"));
  EXPECT_EQ(git(at("out-head"), {"log", "--format=%s"}), "second");

  Store main = store_of(root);
  const std::string orphaned =
      main.write_commit(*main.tree_of(*main.resolve_commit("HEAD")), {std::string(40, '1')}, "x", 1).value();
  make(main, orphaned, at("out-orphaned"));
  EXPECT_EQ(git(at("out-orphaned"), {"log", "--format=%s"}), "x");
}

TEST_F(CheckoutTest, SparseUsersGetAllFiles) {
  const fs::path root = make_repository();
  git(root, {"sparse-checkout", "set", "src/deep"});
  Store store = store_of(root);
  const Snapshot taken = take_snapshot(store, {}).value();
  make(store, taken.commit, at("out"));
  EXPECT_EQ(on_disk(at("out")), show(store, taken.tree));
}

TEST_F(CheckoutTest, BorrowedFoldersAreNamed) {
  const fs::path root = make_repository();
  git(at(""), {"clone", "-q", "--shared", root.string(), at("shared").string()});
  const auto folders = borrowed_objects(store_of(at("shared")));
  EXPECT_EQ(folders, (std::vector<fs::path>{at("shared/.git/baton/store.git/objects"), at("shared/.git/objects"),
                                            root / ".git/objects"}));
}

TEST_F(CheckoutTest, AMissingCommitIsSaid) {
  Store store = store_of(make_repository());
  const auto made = make_checkout(store, std::string(40, '1'), at("out"));
  ASSERT_FALSE(made.ok());
  EXPECT_FALSE(fs::exists(at("out")));
}

TEST_F(CheckoutTest, WhatAPartialCloneNeverFetchedIsSaid) {
  const fs::path root = make_repository();
  git(root, {"config", "uploadpack.allowFilter", "true"});
  git(at(""), {"clone", "-q", "--no-checkout", "--filter=blob:none", "file://" + root.string(), at("partial").string()});
  Store store = store_of(at("partial"));
  const auto head = store.resolve_commit("HEAD");
  ASSERT_TRUE(head.ok());
  const auto made = make_checkout(store, *head, at("out"));
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.error().message.find("git fetch --refetch"), std::string::npos) << made.error().message;
}

}  // namespace
}  // namespace baton::test
