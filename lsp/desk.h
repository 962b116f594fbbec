// What the parts of a session work with. Owned by the session, longer-lived than all of them. Io thread.
#pragma once

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

struct Desk {
  Loop& loop;
  Client& client;
  Documents& documents;
  OpenEngine open_engine;
  Environment env;
  Caller caller;                     // who acts by the editor; the engine sees for itself what is above this process
  std::function<void()> shown = {};  // a report is shown, or reads otherwise
};

}  // namespace baton
