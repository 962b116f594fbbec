// Checkstyle XML (shellcheck, eslint, phpcs, ktlint, detekt, golangci-lint, ... can all write it) and cppcheck's own XML.
#include <pugixml.hpp>

#include "analyzers/readers/readers.h"
#include "analyzers/readers/severity.h"

namespace baton {
namespace {

std::string attribute(const pugi::xml_node& node, const char* name) { return node.attribute(name).value(); }
int number(const pugi::xml_node& node, const char* name) { return std::max(0, to_int(attribute(node, name))); }

// "ShellCheck.SC2035", "eslint.rules.no-var": the rule without the tool's own name before it.
std::string rule_name(const std::string& source, std::string& tool) {
  for (const std::string_view prefix : {"ShellCheck.", "eslint.rules.", "Checkstyle.", "detekt.", "stylelint.rules."}) {
    std::string_view rest = source;
    if (!take_prefix(rest, prefix)) continue;
    tool = lower(prefix.substr(0, prefix.find('.')));
    return std::string(rest);
  }
  const std::string_view suffix = "Check";  // com.puppycrawl.tools.checkstyle.checks.javadoc.JavadocMethodCheck
  if (source.substr(0, 25) == "com.puppycrawl.tools.chec") {
    std::string name = source.substr(source.rfind('.') + 1);
    if (name.size() > suffix.size() && name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0) name.resize(name.size() - suffix.size());
    tool = "checkstyle";
    return name;
  }
  return source;
}

}  // namespace

bool read_checkstyle(Reading& reading, const pugi::xml_document& document, size_t line) {
  for (const pugi::xml_node& file : document.document_element().children("file")) {
    for (const pugi::xml_node& error : file.children("error")) {
      Finding out;
      out.tool = "checkstyle";
      out.path = attribute(file, "name");
      out.line = number(error, "line");
      out.column = number(error, "column");
      out.severity = severity_of(attribute(error, "severity"), Severity::error);
      if (out.severity == Severity::note) out.severity = Severity::info;
      out.message = attribute(error, "message");
      out.code = rule_name(attribute(error, "source"), out.tool);
      reading.report(line, std::move(out), Weight::normal, ColumnUnit::code_points);
    }
  }
  reading.lint_only = true;
  return true;
}

bool read_cppcheck_xml(Reading& reading, const pugi::xml_document& document, size_t line) {
  const pugi::xml_node errors = document.document_element().child("errors");
  if (errors.empty() && document.document_element().child("cppcheck").empty()) return false;
  for (const pugi::xml_node& error : errors.children("error")) {
    Finding out;
    out.tool = "cppcheck";
    out.code = attribute(error, "id");
    out.message = attribute(error, "msg");
    out.severity = severity_of(attribute(error, "severity"), Severity::warning);
    bool first = true;
    for (const pugi::xml_node& place : error.children("location")) {
      if (first) {
        out.path = attribute(place, "file");
        out.line = number(place, "line");
        out.column = number(place, "column");
      } else {
        out.related.push_back({attribute(place, "file"), number(place, "line"), number(place, "column"), attribute(place, "info")});
      }
      first = false;
    }
    reading.report(line, std::move(out), Weight::advisory, ColumnUnit::bytes);
  }
  reading.lint_only = true;
  return true;
}

}  // namespace baton
