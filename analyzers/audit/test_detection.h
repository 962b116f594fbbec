// Code of the program that tells by its language's own means whether a test runs it: what is compiled for tests alone, the names of
// threads and callers, how the process was started. Pure; any thread.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "analyzers/syntax.h"

namespace baton::audit {

enum class Detects {
  nothing,
  start,  // how it was started, which may be meant
  tests,
};

// Of one line, in the light of those around it.
Detects detects_tests(Language language, const std::vector<std::string_view>& lines, std::size_t at, std::string_view text);

}  // namespace baton::audit
