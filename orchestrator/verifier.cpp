#include "orchestrator/verifier.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "analyzers/syntax.h"
#include "git/checkout.h"
#include "orchestrator/audit_trees.h"
#include "orchestrator/base_tests_run.h"
#include "orchestrator/comparison.h"
#include "orchestrator/criteria.h"
#include "orchestrator/gate_audit.h"
#include "orchestrator/mutant_run.h"
#include "orchestrator/quick_selection.h"
#include "orchestrator/red_green_run.h"
#include "orchestrator/retries.h"
#include "orchestrator/side_runner.h"
#include "orchestrator/tests_of_tree.h"
#include "orchestrator/toolchain.h"
#include "orchestrator/tree_text.h"
#include "orchestrator/verification_record.h"
#include "support/files.h"

namespace baton {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kQuickTries = 2;

Tries tries_of(const std::vector<GateRun>& runs) {
  Tries tries;
  for (const GateRun& run : runs) tries.push_back(run.as_try());
  return tries;
}

// What one gate came to, before the report is put together.
struct JudgedGate {
  GateReport report;
  std::vector<TestVerdict> tests;
  std::vector<FindingVerdict> findings;
  std::vector<FindingFate> fates;
  bool changed = false;  // the head's own command ran
  bool vacuous_on_base = false;
  bool names_no_test = false;
};

class Verifying {
 public:
  Verifying(const VerificationOrder& asked, const VerifierParts& parts, ProgressTicker& progress, std::stop_token stop)
      : asked_(asked),
        parts_(parts),
        progress_(progress),
        stop_(std::move(stop)),
        same_tree_(asked.base.tree == asked.head.tree),
        base_text_(parts.store, asked.base.tree),
        head_text_(parts.store, asked.head.tree),
        installs_(parts.cache_home / "installs", JournalSeal(parts.config_home)),
        record_(asked, parts) {}

  Result<VerifyReport> run() {
    auto report = work();
    // The build of a head that was judged is what the next quick verdict goes on from; a quick one that was cut off keeps it.
    if (area_ && head_) {
      const bool keep = head_->worth_keeping() && (report || asked_.quick) && parts_.store.repository().submodules.empty();
      base_.reset();
      head_->give_back_installs();
      head_.reset();
      if (keep) area_->keep("head", kept_build_key(asked_));
    }
    return report;
  }

 private:
  Result<VerifyReport> work() {
    const auto began = Clock::now();
    if (auto started = record_.began(); !started) return started.error();
    auto area = WorkArea::make(parts_.cache_home, parts_.store.repository(), asked_.rung);
    if (!area) return area.error();
    area_.emplace(std::move(*area));
    if (auto ready = prepare(*area_); !ready) return ready.error();
    audited_ = std::async(std::launch::async, [this] { return audit_beside(); }).share();  // what it reads never changes

    progress_.set_total(static_cast<int>(asked_.plan.gates.size()));
    std::vector<JudgedGate> judged;
    for (const PlannedGate& planned : asked_.plan.gates) {
      auto gate = judge(planned);
      if (!gate) return gate.error();
      verdicts_[gate->report.name] = gate->report.verdict;
      judged.push_back(std::move(*gate));
      progress_.step_done();
    }
    if (auto shown = show_reproduction(judged); !shown) return shown.error();
    progress_.show({"compare", "", "", "comparing", 0, 0, ""});
    auto weakened = audit();
    if (!weakened) return weakened.error();
    if (auto asked = ask_base_tests(judged, *weakened); !asked) return asked.error();
    VerifyReport report = put_together(std::move(judged), std::move(*weakened));
    report.gate_seconds = (base_ ? base_->seconds() : 0) + head_->seconds() + extra_seconds_;
    if (auto tried = add_mutants(report); !tried) return tried.error();
    if (base_) base_->give_back_installs();
    report.seconds = std::chrono::duration<double>(Clock::now() - began).count();
    if (auto kept = record_.remember(report, statements(), moment_); !kept) return kept.error();
    return report;
  }

  // --- before the gates

