// A verified result on its way out: the commit that may land, alone if need be, its description, its branch, or its edits in the user's files.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "git/merge.h"
#include "orchestrator/tasks/round_criteria.h"
#include "orchestrator/tasks/task_facts.h"
#include "orchestrator/tasks/task_texts.h"
#include "orchestrator/tasks/task_work.h"
#include "orchestrator/tasks/untested_fix.h"
#include "orchestrator/tasks/weakened.h"
#include "support/fault_point.h"
#include "support/files.h"
#include "support/log.h"

namespace baton {
namespace {

using nlohmann::json;

class Delivering : public TaskWork {
 public:
  explicit Delivering(const TaskWork& work) : TaskWork(work) {}

  Outcome prepare() {
    LandOrder order;
    order.task = record_.id;
    order.plan = record_.plan.value_or(Plan{});
    order.head = record_.head;
    order.snapshot = record_.base;
    order.commit = record_.round ? record_.round->commit : "";
    order.contributions = landing_contributions();
    if (record_.round && record_.round->report) order.testimony = Testimony{*record_.round->report, verifier_of(*record_.round->report)};
    order.judge = [this](const std::string& commit) { return judge_alone(commit); };
    order.refuse = [this](const VerifyReport& report) { return why_not_alone(report); };
    order.notes = record_.notes;
    if (record_.round) {
      for (const LeftOut& left : record_.round->left_out) order.notes.push_back("Left out: " + left.what + ": " + left.reason);
    }
    order.client_env = ground_.client_env;
    if (auto fine = attested(order.contributions, order.testimony ? order.testimony->verifier.value_or(own_verifier()) : own_verifier()); !fine) return trouble(fine.error());
    auto landing = prepare_landing(store_, order, stop_);
    if (!landing) return landing.error().kind == ErrorKind::trust ? faulty(landing.error(), "", json::object(), stop_) : trouble(landing.error());
    if (landing->report) {
      const auto untested = is_untested_fix(store_, order.plan, order.contributions, *landing->report);
      if (!untested) return trouble(untested.error());
      landing->untested_fix = *untested;
    }
    write_description(*landing);
    return facts_alone({{"landing", to_json(*landing)}}, landing->only_apply);
  }

  Outcome land_branch() {
    Landing landing;
    json facts = json::object();
    if (record_.landing) {
      landing = *record_.landing;
    } else {
      Outcome prepared = prepare();
      if (prepared.keep || !prepared.facts || !prepared.facts->contains("landing")) {
        if (prepared.keep || prepared.event) return prepared;
        return outcome(event::LandFailed{}, *prepared.facts, prepared.message);
      }
      landing = landing_from_json((*prepared.facts)["landing"]);
      facts = *prepared.facts;
    }
    if (!landing.only_apply.empty()) {
      facts["trouble"] = landing.only_apply;
      return outcome(event::LandFailed{}, std::move(facts), landing.only_apply);
    }
    fault_point("landing");
    if (auto landed = baton::land(store_, landing, stop_); !landed) {
      if (landed.error().kind == ErrorKind::cancelled || stop_.stop_requested()) return not_done();
      facts["trouble"] = landed.error().message;
      return outcome(event::LandFailed{}, std::move(facts), landed.error().message);
    }
    fault_point("landed");
    facts["landing"] = to_json(landing);
    if (const std::string clash = clash_with_head(landing); !clash.empty()) facts["note"] = clash;
    return outcome(event::Landed{record_.wishes.land == LandMode::draft_pr}, std::move(facts), "The branch " + landing.branch + " is made.");
  }

  Outcome apply_here() {
    if (!record_.round || record_.round->commit.empty()) return facts_alone({{"trouble", "There is no result that could be applied."}});
    write_description({});
    auto edits = edits_to_apply(store_, record_.base, record_.round->commit);
    if (!edits) return trouble(edits.error());
    fault_point("applying");
    if (auto applied = apply_to_files(ground_.engine.repository(), *edits, open_unsaved()); !applied) return trouble(applied.error());
    fault_point("applied");
    return outcome(event::Applied{}, json::object(), "Applied to your files.");
  }

