#include "orchestrator/tasks/task_texts.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "orchestrator/criteria.h"
#include "orchestrator/report_text.h"
#include "orchestrator/tasks/criterion_tests.h"
#include "orchestrator/tasks/task_facts.h"
#include "orchestrator/tasks/task_meters.h"
#include "orchestrator/tasks/typed_words.h"
#include "orchestrator/tasks/weakened.h"
#include "support/files.h"

namespace baton {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr int kPageWidth = 100;
constexpr std::size_t kMaxChangesShown = 100;
constexpr std::size_t kMaxPathsShown = 20;

std::string short_id(const std::string& id) { return id.size() > 8 ? id.substr(id.size() - 8) : id; }

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string some_paths(std::vector<std::string> paths) {
  const std::size_t more = paths.size() - std::min(paths.size(), kMaxPathsShown);
  paths.resize(paths.size() - more);
  return listed(paths) + (more > 0 ? ", and " + std::to_string(more) + " more" : "");
}

// By subtask, what its plan says it changes and the round's result does not.
std::map<std::string, std::vector<std::string>> untouched_of(const RoundResult& round) {
  std::map<std::string, std::vector<std::string>> planned;
  for (const Untouched& one : round.untouched) planned[one.subtask].push_back(one.planned);
  return planned;
}

std::string sentences(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& one : all) text += " " + one;
  return text;
}

std::string bullets(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += "- " + line + "\n";
  return text;
}

std::string attempt_line(const AttemptRecord& attempt) {
  std::string line = attempt.subtask + ", attempt " + std::to_string(attempt.number);
  if (!attempt.agent.empty()) line += " by " + attempt.agent;
  if (!attempt.result) return line + ": under way";
  line += ": " + std::string(to_string(attempt.result->end));
  if (!attempt.result->reason.empty()) line += ", " + attempt.result->reason;
  if (!attempt.result->surprises.empty()) line += "; " + std::to_string(attempt.result->surprises.size()) + " of its files are none that the plan names";
  if (!attempt.result->changes.empty()) line += " (" + std::to_string(attempt.result->changes.size()) + " files changed)";
  if (const std::string used = spending_words(spent_by(attempt)); !used.empty()) line += "; it used " + used;
  if (!attempt.result->context.empty()) line += "; it began with " + attempt.result->context;
  return line;
}

json usage_json(const Spending& spent) {
  return {{"input_tokens", spent.input}, {"output_tokens", spent.output}, {"cached_tokens", spent.cached}, {"money", spent.money},       {"calls", spent.calls},
          {"refused", spent.refused},    {"estimated", spent.estimated},  {"reported", spent.reported},    {"unpriced", spent.unpriced}};
}

std::string left_out_line(const LeftOut& left) { return left.what + ": " + left.reason; }

std::string phase_words(const TaskRecord& record) {
  std::string text(to_string(record.state.phase));
  std::replace(text.begin(), text.end(), '_', ' ');
  if (record.state.wait != TaskWait::none) text += ", waits for " + std::string(record.state.wait == TaskWait::slot ? "a free slot" : to_string(record.state.wait));
  if (record.parked) text += ", stopped by hand";
  return text;
}

// The last attempt of those that are blamed, or of all.
std::string agent_of_trouble(const TaskRecord& record) {
  for (auto attempt = record.attempts.rbegin(); attempt != record.attempts.rend(); ++attempt) {
    const auto& blamed = record.state.blamed;
    if (blamed.empty() || std::find(blamed.begin(), blamed.end(), attempt->subtask) != blamed.end()) return attempt->agent;
  }
  return {};
}

std::string reason_words(EscalationReason reason) {
  switch (reason) {
    case EscalationReason::attempts: return "A subtask has failed three times.";
    case EscalationReason::rounds: return "The result does not pass the required gates, and nothing more is tried without you.";
    case EscalationReason::ambiguous: return "The task leaves open what has to hold when it is done.";
    case EscalationReason::blocker: return "Something that the work needs is missing or fails.";
    case EscalationReason::security: return "Something looks like a danger to security.";
    case EscalationReason::architecture: return "A decision about the architecture is needed.";
    case EscalationReason::conflict: return "The parts of the work contradict each other.";
    case EscalationReason::weakened: return "The gates pass, and checks are weaker than before.";
  }
  return {};
}

json left_out_json(const std::vector<LeftOut>& all) {
  json list = json::array();
  for (const LeftOut& left : all) {
    list.push_back({{"subtask", left.subtask}, {"what", left.what}, {"reason", left.reason}, {"path", left.path}, {"line", left.line}});
  }
  return list;
}