  Status prepare(const WorkArea& area) {
    RunContext context;
    context.verification = asked_.id;
    context.base_tree = asked_.base.tree;
    context.head_tree = asked_.head.tree;
    context.logs = area.folder() / "logs";
    context.environment = asked_.environment;
    context.tools = toolchain_binds(asked_.client_env);
    for (const fs::path& folder : borrowed_objects(parts_.store)) context.borrowed.push_back({folder, folder, false});
    context.masked = {parts_.config_home, parts_.runtime_home};
    context.lent = asked_.lent;
    for (std::string& secret : asked_.lent.secrets()) context.environment.secrets.push_back(std::move(secret));
    context.toolchain_digest = asked_.toolchain_digest;
    // Asking the tools takes a while, and only the evidence waits for it.
    context.tool_versions = std::async(std::launch::async, [tools = asked_.plan.tools, env = asked_.environment.gate,
                                                            memory = parts_.cache_home / "tool-versions.json", stop = stop_] {
                              return tool_versions(tools, env, memory, stop);
                            }).share();
    context.rung = asked_.rung;
    context.provisional = asked_.quick;
    context.jobs = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    if (auto made = make_folder(context.logs, 0700); !made) return made;
    runner_ = std::make_unique<GateRunner>(parts_.executor, parts_.evidence, std::move(context));

    std::vector<Gate> on_base, on_head;
    for (const PlannedGate& planned : asked_.plan.gates) {
      if (planned.base) on_base.push_back(*planned.base);
      if (planned.head) on_head.push_back(*planned.head);
    }
    if (asked_.quick) area.take_kept("head", kept_build_key(asked_));
    head_ = side(area, "head", asked_.head, std::move(on_head));
    if (asked_.quick) head_->build_on();
    if (!asked_.base.commit.empty() && !same_tree_) base_ = side(area, "base", asked_.base, std::move(on_base));
    return done();
  }

  std::unique_ptr<SideRunner> side(const WorkArea& area, const std::string& name, const Judged& judged,
                                   std::vector<Gate> gates) {
    SideRunner::Parts parts{parts_.store, parts_.journal, parts_.evidence, *runner_, installs_, record_.seal(), {}, stop_};
    parts.progress = [this, name](const Gate& gate, const std::string& doing, double, const fs::path& log) {
      show(name, gate, doing, log);
    };
    return std::make_unique<SideRunner>(std::move(parts), area, name, judged.commit, judged.tree, std::move(gates));
  }

  // How many tests a run of this gate had, on either side.
  int tests_known(const std::string& gate) const {
    for (const auto* side : {head_.get(), base_.get()}) {
      const auto* runs = side ? side->known_runs(gate) : nullptr;
      if (runs && runs->front().evidence.diagnosis.tests) return runs->front().evidence.diagnosis.tests->executed().value_or(0);
    }
    return 0;
  }

  void show(const std::string& side, const Gate& gate, const std::string& doing, const fs::path& log) {
    Progress step;
    step.gate = gate.name;
    step.side = side;
    step.log = log.string();
    if (gate.kind == GateKind::test) step.of_tests = step.stage == "retry" ? 0 : tests_known(gate.name);
    step.stage = doing == "checkout"            ? "checkout"
                 : doing.starts_with("tr")      ? "retry"
                 : gate.kind == GateKind::setup ? "setup"
                                                : "gate";
    step.message = (side.starts_with(kBaseTestsSide) ? "base's tests on the new code" : side) + ": " + (doing == "checkout" ? "checking out" : gate.name);
    if (!doing.empty() && doing != "checkout") step.message += " (" + doing + ")";
    progress_.show(std::move(step));
  }

  // --- one gate

