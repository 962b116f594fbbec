#include "orchestrator/tasks/task_facts.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/json_fields.h"
#include "orchestrator/tasks/untested_fix.h"

namespace baton {
namespace {

using nlohmann::json;

void add_feedback(TaskRecord& record, const std::string& subtask, std::string text) {
  if (!text.empty()) record.feedback[subtask].push_back(std::move(text));
}

// The record of the attempt that an effect is about; made where it was not begun.
AttemptRecord& attempt_of(TaskRecord& record, const std::string& subtask, const json& facts) {
  JsonFields read("an attempt");
  const std::string key = read.text(facts, "key");
  // From the end: what is told of is among the last that began.
  for (auto attempt = record.attempts.rbegin(); attempt != record.attempts.rend(); ++attempt) {
    if (attempt->key == key && attempt->subtask == subtask) return *attempt;
  }
  record.attempts.push_back({subtask, read.text(facts, "agent"), read.text(facts, "start"), read.integer(facts, "attempt"), key, std::nullopt});
  return record.attempts.back();
}

AttemptRecord* end_attempt(TaskRecord& record, const std::string& subtask, const json& facts) {
  const auto given = facts.find("result");
  if (given == facts.end()) return nullptr;
  auto result = attempt_result_from_json(*given);
  if (!result) return nullptr;
  AttemptRecord& attempt = attempt_of(record, subtask, facts);
  attempt.agent = facts.value("agent", attempt.agent);  // settled after it was begun
  attempt.start = facts.value("start", attempt.start);
  attempt.result = std::move(*result);
  return &attempt;
}

void take_plan(TaskRecord& record, const json& facts) {
  const auto given = facts.find("plan");
  if (given == facts.end()) return;
  auto plan = plan_from_json(*given);
  if (!plan) return;
  record.plan = std::move(*plan);
  if (facts.contains("budget")) record.outlook = budget_outlook_from_json(facts["budget"]);
  record.agents.clear();
  const json agents = facts.value("agents", json::object());  // named: a temporary would be gone in the loop
  for (const auto& [subtask, agent] : agents.items()) {
    if (agent.is_string()) record.agents[subtask] = agent;
  }
}

// A subtask that joins the plan while the task is at work.
void take_part(TaskRecord& record, const json& facts) {
  const auto given = facts.find("part");
  if (given == facts.end() || !given->is_object() || !record.plan) return;
  PlannedSubtask part = subtask_from_json(*given);
  record.agents[part.id] = facts.value("agent", "");
  if (!record.part(part.id)) record.plan->subtasks.push_back(std::move(part));
}

void take_round(TaskRecord& record, const json& facts) {
  const auto given = facts.find("round");
  if (given == facts.end()) return;
  auto round = round_result_from_json(*given);
  if (!round) return;
  ++record.rounds;
  for (const auto& [subtask, text] : round->feedback) add_feedback(record, subtask, text);
  record.landing.reset();
  record.round = std::move(*round);
}

void close_escalation(TaskRecord& record, const char* how) {
  if (record.escalation && record.escalation->number > 0 && record.publication && record.publication->number > 0) {
    record.settled.push_back(std::move(*record.escalation));
    record.settled.back().settled = how;
  }
  record.escalation.reset();
  record.trouble.clear();
}

struct Taker {
  TaskRecord& record;
  const json& facts;

  void on(const event::PlanMade&) { take_plan(record, facts); }
  void on(const event::Escalated&) { take_plan(record, facts); }
  void on(const event::AttemptStarted& e) { attempt_of(record, e.subtask, facts); }

  void on(const event::AttemptDone& e) {
    AttemptRecord* attempt = end_attempt(record, e.subtask, facts);
    if (!attempt) return;
    record.contributions.erase(e.subtask);
    if (attempt->result->end != AttemptEnd::completed) return;  // the task goes on without it
    record.contributions[e.subtask] = {e.subtask, attempt->agent, attempt->start, attempt->result->commit, attempt->result->fixes};
  }

