#include "analyzers/audit/replaced_packages.h"

#include <map>
#include <string>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/line_changes.h"
#include "analyzers/audit/pattern.h"

namespace baton::audit {
namespace {

std::string_view last_name(std::string_view path) { return path.substr(path.rfind('/') == path.npos ? 0 : path.rfind('/') + 1); }

struct Replaced {
  std::string place;  // in the repository
  int line = 0;
};
using Packages = std::map<std::string, Replaced>;  // by their names

// `[patch.crates-io]`, `[replace]`: `approx = { path = "fake" }`
Packages of_cargo(std::string_view text) {
  static const RE2 kHead("^\\[(patch|replace)\\b"), kOne("^\"?([\\w-]+)[^=]*=.*\\bpath\\s*=\\s*\"([^\"]+)\""), kTable("^\\[patch\\.[^\\]]*\\.([\\w-]+)\\]"), kPath("^path\\s*=\\s*\"([^\"]+)\"");
  Packages found;
  bool inside = false;
  std::string table;
  int line = 0;
  for (const std::string_view raw : lines_of(text)) {
    const std::string one(trimmed(raw));
    ++line;
    std::string name, place;
    if (one.starts_with('[')) {
      inside = RE2::PartialMatch(one, kHead);
      table.clear();
      RE2::PartialMatch(one, kTable, &table);
    } else if (inside && (RE2::PartialMatch(one, kOne, &name, &place) || (!table.empty() && RE2::PartialMatch(one, kPath, &place)))) {
      found[name.empty() ? table : name] = {place, line};
    }
  }
  return found;
}

Packages by_line(std::string_view text, const RE2& pattern) {
  Packages found;
  int line = 0;
  for (const std::string_view one : lines_of(text)) {
    ++line;
    std::string name, place;
    if (RE2::PartialMatch(re2::StringPiece(one.data(), one.size()), pattern, &name, &place)) found[name] = {place, line};
  }
  return found;
}

Packages packages_of(std::string_view path, std::string_view text) {
  // `replace example.com/near => ./fake`
  static const RE2 kGo("^\\s*(?:replace\\s+)?([\\w.-]+\\.[\\w./-]+)(?:\\s+v\\S+)?\\s+=>\\s+(\\.\\.?/\\S*)");
  static const RE2 kNode("\"([@\\w./-]+)\"\\s*:\\s*\"(?:file|link|portal):([^\"]+)\"");
  if (last_name(path) == "Cargo.toml") return of_cargo(text);
  if (last_name(path) == "go.mod") return by_line(text, kGo);
  if (last_name(path) == "package.json") return by_line(text, kNode);
  return {};
}

// Where it was taken from a registry until now.
bool named_a_version(std::string_view path, std::string_view before, const std::string& name) {
  const std::string quoted = RE2::QuoteMeta(name);
  if (last_name(path) == "package.json") return matches(before, RE2("\"" + quoted + "\"\\s*:\\s*\"[\\^~>=<v]*\\d"));
  if (last_name(path) == "go.mod") return matches(before, RE2("(?m)\\b" + quoted + "\\s+v\\d"));
  return matches(before, RE2("(?m)^\"?" + quoted + "\"?\\s*="));
}

}  // namespace

std::vector<AuditFinding> audit_packages(const AuditedFile& file, const Intent& intent) {
  std::vector<AuditFinding> findings;
  if (!file.before || !file.after) return findings;
  const Packages was = packages_of(file.path, *file.before);
  for (const auto& [name, is] : packages_of(file.path, *file.after)) {
    if (was.contains(name) || !named_a_version(file.path, *file.before, name)) continue;
    const bool asked = intent.explains_setting(name + " vendor fork patch local workspace replace");
    const auto line = lines_of(*file.after)[static_cast<std::size_t>(is.line) - 1];
    findings.push_back({file.path, is.line, "tool_replaced", asked ? Severity::note : Severity::warning, "\"" + name + "\" is code of the repository's own now, from \"" + is.place + "\".", !asked, false, "+" + std::string(line) + "\n"});
  }
  return findings;
}

}  // namespace baton::audit
