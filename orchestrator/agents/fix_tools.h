// The tools of a workspace that mend what they find: how each is found, what is run, over which files, and how its findings are
// read. One table. A linter reports its fixes; a formatter rewrites files of a checkout of ours, and what it changed is the fix.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/agents/fix_readers.h"
#include "orchestrator/agents/fix_wish.h"
#include "orchestrator/agents/workbench.h"

namespace baton {

enum class FixerKind { linter, formatter };

// Where fixers are looked for; nothing is run.
struct FixerScene {
  const FileSource& files;
  const GatePlan& plan;
  std::string path;  // PATH of the client, without folders of projects
};

struct FixerState {
  bool usable = false;
  bool configured = false;  // the workspace itself asks for it, so that it may be used unnamed
  std::string why;          // how it was found, or what is missing
  std::string mend;         // a line that supplies what is missing
};

// What a tool said of a commit. A fix without edits is a finding that it cannot mend.
struct FixLook {
  std::vector<Fix> fixes;
  std::vector<std::string> notes;     // what was not looked at, each a sentence
  std::vector<std::string> evidence;  // statements of its runs
};

struct FixTool {
  std::string_view name;
  FixerKind kind;
  std::string_view command;                // for people and documents
  std::vector<std::string_view> endings;   // of the files that it takes; empty: it chooses them itself
  FixerState (*find)(const FixerScene& scene);
  Result<FixLook> (*look)(const FixTool& tool, Workbench& bench, const FixWish& wish);
};

const std::vector<FixTool>& fix_tools();
const FixTool* find_fix_tool(std::string_view name);

// The tools that a wish is about. An Error where one that it names cannot be used here, or none is found.
Result<std::vector<const FixTool*>> wished_tools(const FixWish& wish, const FixerScene& scene);

// PATH without the folders of projects.
FixerScene fixer_scene(const FileSource& files, const GatePlan& plan, const Environment& client_env);

}  // namespace baton
