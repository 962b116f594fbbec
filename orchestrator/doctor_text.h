// What `baton doctor` says: the gates that were found, from where, what is missing and the line that would mend it. Pure; any
// thread.
#pragma once

#include <string>

#include "orchestrator/engine.h"
#include "orchestrator/report_text.h"

namespace baton {

std::string doctor_text(const DoctorReport& report, const TextStyle& style);

// A gate's command as a person would type it at the root: "." for the checkout, quoted where a shell needs it.
std::string command_line(const Gate& gate);

}  // namespace baton
