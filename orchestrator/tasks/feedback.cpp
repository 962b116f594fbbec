#include "orchestrator/tasks/feedback.h"

#include <algorithm>
#include <set>

#include "orchestrator/accepted.h"
#include "orchestrator/script.h"
#include "orchestrator/tasks/markdown.h"
#include "orchestrator/tasks/pieces.h"
#include "orchestrator/tasks/suspicion.h"
#include "support/files.h"

namespace baton {
namespace {

constexpr std::size_t kMaxFailures = 20, kMaxKnown = 10;
constexpr std::size_t kLogLines = 40, kLogBytes = 6 << 10;

bool fails(const VerifyReport& report, const GateReport& gate) {
  return gate.required && (gate.verdict == GateVerdict::fail || gate.verdict == GateVerdict::vacuous) && !is_accepted(report, gate);
}

std::string place(const std::string& path, int line) {
  if (path.empty()) return "";
  return " at " + code_span(line > 0 ? path + ":" + std::to_string(line) : path);
}

std::string command(const GateReport& gate) {
  std::string text;
  for (const std::string& word : gate.argv) text += (text.empty() ? "" : " ") + shell_quoted(word);
  return text;
}

std::string title_of(const Plan& plan, const std::string& id) {
  const PlannedSubtask* subtask = find_subtask(plan, id);
  return subtask && !subtask->title.empty() ? id + " (" + plain_words(subtask->title) + ")" : id;
}

void add_failures(std::string& text, const VerifyReport& report, const std::string& gate) {
  const auto failures = new_failures(report, {gate});
  for (std::size_t i = 0; i < std::min(failures.size(), kMaxFailures); ++i) {
    const NewFailure& failure = failures[i];
    text += "- " + (failure.test.empty() ? std::string("error") : "test " + code_span(failure.test)) + place(failure.path, failure.line);
    if (!failure.message.empty()) text += ": " + code_span(failure.message);
    text += "\n";
  }
  if (failures.size() > kMaxFailures) text += "- and " + std::to_string(failures.size() - kMaxFailures) + " more\n";
}

void add_log(std::string& text, const GateReport& gate) {
  if (!gate.head || gate.head->log.empty()) return;
  const auto log = read_file(gate.head->log);
  if (!log || log->empty()) return;
  text += "\nThe end of its output:\n\n" + code_block(last_lines(*log, kLogLines, kLogBytes), "text");
}

void add_known(std::string& text, const VerifyReport& report) {
  std::string known;
  std::size_t count = 0;
  for (const TestVerdict& test : report.tests) {
    const bool accepted = is_accepted(test);
    if (test.status != TestStatus::pre_existing && test.status != TestStatus::flaky && !accepted) continue;
    const char* how = test.status == TestStatus::flaky ? " (flaky)" : accepted ? " (accepted as known)" : "";
    if (++count <= kMaxKnown) known += "- test " + code_span(test.id) + how + "\n";
  }
  for (const FindingVerdict& found : report.findings) {
    if ((found.is_new && !is_accepted(found)) || found.finding.severity != Severity::error) continue;
    if (++count <= kMaxKnown) known += "- error" + place(found.finding.path, found.finding.line) + ": " + code_span(found.finding.message) + "\n";
  }
  if (known.empty()) return;
  text += "\n## What failed before, and is not yours\n\n" + known;
  if (count > kMaxKnown) text += "- and " + std::to_string(count - kMaxKnown) + " more\n";
}

void add_expected(std::string& text, const FeedbackFacts& facts) {
  text += "\n## What is expected\n\n- Every required gate passes, and no test that passed or ran before fails, is skipped or is gone.\n";
  const PlannedSubtask* subtask = find_subtask(facts.plan, facts.subtask);
  for (const Criterion& criterion : facts.plan.criteria) {
    const bool own = subtask && std::find(subtask->criteria.begin(), subtask->criteria.end(), criterion.id) != subtask->criteria.end();
    if (own) text += "- " + plain_words(criterion.text) + "\n";
  }
}

}  // namespace

std::vector<std::string> failing_gates(const VerifyReport& report) {
  std::vector<std::string> own, all;
  for (const GateReport& gate : report.gates) {
    if (!fails(report, gate)) continue;
    all.push_back(gate.name);
    if (gate.head) own.push_back(gate.name);
  }
  return own.empty() ? all : own;
}

std::string failure_sentence(const VerifyReport& report) {
  const auto gates = failing_gates(report);
  for (const GateReport& gate : report.gates) {
    if (gates.empty() || gate.name != gates.front()) continue;
    return "the gate \"" + gate.name + "\" fails" + (gate.cause.empty() ? "" : ": " + gate.cause);
  }
  return report.cause;
}

std::string red_feedback(const FeedbackFacts& facts) {
  std::string text = "# Round " + std::to_string(facts.round) + " is red: " + plain_words(failure_sentence(facts.report)) + "\n\n";
  if (!facts.certain) text += "It could not be told apart whose change it is; yours is among those that are left.\n";
  else if (facts.together.empty()) text += "Without your change it holds.\n";
  else {
    text += "Without your change it holds; it breaks together with that of";
    for (std::size_t i = 0; i < facts.together.size(); ++i) text += (i == 0 ? " " : ", ") + title_of(facts.plan, facts.together[i]);
    text += ".\n";
  }
  const std::set<std::string> named(facts.gates.begin(), facts.gates.end());
  for (const GateReport& gate : facts.report.gates) {
    if (!named.contains(gate.name)) continue;
    text += "\n## The gate " + code_span(gate.name) + " fails\n\n";
    if (!gate.cause.empty()) text += plain_words(gate.cause) + ".\n";
    text += "\nIt runs " + code_span(command(gate)) + ".\n\n";
    add_failures(text, facts.report, gate.name);
    add_log(text, gate);
  }
  add_known(text, facts.report);
  add_expected(text, facts);
  return text;
}

std::string conflict_feedback(const Plan& plan, const std::string& subtask, const std::vector<MergeTrouble>& troubles) {
  std::string text = "# Your change conflicts with another one\n\n";
  for (const MergeTrouble& trouble : troubles) {
    if (std::find(trouble.subtasks.begin(), trouble.subtasks.end(), subtask) == trouble.subtasks.end()) continue;
    for (const std::string& other : trouble.subtasks) {
      if (other != subtask) text += "- with that of " + title_of(plan, other) + "\n";
    }
    for (const std::string& path : trouble.paths) text += "- in " + code_span(path) + "\n";
    text += "- git says " + code_span(trouble.message) + "\n";
  }
  return text + "\n## What is expected\n\n- The same outcome, in lines that the other change does not touch, or on top of it where you start from its result.\n";
}

}  // namespace baton
