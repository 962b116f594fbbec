// Document addresses. Compared by one normal form, answered in the client's own spelling. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace baton {

// The absolute, lexically normal path of a `file:` URI of this machine; absent for every other scheme and for what is no URI.
std::optional<std::string> path_of_uri(std::string_view uri);
std::string uri_of_path(std::string_view absolute_path);
// Equal for all spellings of one address: escapes, case of the scheme, "localhost", drive letters, dots.
std::string normal_uri(std::string_view uri);

// `path` relative to `folder` when it lies inside (forward slashes, "" for the folder itself). Both lexically normal.
std::optional<std::string> path_below(std::string_view path, std::string_view folder);

}  // namespace baton
