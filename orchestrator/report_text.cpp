#include "orchestrator/report_text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <set>
#include <string_view>

#include "orchestrator/terminal_text.h"

namespace baton {
namespace {

constexpr int kMinWidth = 40;
constexpr int kMaxProse = 100;          // prose is not wider, however wide the terminal
constexpr size_t kMaxEntries = 20;     // of a list, unless verbose
constexpr size_t kMaxMessageLines = 6; // of one failure, unless verbose

enum class Tone { plain, bold, dim, good, bad, odd };

const char* code_of(Tone tone) {
  switch (tone) {
    case Tone::plain: return "";
    case Tone::bold: return "\x1b[1m";
    case Tone::dim: return "\x1b[2m";
    case Tone::good: return "\x1b[32m";
    case Tone::bad: return "\x1b[31m";
    case Tone::odd: return "\x1b[33m";
  }
  return "";
}

std::string plural(size_t n, std::string_view one, std::string_view many) {
  return std::to_string(n) + " " + std::string(n == 1 ? one : many);
}

std::string duration(double seconds) {
  if (!(seconds >= 0) || !std::isfinite(seconds)) return "";
  char text[32];
  if (seconds < 60) {
    std::snprintf(text, sizeof text, "%.1f s", seconds);
  } else {
    long whole = std::lround(std::min(seconds, 1e9));
    std::snprintf(text, sizeof text, "%ld min %02ld s", whole / 60, whole % 60);
  }
  return text;
}

std::string place(const std::string& path, int line, int column = 0) {
  if (path.empty()) return "";
  std::string text = printable_text(path);
  if (line > 0) text += ":" + std::to_string(line);
  if (line > 0 && column > 0) text += ":" + std::to_string(column);
  return text;
}

struct Sign {
  std::string_view mark;
  Tone tone;
};

Sign sign_of(GateVerdict verdict) {
  switch (verdict) {
    case GateVerdict::pass: return {"✓", Tone::good};
    case GateVerdict::fail: return {"✗", Tone::bad};
    case GateVerdict::vacuous:
    case GateVerdict::env_fault:
    case GateVerdict::inconclusive: break;
  }
  return {"?", Tone::odd};
}

Sign sign_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::verified:
    case Verdict::no_regression: return {"✓", Tone::good};
    case Verdict::rejected: return {"✗", Tone::bad};
    case Verdict::inconclusive: break;
  }
  return {"?", Tone::odd};
}

std::string_view in_words(Verdict verdict) {
  switch (verdict) {
    case Verdict::verified: return "Verified";
    case Verdict::no_regression: return "No regression";
    case Verdict::rejected: return "Rejected";
    case Verdict::inconclusive: return "Inconclusive";
  }
  return "Inconclusive";
}

std::string_view in_words(RunVerdict verdict) {
  switch (verdict) {
    case RunVerdict::pass: return "ok";
    case RunVerdict::fail: return "failed";
    case RunVerdict::vacuous: return "nothing ran";
    case RunVerdict::env_fault: return "could not run";
    case RunVerdict::timeout: return "timed out";
    case RunVerdict::crash: return "crashed";
  }
  return "failed";
}

// "36 ok, 13 failed", or how the run ended where nobody counted.
std::string run_cell(const std::optional<RunSummary>& run, bool compact) {
  if (!run) return "not run";
  bool counted = run->verdict == RunVerdict::pass || run->verdict == RunVerdict::fail;
  std::string text;
  auto add = [&](const std::optional<int>& n, std::string_view word, std::string_view symbol) {
    if (!n || *n == 0) return;
    text += (text.empty() ? "" : compact ? " " : ", ") + std::to_string(*n);
    text += compact ? std::string(symbol) : " " + std::string(word);
  };
  if (counted) {
    add(run->passed, "ok", "✓");
    add(run->failed, "failed", "✗");
    add(run->skipped, "skipped", "–");
  }
  if (text.empty()) return std::string(in_words(run->verdict));
  return text;
}

class Page {
 public:
  explicit Page(const TextStyle& style)
      : style_(style), width_(std::max(style.width, kMinWidth)), prose_(std::min(width_, kMaxProse)) {}

