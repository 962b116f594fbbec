#include "orchestrator/front_matter.h"

#include <nlohmann/json.hpp>

#include "orchestrator/yaml.h"

namespace baton {

using nlohmann::json;

Result<FrontMatter> read_front_matter(std::string_view markdown) {
  if (markdown.starts_with("\xef\xbb\xbf")) markdown.remove_prefix(3);
  FrontMatter read{std::make_shared<const json>(json::object()), ""};
  const bool begins = markdown.starts_with("---\n") || markdown.starts_with("---\r\n");
  if (!begins) {
    read.text = markdown;
    return read;
  }
  const std::size_t first = markdown.find('\n') + 1;
  const auto end = markdown.find("\n---", first - 1);
  if (end == markdown.npos) return Error{ErrorKind::usage, "The front matter has no end: close it with a line of `---`."};
  const std::string_view head = markdown.substr(first, end + 1 > first ? end + 1 - first : 0);
  read.text = markdown.substr(end + 4);  // with the end of that line
  if (head.find_first_not_of(" \t\r\n") == head.npos) return read;
  auto front = parse_yaml(head);
  if (!front || !front->is_object()) return Error{ErrorKind::usage, "The front matter is no YAML of names and values" + (front ? std::string(".") : ": " + front.error().message)};
  read.fields = std::make_shared<const json>(std::move(*front));
  return read;
}

}  // namespace baton
