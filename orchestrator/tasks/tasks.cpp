#include "orchestrator/tasks/tasks.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <mutex>
#include <set>
#include <thread>

#include "git/remote.h"
#include "git/snapshot.h"
#include "orchestrator/agents/work_trees.h"
#include "orchestrator/attestation.h"
#include "orchestrator/enum_text.h"
#include "orchestrator/file_source.h"
#include "orchestrator/intake.h"
#include "orchestrator/state_folder.h"
#include "orchestrator/tasks/task_book.h"
#include "orchestrator/tasks/task_file.h"
#include "orchestrator/tasks/task_runner.h"
#include "orchestrator/tasks/task_texts.h"
#include "support/caller.h"
#include "support/files.h"
#include "support/ids.h"
#include "support/json.h"
#include "support/places.h"

namespace baton {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr int kDefaultSlots = 2;
constexpr std::size_t kMaxSlots = 64;

std::string given_text(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool flag_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

Result<json> arguments_of(const TaskCall& call) {
  auto arguments = parse_json(call.arguments.empty() ? "{}" : call.arguments);
  if (!arguments || !arguments->is_object()) return Error{ErrorKind::usage, "The arguments of `" + call.verb + "` are no JSON object."};
  return arguments;
}

// What JSON can carry.
bool is_text(const std::optional<std::string>& bytes) {
  if (!bytes) return true;
  if (bytes->find('\0') != bytes->npos) return false;
  const json text(*bytes);  // a byte that is no UTF-8 is left out by the one and replaced by the other
  return text.dump(-1, ' ', false, json::error_handler_t::ignore) == text.dump(-1, ' ', false, json::error_handler_t::replace);
}

json row_json(const TaskRow& row, const fs::path& state) {
  return {{"task", row.id}, {"title", row.title}, {"state", row.phase}, {"wait", row.wait}, {"created_ms", row.created_ms},
          {"updated_ms", row.updated_ms}, {"document", (task_folder(state, row.id) / "task.md").string()}};
}

Result<json> look(const TaskBook& book, const fs::path& state, const std::string& verb, const json& arguments) {
  if (verb == "tasks") {
    const auto rows = book.rows();
    if (!rows) return rows.error();
    json list = json::array();
    for (const TaskRow& row : *rows) list.push_back(row_json(row, state));
    return json{{"tasks", std::move(list)}};
  }
  const auto id = book.find(given_text(arguments, "task"));
  if (!id) return id.error();
  const auto record = book.record(*id);
  if (!record) return record.error();
  return show_json(*record, state);
}

const Error kNotTrusted{ErrorKind::trust,
                        "This repository's tools have not been approved: look at them with `baton doctor`, then approve them, or pass --yes for this run."};

class LocalTasks final : public Tasks {
 public:
  LocalTasks(Engine& engine, const Environment& env, fs::path state, TaskBook book, EvidenceStore evidence)
      : engine_(engine),
        cache_home_(cache_home(env)),
        config_home_(config_home(env)),
        runtime_home_(runtime_home(env)),
        state_(std::move(state)),
        book_(std::move(book)),
        evidence_(std::move(evidence)),
        executor_(local_executor(kMaxSlots)) {}

  Result<json> call(const TaskCall& call, const TaskEvents& events, std::stop_token stop) override {
    const auto arguments = arguments_of(call);
    if (!arguments) return arguments.error();
    if (only_looks(call.verb)) return look(book_, state_, call.verb, *arguments);
    if (auto fine = check_caller(call); !fine) return fine.error();
    Verb verb{*this, call, *arguments, events, std::move(stop)};
    if (call.verb == "plan" || call.verb == "run") return verb.begin();
    if (call.verb == "resume" && given_text(*arguments, "task").empty()) return verb.resume_all();
    const auto id = book_.find(given_text(*arguments, "task"));
    if (!id) return id.error();
    auto record = book_.record(*id);
    if (!record) return record.error();
    return verb.go_on(*record);
  }

 private:
  // One call of one verb.
  struct Verb {
    LocalTasks& tasks;
    const TaskCall& call;
    const json& arguments;
    const TaskEvents& events;
    std::stop_token stop;

    // --- beginning

    Result<json> begin() {
      auto wishes = read_wishes();
      if (!wishes) return wishes.error();
      // What cannot be begun is said before anybody is asked to approve anything.
      if (!wishes->agent.empty()) {
        if (auto known = tasks.knows_agent(ground(), wishes->agent); !known) return known.error();
      }
      const bool run = call.verb == "run" && !flag_of(arguments, "dry_run");
      const auto trusted = tasks.is_trusted(call, wishes->yes);
      if (!trusted) return trusted.error();
      if (run && !*trusted) return kNotTrusted;
      if (auto good = tasks.holds_no_key(); !good) return good.error();
      std::string head, base;
      const std::string id = new_id();
      if (*trusted) {
        if (auto taken = tasks.take_base(id, unsaved(), head, base, stop); !taken) return taken.error();
      }
      auto record = tasks.book_.draft(id, *wishes, head, base);
      if (!record) return record.error();
      if (events) events(task_event_json(*record, "task", wishes->title));
      return drive(*record, !run);
    }

    static Status are_known(const std::string& workflow, const std::string& pattern) {
      if (workflow != "auto" && !enum_named(workflow, {Workflow::feature, Workflow::bugfix, Workflow::refactor})) {
        return Error{ErrorKind::usage, "The workflow of a task is `auto`, `feature`, `bugfix` or `refactor`, and not \"" + workflow + "\"."};
      }
      if (pattern != "auto" && !enum_named(pattern, {Pattern::parallel, Pattern::sequential, Pattern::specialist})) {
        return Error{ErrorKind::usage, "The pattern of a task is `auto`, `parallel`, `sequential` or `specialist`, and not \"" + pattern + "\"."};
      }
      return done();
    }

    Result<TaskWishes> read_wishes() {
      TaskFile file{given_text(arguments, "text"), {}, {}, {}, {}};
      if (const std::string path = given_text(arguments, "file"); !path.empty()) {
        auto read = read_task_file(path);
        if (!read) return read.error();
        file = std::move(*read);
      }
      const auto wish = [&](const char* name, const std::string& in_file, const std::string& otherwise) {
        const std::string given = given_text(arguments, name);
        return !given.empty() ? given : !in_file.empty() ? in_file : otherwise;
      };
      TaskWishes wishes;
      wishes.text = file.text;
      wishes.title = take_in(file.text).title;
      if (wishes.title.empty()) return Error{ErrorKind::usage, "The task is empty; say what is to be done."};
      wishes.workflow = wish("workflow", file.workflow, "auto");
      wishes.pattern = wish("pattern", file.pattern, "auto");
      if (auto known = are_known(wishes.workflow, wishes.pattern); !known) return known.error();
      wishes.agent = wish("agent", file.agent, "");
      const std::string land = wish("land", file.land, "");
      const auto mode = enum_named(land.empty() ? "branch" : land, {LandMode::branch, LandMode::apply, LandMode::none, LandMode::draft_pr});
      if (!mode) return Error{ErrorKind::usage, "A task lands as `branch`, `apply`, `draft-pr` or `none`, and not as \"" + land + "\"."};
      wishes.land = *mode;
      wishes.land_given = !land.empty();
      wishes.yes = flag_of(arguments, "yes");
      wishes.root = tasks.engine_.repository().root.string();
      wishes.actor = call.actor;
      wishes.human = call.human;
      return wishes;
    }

    // An editor says what is not saved in it; for a shell the windows are asked.
    Overlay unsaved() const {
      Overlay overlay;
      const auto given = arguments.find("unsaved");
      if (given == arguments.end()) return tasks.engine_.offered_unsaved();
      if (!given->is_object()) return overlay;
      for (const auto& [path, text] : given->items()) {
        if (text.is_string()) overlay[path] = text.get<std::string>();
      }
      return overlay;
    }

    // --- going on with what is there

    Result<json> go_on(TaskRecord& record) {
      Status told = call.verb == "approve"  ? approve(record)
                    : call.verb == "cancel" ? tell(record, event::Cancelled{}, {})
                    : call.verb == "resume" ? resume(record)
                    : call.verb == "answer" ? answer(record)
                    : call.verb == "retry"  ? retry(record, given_text(arguments, "hint"))
                    : call.verb == "accept" ? accept(record)
                    : call.verb == "apply"  ? apply(record)
                    : call.verb == "pr"     ? publish(record)
                                            : Status(Error{ErrorKind::usage, "There is no verb `" + call.verb + "` for tasks."});
      if (!told) return told.error();
      if (answer_) return std::move(*answer_);
      return drive(record, false);
    }

    json touch(json facts) const {
      facts["touch"] = true;
      facts["human"] = call.human;
      return facts;
    }
    Status tell(TaskRecord& record, const TaskEvent& event, json facts, std::vector<std::string> done = {}) {
      return tasks.book_.tell(record, event, touch(std::move(facts)), std::move(done), call.actor);
    }
    std::string who() const { return by_whom({call.actor, call.human, call.agent}) + " (" + call.actor + ")"; }

    Status trust(TaskRecord& record) {
      const bool yes = flag_of(arguments, "yes") || record.wishes.yes;
      const auto trusted = tasks.is_trusted(call, yes);
      if (!trusted) return trusted.error();
      if (!*trusted) return kNotTrusted;
      if (flag_of(arguments, "yes") && !record.wishes.yes) {
        if (auto noted = tasks.book_.note(record, {{"approved_for_this_run", true}}, {}, call.actor); !noted) return noted;
      }
      if (record.base.empty()) {
        std::string head, base;
        if (auto taken = tasks.take_base(record.id, unsaved(), head, base, stop); !taken) return taken;
        if (auto noted = tasks.book_.note(record, {{"head", head}, {"base", base}}, {}, call.actor); !noted) return noted;
      }
      return done();
    }

    Status approve(TaskRecord& record) {
      if (record.state.phase == TaskPhase::verified) return land(record);
      const auto given = arguments.find("plan");
      const bool edited = given != arguments.end() && !given->is_null();
      std::optional<Plan> plan;
      if (edited) {
        auto read = plan_from_json(*given);
        if (!read) return read.error();
        if (const auto problems = plan_problems(*read); !problems.empty()) {
          std::string all;
          for (const std::string& problem : problems) all += (all.empty() ? "" : " ") + problem;
          return Error{ErrorKind::usage, all};
        }
        plan = std::move(*read);
      }
      if (auto trusted = trust(record); !trusted) return trusted;
      if (plan) {
        for (const PlannedSubtask& part : plan->subtasks) {
          if (part.agent.empty()) continue;
          if (auto known = tasks.knows_agent(ground(), part.agent); !known) return known;
        }
        event::PlanMade made;
        json agents = json::object();
        for (const PlannedSubtask& part : plan->subtasks) {
          made.subtasks.push_back({part.id, part.after});
          if (!part.agent.empty()) agents[part.id] = part.agent;
          else if (const auto agent = record.agents.find(part.id); agent != record.agents.end()) agents[part.id] = agent->second;
        }
        if (auto told = tasks.book_.tell(record, made, {{"plan", to_json(*plan)}, {"agents", agents}, {"trouble", ""}}, {}, call.actor); !told) return told;
      }
      return tell(record, event::Approved{}, {{"approved_by", call.human ? "human" : "process"}});
    }

    Status land(TaskRecord& record, LandMode mode = LandMode::branch) {
      json facts = {{"land", to_string(mode)}, {"trouble", ""}};
      if (record.state.phase == TaskPhase::verified && record.landing && !record.landing->only_apply.empty()) return land_on_what_was_committed(record, std::move(facts));
      return tell(record, event::LandRequested{}, std::move(facts));
    }

    // What could not land beside uncommitted work may rest on the commits that were made since; policy prepares it anew.
    Status land_on_what_was_committed(TaskRecord& record, json facts) {
      const auto repository = open_repository(tasks.engine_.repository().root);
      if (!repository) return repository.error();
      const auto store = Store::open(*repository);
      if (!store) return store.error();
      const auto head = store->resolve_commit("HEAD");
      if (!head) return head.error();
      const auto goes_on = *head == record.head ? Result<bool>(false) : is_ancestor(*repository, record.head, *head);
      if (!goes_on) return goes_on.error();
      if (!*goes_on) return Error{ErrorKind::precondition, record.landing->only_apply};
      facts["head"] = *head;
      facts["landing"] = nullptr;
      return tasks.book_.note(record, touch(std::move(facts)), {}, call.actor);
    }

    // What landed, as a pull request; what is only verified lands first.
    Status publish(TaskRecord& record) {
      if (auto trusted = trust(record); !trusted) return trusted;  // git obeys what the repository configures
      if (flag_of(arguments, "dry_run")) return show_publication(record);
      json facts = {{"draft", flag_of(arguments, "draft")}, {"trouble", ""}};
      if (record.state.phase == TaskPhase::verified) {
        if (auto noted = tasks.book_.note(record, {{"draft", facts["draft"]}}, {}, call.actor); !noted) return noted;
        return land(record, LandMode::draft_pr);
      }
      if (record.state.phase != TaskPhase::landed) return no_branch(record);
      const bool under_way = std::any_of(record.pending.begin(), record.pending.end(), [](const TaskEffect& effect) { return effect.kind == EffectKind::publish; });
      if (under_way) return tasks.book_.note(record, touch(std::move(facts)), {}, call.actor);
      return tell(record, event::PublishRequested{}, std::move(facts));
    }

    static Error no_branch(const TaskRecord& record) {
      if (record.state.phase == TaskPhase::applied)
        return {ErrorKind::precondition, "The result of this task was applied to your files, and is yours to commit and push; for a pull request run the task again with `--land branch`, then `baton pr`."};
      const std::string sentence = state_sentence(record);
      return {ErrorKind::precondition, "Only a task whose result is verified can become a pull request. " + (sentence.empty() ? "`baton show` tells where it stands." : sentence)};
    }

    Status show_publication(TaskRecord& record) {
      record.draft = flag_of(arguments, "draft");
      auto shown = what_would_be_published(record, ground(), stop);
      if (!shown) return shown.error();
      answer_ = json{{"task", record.id}, {"state", to_string(record.state.phase)}, {"dry_run", std::move(*shown)}};
      return done();
    }

    Status resume(TaskRecord& record) {
      if (is_over(record.state.phase)) return done();
      // A plan that is made from the text alone runs nothing.
      const bool only_plans = record.state.phase == TaskPhase::drafted && record.base.empty() && !flag_of(arguments, "yes");
      if (only_plans) return done();
      if (auto trusted = trust(record); !trusted) return trusted;
      return record.state.trust_missing ? tell(record, event::Trusted{}, {{"trouble", ""}}) : done();
    }

    // What landed is begun anew, from itself and with what was said about its pull request.
    Status answer_review(TaskRecord& record, const std::string& hint) {
      if (auto trusted = trust(record); !trusted) return trusted;
      if (record.state.phase != TaskPhase::landed || !record.landing) return Error{ErrorKind::precondition, "This task has no pull request yet; `baton pr` makes one."};
      auto said = review_of_task(record, ground(), stop);
      if (!said) return said.error();
      const std::string commit = record.landing->commit;
      return tell(record, event::Reopened{}, {{"hint", *said + (hint.empty() ? "" : "\n" + hint)}, {"head", commit}, {"base", commit}, {"trouble", ""}});
    }

    Status retry(TaskRecord& record, const std::string& hint) {
      if (flag_of(arguments, "from_pr")) return answer_review(record, hint);
      const bool judged = record.state.phase == TaskPhase::verified || record.state.wait == TaskWait::criteria;
      if (judged) return tell(record, event::SentBack{}, {{"hint", hint}, {"trouble", ""}});
      return tell(record, event::Retried{}, {{"hint", hint}});
    }

    Status accept(TaskRecord& record) {
      const std::string reason = given_text(arguments, "reason");
      if (reason.empty()) return Error{ErrorKind::usage, "Say why it is accepted: `baton accept TASK --reason \"…\"`."};
      if (record.state.wait == TaskWait::criteria) {
        json facts = {{"note", "The criteria that no evidence shows are waved through by " + who() + ": " + reason}, {"approved_by", call.human ? "human" : "process"}};
        while (record.state.wait == TaskWait::criteria) {
          if (auto told = tell(record, event::CriterionWaved{}, std::exchange(facts, json::object())); !told) return told;
        }
        return done();
      }
      const bool weakened = record.state.escalation == EscalationReason::weakened;
      return tell(record, event::AcceptedByHuman{}, {{"approved_by", call.human ? "human" : "process"}, {"note", (weakened ? "The weaker checks are accepted by " : "Accepted in spite of a failure by ") + who() + ": " + reason}});
    }

    Status answer(TaskRecord& record) {
      const std::string choice = given_text(arguments, "choice"), text = given_text(arguments, "text");
      if (choice == "retry") return retry(record, text);
      if (choice == "accept") return accept(record);
      if (choice == "land") return land(record);
      if (choice == "apply") return apply(record);
      if (choice == "hand-in") return hand_in(record, text);
      if (choice == "cancel") return tell(record, event::Cancelled{}, {});
      if (choice == "give-up") return tell(record, event::GivenUp{}, {});
      if (auto meant = words_are_meant(record, choice); !meant) return meant;
      const std::string said = choice == "text" ? text : text.empty() ? choice : choice + " " + text;
      if (said.empty()) return Error{ErrorKind::usage, "The answer is empty; say `baton answer TASK text \"…\"`."};
      return tell(record, event::Answered{}, {{"text", said}});
    }

    // Where nobody has asked anything, a word that is no choice is a slip of the pen, and must not start agents again.
    static Status words_are_meant(const TaskRecord& record, const std::string& choice) {
      std::vector<std::string> choices = record.escalation ? record.escalation->choices : std::vector<std::string>{"retry", "cancel"};
      if (record.state.phase == TaskPhase::verified) choices = {"land", "apply", "retry", "cancel"};
      if (record.state.wait == TaskWait::criteria) choices = {"accept", "retry", "cancel"};
      const bool asked = !record.question.empty() || std::find(choices.begin(), choices.end(), "text") != choices.end();
      if (asked || choice == "text" || is_over(record.state.phase)) return done();
      std::string there;
      for (const std::string& one : choices) there += (there.empty() ? "" : ", ") + one;
      return Error{ErrorKind::usage, "\"" + choice + "\" is no answer here; there are: " + there + "; words of your own go after `text`."};
    }

    // The human worked on in the work tree of a subtask's last attempt: what lies there counts as that subtask's work.
    Status hand_in(TaskRecord& record, const std::string& subtask) {
      if (is_over(record.state.phase)) return tell(record, event::HandedIn{subtask}, {});  // which says so
      const AttemptRecord* taken_over = attempt_to_take_over(record, subtask);
      if (!taken_over) return Error{ErrorKind::usage, "There is no work tree to hand in" + (subtask.empty() ? "" : " of " + subtask) + "; `baton show` lists the attempts."};
      const auto commit = take_work_tree(taken_over->result->worktree, stop);
      if (!commit) return commit.error();
      if (*commit == taken_over->start) {
        return Error{ErrorKind::precondition, "Nothing is changed in " + taken_over->result->worktree + "; do the work there, then hand it in."};
      }
      return tell(record, event::HandedIn{taken_over->subtask},
                  {{"agent", call.human ? "human" : "process"}, {"start", taken_over->start}, {"commit", *commit},
                   {"note", taken_over->subtask + " was taken over in its work tree by " + who() + "."}});
    }

    // An editor takes the edits and says when they are in its buffers; otherwise they go to the files.
    Status apply(TaskRecord& record) {
      if (flag_of(arguments, "edits")) return take_edits(record);
      if (auto told = tell(record, event::ApplyRequested{}, {{"trouble", ""}}); !told) return told;
      if (!flag_of(arguments, "applied")) return done();
      std::vector<std::string> keys;
      for (const TaskEffect& effect : record.pending) {
        if (effect.kind == EffectKind::apply) keys.push_back(effect.key);
      }
      return tasks.book_.tell(record, event::Applied{}, json::object(), keys, call.actor);
    }

    Status take_edits(const TaskRecord& record) {
      auto edits = edits_of(record);
      if (!edits) return edits.error();
      answer_ = json{{"task", record.id}, {"edits", std::move(*edits)}};
      return done();
    }

    Result<json> edits_of(const TaskRecord& record) const {
      if (record.state.phase != TaskPhase::verified || !record.round) return Error{ErrorKind::precondition, "Only what is verified can be applied; `baton show` tells where the task stands."};
      auto store = Store::open(tasks.engine_.repository());
      if (!store) return store.error();
      const auto edits = edits_to_apply(*store, record.base, record.round->commit);
      if (!edits) return edits.error();
      json list = json::array();
      for (const TreeEdit& edit : *edits) {
        if (!is_text(edit.before) || !is_text(edit.after)) {
          list.push_back({{"path", edit.path}, {"before", nullptr}, {"after", nullptr}, {"binary", true}});
          continue;
        }
        const auto now = read_file(tasks.engine_.repository().root / edit.path, 64u << 20);
        const bool moved_on = edit.before ? !now || *now != *edit.before : static_cast<bool>(now);
        list.push_back({{"path", edit.path}, {"before", edit.before ? json(*edit.before) : json(nullptr)},
                        {"after", edit.after ? json(*edit.after) : json(nullptr)}, {"mode", edit.mode}, {"moved_on", moved_on}});
      }
      return list;
    }

    // What a dead process left, and what was stopped by hand where it is asked for. One beside the other.
    Result<json> resume_all() {
      const auto rows = tasks.book_.rows();
      if (!rows) return rows.error();
      const bool abandoned_only = flag_of(arguments, "abandoned");
      std::vector<TaskRecord> open;
      for (const TaskRow& row : *rows) {
        if (row.root != tasks.engine_.repository().root.string()) continue;
        auto record = tasks.book_.record(row.id);
        if (!record || (is_over(record->state.phase) && record->pending.empty()) || (abandoned_only && record->parked)) continue;
        open.push_back(std::move(*record));
      }
      json results = json::array();
      std::mutex mutex;
      std::vector<std::jthread> threads;
      for (TaskRecord& record : open) {
        threads.emplace_back([&] {
          const bool publishes = std::any_of(record.pending.begin(), record.pending.end(), [](const TaskEffect& effect) { return effect.kind == EffectKind::publish; });
          const bool was_over = is_over(record.state.phase) && !publishes;  // all but what is cleaned up after it
          Status ready = resume(record);
          auto result = ready ? drive(record, false, !abandoned_only) : Result<json>(ready.error());
          const std::lock_guard guard(mutex);
          if (was_over && result) return;
          results.push_back(result ? std::move(*result) : json{{"task", record.id}, {"error", result.error().message}});
        });
      }
      threads.clear();
      return json{{"tasks", std::move(results)}};
    }

    // --- driving

    TaskGround ground() const { 
      return {tasks.engine_, *tasks.executor_, tasks.book_.journal(), tasks.evidence_, tasks.state_, tasks.cache_home_, tasks.config_home_, tasks.runtime_home_, call.client_env, &tasks.parked_, &tasks.meters_};
    }

    Result<json> drive(TaskRecord& record, bool plan_only, bool take_over = true) {
      const Config config = tasks.config();
      tasks.slots_.use(config.slots.value_or(kDefaultSlots));
      DriveOptions options;
      options.plan_only = plan_only;
      options.take_over = take_over;
      options.takes_edits = flag_of(arguments, "edits");
      options.levels = config.autonomy;
      TaskRunner runner(tasks.book_, tasks.slots_, ground(), events, std::move(options));
      auto driven = runner.drive(record.id, stop);
      if (!driven) return driven.error();
      record = std::move(*driven);
      json result = plan_only ? show_json(record, tasks.state_) : result_json(record, tasks.state_);
      if (stop.stop_requested() && !is_over(record.state.phase)) result["stopped"] = true;
      if (runner.leaves_edits(record)) {
        auto edits = edits_of(record);
        if (!edits) return edits.error();
        result["edits"] = std::move(*edits);
      }
      return result;
    }

    std::optional<json> answer_ = {};  // instead of what the task came to
  };

  // What would run of the working tree is approved, for good or for this run.
  Result<bool> is_trusted(const TaskCall& call, bool yes) {
    if (yes) return true;
    VerifyRequest request;
    request.client_env = call.client_env;
    const auto subject = engine_.what_would_run(request);
    if (!subject) return subject.error();
    const auto state = TrustStore(config_home_ / "trust.json").state(*subject);
    if (!state) return state.error();
    return *state == TrustState::trusted;
  }

  Status take_base(const std::string& id, const Overlay& unsaved, std::string& head, std::string& base, std::stop_token stop) {
    const auto repository = open_repository(engine_.repository().root);
    if (!repository) return repository.error();
    auto store = Store::open(*repository);
    if (!store) return store.error();
    auto snapshot = take_snapshot(*store, unsaved, stop);
    if (!snapshot) return snapshot.error();
    if (snapshot->head.empty()) return Error{ErrorKind::precondition, "There is no commit yet that work could rest on; make the first one with `git commit`."};
    head = snapshot->head;
    base = snapshot->commit;
    return store->keep("task-" + id, base);
  }

  // What speaks for the user is no agent's to say, nor that of a process below one.
  Status check_caller(const TaskCall& call) {
    constexpr std::string_view kForTheUser[] = {"accept", "approve", "answer", "apply", "retry", "pr"};
    if (std::find(std::begin(kForTheUser), std::end(kForTheUser), call.verb) == std::end(kForTheUser)) return done();
    const auto colon = call.actor.find(':');
    const pid_t process = colon == call.actor.npos ? 0 : static_cast<pid_t>(std::atoi(call.actor.c_str() + colon + 1));
    return check_attestation(own_verifier(), {}, {call.actor, call.client_env, process}, &book_.journal());
  }

  Status knows_agent(const TaskGround& ground, const std::string& name) {
    const auto agents = agents_on({}, ground);
    if (!agents) return agents.error();
    std::string known;
    for (const AgentSpec& agent : *agents) {
      if (agent.name == name) return done();
      known += (known.empty() ? "" : ", ") + agent.name;
    }
    return Error{ErrorKind::usage, "There is no agent " + name + " here; " + (known.empty() ? "none was found: name one under `agents` in the configuration." : "there are: " + known + ".")};
  }

  // A key that stands in the configuration would be carried on by work trees, logs and evidence.
  Status holds_no_key() const {
    for (const Finding& problem : config().problems) {
      if (problem.code == kLiteralKey) return Error{ErrorKind::usage, problem.path + ":" + std::to_string(problem.line) + ": " + problem.message};
    }
    return done();
  }

  Config config() const {
    const auto files = folder_source(engine_.repository().root);
    return load_config(files->read(".baton/config.json").value_or(""), config_home_ / "config.json");
  }

  Engine& engine_;
  fs::path cache_home_, config_home_, runtime_home_, state_;
  TaskBook book_;
  EvidenceStore evidence_;
  Slots slots_;
  std::unique_ptr<Executor> executor_;
  TaskMeters meters_{book_};
  ParkedAgents parked_;  // gone before what they work with
};

}  // namespace

Result<std::unique_ptr<Tasks>> Tasks::open(Engine& engine, const Environment& env) {
  fs::path state = state_folder(engine.repository(), cache_home(env));
  if (auto made = make_folder(state, 0755); !made) return made.error();
  auto book = TaskBook::open(state, env);
  if (!book) return book.error();
  auto evidence = EvidenceStore::open(state / "evidence");
  if (!evidence) return evidence.error();
  return std::unique_ptr<Tasks>(std::make_unique<LocalTasks>(engine, env, std::move(state), std::move(*book), std::move(*evidence)));
}

bool only_looks(const std::string& verb) { return verb == "tasks" || verb == "show"; }

Result<json> look_at_tasks(const Repository& repository, const TaskCall& call) {
  const auto arguments = arguments_of(call);
  if (!arguments) return arguments.error();
  const fs::path state = state_folder(repository, cache_home(call.client_env));
  const auto book = TaskBook::open_read_only(state, call.client_env);
  if (!book) {
    if (call.verb == "tasks" && book.error().kind == ErrorKind::precondition) return json{{"tasks", json::array()}};
    return book.error();
  }
  return look(*book, state, call.verb, *arguments);
}

std::vector<std::string> roots_of_open_tasks(const Repository& repository, const Environment& env) {
  std::vector<std::string> roots;
  const auto book = TaskBook::open_read_only(state_folder(repository, cache_home(env)), env);
  const auto rows = book ? book->rows() : Result<std::vector<TaskRow>>(book.error());
  const auto waiting = book ? book->journal().outbox("") : Result<std::vector<OutboxRow>>(book.error());
  std::set<std::string> unfinished;
  for (const OutboxRow& row : waiting ? *waiting : std::vector<OutboxRow>()) unfinished.insert(row.task);
  for (const TaskRow& row : rows ? *rows : std::vector<TaskRow>()) {
    const bool over = row.phase == "landed" || row.phase == "applied" || row.phase == "cancelled" || row.phase == "failed";
    const bool open = !over || unfinished.contains(row.id);  // it is cleaned up after those that are over
    if (open && std::find(roots.begin(), roots.end(), row.root) == roots.end()) roots.push_back(row.root);
  }
  return roots;
}

}  // namespace baton
