// The verbs of the command line, a file each. Every function adds its verb to the application; when the user's line names
// that verb, `action` is set to what it does and gives the exit code. Main thread.
#pragma once

#include <functional>

#include "lsp/desk.h"

namespace CLI {
class App;
}

namespace baton {

using Action = std::function<int()>;

void add_verify(CLI::App& app, Action& action);
void add_doctor(CLI::App& app, Action& action);
void add_diagnose(CLI::App& app, Action& action);
void add_route(CLI::App& app, Action& action);
void add_context(CLI::App& app, Action& action);
void add_index(CLI::App& app, Action& action);
void add_plan(CLI::App& app, Action& action);
void add_tasks(CLI::App& app, Action& action);  // run, approve, tasks, show, cancel, resume, answer, retry, apply, pr
void add_accept(CLI::App& app, Action& action);
void add_audit(CLI::App& app, Action& action);
void add_evidence(CLI::App& app, Action& action);  // evidence verify, export, key
void add_config(CLI::App& app, Action& action);
// `in_process` is what `--embedded` opens; the light program of a session has none.
void add_lsp(CLI::App& app, Action& action, OpenEngine in_process = {});
void add_mcp(CLI::App& app, Action& action);
void add_hook(CLI::App& app, Action& action);
void add_stop(CLI::App& app, Action& action);
void add_forward(CLI::App& app, Action& action);  // not for users: the way out of an agent's box
void add_chat(CLI::App& app, Action& action);  // not for users: the built-in agent
void add_reside(CLI::App& app, Action& action);  // not for users: how a session gets its engine

inline constexpr const char* kEmbeddedFlag = "--embedded";

}  // namespace baton
