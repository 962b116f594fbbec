#include "orchestrator/tasks/past_tasks.h"

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>

#include "analyzers/context/similar_texts.h"
#include "orchestrator/agents/model_usage.h"
#include "orchestrator/tasks/task_book.h"
#include "support/log.h"
#include "support/redact.h"

namespace baton {
namespace {

constexpr std::size_t kMostFilesTold = 8, kMostLeftOutTold = 3;
constexpr std::size_t kLongestFeedback = 400;  // bytes
constexpr std::size_t kMostSimilar = 5;        // tasks of an answer

std::string day_of(std::int64_t ms) {
  const std::time_t seconds = ms / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[16];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%d", &parts));
}

std::string flat(std::string text, std::size_t longest = kLongestFeedback) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (text.ends_with(' ')) text.pop_back();
  if (text.size() <= longest) return text;
  while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xc0) == 0x80) --longest;
  return text.substr(0, longest) + "…";
}

std::string some_words(const std::vector<std::string>& words, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < words.size() && i < most; ++i) text += (i ? ", " : "") + words[i];
  return words.size() > most ? text + " and " + std::to_string(words.size() - most) + " more" : text;
}

bool ended_well(const PastTask& task) {
  return task.end != PastEnd::failed;
}

void take_end(const TaskRecord& record, PastTask& past) {
  const bool green = record.round && record.round->end == RoundEnd::green;
  switch (record.state.phase) {
    case TaskPhase::landed:
    case TaskPhase::applied:
    case TaskPhase::verified:
      past.end = green ? PastEnd::verified : PastEnd::accepted;
      past.how = green ? "verified" : "accepted by a human in spite of what failed";
      if (record.state.phase != TaskPhase::verified)
        past.how += record.state.phase == TaskPhase::landed ? ", landed" : ", applied";
      return;
    case TaskPhase::escalated_to_human:
      past.how = "escalated to the human";
      break;
    default:
      past.how = "failed";
  }
  const std::string why =
      record.escalation && !record.escalation->message.empty() ? record.escalation->message : record.trouble;
  if (!why.empty()) past.how += ": " + flat(why);
}

void take_changes(const TaskRecord& record, PastTask& past) {
  for (const AttemptRecord& attempt : record.attempts) {
    const auto brought = record.contributions.find(attempt.subtask);
    // Of those that counted; where none did, of all.
    if (ended_well(past) &&
        (brought == record.contributions.end() || !attempt.result || brought->second.commit != attempt.result->commit))
      continue;
    if (!attempt.result) continue;
    for (const FileChange& change : attempt.result->changes) past.files.push_back(change.path);
  }
  std::sort(past.files.begin(), past.files.end());
  past.files.erase(std::unique(past.files.begin(), past.files.end()), past.files.end());
}

std::string words_of_past(const PastTask& task) {
  std::string text = task.title + "\n" + task.text;
  for (const std::string& file : task.files) text += "\n" + file;
  return text;
}

std::string in_markdown(const PastTask& task) {
  std::string text = "- **" + flat(task.title, 120) + "**: " + (ended_well(task) ? "" : "NOT DONE, ") + task.how +
                     " (task " + task.id + ", " + day_of(task.ended_ms) +
                     (task.commit.empty() ? "" : ", commit " + task.commit.substr(0, 12)) + ")\n";
  const auto line = [&](const std::string& words) { text += "  - " + words + "\n"; };
  if (!task.files.empty()) line("changed " + some_words(task.files, kMostFilesTold));
  line(task.workflow + (task.domains.empty() ? "" : " of " + some_words(task.domains, 4)) + "; " +
       std::to_string(task.attempts) + (task.attempts == 1 ? " attempt, " : " attempts, ") +
       std::to_string(task.rounds) + (task.rounds == 1 ? " round" : " rounds"));
  for (std::size_t i = 0; i < task.left_out.size() && i < kMostLeftOutTold; ++i)
    line("left out: " + flat(task.left_out[i]));
  if (!task.led_on.empty())
    line((ended_well(task) ? "what it was told before it ended well: " : "what it was told last: ") +
         flat(task.led_on));
  if (!task.hint.empty()) line("hint of the user: " + flat(task.hint));
  return redact(text);
}

