// What is told of a result: to the reviewer of the branch, who knows nothing of the task.
#include <algorithm>
#include <optional>
#include <set>

#include "analyzers/syntax.h"
#include "git/line_diff.h"
#include "orchestrator/agents/fix_words.h"
#include "orchestrator/script.h"
#include "orchestrator/tasks/landing.h"
#include "orchestrator/tasks/markdown.h"
#include "orchestrator/tasks/pieces.h"

namespace baton {
namespace {

constexpr std::size_t kMaxFiles = 60, kMaxSymbols = 8, kMaxListed = 40, kMaxCriteria = 60;

std::string count_of(std::size_t count, std::string_view one, std::string_view many) { return std::to_string(count) + " " + std::string(count == 1 ? one : many); }

// A cell of a table.
std::string cell(std::string text) {
  std::string out;
  for (const char c : text) out += c == '|' ? "\\|" : c == '\n' ? " " : std::string(1, c);
  return out;
}

std::string run_in_words(const std::optional<RunSummary>& run) {
  if (!run) return "not run";
  std::string text(to_string(run->verdict));
  if (run->passed && run->failed) text += ", " + std::to_string(*run->passed) + " passed, " + std::to_string(*run->failed) + " failed";
  else if (run->total) text += ", " + count_of(static_cast<std::size_t>(*run->total), "test", "tests");
  return text;
}

void add_why(std::string& text, const DescriptionFacts& facts) {
  text += "# " + plain_words(facts.plan.title) + "\n\n";
  if (!facts.plan.text.empty() && facts.plan.text != facts.plan.title) {
    text += "## Why\n\n";
    std::string_view rest = facts.plan.text;
    while (!rest.empty()) {
      const auto end = std::min(rest.find('\n'), rest.size());
      text += "> " + plain_words(rest.substr(0, end)) + "\n";
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    text += "\n";
  }
  text += "## Verdict\n\n**" + std::string(to_string(facts.report.verdict)) + "**";
  if (!facts.report.cause.empty()) text += ": " + plain_words(facts.report.cause);
  text += ".";
  if (facts.report.provisional) text += " It is provisional.";
  text += "\n\n";
}

void add_criteria(std::string& text, const DescriptionFacts& facts) {
  if (facts.report.criteria.empty()) return;
  text += "## Criteria\n\n| criterion | verdict | evidence |\n|---|---|---|\n";
  std::size_t met = 0;
  const bool many = facts.report.criteria.size() > kMaxCriteria;
  for (const CriterionVerdict& criterion : facts.report.criteria) {
    met += criterion.status == CriterionStatus::met;
    if (many && criterion.status == CriterionStatus::met) continue;  // those that are not are worth the room
    std::string evidence;
    for (const std::string& id : criterion.evidence) evidence += (evidence.empty() ? "" : ", ") + code_span(id.substr(0, 12));
    const bool of_ours = criterion.text.find(": ") != std::string::npos && criterion.text.find('\n') == std::string::npos;
    text += "| " + cell(of_ours ? code_span(criterion.text) : plain_words(criterion.text)) + " | " + std::string(to_string(criterion.status)) + (criterion.why.empty() ? "" : ": " + cell(plain_words(criterion.why))) + " | " + evidence + " |\n";
  }
  text += "\n" + std::to_string(met) + " of " + std::to_string(facts.report.criteria.size()) + " are met.";
  if (many) text += " Those that are met are not listed.";
  text += "\n\n";
}

std::string untouched_in_words(const std::vector<Untouched>& all) {
  std::set<std::string> planned;
  for (const Untouched& one : all) planned.insert(one.planned);
  std::string names;
  std::size_t named = 0;
  for (const std::string& one : planned) {
    if (++named <= kMaxListed) names += (names.empty() ? "" : ", ") + code_span(one);
  }
  if (named > kMaxListed) names += " and " + std::to_string(named - kMaxListed) + " more";
  return names.empty() ? "" : "Planned, not changed: " + names + ".\n\n";
}

void add_changes(std::string& text, const DescriptionFacts& facts) {
  text += "## What changed\n\n";
  if (facts.changes.empty()) text += "Nothing.\n";
  for (std::size_t i = 0; i < std::min(facts.changes.size(), kMaxFiles); ++i) {
    const FileChange& change = facts.changes[i];
    text += "- " + code_span(change.path);
    if (change.kind == ChangeKind::renamed) text += " (was " + code_span(change.old_path) + ")";
    else if (change.kind != ChangeKind::modified) text += change.kind == ChangeKind::added ? " (new)" : " (deleted)";
    text += change.binary ? ", binary" : ", +" + std::to_string(change.added) + " −" + std::to_string(change.removed);
    if (const auto symbols = facts.symbols.find(change.path); symbols != facts.symbols.end() && !symbols->second.empty()) {
      text += ": ";
      for (std::size_t k = 0; k < std::min(symbols->second.size(), kMaxSymbols); ++k) text += (k == 0 ? "" : ", ") + code_span(symbols->second[k]);
      if (symbols->second.size() > kMaxSymbols) text += " and " + std::to_string(symbols->second.size() - kMaxSymbols) + " more";
    }
    text += "\n";
  }
  if (facts.changes.size() > kMaxFiles) text += "- and " + count_of(facts.changes.size() - kMaxFiles, "more file", "more files") + "\n";
  text += "\n" + untouched_in_words(facts.untouched);
  std::vector<Fix> fixes;
  if (!facts.contributions.empty()) text += "Its parts:\n\n";
  for (const Contribution& contribution : facts.contributions) {
    fixes.insert(fixes.end(), contribution.fixes.begin(), contribution.fixes.end());
    const PlannedSubtask* subtask = find_subtask(facts.plan, contribution.subtask);
    std::string title = subtask ? subtask->title : "";
    if (const auto counts = by_check(contribution.fixes); counts.size() == 1) title = fixes_in_words(counts.begin()->first.first, counts.begin()->first.second, counts.begin()->second);
    text += "- " + contribution.subtask + (title.empty() ? "" : ", " + plain_words(title)) + ": by " + (contribution.agent.empty() ? "an agent" : code_span(contribution.agent)) + "\n";
  }
  if (!fixes.empty()) {
    text += "\n| check | fixes |\n|---|---|\n";
    for (const auto& [check, count] : by_check(fixes)) text += "| " + cell(code_span(check.first + " " + check.second)) + " | " + std::to_string(count.fixes) + " |\n";
  }
  if (!facts.report.gone.empty()) text += "\n" + count_of(facts.report.gone.size(), "finding", "findings") + " of the base " + (facts.report.gone.size() == 1 ? "is" : "are") + " gone.\n";
  text += "\n";
}

void add_gates(std::string& text, const DescriptionFacts& facts) {
  text += "## Gates\n\n| gate | verdict | before | after |\n|---|---|---|---|\n";
  for (const GateReport& gate : facts.report.gates) {
    text += "| " + cell(code_span(gate.name)) + (gate.required ? "" : " (not required)") + " | " + std::string(to_string(gate.verdict));
    if (!gate.cause.empty()) text += ": " + cell(plain_words(gate.cause));
    text += " | " + run_in_words(gate.base) + " | " + run_in_words(gate.head) + " |\n";
  }
  text += "\n";
  if (!facts.report.sandbox.empty()) text += "They ran in checkouts of their own (" + plain_words(facts.report.sandbox) + ").\n\n";
}

void add_tests(std::string& text, const VerifyReport& report) {
  const auto listed = [&](std::string_view title, const std::set<TestStatus>& wanted) {
    std::string tests;
    std::size_t count = 0;
    for (const TestVerdict& test : report.tests) {
      if (!wanted.contains(test.status) || ++count > kMaxListed) continue;
      tests += "- " + code_span(test.id) + (test.path.empty() ? "" : " at " + code_span(test.path + (test.line > 0 ? ":" + std::to_string(test.line) : ""))) + "\n";
    }
    if (count == 0) return;
    text += "## " + std::string(title) + "\n\n" + tests;
    if (count > kMaxListed) text += "- and " + std::to_string(count - kMaxListed) + " more\n";
    text += "\n";
  };
  listed("Tests that it mends", {TestStatus::fixed});
  listed("Tests that it adds", {TestStatus::added});
  listed("Tests that fail", {TestStatus::regression, TestStatus::vanished, TestStatus::added_failing});
  listed("What failed before", {TestStatus::pre_existing});
  listed("Tests that do not always say the same", {TestStatus::flaky, TestStatus::newly_unstable});
}

void add_reproduction(std::string& text, const VerifyReport& report) {
  if (!report.reproduction || report.reproduction->proven.empty()) return;
  text += "## Red, then green\n\nEach of these tests fails on the base, passes with the change, and fails again without the program's part of it:\n\n";
  for (const std::string& test : report.reproduction->proven) text += "- " + code_span(test) + "\n";
  text += "\n";
}

void add_mutants(std::string& text, const VerifyReport& report) {
  if (!report.mutants || report.mutants->made == 0) return;
  const MutantCount& count = *report.mutants;
  text += "## What no test notices\n\nOf " + count_of(static_cast<std::size_t>(count.made), "small change", "small changes") + " of the changed lines " + std::to_string(count.tried) + " were tried: " +
          std::to_string(count.noticed) + " noticed by a test, " + std::to_string(count.unnoticed) + " by none";
  if (count.not_viable > 0) text += ", " + std::to_string(count.not_viable) + " did not build";
  text += ".\n\n";
  std::size_t listed = 0;
  for (const FindingVerdict& found : report.findings) {
    if (found.finding.code != kMutantCode || ++listed > kMaxListed) continue;
    text += "- " + code_span(found.finding.path + ":" + std::to_string(found.finding.line)) + ": " + plain_words(found.finding.message) + "\n";
  }
  if (listed > kMaxListed) text += "- and " + std::to_string(listed - kMaxListed) + " more\n";
  if (listed > 0) text += "\n";
}

void add_audit(std::string& text, const VerifyReport& report, bool escalates, std::string_view heading) {
  std::size_t count = 0;
  for (const AuditFinding& finding : report.audit) {
    if (finding.escalates != escalates || ++count > kMaxListed) continue;
    if (count == 1) text += "## " + std::string(heading) + "\n\n";
    text += "- " + (finding.path.empty() ? std::string() : code_span(finding.path + (finding.line > 0 ? ":" + std::to_string(finding.line) : "")) + ": ") + plain_words(finding.message) + "\n";
  }
  if (count > kMaxListed) text += "- and " + std::to_string(count - kMaxListed) + " more\n";
  if (count > 0) text += "\n";
}

void add_rest(std::string& text, const DescriptionFacts& facts) {
  if (!facts.left_out.empty()) {
    text += "## What was left out\n\n";
    for (const LeftOut& left : facts.left_out) text += "- " + code_span(left.what) + ": " + plain_words(left.reason) + "\n";
    text += "\n";
  }
  add_audit(text, facts.report, false, "Worth a look");
  if (facts.notes.empty() && facts.report.notes.empty()) return;
  text += "## Notes\n\n";
  for (const auto* notes : {&facts.notes, &facts.report.notes}) {
    for (const std::string& note : *notes) text += "- " + plain_words(note) + "\n";
  }
  text += "\n";
}

std::string as_comment(std::string text) {
  for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 3)) text.replace(at, 1, "\n# ");
  return text;
}

void add_checking(std::string& text, const DescriptionFacts& facts) {
  const std::string base = facts.report.base.commit.substr(0, 12), head = facts.commit.substr(0, 12);
  if (base.empty() || head.empty()) return;
  text += "## How to check\n\n";
  std::string commands = "git diff " + base + " " + head + "\n";
  for (const GateReport& gate : facts.report.gates) {
    if (!gate.required || gate.kind == GateKind::setup) continue;
    commands += "# " + gate.name + ":";
    for (const std::string& word : gate.argv) commands += " " + as_comment(shell_quoted(word));
    commands += "\n";
  }
  commands += "baton verify --base " + base + " --head " + head + "\n";
  text += code_block(commands, "sh");
  if (!facts.report.id.empty()) text += "\nThe verification is " + code_span(facts.report.id) + "; it judged the tree " + code_span(facts.report.head.tree) + ".\n";
}

}  // namespace

