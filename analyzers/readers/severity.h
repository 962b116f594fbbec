// One table from the words that tools use to the four severities.
#pragma once

#include <optional>
#include <string_view>

#include "analyzers/finding.h"

namespace baton {

// `word` in any case; absent when it is no severity.
std::optional<Severity> severity_word(std::string_view word);
Severity severity_of(std::string_view word, Severity fallback);

}  // namespace baton
