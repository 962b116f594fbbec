// A verification as a page that a person reads in any editor: what was judged, gate by gate, with the place of every log.
// Markdown. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "orchestrator/verify_report.h"

namespace baton {

std::string evidence_page(const VerifyReport& report);

// The line, from 1, where a log or page says most about a test or message; 1 when it says nothing. `needles`: first found wins.
int line_about(std::string_view text, const std::vector<std::string>& needles);
// The same about a finding of a tool: the line that says most of its message, its file and its line in it, however the tool prints them.
struct FindingPlace {
  std::string path, message;
  int line = 0;
};
int line_about(std::string_view text, const FindingPlace& finding);
// What to look for about a test: its id, its last part, the first line of its message.
std::vector<std::string> needles_of(std::string_view test, std::string_view message);

}  // namespace baton
