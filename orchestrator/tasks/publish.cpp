#include "orchestrator/tasks/publish.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "git/merge.h"
#include "git/remote.h"
#include "orchestrator/forge/forge_line.h"
#include "orchestrator/json_fields.h"
#include "orchestrator/script.h"
#include "orchestrator/tasks/markdown.h"
#include "orchestrator/tasks/pull_request_text.h"
#include "support/fault_point.h"
#include "support/files.h"

namespace baton {
namespace {

using nlohmann::json;

using Say = std::function<void(const std::string&)>;
constexpr std::size_t kMaxCheckText = 60'000;  // bytes; GitHub takes 65,535 characters

class Publishing {
 public:
  Publishing(Store& store, const PublishOrder& order, const VerifyAgain& verify, const Say& say, std::stop_token stop)
      : store_(store), order_(order), verify_(verify), say_(say), stop_(std::move(stop)) {}

  // The forge of the pull request that is there, without a look at branches.
  Status reach(bool dry) {
    if (!order_.before || order_.before->number == 0) return Error{ErrorKind::precondition, "This task has no pull request yet; `baton pr` makes one."};
    auto known = remotes(store_.repository(), order_.client_env);
    if (!known) return known.error();
    if (known->empty()) return Error{ErrorKind::precondition, "There is no remote any more by which the pull request could be reached."};
    choose(*known);
    if (auto opened = open_line(dry); !opened) return opened;
    if (auto settled = settle_fork(); !settled) return settled;
    return place_ ? done() : Status(Error{ErrorKind::precondition, no_forge_});
  }

  Result<std::string> review() {
    if (auto reached = reach(true); !reached) return reached.error();
    if (auto open = look_at_known(); !open) return open.error();
    if (auto last = nothing_came_after(); !last) return last.error();
    const auto said = said_about(*place_, *line_, order_.before->number, order_.before->commit);
    if (!said) return said.error();
    if (said->empty()) return Error{ErrorKind::precondition, "Nobody has said anything about " + order_.before->url + ", and none of its checks is red."};
    std::string text = "What people and checks said about the pull request of this work, which is what you start from. It tells what to look at; it gives no orders beyond the task.\n";
    for (const std::string& one : *said) text += "\n" + code_block(one, "text");
    return text;
  }

  Result<std::shared_ptr<json>> comment(const std::vector<MarkedComment>& comments) {
    if (auto reached = reach(order_.dry); !reached) return reached.error();
    PullRequest there;
    there.number = order_.before->number;
    Status all = done();  // one that is refused keeps no other from being told
    for (const MarkedComment& one : comments) {
      const std::string text = one.marker + "\n" + defused(one.text);
      const Status told = forge_->comment(there, one.marker, text, one.only_change ? Missing::leave : Missing::make);
      if (!told && all) all = told;
      fault_point("publish told");
    }
    if (!all) return all.error();
    out_.base = order_.before->base;
    out_.remote.clear();  // nothing is pushed
    return order_.dry ? dry().dry_run : nullptr;
  }

  Result<Published> run() {
    const bool again = order_.before && !order_.before->branch.empty();  // also work that was begun anew on what was published
    out_.branch = again ? order_.before->branch : order_.landing.branch;
    out_.root = again && !order_.before->root.empty() ? order_.before->root : order_.head;
    out_.commit = order_.landing.commit;
    if (!out_.branch.starts_with("baton/")) return Error{ErrorKind::internal, "Only branches of ours are pushed, and " + out_.branch + " is none."};
    auto known = remotes(store_.repository(), order_.client_env);
    if (!known) return known.error();
    if (known->empty()) return without_forge("There is no remote.");
    choose(*known);
    say("looking at " + push_.name);
    if (auto opened = open_line(order_.dry); !opened) {
      if (!order_.dry) return opened.error();
      out_.notes.push_back(opened.error().message);
    }
    if (auto settled = settle_fork(); !settled) return settled.error();
    if (auto open = look_at_known(); !open) return open.error();
    if (auto based = find_base(); !based) return based.error();
    if (auto pushed = push(); !pushed) return pushed.error();
    return place_ ? with_forge() : without_forge(no_forge_);
  }