  std::string take() { return std::move(out_); }

  std::string painted(Tone tone, std::string_view text) const {
    if (!style_.colour || tone == Tone::plain || text.empty()) return std::string(text);
    return code_of(tone) + std::string(text) + "\x1b[0m";
  }

  void line(std::string_view text = "") {
    size_t end = text.find_last_not_of(' ');
    out_ += text.substr(0, end == text.npos ? 0 : end + 1);
    out_ += '\n';
  }

  // Wrapped, each line indented and in one tone.
  void prose(std::string_view text, int indent, Tone tone = Tone::plain) {
    for (const std::string& part : wrap_text(printable_text(text), prose_ - indent))
      line(std::string(static_cast<size_t>(indent), ' ') + painted(tone, part));
  }

  // "  · text", further lines under the text.
  void bullet(std::string_view mark, Tone tone, std::string_view text) {
    std::string lead = "  " + painted(tone, mark) + " ";
    for (const std::string& part : wrap_text(printable_text(text), prose_ - 4)) {
      line(lead + part);
      lead = "    ";
    }
  }

  void heading(std::string_view text, Tone tone = Tone::bold) {
    line();
    line(painted(tone == Tone::bold ? Tone::bold : tone, text));
  }

  const TextStyle& style() const { return style_; }
  int width() const { return width_; }
  int prose_width() const { return prose_; }

 private:
  const TextStyle& style_;
  int width_, prose_;
  std::string out_;
};

// --- head -----------------------------------------------------------------------------------------------------------

std::string judged_name(const Judged& judged) {
  std::string commit = judged.commit.substr(0, 7);
  std::string name = printable_text(judged.name);
  if (name.empty()) return commit.empty() ? "nothing" : commit;
  bool is_the_commit = !commit.empty() && name.starts_with(commit);
  return commit.empty() || is_the_commit || name == "working tree" ? name : name + " (" + commit + ")";
}

void put_verdict(Page& page, const VerifyReport& report) {
  Sign sign = sign_of(report.verdict);
  if (sign.tone == Tone::good && weakened_checks(report) > 0) sign = {"!", Tone::odd};
  std::string word(in_words(report.verdict));
  std::string lead = page.painted(sign.tone, std::string(sign.mark) + " " + word);
  if (page.style().colour) lead = "\x1b[1m" + lead;
  if (!report.cause.empty()) lead += ": ";
  int used = 2 + display_width(word) + 2;
  for (const std::string& part : wrap_text(printable_text(report.cause), std::max(20, page.prose_width() - used))) {
    page.line(lead + part);
    lead = std::string(static_cast<size_t>(used), ' ');
  }

  std::string about = judged_name(report.head) + " against " + judged_name(report.base);
  about += ", " + duration(report.seconds);
  if (report.cached) about += ", answered from an earlier verification";
  page.prose(about, 2, Tone::dim);
  if (report.provisional) page.prose("Provisional: it rests on a shortcut, on files that are not committed, or on a part of your changes; do not land on it.", 2, Tone::odd);
  if (report.sandbox == "not isolated")
    page.prose("Not isolated: the commands ran without a sandbox.", 2, Tone::odd);
}

// --- gates ----------------------------------------------------------------------------------------------------------

struct GateColumns {
  int name = 4, base = 4, head = 6, time = 0;
  int sum() const { return 2 + name + 2 + base + 2 + head + (time > 0 ? 2 + time : 0); }
  void shrink_name(int width, int least) { name = std::max(std::min(name, least), name - std::max(0, sum() - width)); }
};

std::string gate_name(const GateReport& gate) { return printable_text(gate.name) + (gate.required ? "" : " *"); }

GateColumns measure(const VerifyReport& report, bool compact) {
  GateColumns columns;
  for (const GateReport& gate : report.gates) {
    columns.name = std::max(columns.name, display_width(gate_name(gate)));
    columns.base = std::max(columns.base, display_width(run_cell(gate.base, compact)));
    columns.head = std::max(columns.head, display_width(run_cell(gate.head, compact)));
    if (gate.head) columns.time = std::max(columns.time, display_width(duration(gate.head->seconds)));
  }
  return columns;
}

