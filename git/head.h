// HEAD of a work tree as its files say it (loose and packed references; a reftable repository is asked through git).
// Safe before trust. Values; any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "support/result.h"

namespace baton {

struct Head {
  std::optional<std::string> commit;  // absent before the first commit
  std::string branch;                 // empty when detached
};

Result<Head> read_head(const std::filesystem::path& git_dir, const std::filesystem::path& common_dir);

// 40 or 64 lower-case hexadecimal digits.
bool is_object_id(std::string_view text);

}  // namespace baton