  void on(const event::AttemptFailed& e) {
    const AttemptRecord* attempt = end_attempt(record, e.subtask, facts);
    if (!attempt) return;
    record.trouble = attempt->result->reason;
    add_feedback(record, e.subtask, "Attempt " + std::to_string(attempt->number) + " failed: " + attempt->result->reason);
  }

  void on(const event::Fault& e) {
    if (!e.subtask.empty()) end_attempt(record, e.subtask, facts);
  }

  void on(const event::Asked& e) {
    record.question_subtask = e.subtask;
    record.question = facts.value("question", "");
    const auto given = facts.find("result");
    if (given == facts.end()) return;
    if (const auto result = attempt_result_from_json(*given)) {
      AttemptRecord& attempt = attempt_of(record, e.subtask, facts);
      add(attempt.before, result->spent);
      attempt.seconds_before += result->seconds;
    }
  }

  void on(const event::Answered&) {
    const std::string text = facts.value("text", "");
    if (!record.question.empty()) {
      record.hints[record.question_subtask] = "You asked: " + record.question + "\nThe answer: " + text;
      record.question.clear();
      record.question_subtask.clear();
    } else if (record.state.phase == TaskPhase::drafted && !text.empty()) {
      record.wishes.text += "\n\n" + text;
      ++record.answers;
    } else if (!text.empty()) {
      record.hints[""] = text;
    }
    close_escalation(record, "it was answered, and the work goes on");
  }

  void on(const event::Conflicted& e) {
    const std::string message = facts.value("message", "");
    for (const std::string& id : e.subtasks) {
      add_feedback(record, id, message);
      record.given_back.insert(id);  // for good: a red round may ask for it once more
    }
    record.trouble = message;
  }

  void on(const event::RoundGreen&) {
    take_round(record, facts);
    take_part(record, facts);
    record.trouble = record.round ? record.round->reason : "";
    if (record.round && record.round->untested_fix) note(kUntestedFix);
  }
  void on(const event::RoundRed&) {
    take_round(record, facts);
    if (record.round) record.trouble = record.round->reason;
  }
  void on(const event::SentBack&) { hint(); }
  void on(const event::Retried&) {
    hint();
    close_escalation(record, "it is tried again");
  }
  // Anew, on what landed.
  void on(const event::Reopened&) {
    record.contributions.clear();
    record.given_back.clear();
    record.feedback.clear();
    record.round.reset();
    record.landing.reset();
    hint();
  }
  void on(const event::AcceptedByHuman&) { close_escalation(record, "the result was accepted in spite of it"); }
  void on(const event::HandedIn& e) {
    const std::string commit = facts.value("commit", "");
    if (!commit.empty()) record.contributions[e.subtask] = {e.subtask, facts.value("agent", ""), facts.value("start", ""), commit, {}};
    close_escalation(record, "the work was taken over and handed in");
  }
  void on(const event::GivenUp&) { close_escalation(record, "the task was given up"); }
  void on(const event::Cancelled&) { close_escalation(record, "the task was cancelled"); }
  template <class E>
  void on(const E&) {}

  void note(const std::string& words) {
    if (std::find(record.notes.begin(), record.notes.end(), words) == record.notes.end()) record.notes.push_back(words);
  }