// The gate's own cause, and the run's where that says more.
std::string gate_cause(const GateReport& gate) {
  std::string cause = gate.cause;
  bool unjudged = gate.verdict != GateVerdict::pass && gate.verdict != GateVerdict::fail;
  const std::optional<RunSummary>& run = gate.head;
  bool says_more = run && !run->cause.empty() && run->verdict != RunVerdict::pass &&
                   (unjudged || gate.kind != GateKind::test || cause.empty());
  if (says_more && cause.find(run->cause) == cause.npos) cause += (cause.empty() ? "" : " (") + run->cause +
                                                                  (cause.empty() ? "" : ")");
  return cause;
}

void put_gates(Page& page, const VerifyReport& report) {
  if (report.gates.empty()) return;
  bool compact = false;
  GateColumns columns = measure(report, compact);
  if (columns.sum() > page.width()) columns = measure(report, compact = true);
  columns.shrink_name(page.width(), 12);
  if (columns.sum() > page.width()) columns.time = 0;
  columns.shrink_name(page.width(), 6);

  page.line();
  page.line(page.painted(Tone::dim, "  " + padded("", columns.name) + "  " + padded("before", columns.base) + "  after"));
  bool optional = false;
  for (const GateReport& gate : report.gates) {
    Sign sign = sign_of(gate.verdict);
    optional = optional || !gate.required;
    std::string time = gate.head ? duration(gate.head->seconds) : "";
    std::string line = page.painted(sign.tone, sign.mark) + " ";
    line += padded(shorten_middle(gate_name(gate), columns.name), columns.name) + "  ";
    line += page.painted(Tone::dim, padded(run_cell(gate.base, compact), columns.base)) + "  ";
    line += padded(run_cell(gate.head, compact), columns.head) + "  ";
    line += std::string(static_cast<size_t>(std::max(0, columns.time - display_width(time))), ' ');
    if (columns.time > 0) line += page.painted(Tone::dim, time);
    page.line(line);
    std::string cause = gate_cause(gate);
    if (!cause.empty()) page.prose(cause, 4, gate.verdict == GateVerdict::pass ? Tone::dim : sign.tone);
  }
  if (optional) page.line(page.painted(Tone::dim, "* not required"));
}

// --- lists ----------------------------------------------------------------------------------------------------------

// A place, what it is about, and the lines below it.
struct Entry {
  std::string place, title, message, symbol;
  bool prose = false;  // the title is a sentence, which wraps; a name gives way in the middle
};

void put_entry(Page& page, const Entry& entry) {
  const std::string& title = entry.title;
  int room = page.width() - 2;
  std::string where = shorten_middle(entry.place, room);
  bool one_line = where.empty() || display_width(where) + 2 + display_width(title) <= room;
  if (!where.empty() && one_line) {
    page.line("  " + page.painted(Tone::bold, where) + "  " + title);
  } else {
    if (!where.empty()) page.line("  " + page.painted(Tone::bold, where));
    int indent = where.empty() ? 2 : 4;
    if (entry.prose)
      page.prose(title, indent);
    else
      page.line(std::string(static_cast<size_t>(indent), ' ') + shorten_middle(title, page.width() - indent));
  }
  if (!entry.symbol.empty()) page.line("    " + page.painted(Tone::dim, "in " + shorten_middle(entry.symbol, page.width() - 7)));
  size_t shown = 0, limit = page.style().verbose ? kMaxMessageLines * 10 : kMaxMessageLines;
  std::string_view rest = entry.message;
  while (!rest.empty()) {
    size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view text = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (text.find_first_not_of(' ') == text.npos) continue;
    if (shown++ == limit) {
      page.line("    " + page.painted(Tone::dim, "…"));
      break;
    }
    page.line("    " + shorten_end(text, page.width() - 4));
  }
}

