#include "tests/git/fixture.h"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "git/tree.h"
#include "support/hash.h"
#include "support/process.h"

namespace baton::test {

GitTest::GitTest() : folder_(*TemporaryFolder::make(fs::canonical(fs::temp_directory_path()), "baton-git-")) {
  fs::create_directory(home());
  ::setenv("BATON_LIBEXEC", BATON_BUILD_DIR "/libexec", 1);
  ::setenv("HOME", home().c_str(), 1);
  ::setenv("XDG_CACHE_HOME", at("cache").c_str(), 1);
  ::setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
  for (const char* name : {"XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"})
    ::unsetenv(name);
  write(home() / ".gitconfig",
        "[user]\n\tname = A\n\temail = a@example.com\n[init]\n\tdefaultBranch = main\n[protocol \"file\"]\n\tallow = "
        "always\n");
}

std::string GitTest::git(const fs::path& folder, std::vector<std::string> args, int expect,
                         std::vector<std::pair<std::string, std::string>> env) {
  ProcessSpec spec;
  spec.argv = {"git"};
  spec.argv.insert(spec.argv.end(), args.begin(), args.end());
  spec.cwd = folder;
  spec.env = current_environment();
  set(spec.env, "GIT_AUTHOR_DATE", "2024-01-02T03:04:05Z");
  set(spec.env, "GIT_COMMITTER_DATE", "2024-01-02T03:04:05Z");
  for (const auto& [name, value] : env) set(spec.env, name, value);
  auto result = run(spec);
  if (!result) {
    ADD_FAILURE() << result.error().message;
    return "";
  }
  EXPECT_EQ(result->exit_code, expect) << "git " << (args.empty() ? "" : args[0]) << ": " << result->err
                                       << result->start_error;
  while (result->out.ends_with('\n')) result->out.pop_back();
  return result->out;
}

fs::path GitTest::make_repository(const std::string& name, std::vector<std::string> init_args) {
  const fs::path root = at(name);
  fs::create_directories(root);
  init_args.insert(init_args.begin(), {"init", "-q"});
  git(root, init_args);
  write(root / "a.txt", "a\n");
  write(root / "b.txt", "b\n");
  write(root / "src/c.txt", "c\n");
  write(root / "src/deep/d.txt", "d\n");
  write(root / "run.sh", "#!/bin/sh\n");
  ::chmod((root / "run.sh").c_str(), 0755);
  fs::create_symlink("a.txt", root / "link");
  git(root, {"add", "-A"});
  git(root, {"commit", "-q", "-m", "first"});
  return root;
}

void GitTest::write(const fs::path& path, std::string_view text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

std::string GitTest::read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Repository GitTest::open(const fs::path& folder) {
  auto repository = open_repository(folder);
  EXPECT_TRUE(repository.ok()) << repository.error().message;
  return repository.ok() ? *repository : Repository{};
}

Store GitTest::store_of(const fs::path& folder) {
  auto store = Store::open(open(folder));
  EXPECT_TRUE(store.ok()) << store.error().message;
  return std::move(*store);
}

std::string GitTest::show(const Store& store, const std::string& tree) {
  auto entries = store.list(tree);
  if (!entries) return entries.error().message;
  std::ostringstream text;
  for (const TreeEntry& entry : *entries) {
    const std::string content = entry.mode == kSubmoduleMode ? entry.blob : *store.read_blob(entry.blob);
    text << std::oct << entry.mode << " " << entry.path << " " << (entry.mode == kSymlinkMode ? "-> " : "") << content;
    if (!content.ends_with('\n')) text << "\n";
  }
  return text.str();
}

std::map<std::string, std::string> manifest(const fs::path& root) {
  std::map<std::string, std::string> entries;
  for (auto it = fs::recursive_directory_iterator(root); it != fs::recursive_directory_iterator(); ++it) {
    const fs::path path = it->path();
    const bool git_dir = path.filename() == ".git" || path.parent_path().filename() == "modules";
    if (path.filename() == "baton" && fs::exists(path.parent_path() / "HEAD")) {
      it.disable_recursion_pending();
      continue;
    }
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) continue;
    std::ostringstream text;
    text << std::oct << info.st_mode << std::dec;
    // A git folder's own time moves when Baton's folder is made in it.
    if (!(git_dir && S_ISDIR(info.st_mode))) text << " " << info.st_mtim.tv_sec << "." << info.st_mtim.tv_nsec;
    if (S_ISREG(info.st_mode)) text << " " << sha256_file(path).value();
    if (S_ISLNK(info.st_mode)) text << " " << fs::read_symlink(path).string();
    entries[path.lexically_relative(root).string()] = text.str();
  }
  return entries;
}

std::string difference(const std::map<std::string, std::string>& before,
                       const std::map<std::string, std::string>& after) {
  std::string text;
  for (const auto& [path, entry] : before) {
    const auto other = after.find(path);
    if (other == after.end())
      text += "gone: " + path + "\n";
    else if (other->second != entry)
      text += "changed: " + path + " (" + entry + " -> " + other->second + ")\n";
  }
  for (const auto& [path, entry] : after) {
    if (!before.contains(path)) text += "new: " + path + "\n";
  }
  return text;
}

}  // namespace baton::test
