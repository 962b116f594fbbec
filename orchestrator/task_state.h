// The life of a task: one pure, total function from (state, event) to (state, effects). Nothing else changes a task, so that
// the journal's events, replayed from the first, give the state again. An event that does not belong to a state leaves it as it
// is and says why in one sentence: late reports of ended attempts come every day. Pure; any thread.
//
//   drafted ─▶ planned ─▶ running ─▶ integrating ─▶ verifying ─▶ verified ─▶ landing ─▶ landed
//                            ▲                          │            └─────▶ applied
//                            └────── a red round ───────┤
//                                      third ───────────┴─▶ escalated_to_human ─(accepted_by_human)─▶ verified
//
// Verification belongs to the round. A green one that leaves criteria open may have subtasks join the plan that bring tests for them, and
// the task runs on. What a red one blames gets another attempt; the third failed attempt of a subtask and the
// third red round go to the human. A fault of the environment costs no attempt; the third one goes to the human as a blocker.
// The human's hint or answer begins both counts anew. What was published before tells on its pull request that it was escalated.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace baton {

inline constexpr int kMaxAttempts = 3;
inline constexpr int kMaxRounds = 3;
inline constexpr int kMaxFaults = 3;

// `verified`: judged, and good enough to land: by the verdict, or (`accepted`) by a human in spite of it.
enum class TaskPhase { drafted, planned, running, integrating, verifying, verified, landing, landed, applied, escalated_to_human, cancelled, failed };
enum class TaskWait { none, trust, approval, answer, criteria, slot };
enum class EscalationReason { attempts, rounds, ambiguous, blocker, security, architecture, conflict, weakened };
enum class SubtaskPhase { waiting, queued, running, done };  // queued: may start as soon as there is a slot

std::string_view to_string(TaskPhase phase);
std::string_view to_string(TaskWait wait);
std::string_view to_string(EscalationReason reason);
std::string_view to_string(SubtaskPhase phase);

struct SubtaskSeed {
  std::string id;
  std::vector<std::string> after;  // ids of subtasks whose result it starts from
  bool operator==(const SubtaskSeed&) const = default;
};

struct SubtaskState {
  std::vector<std::string> after;
  SubtaskPhase phase = SubtaskPhase::waiting;
  int attempts = 0;  // begun, without those that a fault of the environment ended
  std::vector<std::string> before = {};  // ids of those that start from its result
  bool operator==(const SubtaskState&) const = default;
};

struct TaskState {
  TaskPhase phase = TaskPhase::drafted;
  TaskWait wait = TaskWait::none;
  std::map<std::string, SubtaskState> subtasks;
  std::array<std::size_t, 4> in_phase{};  // subtasks, by SubtaskPhase: a plan may have thousands
  int red_rounds = 0;
  int faults = 0;
  int effects = 0;                    // asked for so far; numbers their keys
  int escalations = 0;                // so far; numbers the comments that tell of them
  int criteria_open = 0;              // not shown by the last round, and not waved through
  bool approved = false;              // the plan
  bool trust_missing = false;
  bool question_open = false;         // an agent's
  bool required_gate_failed = false;  // in the last round that was judged
  bool known_failures = false;        // by nothing but what a human had accepted as known
  bool accepted = false;              // by a human, in spite of that
  bool has_result = false;            // a judged tree exists that could be accepted
  bool published = false;             // there may be a pull request, on which escalations are told
  std::optional<EscalationReason> escalation;
  std::optional<TaskPhase> stopped_in;  // where an escalated task stopped
  std::vector<std::string> blamed;      // by the round or attempt that led to the human
  bool operator==(const TaskState&) const = default;
};

namespace event {
struct PlanMade { std::vector<SubtaskSeed> subtasks; };  // also an edited one
struct TrustMissing {};
struct Trusted {};
struct Approved {};
struct AttemptStarted { std::string subtask; };  // it has a slot
struct AttemptDone { std::string subtask; };
struct AttemptFailed { std::string subtask; };   // the agent gave up, died or changed nothing
struct Fault { std::string subtask; };           // of the environment; no subtask: of integration or verification
struct Asked { std::string subtask; };
struct Answered {};
struct Integrated {};
struct Conflicted { std::vector<std::string> subtasks; };                    // given back to these
// Every required gate passes; `known`: but for failures each of which a human has accepted as known. `weakened`: checks are weaker than
// before by the work of these subtasks, which only a human lets pass. `to_show`: subtasks that are to bring tests for what is open; one
// that is new joins the plan, one that is done does it again.
struct RoundGreen { int criteria_open = 0; bool known = false; std::vector<std::string> weakened = {}; std::vector<SubtaskSeed> to_show = {}; };
struct RoundRed { std::vector<std::string> blamed; };                        // a required gate fails
struct CriterionWaved {};                                                    // one, by the human
struct SentBack { std::vector<std::string> subtasks; };                      // by the human: not good enough
struct LandRequested {};
struct Landed { bool publish = false; };  // and a pull request is wanted
struct LandFailed {};
struct ApplyRequested {};
struct Applied {};
struct Escalated { EscalationReason reason = EscalationReason::blocker; };
struct Retried {};
struct AcceptedByHuman {};
struct HandedIn { std::string subtask; };        // taken over by the human and done
struct Cancelled {};
struct GivenUp {};                               // the human has let it go
struct Reopened {};
struct PublishRequested {};                      // the branch that landed, as a pull request; again: what is there is found and brought up to date
struct Published {};
}  // namespace event

using TaskEvent = std::variant<event::PlanMade, event::TrustMissing, event::Trusted, event::Approved, event::AttemptStarted, event::AttemptDone,
                               event::AttemptFailed, event::Fault, event::Asked, event::Answered, event::Integrated, event::Conflicted,
                               event::RoundGreen, event::RoundRed, event::CriterionWaved, event::SentBack, event::LandRequested,
                               event::Landed, event::LandFailed, event::ApplyRequested, event::Applied, event::Escalated, event::Retried,
                               event::AcceptedByHuman, event::HandedIn, event::Cancelled, event::GivenUp, event::Reopened, event::PublishRequested, event::Published>;
std::string_view name_of(const TaskEvent& event);  // "round_red": the word in the journal

enum class EffectKind { make_plan, start_attempt, integrate, verify, land, apply, deliver_answer, notify_human, stop_attempts, clean_up, publish, comment };
std::string_view to_string(EffectKind kind);

// What the outside world has to do; `comment`: tell on the pull request that the task is escalated, or is no more. `key` is the same whenever the same history is replayed and another for every other
// effect of the task, so that an outbox does nothing twice.
struct TaskEffect {
  EffectKind kind;
  std::string subtask;  // of start_attempt
  std::string key;
  bool operator==(const TaskEffect&) const = default;
};

struct TaskStep {
  TaskState state;
  std::vector<TaskEffect> effects;
  std::string refusal;  // why nothing changed; empty when the event was taken
};

TaskStep step_task(const TaskState& state, const TaskEvent& event);
// The same in place; gives the refusal, and then nothing has changed.
std::string advance_task(TaskState& state, const TaskEvent& event, std::vector<TaskEffect>& effects);
bool is_over(TaskPhase phase);  // nothing but `reopened` leads on; what landed may be published

}  // namespace baton
