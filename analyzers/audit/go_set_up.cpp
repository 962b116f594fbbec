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

std::vector<std::string> names_in(std::string_view list) {
  static const RE2 kName("(\\w+)");
  std::vector<std::string> names;
  re2::StringPiece left = piece(list);
  for (std::string name; RE2::FindAndConsume(&left, kName, &name);) names.push_back(name);
  return names;
}

// What the package's variable is given where it is declared, alone or with others; absent: it is not declared there.
std::optional<std::string> value_of_variable(std::string_view text, const std::string& name) {
  const std::string declared = "((?:\\w+,[ \\t]*)*" + RE2::QuoteMeta(name) + "\\b(?:,[ \\t]*\\w+)*)(?:[ \\t]+[\\w.*\\[\\]]+)?[ \\t]*(?:=[ \\t]*(.*))?$";
  const auto functions = text.find("\nfunc ");  // whose lines are indented as well
  std::string list, value;
  if (!RE2::PartialMatch(piece(text.substr(0, functions)), "(?m)^(?:var[ \\t]+|\\t)" + declared, &list, &value) && !RE2::PartialMatch(piece(text), "(?m)^var[ \\t]+" + declared, &list, &value)) return std::nullopt;
  const std::vector<std::string> names = names_in(list);
  const auto values = split_arguments(value);
  const auto at = static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  return normalised(names.size() == values.size() ? values[at] : std::string_view(value));
}

struct Function {
  bool first = false;  // it runs before any test
  std::set<std::string> own;  // what it is given or declares
  std::vector<std::pair<int, std::string_view>> lines;  // behind its head, by their numbers
};

std::vector<Function> functions_of(std::string_view text) {
  static const RE2 kBegins("^(?:func\\b|var \\w+\\b.*=[ \\t]*func\\()"), kFirst("^(?:func init\\(\\)|func TestMain\\(|var )");
  std::vector<Function> found;
  bool inside = false;
  int line = 0;
  for (const std::string_view one : lines_of(text)) {
    ++line;
    if (inside && one.starts_with('}')) inside = false;
    const bool begins = matches(one, kBegins);
    if (begins) found.push_back({matches(one, kFirst), {}, {}});
    if (!begins && !inside) continue;
    Function& function = found.back();
    // The head gives its value to a name as well.
    const std::string_view head = begins ? one.substr(0, std::min(one.find('{'), one.size())) : std::string_view(), body = one.substr(head.size());
    if (const auto parameters = head.find('('); parameters != head.npos) {
      for (std::string& name : names_in(head.substr(parameters))) function.own.insert(std::move(name));
    }
    function.own.merge(declared_in(body));
    function.lines.emplace_back(line, body);
    if (begins) inside = !trimmed(one).ends_with('}') && !trimmed(one).ends_with("()");
  }
  return found;
}

// Outside of its functions.
std::set<std::string> declared_by_file(std::string_view text) {
  std::string outside;
  bool inside = false;
  for (const std::string_view one : lines_of(text)) {
    if (one.starts_with("func ")) inside = !trimmed(one).ends_with('}');
    else if (inside && one.starts_with('}')) inside = false;
    else if (!inside) outside += std::string(one) + "\n";
  }
  return declared_in(outside);
}

// `a, b = 1, 2`, `a += 1`, `a++`, `&a`: without a value where it is not said.
void sets_of(std::string_view line, int number, std::vector<SetVariable>& found) {
  static const std::string kPlace = "(?:\\w+\\.)?[A-Za-z_]\\w*(?:\\[[^\\]]*\\])?";
  static const RE2 kSets("(?:^|[;{])[ \\t]*(" + kPlace + "(?:[ \\t]*,[ \\t]*" + kPlace + ")*)[ \\t]*([-+*/|]?)=[ \\t]*([^=;}\\s][^;}]*)"), kChanges("(?:(?:^|[;{])[ \\t]*(" + kPlace + ")(?:\\+\\+|--)|&((?:\\w+\\.)?[A-Za-z_]\\w*)(?:[^\\w{.]|$))"), kParts("^[ \\t]*(?:(\\w+)\\.)?(\\w+)");
  const auto add = [&](std::string_view place, std::string value) {
    SetVariable one{{}, {}, std::move(value), number};
    if (RE2::PartialMatch(piece(place), kParts, &one.owner, &one.name) && one.name != "_") found.push_back(std::move(one));
  };
  re2::StringPiece left = piece(line);
  for (std::string places, op, value; RE2::FindAndConsume(&left, kSets, &places, &op, &value);) {
    const auto all = split_arguments(places), values = split_arguments(value);
    for (std::size_t i = 0; i < all.size(); ++i) add(all[i], !op.empty() ? "" : normalised(all.size() == values.size() ? values[i] : std::string_view(value)));
  }
  left = piece(line);
  for (std::string stepped, pointed; RE2::FindAndConsume(&left, kChanges, &stepped, &pointed);) add(stepped.empty() ? pointed : stepped, "");
}

