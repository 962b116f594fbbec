#include "analyzers/sarif.h"

#include <map>
#include <nlohmann/json.hpp>

namespace baton {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

std::string_view level(Severity severity) {
  switch (severity) {
    case Severity::error: return "error";
    case Severity::warning: return "warning";
    case Severity::info:
    case Severity::note: return "note";
  }
  return "warning";
}

// A path as a URI reference: what a URI does not allow is percent-encoded.
std::string uri_of(const std::string& path, bool& absolute) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  const bool drive = path.size() > 2 && path[1] == ':' && path[2] == '/';
  absolute = drive || (!path.empty() && path[0] == '/');
  std::string out = drive ? "file:///" : absolute ? "file://" : "";
  for (size_t i = 0; i < path.size(); ++i) {
    const auto c = static_cast<unsigned char>(path[i]);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '.' || c == '-' || c == '_' || c == '~' || (drive && i == 1) ||
                       c == '+' || c == '@' || c == ',' || c == '=' || c == '(' || c == ')' || c == '!' || c == '$' || c == '&' || c == '\'' || c == '*';
    if (plain) {
      out += path[i];
    } else {
      out += '%';
      out += kHex[c >> 4U];
      out += kHex[c & 0xFU];
    }
  }
  return out;
}

Json location(const std::string& path, int line, int column, int end_line, int end_column) {
  bool absolute = false;
  Json physical = {{"artifactLocation", {{"uri", uri_of(path, absolute)}}}};
  if (!absolute) physical["artifactLocation"]["uriBaseId"] = "%SRCROOT%";
  if (line > 0) {
    Json region = {{"startLine", line}};
    if (column > 0) region["startColumn"] = column;
    if (end_line >= line) region["endLine"] = end_line;
    if (end_column > 0 && (end_line > line || end_column >= column)) region["endColumn"] = end_column;
    physical["region"] = std::move(region);
  }
  return {{"physicalLocation", std::move(physical)}};
}

// One tool's run under construction.
struct Run {
  Json rules = Json::array();
  Json results = Json::array();
  std::map<std::string, size_t> rule_index;
};

void add(Run& run, const Finding& finding) {
  Json result;
  if (!finding.code.empty()) {
    const auto [place, added] = run.rule_index.try_emplace(finding.code, run.rules.size());
    if (added) run.rules.push_back({{"id", finding.code}});
    result["ruleId"] = finding.code;
    result["ruleIndex"] = place->second;
  }
  result["level"] = level(finding.severity);
  result["message"] = {{"text", finding.message.empty() ? (finding.code.empty() ? "no message" : finding.code) : finding.message}};
  if (!finding.path.empty()) result["locations"] = Json::array({location(finding.path, finding.line, finding.column, finding.end_line, finding.end_column)});
  for (const RelatedPlace& place : finding.related) {
    if (place.path.empty()) continue;
    Json related = location(place.path, place.line, place.column, 0, 0);
    if (!place.message.empty()) related["message"] = {{"text", place.message}};
    result["relatedLocations"].push_back(std::move(related));
  }
  if (finding.suppressed) result["suppressions"] = Json::array({{{"kind", "inSource"}}});
  if (finding.low_confidence) result["properties"] = {{"lowConfidence", true}};
  run.results.push_back(std::move(result));
}

}  // namespace

std::string to_sarif(const std::vector<Finding>& findings, const SarifOptions& options) {
  std::vector<std::string> order;
  std::map<std::string, Run> runs;
  for (const Finding& finding : findings) {
    const std::string tool = finding.tool.empty() ? "baton" : finding.tool;
    if (!runs.count(tool)) order.push_back(tool);
    add(runs[tool], finding);
  }
  if (order.empty()) {
    order.emplace_back("baton");
    runs["baton"];
  }
  Json log = {{"$schema", kSchema}, {"version", "2.1.0"}, {"runs", Json::array()}};
  for (const std::string& tool : order) {
    Run& run = runs[tool];
    Json driver = {{"name", tool}};
    if (tool == "baton" && !options.version.empty()) driver["version"] = options.version;
    if (!run.rules.empty()) driver["rules"] = std::move(run.rules);
    Json invocation = {{"executionSuccessful", options.successful}};
    if (options.exit_code) invocation["exitCode"] = *options.exit_code;
    Json one = {{"tool", {{"driver", std::move(driver)}}}, {"invocations", Json::array({std::move(invocation)})}};
    if (!options.root.empty()) {
      bool absolute = false;
      std::string root = uri_of(options.root, absolute);
      if (root.back() != '/') root += '/';
      one["originalUriBaseIds"] = {{"%SRCROOT%", {{"uri", root}}}};
    }
    one["columnKind"] = "utf16CodeUnits";
    one["results"] = std::move(run.results);
    log["runs"].push_back(std::move(one));
  }
  return log.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace baton
