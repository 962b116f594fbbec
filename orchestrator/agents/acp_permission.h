// What an agent may do that asks before it acts: by kind, path and command. Edits inside its work tree and reading are allowed, each
// once; a command that is listed is allowed, another is put to the user; what leads out of the work tree is refused. Nothing is ever
// allowed "always", whatever is offered, and how options are called means nothing: their kind does. It asks no more than an agent
// chooses to tell; what holds is the box. Looks at links of the work tree; any thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "orchestrator/agents/acp_messages.h"

namespace baton {

struct PermissionGround {
  std::filesystem::path inner;  // the work tree as the agent sees it
  std::filesystem::path tree;   // the same, where it lies
  std::vector<std::filesystem::path> own;  // other folders of its own, as it sees them: HOME, the temporary folder
  std::vector<std::string> allow;          // commands by their first words, besides those that everyone may run; "*" for all
  bool isolated = false;                   // the box holds what the agent does not tell
};

struct PermissionAnswer {
  enum class Kind { allow, refuse, ask };
  Kind kind = Kind::refuse;
  std::string reason;  // for the log and the user: "outside its work tree: /etc/hosts"
};

PermissionAnswer judge_permission(const AcpToolCall& call, const PermissionGround& ground);

// The id of the option that says it, once. Absent: the request is answered "cancelled".
std::optional<std::string> option_for(const AcpPermission& permission, bool allow);

// What a call is about, for people: "run `npm publish`", "edit src/a.cpp".
std::string in_words(const AcpToolCall& call);

// Inside the work tree, links followed; as a path of the host. Absent where it leads out.
std::optional<std::filesystem::path> inside_tree(const std::string& path, const PermissionGround& ground);

}  // namespace baton
