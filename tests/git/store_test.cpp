#include "git/store.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "tests/git/fixture.h"

namespace baton::test {
namespace {

class StoreTest : public GitTest {
 protected:
  static std::string blob(Store& store, std::string_view text) { return store.write_blob(text).value(); }
};

TEST_F(StoreTest, ResolvesWhatTheUsersRepositoryKnows) {
  const fs::path root = make_repository();
  write(root / "a.txt", "2\n");
  git(root, {"commit", "-qam", "second"});
  git(root, {"tag", "-a", "v1", "-m", "v1"});
  git(root, {"branch", "other", "HEAD~1"});
  git(root, {"config", "branch.main.remote", "."});
  git(root, {"config", "branch.main.merge", "refs/heads/other"});
  const std::string head = git(root, {"rev-parse", "HEAD"}), first = git(root, {"rev-parse", "HEAD~1"});
  Store store = store_of(root);
  const auto check = [&](const std::string& revision, const std::string& expected) {
    const auto commit = store.resolve_commit(revision);
    EXPECT_EQ(commit.ok() ? *commit : "no", expected) << revision;
  };
  check("HEAD", head);
  check("@", head);
  check("main", head);
  check("v1", head);
  check("HEAD~1", first);
  check("other", first);
  check("@{u}", first);
  check("main^", first);
  check(head, head);
  check(head.substr(0, 8), head);
  check(":/first", first);
  for (const char* bad : {"", "nope", "-h", "--all", "HEAD~9", "HEAD:a.txt", "HEAD^{tree}", "a\nb", "main..other"})
    check(bad, "no");
  const std::string ours = store.write_commit(*store.tree_of(head), {head}, "x", 5).value();
  check(ours, ours);
  check(ours.substr(0, 12), ours);
  ASSERT_TRUE(store.keep("task/1", ours).ok());
  check("refs/baton/task/1", ours);
  EXPECT_EQ(git(root, {"cat-file", "-t", ours}, 128), "");  // nothing of ours is in the user's repository
}

TEST_F(StoreTest, ReadsAndWritesTreesAsGitDoes) {
  for (const char* format : {"sha1", "sha256"}) {
    const fs::path root = make_repository(format, {std::string("--object-format=") + format});
    Store store = store_of(root);
    const std::string base = *store.tree_of(*store.resolve_commit("HEAD"));
    EXPECT_EQ(show(store, base),
              "100644 a.txt a\n100644 b.txt b\n120000 link -> a.txt\n100755 run.sh #!/bin/sh\n100644 src/c.txt "
              "c\n100644 src/deep/d.txt d\n");
    EXPECT_EQ(*store.read(base, "src/deep/d.txt"), "d\n");
    EXPECT_EQ(*store.read(base, "link"), "a\n");
    EXPECT_EQ(*store.read(base, "src"), std::nullopt);
    EXPECT_EQ(*store.read(base, "a.txt/x"), std::nullopt);
    EXPECT_EQ(*store.read(base, "none"), std::nullopt);
    const auto check = [&](const std::vector<TreeEntry>& updates, const std::string& expected) {
      const auto tree = store.write_tree(base, updates);
      ASSERT_TRUE(tree.ok()) << tree.error().message;
      EXPECT_EQ(show(store, *tree), expected);
      git(store.path(), {"fsck", "--strict", *tree}, 0, {{"GIT_DIR", store.path().string()}});
    };
    const std::string x = blob(store, "x\n");
    EXPECT_EQ(*store.write_tree(base, {}), base);
    check({{"src/new/e.txt", x}, {"b.txt", ""}, {"src/c.txt", ""}, {"src/deep/d.txt", ""}, {"none/none", ""}},
          "100644 a.txt a\n120000 link -> a.txt\n100755 run.sh #!/bin/sh\n100644 src/new/e.txt x\n");
    check({{"src", x},
           {"src/c.txt", ""},
           {"src/deep/d.txt", ""},
           {"a.txt", ""},
           {"a.txt/b", x},
           {"a.txt/c/d", x},
           {"run.sh", ""}},
          "100644 a.txt/b x\n100644 a.txt/c/d x\n100644 b.txt b\n120000 link -> a.txt\n100644 src x\n");
    check(
        {{"src-x", x}, {"src.x", x}, {"src0", x, 0100755}, {"b.txt", ""}, {"link", ""}, {"run.sh", ""}, {"a.txt", ""}},
        "100644 src-x x\n100644 src.x x\n100644 src/c.txt c\n100644 src/deep/d.txt d\n100755 src0 x\n");
    for (const char* bad : {".git/config", "a/../b", "a//b", "/a", "x/.GIT/y", "."})
      EXPECT_FALSE(store.write_tree(base, {{bad, x}}).ok());
    EXPECT_EQ(show(store, *store.write_tree("", {})), "");
    EXPECT_EQ(show(store, *store.write_tree("", {{"p/q", x}})), "100644 p/q x\n");
    EXPECT_FALSE(store.list(std::string(base.size(), '1')).ok());
    EXPECT_FALSE(store.read_blob(base).ok());
  }
}

TEST_F(StoreTest, ChangesAreWhatGitsDiffSays) {
  const fs::path root = make_repository();
  Store store = store_of(root);
  std::string lines;
  for (int i = 0; i < 30; ++i) lines += "line " + std::to_string(i) + "\n";
  const std::string old_tree = *store.write_tree("", {{"same", blob(store, "s\n")},
                                                      {"old name", blob(store, lines)},
                                                      {"gone", blob(store, "p\nq\n")},
                                                      {"edit", blob(store, "a\nb\n")},
                                                      {"bin", blob(store, std::string("\0a", 2))}});
  const std::string new_tree = *store.write_tree("", {{"same", blob(store, "s\n")},
                                                      {"new\tname\xff", blob(store, lines + "x\n")},
                                                      {"added", blob(store, "1\n")},
                                                      {"edit", blob(store, "a\nc\nd\n")},
                                                      {"bin", blob(store, std::string("\0b", 2))}});
  std::string text;
  const auto changes = store.changes(old_tree, new_tree);
  ASSERT_TRUE(changes.ok()) << changes.error().message;
  for (const FileChange& change : *changes) {
    text += std::to_string(static_cast<int>(change.kind)) + " " + change.old_path + " > " + change.path + " +" +
            std::to_string(change.added) + " -" + std::to_string(change.removed) + (change.binary ? " binary\n" : "\n");
  }
  EXPECT_EQ(text,
            "0 added > added +1 -0\n2 bin > bin +0 -0 binary\n2 edit > edit +2 -1\n1 gone > gone +0 -2\n3 old name > "
            "new\tname\xff +1 -0\n");
  EXPECT_TRUE(store.changes(old_tree, old_tree)->empty());
}

TEST_F(StoreTest, TouchedIsWhatGitsDiffSaysWithoutRenames) {
  for (const char* format : {"sha1", "sha256"}) {
    const fs::path root = make_repository(format, {std::string("--object-format=") + format});
    Store store = store_of(root);
    const std::string x = blob(store, "x\n"), y = blob(store, "y\n");
    const std::string old_tree = *store.write_tree("", {{"same/deep/a", x}, {"mode", x}, {"link", x}, {"moved from", x}, {"folder/a", x}, {"folder/b", y}, {"file", x}});
    const std::string new_tree = *store.write_tree("", {{"same/deep/a", x}, {"mode", x, 0100755}, {"link", x, 0120000}, {"moved to", x}, {"folder", x}, {"file/a", x}, {"file-", y}});
    std::string ours, theirs = git(store.path(), {"diff-tree", "-r", "--no-renames", "--name-status", old_tree, new_tree});
    const auto touched = store.touched(old_tree, new_tree);
    ASSERT_TRUE(touched.ok()) << touched.error().message;
    for (const FileChange& change : *touched) {
      EXPECT_EQ(change.path, change.old_path);
      ours += std::string(ours.empty() ? "" : "\n") + (change.kind == ChangeKind::added ? "A" : change.kind == ChangeKind::deleted ? "D" : "M") + "\t" + change.path;
    }
    std::replace(theirs.begin(), theirs.end(), 'T', 'M');  // a link in a file's place
    const auto sorted = [](std::string text) {
      std::multiset<std::string> lines;
      std::istringstream in(std::move(text));
      for (std::string line; std::getline(in, line);) lines.insert(line);
      return lines;
    };
    EXPECT_EQ(sorted(ours), sorted(theirs)) << format;
    EXPECT_TRUE(store.touched(old_tree, old_tree)->empty());
  }
}

TEST_F(StoreTest, EqualCommitsAreEqual) {
  Store store = store_of(make_repository());
  const std::string tree = *store.tree_of(*store.resolve_commit("HEAD"));
  const auto commit = store.write_commit(tree, {}, "message", 1700000000);
  EXPECT_EQ(*commit, *store.write_commit(tree, {}, "message\n", 1700000000));
  EXPECT_EQ(git(store.path(), {"show", "-s", "--format=%an <%ae> %at %s", *commit}),
            "Baton <baton@localhost> 1700000000 message");
}

TEST_F(StoreTest, AKeptCommitOutlivesTheUsersPruning) {
  for (const char* format : {"sha1", "sha256"}) {
    const fs::path root = make_repository(format, {std::string("--object-format=") + format});
    Store store = store_of(root);
    const std::string doomed = git(root, {"rev-parse", "HEAD"});
    const std::string kept =
        store.write_commit(*store.write_tree(*store.tree_of(doomed), {{"new", blob(store, "n\n")}}), {doomed}, "x", 1)
            .value();
    const std::string before = show(store, *store.tree_of(kept));
    ASSERT_TRUE(store.keep("a", kept).ok());
    ASSERT_TRUE(store.keep("a", kept).ok());
    const std::string next =
        store
            .write_commit(*store.write_tree(*store.tree_of(kept), {{"src/c.txt", blob(store, "c2\n")}}), {doomed}, "y",
                          1)
            .value();
    ASSERT_TRUE(store.keep("b", next).ok());
    // All that the kept commits need is here: the user throws everything away.
    git(root, {"checkout", "-q", "--orphan", "fresh"});
    git(root, {"rm", "-rqf", "."});
    write(root / "z", "z\n");
    git(root, {"add", "-A"});
    git(root, {"commit", "-qm", "z"});
    git(root, {"branch", "-D", "main"});
    git(root, {"reflog", "expire", "--expire=now", "--all"});
    git(root, {"gc", "-q", "--prune=now"});
    git(root, {"cat-file", "-e", doomed}, 1);
    Store again = store_of(root);
    EXPECT_EQ(show(again, *again.tree_of(kept)), before);
    EXPECT_EQ(*again.read(*again.tree_of(next), "src/c.txt"), "c2\n");
    EXPECT_EQ(*again.resolve_commit("refs/baton/a"), kept);
  }
  Store store = store_of(at("sha1"));
  for (const char* bad : {"", "../x", "a/../b", "/a", "a.lock", "a b", ".x", "a//b"})
    EXPECT_FALSE(store.keep(bad, *store.resolve_commit("HEAD")).ok());
}

TEST_F(StoreTest, TheUsersGitNeverMeetsIt) {
  const fs::path root = make_repository();
  git(at(""), {"init", "-q", "--bare", at("remote").string()});
  git(root, {"remote", "add", "origin", at("remote").string()});
  Store store = store_of(root);
  const std::string commit =
      store.write_commit(*store.write_tree("", {{"x", blob(store, "x\n")}}), {}, "ours", 1).value();
  ASSERT_TRUE(store.keep("x", commit).ok());
  EXPECT_EQ(git(root, {"status", "--porcelain", "--ignored"}), "");
  EXPECT_EQ(git(root, {"for-each-ref", "--format=%(refname)"}), "refs/heads/main");
  git(root, {"clean", "-ffdxq"});
  git(root, {"push", "-q", "--mirror"});
  EXPECT_EQ(git(at("remote"), {"for-each-ref", "--format=%(refname)"}), "refs/heads/main");
  git(at("remote"), {"cat-file", "-e", commit}, 1);
  git(root, {"gc", "-q", "--prune=now"});
  EXPECT_EQ(git(root, {"fsck"}), "");
  git(root, {"stash", "list"});
  EXPECT_EQ(*Store::open(open(root))->resolve_commit("refs/baton/x"), commit);
}

TEST_F(StoreTest, FollowsARepositoryThatMoved) {
  const fs::path root = make_repository();
  const std::string tree = *store_of(root).tree_of(git(root, {"rev-parse", "HEAD"}));
  fs::rename(root, at("moved"));
  Store store = store_of(at("moved"));
  EXPECT_EQ(*store.read(tree, "a.txt"), "a\n");
}

TEST_F(StoreTest, BorrowsThroughTheUsersOwnAlternates) {
  const fs::path root = make_repository();
  git(at(""), {"clone", "-q", "--shared", root.string(), at("shared").string()});
  Store store = store_of(at("shared"));
  EXPECT_EQ(*store.read(*store.tree_of(*store.resolve_commit("HEAD")), "a.txt"), "a\n");
}

TEST_F(StoreTest, LivesInTheCacheWhereTheRepositoryMayNotBeWritten) {
  if (::geteuid() == 0) {
    if (::setenv("XDG_CACHE_HOME", at("cache").c_str(), 1) != 0) FAIL();
    const fs::path root = make_repository();
    // Root writes everywhere: a child without that right looks instead.
    const Repository repository = open(root);
    fs::create_directories(at("cache"));
    ASSERT_EQ(::chmod(at("").c_str(), 0755), 0);
    ASSERT_EQ(::chmod(at("cache").c_str(), 0777), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      if (::setuid(65534) != 0) ::_exit(2);
      const auto store = Store::open(repository);
      ::_exit(store.ok() && store->path().string().starts_with(at("cache").string()) ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    return;
  }
  const fs::path root = make_repository();
  const Repository repository = open(root);
  ASSERT_EQ(::chmod((root / ".git").c_str(), 0555), 0);
  const auto store = Store::open(repository);
  ::chmod((root / ".git").c_str(), 0755);
  ASSERT_TRUE(store.ok()) << store.error().message;
  EXPECT_TRUE(store->path().string().starts_with(at("cache").string()));
}

}  // namespace
}  // namespace baton::test
