#include "analyzers/readers/severity.h"

#include <algorithm>
#include <array>
#include <utility>

#include "analyzers/readers/text.h"

namespace baton {
namespace {

constexpr std::array<std::pair<std::string_view, Severity>, 43> kWords = {{
    {"error", Severity::error},
    {"fatal error", Severity::error},
    {"fatal", Severity::error},
    {"err", Severity::error},
    {"e", Severity::error},
    {"f", Severity::error},
    {"failure", Severity::error},
    {"internal compiler error", Severity::error},
    {"sorry, unimplemented", Severity::error},
    {"critical", Severity::error},
    {"blocker", Severity::error},
    {"high", Severity::error},
    {"serious", Severity::error},
    {"syntax error", Severity::error},
    {"parse error", Severity::error},
    {"major", Severity::error},
    {"warning", Severity::warning},
    {"warn", Severity::warning},
    {"w", Severity::warning},
    {"medium", Severity::warning},
    {"moderate", Severity::warning},
    {"minor", Severity::warning},
    {"hint", Severity::info},
    {"info", Severity::info},
    {"information", Severity::info},
    {"informational", Severity::info},
    {"i", Severity::info},
    {"c", Severity::info},
    {"r", Severity::info},
    {"style", Severity::info},
    {"performance", Severity::info},
    {"portability", Severity::info},
    {"convention", Severity::info},
    {"refactor", Severity::info},
    {"suggestion", Severity::info},
    {"low", Severity::info},
    {"ignore", Severity::info},
    {"notice", Severity::info},
    {"debug", Severity::info},
    {"note", Severity::note},
    {"help", Severity::note},
    {"remark", Severity::note},
    {"none", Severity::note},
}};

}  // namespace

std::optional<Severity> severity_word(std::string_view word) {
  const std::string wanted = lower(trim(word));
  const auto found = std::find_if(kWords.begin(), kWords.end(), [&](const auto& pair) { return pair.first == wanted; });
  return found == kWords.end() ? std::nullopt : std::optional(found->second);
}

Severity severity_of(std::string_view word, Severity fallback) { return severity_word(word).value_or(fallback); }

}  // namespace baton
