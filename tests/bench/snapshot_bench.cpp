// bench_snapshot [<repository> [<rounds>]]: a snapshot of 20 dirty files against `git add -A && git write-tree` on a
// copied index, turn by turn in one run. Works in a shared clone of the repository in a temporary folder (without one:
// in a tree of 27,000 files that it makes). Prints medians in milliseconds as JSON; exit code 1 when ours is the slower
// one.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "git/snapshot.h"
#include "support/files.h"

namespace {

namespace fs = std::filesystem;
constexpr int kDirty = 20;
constexpr int kSynthetic = 27'000;

void sh(const std::string& command) {
  if (std::system(command.c_str()) != 0) {
    std::fprintf(stderr, "failed: %s\n", command.c_str());
    std::exit(2);
  }
}

double milliseconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void make_synthetic(const fs::path& root) {
  for (int i = 0; i < kSynthetic; ++i) {
    const fs::path folder = root / ("package" + std::to_string(i / 270)) / ("part" + std::to_string(i / 9 % 30));
    fs::create_directories(folder);
    std::ofstream(folder / ("file" + std::to_string(i) + ".ts")) << "export const value" << i << " = " << i << ";\n";
  }
  sh("cd " + root.string() + " && git init -q && git add -A && git -c user.name=a -c user.email=a@b commit -qm first");
}

// Tracked files spread over the tree.
std::vector<fs::path> some_files(const baton::Store& store) {
  const auto entries = store.list(store.tree_of(store.resolve_commit("HEAD").value()).value()).value();
  std::vector<fs::path> files;
  const std::size_t step = std::max<std::size_t>(entries.size() / kDirty, 1);
  for (std::size_t i = 0; i < entries.size() && files.size() < kDirty; ++i) {
    if (i % step == 0 || entries.size() - i <= kDirty - files.size()) {
      if ((entries[i].mode & 0170000) == 0100000) files.push_back(store.repository().root / entries[i].path);
    }
  }
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  ::setenv("BATON_LIBEXEC", BATON_BUILD_DIR "/libexec", 0);
  const int rounds = argc > 2 ? std::max(std::atoi(argv[2]), 1) : 9;
  auto folder = baton::TemporaryFolder::make(fs::temp_directory_path(), "baton-bench-");
  if (!folder) return 2;
  const fs::path root = folder->path() / "tree";
  if (argc > 1) {
    sh("git clone -q --shared " + fs::absolute(argv[1]).string() + " " + root.string());
  } else {
    make_synthetic(root);
  }
  sh("cd " + root.string() +
     " && sleep 1 && git status > /dev/null");  // an index without doubtful times, as a user's is
  auto store = baton::Store::open(baton::open_repository(root).value());
  if (!store) return 2;
  const auto files = some_files(*store);

  const fs::path objects = folder->path() / "objects";
  const std::string by_git =
      "cd " + root.string() + " && export GIT_INDEX_FILE=" + (folder->path() / "index").string() +
      " GIT_OBJECT_DIRECTORY=" + objects.string() +
      " GIT_ALTERNATE_OBJECT_DIRECTORIES=" + (root / ".git/objects").string() +
      " && cp -p .git/index $GIT_INDEX_FILE && git add -A && git write-tree > " + (folder->path() / "tree-id").string();
  std::vector<double> ours, theirs;
  for (int round = 0; round < rounds; ++round) {
    for (const fs::path& file : files) std::ofstream(file, std::ios::app) << "// round " << round << "\n";
    fs::create_directories(objects);
    baton::Snapshot taken;
    const auto snapshot = [&] {
      ours.push_back(milliseconds([&] { taken = baton::take_snapshot(*store, {}).value(); }));
    };
    const auto git = [&] { theirs.push_back(milliseconds([&] { sh(by_git); })); };
    if (round % 2 == 0) snapshot();
    git();
    if (round % 2 != 0) snapshot();
    std::string expected;
    std::ifstream(folder->path() / "tree-id") >> expected;
    if (taken.tree != expected) {
      std::fprintf(stderr, "trees differ: %s and %s\n", taken.tree.c_str(), expected.c_str());
      return 2;
    }
    (void)baton::remove_tree(objects);
  }
  std::printf(
      "{\"bench\":\"snapshot\",\"dirty_files\":%zu,\"rounds\":%d,\"snapshot_ms\":%.1f,\"git_add_write_tree_ms\":%.1f,"
      "\"ratio\":%.2f}\n",
      files.size(), rounds, median(ours), median(theirs), median(ours) / median(theirs));
  return median(ours) <= median(theirs) ? 0 : 1;
}
