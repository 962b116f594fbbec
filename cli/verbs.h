// The verbs of the command line, a file each. Every function adds its verb to the application; when the user's line names
// that verb, `action` is set to what it does and gives the exit code. Main thread.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace baton {

using Action = std::function<int()>;

void add_verify(CLI::App& app, Action& action);
void add_doctor(CLI::App& app, Action& action);
void add_diagnose(CLI::App& app, Action& action);
void add_config(CLI::App& app, Action& action);
void add_lsp(CLI::App& app, Action& action);

}  // namespace baton
