// From the verified commit to a branch on the user's HEAD.
#include "orchestrator/tasks/landing.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "git/branch.h"
#include "git/merge.h"
#include "git/user_commit.h"
#include "orchestrator/agents/fix_words.h"
#include "orchestrator/tasks/commit_style.h"
#include "orchestrator/tasks/pieces.h"

namespace baton {
namespace {

constexpr int kHistory = 200;            // subjects that tell the style
constexpr std::size_t kMaxCommits = 20;  // more subtasks land as one
constexpr int kMaxNames = 20;            // of branches, before it is given up
constexpr std::size_t kTellingLine = 12; // characters that a line needs to be told from others
constexpr std::string_view kTaskTrailer = "Baton-Task: ";

// One commit that is to be.
struct Step {
  std::string tree;
  std::vector<Contribution> contributions;
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string branch_base(const LandOrder& order) {
  const std::string id = order.task.size() > 6 ? order.task.substr(order.task.size() - 6) : order.task;
  return "baton/" + branch_slug(order.plan.title) + "-" + branch_slug(lower(id));
}

std::string_view trimmed(std::string_view line) {
  while (!line.empty() && std::isspace(static_cast<unsigned char>(line.front()))) line.remove_prefix(1);
  while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back()))) line.remove_suffix(1);
  return line;
}

template <class Take>
void each_line(std::string_view text, const Take& take) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    take(trimmed(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

bool is_telling(std::string_view line) {
  return std::count_if(line.begin(), line.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)); }) >= static_cast<std::ptrdiff_t>(kTellingLine);
}

class Preparing {
 public:
  Preparing(Store& store, const LandOrder& order, std::stop_token stop) : store_(store), order_(order), stop_(std::move(stop)), testimony_(order.testimony) {}

  Result<Landing> run() {
    Landing landing;
    if (order_.head.empty()) {
      landing.only_apply = "There is no commit yet that a branch could rest on.";
      return landing;
    }
    for (const auto& [tree, commit] : {std::pair(&head_, &order_.head), std::pair(&snapshot_, &order_.snapshot), std::pair(&result_, &order_.commit)}) {
      auto found = store_.tree_of(*commit);
      if (!found) return found.error();
      *tree = *found;
    }
    std::vector<Step> steps;
    if (head_ == snapshot_) {
      auto parts = in_parts();
      if (!parts) return parts.error();
      steps = std::move(*parts);
    } else {
      auto replayed = replay(landing.only_apply);
      if (!replayed) return replayed.error();
      if (!landing.only_apply.empty()) return landing;
      steps = {{*replayed, order_.contributions}};
    }
    landing.tree = steps.back().tree;
    if (landing.tree == head_) {
      landing.only_apply = "On the last commit the change does nothing.";
      return landing;
    }
    if (head_ != snapshot_) {
      if (auto judged = judge_alone(landing); !judged) return judged.error();
      if (!landing.only_apply.empty()) return landing;
    }
    if (auto named = name(landing); !named) return named.error();
    if (!landing.commit.empty()) return landing;  // an earlier call made it
    auto commit = make(steps);
    if (!commit) return commit.error();
    auto tree = store_.tree_of(*commit);
    if (!tree) return tree.error();
    if (*tree != landing.tree || *tree != (landing.report ? landing.report->head.tree : result_))
      return Error{ErrorKind::internal, "The commit that was made does not hold the verified tree; nothing was landed."};
    landing.commit = *commit;
    return landing;
  }

 private:
  // A commit a subtask, where their results one after the other come to the verified tree; else all as one.
  Result<std::vector<Step>> in_parts() {
    const std::vector<Step> whole{{result_, order_.contributions}};
    if (order_.contributions.size() < 2 || order_.contributions.size() > kMaxCommits) return whole;
    std::vector<Step> steps;
    std::vector<Contribution> so_far, waiting;
    for (const Contribution& contribution : order_.contributions) {
      so_far.push_back(contribution);
      waiting.push_back(contribution);
      auto part = integrate(store_, order_.snapshot, so_far, stop_);
      if (!part) return part.error();
      if (part->tree.empty()) return whole;
      if (part->tree == (steps.empty() ? head_ : steps.back().tree)) continue;
      steps.push_back({part->tree, std::exchange(waiting, {})});
    }
    return steps.empty() || steps.back().tree != result_ ? whole : steps;
  }

  // The change alone on HEAD: a tree, or the reason why it does not hold there.
  Result<std::string> replay(std::string& refusal) {
    auto merged = merge_trees(store_, snapshot_, head_, result_, stop_);
    if (!merged) return merged.error();
    if (!merged->clean()) {
      std::set<std::string> paths;
      for (const MergeStage& stage : merged->stages) paths.insert(stage.path);
      for (const MergeConflict& conflict : merged->conflicts) paths.insert(conflict.paths.begin(), conflict.paths.end());
      refusal = "The change rests on lines of " + (paths.empty() ? std::string("yours") : *paths.begin()) + (paths.size() > 1 ? " and " + std::to_string(paths.size() - 1) + " more files" : "") +
                " that you have not committed; apply it to your working tree, or commit first.";
      return std::string();
    }
    auto leaked = repeats_uncommitted(merged->tree);
    if (!leaked) return leaked.error();
    if (!leaked->empty()) refusal = "The change repeats lines that you have not committed, in " + *leaked + "; apply it to your working tree, or commit first.";
    return merged->tree;
  }

