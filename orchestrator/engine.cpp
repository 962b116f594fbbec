// The engine in-process: opens what a verification needs when it needs it, asks trust before anything of the repository
// can run, answers from the journal where nothing changed, and lets one verification of a repository run at a time.
#include <unistd.h>

#include <chrono>
#include <mutex>
#include <future>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "git/checkout.h"
#include "git/filters.h"
#include "git/git_command.h"
#include "orchestrator/agents/find_agents.h"
#include "orchestrator/agents/meter.h"
#include "orchestrator/agents/primers.h"
#include "orchestrator/agents/foreign_setup.h"
#include "orchestrator/attestation.h"
#include "orchestrator/changed_files.h"
#include "orchestrator/checkouts.h"
#include "orchestrator/criteria.h"
#include "orchestrator/fixed_findings.h"
#include "orchestrator/engine.h"
#include "orchestrator/installs.h"
#include "orchestrator/journal_seal.h"
#include "orchestrator/kept_acceptances.h"
#include "orchestrator/own_journal.h"
#include "orchestrator/state_folder.h"
#include "orchestrator/toolchain.h"
#include "orchestrator/verifier.h"
#include "support/files.h"
#include "support/ids.h"
#include "support/json.h"
#include "support/log.h"
#include "support/places.h"

namespace baton {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr auto kLockPoll = std::chrono::milliseconds(100);

Status not_cancelled(std::stop_token stop) {
  if (!stop.stop_requested()) return done();
  return Error{ErrorKind::cancelled, "Cancelled; nothing of yours was changed."};
}

// A commit that was named by its whole id is shown by the beginning of it.
std::string shown_name(const std::string& revision, const std::string& commit) { return revision == commit ? commit.substr(0, 12) : revision; }

class LocalEngine final : public Engine {
 public:
  LocalEngine(Repository repository, const Environment& env)
      : repository_(std::move(repository)),
        cache_home_(cache_home(env)),
        config_home_(baton::config_home(env)),
        runtime_home_(baton::runtime_home(env)),
        state_(state_folder(repository_, cache_home_)),
        trust_(config_home_ / "trust.json"),
        executor_(local_executor(2)),
        env_(env) {}

  const Repository& repository() const override { return repository_; }

  Result<VerifyReport> verify(const VerifyRequest& request, const ProgressSink& sink, std::stop_token stop) override {
    const auto began = Clock::now();
    ProgressTicker progress(sink);
    if (auto attested = check_requester(request); !attested) return attested.error();
    std::vector<std::string> unsaved;
    auto report = judged(request, progress, stop, began, unsaved);
    if (report) lay_over(*report, request);
    if (report && request.unsaved_of_others && !unsaved.empty()) {
      std::string paths;
      for (const std::string& path : unsaved) paths += (paths.empty() ? "" : ", ") + path;
      report->notes.push_back("Judged as it stands unsaved in an editor: " + paths + ".");
    }
    return report;
  }

  Result<DoctorReport> doctor(const Environment& env) override {
    auto refreshed = refresh();
    if (!refreshed) return refreshed.error();
    const auto files = folder_source(refreshed->root);
    const Config config = config_of(*files, env);
    DoctorReport report;
    report.root = refreshed->root.string();
    report.branch = refreshed->branch;
    report.head = refreshed->head.value_or("");
    report.sandbox = to_string(rung_of(config));
    if (const auto version = git_output({.cwd = "/", .args = {"--version"}}))
      report.git_version = version->substr(0, version->find('\n'));
    report.plan = discover_gates(*files, config, env);
    if (report.git_version.empty())
      report.plan.advice.push_back({"git", "git is not on the PATH, and what is judged is checked out with it.", "apt install git", true});
    report.config_problems = config.problems;
    for (Finding& problem : primer_problems(baton::config_home(env) / "primers", *files)) report.config_problems.push_back(std::move(problem));
    if (auto priced = Prices().add(baton::config_home(env) / kPricesFile); !priced) {
      report.config_problems.push_back({.path = (baton::config_home(env) / kPricesFile).string(), .line = 1, .column = 1, .severity = Severity::warning, .message = priced.error().message});
    }
    report.agents = agent_notes(config, *files, report.plan, env);
    VerifyRequest request;
    request.client_env = env;
    if (auto subject = what_would_run(request)) {
      if (auto state = trust_.state(*subject)) report.trust = *state;
      if (const auto by = trust_.given_by_process(refreshed->common_dir); by && report.trust == TrustState::trusted) report.trusted_by = *by;
    }
    return report;
  }