void put_list(Page& page, std::string_view heading, Tone tone, const std::vector<Entry>& entries) {
  if (entries.empty()) return;
  page.heading(std::string(heading) + " (" + std::to_string(entries.size()) + ")", tone);
  size_t limit = page.style().verbose ? entries.size() : kMaxEntries;
  for (size_t i = 0; i < entries.size() && i < limit; ++i) put_entry(page, entries[i]);
  if (entries.size() > limit)
    page.line("  " + page.painted(Tone::dim, "… and " + std::to_string(entries.size() - limit) + " more"));
}

// The place tells the file already.
std::string title_of(const TestVerdict& test) {
  std::string_view id = test.id;
  if (!test.path.empty() && id.starts_with(test.path + "::")) id.remove_prefix(test.path.size() + 2);
  return printable_text(id);
}

template <class Wanted>
std::vector<Entry> tests_if(const VerifyReport& report, Wanted wanted) {
  std::vector<Entry> entries;
  for (const TestVerdict& test : report.tests) {
    if (wanted(test))
      entries.push_back({place(test.path, test.line), title_of(test), printable_text(test.message),
                         printable_text(test.symbol)});
  }
  return entries;
}

std::vector<Entry> tests_with(const VerifyReport& report, TestStatus status) {
  return tests_if(report, [&](const TestVerdict& test) { return test.status == status && !test.accepted; });
}

void put_tests(Page& page, const VerifyReport& report) {
  put_list(page, "Regressions", Tone::bad, tests_with(report, TestStatus::regression));
  put_list(page, "Tests that no longer run", Tone::bad, tests_if(report, [](const TestVerdict& test) { return test.status == TestStatus::vanished && blocks(test) && !test.accepted; }));
  put_list(page, "New tests that fail", Tone::bad, tests_with(report, TestStatus::added_failing));
  put_list(page, "Newly unstable tests", Tone::odd, tests_with(report, TestStatus::newly_unstable));
  put_list(page, "Tests that the task removes", Tone::plain, tests_if(report, [](const TestVerdict& test) { return test.removed_by_task; }));
}

void add_reason(Entry& entry, const AcceptedNote& note, std::string_view failure) {
  entry.title += " (" + std::string(failure) + ")";
  entry.message = "accepted by " + printable_text(note.by) + ": " + printable_text(note.reason);
}

bool severe(Severity severity) { return severity == Severity::error || severity == Severity::warning; }

Entry finding_entry(const Finding& finding) {
  std::string text = printable_text(finding.message);
  size_t end = text.find('\n');
  Entry entry;
  entry.place = place(finding.path, finding.line, finding.column);
  entry.title = text.substr(0, end);
  entry.prose = true;
  if (!finding.code.empty() && entry.title.find(finding.code) == std::string::npos)
    entry.title += " [" + printable_text(finding.code) + "]";
  if (end != std::string::npos) entry.message = text.substr(end + 1);
  return entry;
}

void put_findings(Page& page, const VerifyReport& report) {
  std::set<std::string> tests;  // their failures are told as tests
  for (const TestVerdict& test : report.tests)
    if (test.status != TestStatus::unchanged) tests.insert(test.id);
  std::vector<Entry> errors, warnings, remarks;
  for (const FindingVerdict& verdict : report.findings) {
    const Finding& finding = verdict.finding;
    if (!verdict.is_new || finding.suppressed || verdict.accepted || tests.contains(finding.code)) continue;
    auto& list = finding.severity == Severity::error ? errors : severe(finding.severity) ? warnings : remarks;
    list.push_back(finding_entry(finding));
  }
  put_list(page, "New errors", Tone::bad, errors);
  put_list(page, "New warnings", Tone::odd, warnings);
  if (page.style().verbose) put_list(page, "New remarks", Tone::bold, remarks);
}

// Failures all the same: with the reason, and who gave it.
void put_accepted(Page& page, const VerifyReport& report) {
  std::vector<Entry> entries;
  for (const TestVerdict& test : report.tests) {
    if (!test.accepted) continue;
    Entry entry{place(test.path, test.line), title_of(test), "", printable_text(test.symbol)};
    add_reason(entry, *test.accepted, to_string(test.status));
    entries.push_back(std::move(entry));
  }
  for (const FindingVerdict& verdict : report.findings) {
    if (!verdict.accepted) continue;
    Entry entry = finding_entry(verdict.finding);
    add_reason(entry, *verdict.accepted, "new finding");
    entries.push_back(std::move(entry));
  }
  put_list(page, "Accepted as known", Tone::odd, entries);
}