  Result<JudgedGate> judge(const PlannedGate& planned) {
    JudgedGate judged;
    GateReport& report = judged.report;
    const Gate& gate = planned.gate();
    report.name = gate.name;
    report.kind = gate.kind;
    report.required = gate.required;
    report.argv = gate.argv;
    report.source = gate.source;

    const std::vector<GateRun>* base = nullptr;
    bool base_blocked = base_ && planned.base && base_->blocked_by(*planned.base);
    if (base_ && planned.base && asked_.quick) {
      base = base_->earlier_runs(*planned.base);
    } else if (base_ && planned.base && !base_blocked) {
      auto runs = base_->runs(*planned.base, !asked_.fresh);
      if (!runs) return runs.error();
      base = *runs;
    }
    if (!planned.head) {
      report.required = false;
      report.cause = "only the base needs it";
      if (base) report.base = summary_of(base->front(), parts_.evidence);
      if (auto kept = record_.keep_runs(*planned.base, base_.get()); !kept) return kept.error();
      if (asked_.quick) report.verdict = GateVerdict::pass;
      return judged;
    }

    Gate on_head = *planned.head;
    const auto blocker = head_->blocked_by(on_head);
    if (!blocker) {
      auto runs = asked_.quick ? quick_head(on_head) : head_->runs(on_head, !asked_.fresh && !same_tree_);
      if (!runs) return runs.error();
      if (planned.replacement && (*runs)->front().evidence.diagnosis.verdict == RunVerdict::env_fault) {
        auto own = run_own_command(planned, on_head);
        if (!own) return own.error();
        judged.changed = *own;
      }
    }
    if (same_tree_) base = head_->known_runs(on_head.name);
    const bool base_asked = base || !asked_.quick || same_tree_;
    if (!base_asked && !blocker && base_ && planned.base && is_red(on_head)) {
      if (auto ran = quick_base(planned, base, base_blocked); !ran) return ran.error();
    }

    Comparison comparison = compare_gate(planned, on_head, base_blocked, blocker.has_value());
    if (!blocker && gate.kind == GateKind::test && !same_tree_) {
      if (auto retried = retry(planned, on_head); !retried) return retried.error();
      comparison = compare_gate(planned, on_head, base_blocked, false);
      settle_whole(planned, on_head, comparison.gate);
    }
    GateOutcome outcome = blocker ? judge_blocked(*blocker, verdicts_[*blocker]) : judge_gate(comparison.gate);
    report.verdict = outcome.verdict;
    report.cause = outcome.cause;
    const bool told_by_tests = comparison.gate.tests_told_apart && comparison.gate.blocking_tests > 0;
    if (report.verdict != GateVerdict::pass && !blocker && !told_by_tests) add_run_cause(report, on_head.name);
    if (report.verdict == GateVerdict::pass && base && !same_tree_) hold_against_the_tree(report, *base, *head_->known_runs(on_head.name));
    judged.vacuous_on_base = base && base->front().evidence.diagnosis.verdict == RunVerdict::vacuous;
    judged.names_no_test = report.verdict == GateVerdict::pass && names_no_test(comparison.gate);
    judged.tests = std::move(comparison.tests);
    judged.findings = std::move(comparison.findings);
    judged.fates = std::move(comparison.fates);
    // Without the base nothing is new and nothing was there before.
    if (!base_asked && !base && !base_blocked) judged.tests.clear(), judged.findings.clear();
    if (base) report.base = summary_of(base->front(), parts_.evidence);
    if (const auto* runs = head_->known_runs(on_head.name)) report.head = summary_of(runs->front(), parts_.evidence);
    if (const auto part = partial_.find(on_head.name); part != partial_.end()) {
      report.cause += (report.cause.empty() ? "only " : "; only ") + part->second;
    }
    if (planned.base) {
      if (auto kept = record_.keep_runs(*planned.base, base_.get()); !kept) return kept.error();
    }
    if (asked_.quick) return judged;
    if (auto kept = record_.keep_runs(on_head, head_.get()); !kept) return kept.error();
    return judged;
  }

  // Tests speak for the tree only where they ran its code. What the base's gates change too is how this project is built.
  static void hold_against_the_tree(GateReport& report, const std::vector<GateRun>& base, const std::vector<GateRun>& head) {
    std::set<std::string> usual;
    for (const GateRun& run : base) usual.insert(run.evidence.rewritten.begin(), run.evidence.rewritten.end());
    for (const GateRun& run : head) {
      for (const std::string& path : run.evidence.rewritten) {
        if (usual.count(path)) continue;
        report.verdict = GateVerdict::inconclusive;
        report.cause = "a gate before it changed " + path + ", so that other code ran than the tree has";
        return;
      }
    }
  }

