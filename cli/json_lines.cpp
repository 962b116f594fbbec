#include "cli/json_lines.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/files.h"
#include "support/json.h"

namespace baton {
namespace {

constexpr std::uint64_t kMaxBatch = 256u << 20;

std::string listed(const std::vector<std::string>& texts) {
  std::string names = "\"id\"";
  for (const std::string& name : texts) names += (&name == &texts.back() ? " and \"" : ", \"") + name + "\"";
  return names;
}

}  // namespace

Status each_json_line(const std::string& file, const std::vector<std::string>& texts, const std::function<void(const nlohmann::json& object)>& take) {
  const auto text = read_file(file, kMaxBatch);
  if (!text) return Error{ErrorKind::usage, text.error().message};
  int number = 0;
  for (std::size_t begin = 0; begin < text->size();) {
    const std::size_t end = std::min(text->find('\n', begin), text->size());
    const std::string_view line = std::string_view(*text).substr(begin, end - begin);
    begin = end + 1;
    ++number;
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    const auto object = parse_json(line);
    const auto has = [&](const std::string& name) { return object->contains(name) && (*object)[name].is_string(); };
    if (!object || !object->is_object() || !object->contains("id") || !std::all_of(texts.begin(), texts.end(), has)) {
      return Error{ErrorKind::usage, file + ":" + std::to_string(number) + " is no task: each line is an object with " + listed(texts) + "."};
    }
    take(*object);
  }
  return done();
}

}  // namespace baton
