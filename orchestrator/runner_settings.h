// Settings of runners of tests: files that nothing else reads, and their part of files that others read as well. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace baton {

bool is_runner_settings(std::string_view path);     // the whole file
bool names_runner_settings(std::string_view path);  // the whole file, or a part of it

// `head` with the parts of `base` in place of its own.
std::string with_runner_settings_of(std::string_view path, std::string_view base, std::string_view head);

}  // namespace baton