  bool is_red(const Gate& on_head) const {
    const auto* runs = head_->known_runs(on_head.name);
    return runs && runs->front().evidence.diagnosis.verdict != RunVerdict::pass;
  }

  // What the change can touch, as far as that is known, else the whole gate, on the build that was kept.
  Result<const std::vector<GateRun>*> quick_head(const Gate& on_head) {
    const auto suspects = asked_.suspects.find(on_head.name);
    for (const QuickRun& part : quick_runs(on_head, touched(), suspects == asked_.suspects.end()
                                                                   ? std::vector<std::string>{}
                                                                   : suspects->second)) {
      auto runs = head_->runs(part.gate, false);
      if (!runs) return runs;
      const Diagnosis& said = (*runs)->front().evidence.diagnosis;
      const bool told = said.tests && !said.tests->cases.empty() && said.tests->executed().value_or(0) > 0;
      if (told && (said.verdict == RunVerdict::fail || (said.verdict == RunVerdict::pass && part.enough))) {
        partial_[on_head.name] = part.what;
        return runs;
      }
      head_->forget(on_head.name);
    }
    return head_->runs(on_head, false);
  }

  // What is red is compared with a base that ran clean, and that serves the clean verification too.
  Status quick_base(const PlannedGate& planned, const std::vector<GateRun>*& base, bool& blocked) {
    auto runs = base_->runs(*planned.base, true);
    if (runs) {
      base = *runs;
      return done();
    }
    if (runs.error().kind == ErrorKind::cancelled) return runs.error();
    blocked = true;
    return done();
  }

  // The base's tool is gone on the head: its own command runs in its place. False: that could not run either.
  Result<bool> run_own_command(const PlannedGate& planned, Gate& on_head) {
    const std::string name = on_head.name;
    on_head = *planned.replacement;
    on_head.name = name;
    head_->forget(name);
    head_->replace(on_head);
    auto runs = head_->runs(on_head, !asked_.fresh);
    if (!runs) return runs.error();
    return true;
  }

  Comparison compare_gate(const PlannedGate& planned, const Gate& on_head, bool base_blocked, bool head_blocked) {
    const auto* base_runs = same_tree_              ? head_->known_runs(on_head.name)
                            : base_ && planned.base ? base_->known_runs(planned.base->name)
                                                    : nullptr;
    const auto* head_runs = head_->known_runs(on_head.name);
    const Tries head = head_runs ? tries_of(*head_runs) : Tries{};
    Tries base = base_runs ? tries_of(*base_runs) : Tries{};
    if (partial_.count(on_head.name)) base = only_named(std::move(base), head);
    ComparisonInput input;
    input.gate = on_head.name;
    input.kind = on_head.kind;
    input.base = base_runs ? &base : nullptr;
    input.head = head_runs ? &head : nullptr;
    input.base_blocked = base_blocked;
    input.head_blocked = head_blocked;
    input.renamed_files = renamed_files();
    input.base_text = [this](const std::string& path) { return base_text_(path); };
    input.head_text = [this](const std::string& path) { return head_text_(path); };
    input.audited = [this] { return audited_.get() ? &audited_.get()->tests : nullptr; };
    return compare(input);
  }

  Status retry(const PlannedGate& planned, const Gate& on_head) {
    while (true) {
      const auto* head_runs = head_->known_runs(on_head.name);
      const auto* base_runs = base_ && planned.base ? base_->known_runs(planned.base->name) : nullptr;
      if (!head_runs) return done();
      const Tries head = tries_of(*head_runs), base = base_runs ? tries_of(*base_runs) : Tries{};
      RetryInput input;
      input.head = &head;
      input.base = base_runs ? &base : nullptr;
      input.can_select = !on_head.select_argv.empty();
      input.base_can_run = base_runs != nullptr;
      input.max_tries = asked_.quick ? kQuickTries : kMaxTries;
      const auto next = next_retry(input);
      if (!next) return done();
      SideRunner& where = next->side == RetrySide::head ? *head_ : *base_;
      auto again = where.try_again(next->side == RetrySide::head ? on_head : *planned.base, next->tests);
      if (again) continue;
      if (again.error().kind == ErrorKind::cancelled) return again;
      notes_.push_back(on_head.name + " could not be tried again on the " + where.side() + ": " +
                       again.error().message);
      return done();
    }
  }