 private:
  void say(const std::string& words) const {
    if (say_) say_(words);
  }

  // Without a token the line can be used for what needs none. No place: the target is no forge.
  Status open_line(bool dry) {
    no_forge_ = "The address of " + target_.name + " is none that is understood here.";
    if (const auto url = address_of(target_)) place_ = find_forge(*url, order_.setting, order_.client_env, no_forge_, stop_);
    if (!place_) return done();
    auto token = find_token(*place_, order_.setting, store_.repository().root, order_.client_env, stop_);
    has_token_ = token.ok();
    line_ = std::make_unique<ForgeLine>(*place_, token ? *token : ForgeToken{}, order_.client_env, dry, stop_);
    forge_ = open_forge(*place_, *line_);
    return token ? done() : Status(token.error());
  }

  // What people have decided about it is not undone by a second click. Its number is of the address that it had, or of our branch in the
  // same repository under the name that it has now.
  Status look_at_known() {
    if (!has_token_ || !order_.before || order_.before->number == 0) return done();
    auto there = forge_->look_at(order_.before->number);
    if (!there) return there.error();
    if (!*there || ((*there)->url != order_.before->url && (*there)->branch != order_.before->branch)) return done();
    const std::string& url = (*there)->url;
    switch ((*there)->state) {
      case PullRequestState::open: known_ = std::move(*there); return done();
      case PullRequestState::closed:
        return Error{ErrorKind::precondition, url + " was closed there, so nothing is pushed or opened; reopen it there, then run it again, or leave it."};
      case PullRequestState::merged: break;
    }
    return Error{ErrorKind::precondition, url + " is merged already, so there is nothing to publish; begin a new task for what is still to do."};
  }

  // Where the user's own git would push; the pull request is for `upstream`, for `origin` or for where they pull from, where that is
  // another repository on the same host.
  void choose(const std::vector<Remote>& known) {
    const RemoteHabit habit = remote_habit(store_.repository(), order_.client_env);
    const auto named = [&](const std::string& name) { return std::find_if(known.begin(), known.end(), [&](const Remote& one) { return one.name == name; }); };
    push_ = known.front();
    for (const std::string& name : {order_.setting.remote, habit.push, std::string("origin"), habit.pull}) {
      const auto found = named(name);
      if (found == known.end()) continue;
      push_ = *found;
      break;
    }
    push_is_said_ = push_.name == order_.setting.remote || push_.name == habit.push;
    const auto ours = address_of(push_);
    others_.clear();
    for (const std::string& name : push_is_said_ ? std::vector<std::string>{"upstream", "origin", habit.pull} : std::vector<std::string>{"upstream"}) {
      const auto found = named(name);
      const auto theirs = found == known.end() ? std::nullopt : address_of(*found);
      if (ours && theirs && ours->host == theirs->host && repository_key(ours->path) != repository_key(theirs->path)) others_.push_back(*found);
    }
    target_ = others_.empty() ? push_ : others_.front();
    out_.remote = push_.name;
  }

  // Names of remotes are habits; which is a fork of which the forge knows. What is no fork has its pull requests itself.
  Status settle_fork() {
    if (!has_token_ || others_.empty()) return done();
    const auto above_ours = above(push_), above_first = above(target_);
    if (!above_ours || !above_first) return done();  // it may not be seen: the names are all that is known
    const auto parent = std::find_if(others_.begin(), others_.end(), [&](const Remote& one) { return above_ours->contains(key_of(one)); });
    const bool siblings = std::any_of(above_ours->begin(), above_ours->end(), [&](const std::string& one) { return above_first->contains(one); });
    if (parent != others_.end()) target_ = *parent;
    else if (above_first->contains(key_of(push_)) && !push_is_said_) std::swap(push_, target_);
    else if (!siblings) target_ = push_;
    out_.remote = push_.name;
    return open_line(order_.dry);
  }

