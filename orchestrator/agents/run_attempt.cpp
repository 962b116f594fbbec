// An attempt from its order to its result. Whatever happens to the agent, what it left is in the store before the result is given.
#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "orchestrator/agents/agent_desk.h"
#include "orchestrator/agents/agent_log.h"
#include "orchestrator/agents/fixers.h"
#include "orchestrator/agents/supervision.h"
#include "orchestrator/json_fields.h"
#include "orchestrator/task_words.h"
#include "support/log.h"

namespace baton {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kFullDisk = 1u << 20;  // bytes that are left on one
constexpr int kAsks = 3;                       // exit code of an agent that asks

std::int64_t now_seconds() { return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count(); }

std::string in_words(std::chrono::seconds time) {
  const auto count = time.count();
  if (count % 60 != 0 || count < 120) return std::to_string(count) + " s";
  return std::to_string(count / 60) + " min";
}

std::string last_line(std::string_view text) {
  while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string_view::npos) text.remove_suffix(1);
  const auto begin = text.rfind('\n');
  std::string line(begin == text.npos ? text : text.substr(begin + 1));
  constexpr std::size_t kLongest = 200;
  return line.size() > kLongest ? line.substr(0, kLongest) + "…" : line;
}

bool disk_is_full(const fs::path& folder) {
  std::error_code failed;
  const auto space = fs::space(folder, failed);
  return !failed && space.available < kFullDisk;
}

std::vector<std::string> outside(const std::vector<FileChange>& changes, const std::vector<std::string>& write_set) {
  std::vector<std::string> surprises;
  if (write_set.empty()) return surprises;
  const auto declared = [&](const std::string& path) {
    return std::any_of(write_set.begin(), write_set.end(), [&](const std::string& pattern) {
      const std::string folder = pattern.ends_with('/') ? pattern : pattern + "/";
      return path == pattern || path.starts_with(folder) || matches_path(pattern, path);
    });
  };
  for (const FileChange& change : changes) {
    for (const std::string& path : {change.path, change.old_path}) {
      const bool known = path.empty() || std::find(surprises.begin(), surprises.end(), path) != surprises.end();
      if (!known && !declared(path)) surprises.push_back(path);
    }
  }
  return surprises;
}

std::string commit_message(const AttemptOrder& order) {
  return (order.part.title.empty() ? order.subtask : order.part.title) + "\n\nTask: " + order.task + "\nSubtask: " + order.subtask +
         "\nAttempt: " + std::to_string(order.attempt) + "\nAgent: " + order.agent.name + "\n";
}

// The tree as a commit that stays.
Status commit_result(Store& store, const AttemptOrder& order, const std::string& tree, const std::string& keep_name, AttemptResult& result) {
  auto commit = store.write_commit(tree, {order.start}, commit_message(order), now_seconds());
  if (!commit) return commit.error();
  if (auto kept = store.keep(keep_name, *commit); !kept) return kept;
  result.commit = std::move(*commit);
  return done();
}

void conclude(AttemptResult& result, AttemptEnd end, std::string reason) {
  result.end = end;
  result.reason = std::move(reason);
}

// ---------------------------------------------------------------- command-line agents

struct Ended {
  ProcessResult process;
  Supervision::Fault fault = Supervision::Fault::none;
};

