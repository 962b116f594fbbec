// Fixes counted in words, the same in a plan, a commit and a description: what is counted is always the fixes. Pure; any thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "orchestrator/agents/fix.h"

namespace baton {

struct FixCount {
  std::size_t fixes = 0;
  std::set<std::string> files;  // that they change
};

void add(FixCount& count, const Fix& fix);
// "clang-tidy: modernize-use-nullptr, 3 fixes"; a formatter's fixes are whole files: "prettier: 2 files".
std::string fixes_in_words(const std::string& tool, const std::string& check, const FixCount& count);
std::map<std::pair<std::string, std::string>, FixCount> by_check(const std::vector<Fix>& fixes);  // by tool and check

}  // namespace baton