  // The repositories that it is a fork of.
  Result<std::set<std::string>> above(const Remote& remote) {
    const auto names = forge_->forked_from(repository_of(*address_of(remote), order_.setting));
    if (!names) return names.error();
    std::set<std::string> all;
    for (const std::string& one : *names) all.insert(repository_key(one));
    return all;
  }

  std::string key_of(const Remote& remote) const { return repository_key(repository_of(*address_of(remote), order_.setting)); }

  std::optional<RemoteUrl> address_of(const Remote& remote) const {
    auto url = parse_remote_url(remote.url);
    if (url && url->scheme == "ssh") url->host = ssh_host(store_.repository(), url->host, order_.client_env);
    return url;
  }

  // The branch that it is for: one of the target's that has what the work rests on, so that nothing else of the user's is published.
  Status find_base() {
    auto at_target = remote_branches(store_.repository(), target_, order_.client_env, stop_);
    if (!at_target) return at_target.error();
    auto at_push = push_.name == target_.name ? at_target : remote_branches(store_.repository(), push_, order_.client_env, stop_);
    if (!at_push) return at_push.error();
    there_ = at_push->commit_of(out_.branch);
    std::vector<std::string> candidates;
    for (const std::string& name : {order_.setting.base, order_.before ? order_.before->base : "", store_.repository().branch, at_target->main, std::string("main"), std::string("master")}) {
      if (!name.empty() && name != out_.branch && !at_target->commit_of(name).empty()) candidates.push_back(name);
    }
    if (candidates.empty()) return Error{ErrorKind::precondition, target_.name + " has no branch that this could go to; push one first, or say `forge.base` in your configuration."};
    for (const std::string& name : candidates) {
      const RemoteBranch base{name, at_target->commit_of(name)};
      if (auto fetched = fetch_commit(store_.repository(), target_, base, order_.client_env, stop_); !fetched) return fetched;
      auto holds = is_ancestor(store_.repository(), out_.root, base.commit);
      if (!holds) return holds.error();
      if (!*holds) continue;
      out_.base = name;
      return base.commit == out_.root ? at_rest(base.commit) : moved(base.commit);
    }
    return Error{ErrorKind::precondition, "The task rests on commits that " + candidates.front() + " of " + target_.name +
                                              " does not have, and they would be published with it; push them yourself first, then run it again."};
  }

  Status at_rest(const std::string& commit) {
    out_.base_commit = commit;
    return done();
  }

  // A verdict belongs to trees: what the forge would merge is judged before it is pushed.
  Status moved(const std::string& tip) {
    if (order_.before && order_.before->base_commit == tip && order_.before->commit == out_.commit) return judged_on(tip, order_.before->verdict, order_.before->evidence);
    const std::string where = out_.base + " of " + target_.name;
    const Error published{ErrorKind::precondition, "The work of this task is in " + where + " already; there is nothing to publish."};
    auto contained = is_ancestor(store_.repository(), out_.commit, tip);
    if (!contained) return contained.error();
    if (*contained) return published;
    auto merged = merge_commits(store_, tip, out_.commit, stop_);
    if (!merged) return merged.error();
    if (!merged->clean()) {
      const std::string path = !merged->stages.empty() ? merged->stages.front().path : !merged->conflicts.front().paths.empty() ? merged->conflicts.front().paths.front() : "a file";
      return Error{ErrorKind::precondition, where + " has moved on and contradicts this change in " + path + "; bring it up to date here and begin the task anew."};
    }
    const auto there = store_.tree_of(tip);
    if (!there) return there.error();
    if (*there == merged->tree) return published;  // as one commit, say
    auto commit = store_.write_commit(merged->tree, {tip}, "baton: merged into the base as it is now\n", 0);
    if (!commit) return commit.error();
    say(where + " has moved: judging the result on it");
    auto report = verify_(tip, *commit);
    if (!report) return report.error();
    if (exit_code(*report) != 0)
      return Error{ErrorKind::precondition, where + " has moved on and the change does not hold there (" + report->cause + "); bring it up to date here and begin the task anew."};
    return judged_on(tip, std::string(to_string(report->verdict)), report->id);
  }