std::string landed_sentence(const TaskRecord& record) {
  const std::string landed = record.landing ? "Landed as the branch " + record.landing->branch + "." : "Landed.";
  if (!record.trouble.empty()) return landed + " It is no pull request yet: " + record.trouble;
  if (!record.publication) return landed;
  const Publication& p = *record.publication;
  std::string text = landed + (p.url.empty() ? "" : (p.draft ? " The draft pull request is " : " The pull request is ") + p.url);
  for (const std::string& note : p.notes) text += (text.ends_with(".") ? " " : ". ") + note;
  return text;
}

Status write_if_new(const fs::path& file, const std::string& text) {
  if (text.empty()) return done();
  if (const auto known = read_file(file, 64u << 20); known && *known == text) return done();
  return write_file(file, text, 0644, Lasting::no);  // made again from the journal
}

}  // namespace

fs::path task_folder(const fs::path& state, const std::string& id) { return state / "tasks" / id; }

std::string state_sentence(const TaskRecord& record) {
  const std::string id = short_id(record.id);
  const TaskState& state = record.state;
  if (state.trust_missing) return "The repository's commands are not approved: approve them, then `baton resume " + id + "`.";
  if (!record.question.empty()) return "An agent asks: " + record.question + " `baton answer " + id + " text \"…\"` answers.";
  if (record.parked && !is_over(state.phase)) return "Stopped; `baton resume " + id + "` goes on, `baton cancel " + id + "` ends it.";
  switch (state.phase) {
    case TaskPhase::planned: return state.approved ? "" : "The plan waits for approval: `baton approve " + id + "`." + sentences(record.outlook.warnings);
    case TaskPhase::verified:
      if (record.landing && !record.landing->only_apply.empty()) return record.landing->only_apply + " `baton apply " + id + "` applies it to your files.";
      if (!record.trouble.empty()) return record.trouble;
      return std::string(state.accepted ? "Accepted" : "Verified") + ", and not landed: `baton answer " + id + " land` makes the branch, `baton apply " + id + "` applies it to your files.";
    case TaskPhase::verifying:
      if (state.wait == TaskWait::criteria) {
        return std::to_string(state.criteria_open) + " of the criteria are not shown by any evidence: `baton accept " + id +
               " --reason …` waves them through, `baton retry " + id + " HINT` sends it back.";
      }
      return {};
    case TaskPhase::escalated_to_human:
      if (record.escalation && !record.escalation->message.empty()) return record.escalation->message;
      return state.escalation ? reason_words(*state.escalation) : "";
    case TaskPhase::landed: return landed_sentence(record);
    case TaskPhase::applied: return "Applied to your files.";
    case TaskPhase::cancelled: return "Cancelled; nothing of yours was changed.";
    case TaskPhase::failed: return "Given up.";
    default: return {};
  }
}

// What the actions that are open to the human take along.
std::vector<TypedWords> words_wanted(const TaskRecord& record) {
  if (record.state.wait == TaskWait::criteria) return {TypedWords::hint, TypedWords::reason};
  std::vector<TypedWords> wanted;
  if (!record.escalation) return wanted;
  for (const auto& [choice, words] : {std::pair{"retry", TypedWords::hint}, {"accept", TypedWords::reason}, {"text", TypedWords::answer}}) {
    const auto& choices = record.escalation->choices;
    if (std::find(choices.begin(), choices.end(), choice) != choices.end()) wanted.push_back(words);
  }
  return wanted;
}