  Result<TrustSubject> what_would_run(const VerifyRequest& request) override {
    auto refreshed = refresh();
    if (!refreshed) return refreshed.error();
    auto store = Store::open(*refreshed);
    if (!store) return store.error();
    auto plans = plan_before_trust(request, *store);
    if (!plans) return plans.error();
    return plans->subject;
  }

  Status trust(const TrustSubject& subject, const Caller& caller) override {
    if (auto given = trust_.give(subject, caller.human ? std::string() : by_whom(caller)); !given) return given;
    if (open_state()) {
      Event event;
      event.kind = "trust_given";
      event.actor = caller.actor;
      event.body = dump_json({{"digest", subject.digest}, {"by", by_whom(caller)}, {"command_lines", subject.command_lines}});
      if (auto kept = journal_->append({event}); !kept) log(LogLevel::warning, kept.error().message);
    }
    return done();
  }

  Result<VerifyReport> accept(const AcceptRequest& request, const Caller& caller) override {
    if (auto opened = open_state(); !opened) return opened.error();
    auto cached = request.verification.empty() ? journal_->latest_verification() : journal_->verification(request.verification);
    if (cached && !*cached) cached = journal_->latest_verification();
    if (!cached) return cached.error();
    if (!*cached) return Error{ErrorKind::precondition, "Nothing has been verified here yet: run `baton verify` first."};
    auto report = read_report(**cached);
    if (!report) return report;
    const auto one = acceptance_of(*report, request, caller);
    if (!one) return one.error();
    const Status kept = request.withdraw ? withdraw_acceptance(*journal_, *one, config_home_) : keep_acceptance(*journal_, *one, config_home_);
    if (!kept) return kept.error();
    show_accepted_of(*journal_, *report);
    return report;
  }

  Result<std::vector<Acceptance>> accepted() override {
    const auto journal = known_journal();
    if (!journal) return journal.error();
    return *journal ? acceptances(**journal, config_home_) : std::vector<Acceptance>();
  }

  Result<FileOutline> outline(const OutlineRequest& request) override {
    auto refreshed = refresh();
    if (!refreshed) return refreshed.error();
    const auto store = Store::open(*refreshed);
    if (!store) return store.error();
    return outline_of_file(*store, request);
  }

  Result<std::optional<VerifyReport>> latest_report() override {
    const auto journal = known_journal();
    if (!journal) return journal.error();
    if (!*journal) return std::optional<VerifyReport>();
    auto latest = (*journal)->latest_verification();
    if (!latest) return latest.error();
    if (!*latest) return std::optional<VerifyReport>();
    auto report = read_report(**latest);
    if (!report) return report.error();
    show_accepted_of(**journal, *report);
    return std::optional<VerifyReport>(std::move(*report));
  }

  Result<nlohmann::json> task(const TaskCall& call, const TaskEvents& events, std::stop_token stop) override {
    if (only_looks(call.verb)) return look_at_tasks(repository_, call);
    {
      const std::lock_guard guard(mutex_);
      if (!tasks_) {
        auto tasks = Tasks::open(*this, env_);
        if (!tasks) return tasks.error();
        tasks_ = std::move(*tasks);
      }
    }
    return tasks_->call(call, events, std::move(stop));
  }

  void offer_unsaved(std::function<Overlay()> unsaved) override {
    const std::lock_guard guard(mutex_);
    unsaved_ = std::move(unsaved);
  }

  Overlay offered_unsaved() override {
    std::function<Overlay()> ask;
    {
      const std::lock_guard guard(mutex_);
      ask = unsaved_;
    }
    return ask ? ask() : Overlay();
  }

