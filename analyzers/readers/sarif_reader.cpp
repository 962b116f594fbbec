// SARIF 2.1.0 in. What a consumer must get right: the default level is warning and rules may change it; a rule is named by id, index or
// inside an extension; messages come from messageStrings with {0} filled in; an artifact may be an index; a base of paths may chain; a
// suppressed result is no finding of the run; a tool that says it did not complete has failed even without a result.
#include <algorithm>
#include <map>
#include <unordered_map>
#include "analyzers/readers/json_fields.h"
#include "analyzers/readers/readers.h"
#include "analyzers/readers/severity.h"

namespace baton {
namespace {

class SarifRun {
 public:
  SarifRun(Reading& reading, const Json& run, size_t line) : reading_(reading), run_(run), line_(line) {
    const std::string unit = text_field(run, "columnKind");
    unit_ = unit == "unicodeCodePoints" ? ColumnUnit::code_points : ColumnUnit::utf16;
    tool_ = text_field(field(field(run, "tool"), "driver"), "name");
  }

  void read() {
    read_overrides();
    for (const Json& invocation : items(run_, "invocations")) {
      const Json& success = field(invocation, "executionSuccessful");
      if (!success.is_boolean() || success.boolean()) continue;
      reading_.tool_failed = true;
      notifications(invocation);
    }
    for (const Json& result : items(run_, "results")) read_result(result);
  }

 private:
  // What the tool says of itself when it failed.
  void notifications(const Json& invocation) {
    for (const char* list : {"toolExecutionNotifications", "toolConfigurationNotifications"}) {
      for (const Json& one : items(invocation, list)) {
        if (text_field(one, "level") != "error") continue;
        const std::string text = text_field(field(one, "message"), "text");
        if (reading_.failure.empty()) reading_.failure = "the tool did not complete: " + std::string(first_line(text));
      }
    }
  }

  const Json& component(const Json& reference) const {
    const Json& tool = field(run_, "tool");
    const Json& extensions = items(tool, "extensions");
    const Json& where = field(reference, "toolComponent");
    const int index = int_field(where, "index", -1);
    if (index >= 0 && static_cast<size_t>(index) < extensions.size()) return extensions[static_cast<size_t>(index)];
    for (const char* key : {"guid", "name"})
      if (const Json* found = with(extensions, key, view_field(where, key))) return *found;
    return field(tool, "driver");
  }

  // The first of a list whose field says this; none for an empty one. A list is gone through once, however often it is asked.
  const Json* with(const Json& list, const char* key, std::string_view wanted) const {
    if (wanted.empty() || list.empty()) return nullptr;
    auto& known = first_with_[{&list, key}];
    if (known.empty())
      for (const Json& one : list) known.emplace(view_field(one, key), &one);
    const auto found = known.find(wanted);
    return found == known.end() ? nullptr : found->second;
  }

  const Json& rule_of(const Json& result) const {
    static const Json kNone;
    const Json& reference = field(result, "rule");
    const Json& rules = items(component(reference), "rules");
    int index = int_field(result, "ruleIndex", -1);
    if (index < 0) index = int_field(reference, "index", -1);
    if (index >= 0 && static_cast<size_t>(index) < rules.size()) return rules[static_cast<size_t>(index)];
    std::string_view id = view_field(result, "ruleId");
    if (id.empty()) id = view_field(reference, "id");
    // "CA1000/1" is a sub-rule of "CA1000".
    for (int depth = 0; depth < 8 && !id.empty(); ++depth, id = id.substr(0, id.rfind('/') == id.npos ? 0 : id.rfind('/')))
      if (const Json* rule = with(rules, "id", id)) return *rule;
    return kNone;
  }

