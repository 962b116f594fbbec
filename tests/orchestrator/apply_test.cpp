// A result in the user's working tree: whole, or not at all.
#include <sys/stat.h>

#include "orchestrator/tasks/landing.h"
#include "tests/orchestrator/workshop.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

struct File {
  std::string text;
  unsigned mode = 0100644;
};
using Files = std::map<std::string, File>;

class ApplyTest : public Workshop {
 protected:
  // What the task started from lies in the work tree; `later` is what the user did since (an empty text removes).
  Status apply(const Files& before, const Files& after, const std::map<std::string, std::string>& later = {}, const std::vector<std::string>& unsaved = {}) {
    auto repository = open_repository(at("repo"));
    auto store = Store::open(*repository);
    const auto commit = [&](const Files& files) {
      std::vector<TreeEntry> entries;
      for (const auto& [path, file] : files) entries.push_back({path, store->write_blob(file.text).value(), file.mode, 0});
      return store->write_commit(store->write_tree("", entries).value(), {}, "tree", 1).value();
    };
    for (const auto& [path, file] : before) {
      fs::create_directories(at("repo/" + path).parent_path());
      if (file.mode == 0120000) fs::create_symlink(file.text, at("repo/" + path));
      else EXPECT_TRUE(write_file(at("repo/" + path), file.text, file.mode & 0777).ok());
    }
    for (const auto& [path, text] : later) {
      fs::create_directories(at("repo/" + path).parent_path());
      if (text.empty()) fs::remove(at("repo/" + path));
      else EXPECT_TRUE(write_file(at("repo/" + path), text).ok());
    }
    auto edits = edits_to_apply(*store, commit(before), commit(after));
    EXPECT_TRUE(edits.ok()) << edits.error().message;
    edits_ = *edits;
    return apply_to_files(*repository, edits_, unsaved);
  }

  // "path mode text|-> target", a line each.
  std::string tree() const {
    std::map<std::string, std::string> lines;
    for (auto at_ = fs::recursive_directory_iterator(at("repo")); at_ != fs::recursive_directory_iterator(); ++at_) {
      if (at_->path().filename() == ".git") {
        at_.disable_recursion_pending();
        continue;
      }
      const std::string path = at_->path().lexically_relative(at("repo")).string();
      if (at_->is_symlink()) lines[path] = "-> " + fs::read_symlink(at_->path()).string();
      else if (at_->is_regular_file()) lines[path] = ((fs::status(at_->path()).permissions() & fs::perms::owner_exec) != fs::perms::none ? "x " : "") + *read_file(at_->path());
    }
    std::string text;
    for (const auto& [path, line] : lines) text += path + ": " + line + (line.ends_with('\n') ? "" : "\n");
    return text;
  }

  static Files one(const std::string& text) { return {{"a", {text}}}; }

  std::vector<TreeEdit> edits_;
};

TEST_F(ApplyTest, FilesAreChangedMadeAndRemoved) {
  ASSERT_TRUE(apply({{"a", {"1\n"}}, {"gone/deep/b", {"2\n"}}, {"same", {"3\n"}}}, {{"a", {"one\n"}}, {"new/c", {"4\n"}}, {"same", {"3\n"}}}).ok());
  EXPECT_EQ(edits_.size(), 3u);
  EXPECT_EQ(tree(), "a: one\nnew/c: 4\nsame: 3\n");
  EXPECT_FALSE(fs::exists(at("repo/gone")));
}

TEST_F(ApplyTest, LaterEditsOfTheUserAreKept) {
  ASSERT_TRUE(apply(one("1\n2\n3\n4\n5\n"), one("1\n2\n3\n4\nfive\n"), {{"a", "zero\n1\n2\n3\n4\n5\n"}}).ok());
  EXPECT_EQ(tree(), "a: zero\n1\n2\n3\n4\nfive\n");
}

TEST_F(ApplyTest, AConflictStopsAllBeforeAnythingIsWritten) {
  const Status status = apply({{"a", {"1\n"}}, {"b", {"1\n"}}, {"c", {"1\n"}}}, {{"a", {"2\n"}}, {"b", {"2\n"}}}, {{"b", "mine\n"}});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::precondition);
  EXPECT_NE(status.error().message.find(", in b;"), std::string::npos) << status.error().message;
  EXPECT_EQ(tree(), "a: 1\nb: mine\nc: 1\n");
}

TEST_F(ApplyTest, WhatTheUserRemovedOrMadeIsTheirs) {
  EXPECT_FALSE(apply(one("1\n"), one("2\n"), {{"a", ""}}).ok());
  EXPECT_EQ(tree(), "");
  EXPECT_FALSE(apply({}, {{"n", {"result\n"}}}, {{"n", "mine\n"}}).ok());
  EXPECT_EQ(tree(), "n: mine\n");
  EXPECT_FALSE(apply({{"d", {"1\n"}}}, {}, {{"d", "changed\n"}}).ok());
  EXPECT_EQ(tree(), "d: changed\nn: mine\n");
}

TEST_F(ApplyTest, AppliedTwiceItIsTheSame) {
  ASSERT_TRUE(apply(one("1\n"), {{"a", {"2\n"}}, {"b", {"3\n"}}}).ok());
  auto repository = open_repository(at("repo"));
  const auto when = fs::last_write_time(at("repo/a"));
  EXPECT_TRUE(apply_to_files(*repository, edits_, {}).ok());
  EXPECT_EQ(tree(), "a: 2\nb: 3\n");
  EXPECT_EQ(fs::last_write_time(at("repo/a")), when);
}

