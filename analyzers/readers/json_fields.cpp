#include "analyzers/readers/json_fields.h"

#include <nlohmann/json.hpp>

namespace baton {

const Json& field(const Json& object, const char* name) {
  static const Json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(name);
  return found == object.end() ? kNull : *found;
}

const Json& items(const Json& object, const char* name) {
  static const Json kEmpty = Json::array();
  const Json& value = field(object, name);
  return value.is_array() ? value : kEmpty;
}

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return std::to_string(value.get<long long>());
  return {};
}

std::string text_field(const Json& object, const char* name) { return text_of(field(object, name)); }

int int_of(const Json& value, int fallback) {
  if (!value.is_number()) return fallback;
  const double number = value.get<double>();
  return number >= -1e9 && number <= 1e9 ? static_cast<int>(number) : fallback;
}

int int_field(const Json& object, const char* name, int fallback) { return int_of(field(object, name), fallback); }

double number_field(const Json& object, const char* name) {
  const Json& value = field(object, name);
  return value.is_number() ? value.get<double>() : 0;
}

bool flag(const Json& object, const char* name) {
  const Json& value = field(object, name);
  return value.is_boolean() && value.get<bool>();
}

}  // namespace baton
