#include "orchestrator/cmake_options.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "orchestrator/discover_parts.h"

namespace baton {
namespace {

using Options = std::map<std::string, std::string>;

bool is_on(std::string value) {
  for (char& c : value) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return value == "ON" || value == "TRUE" || value == "YES" || value == "1";
}

bool is_off(std::string value) {
  for (char& c : value) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return value == "OFF" || value == "FALSE" || value == "NO" || value == "0";
}

Options options_of(const ToolCall& call) {
  static const RE2 kOption(R"(([A-Za-z_][A-Za-z0-9_]*)(?::[A-Z]+)?=(.*))");
  Options options;
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    std::string text = call.arguments[i].text, name, value;
    if (text == "-D" && i + 1 < call.arguments.size()) text = call.arguments[++i].text;
    else if (text.starts_with("-D")) text = text.substr(2);
    else continue;
    if (RE2::FullMatch(text, kOption, &name, &value)) options[name] = value;
  }
  return options;
}

}  // namespace

Options cmake_options_of_ci(const std::vector<ToolCall>& calls, const std::string& folder, const std::function<bool(const std::string&)>& is_own) {
  static const RE2 kTests(R"((?i)TEST)");
  std::optional<Options> common;
  for (const ToolCall& call : calls) {
    if (call.origin != CallOrigin::ci || call.program != "cmake" || has_option(call.arguments, "--build") || has_option(call.arguments, "--install") ||
        has_option(call.arguments, "--preset") || has_option(call.arguments, "-E") || has_option(call.arguments, "-P")) {
      continue;
    }
    if (call.cwd != folder && folder_of(call.cwd) != folder) continue;
    const bool tests = std::any_of(calls.begin(), calls.end(), [&](const ToolCall& other) {
      return other.source == call.source && other.scope == call.scope && other.origin == CallOrigin::ci &&
             (other.program == "ctest" || std::any_of(other.arguments.begin(), other.arguments.end(), [](const ShellWord& word) { return word.text == "test" || word.text == "check"; }));
    });
    if (!tests) continue;
    Options kept;
    for (const auto& [name, value] : options_of(call)) {
      const bool own = is_own(name);
      const bool about_tests = RE2::PartialMatch(name, kTests);
      if (own && ((about_tests && is_on(value)) || (!about_tests && is_off(value)))) kept[name] = is_on(value) ? "ON" : "OFF";
    }
    if (!common) {
      common = std::move(kept);
    } else {
      std::erase_if(*common, [&](const auto& entry) { return !kept.contains(entry.first) || kept[entry.first] != entry.second; });
    }
  }
  return common.value_or(Options{});
}

}  // namespace baton