std::string describe(const DescriptionFacts& facts) {
  std::string text;
  add_why(text, facts);
  add_audit(text, facts.report, true, "Weaker than before");
  add_criteria(text, facts);
  add_changes(text, facts);
  add_gates(text, facts);
  add_tests(text, facts.report);
  add_reproduction(text, facts.report);
  add_mutants(text, facts.report);
  add_rest(text, facts);
  add_checking(text, facts);
  return text;
}

std::map<std::string, std::vector<std::string>> changed_symbols(const Store& store, const std::string& old_tree, const std::string& new_tree,
                                                                const std::vector<FileChange>& changes) {
  std::map<std::string, std::vector<std::string>> found;
  for (std::size_t i = 0; i < std::min(changes.size(), kMaxFiles); ++i) {  // more are not listed
    const FileChange& change = changes[i];
    const Language language = language_of(change.path);
    if (change.binary || language == Language::none) continue;
    const auto read = [&](const std::string& tree, const std::string& path, bool there) {
      auto text = there ? store.read(tree, path) : Result<std::optional<std::string>>(std::optional<std::string>());
      return text && *text ? **text : std::string();
    };
    const std::string was = read(old_tree, change.old_path, change.kind != ChangeKind::added), now = read(new_tree, change.path, change.kind != ChangeKind::deleted);
    const auto after = outline(now, language);
    std::optional<std::vector<Symbol>> before;  // asked for where lines are gone and none came
    std::vector<std::string>& names = found[change.path];
    const auto add = [&](const std::vector<Symbol>& symbols, int line) {
      const auto symbol = enclosing_symbol(symbols, line);
      if (symbol && std::find(names.begin(), names.end(), symbol->qualified) == names.end()) names.push_back(symbol->qualified);
    };
    for (const LineHunk& hunk : diff_lines(was, now)) {
      for (int line = hunk.to_line; line < hunk.to_line + hunk.to_count; ++line) add(after, line);
      if (hunk.to_count > 0) continue;
      if (!before) before = outline(was, language);
      for (int line = hunk.from_line; line < hunk.from_line + hunk.from_count; ++line) add(*before, line);
    }
  }
  return found;
}

}  // namespace baton
