// `baton mcp`: the Model Context Protocol server on stdin and stdout. In an attempt of ours it is a pipe to who drives the task; for any
// other agent it has the workspace's tools, and `verify` judges the tree as it is. It never accepts, lands or answers.
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/index_place.h"
#include "cli/interrupt.h"
#include "cli/open_engine.h"
#include "cli/print.h"
#include "cli/verb.h"
#include "cli/verbs.h"
#include "git/repository.h"
#include "orchestrator/agents/attempt_tools.h"
#include "orchestrator/agents/context_tool.h"
#include "orchestrator/agents/similar_tool.h"
#include "orchestrator/agents/skill_tool.h"
#include "orchestrator/agents/tool_stream.h"
#include "orchestrator/agents/workspace_tools.h"
#include "orchestrator/engine_link.h"
#include "orchestrator/report_text.h"
#include "orchestrator/state_folder.h"
#include "support/places.h"
#include "support/relay.h"

namespace baton {
namespace {

struct Options {
  std::string workspace = ".";
};

constexpr const char* kInstructions =
    "Baton judges changes: `verify` builds and tests the code as it was and as it is now, in clean copies, and says test by test what got "
    "worse. Call it before you say that work is done.";

Tool verify_tool(const std::string& workspace) {
  return {"verify", "Judges the working tree against the last commit: which gates pass, which tests broke, which were broken before.",
          R"({"properties": {"quick": {"type": "boolean", "description": "a provisional verdict, sooner"}}})",
          [workspace](const nlohmann::json& arguments, std::stop_token stop) -> Result<std::string> {
            VerifyRequest request;
            request.client_env = current_environment();
            request.quick = arguments.value("quick", false);
            request.actor = "mcp:" + std::to_string(::getpid());
            auto engine = open_engine(workspace, false, request.client_env);
            if (!engine) return engine.error();
            const auto report = (*engine)->verify(request, {}, stop);
            if (report) return report_text(*report, {});
            if (report.error().kind != ErrorKind::trust) return report.error();
            return Error{ErrorKind::trust, "The user has not approved running this repository's tools: ask them to run `baton verify` once in a terminal."};
          }};
}

int run_mcp(const Options& options) {
  const Environment env = current_environment();
  if (const auto address = get(env, kToolSocketVariable)) {
    const auto socket = connect_engine(*address);
    if (!socket) return complain(Error{ErrorKind::io, "The attempt that these tools belong to is over: " + socket.error().message});
    const std::string token = get(env, kToolTokenVariable).value_or("") + "\n";
    if (::write(*socket, token.data(), token.size()) != static_cast<ssize_t>(token.size())) return complain(Error{ErrorKind::io, "The attempt that these tools belong to is over."});
    relay(STDIN_FILENO, STDOUT_FILENO, *socket);
    ::close(*socket);
    return kExitDone;
  }
  std::error_code failed;
  const auto root = std::filesystem::canonical(options.workspace, failed);
  if (failed) return complain(Error{ErrorKind::usage, "There is no folder " + options.workspace + "."});
  const Interrupt interrupt;
  std::vector<Tool> tools = workspace_tools(root);
  tools.push_back(folder_context_tool(root, index_of_workspace(root)));
  if (const auto repository = open_repository(root)) tools.push_back(similar_tool(recall_of(state_folder(*repository, cache_home(env)), env)));
  for (Tool& tool : skill_tools(skills_of(*folder_source(root)))) tools.push_back(std::move(tool));
  tools.push_back(verify_tool(root.string()));
  ToolProtocol protocol(std::move(tools), kInstructions);
  serve_tools(protocol, STDIN_FILENO, STDOUT_FILENO, interrupt.token());
  return kExitDone;
}

}  // namespace

void add_mcp(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  Verb verb(app, "mcp", "Serve the Model Context Protocol on stdin and stdout, for any coding agent");
  verb.option("--workspace", options->workspace, "The folder that is asked about").show_default();
  verb.acts([options, &action] { action = [options] { return run_mcp(*options); }; });
}

}  // namespace baton
