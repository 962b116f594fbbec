// What decides which checks run and how strictly: CI files, scripts, settings of test runners, coverage, linters, type checkers
// and compilers. Read line by line, old against new. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/audit/audit.h"
#include "analyzers/audit/intent.h"

namespace baton::audit {

enum class SettingsKind { none, ci, script, package, build, runner, lint, snapshot };
SettingsKind settings_kind(std::string_view path);

struct SettingsFile {
  std::string_view path, old_path;
  std::optional<std::string_view> before, after;
};

// All of them together: what one file lost, another may have got.
std::vector<AuditFinding> compare_settings(const std::vector<SettingsFile>& files, const Intent& intent, bool program_changed, bool tests_removed);

}  // namespace baton::audit
