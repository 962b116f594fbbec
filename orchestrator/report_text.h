// A verification as a person reads it at a terminal: the verdict in one line, the gates, what got worse with its place, what
// was there before in a line, where the evidence lies and what to do next. Pure; any thread.
#pragma once

#include <string>

#include "orchestrator/verify_report.h"

namespace baton {

struct TextStyle {
  bool colour = false;
  int width = 80;        // columns
  bool verbose = false;  // lists what is otherwise counted
  std::string relative_to = {};  // absolute folder; logs below it are shown relative to it
};

std::string report_text(const VerifyReport& report, const TextStyle& style);

}  // namespace baton
