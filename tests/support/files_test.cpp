#include "support/files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace baton {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  Files() : folder_(*TemporaryFolder::make("/tmp", "baton-files-")) {}
  fs::path at(const std::string& name) const { return folder_.path() / name; }
  TemporaryFolder folder_;
};

TEST_F(Files, WriteThenReadGivesTheSameBytes) {
  const std::string bytes = std::string("a\0b\xff\n", 5) + std::string(300'000, 'z');
  ASSERT_TRUE(write_file(at("f"), bytes, 0600).ok());
  EXPECT_EQ(*read_file(at("f")), bytes);
  EXPECT_EQ(fs::status(at("f")).permissions(), fs::perms(0600));
  ASSERT_TRUE(write_file(at("f"), "").ok());
  EXPECT_EQ(*read_file(at("f")), "");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), {}), 1);  // no temporary file is left
}

TEST_F(Files, ReadRefusesWhatItCannotHold) {
  ASSERT_TRUE(write_file(at("f"), "0123456789").ok());
  EXPECT_TRUE(read_file(at("f"), 10).ok());
  EXPECT_FALSE(read_file(at("f"), 9).ok());
  EXPECT_FALSE(read_file(folder_.path()).ok());
  EXPECT_FALSE(read_file(at("none")).ok());
  ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
  EXPECT_FALSE(read_file(at("pipe")).ok());  // and does not wait for a writer
  EXPECT_TRUE(read_file("/proc/self/status").ok());
}

TEST_F(Files, WriteIntoNothingIsAnError) {
  const auto status = write_file(at("no/such/f"), "x");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::io);
}

TEST_F(Files, MakeFolderWithParents) {
  EXPECT_TRUE(make_folder(at("a/b/c")).ok());
  EXPECT_TRUE(make_folder(at("a/b/c")).ok());
  EXPECT_TRUE(make_folder(at("a/d/")).ok());
  ASSERT_TRUE(write_file(at("file"), "").ok());
  EXPECT_FALSE(make_folder(at("file")).ok());
  EXPECT_FALSE(make_folder(at("file/x")).ok());
}

TEST_F(Files, PrivateFolderIsOursAlone) {
  EXPECT_TRUE(make_private_folder(at("p")).ok());
  EXPECT_TRUE(make_private_folder(at("p")).ok());
  EXPECT_EQ(fs::status(at("p")).permissions(), fs::perms(0700));
  fs::permissions(at("p"), fs::perms(0755));
  EXPECT_FALSE(make_private_folder(at("p")).ok());
  fs::create_directory_symlink(at("p"), at("link"));
  EXPECT_FALSE(make_private_folder(at("link")).ok());
}

TEST_F(Files, RemoveTreeTakesReadOnlyFoldersAndLeavesTargetsOfLinks) {
  ASSERT_TRUE(make_folder(at("t/a/b")).ok());
  ASSERT_TRUE(write_file(at("t/a/b/f"), "x", 0400).ok());
  ASSERT_TRUE(make_folder(at("outside")).ok());
  ASSERT_TRUE(write_file(at("outside/keep"), "x").ok());
  fs::create_directory_symlink(at("outside"), at("t/a/link"));
  fs::permissions(at("t/a/b"), fs::perms(0000));
  fs::permissions(at("t/a"), fs::perms(0500));
  EXPECT_TRUE(remove_tree(at("t")).ok());
  EXPECT_FALSE(fs::exists(at("t")));
  EXPECT_TRUE(fs::exists(at("outside/keep")));

  fs::create_directory_symlink(at("outside"), at("link"));
  EXPECT_TRUE(remove_tree(at("link")).ok());
  EXPECT_TRUE(fs::exists(at("outside/keep")));
  EXPECT_TRUE(remove_tree(at("none")).ok());
}

TEST_F(Files, RemoveTreeOfAnyDepth) {
  ASSERT_TRUE(make_folder(at("deep")).ok());
  // Longer than a path may be, and deeper than the levels that are held open.
  const std::string name(250, 'd');
  int fd = ::open(at("deep").c_str(), O_RDONLY | O_DIRECTORY);
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(::mkdirat(fd, name.c_str(), 0700), 0);
    const int next = ::openat(fd, name.c_str(), O_RDONLY | O_DIRECTORY);
    ::close(fd);
    fd = next;
  }
  ::close(fd);
  EXPECT_TRUE(remove_tree(at("deep")).ok());
  EXPECT_FALSE(fs::exists(at("deep")));
}

TEST_F(Files, TemporaryFolderIsGoneWithItsValue) {
  fs::path path;
  {
    auto temporary = TemporaryFolder::make(folder_.path(), "x-");
    ASSERT_TRUE(temporary.ok());
    TemporaryFolder moved = std::move(*temporary);
    path = moved.path();
    EXPECT_TRUE(fs::is_directory(path));
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(Files, LockHoldsOthersOff) {
  {
    auto lock = FileLock::try_acquire(at("lock"));
    ASSERT_TRUE(lock.ok());
    const auto second = FileLock::try_acquire(at("lock"));
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().kind, ErrorKind::precondition);
  }
  EXPECT_TRUE(FileLock::acquire(at("lock")).ok());
}

}  // namespace
}  // namespace baton
