#include "lsp/evidence_page.h"

#include <algorithm>
#include <cstdio>

#include "analyzers/readers/text.h"
#include "lsp/mark.h"

namespace baton {
namespace {

constexpr std::size_t kMaxRows = 500;  // of tests and of findings

// Text of a tool in a cell or list: one line, no mark that would end it.
std::string plain(std::string_view text) {
  std::string safe;
  for (const char c : first_line(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '|' || c == '`') safe += '\\';
    safe += byte < 0x20 || byte == 0x7f ? ' ' : c;
  }
  return safe;
}

std::string indented(std::string_view lines) {
  std::string text;
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    text += "  ";
    for (const char c : lines.substr(0, end)) text += static_cast<unsigned char>(c) < 0x20 && c != '\t' ? ' ' : c;
    text += '\n';
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return text;
}

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", seconds);
  return text;
}

std::string run_text(const std::optional<RunSummary>& run) {
  if (!run) return "–";
  std::string text(to_string(run->verdict));
  if (run->passed && run->failed) {
    text += " (" + std::to_string(*run->passed) + " passed, " + std::to_string(*run->failed) + " failed";
    if (run->skipped && *run->skipped > 0) text += ", " + std::to_string(*run->skipped) + " skipped";
    text += ")";
  }
  return text + ", " + seconds_text(run->seconds) + (run->cached ? ", from before" : "");
}

std::string command_text(const std::vector<std::string>& argv) {
  std::string text;
  for (const std::string& word : argv) text += (text.empty() ? "" : " ") + std::string(first_line(word));
  return text;
}

void add_gates(const VerifyReport& report, std::string& page) {
  if (report.gates.empty()) return;
  page += "## Gates\n\n| gate | verdict | before | here |\n|---|---|---|---|\n";
  for (const GateReport& gate : report.gates) {
    page += "| " + plain(gate.name) + (gate.required ? "" : " (not required)") + " | " +
            std::string(to_string(gate.verdict)) + (gate.cause.empty() ? "" : ": " + plain(gate.cause)) + " | " +
            run_text(gate.base) + " | " + run_text(gate.head) + " |\n";
  }
  page += "\n";
  for (const GateReport& gate : report.gates) {
    page += "- " + plain(gate.name) + ": `" + command_text(gate.argv) + "`";
    if (!gate.source.empty()) page += ", from " + plain(gate.source);
    page += "\n";
    if (gate.head && !gate.head->log.empty()) page += "  - log here: " + gate.head->log + "\n";
    if (gate.base && !gate.base->log.empty()) page += "  - log before: " + gate.base->log + "\n";
  }
  page += "\n";
}

std::string place_text(const std::string& path, int line) {
  if (path.empty()) return {};
  return " at " + path + (line > 0 ? ":" + std::to_string(line) : "");
}

void add_tests(const VerifyReport& report, std::string& page) {
  std::string list;
  std::size_t rows = 0, more = 0;
  for (const TestVerdict& test : report.tests) {
    if (test.status == TestStatus::unchanged || test.status == TestStatus::skipped) continue;
    if (++rows > kMaxRows) {
      ++more;
      continue;
    }
    list += "- **" + std::string(to_string(test.status)) + "** " + plain(test.id) + place_text(test.path, test.line);
    if (!test.gate.empty()) list += " (" + plain(test.gate) + ")";
    list += "\n";
    if (!test.message.empty()) list += "  - " + plain(test.message) + "\n";
    if (test.accepted) list += "  - accepted as known by " + plain(test.accepted->by) + ": " + plain(test.accepted->reason) + "\n";
  }
  if (more > 0) list += "- and " + std::to_string(more) + " more\n";
  if (!list.empty()) page += "## Tests\n\n" + list + "\n";
}

void add_findings(const VerifyReport& report, std::string& page) {
  std::string list;
  std::size_t rows = 0, more = 0;
  for (const FindingVerdict& verdict : report.findings) {
    if (!verdict.is_new) continue;
    if (++rows > kMaxRows) {
      ++more;
      continue;
    }
    const Finding& finding = verdict.finding;
    list += "- **" + std::string(to_string(finding.severity)) + "** " + plain(finding.message) +
            place_text(finding.path, finding.line) + "\n";
    if (verdict.accepted) list += "  - accepted as known by " + plain(verdict.accepted->by) + ": " + plain(verdict.accepted->reason) + "\n";
  }
  if (more > 0) list += "- and " + std::to_string(more) + " more\n";
  if (!list.empty()) page += "## New findings\n\n" + list + "\n";
}

// Lines of a difference in a block that no line of theirs can end.
std::string hunk_block(std::string_view hunk) {
  std::string fence = "```";
  while (hunk.find(fence) != hunk.npos) fence += '`';
  return "\n  " + fence + "diff\n" + indented(hunk) + "  " + fence + "\n";
}

void add_audit(const VerifyReport& report, std::string& page) {
  for (const bool escalates : {true, false}) {
    std::string list;
    for (const AuditFinding& finding : report.audit) {
      if (finding.escalates != escalates) continue;
      list += "- **" + plain(finding.kind) + "** " + plain(finding.message) + place_text(finding.path, finding.line) + (finding.on_base ? " of the base" : "") + "\n";
      if (!finding.hunk.empty()) list += hunk_block(finding.hunk);
    }
    if (!list.empty()) page += (escalates ? "## Weaker than before\n\n" : "## Changes to what is checked\n\n") + list + "\n";
  }
}

std::string judged_text(const Judged& judged) {
  return judged.name + (judged.tree.empty() ? "" : " (tree " + judged.tree.substr(0, 12) + ")");
}

// Not as a part of a longer one.
bool holds_number(std::string_view line, std::string_view number) {
  const auto digit = [&](std::size_t at) { return at < line.size() && line[at] >= '0' && line[at] <= '9'; };
  for (std::size_t at = number.empty() ? line.npos : line.find(number); at != line.npos; at = line.find(number, at + 1)) {
    if ((at == 0 || !digit(at - 1)) && !digit(at + number.size())) return true;
  }
  return false;
}

}  // namespace

