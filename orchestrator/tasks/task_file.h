// A task as a file: Markdown with YAML front matter (`workflow`, `pattern`, `agent`, `land`), as in `.baton/tasks/*.md`. Any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "support/result.h"

namespace baton {

struct TaskFile {
  std::string text;  // without the front matter
  std::string workflow, pattern, agent, land;  // empty: not said
};

Result<TaskFile> task_file(std::string_view text);
Result<TaskFile> read_task_file(const std::filesystem::path& path);  // blocks

}  // namespace baton
