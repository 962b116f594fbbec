// An automatic fix as the tool that found it proposes it: a finding and the edits that mend it. Fixes are kept apart, so that a
// result can hold any part of them: what breaks something is left out alone. Plain data; any thread.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "git/store.h"
#include "support/result.h"

namespace baton {

struct FixEdit {
  std::string path;                // relative to the root
  std::size_t offset = 0;          // bytes, in the file as it is in the commit that the tool looked at
  std::size_t length = 0;          // bytes that `text` takes the place of
  std::string text;
  bool operator==(const FixEdit&) const = default;
};

struct Fix {
  std::string id;                  // stable within the task: tool, check, place
  std::string tool, check;         // "clang-tidy", "modernize-use-nullptr"
  std::string path;                // of the finding
  int line = 0;                    // 1-based
  std::string message;
  std::vector<FixEdit> edits;      // apply together or not at all
  bool operator==(const Fix&) const = default;
};

struct FixedTree {
  std::string tree;
  std::vector<std::string> overlapping;  // ids of fixes that were not applied: an earlier one edits the same bytes
};

// The tree of `commit` with the fixes, in their order. Edits of the same bytes by the same text count once. Blocks; pool threads.
Result<FixedTree> apply_fixes(Store& store, std::string_view commit, const std::vector<Fix>& fixes, std::stop_token stop = {});

nlohmann::json to_json(const Fix& fix);
Result<Fix> fix_from_json(const nlohmann::json& json);

}  // namespace baton
