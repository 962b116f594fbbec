#include "orchestrator/ini.h"

#include <algorithm>
#include <cctype>

namespace baton {

std::vector<std::string> ini_sections(std::string_view text) {
  std::vector<std::string> names;
  std::size_t start = 0;
  while (start < text.size()) {
    const auto end = std::min(text.find('\n', start), text.size());
    const std::string_view line = text.substr(start, end - start);
    start = end + 1;
    const auto close = line.find(']');
    if (line.starts_with('[') && close != line.npos) names.emplace_back(line.substr(1, close - 1));
  }
  return names;
}

bool has_ini_section(std::string_view text, std::string_view section) {
  const auto names = ini_sections(text);
  return std::find(names.begin(), names.end(), section) != names.end();
}

std::vector<std::string> ini_list(std::string_view text, const std::string& section, const std::string& key) {
  std::vector<std::string> items;
  std::string current;
  bool inside = false;
  std::size_t start = 0;
  while (start <= text.size()) {
    const auto end = std::min(text.find('\n', start), text.size());
    std::string line(text.substr(start, end - start));
    start = end + 1;
    if (const auto comment = line.find(" #"); comment != std::string::npos) line.resize(comment);
    while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back()))) line.pop_back();
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line[0] == '[') {
      current = line;
      inside = false;
      continue;
    }
    if (current != "[" + section + "]") continue;
    const bool continuation = std::isspace(static_cast<unsigned char>(line[0])) != 0;
    const auto first = line.find_first_not_of(" \t");
    std::string value = line.substr(first);
    if (!continuation) {
      const auto equals = line.find_first_of("=:");
      std::string name = line.substr(0, equals);
      while (!name.empty() && name.back() == ' ') name.pop_back();
      inside = equals != std::string::npos && name == key;
      if (!inside) continue;
      const auto begin = line.find_first_not_of(" \t", equals + 1);
      value = begin == std::string::npos ? "" : line.substr(begin);
    } else if (!inside) {
      continue;
    }
    if (!value.empty() && value[0] != '#') items.push_back(value);
  }
  return items;
}

}  // namespace baton
