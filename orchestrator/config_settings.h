// The settings that `.baton/config.json` may have, in one table: it makes the checks, the JSON Schema and docs/configuration.md.
// Pure functions, any thread.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/finding.h"
#include "orchestrator/json_places.h"

namespace baton {

inline constexpr std::uint64_t kMaxConfig = 1u << 20;  // bytes of the user's own file

enum class SettingType {
  object,    // its members are settings of their own
  list,      // its elements are objects whose members are settings
  text,
  texts,     // a list of text
  command,   // text for `sh -c`, or a list of words that are run as they are
  commands,  // a list of them
  flag,
  seconds,   // more than 0
  number,    // not negative
  any,
};

struct Setting {
  std::string_view path;    // "gates[].kind"
  SettingType type;
  std::string_view values;  // for text: what it may be, separated by '|'; empty = anything
  bool required = false;    // within its object
  std::string_view says;    // for the documentation
};

const std::vector<Setting>& config_settings();

// The configuration without what is wrong in it. Each problem is a finding at its place in `text`; `path` names the file in them.
// `entries`: where the entries of its lists stand that are left, by the list's path.
using ConfigEntries = std::map<std::string, std::vector<JsonPlace>, std::less<>>;
nlohmann::json checked_config(std::string_view text, const std::string& path, std::vector<Finding>& problems, ConfigEntries* entries = nullptr);

}  // namespace baton
