// Workflow commands of GitHub Actions ("::error file=a.js,line=1,col=5::message") and of Azure Pipelines ("##vso[task.logissue ...]").
#include "analyzers/readers/readers.h"
#include "analyzers/readers/severity.h"

namespace baton {
namespace {

std::string unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view code = text.substr(i, 3);
    if (code == "%25" || code == "%0A" || code == "%0D" || code == "%3A" || code == "%2C" || code == "%0a" || code == "%0d" || code == "%3a" || code == "%2c") {
      const char kind = code[2];
      if (code[1] == '2' && kind == '5') out += '%';
      else if (code[1] == '0' && (kind == 'A' || kind == 'a')) out += '\n';
      else if (code[1] == '3') out += ':';
      else if (code[1] == '2') out += ',';
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

void read_properties(std::string_view text, char separator, Finding& out) {
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(separator, at), text.size());
    const std::string_view pair = trim(text.substr(at, end - at));
    at = end + 1;
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string key = lower(trim(pair.substr(0, equals)));
    const std::string value = unescape(trim(pair.substr(equals + 1)));
    if (key == "file" || key == "sourcepath") out.path = value;
    else if (key == "line" || key == "linenumber") out.line = std::max(0, to_int(value));
    else if (key == "col" || key == "columnnumber") out.column = std::max(0, to_int(value));
    else if (key == "endline") out.end_line = std::max(0, to_int(value));
    else if (key == "endcolumn") out.end_column = std::max(0, to_int(value));
    else if (key == "title" || key == "code") out.code = value;
    else if (key == "type") out.severity = severity_of(value, Severity::error);
  }
}

}  // namespace

void read_workflow_commands(Reading& reading, const Hits& hits) {
  for (const size_t hit : hits) {
    std::string_view line = trim(reading.text.line(hit));
    Finding out;
    if (take_prefix(line, "##vso[task.logissue")) {
      const size_t close = line.find(']');
      if (close == std::string_view::npos) continue;
      read_properties(line.substr(0, close), ';', out);
      out.message = trim(line.substr(close + 1));
    } else {
      if (!take_prefix(line, "::")) continue;
      const size_t end = line.find("::");
      if (end == std::string_view::npos) continue;
      const std::string_view head = line.substr(0, end);
      const std::string_view command = head.substr(0, head.find(' '));
      if (command != "error" && command != "warning" && command != "notice") continue;
      out.severity = severity_of(command, Severity::error);
      if (head.size() > command.size()) read_properties(head.substr(command.size()), ',', out);
      out.message = unescape(trim(line.substr(end + 2)));
      // A title that is prose is no rule.
      if (out.code.find(' ') != std::string::npos) {
        if (out.message.find(out.code) == std::string::npos) out.message = out.code + ": " + out.message;
        out.code.clear();
      }
    }
    reading.claim(hit, hit + 1);
    reading.report(hit, std::move(out));
    reading.recognised("github-workflow-commands");
  }
}

void read_folders(Reading& reading, const Hits& hits) {
  std::vector<std::string> stack;
  for (const size_t hit : hits) {
    const std::string_view line = reading.text.line(hit);
    const bool enters = line.find(": Entering directory") != std::string_view::npos;
    if (!enters && line.find(": Leaving directory") == std::string_view::npos) continue;
    const size_t open = line.find_first_of("'`\"");
    const size_t close = line.find_last_of("'`\"");
    if (open == std::string_view::npos || close <= open) continue;
    reading.claim(hit, hit + 1);
    if (enters) {
      stack.emplace_back(line.substr(open + 1, close - open - 1));
    } else if (!stack.empty()) {
      stack.pop_back();
    }
    reading.enter_folder(hit, stack.empty() ? "" : stack.back());
  }
}

}  // namespace baton