std::string task_page(const TaskRecord& record) {
  std::string text = "# " + record.wishes.title + "\n\nTask " + record.id + ": " + phase_words(record) + ".\n";
  text += words_section(words_wanted(record));
  if (const std::string sentence = state_sentence(record); !sentence.empty()) text += "\n" + sentence + "\n";
  if (record.escalation) {
    const EscalationRecord& e = *record.escalation;
    text += "\n## For you\n\n" + e.message + "\n";
    if (!e.question.empty()) text += "\n> " + e.question + "\n";
    if (!e.agent.empty()) text += "\nAgent: " + e.agent + "\n";
    if (!e.attempts.empty()) text += "\nAttempts:\n\n" + bullets(e.attempts);
    if (!e.evidence.empty()) text += "\nEvidence:\n\n" + bullets(e.evidence);
    text += "\nWhat can be done next:\n\n" + bullets(e.next_steps);
  }
  if (const std::string list = record.round && record.round->report ? weakened_list(*record.round->report) : ""; !list.empty()) {
    text += "\n## Weaker than before\n\n" + list;
  }
  text += "\n## The task\n\n" + record.wishes.text + "\n";
  if (!record.attempts.empty()) {
    text += "\n## Attempts\n\n";
    for (const AttemptRecord& attempt : record.attempts) text += "- " + attempt_line(attempt) + "\n";
    if (const std::string used = spending_words(spent_by(record)); !used.empty()) text += "\nTogether they used " + used + ".\n";
  }
  if (record.round && !record.round->left_out.empty()) {
    text += "\n## Left out\n\n";
    for (const LeftOut& left : record.round->left_out) text += "- " + left_out_line(left) + "\n";
  }
  if (record.round && !record.round->untouched.empty()) {
    text += "\n## Planned, not changed\n\n";
    for (const auto& [subtask, planned] : untouched_of(*record.round)) text += "- " + subtask + ": " + some_paths(planned) + "\n";
  }
  if (!record.notes.empty()) text += "\n## Notes\n\n" + bullets(record.notes);
  return text;
}

// What the last attempt at a part changed beside the files that its plan names.
std::string surprises_of(const TaskRecord& record, const std::string& subtask) {
  for (auto attempt = record.attempts.rbegin(); attempt != record.attempts.rend(); ++attempt) {
    if (attempt->subtask != subtask || !attempt->result) continue;
    const auto& besides = attempt->result->surprises;
    return besides.empty() ? "" : "  - changed besides: " + some_paths(besides) + "\n";
  }
  return {};
}

// What the last round found of a criterion.
std::string shown_by(const TaskRecord& record, const std::string& criterion) {
  if (!record.round || !record.round->report) return {};
  for (const CriterionVerdict& one : record.round->report->criteria) {
    if (one.text != criterion) continue;
    return "\n  - " + std::string(to_string(one.status)) + (one.why.empty() ? "" : ": " + one.why) + (one.evidence.empty() ? "" : " (evidence " + one.evidence.front().substr(0, 12) + ")");
  }
  return {};
}

std::string plan_page(const TaskRecord& record) {
  if (!record.plan) return {};
  const Plan& plan = *record.plan;
  std::string text = "# Plan: " + plan.title + "\n\nWorkflow " + std::string(to_string(plan.workflow)) + ", pattern " + std::string(to_string(plan.pattern)) +
                     ". " + plan.reason + "\n\nIt lands as: " + std::string(to_string(record.wishes.land)) + ".\n";
  if (!plan.question.empty()) text += "\nTo be asked first: " + plan.question + "\n";
  text += "\n## Criteria\n\n";
  if (plan.criteria.empty()) text += "None were given, so the result can be `no_regression` at most.\n";
  for (const Criterion& criterion : plan.criteria) text += "- " + criterion.id + ": " + criterion.text + shown_by(record, criterion.text) + "\n";
  const bool sentences = std::any_of(plan.criteria.begin(), plan.criteria.end(), [](const Criterion& one) { return is_sentence(one.text); });
  if (sentences && !part_for_tests(plan)) text += "\nOf a sentence that the result's own tests do not show, an agent is asked for a test, unless `criteria.tests` turns that off.\n";
  text += "\n## Subtasks\n\n";
  const auto untouched = record.round ? untouched_of(*record.round) : std::map<std::string, std::vector<std::string>>();
  for (const PlannedSubtask& part : plan.subtasks) {
    text += "- " + part.id + " (" + part.agent_type + "): " + part.title;
    if (const auto agent = record.agents.find(part.id); agent != record.agents.end() && !agent->second.empty()) text += "; agent " + agent->second;
    if (!part.after.empty()) text += "; after " + listed(part.after);
    if (!part.write_set.empty()) text += "; changes " + listed(part.write_set);
    text += "\n" + surprises_of(record, part.id);
    if (const auto planned = untouched.find(part.id); planned != untouched.end()) text += "  - planned, not changed: " + some_paths(planned->second) + "\n";
  }
  if (const std::string needs = outlook_words(record.outlook); !needs.empty() || !record.outlook.warnings.empty()) {
    text += "\n## Budget\n\n" + (needs.empty() ? "" : "It is likely to need " + needs + ".\n") + (needs.empty() || record.outlook.warnings.empty() ? "" : "\n") + bullets(record.outlook.warnings);
  }
  return text;
}

