// The records of a file of data: the elements of a list, the entries of a table, lines. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace baton::audit {

struct DataRecord {
  std::string text;   // in one form, whatever the blanks
  std::string asked;  // what is in it beside what is expected
  int line = 0;       // 0: not known
};

std::vector<DataRecord> records_of(std::string_view path, std::string_view text);

// A key that says what has to come out.
bool says_what_is_expected(std::string_view key);

}  // namespace baton::audit
