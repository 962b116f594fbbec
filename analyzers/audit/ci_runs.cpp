#include "analyzers/audit/ci_runs.h"

#include <re2/re2.h>

#include <algorithm>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/line_changes.h"
#include "analyzers/audit/pattern.h"

namespace baton::audit {
namespace {

std::size_t margin_of(std::string_view line) {
  const auto at = line.find_first_not_of(' ');
  return at == line.npos ? line.size() : at;
}

// Whether the step or the job that this line belongs to runs a check.
bool of_a_check(const std::vector<std::string_view>& lines, std::size_t at, bool (*is_check)(std::string_view)) {
  const std::size_t margin = margin_of(lines[at]) + (trimmed(lines[at]).starts_with("- ") ? 2 : 0);
  const auto inside = [&](std::size_t i) { return trimmed(lines[i]).empty() || margin_of(lines[i]) >= margin; };
  const auto begins = [&](std::size_t i) { return margin >= 2 && margin_of(lines[i]) == margin - 2 && trimmed(lines[i]).starts_with("- "); };
  std::size_t first = at;
  while (first > 0 && !begins(first) && (inside(first - 1) || begins(first - 1))) --first;
  for (std::size_t i = first; i < lines.size() && (i <= at || inside(i)); ++i) {
    if (is_check(trimmed(lines[i]))) return true;
  }
  return false;
}

std::string_view triggers_of(std::string_view text) { return text.substr(0, std::min(text.find("\njobs:"), text.size())); }

}  // namespace

std::vector<UnaskedCheck> unasked_checks(std::string_view before, std::string_view after, bool (*is_check)(std::string_view)) {
  static const RE2 kWhere("^(- )?if:.*\\bgithub\\.(ref|ref_name|repository|repository_owner|actor|head_ref|base_ref|run_number|run_attempt)\\s*==|^(- )?if:.*==\\s*[\"']?github\\.(ref|repository|actor)"),
      kByItself("\\b(push|pull_request|pull_request_target|schedule|merge_group|workflow_call)\\b"), kNoPath("^paths-ignore:.*[\"']\\*\\*(/\\*+)?[\"']|^paths:\\s*\\[\\s*\\]"),
      kBranches("^branches:\\s*\\[(.*)\\]"), kMainLine("(?i)\\b(main|master|develop|dev|trunk|default|next|release\\S*|v?\\d\\S*)\\b|\\*|\\$"), kAnyEnd("^shell:\\s*[\"']?(ba|da|z)?sh \\{0\\}"), kBehind("[^&|>]&\\s*[\"']?$"), kNegated("^(- )?(run:\\s*)?[\"']?!\\s+\\S");
  std::vector<UnaskedCheck> found;
  const std::vector<std::string_view> lines = lines_of(after);
  const LineChanges changes = line_changes(before, after);
  const auto tell = [&](int line, const char* kind, const char* message) { found.push_back({line, kind, message}); };
  for (const ChangedLine& line : changes.fresh) {
    const auto at = static_cast<std::size_t>(line.line) - 1;
    const std::string_view text = line.text;
    std::string branches;
    if (text.starts_with("#") || at >= lines.size()) continue;
    if (matches(text, kWhere) && of_a_check(lines, at, is_check)) tell(line.line, "step_disabled", "A check runs in one place alone now");
    else if (matches(text, kNoPath)) tell(line.line, "step_disabled", "No change starts the workflow any more");
    else if (RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), kBranches, &branches) && !matches(branches, kMainLine)) tell(line.line, "step_disabled", "The workflow runs for these branches alone");
    else if (matches(text, kAnyEnd)) tell(line.line, "failure_ignored", "A command that fails does not end its step any more");
    else if (is_check(text) && matches(text, kBehind)) tell(line.line, "failure_ignored", "Nothing waits for the check, so its failure is not seen");
    else if (is_check(text) && matches(text, kNegated)) tell(line.line, "failure_ignored", "The check's status counts the other way round, or not at all");
  }
  const bool started = matches(triggers_of(before), kByItself), starts = matches(triggers_of(after), kByItself);
  if (started && !starts && std::any_of(lines.begin(), lines.end(), [&](std::string_view line) { return is_check(trimmed(line)); })) {
    const auto on = std::find_if(changes.fresh.begin(), changes.fresh.end(), [](const ChangedLine& line) { return line.text.starts_with("on:") || line.text.starts_with("workflow_dispatch"); });
    tell(on == changes.fresh.end() ? 1 : on->line, "step_disabled", "No push and no schedule starts the checks any more");
  }
  return found;
}

}  // namespace baton::audit
