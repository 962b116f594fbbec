#include "orchestrator/tasks/task_file.h"

#include <nlohmann/json.hpp>

#include "orchestrator/front_matter.h"
#include "support/files.h"

namespace baton {
namespace {

constexpr std::uint64_t kMaxTask = 1u << 20;

}  // namespace

Result<TaskFile> task_file(std::string_view text) {
  auto read = read_front_matter(text);
  if (!read) return read.error();
  TaskFile file;
  file.text = std::move(read->text);
  const std::pair<const char*, std::string*> fields[] = {{"workflow", &file.workflow}, {"pattern", &file.pattern}, {"agent", &file.agent}, {"land", &file.land}};
  for (const auto& [name, value] : read->fields->items()) {
    bool known = name == "title";  // what other tools put there
    for (const auto& [field, place] : fields) {
      if (name != field) continue;
      known = true;
      if (value.is_string()) *place = value.get<std::string>();
    }
    if (!known) return Error{ErrorKind::usage, "The front matter names `" + name + "`; there are `workflow`, `pattern`, `agent` and `land`."};
  }
  return file;
}

Result<TaskFile> read_task_file(const std::filesystem::path& path) {
  const auto text = read_file(path, kMaxTask);
  if (!text) return Error{ErrorKind::usage, text.error().message};
  auto file = task_file(*text);
  if (!file) return Error{ErrorKind::usage, path.string() + ": " + file.error().message};
  return file;
}

}  // namespace baton
