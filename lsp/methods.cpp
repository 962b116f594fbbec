#include "lsp/methods.h"

#include <nlohmann/json.hpp>

namespace baton {
namespace {

using enum Direction;
using enum MethodKind;

constexpr Method kMethods[] = {
    {"initialize", from_client, request, "InitializeParams", "", nullptr},
    {"initialized", from_client, notification, "InitializedParams", "", nullptr},
    {"shutdown", from_client, request, "none", "", nullptr},
    {"exit", from_client, notification, "none", "", nullptr},
    {"$/cancelRequest", from_client, notification, "CancelParams", "", nullptr},
    {"$/setTrace", from_client, notification, "SetTraceParams", "", nullptr},
    {"textDocument/didOpen", from_client, notification, "DidOpenTextDocumentParams", "", nullptr},
    {"textDocument/didChange", from_client, notification, "DidChangeTextDocumentParams", "", nullptr},
    {"textDocument/didSave", from_client, notification, "DidSaveTextDocumentParams", "", nullptr},
    {"textDocument/didClose", from_client, notification, "DidCloseTextDocumentParams", "", nullptr},
    {"textDocument/codeAction", from_client, request, "CodeActionParams", "", nullptr},
    {"textDocument/codeLens", from_client, request, "CodeLensParams", "", nullptr},
    {"workspace/executeCommand", from_client, request, "ExecuteCommandParams", "", nullptr},
    {"workspace/didChangeWorkspaceFolders", from_client, notification, "DidChangeWorkspaceFoldersParams", "", nullptr},
    {"workspace/didChangeConfiguration", from_client, notification, "DidChangeConfigurationParams", "", nullptr},
    {"window/workDoneProgress/cancel", from_client, notification, "WorkDoneProgressCancelParams", "", nullptr},

    {"textDocument/publishDiagnostics", to_client, notification, "PublishDiagnosticsParams", "", nullptr},
    {"window/showMessage", to_client, notification, "ShowMessageParams", "", nullptr},
    {"window/logMessage", to_client, notification, "LogMessageParams", "", nullptr},
    {"window/showMessageRequest", to_client, request, "ShowMessageRequestParams", "", nullptr},
    {"workspace/applyEdit", to_client, request, "ApplyWorkspaceEditParams", "workspace.applyEdit", &ClientProfile::apply_edit},
    {"window/showDocument", to_client, request, "ShowDocumentParams", "window.showDocument.support",
     &ClientProfile::show_document},
    {"workspace/configuration", to_client, request, "ConfigurationParams", "workspace.configuration", &ClientProfile::configuration},
    {"workspace/codeLens/refresh", to_client, request, "none", "workspace.codeLens.refreshSupport", &ClientProfile::lens_refresh},
    {"window/workDoneProgress/create", to_client, request, "WorkDoneProgressCreateParams", "window.workDoneProgress",
     &ClientProfile::progress},
    {"$/logTrace", to_client, notification, "LogTraceParams", "", nullptr},
    {"$/progress", to_client, notification, "ProgressParams", "", nullptr},
};

constexpr Command kCommands[] = {
    {"baton.verify", "{uri?, base?, head?, gates?, quick?, fresh?, criteria?, redGreen?, mutants?}",
     "Judges the working tree with the unsaved buffers of this session, or two commits; answers with the verdict"},
    {"baton.cancelVerify", "{uri?}", "Cancels the verification that runs"},
    {"baton.doctor", "{uri?}", "Says what would be run and what is missing; runs nothing"},
    {"baton.trustRepository", "{uri?, digest?, verify?}", "Approves the commands of this repository"},
    {"baton.openEvidence", "{uri?, task?, gate?, side?, test?, path?, line?, message?}", "Opens the evidence of a verification, or a gate's log at its place"},
    {"baton.acceptFailure", "{uri?, task?, gate?, test?, path?, line?, message?, reason?, withdraw?}",
     "Accepts a failure that the verification `task` shows as known, with the reason; or takes that back"},
    {"baton.showKnown", "{uri?, show?}", "Shows what was there before, too, as hints; or no longer"},
    {"baton.startTask", "{text?, uri?, range?, workflow?, pattern?, land?, agent?}",
     "Begins a task: the text, or what stands in a range of a document; answers when it waits for you or is over"},
    {"baton.listTasks", "{uri?}", "Lists the tasks of the repository"},
    {"baton.showPlan", "{task}", "Shows the plan of a task"},
    {"baton.approvePlan", "{task, plan?}", "Approves a plan, edited or not, and runs it"},
    {"baton.cancelTask", "{task}", "Cancels a task"},
    {"baton.resumeTask", "{task}", "Goes on with a task that was stopped"},
    {"baton.retryTask", "{task, hint?, fromPullRequest?}", "Has a task tried again; with what people and checks said about its pull request"},
    {"baton.acceptTask", "{task, reason}", "Accepts a result in spite of a failure, or criteria that no evidence shows"},
    {"baton.answer", "{task, choice, text?}", "Answers what a task asks"},
    {"baton.openWorktree", "{task, subtask?}", "Opens the folder in which an agent works or worked"},
    {"baton.applyToWorkspace", "{task}", "Applies a verified task to the open documents and files, as edits that can be undone"},
    {"baton.createPullRequest", "{task, draft?}", "Pushes a task's branch, makes a pull request of it or brings the one that is there up to date, and opens its page"},
    {"baton.memoryUsage", "{}", "Says what memory is used for what"},
};

}  // namespace

std::span<const Method> methods() { return kMethods; }
std::span<const Command> commands() { return kCommands; }

const Method* find_method(std::string_view name, Direction direction) {
  for (const Method& method : kMethods) {
    if (method.name == name && method.direction == direction) return &method;
  }
  return nullptr;
}

nlohmann::json server_capabilities(const ClientProfile& client) {
  using nlohmann::json;
  json names = json::array();
  for (const Command& command : kCommands) names.push_back(command.name);
  json can = {
      {"textDocumentSync", {{"openClose", true}, {"change", 2}, {"save", {{"includeText", false}}}}},
      {"codeActionProvider", true},
      {"codeLensProvider", {{"resolveProvider", false}}},
      {"executeCommandProvider", {{"commands", names}, {"workDoneProgress", true}}},
      {"workspace", {{"workspaceFolders", {{"supported", true}, {"changeNotifications", true}}}}},
  };
  if (client.action_literals) can["codeActionProvider"] = {{"codeActionKinds", {"quickfix", kSourceKind}}};
  can["positionEncoding"] = to_string(client.encoding);
  return can;
}

std::string_view to_string(Direction direction) {
  return direction == from_client ? "client to server" : "server to client";
}

std::string_view to_string(MethodKind kind) { return kind == request ? "request" : "notification"; }

}  // namespace baton
