// Real repositories in temporary folders, with a HOME of their own, and a manifest of every byte in them.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "git/repository.h"
#include "git/store.h"
#include "support/files.h"

namespace baton::test {

namespace fs = std::filesystem;

// Every test starts with an empty HOME and no repository; both go away with it.
class GitTest : public testing::Test {
 protected:
  GitTest();

  // Runs git in `folder`; fails the test when `expect` is not its exit code. stdout without the last line end.
  std::string git(const fs::path& folder, std::vector<std::string> args, int expect = 0,
                  std::vector<std::pair<std::string, std::string>> env = {});
  // A repository with one commit: a.txt, b.txt, src/c.txt, src/deep/d.txt, run.sh (executable), link -> a.txt.
  fs::path make_repository(const std::string& name = "repo", std::vector<std::string> init_args = {});

  fs::path at(const std::string& name) const { return folder_.path() / name; }
  fs::path home() const { return folder_.path() / "home"; }
  static void write(const fs::path& path, std::string_view text);  // not atomic: as an editor without care does
  static std::string read(const fs::path& path);

  Repository open(const fs::path& folder);
  Store store_of(const fs::path& folder);

  // "<mode> <path> <content or -> target>" of every file of a tree, a line each.
  static std::string show(const Store& store, const std::string& tree);

 private:
  TemporaryFolder folder_;
};

// Every entry below `root` but Baton's own folder: type, mode, modification time to the nanosecond, content by hash.
std::map<std::string, std::string> manifest(const fs::path& root);
// What differs, one path a line; empty when nothing does.
std::string difference(const std::map<std::string, std::string>& before,
                       const std::map<std::string, std::string>& after);

}  // namespace baton::test