  std::string message_of(const Json& message, const Json& rule) const {
    std::string text = text_field(message, "text");
    const std::string id = text_field(message, "id");
    if (text.empty() && !id.empty()) {
      text = text_field(field(field(rule, "messageStrings"), id.c_str()), "text");
      if (text.empty()) text = text_field(field(field(field(field(run_, "tool"), "driver"), "globalMessageStrings"), id.c_str()), "text");
      if (text.empty()) text = id;
    }
    if (text.empty()) text = text_field(message, "markdown");
    if (text.empty()) text = text_field(field(rule, "shortDescription"), "text");
    if (text.empty()) text = text_field(field(rule, "fullDescription"), "text");
    return fill(text, items(message, "arguments"));
  }

  // {0} is the first argument, {{ and }} are braces.
  static std::string fill(const std::string& text, const Json& arguments) {
    if (arguments.empty()) return text;
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
      if (i + 1 < text.size() && (text[i] == '{' || text[i] == '}') && text[i + 1] == text[i]) {
        out += text[i++];
      } else if (text[i] == '{') {
        constexpr size_t kNumber = 12;
        const size_t length = std::string_view(text).substr(i, kNumber).find('}');
        const size_t close = length == std::string::npos ? length : i + length;
        const int index = close == std::string::npos ? -1 : to_int(std::string_view(text).substr(i + 1, close - i - 1));
        if (index < 0 || static_cast<size_t>(index) >= arguments.size()) {
          out += text[i];
          continue;
        }
        out += text_of(arguments[static_cast<size_t>(index)]);
        i = close;
      } else {
        out += text[i];
      }
    }
    return out;
  }

  Severity level_of(const Json& result, const Json& rule) const {
    const std::string kind = text_field(result, "kind");
    std::string level = text_field(result, "level");
    if (level.empty()) level = overridden_level(rule);
    if (level.empty()) level = text_field(field(rule, "defaultConfiguration"), "level");
    if (level.empty()) {
      if (!kind.empty() && kind != "fail") return kind == "review" || kind == "open" ? Severity::warning : Severity::note;
      return Severity::warning;
    }
    if (level == "note") return Severity::info;  // a finding of its own, not a remark to another one
    return severity_of(level, Severity::warning);
  }

  // A command line or configuration file may change a rule's level for this run.
  std::string overridden_level(const Json& rule) const {
    const auto level = overrides_.find(view_field(rule, "id"));
    return level == overrides_.end() ? std::string() : std::string(level->second);
  }

  void read_overrides() {
    for (const Json& invocation : items(run_, "invocations")) {
      for (const Json& change : items(invocation, "ruleConfigurationOverrides")) {
        const Json& descriptor = field(change, "descriptor");
        const Json& rules = items(component(descriptor), "rules");
        const std::string_view level = view_field(field(change, "configuration"), "level");
        const int index = int_field(descriptor, "index", -1);
        overrides_.emplace(view_field(descriptor, "id"), level);
        if (index >= 0 && static_cast<size_t>(index) < rules.size()) overrides_.emplace(view_field(rules[static_cast<size_t>(index)], "id"), level);
      }
    }
    overrides_.erase("");
  }

  // The folder that a uriBaseId stands for, "" when the log does not say or says something that is not a folder of ours.
  std::string base_of(const std::string& id) const {
    std::string suffix;
    std::string name = id;
    for (int depth = 0; depth < 16 && !name.empty(); ++depth) {
      const Json& base = field(field(run_, "originalUriBaseIds"), name.c_str());
      const std::string uri = text_field(base, "uri");
      if (uri.find(':') != std::string::npos || uri.substr(0, 1) == "/") return uri_to_path(uri) + suffix;
      suffix = uri_to_path(uri) + suffix;
      name = text_field(base, "uriBaseId");
    }
    return {};
  }

