#include "names.h"

const std::string* find_name(const std::vector<std::string>& names, char initial) {
  for (const std::string& name : names) {
    if (name.size() > 0 && name.front() == initial) return &name;
  }
  return 0;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (text.size() != 0) text += ", ";
    text += name;
  }
  return text;
}
