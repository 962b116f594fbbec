#include "analyzers/audit/go_set_up.h"

#include <algorithm>
#include <optional>
#include <set>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/pattern.h"

namespace baton::audit {
namespace {

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

std::string folder_of_file(std::string_view path) { return std::string(path.substr(0, path.rfind('/') == path.npos ? 0 : path.rfind('/') + 1)); }

// Of the package or of a function; in a block of variables each line begins with them.
std::set<std::string> declared_in(std::string_view text) {
  static const RE2 kVar("\\bvar\\s+(\\w+(?:\\s*,\\s*\\w+)*)"), kShort("(\\w+(?:\\s*,\\s*\\w+)*)\\s*:="), kInBlock("^\\s*(\\w+(?:\\s*,\\s*\\w+)*)"), kName("(\\w+)");
  std::set<std::string> names;
  bool block = false;
  for (const std::string_view line : lines_of(text)) {
    std::string list;
    if (line.starts_with("var (")) block = true;
    else if (block && line.starts_with(")")) block = false;
    else if (!(block && RE2::PartialMatch(piece(line), kInBlock, &list)) && !RE2::PartialMatch(piece(line), kVar, &list)) RE2::PartialMatch(piece(line), kShort, &list);
    re2::StringPiece left(list);
    for (std::string name; RE2::FindAndConsume(&left, kName, &name);) names.insert(name);
  }
  return names;
}

// What the package's variable is given where it is declared; absent: it is not declared there.
std::optional<std::string> value_of_variable(std::string_view text, const std::string& name) {
  const RE2 declared("(?m)^(?:var[ \\t]+|\\t)" + RE2::QuoteMeta(name) + "\\b(?:[ \\t]+[\\w.*\\[\\]]+)?[ \\t]*(?:=[ \\t]*(.*))?$");
  const auto functions = text.find("\nfunc ");  // whose lines are indented as well
  std::string value;
  if (RE2::PartialMatch(piece(text.substr(0, functions)), declared, &value)) return normalised(value);
  const RE2 alone("(?m)^var[ \\t]+" + RE2::QuoteMeta(name) + "\\b(?:[ \\t]+[\\w.*\\[\\]]+)?[ \\t]*(?:=[ \\t]*(.*))?$");
  return RE2::PartialMatch(piece(text), alone, &value) ? std::optional(normalised(value)) : std::nullopt;
}

bool is_of_package(const AuditedFile& program, const AuditedFile& test, const std::string& owner) {
  if (!program.path.ends_with(".go") || program.path.ends_with("_test.go")) return false;
  if (owner.empty()) return folder_of_file(program.path) == folder_of_file(test.path);
  const RE2 package("(?m)^package " + RE2::QuoteMeta(owner) + "$");
  return matches(program.after ? *program.after : program.before.value_or(""), package);
}

}  // namespace

std::vector<SetVariable> set_before_tests(std::string_view text) {
  static const RE2 kBegins("^(?:func init\\(\\)|func TestMain\\(|var _ = func\\()"), kSets("(?:^|[;{])[ \\t]*(?:(\\w+)\\.)?([A-Za-z_]\\w*)(?:\\[[^\\]]*\\])?[ \\t]*[-+*/|]?=[ \\t]*([^=;}\\s][^;}]*)");
  std::vector<SetVariable> found;
  const std::set<std::string> own = declared_in(text);
  bool inside = false;
  int line = 0;
  for (const std::string_view one : lines_of(text)) {
    ++line;
    if (inside && one.starts_with('}')) inside = false;
    const bool begins = matches(one, kBegins);
    if (!inside && !begins) continue;
    // Behind the head, which gives its value to a name as well.
    re2::StringPiece left = piece(begins ? one.substr(std::min(one.find('{'), one.size())) : one);
    for (std::string owner, name, value; RE2::FindAndConsume(&left, kSets, &owner, &name, &value);) {
      if (name != "_" && !own.contains(owner.empty() ? name : owner)) found.push_back({owner, name, normalised(value), line});
    }
    if (begins) inside = !trimmed(one).ends_with('}') && !trimmed(one).ends_with("()");
  }
  return found;
}

std::vector<AuditFinding> audit_go_set_up(const std::vector<AuditedFile>& files) {
  std::vector<AuditFinding> findings;
  for (const AuditedFile& file : files) {
    if (!file.path.ends_with("_test.go") || !file.after || file.before == file.after) continue;
    const std::vector<SetVariable> before = set_before_tests(file.before.value_or(""));
    for (const SetVariable& one : set_before_tests(*file.after)) {
      const auto same = [&](const SetVariable& was) { return was.owner == one.owner && was.name == one.name && was.value == one.value; };
      const auto declares = [&](const AuditedFile& program) { return is_of_package(program, file, one.owner) && (value_of_variable(program.before.value_or(""), one.name) || value_of_variable(program.after.value_or(""), one.name)); };
      const auto program = std::find_if(files.begin(), files.end(), declares);
      if (program == files.end() || std::any_of(before.begin(), before.end(), same)) continue;
      // The tests run with what it was.
      const auto was = value_of_variable(program->before.value_or(""), one.name), is = value_of_variable(program->after.value_or(""), one.name);
      const bool as_before = was && was != is && *was == one.value;
      AuditFinding finding{file.path, one.line, "subject_mocked", as_before ? Severity::warning : Severity::note, "\"" + one.name + "\" of the program is set before any test runs", as_before};
      finding.message += as_before ? ", to what it was before this change." : ".";
      finding.hunk = "+" + std::string(lines_of(*file.after)[static_cast<std::size_t>(one.line) - 1]) + "\n";
      findings.push_back(std::move(finding));
    }
  }
  return findings;
}

}  // namespace baton::audit
