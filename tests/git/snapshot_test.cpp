#include "git/snapshot.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <random>

#include "tests/git/fixture.h"

namespace baton::test {
namespace {

class SnapshotTest : public GitTest {
 protected:
  // Takes a snapshot; nothing in the repository may have moved.
  Snapshot snapshot(const fs::path& root, const Overlay& unsaved = {}) {
    Store store = store_of(root);
    const fs::path common = store.repository().common_dir;
    const auto before = manifest(root), common_before = manifest(common);
    auto taken = take_snapshot(store, unsaved);
    EXPECT_EQ(difference(before, manifest(root)), "");
    EXPECT_EQ(difference(common_before, manifest(common)), "");
    EXPECT_TRUE(taken.ok()) << taken.error().message;
    if (!taken) return {};
    const auto again = take_snapshot(store, unsaved);
    EXPECT_EQ(again->commit, taken->commit);
    EXPECT_EQ(taken->clean, taken->changed.empty() && !taken->head.empty());
    return *taken;
  }

  // What `git add -A` and `git write-tree` make of the same tree, in a copy of it.
  std::string as_git_adds(const fs::path& root) {
    const fs::path copy = at("copy-" + root.filename().string());
    (void)remove_tree(copy);
    EXPECT_EQ(std::system(("cp -a " + root.string() + " " + copy.string()).c_str()), 0);
    git(copy, {"-c", "core.safecrlf=false", "add", "-A"});
    return git(copy, {"write-tree"});
  }

  void check_like_git(const std::string& name, const std::function<void(const fs::path&)>& change) {
    SCOPED_TRACE(name);
    const fs::path root = make_repository(name);
    change(root);
    const Snapshot taken = snapshot(root);
    const std::string expected = as_git_adds(root);
    Store store = store_of(root);
    EXPECT_EQ(taken.tree, expected) << "ours:\n" << show(store, taken.tree);
    EXPECT_EQ(taken.left_out.empty(), name != "assume-unchanged") << name;
  }

