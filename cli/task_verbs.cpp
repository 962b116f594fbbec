#include "cli/task_verbs.h"

#include <cstdio>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>

#include "cli/consent.h"
#include "cli/interrupt.h"
#include "cli/open_engine.h"
#include "cli/print.h"
#include "cli/progress_line.h"
#include "cli/task_text.h"
#include "support/json.h"

namespace baton {
namespace {

using nlohmann::json;

// Prints what happens: JSON lines on stdout, or lines for people and one live line on stderr.
class Telling {
 public:
  explicit Telling(const TaskLine& line)
      : json_(line.json), progress_(line.json ? ProgressStyle::none : is_terminal(STDERR_FILENO) ? ProgressStyle::live : ProgressStyle::plain) {}

  void tell(const json& event) {
    if (json_) return write_result(dump_json(event) + "\n");
    const std::string type = event.value("type", "");
    if (type == "progress") {
      std::string message = event.value("message", "");
      if (const std::string subtask = event.value("subtask", ""); !subtask.empty()) message = subtask + ": " + message;
      return progress_.show({event.value("stage", ""), "", "", message, event.value("done", 0), event.value("total", 0), ""});
    }
    progress_.clear();
    const std::string text = task_event_text(event);
    if (!text.empty()) std::fprintf(stderr, "%s\n", text.c_str());
  }
  void clear() { progress_.clear(); }

 private:
  bool json_;
  ProgressLine progress_;
};

class Conversation {
 public:
  Conversation(const TaskLine& line, Engine& engine, Environment env, std::stop_token stop)
      : line_(line), engine_(engine), env_(std::move(env)), stop_(std::move(stop)), caller_(this_caller()), telling_(line) {}

  // With the questions that a person at the terminal can answer on the way.
  Result<json> hold(const std::string& verb, json arguments) {
    auto answer = call(verb, arguments);
    const bool untrusted = !answer && answer.error().kind == ErrorKind::trust;
    const bool asks = can_ask() && !line_.json;
    if (untrusted && !asks && verb == "run") return plan_alone(std::move(arguments));
    if (untrusted && asks) {
      telling_.clear();
      VerifyRequest request;
      request.client_env = env_;
      const auto consent = ask_consent(engine_, request, stop_);
      if (!consent) return consent.error();
      if (!*consent) return answer;
      answer = call(verb, arguments);
    }
    if (answer && verb == "run" && !arguments.value("dry_run", false) && answer->value("state", "") == "planned" && asks) {
      telling_.clear();
      if (!ask_yes("Run this plan?", stop_)) return answer;
      answer = call("approve", {{"task", answer->value("task", "")}});
    }
    return answer;
  }

 private:
  // Nobody can be asked, so nothing runs: the plan that its text gives waits for both approvals.
  Result<json> plan_alone(json arguments) {
    arguments["dry_run"] = true;
    auto planned = call("run", arguments);
    if (planned && planned->value("state", "") == "planned")
      (*planned)["message"] = planned->value("message", "") + " This repository's tools have not been approved either: look at them with `baton doctor`; `--yes` approves them for this run.";
    return planned;
  }

  Result<json> call(const std::string& verb, const json& arguments) {
    const TaskCall call{verb, dump_json(arguments), caller_.actor, caller_.human, env_, caller_.agent};
    return engine_.task(call, [this](const json& event) { telling_.tell(event); }, stop_);
  }

  const TaskLine& line_;
  Engine& engine_;
  Environment env_;
  std::stop_token stop_;
  Caller caller_;
  Telling telling_;
};

int exit_code_of(const std::string& verb, const json& result) {
  if (result.contains("tasks")) {
    int worst = kExitDone;
    for (const json& task : result["tasks"]) {
      if (verb == "resume") worst = std::max(worst, task.contains("error") ? kExitNotAchieved : exit_code_of(verb, task));
    }
    return worst;
  }
  const std::string state = result.value("state", ""), land = result.value("land", "");
  if (verb == "show" || verb == "plan") return kExitDone;
  if (result.value("stopped", false) || result.value("parked", false)) return kExitCancelled;
  if (result.contains("dry_run")) return kExitDone;
  const bool published = result.contains("pull_request") && result["pull_request"].is_object() && !result.contains("trouble");
  if (state == "landed" && (verb == "pr" || land == "draft-pr")) return published ? kExitDone : kExitNotAchieved;
  if (state == "landed" || state == "applied") return kExitDone;
  if (state == "cancelled") return verb == "cancel" || verb == "answer" ? kExitDone : kExitCancelled;
  if (verb == "cancel") return kExitNotAchieved;
  if (state == "failed") return verb == "answer" ? kExitDone : kExitNotAchieved;
  if (verb == "apply") return kExitNotAchieved;
  if (state == "verified" && land == "none") return kExitDone;
  return result.value("wait", "") == "none" ? kExitNotAchieved : kExitWaits;
}

}  // namespace

Result<json> ask_for_task(const TaskLine& line, const std::string& verb, const json& arguments) {
  const Interrupt interrupt;
  const Environment env = current_environment();
  const auto engine = open_engine(line.workspace, line.embedded, env);
  if (!engine) return engine.error();
  return Conversation(line, **engine, env, interrupt.token()).hold(verb, arguments);
}

int perform_task_verb(const TaskLine& line, const std::string& verb, json arguments) {
  const auto result = ask_for_task(line, verb, arguments);
  if (!result) {
    if (line.json && verb != "tasks" && verb != "show") {
      write_result(dump_json({{"type", "error"}, {"message", result.error().message}}) + "\n");
    }
    return complain(result.error());
  }
  if (line.json) {
    json printed = *result;
    if (verb != "tasks" && verb != "show") printed["type"] = "result";
    else printed.erase("page");
    write_result(dump_json(printed) + "\n");
  } else {
    const int width = terminal_width(STDOUT_FILENO);
    write_result(verb == "tasks" ? task_list_text(*result) : verb == "show" ? task_show_text(*result) : task_result_text(*result, wants_colour(STDOUT_FILENO), width));
  }
  return exit_code_of(verb, *result);
}

}  // namespace baton
