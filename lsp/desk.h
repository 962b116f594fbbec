// What the parts of a session work with. Owned by the session, longer-lived than all of them. Io thread.
#pragma once

#include <unistd.h>

#include <functional>
#include <memory>
#include <string>

#include "lsp/client.h"
#include "lsp/documents.h"
#include "lsp/loop.h"
#include "orchestrator/engine.h"

namespace baton {

// Opens the engine of the repository around a folder; called on a worker thread.
using OpenEngine = std::function<Result<std::unique_ptr<Engine>>(const std::filesystem::path&, const Environment&)>;

// The user, who acts by the editor; the engine sees what is behind it.
inline Caller editor_caller() { return {"lsp:" + std::to_string(::getpid()), true, {}}; }

struct Desk {
  Loop& loop;
  Client& client;
  Documents& documents;
  OpenEngine open_engine;
  Environment env;
  std::function<void()> shown = {};  // a report is shown, or reads otherwise
};

}  // namespace baton
