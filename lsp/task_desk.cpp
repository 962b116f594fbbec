#include "lsp/task_desk.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "lsp/task_edits.h"
#include "lsp/uri.h"
#include "lsp/verification.h"
#include "orchestrator/intake.h"
#include "support/files.h"
#include "support/json.h"
#include "support/log.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxListed = 12;   // command lines in a question
constexpr std::size_t kMaxOffered = 3;   // tasks that are offered everywhere
constexpr std::uint64_t kMaxPage = 1u << 20;  // of a task's page
constexpr std::size_t kMaxWorkers = 32;  // calls of tasks at a time

std::string text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool looks(const std::string& verb) { return verb == "tasks" || verb == "show"; }
bool takes_snapshot(const std::string& verb) { return verb == "run" || verb == "plan" || verb == "approve"; }

bool waits_for_human(const json& told) {
  const std::string state = text_of(told, "state"), wait = text_of(told, "wait");
  return state == "planned" || state == "verified" || state == "escalated_to_human" || wait == "answer" || wait == "criteria" || wait == "trust";
}

}  // namespace

struct TaskDesk::Live {
  Live(std::string verb_, json arguments_, Reply reply_) : verb(std::move(verb_)), arguments(std::move(arguments_)), reply(std::move(reply_)) {}

  std::string verb;
  json arguments;
  Reply reply;
  Lane* lane = nullptr;
  std::shared_ptr<WorkDone> progress;
  std::stop_source stop;
  std::optional<std::stop_callback<std::function<void()>>> on_cancel;
  std::string task;
  bool asks = false;  // the user, before the engine begins
  bool over = false;
};

// --- the commands

void TaskDesk::start(StartTaskArguments arguments, std::string token, Reply reply) {
  std::string text = arguments.text;
  if (const Document* document = arguments.range ? desk_.documents.find(arguments.uri) : nullptr) {
    if (text.empty()) text = told_by(*document, *arguments.range);
    if (!text.empty()) {
      const Lane* lane = lanes_.find(document->path);
      const auto path = lane ? lane->relative(document->path) : std::nullopt;
      text += "\n\nThe place: " + path.value_or(document->path) + ":" + std::to_string(arguments.range->start.line + 1);
    }
  }
  if (text.empty()) return reply.error(Error{ErrorKind::usage, "Say what is to be done: give a text, or a range of an open document that tells it."});
  json wishes = {{"text", text}};
  for (const auto& [name, value] : {std::pair{"workflow", arguments.workflow}, {"pattern", arguments.pattern}, {"land", arguments.land}, {"agent", arguments.agent}}) {
    if (!value.empty()) wishes[name] = value;
  }
  call(arguments.uri, "run", std::move(wishes), "Baton: " + take_in(text).title, std::move(token), std::move(reply));
}

void TaskDesk::approve(TaskArguments a, std::string token, Reply reply) {
  json arguments = {{"task", a.task}};
  if (!a.plan->is_null()) arguments["plan"] = *a.plan;
  call(a.uri, "approve", std::move(arguments), "Baton: run the plan", std::move(token), std::move(reply));
}

void TaskDesk::cancel(TaskArguments a, std::string token, Reply reply) {
  call(a.uri, "cancel", {{"task", a.task}}, "Baton: cancel the task", std::move(token), std::move(reply));
}

void TaskDesk::resume(TaskArguments a, std::string token, Reply reply) {
  call(a.uri, "resume", {{"task", a.task}}, "Baton: go on", std::move(token), std::move(reply));
}

void TaskDesk::retry(TaskArguments a, std::string token, Reply reply) {
  call(a.uri, "retry", {{"task", a.task}, {"hint", a.hint}, {"from_pr", a.from_pull_request}}, "Baton: try again", std::move(token), std::move(reply));
}

void TaskDesk::accept(TaskArguments a, std::string token, Reply reply) {
  call(a.uri, "accept", {{"task", a.task}, {"reason", a.reason}}, "Baton: accept", std::move(token), std::move(reply));
}

