// The `Engine` face over the wire: what a session and a shell verb hold of an engine in another process. Links neither git nor
// the database nor a grammar. Calls may run side by side; when the engine dies under them they fail with one sentence, and the
// next call starts another engine.
#pragma once

#include "orchestrator/engine.h"
#include "orchestrator/engine_wire.h"

namespace baton {

// Starts the repository's engine where none runs (libexec/baton-engine, which detaches itself), and attaches to it as a window of an
// editor: its unsaved text is part of the working tree (`Engine::offer_unsaved`), and tasks may stop when the last one closes.
Result<std::unique_ptr<Engine>> attach_engine(const std::filesystem::path& inside, const Environment& client_env);

// Attaches to an engine that runs, from a shell.
Result<std::unique_ptr<Engine>> attach_to(const EngineAddress& address, const std::filesystem::path& inside,
                                          const Environment& client_env);

// Asks an engine to leave: true when it does, a precondition error when it is at work and `if_idle`.
Status ask_to_leave(const EngineAddress& address, bool if_idle);

}  // namespace baton
