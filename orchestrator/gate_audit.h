// What decides what a gate runs, besides its code: scripts, runner configuration, CTest lines. A change of it is shown, never
// judged: adding a test is honest, and so is most of the rest. Pure but for the readers handed in; any thread.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "git/store.h"
#include "orchestrator/finding_match.h"
#include "orchestrator/verification_plan.h"

namespace baton {

std::vector<AuditFinding> audit_gates(const VerificationPlan& plan, const TextReader& base_text, const TextReader& head_text);

// The lines of a file that decide what a runner does: all of a runner's own configuration file, of a shared one (package.json,
// pyproject.toml, CMakeLists.txt, Makefile) only what concerns tests and checks.
std::vector<std::string> deciding_lines(std::string_view path, std::string_view text);

// Scripts that the gates' commands run, or that what decides about them names: they are tests, though they lie among the program.
std::set<std::string> scripts_of_tests(const std::vector<Gate>& gates, const TextReader& base_text, const std::vector<FileChange>& changes);

}  // namespace baton