void TaskDesk::answer(TaskArguments a, std::string token, Reply reply) {
  call(a.uri, "answer", {{"task", a.task}, {"choice", a.choice}, {"text", a.text}, {"reason", a.reason.empty() ? a.text : a.reason}}, "Baton: answer",
       std::move(token), std::move(reply));
}

void TaskDesk::list(PlaceArguments arguments, std::string token, Reply reply) {
  call(arguments.uri, "tasks", json::object(), "Baton: tasks", std::move(token), std::move(reply));
}

void TaskDesk::show_plan(TaskArguments a, std::string token, Reply reply) {
  call(a.uri, "show", {{"task", a.task}, {"open", "plan"}}, "Baton: plan", std::move(token), std::move(reply));
}

void TaskDesk::open_worktree(TaskArguments a, std::string token, Reply reply) {
  call(a.uri, "show", {{"task", a.task}, {"open", "worktree"}, {"subtask", a.subtask}}, "Baton: work tree", std::move(token), std::move(reply));
}

void TaskDesk::apply(TaskArguments a, std::string token, Reply reply) {
  call(a.uri, "apply", {{"task", a.task}}, "Baton: apply to the workspace", std::move(token), std::move(reply));
}

void TaskDesk::publish(TaskArguments a, std::string token, Reply reply) {
  call(a.uri, "pr", {{"task", a.task}, {"draft", a.draft}}, "Baton: pull request", std::move(token), std::move(reply));
}

// --- a call

void TaskDesk::call(const std::string& uri, std::string verb, json arguments, std::string title, std::string token, Reply reply) {
  const auto live = std::make_shared<Live>(std::move(verb), std::move(arguments), std::move(reply));
  live->task = text_of(live->arguments, "task");
  // What the user cancels is the task; what it left stays to be looked at.
  const auto cancel = [this, weak = std::weak_ptr(live)] {
    const auto self = weak.lock();
    if (!self || self->over) return;
    if (!self->lane || self->asks || looks(self->verb)) return give_up(self);
    if (self->task.empty()) {  // it is about to begin
      self->stop.request_stop();
      return;
    }
    Lane* lane = self->lane;
    new_worker().submit([this, lane, task = self->task] {
      const TaskCall call{"cancel", dump_json({{"task", task}}), desk_.caller.actor, desk_.caller.human, desk_.env};
      (void)lane->engine->task(call, {}, ending_.get_token());
    });
  };
  live->progress = WorkDone::start(desk_.client, std::move(token), std::move(title), "looking for the repository", false, cancel);
  live->on_cancel.emplace(live->reply.cancelled(), std::function<void()>(cancel));
  live_.remove_if([](const auto& one) { return one.expired(); });
  live_.push_back(live);
  lanes_.with(uri, [this, live](Result<Lane*> lane) {
    if (live->over) return;
    if (lane) return begin(live, **lane);
    live->over = true;
    live->progress->end(lane.error().message);
    live->reply.error(lane.error());
  });
}

// Nothing of it has begun: what is asked or looked up still comes to an end, and is dropped.
void TaskDesk::give_up(const Ptr& live) {
  live->over = true;
  live->stop.request_stop();
  live->progress->end("cancelled");
  live->reply.error(Error{ErrorKind::cancelled, "Cancelled, before it was begun; nothing was changed."});
}

