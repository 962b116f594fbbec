#include "orchestrator/criteria.h"

#include <algorithm>
#include <charconv>
#include <functional>

#include "analyzers/audit/test_file.h"
#include "analyzers/syntax.h"
#include "orchestrator/fixed_findings.h"
#include "orchestrator/task_words.h"

namespace baton {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<std::string> after(std::string_view text, std::string_view word) {
  if (!text.starts_with(word)) return std::nullopt;
  return std::string(trimmed(text.substr(word.size())));
}

CriterionStatus of_gate(const GateReport& gate) {
  switch (gate.verdict) {
    case GateVerdict::pass:
      return CriterionStatus::met;
    case GateVerdict::fail:
    case GateVerdict::vacuous:
      return CriterionStatus::unmet;
    case GateVerdict::env_fault:
    case GateVerdict::inconclusive:
      break;
  }
  return CriterionStatus::not_checkable;
}

CriterionStatus of_test(TestStatus status) {
  switch (status) {
    case TestStatus::fixed:
    case TestStatus::added:
    case TestStatus::unchanged:
      return CriterionStatus::met;
    case TestStatus::regression:
    case TestStatus::pre_existing:
    case TestStatus::vanished:
    case TestStatus::added_failing:
      return CriterionStatus::unmet;
    case TestStatus::flaky:
    case TestStatus::newly_unstable:
    case TestStatus::env_fault:
    case TestStatus::not_run:
    case TestStatus::skipped:
      break;
  }
  return CriterionStatus::not_checkable;
}

const GateReport* find_gate(const VerifyReport& report, const std::string& name) {
  const auto found =
      std::find_if(report.gates.begin(), report.gates.end(), [&](const GateReport& g) { return g.name == name; });
  return found == report.gates.end() ? nullptr : &*found;
}

// Its findings can be compared: it ran on both sides, and what it told is all that it had to tell.
bool told_all(const GateReport& gate, const VerifyReport& report) {
  for (const auto* run : {&gate.base, &gate.head}) {
    const bool to_end = *run && ((*run)->verdict == RunVerdict::pass || (*run)->verdict == RunVerdict::fail) && (*run)->exit_code.value_or(2) <= 1;
    if (!to_end) return false;
  }
  // What the compiler inside the tool could not read was not looked at.
  return std::none_of(report.findings.begin(), report.findings.end(), [&](const FindingVerdict& found) {
    return found.gate == gate.name && found.is_new && found.finding.code.starts_with("clang-diagnostic-error");
  });
}

bool is_about(const FindingFate& fate, const FixedFinding& asked) {
  const Finding& found = fate.finding;
  const bool own_gate = fate.gate == fixed_findings_gate(asked.tool);
  if (!asked.path.empty() && found.path != asked.path) return false;
  if (own_gate && is_formatter(asked.tool)) return true;
  return (own_gate || found.tool == asked.tool) && found.code == asked.check && (asked.line == 0 || found.line == asked.line);
}

CriterionStatus of_fixed(const FixedFinding& asked, const VerifyReport& report, const std::vector<FindingFate>& fates, std::vector<std::string>& gates) {
  bool seen = false, there = false;
  for (const FindingFate& fate : fates) {
    if (!is_about(fate, asked)) continue;
    const auto gate = std::find_if(report.gates.begin(), report.gates.end(), [&](const GateReport& one) { return one.name == fate.gate; });
    if (gate == report.gates.end() || !told_all(*gate, report)) return CriterionStatus::not_checkable;
    if (std::find(gates.begin(), gates.end(), fate.gate) == gates.end()) gates.push_back(fate.gate);
    seen = true;
    there = there || !fate.gone;
  }
  if (!seen) return CriterionStatus::not_checkable;
  return there ? CriterionStatus::unmet : CriterionStatus::met;
}

void add_evidence(CriterionVerdict& verdict, const GateReport* gate) {
  if (gate && gate->base && !gate->base->evidence.empty()) verdict.evidence.push_back(gate->base->evidence);
  if (gate && gate->head && !gate->head->evidence.empty()) verdict.evidence.push_back(gate->head->evidence);
}

bool is_of_tests(std::string_view path) { return audit::is_test_path(path) && language_of(path) != Language::rust; }

// What took protection away from the tests of this file: in it, or where it may reach all of them, as in a runner's settings, a helper or
// the program. Without a file: anything.
const AuditFinding* weakening(const VerifyReport& report, const std::string& path) {
  const auto found = std::find_if(report.audit.begin(), report.audit.end(), [&](const AuditFinding& one) {
    return one.escalates && (path.empty() || one.path == path || !is_of_tests(one.path));
  });
  return found == report.audit.end() ? nullptr : &*found;
}

// The check of a file that looks away from it does not say that a finding is mended.
const AuditFinding* muting(const VerifyReport& report, const std::string& path) {
  const auto found = std::find_if(report.audit.begin(), report.audit.end(), [&](const AuditFinding& one) {
    return (one.kind.starts_with("check_muted") && (path.empty() || one.path == path)) || one.kind == "lint_weakened" || one.kind == "check_removed";
  });
  return found == report.audit.end() ? nullptr : &*found;
}

// Nothing that was made weaker shows anything.
void take_back(CriterionVerdict& verdict, const AuditFinding* weaker) {
  if (!weaker || verdict.status != CriterionStatus::met) return;
  verdict.status = CriterionStatus::not_checkable;
  verdict.why += (verdict.why.empty() ? "" : ", but ") + weaker->path + (weaker->line > 0 ? ":" + std::to_string(weaker->line) : "") + " is weaker than before (" + weaker->kind + ")";
}

constexpr std::size_t kMostNamed = 6;
constexpr std::string_view kFixed = "fixed:", kAt = " at ", kIn = " in ", kCommand = "command:";

// Whole names at the end of the id that a runner gives: `test_total` of "tests/cart.py::test_total".
bool ends_in(const std::string& id, const std::string& name) {
  if (name.empty() || !id.ends_with(name)) return false;
  return id.size() == name.size() || std::string_view(":. >/#").find(id[id.size() - name.size() - 1]) != std::string_view::npos;
}

std::vector<const TestVerdict*> tests_named(const std::string& name, const VerifyReport& report) {
  std::vector<const TestVerdict*> found;
  for (const TestVerdict& one : report.tests) {
    if (one.id == name) return {&one};
    if (ends_in(one.id, name)) found.push_back(&one);
  }
  return found;
}

std::string one_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMostNamed); ++i) text += (i == 0 ? "" : ", ") + names[i];
  return text + (names.size() > kMostNamed ? ", …" : "");
}

