#include "analyzers/audit/comparison.h"

#include <algorithm>

#include "analyzers/audit/code_text.h"

namespace baton::audit {
namespace {

constexpr std::size_t kMaxHunkLines = 12;

}  // namespace

bool holds(const Entry& entry) {
  return std::any_of(entry.checks.begin(), entry.checks.end(), [](const Check& check) { return check.strength > 0; });
}

std::string short_text(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (c == '\n' || c == '\t') line += line.ends_with(' ') ? "" : " ";
    else if (c != ' ' || !line.ends_with(' ')) line += c;
    if (line.size() >= 120) return line + "…";
  }
  return line;
}

const char* const kEnvironment =
    "(?i)(\\bCI\\b|GITHUB_ACTIONS|BATON|TRAVIS|GITLAB|JENKINS|BUILDKITE|CIRCLECI|TEAMCITY|APPVEYOR|AGENT)";
bool asks_the_environment(std::string_view condition) {
  static const RE2 kReads("(?i)(environ|getenv|process\\.env|env::var|System\\.getenv|LookupEnv|Getenv|isCI\\b|is_ci\\b|\\bENV(\\[|\\.fetch)|GetEnvironmentVariable|get_env|Platform\\.environment|\\$\\{?(CI|GITHUB_ACTIONS|BATON)\\b)"), kNames(kEnvironment);
  return (matches(condition, kReads) && matches(condition, kNames)) || condition.find("isCI") != condition.npos || condition.find("is_ci") != condition.npos || condition == "CI";
}

void Comparison::put_lines(std::string& out, std::string_view text, int first, int last, char sign) {
  if (first <= 0) return;
  const auto lines = lines_of(text);
  std::size_t count = 0;
  for (int line = first; line <= last && line <= static_cast<int>(lines.size()); ++line) {
    if (++count > kMaxHunkLines) {
      out += std::string(1, sign) + "…\n";
      return;
    }
    out += std::string(1, sign) + std::string(lines[static_cast<std::size_t>(line) - 1]) + "\n";
  }
}

std::string Comparison::hunk(std::string_view base, int from, int to, std::string_view head, int head_from, int head_to) {
  std::string text;
  put_lines(text, base, from, to, '-');
  put_lines(text, head, head_from, head_to, '+');
  return text;
}

void Comparison::report(const char* kind, bool escalates, const Entry& head, const Check& is, const Entry* base, const Check* was, std::string message) {
  // The value of a name is told once, wherever it is used.
  if (was && !was->named.empty() && was->named == is.named && was->text == is.text && !told_.insert(was->named.substr(was->named.find_last_of(".:") + 1)).second) return;
  AuditFinding finding;
  finding.path = files_[head.file].head.path;
  finding.line = is.line;
  finding.kind = kind;
  finding.escalates = escalates;
  finding.message = std::move(message);
  finding.hunk = hunk(base ? files_[base->file].base_text : std::string_view(), was ? was->line : 0, was ? was->end_line : 0, files_[head.file].head_text, is.line, is.end_line);
  finish(std::move(finding));
}

void Comparison::finish(AuditFinding finding) {
  finding.severity = finding.escalates ? Severity::warning : Severity::note;
  findings_.push_back(std::move(finding));
}

}  // namespace baton::audit