TEST_F(ApplyTest, UnsavedFilesAreRefusedByName) {
  const Status status = apply({{"a", {"1\n"}}, {"b", {"1\n"}}}, {{"a", {"2\n"}}, {"b", {"2\n"}}}, {}, {"b", "other"});
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find("b has unsaved changes"), std::string::npos) << status.error().message;
  EXPECT_EQ(tree(), "a: 1\nb: 1\n");
}

TEST_F(ApplyTest, ModesAndLinks) {
  ASSERT_TRUE(apply({{"run", {"x\n"}}, {"tool", {"y\n", 0100755}}, {"link", {"run", 0120000}}, {"file", {"z\n"}}},
                    {{"run", {"x\n", 0100755}}, {"tool", {"y\n"}}, {"link", {"tool", 0120000}}, {"file", {"run", 0120000}}}).ok());
  EXPECT_EQ(tree(), "file: -> run\nlink: -> tool\nrun: x x\ntool: y\n");
}

TEST_F(ApplyTest, PrivatePermissionsStay) {
  ASSERT_TRUE(apply(one("1\n"), one("1\n")).ok());
  ASSERT_EQ(::chmod(at("repo/a").c_str(), 0600), 0);
  auto repository = open_repository(at("repo"));
  ASSERT_TRUE(apply_to_files(*repository, {{"a", "1\n", "2\n", 0100644}}, {}).ok());
  EXPECT_EQ(fs::status(at("repo/a")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(ApplyTest, BytesThatAreNoText) {
  const std::string binary("\0\1\2", 3), latin = "caf\xE9\n1\n2\n3\n";
  ASSERT_TRUE(apply({{"b", {binary}}, {"l", {latin}}}, {{"b", {binary + "x"}}, {"l", {latin + "4\n"}}}, {{"l", "th\xE9\n" + latin}}).ok());
  EXPECT_EQ(*read_file(at("repo/b")), binary + "x");
  EXPECT_EQ(*read_file(at("repo/l")), "th\xE9\n" + latin + "4\n");
  EXPECT_FALSE(apply({{"b", {binary + "x"}}}, {{"b", {binary}}}, {{"b", binary + "mine"}}).ok());
  EXPECT_EQ(*read_file(at("repo/b")), binary + "mine");
}

TEST_F(ApplyTest, LineEndsAreThoseOfTheWorkingTree) {
  // git keeps LF and lays CRLF.
  ASSERT_TRUE(apply(one("1\n2\n3\n"), one("1\n2\nthree\n"), {{"a", "1\r\n2\r\n3\r\n"}}).ok());
  EXPECT_EQ(*read_file(at("repo/a")), "1\r\n2\r\nthree\r\n");
  ASSERT_TRUE(apply(one("1\n2\n3\n"), one("1\n2\nthree\n"), {{"a", "zero\r\n1\r\n2\r\n3\r\n"}}).ok());
  EXPECT_EQ(*read_file(at("repo/a")), "zero\r\n1\r\n2\r\nthree\r\n");
  // CRLF in git's object too.
  ASSERT_TRUE(apply(one("1\r\n2\r\n"), one("1\r\ntwo\r\n")).ok());
  EXPECT_EQ(*read_file(at("repo/a")), "1\r\ntwo\r\n");
}

TEST_F(ApplyTest, AFolderBecomesAFileAndBack) {
  ASSERT_TRUE(apply({{"x/a", {"1\n"}}, {"y", {"2\n"}}}, {{"x", {"3\n"}}, {"y/b", {"4\n"}}}).ok());
  EXPECT_EQ(tree(), "x: 3\ny/b: 4\n");
}

TEST_F(ApplyTest, AFolderWithTheUsersOwnIsNotRemoved) {
  EXPECT_FALSE(apply({{"x/a", {"1\n"}}}, {{"x", {"3\n"}}}, {{"x/mine", "m\n"}}).ok());
  EXPECT_EQ(tree(), "x/a: 1\nx/mine: m\n");
}

TEST_F(ApplyTest, NothingIsWrittenOutsideOfTheTree) {
  auto repository = open_repository(at("repo"));
  fs::create_directories(at("outside"));
  fs::create_symlink(at("outside"), at("repo/link"));
  for (const char* path : {"../x", "/tmp/x", ".git/config", "sub/.GIT/hooks/x", "link/x", "a/../../x", ""}) {
    EXPECT_FALSE(apply_to_files(*repository, {{path, std::nullopt, "text", 0100644}}, {}).ok()) << path;
  }
  EXPECT_TRUE(fs::is_empty(at("outside")));
  EXPECT_FALSE(fs::exists(at("x")));
}

TEST_F(ApplyTest, WhatFailsHalfWayIsTakenBack) {
  write({{"a", "1\n"}, {"gone", "2\n"}, {"file", "mine\n"}});
  auto repository = open_repository(at("repo"));
  const Status status =
      apply_to_files(*repository, {{"a", "1\n", "one\n", 0100644}, {"gone", "2\n", std::nullopt, 0100644}, {"file/b", std::nullopt, "3\n", 0100644}}, {});
  ASSERT_FALSE(status.ok());
  EXPECT_TRUE(status.error().message.starts_with("Nothing was applied: ")) << status.error().message;
  EXPECT_EQ(tree(), "a: 1\nfile: mine\ngone: 2\n");
}

}  // namespace
}  // namespace baton