  // A test gate that names no tests, over all its tries.
  void settle_whole(const PlannedGate& planned, const Gate& on_head, GateInput& counts) {
    if (counts.tests_told_apart || !base_ || !planned.base) return;
    const auto *head = head_->known_runs(on_head.name), *base = base_->known_runs(planned.base->name);
    if (!head || !base || (head->size() == 1 && base->size() == 1)) return;
    if (whole_outcome(tries_of(*head)) != SideOutcome::mixed) return;
    counts.head = RunVerdict::pass;
    const bool base_too = whole_outcome(tries_of(*base)) == SideOutcome::mixed;
    ++(base_too ? counts.flaky_tests : counts.unstable_tests);
  }

  // "passed on the base" alone tells no one what happened.
  void add_run_cause(GateReport& report, const std::string& name) {
    const auto* runs = head_->known_runs(name);
    if (!runs) return;
    const std::string& cause = runs->front().evidence.diagnosis.cause;
    if (cause.empty() || report.cause.find(cause) != std::string::npos) return;
    report.cause = report.cause.empty() ? cause : cause + "; " + report.cause;
  }

  // --- what is tried beside the gates

  std::vector<Gate> gates_on_head() const {
    std::vector<Gate> gates;
    for (const PlannedGate& planned : asked_.plan.gates) {
      if (!planned.head) continue;
      const Gate* known = head_->find(planned.head->name);  // as it ran there
      gates.push_back(known ? *known : *planned.head);
    }
    return gates;
  }

  std::function<std::unique_ptr<SideRunner>(const std::string&, const Judged&)> side_maker() {
    return [this](const std::string& name, const Judged& judged) { return side(*area_, name, judged, gates_on_head()); };
  }

  static TextOf text_of(TreeText& tree) {
    return [&tree](const std::string& path) { return tree(path); };
  }

  // While gates run: a store belongs to one thread.
  Result<Audit> audit_beside() const {
    if (!asked_.audit) return Audit{};
    const auto store = Store::open(parts_.store.repository());
    if (!store) return store.error();
    auto audited = audit_trees(*store, asked_.base.tree, asked_.head.tree, asked_.task.empty() ? std::nullopt : std::optional(asked_.task), stop_);
    if (!audited || !asked_.task_by_agent) return audited;
    for (AuditedTest& test : audited->tests) {
      if (test.fate == TestFate::removed_by_task) test.fate = TestFate::lost;  // who removes it does not say that it was asked for
    }
    return audited;
  }

  // What of the change takes protection away, then what it changes about the gates, then what may be meant.
  Result<std::vector<AuditFinding>> audit() {
    if (!audited_.get()) return audited_.get().error();
    std::vector<AuditFinding> findings = audited_.get()->findings;
    const auto notes = std::find_if(findings.begin(), findings.end(), [](const AuditFinding& finding) { return !finding.escalates; });
    std::vector<AuditFinding> of_gates = audit_gates(asked_.plan, text_of(base_text_), text_of(head_text_));
    findings.insert(notes, std::make_move_iterator(of_gates.begin()), std::make_move_iterator(of_gates.end()));
    return findings;
  }

  Status show_reproduction(const std::vector<JudgedGate>& judged) {
    RedGreenWish wish = red_green_wish(asked_.criteria);
    if ((!wish.asked && !asked_.prove) || asked_.quick || asked_.base.commit.empty() || same_tree_) return done();
    std::vector<TestVerdict> tests;
    for (const JudgedGate& gate : judged) tests.insert(tests.end(), gate.tests.begin(), gate.tests.end());
    const bool all_new = wish.asked && wish.tests.empty();  // those of the criteria are among them
    if (asked_.prove && !all_new) {
      for (std::string& id : tests_to_prove(asked_.criteria, tests, facts(), *asked_.prove)) wish.tests.push_back(std::move(id));
      if (wish.tests.empty()) return done();
    }
    const RedGreenGround ground{parts_.store, asked_.base, asked_.head, changes(), text_of(base_text_), text_of(head_text_), *head_, side_maker(), stop_};
    auto shown = show_red_green(ground, wish.tests, tests, extra_seconds_);
    if (!shown) return shown.error();
    reproduction_ = std::move(*shown);
    return record_.add("red_green", {{"status", to_string(reproduction_->status)},
                                 {"reason", reproduction_->reason ? to_string(*reproduction_->reason) : std::string_view()},
                                 {"trees", reproduction_->trees},
                                 {"evidence", reproduction_->evidence}});
  }