std::string evidence_of_task(const TaskRecord& record) {
  if (!record.round) return {};
  const RoundResult& round = *record.round;
  std::string text = "# Evidence of round " + std::to_string(record.rounds) + "\n\n";
  if (!round.reason.empty()) text += round.reason + "\n\n";
  if (round.report) text += "```\n" + report_text(*round.report, {.width = kPageWidth, .verbose = true}) + "```\n";
  if (record.landing && record.landing->report) {
    text += "\n## Without your uncommitted work\n\n```\n" + report_text(*record.landing->report, {.width = kPageWidth, .verbose = true}) + "```\n";
  }
  if (!round.left_out.empty()) {
    text += "\n## Left out\n\n";
    for (const LeftOut& left : round.left_out) text += "- " + left_out_line(left) + "\n";
  }
  return text;
}

Status write_documents(const TaskRecord& record, const fs::path& state) {
  const fs::path folder = task_folder(state, record.id);
  if (auto made = make_folder(folder); !made) return made;
  for (const auto& [name, text] : {std::pair{"task.md", task_page(record)}, {"plan.md", plan_page(record)}, {"evidence.md", evidence_of_task(record)}}) {
    if (auto written = write_if_new(folder / name, text); !written) return written;
  }
  return done();
}

// The last one that has a work tree: of this subtask, else of those that are blamed, else of all.
const AttemptRecord* attempt_to_take_over(const TaskRecord& record, const std::string& subtask) {
  const auto& blamed = record.state.blamed;
  const AttemptRecord* any = nullptr;
  for (auto attempt = record.attempts.rbegin(); attempt != record.attempts.rend(); ++attempt) {
    if (!attempt->result || attempt->result->worktree.empty()) continue;
    if (!subtask.empty() ? attempt->subtask == subtask : std::find(blamed.begin(), blamed.end(), attempt->subtask) != blamed.end()) return &*attempt;
    if (!any) any = &*attempt;
  }
  return subtask.empty() ? any : nullptr;
}

EscalationRecord escalation_of(const TaskRecord& record) {
  EscalationRecord e;
  const EscalationReason reason = record.state.escalation.value_or(EscalationReason::blocker);
  const std::string id = short_id(record.id);
  e.id = "e" + std::to_string(record.seq);
  e.reason = record.state.escalation ? to_string(reason) : "question";
  e.number = record.state.escalation ? record.state.escalations : 0;
  e.agent = agent_of_trouble(record);
  e.message = record.state.escalation ? reason_words(reason) : "An agent asks before it goes on.";
  if (!record.trouble.empty()) e.message += " " + record.trouble;
  e.question = record.question;
  if (reason == EscalationReason::ambiguous && record.state.escalation && e.question.empty()) e.question = record.trouble;
  for (const AttemptRecord& attempt : record.attempts) {
    if (e.attempts.size() < 20) e.attempts.push_back(attempt_line(attempt));
  }
  if (record.round && record.round->report) {
    e.evidence.push_back("verification " + record.round->report->id + ": " + std::string(to_string(record.round->report->verdict)) + ", " + record.round->report->cause);
  }
  for (const AttemptRecord& attempt : record.attempts) {
    if (attempt.result && !attempt.result->log.empty() && e.evidence.size() < 20) e.evidence.push_back(attempt.result->log);
  }
  if (!record.question.empty() || (record.state.escalation && reason == EscalationReason::ambiguous)) {
    e.next_steps = {"Answer: `baton answer " + id + " text \"…\"`"};
    e.choices = {"text", "cancel"};
    return e;
  }
  e.next_steps = {"Try again with a hint: `baton retry " + id + " \"HINT\"`"};
  e.choices = {"retry"};
  if (record.state.has_result) {
    e.next_steps.push_back((reason == EscalationReason::weakened ? std::string("Accept the weaker checks") : std::string("Accept it in spite of the failure")) + ", with a reason: `baton accept " + id + " --reason \"…\"`");
    e.choices.push_back("accept");
  }
  if (const AttemptRecord* attempt = attempt_to_take_over(record)) {
    e.next_steps.push_back("Take over: work in " + attempt->result->worktree + ", then `baton answer " + id + " hand-in " + attempt->subtask + "`");
    e.choices.push_back("hand-in");
  }
  e.next_steps.push_back("Let it go: `baton answer " + id + " give-up`, or `baton cancel " + id + "`");
  e.choices.insert(e.choices.end(), {"give-up", "cancel"});
  return e;
}