 private:
  Result<Testimony> judge_alone(const std::string& commit) {
    const auto source = files();
    auto report = verify_commit(record_.head, commit, {}, criteria_elsewhere(), false, source ? config_in(**source).mutant_seconds : 0);
    if (!report) return report.error();
    Testimony judged{std::move(*report), {}};
    judged.verifier = verifier_of(judged.report);
    if (auto fine = attested(landing_contributions(), judged.verifier.value_or(own_verifier())); !fine) return fine.error();
    return judged;
  }

  // Beside the user's uncommitted work it was good enough, or a human has said so; alone it must not be less.
  std::string why_not_alone(const VerifyReport& report) const {
    if (record_.state.accepted || !record_.round || !record_.round->report) return {};
    std::string why;
    if (exit_code(report) != 0) why = report.cause;
    else if (open_criteria(report, plan_to_judge()) > record_.round->criteria_open) why = "criteria that are met with it are not met without it";
    else if (weakened_checks(report) > weakened_checks(*record_.round->report)) why = "it makes checks weaker: " + weakened_sentence(report);
    return why.empty() ? "" : "The change does not hold without your uncommitted work (" + why + "), so no branch is made of it.";
  }

  // The branch rests on what was verified. Its user may have gone on meanwhile: whether the two go together is told, not changed.
  std::string clash_with_head(const Landing& landing) {
    const auto head = store_.resolve_commit("HEAD");
    if (!head || *head == record_.head) return {};
    const auto merged = merge_commits(store_, *head, landing.commit, stop_);
    if (!merged || merged->clean()) return {};
    std::set<std::string> paths;
    for (const MergeStage& stage : merged->stages) paths.insert(stage.path);
    for (const MergeConflict& conflict : merged->conflicts) paths.insert(conflict.paths.begin(), conflict.paths.end());
    std::string where;
    for (const std::string& path : paths) where += (where.empty() ? "" : ", ") + path;
    return "Your branch has moved since the task began, and " + landing.branch + " conflicts with it in " + where + "; merge or rebase it, then `baton verify`.";
  }

  void write_description(const Landing& landing) const {
    if (!record_.round || !record_.round->report) return;
    DescriptionFacts facts;
    facts.plan = record_.plan.value_or(Plan{});
    facts.report = landing.report && landing.only_apply.empty() ? *landing.report : *record_.round->report;
    facts.contributions = landing_contributions();
    facts.left_out = record_.round->left_out;
    facts.untouched = record_.round->untouched;
    facts.commit = landing.commit;
    facts.notes = record_.notes;
    if (landing.untested_fix && !record_.round->untested_fix) facts.notes.emplace_back(kUntestedFix);
    const std::string &before = facts.report.base.tree, &after = facts.report.head.tree;
    if (auto changes = store_.changes(before, after)) facts.changes = std::move(*changes);
    facts.symbols = changed_symbols(store_, before, after, facts.changes);
    const auto folder = task_folder(ground_.state, record_.id);
    Status written = make_folder(folder);
    if (written) written = write_file(folder / "description.md", describe(facts));
    if (!written) log(LogLevel::warning, written.error().message);
  }

  // Files that some editor has open with changes, where they really lie.
  std::vector<std::string> open_unsaved() const {
    const std::filesystem::path& root = ground_.engine.repository().root;
    std::vector<std::string> paths;
    for (const auto& [path, text] : ground_.engine.offered_unsaved()) {
      std::error_code failed;
      paths.push_back(std::filesystem::weakly_canonical(root / path, failed).lexically_relative(root).string());
    }
    return paths;
  }
};

}  // namespace

Outcome prepare_landing_of(const TaskWork& work) { return Delivering(work).prepare(); }

Outcome land_branch(const TaskWork& work) { return Delivering(work).land_branch(); }

Outcome apply_result(const TaskWork& work) { return Delivering(work).apply_here(); }

}  // namespace baton
