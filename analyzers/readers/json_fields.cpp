#include "analyzers/readers/json_fields.h"

#include "analyzers/readers/text.h"

namespace baton {

const Json& field(const Json& object, std::string_view name) {
  static const Json kNull;
  const Json* const found = object.find(name);
  return found ? *found : kNull;
}

const Json& items(const Json& object, std::string_view name) {
  const Json& value = field(object, name);
  return value.is_array() ? value : Json::no_items();
}

namespace {

std::string_view view_of(const Json& value) { return value.is_string() || value.is_number_integer() ? value.text() : std::string_view(); }

}  // namespace

std::string text_of(const Json& value) { return std::string(view_of(value)); }

std::string text_field(const Json& object, std::string_view name) { return text_of(field(object, name)); }

std::string_view view_field(const Json& object, std::string_view name) { return view_of(field(object, name)); }

int int_of(const Json& value, int fallback) {
  if (!value.is_number()) return fallback;
  const double number = to_double(value.text());
  return number >= -1e9 && number <= 1e9 ? static_cast<int>(number) : fallback;
}

int int_field(const Json& object, std::string_view name, int fallback) { return int_of(field(object, name), fallback); }

double number_field(const Json& object, std::string_view name) {
  const Json& value = field(object, name);
  return value.is_number() ? to_double(value.text()) : 0;
}

bool flag(const Json& object, std::string_view name) { return field(object, name).boolean(); }

}  // namespace baton
