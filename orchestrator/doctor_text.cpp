#include "orchestrator/doctor_text.h"

#include <algorithm>

#include "orchestrator/script.h"
#include "orchestrator/terminal_text.h"

namespace baton {
namespace {

constexpr int kMinWidth = 40;
constexpr int kMaxText = 100;
constexpr int kKindWidth = 11;  // "typecheck" and two spaces

class Writer {
 public:
  explicit Writer(const TextStyle& style) : colour_(style.colour), width_(std::max(style.width, kMinWidth)) {}

  std::string bold(std::string_view text) const { return painted("1", text); }
  std::string dim(std::string_view text) const { return painted("2", text); }
  std::string good(std::string_view text) const { return painted("32", text); }
  std::string bad(std::string_view text) const { return painted("31", text); }
  std::string odd(std::string_view text) const { return painted("33", text); }

  void line(std::string_view text = "") { text_ += std::string(text) + "\n"; }
  // Wrapped, every line indented.
  void prose(std::string_view text, int indent) {
    for (const std::string& part : wrap_text(printable_text(text), std::min(width_, kMaxText) - indent)) {
      line(std::string(static_cast<std::size_t>(indent), ' ') + part);
    }
  }
  // What is to be typed stays whole on one line.
  void to_type(std::string_view text, int indent) {
    line(std::string(static_cast<std::size_t>(indent), ' ') + bold(printable_text(text)));
  }
  int width() const { return width_; }
  std::string take() { return std::move(text_); }

 private:
  std::string painted(const char* code, std::string_view text) const {
    return colour_ ? "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m" : std::string(text);
  }
  bool colour_;
  int width_;
  std::string text_;
};

std::string_view trust_words(TrustState state) {
  switch (state) {
    case TrustState::trusted: return "trusted";
    case TrustState::never_asked: return "not trusted yet: `baton verify` asks once";
    case TrustState::changed: return "what would run has changed since it was trusted: `baton verify` asks again";
  }
  return "";
}

// `git --version` says "git version 2.39.5".
std::string git_words(std::string_view version) {
  if (version.empty()) return "git is missing";
  for (const std::string_view prefix : {"git ", "version "}) {
    if (version.starts_with(prefix)) version.remove_prefix(prefix.size());
  }
  return "git " + std::string(version);
}

std::string without_placeholders(std::string text) {
  for (const auto& [what, with] : {std::pair<std::string_view, std::string_view>{"{root}/", ""}, {"{root}", "."}, {"{reports}", "$REPORTS"}, {"{jobs}", "$JOBS"}}) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
      text.replace(at, what.size(), with);
    }
  }
  return text;
}

void write_head(Writer& out, const DoctorReport& report) {
  std::string where = out.bold(printable_text(report.root));
  if (!report.branch.empty()) where += " on " + printable_text(report.branch);
  if (!report.head.empty()) where += out.dim(" " + report.head.substr(0, 10));
  out.line(where);
  std::string state;
  for (const std::string& part : {git_words(report.git_version),
                                  "sandbox: " + report.sandbox, std::string(trust_words(report.trust)) + (report.trusted_by.empty() ? "" : ", by " + report.trusted_by)}) {
    state += (state.empty() ? "" : " · ") + part;
  }
  out.prose(state, 0);
}

void write_gates(Writer& out, const DoctorReport& report) {
  out.line();
  if (report.plan.gates.empty()) {
    out.line(out.odd("No gate was found."));
    return;
  }
  out.line(out.bold("Gates") + ", in the order they run");
  for (const Gate& gate : report.plan.gates) {
    const std::string kind = padded(std::string(to_string(gate.kind)), kKindWidth);
    std::string name = out.bold(printable_text(gate.name));
    std::string remark = "  from " + printable_text(gate.source);
    if (gate.kind == GateKind::lint) {
      remark += gate.required ? ", blocks on new findings" : ", new findings are shown";
    } else if (!gate.required) {
      remark += ", not required";
    }
    if (gate.network) remark += ", with network";
    out.line("  " + out.dim(kind) + name + out.dim(remark));
    const int indent = 2 + kKindWidth;
    const std::string where = gate.cwd.empty() ? "" : "in " + gate.cwd + ": ";
    out.line(std::string(static_cast<std::size_t>(indent), ' ') +
             out.dim(shorten_end(printable_text(where + command_line(gate)), out.width() - indent)));
  }
}

void write_agents(Writer& out, const DoctorReport& report) {
  if (report.agents.empty()) return;
  out.line();
  out.line(out.bold("Agents") + ", for `baton run`");
  for (const AgentNote& note : report.agents) {
    const std::string mark = note.usable ? out.good("✓ ") : out.odd("! ");
    out.line("  " + mark + out.bold(printable_text(note.name)) + out.dim("  " + note.backend + ", " + printable_text(note.why)));
    if (!note.usable && !note.mend.empty()) out.to_type(note.mend, 6);
  }
}

void write_advice(Writer& out, const DoctorReport& report, bool blocking) {
  bool first = true;
  for (const Advice& advice : report.plan.advice) {
    if (advice.blocking != blocking) continue;
    if (first) {
      out.line();
      out.line(blocking ? out.bold("What is missing") : out.bold("Good to know"));
      first = false;
    }
    out.line("  " + (blocking ? out.bad("✗ ") : out.dim("· ")) + printable_text(advice.about));
    out.prose(advice.message, 4);
    if (!advice.mend.empty()) out.to_type(advice.mend, 6);
  }
}

void write_configuration(Writer& out, const DoctorReport& report) {
  if (report.config_problems.empty()) return;
  out.line();
  out.line(out.bold("Configuration"));
  for (const Finding& problem : report.config_problems) {
    const std::string place = problem.path + ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column);
    const bool error = problem.severity == Severity::error;
    out.line("  " + (error ? out.bad("✗ ") : out.odd("! ")) + printable_text(place));
    out.prose(problem.message, 4);
  }
}

void write_close(Writer& out, const DoctorReport& report) {
  const auto& advice = report.plan.advice;
  const auto blocking = std::count_if(advice.begin(), advice.end(), [](const Advice& one) { return one.blocking; });
  out.line();
  const bool marked = !report.config_problems.empty() || std::any_of(report.agents.begin(), report.agents.end(), [](const AgentNote& note) { return !note.usable; });
  if (blocking == 0 && marked) {
    out.line(out.good("A verdict lacks nothing") + ": `baton verify` judges the working tree. What is marked above is missing for the rest.");
  } else if (blocking == 0) {
    out.line(out.good("Nothing is missing.") + " `baton verify` judges the working tree.");
  } else {
    out.line(out.odd(blocking == 1 ? "One thing is missing" : std::to_string(blocking) + " things are missing") +
             "; a verdict without it would be inconclusive.");
  }
}

}  // namespace

std::string command_line(const Gate& gate) {
  std::string line;
  for (const std::string& word : gate.argv) line += (line.empty() ? "" : " ") + without_placeholders(shell_quoted(word));
  return line;
}

std::string doctor_text(const DoctorReport& report, const TextStyle& style) {
  Writer out(style);
  write_head(out, report);
  write_gates(out, report);
  write_agents(out, report);
  write_configuration(out, report);
  write_advice(out, report, true);
  write_advice(out, report, false);
  write_close(out, report);
  return out.take();
}

}  // namespace baton