void TaskDesk::begin(const Ptr& live, Lane& lane) {
  live->lane = &lane;
  live->asks = false;
  std::vector<LiveText> texts;
  if (takes_snapshot(live->verb)) texts = live_texts(desk_, lane);
  new_worker().submit([this, live, &lane, texts = std::move(texts), page = typed_page(live->arguments, live->verb),
                       by_editor = desk_.client.profile().apply_edit] {
    json arguments = live->arguments;
    // What is to be applied comes back as edits, which can be undone.
    if (by_editor && !arguments.value("applied", false)) arguments["edits"] = true;
    if (!page.argument.empty()) {
      const auto saved = page.text ? Result<std::string>(*page.text) : read_file(page.path, kMaxPage);
      const std::string typed = saved ? typed_words(*saved, page.words) : "";
      if (typed.empty() && page.needed) return desk_.loop.post([this, live, page] { ask_for_words(live, page); });
      arguments[page.argument] = typed;
    }
    std::vector<std::string> notes;
    if (takes_snapshot(live->verb)) arguments["unsaved"] = unsaved_text(lane.root, texts, notes);
    const TaskCall call{live->verb, dump_json(arguments), desk_.caller.actor, desk_.caller.human, desk_.env};
    const TaskEvents events = [this, live](const json& event) { desk_.loop.post([this, live, event] { heard(live, event); }); };
    const auto result = std::make_shared<Result<json>>(lane.engine->task(call, events, live->stop.get_token()));
    desk_.loop.post([this, live, result] { ended(live, std::move(*result)); });
  });
}

TaskDesk::TypedPage TaskDesk::typed_page(const json& arguments, const std::string& verb) const {
  const auto waiting = waiting_.find(text_of(arguments, "task"));
  if (waiting == waiting_.end()) return {};
  TypedPage page;
  if (verb == "retry") page = {"hint", {}, TypedWords::hint, {}, false};
  else if (verb == "accept") page = {"reason", {}, TypedWords::reason, {}, true};
  else if (verb == "answer" && text_of(arguments, "choice") == "text") page = {"text", {}, TypedWords::answer, {}, true};
  if (page.argument.empty() || !text_of(arguments, page.argument.c_str()).empty()) return {};
  page.path = waiting->second.document;
  if (const Document* document = desk_.documents.find_path(page.path); document && document->in_step) page.text = document->text();
  return page;
}

void TaskDesk::ask_for_words(const Ptr& live, const TypedPage& page) {
  live->over = true;
  live->progress->end("waits for your words");
  if (desk_.client.profile().show_document) desk_.client.request("window/showDocument", {{"uri", uri_of_path(page.path)}, {"takeFocus", true}}, [](const Response&) {});
  live->reply.error(Error{ErrorKind::precondition, "Type it after `" + std::string(label_of(page.words)) + "` in " + page.path + ", then choose this again."});
}

void TaskDesk::heard(const Ptr& live, const json& event) {
  if (live->over) return;
  live->task = text_of(event, "task");
  std::string message = text_of(event, "message");
  if (const std::string subtask = text_of(event, "subtask"); !subtask.empty()) message = subtask + ": " + message;
  if (!message.empty()) live->progress->report(message, std::nullopt);
  const std::string type = text_of(event, "type");
  if (type == "state" || type == "escalation") note(*live->lane, event);
  if (event.contains("report")) show_round(live, event["report"]);
}

void TaskDesk::ended(const Ptr& live, Result<json> result) {
  if (live->over) return;
  if (!result && result.error().kind == ErrorKind::trust) return ask_trust(live);
  if (!result) {
    live->over = true;
    live->progress->end(result.error().message);
    return live->reply.error(result.error());
  }
  const std::string open = text_of(live->arguments, "open");
  if (!open.empty()) {
    live->over = true;
    live->progress->end({});
    const std::string document = text_of(*result, "document");
    const std::string plan = (std::filesystem::path(document).parent_path() / "plan.md").string();
    const TaskPlace place = open == "plan" ? TaskPlace{plan, plan} : worktree_of(*result, text_of(live->arguments, "subtask"));
    if (place.path.empty()) return live->reply.error(Error{ErrorKind::precondition, "No agent has worked at this yet, or its work tree is gone."});
    json answer = {{"task", text_of(*result, "task")}, {"path", place.path}, {"uri", uri_of_path(place.path)}};
    if (open == "plan") answer["plan"] = (*result)["plan"];
    return show_document(place.shown, live->reply, std::move(answer));
  }
  if (result->contains("edits")) {
    if (result->contains("state")) note(*live->lane, *result);
    return apply_edits(live, text_of(*result, "task"), (*result)["edits"]);
  }
  live->over = true;
  if (result->contains("state")) note(*live->lane, *result);
  live->progress->end(text_of(*result, "state"));
  if (result->contains("state")) ask_human(live, *result);
  if (live->verb == "pr") {
    if (!text_of(*result, "trouble").empty()) return live->reply.error(Error{ErrorKind::precondition, text_of(*result, "trouble")});
    show_page(*result);
  }
  live->reply.result(*result);
}