  // Others have HEAD and not what the user works on: what goes out is judged against what they have.
  Status judge_alone(Landing& landing) {
    auto commit = store_.write_commit(landing.tree, {order_.head}, "baton: without uncommitted work\n", 0);
    if (!commit) return commit.error();
    auto judged = order_.judge(*commit);
    if (!judged) return judged.error();
    landing.only_apply = order_.refuse(judged->report);
    landing.report = judged->report;
    testimony_ = std::move(*judged);
    return done();
  }

  // The file of the branch's tree that would publish a line which only the user's uncommitted work has; empty when none does.
  Result<std::string> repeats_uncommitted(const std::string& tree) {
    std::set<std::string, std::less<>> uncommitted;
    const auto added = [&](const std::string& from, const std::string& to, const auto& take) -> Status {
      auto changes = store_.changes(from, to);
      if (!changes) return changes.error();
      for (const FileChange& change : *changes) {
        if (change.kind == ChangeKind::deleted || change.binary) continue;
        auto was = change.kind == ChangeKind::added ? Result<std::optional<std::string>>(std::optional<std::string>()) : store_.read(from, change.old_path);
        auto now = store_.read(to, change.path);
        if (!was) return was.error();
        if (!now) return now.error();
        std::set<std::string, std::less<>> known;
        if (*was) each_line(**was, [&](std::string_view line) { known.emplace(line); });
        if (*now) each_line(**now, [&](std::string_view line) { if (is_telling(line) && !known.contains(line)) take(change.path, line); });
      }
      return done();
    };
    if (auto looked = added(head_, snapshot_, [&](const std::string&, std::string_view line) { uncommitted.emplace(line); }); !looked) return looked.error();
    std::string where;
    auto looked = added(head_, tree, [&](const std::string& path, std::string_view line) { if (where.empty() && uncommitted.contains(line)) where = path; });
    if (!looked) return looked.error();
    return where;
  }

  // A name that nobody has, or the branch that an earlier call of the same landing made.
  Status name(Landing& landing) {
    auto above = branch_commit(store_.repository(), "baton");
    if (!above) return above.error();
    if (*above) return Error{ErrorKind::precondition, "A branch named baton exists, so that git can have none below baton/; rename it with `git branch -m baton NEW`, then land again."};
    const std::string base = branch_base(order_);
    for (int i = 1; i <= kMaxNames; ++i) {
      const std::string name = i == 1 ? base : base + "-" + std::to_string(i);
      auto there = branch_commit(store_.repository(), name);
      if (!there) return there.error();
      if (*there && !is_this_landing(**there, landing.tree)) continue;
      landing.branch = name;
      landing.commit = there->value_or("");
      return done();
    }
    return Error{ErrorKind::precondition, "The branches " + base + " to " + base + "-" + std::to_string(kMaxNames) + " exist; delete those that you no longer need, then land again."};
  }

  bool is_this_landing(const std::string& commit, const std::string& tree) const {
    const auto there = store_.tree_of(commit);
    const auto message = commit_message(store_, commit);
    if (!there || *there != tree || !message || message->find(std::string(kTaskTrailer) + order_.task + "\n") == std::string::npos) return false;
    std::string at = commit;  // its commits rest on the same HEAD
    for (std::size_t steps = 0; steps <= kMaxCommits; ++steps) {
      const auto parents = commit_parents(store_, at);
      if (!parents || parents->size() != 1) return false;
      at = parents->front();
      if (at == order_.head) return true;
    }
    return false;
  }

  // --- messages

  Result<std::string> make(const std::vector<Step>& steps) {
    auto subjects = subjects_before(store_, order_.head, kHistory, stop_);
    if (!subjects) return subjects.error();
    const CommitStyle style = commit_style(*subjects);
    const auto committer = committer_of(store_, order_.client_env, stop_);
    if (!committer) return committer.error();
    std::string parent = order_.head, before = head_;
    for (const Step& step : steps) {
      auto changes = store_.touched(before, step.tree);
      if (!changes) return changes.error();
      UserCommit commit{step.tree, parent, message(step, style, *changes, &step == &steps.back(), steps.size() > 1)};
      auto made = commit_as_user(store_, *committer, commit, stop_);
      if (!made) return made.error();
      parent = *made;
      before = step.tree;
    }
    return parent;
  }

  // Of fixes what the step holds, which may be less than was planned.
  std::string title_of(const Step& step, bool one_of_several) const {
    if (!one_of_several || step.contributions.empty()) return order_.plan.title;
    const auto fixes = fixes_in_lines(step);
    if (fixes.size() == 1) return fixes.front();
    const PlannedSubtask* subtask = find_subtask(order_.plan, step.contributions.back().subtask);
    return subtask && !subtask->title.empty() ? subtask->title : order_.plan.title;
  }

