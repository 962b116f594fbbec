// The one table of what goes over the wire: methods, commands and capabilities. The binder refuses what is not in it, the
// client face sends nothing that is not in it, tests and docs/protocol.md are checked against it. Static; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string_view>

#include "lsp/client_profile.h"

namespace baton {

enum class Direction { from_client, to_client };
enum class MethodKind { request, notification };

struct Method {
  std::string_view name;
  Direction direction;
  MethodKind kind;
  std::string_view params;  // the type's name in the protocol
  std::string_view needs;   // what the client must have declared before we send it; empty: nothing
  bool ClientProfile::*declared;  // the same, as asked; null: nothing
};

// Of code actions that are about a document and not about something wrong in it.
inline constexpr const char* kSourceKind = "source.baton";

struct Command {
  std::string_view name;
  std::string_view arguments;
  std::string_view does;
};

std::span<const Method> methods();
std::span<const Command> commands();
const Method* find_method(std::string_view name, Direction direction);
nlohmann::json server_capabilities(const ClientProfile& client);

std::string_view to_string(Direction direction);
std::string_view to_string(MethodKind kind);

}  // namespace baton
