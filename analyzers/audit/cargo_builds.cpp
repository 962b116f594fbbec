#include "analyzers/audit/cargo_builds.h"

#include <algorithm>
#include <map>
#include <string>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/pattern.h"

namespace baton::audit {
namespace {

struct GivenName {
  enum class Kind { feature, name, variable } kind = Kind::name;
  int line = 0;
};
using GivenNames = std::map<std::string, GivenName>;

bool is_named(std::string_view path, std::string_view name) { return path == name || path.ends_with("/" + std::string(name)); }

void each_match(std::string_view text, const RE2& pattern, const auto& act) {
  re2::StringPiece left(text.data(), text.size());
  for (std::string one; RE2::FindAndConsume(&left, pattern, &one);) act(one);
}

// `calc = { path = ".", features = ["exact"] }` among what tests depend on.
GivenNames of_manifest(std::string_view text) {
  static const RE2 kName("(?m)^name\\s*=\\s*\"([^\"]+)\""), kTests("^\\[(?:target\\..*\\.)?dev-dependencies(?:\\.\"?([\\w-]+)\"?)?\\]"), kEntry("^\"?([\\w-]+)\"?\\s*="), kItself("\\bpath\\s*=\\s*\"\\.?/?\""), kFeatures("\\bfeatures\\s*=\\s*\\[([^\\]]*)"), kQuoted("\"([^\"]+)\"");
  GivenNames given;
  std::string crate, table, list;
  RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), kName, &crate);
  bool inside = false;
  int line = 0;
  for (const std::string_view raw : lines_of(text)) {
    const std::string one(trimmed(raw));
    ++line;
    if (one.starts_with('[')) {
      table.clear();
      inside = RE2::PartialMatch(one, kTests, &table);
      continue;
    }
    std::string name = table;
    if (table.empty()) RE2::PartialMatch(one, kEntry, &name);
    const bool itself = name == crate || RE2::PartialMatch(one, kItself);
    if (inside && itself && RE2::PartialMatch(one, kFeatures, &list)) each_match(list, kQuoted, [&](const std::string& feature) { given[feature] = {GivenName::Kind::feature, line}; });
  }
  return given;
}

// `rustflags = ["--cfg", "exact"]`, `[env]`
GivenNames of_settings(std::string_view text) {
  static const RE2 kName("--cfg[\"'=, ]+(\\w+)"), kVariable("^\"?([A-Za-z_]\\w*)\"?(?:\\.value)?\\s*=");
  GivenNames given;
  bool variables = false;
  int line = 0;
  for (const std::string_view raw : lines_of(text)) {
    const std::string one(trimmed(raw));
    ++line;
    if (one.starts_with('[')) variables = one.starts_with("[env]");
    std::string name;
    if (variables && RE2::PartialMatch(one, kVariable, &name)) given[name] = {GivenName::Kind::variable, line};
    if (!one.starts_with('#')) each_match(one, kName, [&](const std::string& cfg) { given[cfg] = {GivenName::Kind::name, line}; });
  }
  return given;
}

// `println!("cargo:rustc-cfg=exact")` in a build script that asks for what the build is.
GivenNames of_script(std::string_view text) {
  static const RE2 kAsks("\"(PROFILE|DEBUG|OPT_LEVEL|CARGO_CFG_DEBUG_ASSERTIONS)\"|\\bcfg!\\(debug_assertions\\)"), kName("cargo::?rustc-cfg=(\\w+)"), kVariable("cargo::?rustc-env=(\\w+)");
  GivenNames given;
  if (!matches(text, kAsks)) return given;
  int line = 0;
  for (const std::string_view one : lines_of(text)) {
    ++line;
    each_match(one, kName, [&](const std::string& cfg) { given[cfg] = {GivenName::Kind::name, line}; });
    each_match(one, kVariable, [&](const std::string& name) { given[name] = {GivenName::Kind::variable, line}; });
  }
  return given;
}

GivenNames given_by(std::string_view path, std::string_view text) {
  if (is_named(path, "Cargo.toml")) return of_manifest(text);
  if (is_named(path, "build.rs")) return of_script(text);
  return is_named(path, ".cargo/config.toml") || is_named(path, ".cargo/config") ? of_settings(text) : GivenNames{};
}

// It decides by the name: that a variable has a value for it is no more than its use.
bool decides_by(std::string_view program, const std::string& name, GivenName::Kind kind) {
  const std::string quoted = RE2::QuoteMeta(name);
  if (kind == GivenName::Kind::feature) return matches(program, RE2("\\bfeature\\s*=\\s*\"" + quoted + "\""));
  if (kind == GivenName::Kind::name) return matches(program, RE2("\\bcfg(?:_attr)?!?\\([^\\]\\n]*\\b" + quoted + "\\b"));
  const std::string asked = "(?:env::var(?:_os)?\\(\\s*|option_env!\\(\\s*)\"" + quoted + "\"\\s*\\)";
  return matches(program, RE2(asked + "\\s*(?:\\.(?:as_deref\\(\\)|ok\\(\\))\\s*)*(?:\\.is_|==|!=|\\.map_or)|(?:if|while) let [^\\n]*" + asked + "|match " + asked + "|\\benv!\\(\\s*\"" + quoted + "\"\\s*\\)\\s*(?:==|!=)"));
}

std::string program_of_rust(std::string_view path, std::string_view text) {
  return path.ends_with(".rs") && !is_named(path, "build.rs") ? std::string(text.substr(0, text.find("#[cfg(test)]"))) : std::string();
}

}  // namespace

std::vector<AuditFinding> audit_cargo_builds(const std::vector<AuditedFile>& files, const Intent& intent) {
  std::vector<AuditFinding> findings;
  for (const AuditedFile& file : files) {
    if (!file.after || file.before == file.after) continue;
    const GivenNames was = given_by(file.path, file.before.value_or(""));
    for (const auto& [name, is] : given_by(file.path, *file.after)) {
      if (was.contains(name)) continue;
      const auto asks = [&, name = name, kind = is.kind](const AuditedFile& other) { return other.part == AuditedPart::by_name && other.after && decides_by(program_of_rust(other.path, *other.after), name, kind); };
      if (std::none_of(files.begin(), files.end(), asks)) continue;
      const bool explained = intent.explains_setting(name);
      const std::string line(lines_of(*file.after)[static_cast<std::size_t>(is.line) - 1]);
      findings.push_back({file.path, is.line, "environment_read", explained ? Severity::note : Severity::warning, "The program asks for \"" + name + "\", which the builds of this repository alone are given, its tests among them.", !explained, false, "+" + line + "\n"});
    }
  }
  return findings;
}

}  // namespace baton::audit
