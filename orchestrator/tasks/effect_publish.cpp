// A landed branch as a pull request, and what its reviewers are told.
#include <nlohmann/json.hpp>

#include "orchestrator/tasks/escalation_comment.h"
#include "orchestrator/tasks/publish_order.h"
#include "orchestrator/tasks/task_facts.h"
#include "orchestrator/tasks/task_work.h"

namespace baton {
namespace {

using nlohmann::json;

class Publishing : public TaskWork {
 public:
  explicit Publishing(const TaskWork& work) : TaskWork(work) {}

  Result<json> would_publish() {
    if (record_.state.phase == TaskPhase::escalated_to_human && is_on_forge()) return would_tell();
    TaskRecord record = record_;
    if (!record.landing) {  // it is made and judged, and no branch points at it
      const Outcome prepared = prepare_landing_of(*this);
      if (!prepared.facts || !prepared.facts->contains("landing")) return Error{ErrorKind::precondition, prepared.message.empty() ? "It could not be prepared for landing." : prepared.message};
      record.landing = landing_from_json((*prepared.facts)["landing"]);
    }
    if (!record.landing->only_apply.empty()) return Error{ErrorKind::precondition, record.landing->only_apply};
    auto order = publish_order(record, ground_, store_);
    if (!order) return order.error();
    order->dry = true;
    auto shown = baton::publish(store_, *order, verifier(), {}, stop_);
    if (!shown) return shown.error();
    json all = std::move(*shown->dry_run);
    if (is_on_forge() && !escalation_comments(record_, ground_.client_env).empty()) {  // which follows it
      const auto told = would_tell();
      if (!told) return told.error();
      for (const json& request : (*told)["requests"]) all["requests"].push_back(request);
    }
    return all;
  }

  // A refusal ends it: the human asks again when it is mended.
  Outcome publish_branch() {
    auto order = publish_order(record_, ground_, store_);
    if (!order) return trouble(order.error());
    const auto say = [this](const std::string& words) { ticker_.show({"publish", "", "", words, 0, 0, ""}); };
    auto published = baton::publish(store_, *order, verifier(), say, stop_);
    if (!published) return trouble(published.error());
    const Publication& p = published->publication;
    std::string message = p.url.empty() ? p.notes.empty() ? "Published." : p.notes.back() : (p.draft ? "The draft pull request is " : "The pull request is ") + p.url;
    json facts = {{"publication", to_json(p)}, {"trouble", ""}};
    const auto comments = escalation_comments(record_, ground_.client_env);
    if (is_on_forge() && order->setting.escalations && !comments.empty()) (void)tell_escalations(*order, comments, facts);
    return outcome(event::Published{}, std::move(facts), std::move(message));
  }

  // What reviewers are told is no part of the work: a refusal is said and stops nothing, and is made good by the next publication.
  Outcome tell_reviewers() {
    if (!is_on_forge()) return facts_alone(json::object());
    const auto order = order_of_published(record_, ground_, store_);
    if (!order) return facts_alone(json::object(), "The pull request is not told of it: " + order.error().message);
    const auto comments = escalation_comments(record_, ground_.client_env);
    if (!order->setting.escalations || comments.empty()) return facts_alone(json::object());
    json facts = json::object();
    if (const Status sent = tell_escalations(*order, comments, facts); !sent) {
      if (sent.error().kind == ErrorKind::cancelled || stop_.stop_requested()) return not_done();
      return facts_alone(json::object(), "The pull request is not told of it: " + sent.error().message);
    }
    return facts_alone(std::move(facts), (record_.escalation ? "That it waits for you is told on " : "That it is settled is told on ") + record_.publication->url);
  }

 private:
  Status tell_escalations(const PublishOrder& order, const std::vector<MarkedComment>& comments, json& facts) {
    if (auto sent = comment_on(store_, order, comments, stop_); !sent) return sent.error();
    for (const EscalationRecord& one : record_.settled) facts["told"].push_back(one.number);
    return done();
  }

  Result<json> would_tell() {
    auto order = order_of_published(record_, ground_, store_);
    if (!order) return order.error();
    order->dry = true;
    auto shown = comment_on(store_, *order, order->setting.escalations ? escalation_comments(record_, ground_.client_env) : std::vector<MarkedComment>(), stop_);
    if (!shown) return shown.error();
    return std::move(**shown);
  }

  VerifyAgain verifier() {
    return [this](const std::string& base, const std::string& commit) { return verify_commit(base, commit, {}, criteria_elsewhere(), false); };
  }

  bool is_on_forge() const { return record_.publication && record_.publication->number > 0; }
};

}  // namespace

Outcome publish_branch(const TaskWork& work) { return Publishing(work).publish_branch(); }

Outcome tell_reviewers(const TaskWork& work) { return Publishing(work).tell_reviewers(); }

Result<json> would_publish(const TaskWork& work) { return Publishing(work).would_publish(); }

}  // namespace baton
