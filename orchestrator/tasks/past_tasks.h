// What past tasks of a repository can tell the next one: their text, what they changed and how they ended, as the
// journal has it, and which of them are like a new text. Nothing is concluded and nothing invented; secrets are taken
// out. Blocks on the journal; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "orchestrator/agents/similar_tool.h"
#include "orchestrator/tasks/task_record.h"

namespace baton {

enum class PastEnd { verified, accepted, failed };  // accepted: a human took it in spite of what was red

struct PastTask {
  std::string id, title, text;
  std::string workflow;              // "bugfix"
  std::vector<std::string> domains;  // of its parts
  std::int64_t ended_ms = 0;
  PastEnd end = PastEnd::failed;
  std::string how;                 // it ended, in words; with the reason where it failed
  std::string commit;              // that landed; empty: none
  std::vector<std::string> files;  // that it changed
  int rounds = 0, attempts = 0;
  std::vector<std::string> left_out;  // with the reason of each
  std::string led_on;                 // the last feedback before what ended well
  std::string hint;                   // of the human
};

// Nothing while it goes on, and for one that was called off.
std::optional<PastTask> past_task(const TaskRecord& record);

inline constexpr std::size_t kMostPastTasks = 300;  // the latest are looked at
// Of what a text would score against itself. Of past fixes of 16 repositories, what is shown from here on changed a
// file of the new fix in 47 % of the cases; one taken at random does in 10 % (docs/context.md).
inline constexpr double kLeastLikeness = 0.2;

// Those that ended well first, each group by likeness; what does not fit the budget is left out.
SimilarFound similar_tasks(const SimilarQuery& query, const std::vector<PastTask>& past);

}  // namespace baton
