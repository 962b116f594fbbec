#include "orchestrator/forge/adapters.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

namespace baton {

using nlohmann::json;

std::unique_ptr<Forge> open_forge(const ForgePlace& place, ForgeLine& line) { return place.kind == ForgeKind::gitlab ? open_lab(place, line) : open_hub(place, line); }

std::string repository_key(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

const json& member(const json& object, const char* name) {
  static const json kNothing;
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found == object.end() ? kNothing : *found;
}

std::string text_in(const json& object, const char* name) {
  const json& value = member(object, name);
  return value.is_string() ? value.get<std::string>() : "";
}

std::int64_t number_in(const json& object, const char* name) {
  const json& value = member(object, name);
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

Added added(const Status& status, const std::vector<std::string>& names) { return status ? Added{names, {}} : Added{{}, {status.error()}}; }

std::string first_line(const std::string& text, std::size_t max_bytes) {
  std::string line = text.substr(0, text.find('\n'));
  if (line.size() <= max_bytes) return line;
  while (max_bytes > 0 && (static_cast<unsigned char>(line[max_bytes]) & 0xC0) == 0x80) --max_bytes;
  line.resize(max_bytes);
  return line;
}

}  // namespace baton
