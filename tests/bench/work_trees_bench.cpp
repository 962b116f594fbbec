// Eight work trees of a generated repository with 27,000 files: seconds to make each, and to collect what was changed in it.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>

#include "git/capture.h"
#include "git/checkout.h"
#include "git/store.h"
#include "orchestrator/agents/work_trees.h"
#include "support/files.h"
#include "support/process.h"

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using namespace baton;

constexpr int kFiles = 27'000, kTrees = 8;

double since(Clock::time_point when) { return std::chrono::duration<double>(Clock::now() - when).count(); }

bool git(const fs::path& cwd, std::vector<std::string> args, std::string input = "") {
  ProcessSpec spec;
  spec.argv = {"git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com"};
  spec.argv.insert(spec.argv.end(), args.begin(), args.end());
  spec.cwd = cwd;
  spec.env = current_environment();
  spec.stdin_text = std::move(input);
  const auto done = run(spec);
  return done.ok() && done->success();
}

// About 4 KiB a file, in folders of a hundred.
std::string fast_import() {
  std::string text = "commit refs/heads/main\ncommitter Ada <ada@example.com> 1700000000 +0000\ndata 4\nwork\n";
  for (int i = 0; i < kFiles; ++i) {
    std::string content;
    while (content.size() < 4000) content += "line " + std::to_string(content.size()) + " of file " + std::to_string(i) + "\n";
    text += "M 100644 inline src/d" + std::to_string(i / 100) + "/f" + std::to_string(i) + ".txt\ndata " + std::to_string(content.size()) + "\n" + content + "\n";
  }
  return text;
}

int measure() {
  auto place = TemporaryFolder::make(fs::temp_directory_path(), "baton-bench-");
  if (!place) return 1;
  const fs::path repo = place->path() / "repo";
  fs::create_directories(repo);
  if (!git(repo, {"init", "-q", "-b", "main"}) || !git(repo, {"fast-import", "--quiet"}, fast_import()) || !git(repo, {"reset", "-q", "--hard"})) return 1;
  auto repository = open_repository(repo);
  auto store = repository ? Store::open(*repository) : Result<Store>(repository.error());
  if (!store) return 1;
  const std::string head = store->resolve_commit("HEAD").value();
  double most = 0;
  for (int i = 0; i < kTrees; ++i) {
    const auto began = Clock::now();
    auto tree = new_work_tree(place->path() / "cache", *repository, "s" + std::to_string(i));
    if (!tree) return 1;
    const fs::path folder = tree->folder / "work/tree/repo";
    if (!make_checkout(*store, head, folder)) return 1;
    const double made = since(began);
    if (!write_file(folder / "src/d0/f0.txt", "changed\n")) return 1;
    const auto collecting = Clock::now();
    const auto found = capture_tree(*store, folder, head);
    if (!found || found->changes.size() != 1) return 1;
    std::printf("work tree %d: made in %.2f s, collected in %.2f s\n", i + 1, made, since(collecting));
    most = std::max(most, made);
  }
  std::printf("%d files, %d work trees, the slowest made in %.2f s\n", kFiles, kTrees, most);
  return 0;
}

}  // namespace

int main() { return measure(); }
