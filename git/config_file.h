// Values of git configuration files, read without git: safe before trust. Includes are followed as git does, which reads files
// and runs nothing. Values; any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/process.h"
#include "support/result.h"

namespace baton {

class ConfigFile {
 public:
  // A missing file is empty. An Error when it cannot be read or parsed.
  static Result<ConfigFile> read(const std::filesystem::path& path);

  // Of several values the last one, as git has it. Names in lower case but for the subsection: "core.worktree".
  std::optional<std::string> get(std::string_view name) const;
  bool get_bool(std::string_view name) const;  // false when absent or not a boolean
  const std::vector<std::pair<std::string, std::string>>& entries() const { return entries_; }

 private:
  std::vector<std::pair<std::string, std::string>> entries_;  // in file order
};

// The configuration that belongs to the user and the machine, not to a repository: those that exist, lowest rank first.
std::vector<std::filesystem::path> user_config_files(const Environment& env);

}  // namespace baton