// --- what waits for the human

void TaskDesk::note(const Lane& lane, const json& told) {
  const std::string task = text_of(told, "task");
  const auto known = waiting_.find(task);
  if (!waits_for_human(told)) {
    if (known == waiting_.end()) return;
    known->second.message.clear();
    publish(task, known->second);
    waiting_.erase(known);
    return;
  }
  Waiting& waiting = waiting_[task];
  waiting.lane = &lane;
  waiting.state = text_of(told, "state");
  waiting.wait = text_of(told, "wait");
  waiting.message = text_of(told, "message");
  if (told.contains("title")) waiting.title = text_of(told, "title");
  if (told.contains("document")) waiting.document = text_of(told, "document");
  waiting.question.clear();
  waiting.choices.clear();
  if (const auto escalation = told.find("escalation"); escalation != told.end() && escalation->is_object()) {
    waiting.question = text_of(*escalation, "question");
    waiting.choices = escalation->value("choices", std::vector<std::string>());
  }
  // Its record follows, and the page is whole with it: whoever opens the page before would type into one that is written anew.
  if (waiting.state == "escalated_to_human" && waiting.choices.empty()) return;
  publish(task, waiting);
}

void TaskDesk::publish(const std::string& task, Waiting& waiting) {
  if (waiting.document.empty()) return;
  json list = json::array();
  if (!waiting.message.empty()) {
    json diagnostic = {{"range", to_json(Range{})}, {"severity", waiting.state == "escalated_to_human" ? 2 : 3}, {"source", "baton"},
                       {"code", waiting.state == "escalated_to_human" ? "escalation" : "task"},
                       {"message", waiting.question.empty() ? waiting.message : waiting.message + "\n" + waiting.question}};
    if (desk_.client.profile().diagnostic_data) diagnostic["data"] = {{"task", task}};
    list.push_back(std::move(diagnostic));
  }
  if (list.empty() && !waiting.shown) return;
  waiting.shown = !list.empty();
  const Document* document = desk_.documents.find_path(waiting.document);
  const std::string uri = document ? document->uri : uri_of_path(waiting.document);
  desk_.client.notify("textDocument/publishDiagnostics", {{"uri", uri}, {"diagnostics", list}}, "diagnostics " + uri);
}

void TaskDesk::ask_trust(const Ptr& live) {
  live->asks = true;
  live->progress->report("waits for your approval of this repository's commands", std::nullopt);
  Lane* lane = live->lane;
  VerifyRequest request;
  request.client_env = desk_.env;
  lane->look.submit([this, live, lane, request] {
    const auto subject = std::make_shared<Result<TrustSubject>>(lane->engine->what_would_run(request));
    desk_.loop.post([this, live, subject] {
      if (!live->over) ask_trust_in(live, *subject);
    });
  });
}

