// A diagnosis as `baton diagnose` prints it. Any thread.
#pragma once

#include <string>

#include "analyzers/diagnose.h"

namespace baton {

// One line of JSON: {"verdict","cause","diagnostics":[{"path","line","col","severity","message","code"}],
// "tests":{total,passed,failed,skipped,failed_names}|null}; what is absent is null,
// the verdict too where neither an exit status nor the output tells.
std::string diagnosis_to_json(const Diagnosis& diagnosis);

}  // namespace baton