  void check(const std::string& name, const std::function<void(const fs::path&)>& change, const Overlay& unsaved,
             const std::vector<std::string>& changed, const std::vector<std::string>& left_out = {}) {
    SCOPED_TRACE(name);
    const fs::path root = make_repository(name);
    change(root);
    const Snapshot taken = snapshot(root, unsaved);
    EXPECT_EQ(taken.changed, changed);
    EXPECT_EQ(taken.left_out, left_out);
  }
};

TEST_F(SnapshotTest, CleanTreeIsHead) {
  const fs::path root = make_repository();
  const Snapshot taken = snapshot(root);
  EXPECT_TRUE(taken.clean);
  EXPECT_EQ(taken.commit, git(root, {"rev-parse", "HEAD"}));
  EXPECT_EQ(taken.head, taken.commit);
  EXPECT_EQ(taken.tree, git(root, {"rev-parse", "HEAD^{tree}"}));
}

TEST_F(SnapshotTest, EveryKindOfDirtyTreeIsTakenAsGitWouldAddIt) {
  check_like_git("staged", [&](const fs::path& r) {
    write(r / "a.txt", "2\n");
    git(r, {"add", "a.txt"});
  });
  check_like_git("unstaged", [&](const fs::path& r) { write(r / "a.txt", "2\n"); });
  check_like_git("both", [&](const fs::path& r) {
    write(r / "a.txt", "2\n");
    git(r, {"add", "a.txt"});
    write(r / "a.txt", "3\n");
  });
  check_like_git("staged-then-back", [&](const fs::path& r) {
    write(r / "a.txt", "2\n");
    git(r, {"add", "a.txt"});
    write(r / "a.txt", "a\n");
  });
  check_like_git("untracked", [&](const fs::path& r) {
    write(r / "new/deep/x", "x\n");
    write(r / "sp ace\n\"q\"\t\xff.txt", "x\n");
  });
  check_like_git("ignored", [&](const fs::path& r) {
    write(r / ".gitignore", "*.log\nout/\n");
    write(r / "x.log", "x");
    write(r / "out/y", "y");
  });
  check_like_git("deleted", [&](const fs::path& r) {
    fs::remove(r / "a.txt");
    git(r, {"rm", "-q", "b.txt"});
    fs::remove_all(r / "src");
  });
  check_like_git("renamed", [&](const fs::path& r) {
    git(r, {"mv", "a.txt", "z.txt"});
    fs::rename(r / "b.txt", r / "y.txt");
  });
  check_like_git("mode", [&](const fs::path& r) {
    ::chmod((r / "a.txt").c_str(), 0755);
    ::chmod((r / "run.sh").c_str(), 0644);
  });
  check_like_git("mode-ignored", [&](const fs::path& r) {
    git(r, {"config", "core.fileMode", "false"});
    ::chmod((r / "a.txt").c_str(), 0755);
    write(r / "run.sh", "#!/bin/sh\n:\n");
    write(r / "new.sh", "x");
    ::chmod((r / "new.sh").c_str(), 0755);
  });
  check_like_git("symlink", [&](const fs::path& r) {
    fs::remove(r / "link");
    fs::create_symlink("b.txt", r / "link");
    fs::create_symlink("/nowhere", r / "dangling");
    fs::remove(r / "a.txt");
    fs::create_symlink("b.txt", r / "a.txt");
  });
  check_like_git("link-to-file", [&](const fs::path& r) {
    fs::remove(r / "link");
    write(r / "link", "plain\n");
  });
  check_like_git("file-to-folder", [&](const fs::path& r) {
    fs::remove(r / "a.txt");
    write(r / "a.txt/x/y", "y\n");
  });
  check_like_git("folder-to-file", [&](const fs::path& r) {
    fs::remove_all(r / "src");
    write(r / "src", "file\n");
  });
  check_like_git("folder-to-link", [&](const fs::path& r) {
    fs::rename(r / "src", r / "other");
    fs::create_symlink("other", r / "src");
  });
  check_like_git("staged-file-to-folder", [&](const fs::path& r) {
    git(r, {"rm", "-q", "a.txt"});
    write(r / "a.txt/x", "x\n");
    git(r, {"add", "-A"});
  });
  check_like_git("intent", [&](const fs::path& r) {
    write(r / "n.txt", "n\n");
    git(r, {"add", "-N", "n.txt"});
  });
  check_like_git("intent-gone", [&](const fs::path& r) {
    write(r / "n.txt", "n\n");
    git(r, {"add", "-N", "n.txt"});
    fs::remove(r / "n.txt");
  });
  check_like_git("staged-new-then-gone", [&](const fs::path& r) {
    write(r / "n.txt", "n\n");
    git(r, {"add", "n.txt"});
    fs::remove(r / "n.txt");
  });
  check_like_git("cached-removal", [&](const fs::path& r) { git(r, {"rm", "-q", "--cached", "a.txt"}); });
  check_like_git("cached-removal-ignored", [&](const fs::path& r) {
    git(r, {"rm", "-q", "--cached", "a.txt"});
    write(r / ".git/info/exclude", "a.txt\n");
  });
  check_like_git("assume-unchanged", [&](const fs::path& r) {
    git(r, {"update-index", "--assume-unchanged", "a.txt"});
    write(r / "a.txt", "hidden\n");
  });
  check_like_git("skip-worktree", [&](const fs::path& r) {
    git(r, {"update-index", "--skip-worktree", "a.txt"});
    fs::remove(r / "a.txt");
  });
  check_like_git("same-content", [&](const fs::path& r) {
    write(r / "a.txt", "b\n");
    write(r / "copy.txt", "c\n");
  });
  check_like_git("touched", [&](const fs::path& r) {
    fs::last_write_time(r / "a.txt", fs::file_time_type::clock::now() + std::chrono::hours(1));
  });
  check_like_git("detached", [&](const fs::path& r) {
    git(r, {"checkout", "-q", "--detach"});
    write(r / "a.txt", "2\n");
  });
  check_like_git("empty-folder", [&](const fs::path& r) { fs::create_directories(r / "empty/er"); });
  check_like_git("all-gone", [&](const fs::path& r) {
    for (const char* f : {"a.txt", "b.txt", "src", "run.sh", "link"}) fs::remove_all(r / f);
  });
  check_like_git("split-index", [&](const fs::path& r) {
    git(r, {"update-index", "--split-index"});
    git(r, {"config", "core.splitIndex", "true"});
    write(r / "a.txt", "2\n");
  });
  check_like_git("untracked-cache", [&](const fs::path& r) {
    git(r, {"update-index", "--untracked-cache"});
    git(r, {"status"});
    write(r / "n", "2\n");
  });
  check_like_git("packed", [&](const fs::path& r) {
    git(r, {"gc", "-q"});
    write(r / "a.txt", "b\n");
    write(r / "n", "c\n");
  });
}

TEST_F(SnapshotTest, LineEndsAndFiltersAreGits) {
  check_like_git("autocrlf", [&](const fs::path& r) {
    git(r, {"config", "core.autocrlf", "true"});
    write(r / "a.txt", "1\r\n2\r\n");
    write(r / "new.txt", "1\r\n");
  });
  check_like_git("crlf-in-index", [&](const fs::path& r) {
    write(r / "dos.txt", "1\r\n2\r\n");
    git(r, {"add", "-A"});
    git(r, {"commit", "-qm", "dos"});
    write(r / ".gitattributes", "*.txt text=auto\n");
    write(r / "dos.txt", "1\r\n2\r\n3\r\n");
    write(r / "new.txt", "1\r\n");
  });
  check_like_git("crlf-plain", [&](const fs::path& r) { write(r / "a.txt", "1\r\n"); });
  check_like_git("eol", [&](const fs::path& r) {
    write(r / ".gitattributes", "*.txt text eol=crlf\n");
    write(r / "a.txt", "1\r\n");
    write(r / "b.txt", "1\n");
  });
  check_like_git("ident", [&](const fs::path& r) {
    write(r / ".gitattributes", "*.txt ident\n");
    write(r / "a.txt", "$Id: 123 $\n");
  });
  check_like_git("encoding", [&](const fs::path& r) {
    write(r / ".gitattributes", "*.txt working-tree-encoding=UTF-16LE\n");
    write(r / "a.txt", std::string_view("h\0i\0\n\0", 6));
    for (const char* f : {"b.txt", "src/c.txt", "src/deep/d.txt"}) fs::remove(r / f);
  });
  check_like_git("filter", [&](const fs::path& r) {
    git(r, {"config", "filter.up.clean", "tr a-z A-Z"});
    write(r / ".gitattributes", "*.txt filter=up\n");
    write(r / "a.txt", "hello\n");
    write(r / "new.txt", "new\n");
    fs::remove(r / "b.txt");
  });
  check_like_git("filter-of-info", [&](const fs::path& r) {
    git(r, {"config", "filter.up.clean", "tr a-z A-Z"});
    write(r / ".git/info/attributes", "a.txt filter=up\n");
    write(r / "a.txt", "hello\n");
  });
}

TEST_F(SnapshotTest, RandomTreesAreTakenAsGitWouldAddThem) {
  std::mt19937 random(20240101);
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const std::vector<std::string> names = {"a.txt",          "b.txt", "src", "src/c.txt", "src/deep",
                                          "src/deep/d.txt", "n",     "n/o", "n/o/p",     "run.sh",
                                          "x.ign",          "src-a", "link"};
  const fs::path root = make_repository();
  write(root / ".gitignore", "*.ign\n");
  write(root / ".gitattributes", "n* text=auto\n");
  for (int round = 0; round < 25; ++round) {
    std::string story;
    for (int step = 0; step < 6; ++step) {
      const std::string& name = names[static_cast<std::size_t>(pick(static_cast<int>(names.size())))];
      const fs::path path = root / name;
      std::error_code code;
      switch (const int what = pick(7); what) {
        case 0:
        case 1:
          for (fs::path p = path.parent_path(); p != root; p = p.parent_path())
            if (fs::exists(fs::symlink_status(p)) && !fs::is_directory(fs::symlink_status(p))) fs::remove(p, code);
          if (fs::is_directory(fs::symlink_status(path)))
            fs::remove_all(path, code);
          else
            fs::remove(path, code);
          write(path, std::to_string(pick(3)) + (pick(2) ? "\n" : "\r\n"));
          story += "write " + name + "\n";
          break;
        case 2:
          fs::remove_all(path, code);
          story += "remove " + name + "\n";
          break;
        case 3:
          git(root, {"add", "-A"});
          story += "add\n";
          break;
        case 4:
          if (fs::is_regular_file(fs::symlink_status(path))) ::chmod(path.c_str(), pick(2) ? 0755 : 0644);
          break;
        case 5:
          if (fs::is_directory(path.parent_path()) && !fs::exists(fs::symlink_status(path)))
            fs::create_symlink("a.txt", path, code);
          break;
        default:
          if (pick(3) == 0) {
            git(root, {"add", "-A"});
            git(root, {"commit", "-q", "--allow-empty", "-m", "x"});
            story += "commit\n";
          }
      }
    }
    const Snapshot taken = snapshot(root);
    ASSERT_EQ(taken.tree, as_git_adds(root)) << "round " << round << "\n" << story;
  }
}

TEST_F(SnapshotTest, BeforeTheFirstCommit) {
  const fs::path root = at("unborn");
  fs::create_directory(root);
  git(root, {"init", "-q"});
  Snapshot taken = snapshot(root);
  EXPECT_EQ(taken.head, "");
  EXPECT_TRUE(taken.changed.empty());
  write(root / "staged", "s\n");
  git(root, {"add", "-A"});
  write(root / "x/new", "n\n");
  taken = snapshot(root, {{"unsaved", "u\n"}});
  EXPECT_EQ(taken.changed, (std::vector<std::string>{"staged", "unsaved", "x/new"}));
  EXPECT_EQ(taken.unsaved, std::vector<std::string>{"unsaved"});
  Store store = store_of(root);
  EXPECT_EQ(show(store, *store.tree_of(taken.commit)), "100644 staged s\n100644 unsaved u\n100644 x/new n\n");
}

TEST_F(SnapshotTest, ConflictsAreTakenAsTheUserSeesThem) {
  const fs::path root = make_repository();
  git(root, {"checkout", "-q", "-b", "side"});
  write(root / "a.txt", "side\n");
  fs::remove(root / "b.txt");
  git(root, {"commit", "-qam", "side"});
  git(root, {"checkout", "-q", "main"});
  write(root / "a.txt", "main\n");
  write(root / "b.txt", "main\n");
  git(root, {"commit", "-qam", "main"});
  git(root, {"merge", "-q", "side"}, 1);
  const std::string seen = read(root / "a.txt");
  EXPECT_NE(seen.find("<<<<<<<"), std::string::npos);
  const Snapshot taken = snapshot(root);
  Store store = store_of(root);
  EXPECT_EQ(*store.read(taken.tree, "a.txt"), seen);
  EXPECT_EQ(*store.read(taken.tree, "b.txt"), "main\n");
  EXPECT_EQ(taken.tree, as_git_adds(root));
  fs::remove(root / "b.txt");
  EXPECT_EQ(*store.read(snapshot(root).tree, "b.txt"), std::nullopt);
}

TEST_F(SnapshotTest, LinkedWorkTreesHaveTheirOwn) {
  const fs::path root = make_repository();
  git(root, {"worktree", "add", "-q", "-b", "other", at("linked").string()});
  write(at("linked/a.txt"), "linked\n");
  write(root / "b.txt", "main\n");
  EXPECT_EQ(snapshot(at("linked")).changed, std::vector<std::string>{"a.txt"});
  EXPECT_EQ(snapshot(root).changed, std::vector<std::string>{"b.txt"});
}

TEST_F(SnapshotTest, SparseCheckoutsLoseNothing) {
  for (const char* kind : {"plain", "index"}) {
    const fs::path root = make_repository(kind);
    write(root / "other/.gitattributes", "*.dat text=auto eol=lf\n");
    write(root / "other/x.dat", "x\n");
    git(root, {"add", "-A"});
    git(root, {"commit", "-qm", "other"});
    git(root, {"sparse-checkout", "set", kind == std::string("index") ? "--sparse-index" : "--no-sparse-index", "src"});
    ASSERT_FALSE(fs::exists(root / "other/x.dat"));
    EXPECT_TRUE(snapshot(root).clean);
    write(root / "src/c.txt", "2\n");
    EXPECT_EQ(snapshot(root).changed, std::vector<std::string>{"src/c.txt"});
    EXPECT_EQ(snapshot(root, {{"other/x.dat", "1\r\n"}}).changed,
              (std::vector<std::string>{"other/x.dat", "src/c.txt"}));
    Store store = store_of(root);
    EXPECT_EQ(*store.read(snapshot(root).tree, "other/x.dat"), "x\n");
  }
}

TEST_F(SnapshotTest, SubmodulesAndNestedRepositoriesAreNamed) {
  const fs::path inner = make_repository("inner");
  const fs::path root = make_repository();
  git(root, {"submodule", "add", "-q", inner.string(), "sub"});
  git(root, {"commit", "-qm", "sub"});
  EXPECT_TRUE(snapshot(root).clean);
  write(root / "sub/a.txt", "changed\n");
  Snapshot taken = snapshot(root);
  EXPECT_TRUE(taken.clean);
  ASSERT_EQ(taken.left_out.size(), 1u);
  EXPECT_TRUE(taken.left_out[0].starts_with("sub: the submodule has changes")) << taken.left_out[0];
  EXPECT_TRUE(taken.partial);
  git(root / "sub", {"commit", "-qam", "new"});
  // The commit that is checked out there, as `git add` takes it.
  taken = snapshot(root);
  EXPECT_EQ(taken.changed, std::vector<std::string>{"sub"});
  EXPECT_TRUE(taken.left_out.empty());
  EXPECT_FALSE(taken.partial);
  git(root, {"add", "sub"});
  EXPECT_EQ(snapshot(root).tree, taken.tree);
  EXPECT_EQ(taken.tree, git(root, {"write-tree"}));

  const fs::path outer = make_repository("outer");
  fs::copy(inner, outer / "nested", fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  git(outer, {"init", "-q", (outer / "empty-nested").string()});
  write(outer / "empty-nested/file", "x\n");
  taken = snapshot(outer, {{"nested/a.txt", "unsaved\n"}});
  EXPECT_TRUE(taken.clean);
  EXPECT_EQ(taken.left_out, (std::vector<std::string>{"empty-nested/: is a repository of its own",
                                                      "nested/: is a repository of its own",
                                                      "nested/a.txt: belongs to another repository"}));
  EXPECT_TRUE(taken.unsaved.empty());
}

// What git is told not to look at is not published by `git add` either, but it is not passed over in silence.
TEST_F(SnapshotTest, ChangesThatGitIsToldNotToSeeAreNamed) {
  for (const char* flag : {"--assume-unchanged", "--skip-worktree"}) {
    const fs::path root = make_repository(flag + 2);
    git(root, {"update-index", flag, "a.txt"});
    EXPECT_TRUE(snapshot(root).left_out.empty()) << flag;
    write(root / "a.txt", "mine\n");
    const Snapshot taken = snapshot(root);
    EXPECT_TRUE(taken.clean) << flag;
    EXPECT_TRUE(taken.partial) << flag;
    ASSERT_EQ(taken.left_out.size(), 1u) << flag;
    EXPECT_TRUE(taken.left_out[0].starts_with("a.txt: git has been told not to look at it")) << taken.left_out[0];
    if (std::string_view(flag) != "--skip-worktree") continue;
    fs::remove(root / "a.txt");  // as a sparse checkout has it
    EXPECT_FALSE(snapshot(root).partial);
  }
}

TEST_F(SnapshotTest, UnsavedTextWins) {
  const auto nothing = [](const fs::path&) {};
  check("same", nothing, {{"a.txt", "a\n"}}, {});
  check("over-clean", nothing, {{"a.txt", "u\n"}, {"src/deep/d.txt", "u\n"}}, {"a.txt", "src/deep/d.txt"});
  check("over-dirty-back", [&](const fs::path& r) { write(r / "a.txt", "2\n"); }, {{"a.txt", "a\n"}}, {});
  check("over-staged",
        [&](const fs::path& r) {
          write(r / "a.txt", "2\n");
          git(r, {"add", "-A"});
        },
        {{"a.txt", "u\n"}}, {"a.txt"});
  check("over-deleted", [&](const fs::path& r) { fs::remove(r / "a.txt"); }, {{"a.txt", "a\n"}}, {});
  check("over-untracked", [&](const fs::path& r) { write(r / "n", "n\n"); }, {{"n", "u\n"}}, {"n"});
  check("new", nothing, {{"new/file.txt", "u\n"}}, {"new/file.txt"});
  check("ignored",
        [&](const fs::path& r) {
          write(r / ".git/info/exclude", "*.log\nbuild/\n");
          write(r / "x.log", "x");
        },
        {{"x.log", "u"}, {"build/y", "u"}, {"z.log", ""}}, {});
  check("tracked-but-ignored", [&](const fs::path& r) { write(r / ".git/info/exclude", "a.txt\n"); },
        {{"a.txt", "u\n"}}, {"a.txt"});
  check("through-symlink", nothing, {{"link", "u\n"}}, {"a.txt"});
  check("outside", nothing, {{"../x", "u\n"}, {".git/config", "u\n"}, {"/etc/passwd", "u\n"}, {"src", "u\n"}}, {},
        {"../x: is no file of this work tree", ".git/config: is no file of this work tree",
         "/etc/passwd: is no file of this work tree", "src: is no file of this work tree"});
}

TEST_F(SnapshotTest, UnsavedTextGoesThroughCleanFilters) {
  const fs::path root = make_repository();
  git(root, {"config", "filter.up.clean", "tr a-z A-Z"});
  write(root / ".gitattributes", "*.up filter=up\n*.auto text=auto\n*.lf text eol=lf\n");
  write(root / "dos.auto", "placeholder");
  git(root, {"add", "-A"});
  git(root, {"update-index", "--add", "--cacheinfo",
             "100644," + git(root, {"hash-object", "-w", "--no-filters", "--", "a.txt"}) + ",x.up"});
  write(root / "crlf", "1\r\n");
  git(root, {"update-index", "--add", "--cacheinfo",
             "100644," + git(root, {"hash-object", "-w", "--no-filters", "--", "crlf"}) + ",dos.auto"});
  git(root, {"commit", "-qm", "attributes"});
  ::chmod((root / "run.sh").c_str(), 0755);
  const Snapshot taken = snapshot(root, {{"new.up", "hello\n"},
                                         {"n.auto", "1\r\n"},
                                         {"dos.auto", "1\r\n2\r\n"},
                                         {"n.lf", "1\r\n"},
                                         {"n.txt", "1\r\n"},
                                         {"run.sh", "new\n"}});
  Store store = store_of(root);
  EXPECT_EQ(*store.read(taken.tree, "new.up"), "HELLO\n");
  EXPECT_EQ(*store.read(taken.tree, "n.auto"), "1\n");
  EXPECT_EQ(*store.read(taken.tree, "dos.auto"), "1\r\n2\r\n");
  EXPECT_EQ(*store.read(taken.tree, "n.lf"), "1\n");
  EXPECT_EQ(*store.read(taken.tree, "n.txt"), "1\r\n");
  EXPECT_NE(show(store, taken.tree).find("100755 run.sh new\n"), std::string::npos);
}

TEST_F(SnapshotTest, WhatCannotBeTakenIsNamed) {
  const fs::path root = make_repository();
  write(root / "huge.bin", "x");
  fs::resize_file(root / "huge.bin", (100u << 20) + 1);
  fs::remove(root / "a.txt");
  ASSERT_EQ(::mkfifo((root / "a.txt").c_str(), 0600), 0);
  const Snapshot taken = snapshot(root);
  ASSERT_EQ(taken.left_out.size(), 2u);
  EXPECT_EQ(taken.left_out[0], "a.txt: is not a regular file");
  EXPECT_EQ(taken.left_out[1], "huge.bin: larger than 100 MiB");
  EXPECT_TRUE(taken.clean);
}

TEST_F(SnapshotTest, Sha256RepositoriesWorkTheSameWay) {
  const fs::path root = make_repository("r", {"--object-format=sha256"});
  write(root / "a.txt", "2\n");
  write(root / "n/new", "1\r\n");
  fs::remove(root / "b.txt");
  write(root / "src/c.txt", "staged\n");
  git(root, {"add", "src"});
  EXPECT_EQ(snapshot(root).tree, as_git_adds(root));
  EXPECT_EQ(snapshot(root, {{"a.txt", "u\n"}}).changed,
            (std::vector<std::string>{"a.txt", "b.txt", "n/new", "src/c.txt"}));
}

TEST_F(SnapshotTest, AHooksEnvironmentDoesNotLeadAstray) {
  const fs::path root = make_repository(), other = make_repository("other");
  write(root / "a.txt", "2\n");
  ::setenv("GIT_DIR", (other / ".git").c_str(), 1);
  ::setenv("GIT_INDEX_FILE", (other / ".git/index").c_str(), 1);
  ::setenv("GIT_WORK_TREE", other.c_str(), 1);
  const Snapshot taken = snapshot(root);
  for (const char* name : {"GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"}) ::unsetenv(name);
  EXPECT_EQ(taken.changed, std::vector<std::string>{"a.txt"});
}

TEST_F(SnapshotTest, HooksAndFsmonitorStayQuiet) {
  const fs::path root = make_repository();
  write(at("evil.sh"), "#!/bin/sh\ntouch " + at("ran").string() + "\n");
  ::chmod(at("evil.sh").c_str(), 0755);
  for (const char* hook : {"post-index-change", "reference-transaction", "post-checkout", "pre-auto-gc"})
    fs::copy_file(at("evil.sh"), root / ".git/hooks" / hook);
  git(root, {"config", "core.fsmonitor", at("evil.sh").string()});
  write(root / ".gitattributes", "*.txt text=auto\n");
  write(root / "a.txt", "2\r\n");
  (void)remove_tree(at("ran"));
  snapshot(root);
  EXPECT_FALSE(fs::exists(at("ran")));
}

TEST_F(SnapshotTest, CanBeCancelled) {
  const fs::path root = make_repository();
  Store store = store_of(root);
  std::stop_source stop;
  stop.request_stop();
  const auto taken = take_snapshot(store, {}, stop.get_token());
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace baton::test