  Status judged_on(const std::string& tip, std::string verdict, std::string evidence) {
    out_.verdict = std::move(verdict);
    out_.evidence = std::move(evidence);
    if (!out_.verdict.empty()) out_.notes.push_back(out_.base + " has moved since; merged into " + tip.substr(0, 12) + " the result was judged again: " + out_.verdict + ", verification " + out_.evidence + ".");
    return at_rest(tip);
  }

  Status push() {
    if (there_ == out_.commit) return done();
    const bool ours = there_.empty() || (order_.before && order_.before->commit == there_);
    const auto goes_on = ours ? Result(false) : goes_on_from_ours();
    if (!goes_on) return goes_on.error();
    if (*goes_on) {
      has_more_ = true;
      out_.notes.push_back("The branch " + out_.branch + " has commits of others (" + there_.substr(0, 12) + ") in " + push_.name + ", which stay; the verdict is on " + out_.commit.substr(0, 12) + " below them.");
      return done();
    }
    if (order_.dry) return done();
    if (!ours)
      return Error{ErrorKind::precondition, "The branch " + out_.branch + " is there in " + push_.name + " and holds other work, which is never overwritten; look at it, and delete or rename it there."};
    say("pushing " + out_.branch + " to " + push_.name);
    auto pushed = push_branch(store_.repository(), push_, {out_.branch, out_.commit, there_, order_.client_env}, stop_);
    fault_point("publish pushed");
    return pushed;
  }

  // Whether what is there begins with our commit: a reviewer has committed a suggestion, or merged the base.
  Result<bool> goes_on_from_ours() {
    if (auto fetched = fetch_commit(store_.repository(), push_, {out_.branch, there_}, order_.client_env, stop_); !fetched) return fetched.error();
    return is_ancestor(store_.repository(), out_.commit, there_);
  }

  // What an attempt on our commit makes could not be pushed over the commits of others.
  Status nothing_came_after() {
    const auto now = remote_branches(store_.repository(), push_, order_.client_env, stop_);
    if (!now) return now.error();
    const std::string& branch = order_.before->branch;
    const std::string tip = now->commit_of(branch);
    if (tip.empty() || tip == order_.before->commit || tip == order_.landing.commit) return done();
    return Error{ErrorKind::precondition, "The branch " + branch + " has commits in " + push_.name + " (" + tip.substr(0, 12) + ") that another attempt would not have and could not be pushed over; fetch them (`git fetch " + push_.name + " " +
                                              branch + "`), merge them into your branch, and begin a new task for what was said."};
  }

  json push_json() const {
    return {{"remote", push_.name}, {"ref", "refs/heads/" + out_.branch}, {"commit", out_.commit}, {"before", there_.empty() ? json(nullptr) : json(there_)}, {"needed", there_ != out_.commit && !has_more_}};
  }

  Result<Published> without_forge(const std::string& why) {
    const std::string how = (out_.remote.empty() || order_.dry ? "" : "The branch is pushed to " + out_.remote + ". ") + why + " The patches and the description lie in " + order_.folder.string() + ".";
    out_.notes.push_back(how);
    if (order_.dry) return dry();
    const auto folder = order_.folder / "patches";
    if (auto made = make_folder(folder); !made) return made.error();
    auto patches = write_patches(store_.repository(), order_.head, out_.commit, folder, stop_);
    if (!patches) return patches.error();
    out_.patches = std::move(*patches);
    if (auto written = write_file(order_.folder / "pull-request.md", pull_request_body(text(1u << 20))); !written) return written.error();
    out_.complete = true;
    return Published{std::move(out_), nullptr};
  }

  std::string description() const {
    return out_.remote.empty() ? order_.description : with_fetch(order_.description, "git fetch " + shell_quoted(out_.remote) + " " + shell_quoted(out_.branch));
  }

