#include "orchestrator/tasks/task_effects.h"

#include <functional>
#include <nlohmann/json.hpp>

#include "orchestrator/agents/work_trees.h"
#include "orchestrator/tasks/publish_order.h"
#include "orchestrator/tasks/task_facts.h"
#include "orchestrator/tasks/task_texts.h"
#include "orchestrator/tasks/task_work.h"

namespace baton {
namespace {

using nlohmann::json;

// The store has what the agents wrote; one that is still in use, or cannot be kept, stays for the budget of the disk.
Outcome clear_away(const TaskRecord& record, const TaskGround& ground, const std::stop_token& stop) {
  if (ground.parked) ground.parked->drop(record.id);
  remove_work_trees(ground.cache_home, ground.engine.repository(), [&](const std::string& task) { return task == record.id; }, stop);
  return stop.stop_requested() ? not_done() : facts_alone(json::object());
}

Outcome perform(const TaskWork& work, const TaskRecord& record, const TaskEffect& effect, const TaskGround& ground, const std::stop_token& stop) {
  using enum EffectKind;
  switch (effect.kind) {
    case make_plan: return plan_task(work);
    case start_attempt: return attempt_subtask(work, effect);
    case integrate: return integrate_parts(work);
    case verify: return judge_round(work);
    case land: return land_branch(work);
    case apply: return apply_result(work);
    case notify_human: return facts_alone({{"escalation", to_json(escalation_of(record))}});
    case deliver_answer:  // the attempt that asked goes on with it
      return facts_alone(json::object());
    case stop_attempts:   // whoever drives the task has stopped them
      if (ground.parked) ground.parked->drop(record.id);
      return facts_alone(json::object());
    case clean_up: return clear_away(record, ground, stop);
    case publish: return publish_branch(work);
    case comment: return tell_reviewers(work);
  }
  return facts_alone(json::object());
}

// HEAD moves while an engine lives.
Result<Store> open_store(const TaskGround& ground) {
  const auto repository = open_repository(ground.engine.repository().root);
  return repository ? Store::open(*repository) : Result<Store>(repository.error());
}

Outcome with_store(const TaskRecord& record, const TaskGround& ground, const ProgressSink& sink, std::stop_token stop,
                   const std::function<Outcome(const TaskWork&)>& work) {
  auto store = open_store(ground);
  if (!store) return not_done(store.error().message);
  ProgressTicker ticker(sink);
  return work(TaskWork(record, ground, *store, ticker, sink, std::move(stop)));
}

}  // namespace

Outcome perform_effect(const TaskRecord& record, const TaskEffect& effect, const TaskGround& ground, const ProgressSink& sink, std::stop_token stop) {
  return with_store(record, ground, sink, stop, [&](const TaskWork& work) { return perform(work, record, effect, ground, stop); });
}

Outcome prepare_to_land(const TaskRecord& record, const TaskGround& ground, const ProgressSink& sink, std::stop_token stop) {
  return with_store(record, ground, sink, std::move(stop), prepare_landing_of);
}

Result<json> what_would_be_published(const TaskRecord& record, const TaskGround& ground, std::stop_token stop) {
  auto store = open_store(ground);
  if (!store) return store.error();
  const ProgressSink nobody;
  ProgressTicker ticker(nobody);
  return would_publish(TaskWork(record, ground, *store, ticker, nobody, std::move(stop)));
}

Result<std::string> review_of_task(const TaskRecord& record, const TaskGround& ground, std::stop_token stop) {
  auto store = open_store(ground);
  if (!store) return store.error();
  auto order = publish_order(record, ground, *store);
  if (!order) return order.error();
  auto text = review_of(*store, *order, std::move(stop));
  if (!text) return text;
  if (auto kept = store->keep("task-" + record.id, record.landing->commit); !kept) return kept.error();
  return text;
}

Result<std::vector<AgentSpec>> agents_on(const TaskRecord& record, const TaskGround& ground) {
  std::unique_ptr<FileSource> files = folder_source(ground.engine.repository().root);
  if (!record.base.empty()) {
    auto store = open_store(ground);
    if (!store) return store.error();
    auto tree = store->tree_of(record.base);
    if (!tree) return tree.error();
    auto source = tree_source(*store, *tree);
    if (!source) return source.error();
    files = std::move(*source);
  }
  return find_agents(config_in(*files, ground), *files, ground.client_env);
}

}  // namespace baton
