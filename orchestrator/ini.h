// INI files as Python's tools write them (setup.cfg, tox.ini, mypy.ini): sections, keys, values over several indented lines.
// Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace baton {

std::vector<std::string> ini_sections(std::string_view text);  // names, in order
bool has_ini_section(std::string_view text, std::string_view section);
// The lines of a value, without comments; empty when there is no such key.
std::vector<std::string> ini_list(std::string_view text, const std::string& section, const std::string& key);

}  // namespace baton
