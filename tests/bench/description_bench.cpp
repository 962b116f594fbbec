// bench_description [<files>]: the description of a change of 200 files of C++ with 300 lines each, from two commits to the text of a pull
// request: what changed, by symbol, what was judged, what fits. Prints the slowest of five and their median in milliseconds as JSON; exit code 1 above 300.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "git/store.h"
#include "orchestrator/tasks/landing.h"
#include "orchestrator/tasks/publish_order.h"
#include "orchestrator/tasks/pull_request_text.h"
#include "support/files.h"

namespace {

namespace fs = std::filesystem;
constexpr double kBar = 300;

void sh(const std::string& command) {
  if (std::system(command.c_str()) != 0) {
    std::fprintf(stderr, "failed: %s\n", command.c_str());
    std::exit(2);
  }
}

void write_tree(const fs::path& root, int files, const std::string& body) {
  for (int i = 0; i < files; ++i) {
    const fs::path folder = root / ("part" + std::to_string(i % 20));
    fs::create_directories(folder);
    std::ofstream out(folder / ("file" + std::to_string(i) + (i % 2 == 0 ? ".cpp" : ".h")));  // what others build on is read in headers
    for (int k = 0; k < 60; ++k) out << "int function" << k << "(int a, int b) {\n  if (a < b) return a" << (k % 6 == 0 ? body : "") << ";\n  return b;\n}\n\n";
  }
  sh("cd " + root.string() + " && git add -A && git -c user.name=a -c user.email=a@b commit -qm work");
}

std::string described(const baton::Store& store, const std::string& base, const std::string& head) {
  baton::DescriptionFacts facts;
  facts.plan.title = "Change many files";
  facts.commit = std::string(40, 'c');
  facts.report.base.commit = base;
  facts.report.head.tree = store.tree_of(head).value();
  const std::string old_tree = store.tree_of(base).value();
  facts.changes = store.changes(old_tree, facts.report.head.tree).value();
  facts.symbols = baton::changed_symbols(store, old_tree, facts.report.head.tree, facts.changes);
  return baton::pull_request_body({"T", "## Summary\n", baton::describe(facts) + baton::risk_section(facts.changes, baton::lost_api(store, old_tree, facts.report.head.tree, facts.changes)), 30'000});
}

}  // namespace

int main(int argc, char** argv) {
  const int files = argc > 1 ? std::atoi(argv[1]) : 200;
  const auto temporary = baton::TemporaryFolder::make(fs::temp_directory_path(), "baton-bench-").value();
  const fs::path& folder = temporary.path();
  sh("git init -q " + folder.string());
  write_tree(folder, files, "");
  write_tree(folder, files, " + 1");
  std::vector<double> times;
  for (int round = 0; round < 5; ++round) {
    const auto start = std::chrono::steady_clock::now();
    const auto store = baton::Store::open(baton::open_repository(folder).value()).value();
    const std::string text = described(store, store.resolve_commit("HEAD~1").value(), store.resolve_commit("HEAD").value());
    times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    if (text.find("part0/file0.cpp") == text.npos) return 2;
  }
  // The slowest: a process remembers what changed between two trees.
  std::sort(times.begin(), times.end());
  std::printf("{\"figure\": \"description\", \"files\": %d, \"milliseconds\": %.1f, \"median\": %.1f, \"bar\": %.0f}\n", files, times[4], times[2], kBar);
  return times[4] > kBar;
}
