#include "orchestrator/json_fields.h"

#include <limits>
#include <nlohmann/json.hpp>

namespace baton {

using nlohmann::json;

Error JsonFields::error() const {
  return {ErrorKind::io, "This is not " + what_ + ": " + problem_ + "; it is damaged or of another version of Baton."};
}

void JsonFields::fail(std::string_view name, std::string_view wanted) {
  if (problem_.empty()) problem_ = "\"" + std::string(name) + "\" is not " + std::string(wanted);
}

const json* JsonFields::find(const json& object, const char* name) {
  if (!object.is_object()) {
    fail(name, "inside an object");
    return nullptr;
  }
  auto it = object.find(name);
  return it == object.end() || it->is_null() ? nullptr : &*it;
}

std::string JsonFields::text(const json& object, const char* name) {
  const json* value = find(object, name);
  if (value && !value->is_string()) fail(name, "a text");
  return value && value->is_string() ? value->get<std::string>() : std::string();
}

bool JsonFields::flag(const json& object, const char* name, bool absent) {
  const json* value = find(object, name);
  if (value && !value->is_boolean()) fail(name, "true or false");
  return value && value->is_boolean() ? value->get<bool>() : absent;
}

double JsonFields::number(const json& object, const char* name) {
  const json* value = find(object, name);
  if (value && !value->is_number()) fail(name, "a number");
  return value && value->is_number() ? value->get<double>() : 0.0;
}

std::int64_t JsonFields::big_integer(const json& object, const char* name) {
  const json* value = find(object, name);
  if (value && !value->is_number_integer()) fail(name, "a whole number");
  return value && value->is_number_integer() ? value->get<std::int64_t>() : 0;
}

std::optional<int> JsonFields::maybe_integer(const json& object, const char* name) {
  if (!find(object, name)) return std::nullopt;
  std::int64_t value = big_integer(object, name);
  if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max()) {
    fail(name, "a number of a possible size");
    return std::nullopt;
  }
  return static_cast<int>(value);
}

std::vector<std::string> JsonFields::texts(const json& object, const char* name) {
  std::vector<std::string> result;
  for (const json& item : list(object, name)) {
    if (item.is_string())
      result.push_back(item.get<std::string>());
    else
      fail(name, "a list of texts");
  }
  return result;
}

const json& JsonFields::list(const json& object, const char* name) {
  static const json kEmpty = json::array();
  const json* value = find(object, name);
  if (value && !value->is_array()) fail(name, "a list");
  return value && value->is_array() ? *value : kEmpty;
}

const json* JsonFields::object(const json& parent, const char* name) {
  const json* value = find(parent, name);
  if (value && !value->is_object()) fail(name, "an object");
  return value && value->is_object() ? value : nullptr;
}

}  // namespace baton
