// Small pieces of sentences. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace baton {

inline std::string counted(std::size_t number, std::string_view one, std::string_view many) {
  return std::to_string(number) + " " + std::string(number == 1 ? one : many);
}

inline std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : std::string(between)) + part;
  return all;
}

}  // namespace baton