  Result<std::optional<std::string>> file_at(const std::string& tree, const std::string& path) override {
    auto store = Store::open(repository_);
    if (!store) return store.error();
    return store->read(tree, path);
  }

 private:
  // As it was judged, whatever was accepted since.
  Result<VerifyReport> judged(const VerifyRequest& request, ProgressTicker& progress, std::stop_token stop, Clock::time_point began,
                              std::vector<std::string>& unsaved) {
    auto refreshed = refresh();
    if (!refreshed) return refreshed.error();
    auto store = Store::open(*refreshed);
    if (!store) return store.error();
    const auto probed = std::async(std::launch::async, probe_sandbox);  // once in a process, and needed in a moment

    VerificationOrder asked;
    if (auto ready = resolve(request, *store, asked, unsaved, progress, stop); !ready) return ready.error();
    if (auto opened = open_state(); !opened) return opened.error();

    const std::string key = verification_key(asked);
    if (!request.fresh) {
      if (auto known = earlier(key, asked, began)) return *known;
    }
    auto lock = wait_for_turn(progress, stop);
    if (!lock) return lock.error();
    if (!request.fresh) {  // the one that we waited for may have been the same
      if (auto known = earlier(key, asked, began)) return *known;
    }

    const VerifierParts parts{*store, *journal_, *evidence_, *executor_, cache_home_, config_home_, runtime_home_};
    if (request.quick_first && !request.quick) tell_quick(asked, parts, progress, stop);
    auto report = baton::verify(request.quick ? as_quick(asked, !request.gates.empty()) : asked, parts, progress, stop);
    sweep_later();
    if (!report && stop.stop_requested())
      return Error{ErrorKind::cancelled, "Cancelled; nothing of yours was changed."};
    if (!report) return report;
    report->seconds = std::chrono::duration<double>(Clock::now() - began).count();
    return report;
  }

  struct Plans {
    std::string base_commit, base_tree;  // empty before the first commit
    std::unique_ptr<FileSource> base_files;
    Config config;  // the base's, or the result's before the first commit
    GatePlan base;
    VerificationPlan whole;
    TrustSubject subject;
    std::vector<FilterCommand> filters;  // of the repository's own configuration
    std::vector<Finding> head_problems;  // of the result's own configuration, which is not used
  };

  // HEAD moves while an engine lives.
  Result<Repository> refresh() const { return open_repository(repository_.root); }

  Config config_of(const FileSource& files, const Environment& env) const {
    return load_config(files.read(".baton/config.json").value_or(""), baton::config_home(env) / "config.json");
  }

  static SandboxRung rung_of(const Config& config) {
    return config.sandbox == "none" ? SandboxRung::plain : probe_sandbox();
  }

  // The base's side of the plan: from git's objects alone.
  Result<Plans> plan_base(const VerifyRequest& request, const Store& store) const {
    Plans plans;
    auto asked = std::async(std::launch::async, [&store] { return filters_of(store.repository()); });
    if (auto planned = plan_base_gates(request, store, plans); !planned) return planned.error();
    auto filters = asked.get();
    if (!filters) return filters.error();
    plans.filters = std::move(*filters);
    return plans;
  }

  Status plan_base_gates(const VerifyRequest& request, const Store& store, Plans& plans) const {
    const std::string revision = request.base.empty() ? "HEAD" : request.base;
    const bool no_commit_yet = request.base.empty() && !store.repository().head;
    if (no_commit_yet) return done();
    auto commit = store.resolve_commit(revision);
    if (!commit) return commit.error();
    auto tree = store.tree_of(*commit);
    if (!tree) return tree.error();
    auto files = tree_source(store, *tree);
    if (!files) return files.error();
    plans.base_commit = *commit;
    plans.base_tree = *tree;
    plans.base_files = std::move(*files);
    plans.config = config_of(*plans.base_files, request.client_env);
    plans.base = discover_gates(*plans.base_files, plans.config, request.client_env);
    return done();
  }