void TaskDesk::ask_trust_in(const Ptr& live, const Result<TrustSubject>& subject) {
  const auto refuse = [live] {
    live->over = true;
    live->progress->end("not approved");
    live->reply.error(Error{ErrorKind::trust, "This repository's commands are not approved: run baton.trustRepository to approve them, then begin the task again."});
  };
  if (!subject) return refuse();
  std::string text = "To verify what is done, Baton runs this repository's tools, on copies of the tree:";
  const auto& lines = subject->command_lines;
  for (std::size_t i = 0; i < std::min(lines.size(), kMaxListed); ++i) text += "\n  " + lines[i];
  if (lines.size() > kMaxListed) text += "\n  and " + std::to_string(lines.size() - kMaxListed) + " more (baton doctor lists them)";
  if (desk_.client.profile().message_request_blocks) {
    desk_.client.show_message(MessageType::warning, text + "\nApprove them with baton.trustRepository, then begin the task again.");
    return refuse();
  }
  desk_.client.ask(MessageType::info, text, {"Run them", "Not now"}, [this, live, subject = *subject, refuse](int choice) {
    if (live->over) return;
    if (choice != 0) return refuse();
    approved(live, subject);
  });
}

void TaskDesk::approved(const Ptr& live, const TrustSubject& subject) {
  live->lane->look.submit([this, live, subject] {
    if (live->stop.stop_requested()) return;  // given up while it waited its turn
    const auto given = std::make_shared<Status>(live->lane->engine->trust(subject, desk_.caller));
    desk_.loop.post([this, live, given] {
      if (live->over) return;
      if (*given) return begin(live, *live->lane);
      ended(live, Error{ErrorKind::io, given->error().message});
    });
  });
}

void TaskDesk::ask_human(const Ptr& live, const json& result) {
  const std::string task = text_of(result, "task");
  const auto found = waiting_.find(task);
  const std::string title = text_of(result, "title");
  if (found == waiting_.end()) {
    const std::string state = text_of(result, "state");
    if (state == "landed" || state == "applied" || state == "cancelled" || state == "failed") {
      desk_.client.show_message(MessageType::info, "Baton: " + title + ": " + text_of(result, "message"));
    }
    return;
  }
  struct Choice {
    std::string title, verb;
    json arguments;
  };
  const Waiting& waiting = found->second;
  const std::string text = "Baton: " + title + ": " + waiting.message + (waiting.question.empty() ? "" : " " + waiting.question);
  std::vector<Choice> choices;
  if (waiting.state == "planned") choices = {{"Run the plan", "approve", {}}, {"Show the plan", "show", {{"open", "plan"}}}, {"Cancel the task", "cancel", {}}};
  else if (waiting.state == "verified") choices = {{"Make the branch", "answer", {{"choice", "land"}}}, {"Create a pull request", "pr", {{"draft", false}}}, {"Apply to my files", "apply", {{"edits", desk_.client.profile().apply_edit}}}};
  else if (waiting.state == "escalated_to_human" && waiting.question.empty()) choices = {{"Try again", "retry", {{"hint", ""}}}, {"Cancel the task", "cancel", {}}};
  if (choices.empty() || desk_.client.profile().message_request_blocks) {
    const bool words = waiting.state == "escalated_to_human" || waiting.wait == "criteria" || waiting.wait == "answer";
    return desk_.client.show_message(MessageType::warning, text + "\nThe code actions go on with it" + (words ? ", and take along what you type into " + waiting.document : "."));
  }
  std::vector<std::string> titles;
  for (const Choice& choice : choices) titles.push_back(choice.title);
  desk_.client.ask(MessageType::warning, text, titles, [this, lane = live->lane, task, choices](int index) {
    if (index < 0) return;
    json arguments = choices[static_cast<std::size_t>(index)].arguments;
    if (arguments.is_null()) arguments = json::object();
    arguments["task"] = task;
    Reply unasked("0", "baton.task", std::stop_source(), [](std::string) {});
    call(uri_of_path(lane->root), choices[static_cast<std::size_t>(index)].verb, std::move(arguments), "Baton: task", {}, std::move(unasked));
  });
}