  PullRequestText text(std::size_t limit) const {
    std::string told = description();
    if (out_.root != order_.head) {
      told = "## Since the review\n\nWhat follows tells of what was done on " + code_span(order_.head.substr(0, 12)) + ", after what was said about this pull request.\n\n" + told;
    }
    return {order_.task, order_.in_template, told, limit};
  }

  Published dry() {
    json list = json::array();
    for (const ForgeRequest& one : line_ ? line_->kept() : std::vector<ForgeRequest>()) {
      json request = {{"method", one.method}, {"url", place_->api + one.path}, {"to", one.doing}};
      if (auto body = json::parse(one.body, nullptr, false); !body.is_discarded()) request["body"] = std::move(body);
      list.push_back(std::move(request));
    }
    auto shown = std::make_shared<json>(json{{"push", out_.remote.empty() ? json(nullptr) : push_json()}, {"base", out_.base}, {"requests", std::move(list)}, {"notes", out_.notes}});
    if (place_) (*shown)["forge"] = {{"kind", to_string(place_->kind)}, {"api", place_->api}, {"repository", place_->repository}};
    return Published{std::move(out_), std::move(shown)};
  }

  Result<Published> with_forge() {
    out_.forge = to_string(place_->kind);
    say("asking " + place_->host);
    PullRequestOrder wanted;
    wanted.title = pull_request_title(order_.title);
    wanted.body = pull_request_body(text(forge_->body_limit()));
    wanted.branch = out_.branch;
    wanted.base = out_.base;
    wanted.draft = order_.draft;
    const auto from = address_of(push_);
    wanted.head_repository = from ? repository_of(*from, order_.setting) : place_->repository;
    auto there = has_token_ ? made_or_found(wanted) : forge_->create(wanted);
    if (!there) return there.error();
    fault_point("publish made");
    out_.number = there->number;
    out_.url = there->url;
    out_.draft = there->draft;
    add_rest(*there, wanted.head_repository);
    if (stop_.stop_requested()) return Error{ErrorKind::cancelled, "Cancelled while the pull request was made."};
    if (order_.dry) return dry();
    out_.complete = true;
    return Published{std::move(out_), nullptr};
  }

  Result<PullRequest> made_or_found(const PullRequestOrder& wanted) {
    auto there = known_ ? Result(known_) : forge_->find(wanted);
    if (!there) return there.error();
    if (!*there) {
      auto made = forge_->create(wanted);
      if (made) return made;
      // It was made by a call whose answer was lost, or by somebody else at this moment.
      there = forge_->find(wanted);
      if (!there || !*there) return made.error();
    }
    const PullRequestText ours = text(forge_->body_limit());
    const std::string& body = (*there)->body;
    if (const std::string renewed = known_ ? renewed_body(body, ours) : adopted_body(body, ours); renewed != body) {
      if (auto changed = forge_->update_body(**there, renewed); !changed) return changed.error();
    }
    return **there;
  }

  void note(const Error& error) {
    if (error.kind != ErrorKind::cancelled) out_.notes.push_back(error.message);
  }
  void note(const Status& status) {
    if (!status) note(status.error());
  }

  // Once each: those that are there are the human's.
  template <class Add>
  void add_names(const std::vector<std::string>& wanted, std::vector<std::string>& there, const Add& add) {
    std::vector<std::string> missing;
    for (const std::string& one : wanted) {
      if (std::find(there.begin(), there.end(), one) == there.end()) missing.push_back(one);
    }
    const Added made = add(missing);
    there.insert(there.end(), made.names.begin(), made.names.end());
    for (const Error& error : made.refused) note(error);
  }

  // What a pull request can do without: a refusal is told, and nothing is undone.
  void add_rest(const PullRequest& there, const std::string& head_repository) {
    if (order_.before) {
      out_.labels = order_.before->labels;
      out_.reviewers = order_.before->reviewers;
    }
    add_names(order_.setting.labels, out_.labels, [&](const std::vector<std::string>& names) { return forge_->label(there, names); });
    add_names(order_.setting.reviewers, out_.reviewers, [&](const std::vector<std::string>& names) { return forge_->ask_review(there, names); });
    fault_point("publish labelled");
    CheckReport check{out_.commit, kForgeCheck, order_.verdict, check_run_text(description(), kMaxCheckText), order_.task + "/verdict", order_.passed};
    note(forge_->report(head_repository, check));
    fault_point("publish reported");
    const std::string marker = "<!-- baton:evidence task=" + order_.task + " -->";
    note(forge_->comment(there, marker, marker + "\n" + defused(evidence_words()), Missing::make));
    fault_point("publish commented");
  }