void judge_test(CriterionVerdict& verdict, const std::string& id, const VerifyReport& report) {
  const auto found = tests_named(id, report);
  if (found.empty()) {
    verdict.why = "no test of this name was reported; the report names tests as their runner does";
    return;
  }
  if (found.size() > 1) {
    std::vector<std::string> ids;
    for (const TestVerdict* one : found) ids.push_back(one->id);
    verdict.why = "more than one test has this name: " + one_of(ids);
    return;
  }
  const TestVerdict* test = found.front();
  verdict.status = of_test(test->status);
  verdict.why = (test->id == id ? "the test" : test->id) + (test->status == TestStatus::unchanged ? " passes, as on the base" : " is " + std::string(to_string(test->status)));
  take_back(verdict, weakening(report, test->path));
  add_evidence(verdict, find_gate(report, test->gate));
}

void judge_gate_named(CriterionVerdict& verdict, const std::string& name, const VerifyReport& report) {
  const GateReport* gate = find_gate(report, name);
  if (!gate) {
    std::vector<std::string> names;
    for (const GateReport& one : report.gates) names.push_back(one.name);
    verdict.why = "no gate of this name ran" + (names.empty() ? std::string() : "; there are: " + one_of(names));
    return;
  }
  verdict.status = of_gate(*gate);
  verdict.why = "the gate says " + std::string(to_string(gate->verdict));
  take_back(verdict, weakening(report, ""));
  add_evidence(verdict, gate);
}

// By the result's own run: what the base says of it is no matter.
void judge_command(CriterionVerdict& verdict, const VerifyReport& report) {
  const GateReport* gate = find_gate(report, std::string(trimmed(verdict.text)));
  if (!gate || !gate->head) {
    verdict.why = gate && !gate->cause.empty() ? gate->cause : "the command did not run";
    return;
  }
  add_evidence(verdict, gate);
  const RunSummary& run = *gate->head;
  const bool told = run.verdict == RunVerdict::pass || run.verdict == RunVerdict::fail || run.verdict == RunVerdict::crash;
  if (told) verdict.status = run.verdict == RunVerdict::pass ? CriterionStatus::met : CriterionStatus::unmet;
  verdict.why = run.verdict == RunVerdict::pass ? "it ended with 0" : run.cause;
  take_back(verdict, weakening(report, ""));
}

void judge_file(CriterionVerdict& verdict, const std::string& path, const CriteriaFacts& facts) {
  const bool there = facts.in_result(path);
  verdict.status = there ? CriterionStatus::met : CriterionStatus::unmet;
  verdict.why = there ? "it is in the result's tree" + std::string(facts.base_text(path) ? ", and in the base's" : "") : "the result's tree has no such file or folder";
}

