// The filters that the repository's own configuration defines (`filter.NAME.clean`, `.smudge`, `.process`). git runs
// them on our behalf when a snapshot is taken and a checkout is made, outside of any sandbox, and what they write is
// what is judged. Blocks; pool threads.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "git/repository.h"
#include "support/result.h"

namespace baton {

struct FilterCommand {
  std::string setting;  // "filter.lfs.smudge"
  std::string command;  // a shell's
};

// Those of the user's own and the system's configuration are the user's tools and are not among them. By name.
Result<std::vector<FilterCommand>> filters_of(const Repository& repository, std::stop_token stop = {});

}  // namespace baton