  // The checks that the change took away or bent, whatever their form: the base's are asked of the new code.
  Status ask_base_tests(const std::vector<JudgedGate>& judged, std::vector<AuditFinding>& audit) {
    if (asked_.quick || !asked_.audit || !base_ || asked_.base.commit.empty()) return done();
    std::vector<Gate> gates;
    for (const JudgedGate& gate : judged) {
      const Gate* on_head = head_->find(gate.report.name);
      const bool both = gate.report.base && gate.report.head && gate.report.verdict == GateVerdict::pass;
      if (both && gate.report.kind == GateKind::test && on_head) gates.push_back(*on_head);
    }
    if (gates.empty()) return done();
    const std::set<std::string> scripts = scripts_of_tests(gates, text_of(base_text_), touched());
    TestsOfTree tests(parts_.store, asked_.base.tree);
    const NamedFiles named = named_on_base(gates, tests);
    const auto collects = [&](const std::string& path) { return named.of_tests.contains(path) || tests.collects(path); };
    const auto supports = [&](const std::string& path) { return tests.supports(path); };
    const auto runs_examples = [&](const std::string& path) { return named.with_examples.contains(path) || tests.runs_examples_of(path); };
    if (!put_back({touched(), text_of(base_text_), text_of(head_text_), scripts, collects, supports, runs_examples}).weakens) return done();  // git need not be asked
    progress_.show({"base-tests", "", "", "base's tests on the new code", 0, 0, ""});
    const BaseTestsGround ground{parts_.store, asked_.base, asked_.head, changes(), text_of(base_text_), text_of(head_text_), *base_, *head_, std::move(gates), scripts, tests, collects, runs_examples, side_maker(),
                                 [this](const GateRun& run) {
                                   auto log = parts_.evidence.get(run.evidence.log);
                                   return log ? std::move(*log) : std::string();
                                 },
                                 [this](const Gate& gate, SideRunner& side) { return record_.keep_runs(gate, &side); }, asked_.fresh, stop_};
    auto asked = run_base_tests(ground, extra_seconds_);
    if (!asked) return asked.error();
    notes_.insert(notes_.end(), asked->notes.begin(), asked->notes.end());
    moment_ = asked->of_the_moment;
    if (asked->told.trees.empty()) return done();
    tell_base_tests({asked->failing, asked->unasked, changes(), asked->back, text_of(base_text_), text_of(head_text_), collects, asked_.task}, audit);
    base_tests_ = std::move(asked->told);
    return record_.add("base_tests", {{"put_back", base_tests_->put_back}, {"failing", base_tests_->failing}, {"unasked", base_tests_->unasked}, {"trees", base_tests_->trees}, {"evidence", base_tests_->evidence}});
  }

  NamedFiles named_on_base(const std::vector<Gate>& gates, TestsOfTree& tests) {
    std::set<std::string> changed;
    for (const FileChange& change : touched()) changed.insert(change.old_path);
    std::vector<const TestReport*> reports;
    for (const Gate& gate : gates) {
      const auto* runs = base_->known_runs(gate.name);
      for (std::size_t i = 0; runs && i < runs->size(); ++i) {
        if (const auto& report = (*runs)[i].evidence.diagnosis.tests) reports.push_back(&*report);
      }
    }
    return files_named(reports, changed, text_of(base_text_), tests);
  }

  const CriteriaFacts& facts() {
    if (facts_) return *facts_;
    facts_ = need_facts(asked_.criteria) ? criteria_facts(changes(), text_of(base_text_), text_of(head_text_)) : CriteriaFacts();
    facts_->in_result = [this](const std::string& path) { return head_text_.has(path); };
    return *facts_;
  }

