// Where the values of a JSON text stand, for findings on their line. The text must have been parsed before, so that its depth is
// bounded. Lines and columns are 1-based, columns in UTF-16 units. Any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

struct JsonPlace {
  int line = 1, column = 1;
};

struct JsonPlaces {
  std::map<std::string, JsonPlace> values;  // by JSON pointer: members at their key, elements at their value, "" the document
  std::vector<std::string> repeated;        // pointers of members that are given more than once
};

JsonPlaces find_json_places(std::string_view text);

}  // namespace baton
