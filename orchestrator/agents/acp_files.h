// `fs/read_text_file` and `fs/write_text_file` of the Agent Client Protocol, for agents that are offered them. The kernel is told to
// stay below the work tree, so that a link that is planted between a look and a write leads nowhere. Blocks; any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "support/result.h"

namespace baton {

// `relative` is below `tree`. Lines count from 1.
Result<std::string> read_in_tree(const std::filesystem::path& tree, const std::filesystem::path& relative, std::optional<std::int64_t> line, std::optional<std::int64_t> limit);
Status write_in_tree(const std::filesystem::path& tree, const std::filesystem::path& relative, std::string_view text);

}  // namespace baton
