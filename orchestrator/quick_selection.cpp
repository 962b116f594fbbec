#include "orchestrator/quick_selection.h"

#include <re2/re2.h>

#include <algorithm>
#include <optional>
#include <set>

#include "orchestrator/gate_run.h"
#include "orchestrator/retries.h"

namespace baton {
namespace {

constexpr std::size_t kMaxFiles = 50;  // on one command line

using Files = std::vector<std::string>;

// The changed files as the gate's command names them; absent when one is gone, lies elsewhere, or would read as an option.
std::optional<Files> changed_files(const Gate& gate, const std::vector<FileChange>& changes) {
  Files files;
  const std::string below = gate.cwd.empty() ? "" : gate.cwd + "/";
  for (const FileChange& change : changes) {
    const bool there = change.kind == ChangeKind::added || change.kind == ChangeKind::modified;
    if (!there || !change.path.starts_with(below)) return std::nullopt;
    files.push_back(change.path.substr(below.size()));
    if (files.back().starts_with('-')) return std::nullopt;
  }
  if (files.empty() || files.size() > kMaxFiles) return std::nullopt;
  return files;
}

bool all_match(const Files& files, const RE2& pattern) {
  return std::all_of(files.begin(), files.end(), [&](const std::string& file) { return RE2::PartialMatch(file, pattern); });
}

std::string counted_files(const Files& files, const char* kind) {
  return std::to_string(files.size()) + " changed " + kind + (files.size() == 1 ? "" : "s");
}

QuickRun with_command(const Gate& gate, std::vector<std::string> argv, std::string what) {
  QuickRun run{gate, std::move(what), true};
  run.gate.argv = std::move(argv);
  return run;
}

std::optional<QuickRun> pytest(const Gate& gate, const Files& files) {
  static const RE2 kTestFile(R"((^|/)(test_[^/]*|[^/]*_test)\.py$)");
  if (gate.select_argv.empty() || !all_match(files, kTestFile)) return std::nullopt;
  return with_command(gate, select_command(gate, files), counted_files(files, "test file"));
}

// A module that is part of the import graph; set-up files and configuration work on tests that do not import them.
bool all_are_modules(const Files& files) {
  static const RE2 kModule(R"(\.[cm]?[jt]sx?$)");
  static const RE2 kOutside(R"((?i)((^|/)[^/]*(setup|config|globals?|mock)[^/]*$|(^|/)__mocks__/|\.d\.[cm]?ts$|(^|/)\.))");
  return all_match(files, kModule) && std::none_of(files.begin(), files.end(), [](const std::string& file) {
           return RE2::PartialMatch(file, kOutside);
         });
}

bool hands_on(const Gate& gate) { return std::find(gate.argv.begin(), gate.argv.end(), "--") != gate.argv.end(); }

std::optional<QuickRun> jest(const Gate& gate, const Files& files) {
  if (hands_on(gate) || !all_are_modules(files)) return std::nullopt;
  std::vector<std::string> argv = gate.argv;
  argv.emplace_back("--findRelatedTests");
  argv.insert(argv.end(), files.begin(), files.end());
  return with_command(gate, std::move(argv), "the tests that " + counted_files(files, "file") + " can reach");
}

std::optional<QuickRun> vitest(const Gate& gate, const Files& files) {
  if (hands_on(gate) || !all_are_modules(files)) return std::nullopt;
  std::vector<std::string> argv = gate.argv;
  const auto at = std::find(argv.begin(), argv.end(), "run");
  if (at == argv.end() || at == argv.begin() || std::prev(at)->find("vitest") == std::string::npos) return std::nullopt;
  *at = "related";
  argv.emplace_back("--run");
  argv.insert(argv.end(), files.begin(), files.end());
  return with_command(gate, std::move(argv), "the tests that " + counted_files(files, "file") + " can reach");
}

std::optional<QuickRun> cargo(const Gate& gate, const Files& files) {
  static const RE2 kTestFile(R"(^tests/([^/]+)\.rs$)");
  if (hands_on(gate) || !all_match(files, kTestFile)) return std::nullopt;
  std::vector<std::string> argv = gate.argv;
  for (const std::string& file : files) {
    std::string name;
    RE2::FullMatch(file, kTestFile, &name);
    argv.insert(argv.end(), {"--test", name});
  }
  return with_command(gate, std::move(argv), counted_files(files, "test file"));
}

std::optional<QuickRun> reached(const Gate& gate, const std::vector<FileChange>& changes) {
  const auto files = changed_files(gate, changes);
  if (!files) return std::nullopt;
  if (gate.parser == "pytest") return pytest(gate, *files);
  if (gate.parser == "jest") return jest(gate, *files);
  if (gate.parser == "vitest") return vitest(gate, *files);
  if (gate.parser == "cargo-test" || gate.parser == "cargo") return cargo(gate, *files);
  return std::nullopt;
}

}  // namespace

Tries only_named(Tries base, const Tries& head) {
  std::set<std::string> named;
  for (const Try& one : head) {
    if (!one.diagnosis.tests) continue;
    for (const TestCase& test : one.diagnosis.tests->cases) named.insert(test.id);
  }
  for (Try& one : base) {
    if (!one.diagnosis.tests) continue;
    TestReport& tests = *one.diagnosis.tests;
    std::erase_if(tests.cases, [&](const TestCase& test) { return !named.count(test.id); });
    const auto count = [&](CaseStatus status) {
      return static_cast<int>(std::count_if(tests.cases.begin(), tests.cases.end(),
                                            [&](const TestCase& test) { return test.status == status; }));
    };
    tests.total = static_cast<int>(tests.cases.size());
    tests.passed = count(CaseStatus::passed);
    tests.failed = count(CaseStatus::failed);
    tests.skipped = count(CaseStatus::skipped);
  }
  return base;
}

std::vector<QuickRun> quick_runs(const Gate& gate, const std::vector<FileChange>& changes, const std::vector<std::string>& failed) {
  std::vector<QuickRun> runs;
  if (gate.kind != GateKind::test) return runs;
  if (!gate.select_argv.empty() && !failed.empty() && failed.size() <= kMaxSelected) {
    QuickRun again = with_command(gate, select_command(gate, failed), "the tests that failed the last time");
    again.enough = false;
    runs.push_back(std::move(again));
  }
  if (auto some = reached(gate, changes)) runs.push_back(std::move(*some));
  return runs;
}

}  // namespace baton
