// `baton accept`: a task's result in spite of a failure, or a failure of the last verification as known.
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/consent.h"
#include "cli/open_engine.h"
#include "cli/print.h"
#include "cli/task_verbs.h"
#include "cli/verb.h"
#include "cli/verbs.h"
#include "orchestrator/terminal_text.h"
#include "support/json.h"

namespace baton {
namespace {

using nlohmann::json;

struct Options {
  TaskLine line;
  std::string task, failure, gate, reason;
  bool withdraw = false, list = false;
};

// "src/a.py:12"; a test's id may look like it, so it is tried as one first.
bool is_place(const std::string& text, AcceptRequest& request) {
  const auto colon = text.rfind(':');
  if (colon == text.npos || colon == 0 || colon + 1 == text.size() || text.size() - colon > 8) return false;
  if (text.find_first_not_of("0123456789", colon + 1) != text.npos) return false;
  request.path = text.substr(0, colon);
  request.line = std::stoi(text.substr(colon + 1));
  request.test.clear();
  return true;
}

int list_accepted(Engine& engine, bool as_json) {
  const auto accepted = engine.accepted();
  if (!accepted) return complain(accepted.error());
  if (as_json) {
    json list = json::array();
    for (const Acceptance& one : *accepted) list.push_back(to_json(one));
    write_result(dump_json({{"accepted", list}}) + "\n");
    return kExitDone;
  }
  std::string text;
  for (const Acceptance& one : *accepted) {
    const std::string what = one.test.empty() ? one.path + ": " + one.shape : one.test;
    text += printable_text(what) + " (" + printable_text(one.gate) + ")\n    by " + by_whom(one.caller) + ": " + printable_text(one.reason) + "\n";
  }
  write_result(text.empty() ? "No failure is accepted as known.\n" : text);
  return kExitDone;
}

int accept_failure(const Options& options) {
  const auto engine = open_engine(options.line.workspace, options.line.embedded, current_environment());
  if (!engine) return complain(engine.error());
  if (options.list) return list_accepted(**engine, options.line.json);
  AcceptRequest request;
  request.test = options.failure;
  request.gate = options.gate;
  request.reason = options.reason;
  request.withdraw = options.withdraw;
  auto report = (*engine)->accept(request, this_caller());
  if (!report && report.error().kind == ErrorKind::usage && is_place(options.failure, request)) report = (*engine)->accept(request, this_caller());
  if (!report) return complain(report.error());
  if (options.line.json) {
    write_result(dump_json({{"verification", report->id}, {"verdict", to_string(report->verdict)}, {"cause", report->cause},
                            {"accepted", report->accepted}, {"withdrawn", options.withdraw}}) + "\n");
  } else {
    write_result((options.withdraw ? "Accepted no longer. " : "Accepted as known, by " + by_whom(this_caller()) + ". ") + "The last verification reads: " +
                 std::string(to_string(report->verdict)) + ", " + printable_text(report->cause) + ".\n");
  }
  return kExitDone;
}

int run_accept(const Options& options) {
  const bool failure = options.list || !options.failure.empty();
  if (failure == !options.task.empty()) {
    return complain(Error{ErrorKind::usage, "Name a TASK, or a failure of the last verification with --failure; `baton accept --list` lists what is accepted."});
  }
  if (options.reason.empty() && !options.list && !options.withdraw) return complain(Error{ErrorKind::usage, "Say why it is accepted, with --reason \"…\"."});
  if (failure) return accept_failure(options);
  if (options.withdraw) return complain(Error{ErrorKind::usage, "What was accepted of a task has been acted upon; only a failure's acceptance can be withdrawn."});
  return perform_task_verb(options.line, "accept", {{"task", options.task}, {"yes", false}, {"reason", options.reason}});
}

}  // namespace

void add_accept(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  Verb verb(app, "accept", "Accept a result in spite of a failure, criteria that no evidence shows, or a failure as known");
  verb.footer(
      "A failure that is accepted as known stays one, and is shown with its reason; `baton verify` ends with 0 when a human has\n"
      "accepted all that the verdict rests on. It holds while the same test or finding fails in the same way.\n"
      "What a process below a coding agent accepts is shown as such, and counts for nothing.");
  verb.flag("--json", options->line.json, "Answers as JSON, an object a line");
  verb.flag("--embedded", options->line.embedded, "Work inside this process, without a lasting engine");
  verb.option("--workspace", options->line.workspace, "The repository (default: the current folder)").type_name("DIR");
  verb.option("TASK", options->task, "The task");
  verb.option("--failure", options->failure, "A failing test, or FILE:LINE of a new finding, of the last verification").type_name("NAME");
  verb.option("--gate", options->gate, "The gate that shows it, where more than one does").type_name("NAME");
  verb.option("--reason", options->reason, "Why");
  verb.flag("--withdraw", options->withdraw, "Accept the failure no longer");
  verb.flag("--list", options->list, "List the failures that are accepted as known");
  verb.acts([options, &action] { action = [options] { return run_accept(*options); }; });
}

}  // namespace baton