  Status add_mutants(VerifyReport& report) {
    if (asked_.mutants.count() <= 0 || asked_.quick || same_tree_) return done();
    MutantGround ground{parts_.store, asked_.head, changes(), text_of(base_text_), text_of(head_text_), *head_, {}, report.tests, side_maker(), {}, stop_};
    ground.progress = [this](int done, int total) { progress_.show({"mutants", "", "head", "mutant " + std::to_string(done + 1) + " of " + std::to_string(total), done, total, ""}); };
    for (const GateReport& gate : report.gates) {
      if (gate.kind == GateKind::test && gate.verdict == GateVerdict::pass && gate.head) ground.gates.push_back(&gate);
    }
    auto tried = try_mutants(ground, asked_.mutants);
    if (!tried) return tried.error();
    report.mutants = tried->count;
    for (Finding& finding : tried->unnoticed) report.findings.push_back({std::move(finding), "mutants", true});
    if (ground.gates.empty()) report.notes.push_back("No mutant was tried: no test gate passes on the result.");
    return done();
  }

  // --- what is kept

  // All that the verdict rests on, tries included.
  std::vector<std::string> statements() const {
    std::set<std::string> all;
    for (const auto& [gate, verdict] : verdicts_) {
      for (const auto* side : {base_.get(), head_.get()}) {
        const auto* runs = side ? side->known_runs(gate) : nullptr;
        for (std::size_t i = 0; runs && i < runs->size(); ++i) all.insert((*runs)[i].statement);
      }
    }
    if (reproduction_) all.insert(reproduction_->evidence.begin(), reproduction_->evidence.end());
    if (base_tests_) all.insert(base_tests_->evidence.begin(), base_tests_->evidence.end());
    return {all.begin(), all.end()};
  }

  // --- the report

  VerifyReport put_together(std::vector<JudgedGate> judged, std::vector<AuditFinding> audit) {
    VerifyReport report;
    report.id = asked_.id;
    report.base = asked_.base;
    report.head = asked_.head;
    report.sandbox = to_string(asked_.rung);
    report.provisional = asked_.quick || asked_.partial || !asked_.lent.files.empty();
    report.notes = asked_.notes;
    report.notes.insert(report.notes.end(), asked_.lent.notes.begin(), asked_.lent.notes.end());
    report.notes.insert(report.notes.end(), asked_.plan.notes.begin(), asked_.plan.notes.end());
    report.notes.insert(report.notes.end(), notes_.begin(), notes_.end());
    WholeInput whole;
    whole.provisional = report.provisional;
    std::set<std::tuple<std::string, int, std::string, std::string>> seen, seen_gone;
    std::vector<FindingFate> fates;
    for (JudgedGate& gate : judged) {
      const GateReport& one = gate.report;
      whole.gates.push_back(
          {one.required, one.kind, one.verdict, gate.changed, one.name, one.cause, gate.vacuous_on_base, gate.names_no_test});
      for (FindingVerdict& finding : gate.findings) {
        const Finding& at = finding.finding;
        if (seen.emplace(at.path, at.line, at.code, at.message).second) report.findings.push_back(std::move(finding));
      }
      for (const FindingFate& fate : gate.fates) {
        const Finding& at = fate.finding;
        if (fate.gone && seen_gone.emplace(at.path, at.line, at.code, at.message).second) report.gone.push_back({at, fate.gate, false});
      }
      std::move(gate.fates.begin(), gate.fates.end(), std::back_inserter(fates));
      std::move(gate.tests.begin(), gate.tests.end(), std::back_inserter(report.tests));
      report.gates.push_back(std::move(gate.report));
    }
    name_symbols(report.tests);
    std::stable_partition(report.tests.begin(), report.tests.end(),
                          [](const TestVerdict& test) { return test.status != TestStatus::unchanged; });
    report.whole = asked_.whole && !asked_.quick;
    report.task = asked_.task;
    report.task_by_agent = asked_.task_by_agent;
    report.audit = std::move(audit);
    whole.weakened = static_cast<int>(weakened_checks(report));
    report.reproduction = reproduction_;
    report.base_tests = base_tests_;
    report.prove = asked_.prove;
    report.criteria = judge_criteria(asked_.criteria, report, fates, facts());
    for (const CriterionVerdict& criterion : report.criteria) {
      ++(criterion.status == CriterionStatus::met     ? whole.criteria_met
         : criterion.status == CriterionStatus::unmet ? whole.criteria_unmet
                                                      : whole.criteria_not_checkable);
    }
    const WholeOutcome outcome = judge_whole(whole);
    // A quick verdict shows nothing for good.
    report.verdict = asked_.quick && outcome.verdict == Verdict::verified ? Verdict::no_regression : outcome.verdict;
    report.cause = outcome.cause;
    return report;
  }