json task_event_json(const TaskRecord& record, std::string_view type, const std::string& message) {
  return {{"type", type}, {"task", record.id}, {"state", to_string(record.state.phase)}, {"wait", to_string(record.state.wait)}, {"message", message}};
}

json result_json(const TaskRecord& record, const fs::path& state) {
  const fs::path folder = task_folder(state, record.id);
  const bool landed = record.state.phase == TaskPhase::landed && record.landing;
  json result = {{"task", record.id}, {"state", to_string(record.state.phase)}, {"wait", to_string(record.state.wait)}, {"title", record.wishes.title},
                 {"branch", landed ? json(record.landing->branch) : json(nullptr)}, {"commit", nullptr}, {"verdict", nullptr}, {"left_out", json::array()},
                 {"evidence", nullptr}, {"description", nullptr}, {"notes", record.notes}, {"touches", record.touches}, {"attempts", record.attempts.size()},
                 {"rounds", record.rounds}, {"accepted", record.state.accepted}, {"land", to_string(record.wishes.land)}, {"parked", record.parked}, {"question", record.question},
                 {"document", (folder / "task.md").string()}, {"message", state_sentence(record)}};
  if (record.round) {
    result["left_out"] = left_out_json(record.round->left_out);
    if (const VerifyReport* verdict = record.verdict()) result["verdict"] = to_json(*verdict);
    if (!record.round->commit.empty()) result["commit"] = record.round->commit;
    result["evidence"] = (folder / "evidence.md").string();
  }
  result["usage"] = usage_json(spent_by(record));
  if (landed) result["commit"] = record.landing->commit;
  std::error_code ignored;
  if (fs::exists(folder / "description.md", ignored)) result["description"] = (folder / "description.md").string();
  if (record.escalation) result["escalation"] = to_json(*record.escalation);
  result["pull_request"] = record.publication ? to_json(*record.publication) : json(nullptr);
  if (!record.trouble.empty()) result["trouble"] = record.trouble;
  return result;
}

json show_json(const TaskRecord& record, const fs::path& state) {
  json shown = result_json(record, state);
  shown["text"] = record.wishes.text;
  shown["created_ms"] = record.created_ms;
  shown["updated_ms"] = record.updated_ms;
  shown["base"] = record.base;
  shown["plan"] = record.plan ? to_json(*record.plan) : json(nullptr);
  shown["budget"] = to_json(record.outlook);
  shown["subtasks"] = json::array();
  for (const auto& [id, subtask] : record.state.subtasks) {
    const auto agent = record.agents.find(id);
    shown["subtasks"].push_back({{"id", id}, {"phase", to_string(subtask.phase)}, {"attempts", subtask.attempts}, {"after", subtask.after},
                                 {"agent", agent == record.agents.end() ? "" : agent->second}});
  }
  shown["untouched"] = json::array();
  for (const Untouched& one : record.round ? record.round->untouched : std::vector<Untouched>()) {
    if (shown["untouched"].size() < kMaxChangesShown) shown["untouched"].push_back({{"subtask", one.subtask}, {"planned", one.planned}});
  }
  shown["attempts"] = json::array();
  for (const AttemptRecord& attempt : record.attempts) {
    json one = {{"subtask", attempt.subtask}, {"attempt", attempt.number}, {"agent", attempt.agent}, {"start", attempt.start}};
    if (attempt.result) {
      one["end"] = to_string(attempt.result->end);
      one["reason"] = attempt.result->reason;
      one["commit"] = attempt.result->commit;
      one["log"] = attempt.result->log;
      one["seconds"] = attempt.result->seconds;
      one["usage"] = usage_json(spent_by(attempt));
      std::error_code gone;  // after the end of the task, or for the budget of the disk
      one["worktree"] = fs::is_directory(attempt.result->worktree, gone) ? attempt.result->worktree : "";
      one["sandbox"] = attempt.result->sandbox;
      one["network"] = attempt.result->network;
      one["context"] = attempt.result->context;
      one["changes"] = json::array();
      for (const FileChange& change : attempt.result->changes) {
        if (one["changes"].size() < kMaxChangesShown) one["changes"].push_back(change.path);
      }
      one["surprises"] = json::array();
      for (const std::string& path : attempt.result->surprises) {
        if (one["surprises"].size() < kMaxChangesShown) one["surprises"].push_back(path);
      }
    }
    shown["attempts"].push_back(std::move(one));
  }
  shown["page"] = task_page(record) + (record.plan ? "\n" + plan_page(record) : "");
  return shown;
}

}  // namespace baton