Entry audit_entry(const AuditFinding& finding) {
  std::string where = place(finding.path, finding.line) + (finding.on_base ? " before" : "");
  return {std::move(where), printable_text(finding.message), finding.escalates ? printable_text(finding.hunk) : "", "", true};
}

// What takes protection away stands before all that the gates say, since they say it with what is left.
void put_weakened(Page& page, const VerifyReport& report) {
  std::vector<Entry> entries;
  for (const AuditFinding& finding : report.audit)
    if (finding.escalates) entries.push_back(audit_entry(finding));
  put_list(page, "Weaker than before", Tone::odd, entries);
}

void put_audit(Page& page, const VerifyReport& report) {
  std::vector<Entry> entries;
  for (const AuditFinding& finding : report.audit)
    if (!finding.escalates) entries.push_back(audit_entry(finding));
  put_list(page, "Changes to what is checked", Tone::odd, entries);
}

std::string why(const CriterionVerdict& criterion, const std::string& otherwise) {
  const std::string text = criterion.why.empty() ? otherwise : printable_text(criterion.why);
  return text.empty() ? "" : " (" + text + ")";
}

void put_criteria(Page& page, const VerifyReport& report) {
  if (report.criteria.empty()) return;
  page.heading("Criteria");
  for (const CriterionVerdict& criterion : report.criteria) {
    switch (criterion.status) {
      case CriterionStatus::met: page.bullet("✓", Tone::good, criterion.text + why(criterion, "")); break;
      case CriterionStatus::unmet: page.bullet("✗", Tone::bad, criterion.text + why(criterion, "not met")); break;
      case CriterionStatus::not_checkable: page.bullet("?", Tone::odd, criterion.text + why(criterion, "not shown by any gate")); break;
    }
  }
}

void put_mutants(Page& page, const VerifyReport& report) {
  if (!report.mutants) return;
  const MutantCount& count = *report.mutants;
  page.heading("Mutants of the changed lines");
  const int left = count.made - count.tried;
  std::string text = std::to_string(count.noticed) + " noticed, " + std::to_string(count.unnoticed) + " noticed by no test";
  if (count.not_viable > 0) text += ", " + std::to_string(count.not_viable) + " did not build";
  if (left > 0) text += ", " + std::to_string(left) + " not tried in the time there was";
  page.bullet("·", Tone::dim, count.made == 0 ? std::string("The changed lines have nothing to change.") : text);
  for (const FindingVerdict& found : report.findings) {
    if (found.finding.code == kMutantCode && found.finding.tool == "baton")
      page.bullet("·", Tone::odd, place(found.finding.path, found.finding.line) + " " + printable_text(found.finding.message));
  }
}

// --- what a line is enough for --------------------------------------------------------------------------------------

void put_known(Page& page, const VerifyReport& report) {
  struct Known {
    TestStatus status;
    std::string_view one, many, heading;
  };
  static constexpr Known kKnown[] = {
      {TestStatus::pre_existing, "failure was there before", "failures were there before", "Failed before too"},
      {TestStatus::fixed, "test that failed before passes", "tests that failed before pass", "Fixed"},
      {TestStatus::added, "new test passes", "new tests pass", "New tests"},
      {TestStatus::flaky, "test is flaky, before and after", "tests are flaky, before and after", "Flaky"},
      {TestStatus::env_fault, "test could not run in this environment", "tests could not run in this environment",
       "Could not run here"},
      {TestStatus::not_run, "test was not run", "tests were not run", "Not run"}};
  std::set<std::string> told;  // a green gate says in its line what was there before
  for (const GateReport& gate : report.gates)
    if (gate.verdict == GateVerdict::pass) told.insert(gate.name);
  bool verbose = page.style().verbose;
  bool first = true;
  for (const Known& known : kKnown) {
    bool of_gate = known.status == TestStatus::pre_existing || known.status == TestStatus::env_fault;
    std::vector<Entry> tests = tests_if(report, [&](const TestVerdict& test) {
      return test.status == known.status && (verbose || !of_gate || !told.contains(test.gate));
    });
    if (verbose) {
      put_list(page, known.heading, Tone::bold, tests);
      continue;
    }
    if (tests.empty()) continue;
    if (first) page.line();
    first = false;
    std::string text = plural(tests.size(), known.one, known.many);
    // A flaky test wants a name: it will be met again.
    if (known.status == TestStatus::flaky && tests.size() == 1) {
      const Entry& test = tests.front();
      text += ": " + test.title + (test.place.empty() ? "" : " (" + test.place + ")");
    }
    page.bullet("·", Tone::dim, text);
  }
}