// `was := rate`, and `rate = was` when it is done.
bool puts_back(const Function& function, const SetVariable& one) {
  std::string text;
  for (const auto& [line, body] : function.lines) text += std::string(body) + "\n";
  const std::string place = RE2::QuoteMeta((one.owner.empty() ? "" : one.owner + ".") + one.name);
  std::string kept;
  if (!RE2::PartialMatch(text, "(\\w+)[ \\t]*:=[ \\t]*" + place + "\\b", &kept)) return false;
  return RE2::PartialMatch(text, "(?:defer|\\.Cleanup\\()\\s*func\\(\\)\\s*\\{\\s*" + place + "[ \\t]*=[ \\t]*" + RE2::QuoteMeta(kept) + "\\b");
}

bool is_of_package(const AuditedFile& program, const AuditedFile& test, const std::string& owner) {
  if (!program.path.ends_with(".go") || program.path.ends_with("_test.go")) return false;
  if (owner.empty()) return folder_of_file(program.path) == folder_of_file(test.path);
  const RE2 package("(?m)^package " + RE2::QuoteMeta(owner) + "$");
  return matches(program.after ? *program.after : program.before.value_or(""), package);
}

}  // namespace

std::vector<SetVariable> set_by_tests(std::string_view text) {
  std::vector<SetVariable> found;
  const std::set<std::string> own = declared_by_file(text);
  for (const Function& function : functions_of(text)) {
    std::vector<SetVariable> sets;
    for (const auto& [line, body] : function.lines) sets_of(body, line, sets);
    for (SetVariable& one : sets) {
      const std::string& root = one.owner.empty() ? one.name : one.owner;
      if (own.contains(root) || function.own.contains(root)) continue;
      one.first = function.first;
      one.put_back = puts_back(function, one);
      found.push_back(std::move(one));
    }
  }
  return found;
}

std::vector<AuditFinding> audit_go_set_up(const std::vector<AuditedFile>& files) {
  std::vector<AuditFinding> findings;
  for (const AuditedFile& file : files) {
    if (!file.path.ends_with("_test.go") || !file.after || file.before == file.after) continue;
    const std::vector<SetVariable> before = set_by_tests(file.before.value_or(""));
    for (const SetVariable& one : set_by_tests(*file.after)) {
      const auto same = [&](const SetVariable& was) { return was.owner == one.owner && was.name == one.name && was.value == one.value; };
      const auto declares = [&](const AuditedFile& program) { return is_of_package(program, file, one.owner) && (value_of_variable(program.before.value_or(""), one.name) || value_of_variable(program.after.value_or(""), one.name)); };
      const auto program = std::find_if(files.begin(), files.end(), declares);
      if (program == files.end() || std::any_of(before.begin(), before.end(), same)) continue;
      // The tests run with what it was.
      const auto was = value_of_variable(program->before.value_or(""), one.name), is = value_of_variable(program->after.value_or(""), one.name);
      const bool as_before = was && was != is && !one.put_back && (one.value.empty() ? one.first : *was == one.value);  // a test may well hand on where it lies
      if (!as_before && !one.first) continue;
      AuditFinding finding{file.path, one.line, "subject_mocked", as_before ? Severity::warning : Severity::note, "\"" + one.name + "\" of the program is set " + (one.first ? "before any test runs" : "by the tests"), as_before};
      finding.message += !as_before ? "." : one.value.empty() ? ", and was another one before this change." : ", to what it was before this change.";
      finding.hunk = "+" + std::string(lines_of(*file.after)[static_cast<std::size_t>(one.line) - 1]) + "\n";
      findings.push_back(std::move(finding));
    }
  }
  return findings;
}

}  // namespace baton::audit