std::string evidence_page(const VerifyReport& report) {
  std::string page = "# " + verdict_sentence(report) + "\n\n";
  page += "Judged: " + judged_text(report.head) + " against " + judged_text(report.base) + ". ";
  page += "Ran " + (report.sandbox.empty() ? std::string("on this machine") : "in: " + report.sandbox) + ", " +
          seconds_text(report.seconds) + ". Verification " + report.id + ".\n\n";
  for (const CriterionVerdict& criterion : report.criteria) {
    page += "- criterion " + std::string(to_string(criterion.status)) + ": " + plain(criterion.text) + (criterion.why.empty() ? "" : " (" + plain(criterion.why) + ")") + "\n";
  }
  if (!report.criteria.empty()) page += "\n";
  add_audit(report, page);
  add_gates(report, page);
  add_tests(report, page);
  add_findings(report, page);
  if (!report.notes.empty()) {
    page += "## Notes\n\n";
    for (const std::string& note : report.notes) page += "- " + plain(note) + "\n";
  }
  return page;
}

int line_about(std::string_view text, const std::vector<std::string>& needles) {
  for (const std::string& needle : needles) {
    if (needle.empty()) continue;
    const std::size_t at = text.find(needle);
    if (at != text.npos) return 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
  }
  return 1;
}

int line_about(std::string_view text, const FindingPlace& finding) {
  const std::string_view message = first_line(finding.message);
  const std::string_view path = finding.path, name = path.substr(path.rfind('/') + 1);
  const std::string number = finding.line > 0 ? std::to_string(finding.line) : std::string();
  int best = 1, most = 0, at = 0;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    ++at;
    int says = !message.empty() && line.find(message) != line.npos ? 4 : 0;
    if (!name.empty() && line.find(name) != line.npos) says += line.find(path) != line.npos ? 3 : 2;
    if (says > 0 && holds_number(line, number)) says += 2;
    if (says <= most) continue;
    most = says;
    best = at;
  }
  return best;
}

std::vector<std::string> needles_of(std::string_view test, std::string_view message) {
  std::vector<std::string> needles;
  const std::string shown(first_line(message));
  if (shown.size() >= 8) needles.push_back(shown);
  if (!test.empty()) {
    needles.emplace_back(test);
    const std::size_t part = test.find_last_of(":/>. ");
    if (part != test.npos && part + 3 < test.size()) needles.emplace_back(test.substr(part + 1));
  }
  return needles;
}

}  // namespace baton
