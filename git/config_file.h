// Git configuration files read by ourselves: safe before trust, where a file may be written to harm (libgit2 would wait
// for ever on an include that names a pipe). Values; any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/process.h"
#include "support/result.h"

namespace baton {

class ConfigFile {
 public:
  // A missing file is empty. An Error when it cannot be read or parsed. Includes are not followed: git does not follow
  // them either for what makes a repository.
  static Result<ConfigFile> read(const std::filesystem::path& path);
  static Result<ConfigFile> parse(std::string_view text);
  // What belongs to the user and the machine, not to a repository, `include.path` followed; what cannot be read is left
  // out.
  static ConfigFile of_user(const Environment& env);

  // Of several values the last one, as git has it. Section and key are in lower case: "core.worktree".
  std::optional<std::string> get(std::string_view name) const;
  bool get_bool(std::string_view name) const;  // false when absent or not a boolean
  const std::vector<std::pair<std::string, std::string>>& entries() const { return entries_; }  // in file order

 private:
  void add_user_file(const std::filesystem::path& path, const std::string& home, int depth);

  std::vector<std::pair<std::string, std::string>> entries_;
};

}  // namespace baton
