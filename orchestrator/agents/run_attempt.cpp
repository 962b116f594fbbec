// An attempt from its order to its result. Whatever happens to the agent, what it left is in the store before the result is given.
#include <algorithm>
#include <chrono>

#include "orchestrator/agents/agent_desk.h"
#include "orchestrator/agents/agent_log.h"
#include "orchestrator/agents/attempt_steps.h"
#include "orchestrator/agents/fixers.h"
#include "orchestrator/agents/supervision.h"
#include "orchestrator/agents/trespass.h"

namespace baton {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kAsks = 3;                       // exit code of an agent that asks

// ---------------------------------------------------------------- command-line agents

struct Ended {
  ProcessResult process;
  Supervision::Fault fault = Supervision::Fault::none;
};

Result<Ended> run_agent(const AgentDesk& desk, const AttemptOrder& order, const AttemptParts& parts, AgentLog& log, std::stop_token stop) {
  std::stop_source kill;
  const std::stop_callback by_caller(stop, [&kill] { kill.request_stop(); });
  desk.services().when_exhausted([kill]() mutable { kill.request_stop(); });
  Supervision supervision(desk.tree(), {order.agent.start_limit, order.agent.silence_limit}, kill);
  Job job = desk.job();
  job.process.on_output = [&](std::string_view bytes) {
    supervision.heard();
    log.add(bytes);
  };
  const auto answer = parts.executor.submit(std::move(job), kill.get_token());
  const Result<JobResult>& finished = answer.get();
  const auto fault = supervision.end();
  desk.services().when_exhausted({});
  log.finish();
  if (!finished) return finished.error();
  return Ended{finished->process, fault};
}

// How it ended, by all but what it changed.
void judge_end(const Ended& ended, const AgentDesk& desk, const AttemptOrder& order, std::stop_token stop, AttemptResult& result) {
  const AgentSpec& agent = order.agent;
  const ProcessResult& process = ended.process;
  const std::string& name = agent.name;
  const std::string last = last_line(result.said);
  result.question = desk.question();
  if (budget_is_used_up(desk, result)) return;
  if (ended.fault == Supervision::Fault::did_not_start) {
    return conclude(result, AttemptEnd::failed, name + " neither printed nor changed anything for " + time_in_words(agent.start_limit) + " and was stopped.");
  }
  if (ended.fault == Supervision::Fault::fell_silent) {
    return conclude(result, AttemptEnd::failed, name + " neither printed nor changed anything for " + time_in_words(agent.silence_limit) + " and was stopped.");
  }
  if (stop.stop_requested() && process.cancelled) return conclude(result, AttemptEnd::cancelled, "Cancelled while " + name + " worked.");
  if (process.timed_out) return end_late(agent, result);
  if (!process.start_error.empty()) {
    return conclude(result, AttemptEnd::fault, process.start_error + "; install it, or correct the command of the agent \"" + name + "\" in the configuration.");
  }
  if (disk_is_full(desk.place().folder)) return conclude(result, AttemptEnd::fault, "The disk that holds " + desk.place().folder.string() + " is full; free some space there.");
  if (!result.question.empty() || process.exit_code == kAsks) {
    if (result.question.empty()) result.question = last.empty() ? name + " cannot go on and does not say why." : last;
    return conclude(result, AttemptEnd::blocked, name + " asks: " + last_line(result.question));
  }
  if (process.signal) return conclude(result, AttemptEnd::failed, name + " was ended by signal " + std::to_string(*process.signal) + (last.empty() ? "." : ": " + last));
  if (process.exit_code != 0) {
    return conclude(result, AttemptEnd::failed, name + " ended with exit code " + std::to_string(process.exit_code.value_or(-1)) + (last.empty() ? "." : ": " + last));
  }
  conclude(result, AttemptEnd::completed, "");
}

Result<AttemptResult> run_command(const AttemptOrder& order, const AttemptParts& parts, ProgressTicker& progress, std::stop_token stop) {
  AttemptResult result;
  make_room(parts, stop);
  auto desk = AgentDesk::make(order, parts, progress, stop);
  if (!desk) {
    if (desk.error().kind == ErrorKind::cancelled || stop.stop_requested()) conclude(result, AttemptEnd::cancelled, desk.error().message);
    else conclude(result, AttemptEnd::fault, desk.error().message);
    return result;
  }
  const fs::path log_file = log_of(order, parts);
  auto printed = AgentLog::open(log_file, (*desk)->secrets());
  if (!printed) return printed.error();
  result.log = log_file.string();
  progress.show({"agent", "", "", order.subtask + ": " + order.agent.name + " works", 0, 0, result.log});
  Trespass trespass(order, parts);
  trespass.watch(**desk);
  auto ended = run_agent(**desk, order, parts, *printed, stop);
  trespass.note(**desk);
  result.said = printed->end().substr(printed->end().size() - std::min(printed->end().size(), AgentLog::kMaxEnd));
  if (ended) judge_end(*ended, **desk, order, stop, result);
  else conclude(result, stop.stop_requested() ? AttemptEnd::cancelled : AttemptEnd::fault, ended.error().message);

  finish_attempt(**desk, order, result);
  trespass.judge(**desk, result);
  return result;
}

// ---------------------------------------------------------------- fixers

Result<AttemptResult> run_fixer(const AttemptOrder& order, const AttemptParts& parts, ProgressTicker& progress, std::stop_token stop) {
  AttemptResult result;
  auto fixes = fixes_of(order, parts, progress, stop);
  if (!fixes) {
    const bool cancelled = fixes.error().kind == ErrorKind::cancelled || stop.stop_requested();
    const bool fault = fixes.error().kind == ErrorKind::io || fixes.error().kind == ErrorKind::missing_tool;
    conclude(result, cancelled ? AttemptEnd::cancelled : fault ? AttemptEnd::fault : AttemptEnd::failed, fixes.error().message);
    return result;
  }
  result.fixes = std::move(*fixes);
  auto store = Store::open(parts.store.repository());
  if (!store) return store.error();
  auto fixed = apply_fixes(*store, order.start, result.fixes, stop);
  if (!fixed) {
    conclude(result, stop.stop_requested() ? AttemptEnd::cancelled : AttemptEnd::failed, fixed.error().message);
    return result;
  }
  auto start = store->tree_of(order.start);
  if (!start) return start.error();
  if (fixed->tree == *start) {
    conclude(result, AttemptEnd::failed, order.agent.name + " has no fix of " + order.part.check + " left to make.");
    return result;
  }
  auto changes = store->changes(*start, fixed->tree);
  if (!changes) return changes.error();
  result.changes = std::move(*changes);
  result.surprises = outside(result.changes, order.part.write_set);
  const std::string name = "attempts/" + order.task + "/" + order.subtask + "/" + std::to_string(order.attempt);
  if (auto kept = commit_result(*store, order, fixed->tree, name, result); !kept) return kept.error();
  conclude(result, AttemptEnd::completed, "");
  return result;
}

}  // namespace

Result<AttemptResult> run_attempt(const AttemptOrder& order, const AttemptParts& parts, ProgressTicker& progress, std::stop_token stop) {
  const auto began = Clock::now();
  const auto run = order.agent.backend == AgentBackend::fixer ? run_fixer : order.agent.backend == AgentBackend::acp ? run_acp : run_command;
  auto result = run(order, parts, progress, stop);
  if (result) result->seconds = std::chrono::duration<double>(Clock::now() - began).count();
  return result;
}

}  // namespace baton