void judge_symbol(CriterionVerdict& verdict, std::string_view said, const CriteriaFacts& facts) {
  const auto in = said.rfind(kIn);
  const std::string name(trimmed(said.substr(0, in)));
  const bool placed = in != said.npos;
  const std::vector<std::string> files = placed ? std::vector<std::string>{std::string(trimmed(said.substr(in + kIn.size())))} : facts.changed_files;
  for (const std::string& path : files) {
    const auto text = facts.head_text(path);
    if (!text) continue;
    for (const Symbol& symbol : outline(*text, language_of(path))) {
      if (symbol.name != name && symbol.qualified != name) continue;
      verdict.status = CriterionStatus::met;
      const auto before = facts.base_text(path);
      const auto known = before ? outline(*before, language_of(path)) : std::vector<Symbol>();
      const bool on_base = std::any_of(known.begin(), known.end(), [&](const Symbol& one) { return one.qualified == symbol.qualified; });
      verdict.why = "it stands in " + path + ":" + std::to_string(symbol.line) + (on_base ? ", and on the base" : "");
      return;
    }
  }
  if (placed) verdict.status = CriterionStatus::unmet;
  verdict.why = placed ? files.front() + " does not define it" : "no changed file defines it; \"symbol: NAME in PATH\" says where to look";
}

CriterionStatus of_reproduction(const Reproduction& shown) {
  if (shown.status == ReproductionStatus::not_judged) return CriterionStatus::not_checkable;
  // What would have to be written otherwise before anything can be shown is not shown to be untrue.
  const bool says_nothing = shown.reason == RedGreenReason::fixture_or_load_failure || shown.reason == RedGreenReason::flaky ||
                            shown.reason == RedGreenReason::nonzero_exit_without_test_failure;
  return says_nothing ? CriterionStatus::not_checkable : CriterionStatus::unmet;
}

void judge_red_green(CriterionVerdict& verdict, const std::string& id, const VerifyReport& report) {
  if (!report.reproduction) {
    verdict.why = "it was not tried";
    return;
  }
  const Reproduction& shown = *report.reproduction;
  verdict.evidence = shown.evidence;
  verdict.why = shown.message;
  if (shown.reason) verdict.why = std::string(to_string(*shown.reason)) + ": " + verdict.why;
  const bool proven = shown.status == ReproductionStatus::proven && (id.empty() || std::find(shown.proven.begin(), shown.proven.end(), id) != shown.proven.end());
  if (proven) verdict.status = CriterionStatus::met;
  else if (shown.status != ReproductionStatus::proven) verdict.status = of_reproduction(shown);
  else verdict.status = CriterionStatus::unmet, verdict.why = "other tests show it, and this one does not";
  while (verdict.why.ends_with('.')) verdict.why.pop_back();
  take_back(verdict, weakening(report, ""));
}

bool has(const std::vector<std::string>& all, const std::string& one) { return std::find(all.begin(), all.end(), one) != all.end(); }

bool calls_fresh(const ChangedTest& test, const CriteriaFacts& facts) {
  return std::any_of(test.calls.begin(), test.calls.end(), [&](const std::string& call) { return facts.fresh.contains(call); });
}

// It failed before, or it calls what only the result has.
bool shows_change_by_itself(const ChangedTest& test, const TestVerdict& verdict, const CriteriaFacts& facts) {
  return verdict.status == TestStatus::fixed || calls_fresh(test, facts);
}

// Whether a pass of the test says something of the change. One that was written for a criterion is seen to fail without it: at its
// assertion, or since what it calls is not there.
bool shows_change(const ChangedTest& test, const TestVerdict& verdict, const VerifyReport& report, const CriteriaFacts& facts) {
  const Reproduction tried = report.reproduction.value_or(Reproduction{});
  if (has(tried.proven, verdict.id)) return true;
  if (report.prove && has(*report.prove, name_of(test.test))) return has(tried.unloaded, verdict.id) && calls_fresh(test, facts);
  return shows_change_by_itself(test, verdict, facts);
}

std::string how_it_shows(const TestVerdict& verdict, const VerifyReport& report) {
  if (!report.prove || !report.reproduction) return {};
  if (has(report.reproduction->proven, verdict.id)) return "; it is proven red → green";
  return has(report.reproduction->unloaded, verdict.id) ? "; without the change it cannot run, since what it calls is not there" : "";
}

