#include "orchestrator/agents/attempt_steps.h"

#include <algorithm>

#include "orchestrator/task_words.h"
#include "support/log.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kFullDisk = 1u << 20;  // bytes that are left on one

std::int64_t now_seconds() { return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count(); }

std::string commit_message(const AttemptOrder& order) {
  return (order.part.title.empty() ? order.subtask : order.part.title) + "\n\nTask: " + order.task + "\nSubtask: " + order.subtask +
         "\nAttempt: " + std::to_string(order.attempt) + "\nAgent: " + order.agent.name + "\n";
}

}  // namespace

std::string time_in_words(std::chrono::seconds time) {
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
    return std::any_of(write_set.begin(), write_set.end(), [&](const std::string& pattern) { return covers(pattern, path); });
  };
  for (const FileChange& change : changes) {
    for (const std::string& path : {change.path, change.old_path}) {
      const bool known = path.empty() || std::find(surprises.begin(), surprises.end(), path) != surprises.end();
      if (!known && !declared(path)) surprises.push_back(path);
    }
  }
  return surprises;
}

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

void finish_attempt(AgentDesk& desk, const AttemptOrder& order, AttemptResult& result) {
  if (auto collected = collect(desk, order, result); !collected) {
    // The work tree stays as it is: it is all that there is of the attempt.
    if (result.end == AttemptEnd::completed || result.end == AttemptEnd::blocked) conclude(result, AttemptEnd::fault, collected.error().message);
    else result.reason += " What it left could not be collected: " + collected.error().message;
  } else if (result.end == AttemptEnd::completed && result.commit.empty()) {
    conclude(result, AttemptEnd::failed, order.agent.name + " ended without having changed a file.");
  }
  if (auto noted = desk.remember(result.commit.empty() ? order.start : result.commit); !noted) log(LogLevel::warning, noted.error().message);
  // What it asked is in the result, without secrets; as it wrote it, it may hold some.
  std::error_code ignored;
  fs::remove(desk.question_file(), ignored);
  result.worktree = desk.tree().string();
  result.context = desk.context();
  result.sandbox = to_string(desk.bench().context().rung);
  result.network = to_string(desk.isolated() ? order.agent.network : NetworkPolicy::full);  // without a network of its own nothing holds it
}

bool budget_is_used_up(const AgentDesk& desk, AttemptResult& result) {
  result.spent = desk.services().spent();
  const std::string why = desk.services().exhausted();
  if (why.empty()) return false;
  ask_for_budget(result, why);
  return true;
}

void end_late(const AgentSpec& agent, AttemptResult& result) {
  if (agent.out_of_time.empty()) return conclude(result, AttemptEnd::failed, agent.name + " did not end within " + time_in_words(agent.limit) + " and was stopped.");
  result.question = agent.out_of_time;
  conclude(result, AttemptEnd::blocked, agent.out_of_time);
}

void ask_for_budget(AttemptResult& result, const std::string& why) {
  result.question = why + " Raise it in your configuration (`budgets`), then answer `go on`.";
  conclude(result, AttemptEnd::blocked, why);
}

fs::path log_of(const AttemptOrder& order, const AttemptParts& parts) {
  return parts.state / "tasks" / order.task / (order.subtask + "-" + std::to_string(order.attempt) + ".log");
}

void make_room(const AttemptParts& parts, std::stop_token stop) {
  const double gigabytes = parts.config.disk_gigabytes.value_or(0);
  sweep_work_trees(parts.cache_home, parts.config.disk_gigabytes ? static_cast<std::uint64_t>(gigabytes * (1u << 30)) : kWorkTreeBudget, stop);
}

}  // namespace baton
