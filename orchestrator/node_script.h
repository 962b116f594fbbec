// What the scripts of a package.json come down to: the commands at the end of `npm run x && npm-run-all y z`, and what is known
// of each: its kind, the structured reporter to add, how to choose tests. Private to discovery; any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/gate.h"
#include "orchestrator/script.h"

namespace baton {

struct NodePackage {
  std::string folder;                             // relative to the root
  std::string name;
  std::map<std::string, std::string> scripts;
  std::map<std::string, std::string> dependencies;  // all kinds: name -> range
  bool module_type = false;                       // "type": "module"
};

// A command that a script comes down to. `opaque`: text that only a shell can read; it is run by `npm run <script>`.
struct NodeCommand {
  SimpleCommand command;     // wrappers that only set variables are taken off
  std::vector<ShellWord> wrapper;  // coverage tool and its options in front of the command, kept
  std::string script;        // the script that holds it
  bool opaque = false;
  bool workspaces = false;   // runs `script` in every workspace of the package
};

// The leaves of a script, its pre and post scripts included, in order. Empty when there is no such script.
std::vector<NodeCommand> expand_script(const NodePackage& package, std::string_view script);

enum class NodeRole {
  runner,      // runs tests and is known
  maybe_runner,  // may run tests (`node test.js`): read by content
  typecheck,
  build,       // emits files that later commands may need
  lint,
  housekeeping,  // cleaning, echo: of no use in a clean checkout
  unknown,
};

struct NodeTool {
  NodeRole role = NodeRole::unknown;
  std::string name;                  // "ava", "node --test", "tsc"
  std::string parser;
  std::vector<std::string> argv;     // with the reporter added
  std::vector<std::string> reports;
  std::vector<std::string> select_argv;
  std::string select_join;
};

NodeTool recognise(const NodeCommand& command, const std::map<std::string, std::string>& dependencies);

// The command with node's own test reporter, for a file that is known to use node:test.
NodeTool with_node_reporter(const NodeCommand& command);

bool is_placeholder(std::string_view script_text);  // npm's own `echo "Error: no test specified" && exit 1`

}  // namespace baton