// Why a test that covers the sentence and passes does not show it.
std::string why_unshown(const std::string& id, const VerifyReport& report) {
  const std::string covers = id + " covers it and passes, and ";
  if (!report.reproduction || !has(report.reproduction->targets, id)) return covers + "nothing shows that it fails without the change; --red-green tries it";
  const Reproduction& tried = *report.reproduction;
  if (tried.status == ReproductionStatus::proven) return covers + "it does not fail without the change as a test must, while others do";
  std::string why = covers + "is not proven red → green: " + (tried.reason ? std::string(to_string(*tried.reason)) + ": " : "") + tried.message;
  while (why.ends_with('.')) why.pop_back();
  return why;
}

// Files that the sentence names and that the result lacks: looked for, and said.
std::string missing_files(const std::string& sentence, const CriteriaFacts& facts) {
  std::string missing;
  for (const TaskClause& clause : task_clauses(sentence)) {
    for (const std::string& path : clause.paths) {
      const bool is_file = path.find('.') != path.npos && path.find('*') == path.npos && !path.ends_with('/');
      if (is_file && !facts.in_result(path)) missing += (missing.empty() ? "" : ", ") + path;
    }
  }
  return missing;
}

// Each test that covers a sentence with what came of it, until one call says that it is enough.
void each_covering(std::string_view sentence, const std::vector<TestVerdict>& tests, const CriteriaFacts& facts,
                   const std::function<bool(const ChangedTest&, const TestVerdict&)>& look) {
  for (const ChangedTest& test : facts.tests) {
    if (!covers(test, sentence, facts)) continue;
    for (const TestVerdict& one : tests) {
      if (speaks_of(one.id, one.path, test.test) && !look(test, one)) return;
    }
  }
}

void judge_sentence(CriterionVerdict& verdict, const VerifyReport& report, const CriteriaFacts& facts) {
  std::string unshown;
  const TestVerdict* shown = nullptr;
  const TestVerdict* broken = nullptr;
  each_covering(verdict.text, report.tests, facts, [&](const ChangedTest& test, const TestVerdict& one) {
    if (blocks(one) || one.status == TestStatus::pre_existing) {
      broken = &one;
      return false;
    }
    if (of_test(one.status) != CriterionStatus::met) return true;
    if (shows_change(test, one, report, facts)) shown = &one, verdict.test = name_of(test.test);
    else unshown = one.id;
    return true;
  });
  if (broken) {
    verdict.test.clear();
    verdict.status = CriterionStatus::unmet;
    verdict.why = broken->id + ", which covers it, is " + std::string(to_string(broken->status));
    add_evidence(verdict, find_gate(report, broken->gate));
    return;
  }
  if (shown) {
    verdict.status = CriterionStatus::met;
    verdict.why = shown->id + " covers it and is " + std::string(to_string(shown->status)) + how_it_shows(*shown, report);
    take_back(verdict, weakening(report, shown->path));
    add_evidence(verdict, find_gate(report, shown->gate));
    if (!how_it_shows(*shown, report).empty()) verdict.evidence.insert(verdict.evidence.end(), report.reproduction->evidence.begin(), report.reproduction->evidence.end());
  } else if (!unshown.empty()) {
    verdict.why = why_unshown(unshown, report);
  } else if (const std::string missing = missing_files(verdict.text, facts); !missing.empty()) {
    verdict.why = "no test of the change covers it, and the result does not have " + missing;
  } else {
    verdict.why = "no test of the change covers it";
  }
}

bool names_its_evidence(std::string_view text) {
  for (const std::string_view word : {std::string_view("gate:"), std::string_view("test:"), kCommand, kFixed, std::string_view("red-green")}) {
    if (text.starts_with(word)) return true;
  }
  return false;
}

}  // namespace

std::string to_criterion(const FixedFinding& finding) {
  std::string text = std::string(kFixed) + " " + finding.tool + " " + finding.check;
  if (!finding.path.empty()) text += std::string(kAt) + finding.path;
  if (finding.line > 0) text += ":" + std::to_string(finding.line);
  return text;
}

std::optional<FixedFinding> fixed_finding(std::string_view criterion) {
  const auto said = after(trimmed(criterion), kFixed);
  if (!said) return std::nullopt;
  std::string_view text = *said;
  FixedFinding finding;
  if (const auto at = text.find(kAt); at != text.npos) {
    std::string_view place = trimmed(text.substr(at + kAt.size()));
    text = trimmed(text.substr(0, at));
    const auto colon = place.rfind(':');
    const std::string_view digits = colon == place.npos ? std::string_view() : place.substr(colon + 1);
    if (!digits.empty() && std::from_chars(digits.data(), digits.data() + digits.size(), finding.line).ptr == digits.data() + digits.size()) place = place.substr(0, colon);
    else finding.line = 0;
    finding.path = place;
  }
  auto space = text.rfind(' ');
  if (space == text.npos) return std::nullopt;
  // "ruff format ruff format": a formatter is its own check, whatever its name.
  if (const auto half = text.size() / 2; text[half] == ' ' && text.substr(0, half) == text.substr(half + 1)) space = half;
  finding.tool = trimmed(text.substr(0, space));
  finding.check = text.substr(space + 1);
  return finding;
}