bool is_asked_for(const PastTask& task, const SimilarQuery& query) {
  if (query.leave_out.contains(task.id)) return false;
  if (!query.category.empty() && task.workflow != query.category) return false;
  return query.domain.empty() ||
         std::find(task.domains.begin(), task.domains.end(), query.domain) != task.domains.end();
}

Result<std::vector<PastTask>> read_past(const std::filesystem::path& state, const Environment& env) {
  std::vector<PastTask> past;
  const auto book = TaskBook::open_read_only(state, env);
  if (!book)
    return book.error().kind == ErrorKind::precondition ? Result<std::vector<PastTask>>(std::move(past)) : book.error();
  const auto rows = book->rows();
  if (!rows) return rows.error();
  for (std::size_t i = 0; i < rows->size() && past.size() < kMostPastTasks; ++i) {
    const auto record = book->record((*rows)[i].id);
    if (!record) continue;
    if (auto task = past_task(*record)) past.push_back(std::move(*task));
  }
  return past;
}

}  // namespace

std::optional<PastTask> past_task(const TaskRecord& record) {
  const TaskPhase phase = record.state.phase;
  const bool over = phase == TaskPhase::landed || phase == TaskPhase::applied || phase == TaskPhase::verified ||
                    phase == TaskPhase::failed || phase == TaskPhase::escalated_to_human;
  if (!over || record.attempts.empty()) return std::nullopt;
  PastTask past;
  past.id = record.id;
  past.title = record.plan && !record.plan->title.empty() ? record.plan->title : record.wishes.title;
  past.text = record.wishes.text;
  past.workflow = record.plan ? std::string(to_string(record.plan->workflow)) : "feature";
  for (const PlannedSubtask& part : record.plan ? record.plan->subtasks : std::vector<PlannedSubtask>()) {
    if (std::find(past.domains.begin(), past.domains.end(), part.agent_type) == past.domains.end())
      past.domains.push_back(part.agent_type);
  }
  past.ended_ms = record.updated_ms;
  take_end(record, past);
  take_changes(record, past);
  if (record.landing) past.commit = record.landing->commit;
  past.rounds = record.rounds;
  past.attempts = static_cast<int>(record.attempts.size());
  for (const LeftOut& left : record.round ? record.round->left_out : std::vector<LeftOut>())
    past.left_out.push_back(left.what + " (" + left.reason + ")");
  for (const auto& [subtask, feedback] : record.feedback) {
    if (!feedback.empty()) past.led_on = feedback.back();
  }
  for (const auto& [subtask, hint] : record.hints) {
    if (!hint.empty()) past.hint = hint;
  }
  return past;
}

SimilarFound similar_tasks(const SimilarQuery& query, const std::vector<PastTask>& past) {
  std::vector<std::string> texts;
  for (const PastTask& task : past) texts.push_back(words_of_past(task));
  // All of them say how rare a word is, also those that are not asked for.
  std::vector<const PastTask*> best;
  for (const SimilarText& text : similar_texts(query.text, texts)) {
    if (text.likeness >= kLeastLikeness && is_asked_for(past[text.index], query)) best.push_back(&past[text.index]);
  }
  std::stable_partition(best.begin(), best.end(), [](const PastTask* task) { return ended_well(*task); });
  SimilarFound found;
  for (const PastTask* task : best) {
    const std::string entry = in_markdown(*task);
    if (found.tasks.size() == kMostSimilar) break;
    if (estimated_tokens(found.text.size() + entry.size()) > static_cast<std::int64_t>(query.budget)) continue;
    found.text += entry;
    found.tasks.push_back(task->id);
  }
  return found;
}

Recall recall_of(std::filesystem::path state, Environment env) {
  return [state = std::move(state), env = std::move(env)](const SimilarQuery& query) -> Result<SimilarFound> {
    const auto past = read_past(state, env);
    if (!past) return past.error();
    return similar_tasks(query, *past);
  };
}

}  // namespace baton