// A round that was judged: its marks, in the text as it is now.
void TaskDesk::show_round(const Ptr& live, const json& told) {
  auto report = verify_report_from_json(told);
  if (!report) return log(LogLevel::warning, report.error().message);
  Lane* lane = live->lane;
  lane->look.submit([this, lane, report = std::move(*report)]() mutable {
    const auto result = std::make_shared<JudgedResult>(presented(*lane->engine, std::move(report), true, desk_.env));
    desk_.loop.post([lane, result] {
      lane->judged.clear();
      lane->show(result->told, result->marking);
    });
  });
}

// In the user's browser, where the editor opens pages; the message that the task has landed says it everywhere.
void TaskDesk::show_page(const json& result) {
  const auto published = result.find("pull_request");
  const std::string url = published != result.end() && published->is_object() ? text_of(*published, "url") : "";
  const bool web = url.starts_with("https://") || url.starts_with("http://");
  if (web && desk_.client.profile().show_document) desk_.client.request("window/showDocument", {{"uri", url}, {"external", true}, {"takeFocus", true}}, [](const Response&) {});
}

void TaskDesk::show_document(const std::string& path, Reply& reply, json answer) {
  const bool shown = desk_.client.profile().show_document;
  if (shown) desk_.client.request("window/showDocument", {{"uri", uri_of_path(path)}, {"takeFocus", true}}, [](const Response&) {});
  else desk_.client.show_message(MessageType::info, "It is in " + path);
  answer["shown"] = shown;
  reply.result(answer);
}

void TaskDesk::apply_edits(const Ptr& live, const std::string& task, const json& edits) {
  const auto fail = [live](const Error& error) {
    live->over = true;
    live->progress->end(error.message);
    live->reply.error(error);
  };
  const auto made = workspace_edit(desk_, *live->lane, edits);
  if (!made) return fail(made.error());
  desk_.client.request("workspace/applyEdit", {{"label", "Baton: " + task}, {"edit", *made}}, [this, live, task, fail](const Response& response) {
    const bool applied = !response.failed && response.result->is_object() && response.result->value("applied", false);
    if (!applied) {
      const std::string why = response.failed ? response.error : text_of(*response.result, "failureReason");
      return fail(Error{ErrorKind::precondition, "The editor did not take the edits" + (why.empty() ? std::string(".") : ": " + why)});
    }
    live->verb = "apply";
    live->arguments = {{"task", task}, {"applied", true}};
    begin(live, *live->lane);
  });
}

// --- code actions

std::vector<json> TaskDesk::actions(const Lane& lane, const Document& document, const std::string& path, Range range, const std::vector<Json>& given) const {
  const TaskActions make(desk_.client.profile(), document.uri, given);
  std::vector<json> all = make.from_places(document, path, range);
  std::size_t offered = 0;
  for (const auto& [task, waiting] : waiting_) {
    const bool here = document.path == waiting.document;
    if (waiting.lane != &lane || (!here && ++offered > kMaxOffered)) continue;
    for (json& action : make.about(task, waiting.title, waiting.state, waiting.wait, waiting.choices)) all.push_back(std::move(action));
  }
  return all;
}

// --- the end

Worker& TaskDesk::new_worker() {
  while (workers_.size() >= kMaxWorkers && workers_.front()->finish(std::chrono::steady_clock::now())) workers_.pop_front();
  workers_.push_back(std::make_unique<Worker>());
  return *workers_.back();
}

void TaskDesk::leave() {
  for (const auto& lane : lanes_.all()) lane->engine->let_go();  // first: a stop would be passed on to the engine
  ending_.request_stop();
  for (const auto& weak : live_) {
    const auto live = weak.lock();
    if (!live) continue;
    live->stop.request_stop();
    if (std::exchange(live->over, true)) continue;
    live->progress->end("the window closes; the task goes on");
    live->reply.error(Error{ErrorKind::cancelled, "The session ends; the task goes on, and `baton tasks` tells of it."});
  }
}

bool TaskDesk::finish(std::chrono::steady_clock::time_point deadline) {
  bool all = true;
  for (const auto& worker : workers_) all = worker->finish(deadline) && all;
  return all;
}

}  // namespace baton