void put_notes(Page& page, const VerifyReport& report) {
  if (report.notes.empty()) return;
  page.heading("Assumed and left out");
  for (const std::string& note : report.notes) page.bullet("·", Tone::dim, note);
}

std::string shown_path(const std::string& path, const TextStyle& style) {
  std::string root = style.relative_to;
  if (!root.empty() && root.back() != '/') root += '/';
  if (root.size() > 1 && path.starts_with(root)) return path.substr(root.size());
  return path;
}

std::string next_step(const VerifyReport& report) {
  const GateReport* unjudged = nullptr;
  const GateReport* failed = nullptr;
  for (const GateReport& gate : report.gates) {
    if (!gate.required || gate.verdict == GateVerdict::pass) continue;
    const GateReport*& slot = gate.verdict == GateVerdict::env_fault ? unjudged : failed;
    if (!slot) slot = &gate;
  }
  if (report.verdict == Verdict::rejected && failed) {
    bool quoted = failed->name.find(' ') != std::string::npos;
    std::string name = quoted ? "\"" + failed->name + "\"" : failed->name;
    return "baton verify --gate " + name + "   judges that gate alone again";
  }
  if (report.gates.empty() || unjudged) return "baton doctor   says what is missing and the line that mends it";
  if (report.verdict == Verdict::no_regression && report.criteria.empty())
    return "baton verify --criteria FILE   also checks what the change was to do";
  return "";
}

void put_evidence(Page& page, const VerifyReport& report) {
  std::vector<std::pair<std::string, std::string>> rows;
  std::string folder;
  for (const GateReport& gate : report.gates) {
    if (folder.empty() && gate.head && !gate.head->log.empty())
      folder = std::filesystem::path(gate.head->log).parent_path().parent_path().string();
    bool wanted = gate.verdict != GateVerdict::pass || page.style().verbose;
    if (wanted && gate.head && !gate.head->log.empty())
      rows.emplace_back(printable_text(gate.name) + " log", shown_path(gate.head->log, page.style()));
  }
  if (rows.empty() && !folder.empty()) rows.emplace_back("evidence", shown_path(folder, page.style()));
  if (!report.id.empty()) rows.emplace_back("verification", report.id);
  std::string next = next_step(report);
  if (!next.empty()) rows.emplace_back("next", next);
  if (rows.empty()) return;
  page.line();
  int column = 0;
  for (const auto& [name, value] : rows) column = std::max(column, display_width(name));
  column = std::min(column, 24);
  for (const auto& [name, value] : rows)  // a path stays whole: it is there to be copied
    page.line("  " + page.painted(Tone::dim, padded(shorten_middle(name, column), column)) + "  " + printable_text(value));
}

}  // namespace

std::string report_text(const VerifyReport& report, const TextStyle& style) {
  Page page(style);
  put_verdict(page, report);
  put_weakened(page, report);
  put_gates(page, report);
  put_criteria(page, report);
  put_tests(page, report);
  put_findings(page, report);
  put_mutants(page, report);
  put_accepted(page, report);
  put_audit(page, report);
  put_known(page, report);
  put_notes(page, report);
  put_evidence(page, report);
  return page.take();
}

}  // namespace baton