  void add_head(Plans& plans, const FileSource& head, const VerifyRequest& request) const {
    const Config config = config_of(head, request.client_env);
    const bool has_base = !plans.base_commit.empty();
    if (!has_base) plans.config = config;
    else plans.head_problems = config.problems;
    plans.whole = plan_verification(has_base ? &plans.base : nullptr, discover_gates(head, config, request.client_env));
    const FileSource& base = has_base ? *plans.base_files : head;
    plans.subject = trust_subject(repository_.common_dir, would_run(plans, base, head), base, &head);
    for (std::string& line : lines_of_tasks(plans.config, base, everything(plans.whole), request.client_env)) plans.subject.command_lines.push_back(std::move(line));
  }

  // Gates, what makes the work trees of agents ready on either side, and what git runs when it writes and reads files.
  static GatePlan would_run(const Plans& plans, const FileSource& base, const FileSource& head) {
    GatePlan all = everything(plans.whole);
    const GatePlan gates = all;
    for (const FilterCommand& filter : plans.filters) {
      Gate step;
      step.name = "git " + filter.setting;
      step.kind = GateKind::setup;
      step.argv = {"git", "-c", filter.setting + "=" + filter.command, "checkout"};
      all.gates.push_back(std::move(step));
    }
    for (const FileSource* files : {&base, &head}) {
      for (Gate& step : for_trust(foreign_setup(*files, gates))) {
        const bool known = std::any_of(all.gates.begin(), all.gates.end(), [&](const Gate& other) { return other.argv == step.argv && other.network == step.network; });
        if (!known) all.gates.push_back(std::move(step));
      }
      if (&base == &head) break;
    }
    return all;
  }

  // Of a working tree only names and texts of files are read here; its content goes through git's filters after trust.
  Result<Plans> plan_before_trust(const VerifyRequest& request, const Store& store) const {
    auto plans = plan_base(request, store);
    if (!plans) return plans;
    if (request.head.empty()) {
      add_head(*plans, *folder_source(store.repository().root), request);
      return plans;
    }
    auto commit = store.resolve_commit(request.head);
    if (!commit) return commit.error();
    auto tree = store.tree_of(*commit);
    if (!tree) return tree.error();
    auto files = tree_source(store, *tree);
    if (!files) return files.error();
    add_head(*plans, **files, request);
    return plans;
  }

  Status check_trust(const VerifyRequest& request, const TrustSubject& subject) const {
    if (request.trust_this_run) return done();
    auto state = trust_.state(subject);
    if (!state) return state.error();
    if (*state == TrustState::trusted) return done();
    if (subject.command_lines.empty()) {
      return Error{ErrorKind::precondition,
                   "No build, test or check was found in this repository, so there is nothing to judge it by; `baton doctor` says what was "
                   "looked for, and a line in .baton/config.json adds a gate of your own."};
    }
    return Error{ErrorKind::trust,
                 *state == TrustState::changed
                     ? "What would run here has changed since you trusted this repository; look at it with "
                       "`baton doctor`, then approve it anew (`baton verify` at a terminal and an editor ask) or pass --yes for this run."
                     : "This repository's tools have not been trusted to run; look at them with `baton doctor`, "
                       "then approve them (`baton verify` at a terminal and an editor ask) or pass --yes for this run."};
  }

