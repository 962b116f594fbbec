#include "analyzers/audit/given_values.h"

#include <algorithm>
#include <string>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/line_changes.h"
#include "analyzers/audit/pattern.h"
#include "analyzers/audit/settings.h"
#include "analyzers/audit/test_file.h"

namespace baton::audit {
namespace {

// How the lines of such a file give a variable; null: it gives none.
const RE2* giving(std::string_view path) {
  static const RE2 kMake("(?i)(^|/)(GNU)?makefile$|\\.mk$"), kCargo("(^|/)\\.cargo/config(\\.toml)?$"), kPackage("(^|/)package\\.json$");
  static const RE2 kEnvFile("^(?:export\\s+)?([A-Za-z_]\\w*)\\s*="), kExport("^export\\s+([A-Za-z_]\\w*)\\s*[:?]*="), kVariable("^\"?([A-Z_][A-Z0-9_]*)\"?(?:\\.value)?\\s*="), kScript("\"[\\w:-]*test[\\w:-]*\"\\s*:\\s*\"(?:[^\"]*\\s)?([A-Z_][A-Z0-9_]*)=");
  if (is_environment_of_tests(path)) return &kEnvFile;
  if (matches(path, kMake)) return &kExport;
  if (matches(path, kCargo)) return &kVariable;
  return matches(path, kPackage) ? &kScript : nullptr;
}

bool is_program(const AuditedFile& file) {
  static const RE2 kShell("\\.(sh|bash)$");
  const bool of_tests = file.part != AuditedPart::by_name || is_test_path(file.path);
  return file.after && !of_tests && !giving(file.path) && (matches(file.path, kShell) || settings_kind(file.path) == SettingsKind::none);
}

std::string_view before_of(const AuditedFile& file) { return file.before ? std::string_view(*file.before) : std::string_view(); }

bool asks_anew(const AuditedFile& file, const std::string& name) {
  const RE2 word("\\b" + RE2::QuoteMeta(name) + "\\b");
  return is_program(file) && file.before != file.after && matches(*file.after, word) && !matches(before_of(file), word);
}

}  // namespace

bool is_environment_of_tests(std::string_view path) {
  static const RE2 kName("(^|/)\\.env\\.(test|testing|ci)(\\.local)?$");
  return matches(path, kName);
}

std::vector<AuditFinding> audit_given_values(const std::vector<AuditedFile>& files) {
  std::vector<AuditFinding> findings;
  for (const AuditedFile& file : files) {
    const RE2* pattern = file.after && file.before != file.after ? giving(file.path) : nullptr;
    if (!pattern) continue;
    for (const ChangedLine& line : line_changes(before_of(file), *file.after).fresh) {
      std::string name;
      if (!RE2::PartialMatch(re2::StringPiece(line.text.data(), line.text.size()), *pattern, &name) || before_of(file).find(name) != std::string_view::npos) continue;
      const auto asks = std::find_if(files.begin(), files.end(), [&](const AuditedFile& other) { return asks_anew(other, name); });
      if (asks == files.end()) continue;
      findings.push_back({file.path, line.line, "environment_read", Severity::note, "New code of " + asks->path + " asks for \"" + name + "\", which the change gives to the runs of this repository, its tests among them.", false, false, hunk_of({}, {line})});
    }
  }
  return findings;
}

}  // namespace baton::audit