Result<Ended> run_agent(const AgentDesk& desk, const AttemptOrder& order, const AttemptParts& parts, AgentLog& log, std::stop_token stop) {
  std::stop_source kill;
  const std::stop_callback by_caller(stop, [&kill] { kill.request_stop(); });
  Supervision supervision(desk.tree(), {order.agent.start_limit, order.agent.silence_limit}, kill);
  Job job = desk.job();
  job.process.on_output = [&](std::string_view bytes) {
    supervision.heard();
    log.add(bytes);
  };
  const auto answer = parts.executor.submit(std::move(job), kill.get_token());
  const Result<JobResult>& finished = answer.get();
  const auto fault = supervision.end();
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
  if (ended.fault == Supervision::Fault::did_not_start) {
    return conclude(result, AttemptEnd::failed, name + " neither printed nor changed anything for " + in_words(agent.start_limit) + " and was stopped.");
  }
  if (ended.fault == Supervision::Fault::fell_silent) {
    return conclude(result, AttemptEnd::failed, name + " neither printed nor changed anything for " + in_words(agent.silence_limit) + " and was stopped.");
  }
  if (stop.stop_requested() && process.cancelled) return conclude(result, AttemptEnd::cancelled, "Cancelled while " + name + " worked.");
  if (process.timed_out) return conclude(result, AttemptEnd::failed, name + " did not end within " + in_words(agent.limit) + " and was stopped.");
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

Status collect(AgentDesk& desk, const AttemptOrder& order, AttemptResult& result) {
  auto found = desk.collect({});  // also when the attempt was stopped
  if (!found) return found.error();
  auto start = desk.bench().store().tree_of(order.start);
  if (!start) return start.error();
  result.changes = std::move(found->changes);
  result.surprises = outside(result.changes, order.part.write_set);
  for (const std::string& left : found->left_out) result.surprises.push_back(left);
  if (found->tree == *start) return done();
  return commit_result(desk.bench().store(), order, found->tree, desk.keep_name(), result);
}

Result<AttemptResult> run_command(const AttemptOrder& order, const AttemptParts& parts, ProgressTicker& progress, std::stop_token stop) {
  AttemptResult result;
  const double gigabytes = parts.config.disk_gigabytes.value_or(0);
  sweep_work_trees(parts.cache_home, parts.config.disk_gigabytes ? static_cast<std::uint64_t>(gigabytes * (1u << 30)) : kWorkTreeBudget, stop);
  auto desk = AgentDesk::make(order, parts, progress, stop);
  if (!desk) {
    if (desk.error().kind == ErrorKind::cancelled || stop.stop_requested()) conclude(result, AttemptEnd::cancelled, desk.error().message);
    else conclude(result, AttemptEnd::fault, desk.error().message);
    return result;
  }
  const fs::path log_file = parts.state / "tasks" / order.task / (order.subtask + "-" + std::to_string(order.attempt) + ".log");
  auto printed = AgentLog::open(log_file, (*desk)->secrets());
  if (!printed) return printed.error();
  result.log = log_file.string();
  progress.show({"agent", "", "", order.subtask + ": " + order.agent.name + " works", 0, 0, result.log});
  auto ended = run_agent(**desk, order, parts, *printed, stop);
  result.said = printed->end().substr(printed->end().size() - std::min(printed->end().size(), AgentLog::kMaxEnd));
  if (ended) judge_end(*ended, **desk, order, stop, result);
  else conclude(result, stop.stop_requested() ? AttemptEnd::cancelled : AttemptEnd::fault, ended.error().message);

  if (auto collected = collect(**desk, order, result); !collected) {
    // The work tree stays as it is: it is all that there is of the attempt.
    if (result.end == AttemptEnd::completed || result.end == AttemptEnd::blocked) conclude(result, AttemptEnd::fault, collected.error().message);
    else result.reason += " What it left could not be collected: " + collected.error().message;
  } else if (result.end == AttemptEnd::completed && result.commit.empty()) {
    conclude(result, AttemptEnd::failed, order.agent.name + " ended without having changed a file.");
  }
  if (auto noted = (*desk)->remember(result.commit.empty() ? order.start : result.commit); !noted) log(LogLevel::warning, noted.error().message);
  result.worktree = (*desk)->tree().string();
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
  auto result = order.agent.backend == AgentBackend::fixer ? run_fixer(order, parts, progress, stop) : run_command(order, parts, progress, stop);
  if (result) result->seconds = std::chrono::duration<double>(Clock::now() - began).count();
  return result;
}

}  // namespace baton
