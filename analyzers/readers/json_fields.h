// Fields of foreign JSON, read without ever throwing: a missing or mistyped one is a default. Pure, any thread; references
// live as long as their object.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace baton {

using Json = nlohmann::json;

const Json& field(const Json& object, const char* name);  // null when missing
const Json& items(const Json& object, const char* name);  // an array's elements, or an empty array

std::string text_of(const Json& value);  // of a string or an integer
std::string text_field(const Json& object, const char* name);

int int_of(const Json& value, int fallback = 0);  // beyond ±1e9: the fallback
int int_field(const Json& object, const char* name, int fallback = 0);

double number_field(const Json& object, const char* name);
bool flag(const Json& object, const char* name);

}  // namespace baton
