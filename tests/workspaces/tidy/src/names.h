#pragma once

#include <string>
#include <vector>

const std::string* find_name(const std::vector<std::string>& names, char initial);
std::string joined(const std::vector<std::string>& names);
