// Three versions of one file's text, merged line by line as git merges them. Bytes in, bytes out, whatever the encoding. Pure; any
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace baton {

// Absent where both sides changed the same lines.
std::optional<std::string> merge_lines(std::string_view base, std::string_view ours, std::string_view theirs);

}  // namespace baton
