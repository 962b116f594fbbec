// Who calls: a person, or a program that a coding agent started. Known by the names of a process and its ancestors, so an agent
// that hides is not found; what it does can be replayed all the same. Any thread.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace baton {

struct Caller {
  std::string actor;   // "cli:<pid>", "lsp:<pid>"
  bool human = false;  // an editor session or a terminal, with no known agent among its ancestors
  std::string agent;   // the one among them; empty: none is known
};

// For people: "a human", "a process below claude", "a process".
std::string by_whom(const Caller& caller);

// The nearest known coding agent among a process and its ancestors.
std::optional<std::string> agent_above(pid_t process);

}  // namespace baton
