// What other tools are told about making a work tree ready, which holds for ours as well: `.cursor/worktrees.json`, `conductor.json`,
// `.codex/environments/environment.toml`, a devcontainer. The first of them that says something counts, since they say the same in
// different words. A step that copies a file from the user's own tree becomes a file to lend; one that installs what is installed
// already is left out; one that needs more of the user's tree cannot be done here and is named. For agents' work trees alone: a
// verdict rests on what the gates need and nothing else. Runs nothing; any thread.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/discover.h"

namespace baton {

struct ForeignSetup {
  std::vector<Gate> steps;          // in order
  std::vector<std::string> copies;  // paths of the user's tree
  std::vector<std::string> notes;   // a sentence for each step that is not done
};

// `known`: what is installed and configured without it.
ForeignSetup foreign_setup(const FileSource& files, const GatePlan& known);

// What trust is asked for: steps as they run, copies as commands.
std::vector<Gate> for_trust(const ForeignSetup& setup);

}  // namespace baton