  std::string message(const Step& step, const CommitStyle& style, const std::vector<FileChange>& changes, bool last, bool one_of_several) const {
    const std::string title = title_of(step, one_of_several);
    const std::string subject = commit_subject(style, {title, types(step), areas(changes)});
    std::string text = subject + "\n";
    if (lower(subject).find(lower(trimmed(title.substr(0, title.find('\n'))))) == std::string::npos && subject.size() + 4 < title.size()) text += "\n" + title + "\n";
    if (const std::string body = body_of(step, title); !body.empty()) text += "\n" + body;
    if (last) text += notes();
    text += "\n" + std::string(kTaskTrailer) + order_.task + "\n";
    std::set<std::string> agents;
    for (const Contribution& contribution : step.contributions) {
      if (!contribution.agent.empty() && agents.insert(contribution.agent).second) text += "Baton-Agent: " + contribution.agent + "\n";
    }
    // The evidence is of the last tree alone.
    if (last && testimony_ && testimony_->verifier) text += "Baton-Verifier: " + testimony_->verifier->name() + "\n";
    if (last && testimony_) text += "Baton-Evidence: " + testimony_->report.id + "\n";
    return text;
  }

  std::string notes() const {
    std::vector<std::string> all = order_.notes;
    if (testimony_ && testimony_->report.accepted) all.push_back("Known failures: " + testimony_->report.cause);
    std::string text = all.empty() ? "" : "\n";
    for (const std::string& note : all) text += "- " + note.substr(0, note.find('\n')) + "\n";
    return text;
  }

  static std::vector<std::string> fixes_in_lines(const Step& step) {
    std::vector<Fix> fixes;
    for (const Contribution& contribution : step.contributions) fixes.insert(fixes.end(), contribution.fixes.begin(), contribution.fixes.end());
    std::vector<std::string> lines;
    for (const auto& [check, count] : by_check(fixes)) lines.push_back(fixes_in_words(check.first, check.second, count));
    return lines;
  }

  // Those that the title does not say already.
  static std::string body_of(const Step& step, const std::string& title) {
    std::string text;
    for (const std::string& line : fixes_in_lines(step)) text += line == title ? "" : "- " + line + "\n";
    return text;
  }

  std::vector<std::string> types(const Step& step) const {
    bool fixers = !step.contributions.empty(), tests = fixers, docs = fixers;
    for (const Contribution& contribution : step.contributions) {
      const PlannedSubtask* subtask = find_subtask(order_.plan, contribution.subtask);
      fixers = fixers && !contribution.fixes.empty();
      tests = tests && subtask && subtask->agent_type == "testing";
      docs = docs && subtask && subtask->agent_type == "documentation";
    }
    if (fixers) return {"style", "refactor", "chore", "fix"};
    if (tests) return {"test", "tests", "chore"};
    if (docs) return {"docs", "chore"};
    switch (order_.plan.workflow) {
      case Workflow::bugfix: return {"fix"};
      case Workflow::refactor: return {"refactor", "chore"};
      case Workflow::feature: break;
    }
    return {"feat"};
  }

  // What the changed files have in common, the nearest first: the file's name, its folders.
  static std::vector<std::string> areas(const std::vector<FileChange>& changes) {
    std::vector<std::string> areas;
    std::string common = changes.empty() ? "" : changes.front().path;
    for (const FileChange& change : changes) {
      while (!common.empty() && change.path != common && !change.path.starts_with(common + "/")) common.resize(common.find('/') == std::string::npos ? 0 : common.rfind('/'));
    }
    for (std::string path = common; !path.empty(); path.resize(path.find('/') == std::string::npos ? 0 : path.rfind('/'))) {
      const std::string name = path.substr(path.rfind('/') == std::string::npos ? 0 : path.rfind('/') + 1);
      for (const std::string& one : {path, name, name.substr(0, name.find('.'))}) {
        if (!one.empty() && std::find(areas.begin(), areas.end(), one) == areas.end()) areas.push_back(one);
      }
    }
    return areas;
  }

  Store& store_;
  const LandOrder& order_;
  std::stop_token stop_;
  std::string head_, snapshot_, result_;  // trees
  std::optional<Testimony> testimony_;    // on the tree that lands
};

}  // namespace

Result<Landing> prepare_landing(Store& store, const LandOrder& order, std::stop_token stop) { return Preparing(store, order, std::move(stop)).run(); }

Status land(Store& store, const Landing& landing, std::stop_token stop) {
  if (!landing.only_apply.empty()) return Error{ErrorKind::precondition, landing.only_apply};
  if (landing.branch.empty() || landing.commit.empty()) return Error{ErrorKind::internal, "There is no commit to land."};
  auto tree = store.tree_of(landing.commit);
  if (!tree) return tree.error();
  if (*tree != landing.tree) return Error{ErrorKind::internal, "The commit that was to land does not hold the tree that was verified; nothing was landed."};
  return create_branch(store, landing.branch, landing.commit, std::move(stop));
}

}  // namespace baton