  // Trust, the two trees, and the plan for them.
  Status resolve(const VerifyRequest& request, Store& store, VerificationOrder& asked, std::vector<std::string>& unsaved, ProgressTicker& progress,
                 std::stop_token stop) {
    auto plans = plan_before_trust(request, store);
    if (!plans) return plans.error();
    if (auto trusted = check_trust(request, plans->subject); !trusted) return trusted;
    if (auto go_on = not_cancelled(stop); !go_on) return go_on;

    asked.base = {plans->base_commit, plans->base_tree, request.base.empty() ? "HEAD" : shown_name(request.base, plans->base_commit)};
    if (asked.base.commit.empty()) {
      asked.base.name = "nothing";
      const std::string& branch = store.repository().branch;
      asked.notes.push_back((branch.empty() ? std::string("There is") : "The branch " + branch + " has") + " no commit yet, so there is nothing to compare with.");
    }
    if (request.head.empty()) {
      progress.show({"snapshot", "", "head", "taking a snapshot of the working tree", 0, 0, ""});
      auto snapshot = take_snapshot(store, request.unsaved, stop);
      if (!snapshot) return snapshot.error();
      asked.head = {snapshot->commit, snapshot->tree, "working tree"};
      for (const std::string& reason : snapshot->left_out) asked.notes.push_back("Left out: " + reason + ".");
      asked.partial = snapshot->partial;
      unsaved = std::move(snapshot->unsaved);
    } else {
      auto commit = store.resolve_commit(request.head);
      if (!commit) return commit.error();
      auto tree = store.tree_of(*commit);
      if (!tree) return tree.error();
      asked.head = {*commit, *tree, shown_name(request.head, *commit)};
    }
    if (auto go_on = not_cancelled(stop); !go_on) return go_on;
    if (auto told = note_missing_submodules(store, asked); !told) return told;
    return plan_for_trees(request, store, *plans, asked);
  }

  // Files that git ignores are not part of the snapshot, so less may run than what was shown, never more.
  Status plan_for_snapshot(const VerifyRequest& request, const Store& store, Plans& plans, const std::string& tree) const {
    auto files = tree_source(store, tree);
    if (!files) return files.error();
    const TrustSubject shown = plans.subject;
    add_head(plans, **files, request);
    const std::set<std::string> lines(shown.command_lines.begin(), shown.command_lines.end());
    const bool more = std::any_of(plans.subject.command_lines.begin(), plans.subject.command_lines.end(),
                                  [&](const std::string& line) { return !lines.count(line); });
    return more ? check_trust(request, plans.subject) : done();
  }

  Status plan_for_trees(const VerifyRequest& request, Store& store, Plans& plans, VerificationOrder& asked) {
    if (request.head.empty()) {
      if (auto planned = plan_for_snapshot(request, store, plans, asked.head.tree); !planned) return planned;
    }
    auto chosen = only_gates(std::move(plans.whole), request.gates);
    if (!chosen) return chosen.error();
    asked.plan = std::move(*chosen);
    if (request.gates.empty()) add_fixed_findings_gates(asked.plan, request.criteria, request.client_env);
    // A command comes from a human's criterion alone: what an agent asks for runs in the agent's box.
    if (request.gates.empty() && request.agent.empty()) add_command_gates(asked.plan, request.criteria);
    if (!asked.base.tree.empty()) {
      auto changes = store.touched(asked.base.tree, asked.head.tree);
      if (!changes) return changes.error();
      give_changed_files(asked.plan, *changes);
    } else {
      give_changed_files(asked.plan, {});
    }
    asked.id = new_id();
    asked.actor = request.actor.empty() ? "process:" + std::to_string(::getpid()) : request.actor;
    asked.criteria = request.criteria;
    asked.prove = request.prove;
    asked.task = request.task;
    asked.task_by_agent = !request.task.empty() && (request.task_by_agent || !request.agent.empty());
    asked.whole = request.gates.empty();
    asked.audit = !request.quick || request.gates.empty();  // a probe asks for its gates alone
    asked.mutants = std::chrono::seconds(std::max(0, request.mutants));
    asked.quick = request.quick;
    asked.fresh = request.fresh;
    asked.trusted_this_run = request.trust_this_run;
    if (!request.agent.empty()) asked.asked_by = by_whom({request.actor, false, request.agent});
    asked.client_env = request.client_env;
    asked.environment = ci_environment(request.client_env, repository_.root);
    asked.rung = rung_of(plans.config);
    asked.lent = read_lent_files(repository_.root, plans.config.worktree_copy);
    asked.toolchain_digest = toolchain_digest(asked.plan.tools);
    note_state(store.repository(), plans, asked);
    return done();
  }