  std::string path_of(const Json& artifact_location) const {
    const Json* location = &artifact_location;
    const int index = int_field(*location, "index", -1);
    const Json& artifacts = items(run_, "artifacts");
    if (text_field(*location, "uri").empty() && index >= 0 && static_cast<size_t>(index) < artifacts.size())
      location = &field(artifacts[static_cast<size_t>(index)], "location");
    const std::string uri = text_field(*location, "uri");
    if (uri.empty()) return {};
    const std::string path = uri_to_path(uri);
    const std::string base = base_of(text_field(*location, "uriBaseId"));
    if (!base.empty()) {
      // A base on another machine stands for our checkout, so the relative part is what counts.
      const std::string whole = reading_.paths.map(base + (base.back() == '/' ? "" : "/") + path);
      if (reading_.paths.inside(whole)) return whole;
    }
    return reading_.paths.map_first(path, text_field(*location, "uriBaseId") == "SRCROOT" ? "src" : "");
  }

  void place(const Json& location, std::string& path, int& line, int& column, Finding* end) const {
    const Json& physical = field(location, "physicalLocation");
    path = path_of(field(physical, "artifactLocation"));
    const Json& region = field(physical, "region");
    line = int_field(region, "startLine");
    column = int_field(region, "startColumn");
    if (!end) return;
    end->end_column = int_field(region, "endColumn");
    end->end_line = int_field(region, "endLine", end->end_column > 0 ? line : 0);
  }

  void read_result(const Json& result) const {
    if (!result.is_object()) return;
    const std::string kind = text_field(result, "kind");
    if (kind == "pass" || kind == "notApplicable" || kind == "informational") return;
    if (text_field(result, "baselineState") == "absent") return;  // it was there once and is not any more
    const Json& rule = rule_of(result);
    Finding out;
    out.tool = tool_;
    out.code = text_field(result, "ruleId");
    if (out.code.empty()) out.code = text_field(field(result, "rule"), "id");
    if (out.code.empty()) out.code = text_field(rule, "id");
    out.severity = level_of(result, rule);
    out.message = message_of(field(result, "message"), rule);
    for (const Json& suppression : items(result, "suppressions")) {
      const std::string status = text_field(suppression, "status");
      if (status.empty() || status == "accepted") out.suppressed = true;
    }
    const Json& locations = items(result, "locations");
    if (!locations.empty()) {
      place(locations.front(), out.path, out.line, out.column, &out);
    } else {
      const Json& target = field(result, "analysisTarget");
      if (target.is_object()) out.path = path_of(target);
    }
    for (const char* list : {"relatedLocations", "locations"}) {
      bool first = std::string_view(list) == "locations";  // the first is the finding itself
      for (const Json& location : items(result, list)) {
        if (!first) {
          RelatedPlace related;
          place(location, related.path, related.line, related.column, nullptr);
          related.message = message_of(field(location, "message"), Json());
          out.related.push_back(std::move(related));
        }
        first = false;
      }
    }
    const bool gentle = out.suppressed || exits_zero_by_design();
    reading_.report_mapped(line_, std::move(out), gentle ? Weight::advisory : Weight::normal, unit_);
  }

  bool exits_zero_by_design() const {
    const std::string name = lower(tool_);
    for (const std::string_view known : {"codeql", "semgrep", "trivy", "cppcheck", "snyk", "checkov", "grype", "devskim", "psscriptanalyzer"})
      if (name.find(known) != std::string::npos) return true;
    return false;
  }

  Reading& reading_;
  const Json& run_;
  size_t line_;
  ColumnUnit unit_;
  std::string tool_;
  std::map<std::string_view, std::string_view> overrides_;  // rule to level
  mutable std::map<std::pair<const Json*, std::string_view>, std::unordered_map<std::string_view, const Json*>> first_with_;
};

}  // namespace

bool read_sarif(Reading& reading, const Json& value, size_t line) {
  if (!value.is_object() || !field(value, "runs").is_array()) return false;
  const std::string schema = text_field(value, "$schema");
  if (text_field(value, "version").substr(0, 2) != "2." && schema.find("sarif") == std::string::npos) return false;
  for (const Json& run : items(value, "runs"))
    if (run.is_object()) SarifRun(reading, run, line).read();
  reading.lint_only = true;
  return true;
}

}  // namespace baton
