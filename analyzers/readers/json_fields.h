// Fields of foreign JSON, read without ever throwing: a missing or mistyped one is a default. Pure, any thread; references
// live as long as their document.
#pragma once

#include <string>
#include <string_view>

#include "analyzers/readers/json_value.h"

namespace baton {

const Json& field(const Json& object, std::string_view name);  // null when missing
const Json& items(const Json& object, std::string_view name);  // an array's elements, or an empty array

std::string text_of(const Json& value);  // of a string or an integer
std::string text_field(const Json& object, std::string_view name);
std::string_view view_field(const Json& object, std::string_view name);  // the same, as long as the document

int int_of(const Json& value, int fallback = 0);  // beyond ±1e9: the fallback
int int_field(const Json& object, std::string_view name, int fallback = 0);

double number_field(const Json& object, std::string_view name);
bool flag(const Json& object, std::string_view name);

}  // namespace baton
