#include "analyzers/audit/native_set_up.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/pattern.h"
#include "analyzers/audit/test_file.h"

namespace baton::audit {
namespace {

re2::StringPiece text_piece(std::string_view text) { return {text.data(), text.size()}; }

bool is_native(std::string_view path) { return language_of(path) == Language::c || language_of(path) == Language::cpp; }

struct ExternSet {
  std::string value;  // normalised
  int line = 0;
};

// `extern int rate;` and `(rate = 118)`, by its name.
std::map<std::string, ExternSet> externs_set(std::string_view text) {
  static const RE2 kExtern("\\bextern\\s+(?:\"C\"\\s+)?[\\w:<>*\\s]*?\\b(\\w+)\\s*;");
  std::map<std::string, ExternSet> found;
  re2::StringPiece declared = text_piece(text);
  for (std::string name; RE2::FindAndConsume(&declared, kExtern, &name);) {
    const RE2 sets("(?:^|[^\\w.>])(?:::)?" + name + "\\s*=\\s*([^=;,)}\\s][^;,)}]*)");
    re2::StringPiece left = text_piece(text), value;
    if (RE2::FindAndConsume(&left, sets, &value)) found[name] = {normalised({value.data(), value.size()}), line_at(text, static_cast<std::size_t>(value.data() - text.data()))};
  }
  return found;
}

// At the beginning of a line: what a function declares is another one.
std::optional<std::string> value_at_file_scope(std::string_view text, const std::string& name) {
  std::string value;
  const RE2 defined("(?m)^[A-Za-z_][\\w:<>* ]*[ *]" + name + "\\s*(?:=\\s*([^;]*)|\\{([^;]*)\\})?;");
  std::string braced;
  if (!RE2::PartialMatch(text_piece(text), defined, &value, &braced)) return std::nullopt;
  return normalised(value.empty() ? braced : value);
}

}  // namespace

std::vector<AuditFinding> audit_native_set_up(const std::vector<AuditedFile>& files) {
  std::vector<AuditFinding> findings;
  for (const AuditedFile& file : files) {
    const bool of_tests = file.part == AuditedPart::tests || is_of_tests(file.path);
    if (!is_native(file.path) || !of_tests || !file.after || file.before == file.after) continue;
    const auto before = externs_set(file.before.value_or(""));
    for (const auto& [name, set] : externs_set(*file.after)) {
      const auto was_set = before.find(name);
      if (was_set != before.end() && was_set->second.value == set.value) continue;
      const bool as_before = std::any_of(files.begin(), files.end(), [&, &variable = name, &to = set.value](const AuditedFile& program) {
        if (!is_native(program.path) || is_of_tests(program.path) || !program.before || !program.after) return false;
        const auto was = value_at_file_scope(*program.before, variable), is = value_at_file_scope(*program.after, variable);
        return was && is && was != is && *was == to;
      });
      if (!as_before) continue;
      AuditFinding finding{file.path, set.line, "subject_mocked", Severity::warning, "\"" + name + "\" of the program is set by the tests, to what it was before this change.", true};
      finding.hunk = "+" + std::string(lines_of(*file.after)[static_cast<std::size_t>(set.line) - 1]) + "\n";
      findings.push_back(std::move(finding));
    }
  }
  return findings;
}

}  // namespace baton::audit