  static Status note_missing_submodules(const Store& store, VerificationOrder& asked) {
    if (store.repository().submodules.empty()) return done();
    const auto missing = missing_submodules(store, asked.head.commit);
    if (!missing) return missing.error();
    for (const std::string& path : *missing)
      asked.notes.push_back("The submodule " + path + " is not there, so its folder is empty on both sides; `git submodule update --init " + path + "` brings it.");
    return done();
  }

  static void note_state(const Repository& repository, const Plans& plans, VerificationOrder& asked) {
    if (!repository.operation.empty() && asked.head.name == "working tree") {
      asked.notes.push_back("A " + repository.operation + " is in progress; the tree is judged as it is.");
    }
    if (asked.rung == SandboxRung::plain) asked.notes.push_back("Commands ran without isolation.");
    if (asked.rung == SandboxRung::landlock) asked.notes.push_back("Commands ran under Landlock, which holds files and not the network.");
    std::set<std::string> said;
    const auto say = [&](const Finding& problem, const std::string& end) {
      const std::string words = problem.path + ":" + std::to_string(problem.line) + ": " + problem.message;
      if (said.insert(words).second) asked.notes.push_back(words + end);
    };
    for (const Finding& problem : plans.config.problems) say(problem, "");
    for (const Finding& problem : plans.head_problems) say(problem, " (In the result; the base's configuration is what counted.)");
  }

  // No agent, and no process below one, gets a verdict; that one asked is recorded.
  Status check_requester(const VerifyRequest& request) {
    const Requester requester{request.actor, request.client_env, request.process};
    auto fine = check_attestation(own_verifier(), {}, requester, nullptr);
    if (fine || !open_state()) return fine;
    return check_attestation(own_verifier(), {}, requester, journal_.get());
  }

  Status open_state() {
    const std::lock_guard guard(mutex_);
    if (journal_) return done();
    if (auto made = make_folder(state_, 0755); !made) return made;
    auto evidence = EvidenceStore::open(state_ / "evidence");
    if (!evidence) return evidence.error();
    auto own = open_own_journal(state_ / "journal.db", known_journals());
    if (!own) return own.error();
    evidence_.emplace(std::move(*evidence));
    journal_ = std::move(own->journal);
    journal_note_ = std::move(own->note);
    return done();
  }

  // For reading alone; none where there is none that the user began.
  Result<std::unique_ptr<Journal>> known_journal() const {
    std::error_code ignored;
    if (!fs::exists(state_ / "journal.db", ignored)) return std::unique_ptr<Journal>();
    auto journal = Journal::open_read_only(state_ / "journal.db");
    if (!journal) return journal.error();
    const auto id = (*journal)->id();
    if (!id) return id.error();
    if (!known_journals().has(*id)) return std::unique_ptr<Journal>();
    return journal;
  }

  void show_accepted_of(const Journal& journal, VerifyReport& report) const {
    const auto accepted = acceptances(journal, config_home_);
    if (accepted) show_accepted(report, *accepted);
    else log(LogLevel::warning, accepted.error().message);
  }

  // What belongs to this answer and not to what was judged.
  void lay_over(VerifyReport& report, const VerifyRequest& request) {
    add_journal_note(report);
    show_accepted_of(*journal_, report);
    const Caller caller{request.actor, false, request.agent};
    if (request.trust_this_run && !request.agent.empty()) {
      report.notes.push_back("This repository's commands were approved for this run (--yes) by " + by_whom(caller) + ", and not by a human.");
    } else if (!request.trust_this_run) {
      const auto by = trust_.given_by_process(repository_.common_dir);
      if (by && !by->empty()) report.notes.push_back("This repository's commands were approved by " + *by + ", and not by a human.");
    }
  }

  IdList known_journals() const { return IdList(config_home_ / kKnownJournalsFile); }

  // Said once, by the verification that found it, and not remembered with its report.
  void add_journal_note(VerifyReport& report) {
    const std::lock_guard guard(mutex_);
    if (!journal_note_.empty()) report.notes.push_back(std::exchange(journal_note_, {}));
  }

  static Result<VerifyReport> read_report(const CachedVerification& cached) {
    auto json = parse_json(cached.report);
    if (!json) return json.error();
    return verify_report_from_json(*json);
  }