RedGreenWish red_green_wish(const std::vector<std::string>& criteria) {
  RedGreenWish wish;
  bool any = false;
  for (const std::string& text : criteria) {
    const auto said = after(trimmed(text), kRedGreenCriterion);
    if (!said || (!said->empty() && !said->starts_with(':'))) continue;
    wish.asked = true;
    std::string id(trimmed(std::string_view(*said).substr(said->empty() ? 0 : 1)));
    if (id.empty()) any = true;
    else wish.tests.push_back(std::move(id));
  }
  if (any) wish.tests.clear();
  return wish;
}

void add_command_gates(VerificationPlan& plan, const std::vector<std::string>& criteria) {
  std::vector<std::string> needs;
  for (const PlannedGate& planned : plan.gates) {
    const Gate& gate = planned.gate();
    if (planned.head && (gate.kind == GateKind::setup || gate.kind == GateKind::build)) needs.push_back(gate.name);
  }
  for (const std::string& text : criteria) {
    const auto line = after(trimmed(text), kCommand);
    if (!line || line->empty()) continue;
    Gate gate;
    gate.name = trimmed(text);
    gate.kind = GateKind::lint;
    gate.required = false;
    gate.argv = {"sh", "-c", *line};
    gate.needs = needs;
    gate.source = "a criterion";
    const bool known = std::any_of(plan.gates.begin(), plan.gates.end(), [&](const PlannedGate& one) { return one.gate().name == gate.name; });
    if (known) continue;
    PlannedGate planned;
    planned.head = std::move(gate);
    plan.gates.push_back(std::move(planned));
  }
}

bool is_sentence(std::string_view criterion) {
  const std::string_view text = trimmed(criterion);
  return !names_its_evidence(text) && !text.starts_with("file:") && !text.starts_with("symbol:");
}

std::vector<std::string> tests_to_prove(const std::vector<std::string>& criteria, const std::vector<TestVerdict>& tests, const CriteriaFacts& facts,
                                        const std::vector<std::string>& prove) {
  std::vector<std::string> ids;
  for (const std::string& text : criteria) {
    if (!is_sentence(text)) continue;
    each_covering(text, tests, facts, [&](const ChangedTest& test, const TestVerdict& one) {
      const bool needs_proof = has(prove, name_of(test.test)) || !shows_change_by_itself(test, one, facts);
      if (needs_proof && of_test(one.status) == CriterionStatus::met && !has(ids, one.id)) ids.push_back(one.id);
      return true;
    });
  }
  return ids;
}

bool need_facts(const std::vector<std::string>& criteria) {
  return std::any_of(criteria.begin(), criteria.end(), [](const std::string& text) { return !names_its_evidence(trimmed(text)); });
}

std::vector<CriterionVerdict> judge_criteria(const std::vector<std::string>& criteria, const VerifyReport& report, const std::vector<FindingFate>& fates,
                                             const CriteriaFacts& facts) {
  std::vector<CriterionVerdict> verdicts;
  for (const std::string& text : criteria) {
    CriterionVerdict verdict{text, CriterionStatus::not_checkable, {}, {}};
    const std::string_view said = trimmed(text);
    if (const auto name = after(said, "gate:")) {
      judge_gate_named(verdict, *name, report);
    } else if (const auto fixed = fixed_finding(text)) {
      std::vector<std::string> gates;
      verdict.status = of_fixed(*fixed, report, fates, gates);
      take_back(verdict, muting(report, fixed->path));
      for (const std::string& gate : gates) add_evidence(verdict, find_gate(report, gate));
    } else if (const auto id = after(said, "test:")) {
      judge_test(verdict, *id, report);
    } else if (const auto wish = red_green_wish({text}); wish.asked) {
      judge_red_green(verdict, wish.tests.empty() ? "" : wish.tests.front(), report);
    } else if (after(said, kCommand)) {
      judge_command(verdict, report);
    } else if (const auto path = after(said, "file:")) {
      judge_file(verdict, *path, facts);
    } else if (const auto symbol = after(said, "symbol:")) {
      judge_symbol(verdict, *symbol, facts);
    } else {
      judge_sentence(verdict, report, facts);
    }
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace baton