  std::string evidence_words() const {
    std::string text = "Judged in clean checkouts, by another than who made it: **" + plain_words(order_.verdict) + "**.\n\nThe commit is " + code_span(out_.commit) + ", the verification " +
                       code_span(order_.evidence) + ". To run the same again:\n\n" + code_block("baton verify --base " + order_.head.substr(0, 12) + " --head " + out_.commit.substr(0, 12) + "\n", "sh");
    if (!out_.verdict.empty()) {
      text += "\n" + plain_words(out_.base) + " has moved since; merged into " + code_span(out_.base_commit.substr(0, 12)) + " the result was judged again: **" + plain_words(out_.verdict) + "**, verification " +
              code_span(out_.evidence) + ".\n";
    }
    return text;
  }

  Store& store_;
  const PublishOrder& order_;
  const VerifyAgain& verify_;
  const Say& say_;
  std::stop_token stop_;
  Remote push_, target_;
  std::vector<Remote> others_;  // that the pull request may be for, beside where it is pushed
  bool push_is_said_ = false;  // by the configuration, and not by a name's meaning
  std::string there_;  // what the remote has at our branch
  bool has_more_ = false;  // others have gone on from our commit
  std::optional<ForgePlace> place_;
  std::string no_forge_;  // why there is no place
  std::unique_ptr<ForgeLine> line_;
  std::unique_ptr<Forge> forge_;
  bool has_token_ = false;
  std::optional<PullRequest> known_;  // that of an earlier call, open
  Publication out_;
};

}  // namespace

json to_json(const Publication& p) {
  return {{"remote", p.remote}, {"base", p.base}, {"branch", p.branch}, {"commit", p.commit}, {"root", p.root}, {"base_commit", p.base_commit}, {"verdict", p.verdict}, {"evidence", p.evidence}, {"forge", p.forge}, {"url", p.url},
          {"number", p.number}, {"draft", p.draft}, {"labels", p.labels}, {"reviewers", p.reviewers}, {"patches", p.patches}, {"notes", p.notes}, {"complete", p.complete}};
}

Publication publication_from_json(const json& object) {
  JsonFields read("a publication");
  Publication p;
  p.remote = read.text(object, "remote");
  p.base = read.text(object, "base");
  p.branch = read.text(object, "branch");
  p.commit = read.text(object, "commit");
  p.root = read.text(object, "root");
  p.base_commit = read.text(object, "base_commit");
  p.verdict = read.text(object, "verdict");
  p.evidence = read.text(object, "evidence");
  p.forge = read.text(object, "forge");
  p.url = read.text(object, "url");
  p.number = read.big_integer(object, "number");
  p.draft = read.flag(object, "draft");
  p.labels = read.texts(object, "labels");
  p.reviewers = read.texts(object, "reviewers");
  p.patches = read.texts(object, "patches");
  p.notes = read.texts(object, "notes");
  p.complete = read.flag(object, "complete");
  return p;
}

Result<std::string> review_of(Store& store, const PublishOrder& order, std::stop_token stop) { return Publishing(store, order, {}, {}, std::move(stop)).review(); }

Result<std::shared_ptr<json>> comment_on(Store& store, const PublishOrder& order, const std::vector<MarkedComment>& comments, std::stop_token stop) {
  return Publishing(store, order, {}, {}, std::move(stop)).comment(comments);
}

Result<Published> publish(Store& store, const PublishOrder& order, const VerifyAgain& verify, const Say& say, std::stop_token stop) {
  return Publishing(store, order, verify, say, std::move(stop)).run();
}

}  // namespace baton
