// Runs what red → green rests on: the tests of the change on the base, with the change, and on the result without the program's
// part of it, each three times, in checkouts like those of the verification (red_green.h decides). Blocks.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "orchestrator/change_parts.h"
#include "orchestrator/red_green.h"
#include "orchestrator/side_runner.h"

namespace baton {

struct RedGreenGround {
  Store& store;
  Judged base, head;
  const std::vector<FileChange>& changes;
  TextOf base_text, head_text;
  SideRunner& on_head;  // whose gates have run
  std::function<std::unique_ptr<SideRunner>(const std::string& name, const Judged& judged)> side;
  std::stop_token stop;
};

// `named`: ids that a criterion names; empty: the new and changed tests, and those that the change mends. `seconds` grows by what ran.
Result<Reproduction> show_red_green(const RedGreenGround& ground, const std::vector<std::string>& named, const std::vector<TestVerdict>& tests, double& seconds);

}  // namespace baton
