// Runs the base's tests on the new code: the result with them put back (put_back.h), in a checkout like those of the verification, by the
// test gates that passed. What fails fails in each of three tries before it counts (base_tests.h decides). Files that do not load
// with the new code stay as the change has them, so that the others are asked. Blocks.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "orchestrator/base_tests.h"
#include "orchestrator/side_runner.h"
#include "orchestrator/tests_of_tree.h"
#include "orchestrator/verify_report.h"

namespace baton {

struct BaseTestsGround {
  Store& store;
  Judged base, head;
  const std::vector<FileChange>& changes;
  TextOf base_text, head_text;
  SideRunner& on_base;  // whose gates have run
  SideRunner& on_head;
  std::vector<Gate> gates;             // of tests, that passed
  std::set<std::string> scripts;       // that they run
  TestsOfTree& tests;                  // of the base
  std::function<bool(const std::string& path)> collects, runs_examples;  // the base's runners do, by their settings or by what they told
  std::function<std::unique_ptr<SideRunner>(const std::string& name, const Judged& judged)> side;
  std::function<std::string(const GateRun& run)> log_of;
  std::function<Status(const Gate& gate, SideRunner& side)> keep;  // into the journal, so that it serves again
  bool fresh = false;
  std::stop_token stop;
};

struct BaseTestsDone {
  BaseTests told;                        // for the report
  std::vector<FailingBaseTest> failing;
  std::vector<FailingBaseTest> unasked;  // of the base's tests, that the new code cannot be asked
  PutBack back;                          // of the last tree
  std::vector<std::string> notes;
  bool of_the_moment = false;            // the environment or the clock kept a run from its end
};

inline constexpr const char* kBaseTestsSide = "base-tests";

// Empty `told.trees`: nothing had to be run. `seconds` grows by what ran.
Result<BaseTestsDone> run_base_tests(const BaseTestsGround& ground, double& seconds);

}  // namespace baton