  void name_symbols(std::vector<TestVerdict>& tests) {
    std::map<std::string, std::vector<Symbol>> outlines;
    for (TestVerdict& test : tests) {
      const Language language = language_of(test.path);
      if (test.status == TestStatus::unchanged || test.line <= 0 || language == Language::none) continue;
      const bool on_base = test.status == TestStatus::vanished;
      const auto [place, fresh] = outlines.try_emplace((on_base ? "base:" : "head:") + test.path);
      if (fresh) {
        if (const auto text = on_base ? base_text_(test.path) : head_text_(test.path))
          place->second = outline(*text, language);
      }
      if (const auto symbol = enclosing_symbol(place->second, test.line)) test.symbol = symbol->qualified;
    }
  }

  const std::map<std::string, std::string>& renamed_files() {
    if (!renamed_) {
      renamed_.emplace();
      const auto any = [this](ChangeKind kind) { return std::any_of(touched().begin(), touched().end(), [&](const FileChange& change) { return change.kind == kind; }); };
      if (!any(ChangeKind::added) || !any(ChangeKind::deleted)) return *renamed_;  // git need not be asked
      for (const FileChange& change : changes()) {
        if (change.kind == ChangeKind::renamed) (*renamed_)[change.old_path] = change.path;
      }
    }
    return *renamed_;
  }

  const std::vector<FileChange>& changes() { return ask_once(changes_, &Store::changes); }
  const std::vector<FileChange>& touched() { return ask_once(touched_, &Store::touched); }

  using Changes = std::vector<FileChange>;
  using AskStore = Result<Changes> (Store::*)(std::string_view, std::string_view) const;
  const Changes& ask_once(std::optional<Changes>& kept, AskStore ask) {
    if (!kept) {
      kept.emplace();
      if (!asked_.base.tree.empty() && !same_tree_) {
        if (auto found = (parts_.store.*ask)(asked_.base.tree, asked_.head.tree)) kept = std::move(*found);
      }
    }
    return *kept;
  }

  const VerificationOrder& asked_;
  const VerifierParts& parts_;
  ProgressTicker& progress_;
  std::stop_token stop_;
  bool same_tree_;
  TreeText base_text_, head_text_;
  Installs installs_;
  VerificationRecord record_;
  std::optional<WorkArea> area_;  // outlives the sides that work in it
  std::unique_ptr<GateRunner> runner_;
  std::unique_ptr<SideRunner> base_, head_;
  std::map<std::string, GateVerdict> verdicts_;
  std::map<std::string, std::string> partial_;  // quick: gates of which a selection ran, and what
  std::optional<std::map<std::string, std::string>> renamed_;
  std::optional<Changes> changes_, touched_;
  std::vector<std::string> notes_;
  std::shared_future<Result<Audit>> audited_;
  std::optional<Reproduction> reproduction_;
  std::optional<BaseTests> base_tests_;
  std::optional<CriteriaFacts> facts_;
  bool moment_ = false;       // of the runs beside the gates one could not do its work here
  double extra_seconds_ = 0;  // of gates that ran for red → green, and with the base's tests
};

}  // namespace

Result<VerifyReport> verify(const VerificationOrder& verification, const VerifierParts& parts, ProgressTicker& progress,
                            std::stop_token stop) {
  return Verifying(verification, parts, progress, std::move(stop)).run();
}

}  // namespace baton
