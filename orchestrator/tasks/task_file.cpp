#include "orchestrator/tasks/task_file.h"

#include <nlohmann/json.hpp>

#include "orchestrator/yaml.h"
#include "support/files.h"

namespace baton {
namespace {

constexpr std::uint64_t kMaxTask = 1u << 20;

}  // namespace

Result<TaskFile> task_file(std::string_view text) {
  TaskFile file;
  std::string_view head;
  if (text.starts_with("---\n")) {
    const auto end = text.find("\n---", 3);
    if (end == text.npos) return Error{ErrorKind::usage, "The front matter has no end: close it with a line of `---`."};
    head = text.substr(4, end - 3);
    text.remove_prefix(end + 4);
  }
  file.text = text;
  if (head.find_first_not_of(" \t\r\n") == head.npos) return file;
  const auto front = parse_yaml(head);
  if (!front || !front->is_object()) return Error{ErrorKind::usage, "The front matter is no YAML of names and values" + (front ? std::string(".") : ": " + front.error().message)};
  const std::pair<const char*, std::string*> fields[] = {{"workflow", &file.workflow}, {"pattern", &file.pattern}, {"agent", &file.agent}, {"land", &file.land}};
  for (const auto& [name, value] : front->items()) {
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