  std::optional<VerifyReport> earlier(const std::string& key, const VerificationOrder& asked,
                                      Clock::time_point began) const {
    auto cached = journal_->find_verification(key);
    if (!cached || !*cached || !JournalSeal(config_home_).holds(key, (*cached)->report, (*cached)->seal)) return std::nullopt;
    auto report = read_report(**cached);
    if (!report) return std::nullopt;
    report->base = asked.base;
    report->head = asked.head;
    report->cached = true;
    report->seconds = std::chrono::duration<double>(Clock::now() - began).count();
    return std::move(*report);
  }

  VerificationOrder as_quick(const VerificationOrder& asked, bool gates_named) const {
    VerificationOrder quick = asked;
    if (gates_named) quick.quick = true;
    else quick = quick_order(std::move(quick));
    const auto latest = journal_->latest_verification();
    if (!latest || !*latest) return quick;
    const auto report = read_report(**latest);
    if (!report || report->base.tree != asked.base.tree) return quick;
    for (const TestVerdict& test : report->tests) {
      if (test.status == TestStatus::regression || test.status == TestStatus::added_failing)
        quick.suspects[test.gate].push_back(test.id);
    }
    return quick;
  }

  // A quick verdict on the way to the clean one, where a build is there to go on from; whatever it meets, the clean one decides.
  void tell_quick(const VerificationOrder& asked, const VerifierParts& parts, ProgressTicker& progress, std::stop_token stop) const {
    if (!WorkArea::has_kept(cache_home_, parts.store.repository(), kept_build_key(asked))) return;
    VerificationOrder quick = as_quick(asked, false);
    quick.id = new_id();
    const auto began = Clock::now();
    auto report = baton::verify(quick, parts, progress, stop);
    if (!report) {
      if (!stop.stop_requested()) log(LogLevel::warning, "no quick verdict: " + report.error().message);
      return;
    }
    report->seconds = std::chrono::duration<double>(Clock::now() - began).count();
    show_accepted_of(*journal_, *report);
    Progress step{"provisional", "", "", "a provisional verdict: " + std::string(to_string(report->verdict)), 0, 0, ""};
    step.provisional = std::make_shared<const VerifyReport>(std::move(*report));
    progress.tell(std::move(step));
  }

  Result<FileLock> wait_for_turn(ProgressTicker& progress, std::stop_token stop) {
    while (true) {
      auto lock = FileLock::try_acquire(state_ / "verify.lock");
      if (lock || lock.error().kind != ErrorKind::precondition) return lock;
      progress.show({"wait", "", "", "waiting for another verification of this repository", 0, 0, ""});
      if (auto go_on = not_cancelled(stop); !go_on) return go_on.error();
      std::this_thread::sleep_for(kLockPoll);
    }
  }

  // Removing thousands of files is not what a user waits for.
  void sweep_later() {
    const std::lock_guard guard(mutex_);
    if (sweeper_.joinable()) sweeper_.join();
    sweeper_ = std::jthread([cache = cache_home_, repository = repository_](std::stop_token stop) {
      WorkArea::sweep(cache, repository);
      if (!stop.stop_requested()) Installs::prune(cache / "installs");
    });
  }

  Repository repository_;
  fs::path cache_home_, config_home_, runtime_home_, state_;
  TrustStore trust_;
  std::unique_ptr<Executor> executor_;
  std::mutex mutex_;
  std::function<Overlay()> unsaved_;
  std::unique_ptr<Journal> journal_;
  std::string journal_note_;
  std::optional<EvidenceStore> evidence_;
  std::jthread sweeper_;
  Environment env_;
  std::unique_ptr<Tasks> tasks_;
};

}  // namespace

Result<std::unique_ptr<Engine>> Engine::open(const fs::path& inside, const Environment& client_env) {
  auto repository = open_repository(inside);
  if (!repository) return repository.error();
  return std::unique_ptr<Engine>(std::make_unique<LocalEngine>(std::move(*repository), client_env));
}

}  // namespace baton