  void hint() {
    const std::string text = facts.value("hint", "");
    if (!text.empty()) record.hints[""] = text;
  }
};

}  // namespace

json to_json(const TaskWishes& wishes) {
  return {{"text", wishes.text}, {"title", wishes.title}, {"workflow", wishes.workflow}, {"pattern", wishes.pattern}, {"agent", wishes.agent},
          {"land", to_string(wishes.land)}, {"land_given", wishes.land_given}, {"yes", wishes.yes}, {"root", wishes.root},
          {"actor", wishes.actor}, {"human", wishes.human}};
}

TaskWishes wishes_from_json(const json& object) {
  JsonFields read("a task");
  TaskWishes wishes;
  wishes.text = read.text(object, "text");
  wishes.title = read.text(object, "title");
  wishes.workflow = read.text(object, "workflow");
  wishes.pattern = read.text(object, "pattern");
  wishes.agent = read.text(object, "agent");
  wishes.land = enum_named(read.text(object, "land"), {LandMode::branch, LandMode::apply, LandMode::none, LandMode::draft_pr}).value_or(LandMode::branch);
  wishes.land_given = read.flag(object, "land_given");
  wishes.yes = read.flag(object, "yes");
  wishes.root = read.text(object, "root");
  wishes.actor = read.text(object, "actor");
  wishes.human = read.flag(object, "human");
  return wishes;
}

json to_json(const Landing& landing) {
  json object = {{"branch", landing.branch}, {"commit", landing.commit}, {"tree", landing.tree}, {"untested_fix", landing.untested_fix}, {"only_apply", landing.only_apply}};
  if (landing.report) object["report"] = to_json(*landing.report);
  return object;
}

Landing landing_from_json(const json& object) {
  JsonFields read("a landing");
  Landing landing;
  landing.branch = read.text(object, "branch");
  landing.commit = read.text(object, "commit");
  landing.tree = read.text(object, "tree");
  landing.untested_fix = read.flag(object, "untested_fix");
  landing.only_apply = read.text(object, "only_apply");
  if (const auto* given = read.object(object, "report")) {
    if (auto report = verify_report_from_json(*given)) landing.report = std::move(*report);
  }
  return landing;
}

json to_json(const EscalationRecord& e) {
  return {{"id", e.id}, {"reason", e.reason}, {"agent", e.agent}, {"message", e.message}, {"question", e.question}, {"attempts", e.attempts},
          {"evidence", e.evidence}, {"next_steps", e.next_steps}, {"choices", e.choices}, {"number", e.number}};
}

EscalationRecord escalation_from_json(const json& object) {
  JsonFields read("an escalation");
  return {read.text(object, "id"), read.text(object, "reason"), read.text(object, "agent"), read.text(object, "message"), read.text(object, "question"),
          read.texts(object, "attempts"), read.texts(object, "evidence"), read.texts(object, "next_steps"), read.texts(object, "choices"),
          read.integer(object, "number")};
}

void take_facts(TaskRecord& record, const TaskEvent& event, const json& facts) {
  std::visit([taker = Taker{record, facts}](const auto& e) mutable { taker.on(e); }, event);
}

void take_notes(TaskRecord& record, const json& facts) {
  JsonFields read("facts of a task");
  const bool draft = facts.contains("text") && facts.contains("root");
  if (draft) record.wishes = wishes_from_json(facts);
  if (facts.contains("base")) record.base = read.text(facts, "base");
  if (facts.contains("head")) record.head = read.text(facts, "head");
  if (facts.contains("trouble")) record.trouble = read.text(facts, "trouble");
  if (facts.contains("note")) record.notes.push_back(read.text(facts, "note"));
  if (const auto landing = facts.find("landing"); landing != facts.end()) record.landing = landing->is_null() ? std::optional<Landing>() : landing_from_json(*landing);
  if (facts.contains("publication")) record.publication = publication_from_json(facts["publication"]);
  if (facts.contains("draft")) record.draft = read.flag(facts, "draft");
  if (facts.contains("escalation")) record.escalation = escalation_from_json(facts["escalation"]);
  for (const json& told : facts.value("told", json::array())) std::erase_if(record.settled, [&](const EscalationRecord& one) { return told == one.number; });
  if (facts.contains("parked")) record.parked = read.flag(facts, "parked");
  if (facts.contains("approved_for_this_run")) record.wishes.yes = read.flag(facts, "approved_for_this_run");
  if (facts.contains("approved_by")) record.approved_by = read.text(facts, "approved_by");
  if (!draft && facts.contains("land")) {
    record.wishes.land = enum_named(read.text(facts, "land"), {LandMode::branch, LandMode::apply, LandMode::none, LandMode::draft_pr}).value_or(record.wishes.land);
    record.wishes.land_given = true;
  }
  if (read.flag(facts, "touch")) ++record.touches;
}

}  // namespace baton
