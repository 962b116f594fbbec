// What a task asks of the outside world, done: each effect is made from the record alone, may be done again after a crash, and
// answers with the event that it leads to. Blocks; worker threads. Stopping leaves the effect in the outbox.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>

#include "orchestrator/agents/parked_agents.h"
#include "orchestrator/tasks/task_meters.h"
#include "orchestrator/engine.h"
#include "orchestrator/tasks/task_record.h"

namespace baton {

struct TaskGround {
  Engine& engine;
  Executor& executor;
  Journal& journal;
  EvidenceStore& evidence;
  std::filesystem::path state, cache_home, config_home, runtime_home;
  Environment client_env;
  ParkedAgents* parked = nullptr;  // those that wait for an answer
  TaskMeters* meters = nullptr;    // null: no budget of a task holds
};

struct Outcome {
  std::optional<TaskEvent> event;  // absent: facts alone
  std::shared_ptr<nlohmann::json> facts;
  bool keep = false;               // it is not done: the effect stays in the outbox
  std::string message;             // for people; may be empty
};

Outcome perform_effect(const TaskRecord& record, const TaskEffect& effect, const TaskGround& ground, const ProgressSink& sink, std::stop_token stop);
// The commit that would land, judged where it has another tree than what was verified; facts with the landing.
Outcome prepare_to_land(const TaskRecord& record, const TaskGround& ground, const ProgressSink& sink, std::stop_token stop);

// What a pull request of it would send, and nothing is sent: {"push","base","forge","requests","notes"}.
Result<nlohmann::json> what_would_be_published(const TaskRecord& record, const TaskGround& ground, std::stop_token stop);

// What was said about its pull request, in words for another attempt.
Result<std::string> review_of_task(const TaskRecord& record, const TaskGround& ground, std::stop_token stop);

// The agents that can be used for a task on this ground: from the base, or the folder before there is one.
Result<std::vector<AgentSpec>> agents_on(const TaskRecord& record, const TaskGround& ground);

}  // namespace baton
