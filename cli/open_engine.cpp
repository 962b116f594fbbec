#include "cli/open_engine.h"

#include <filesystem>

#include "orchestrator/attached_engine.h"
#include "orchestrator/resident.h"

namespace baton {

Result<std::unique_ptr<Engine>> open_engine(const std::string& workspace, bool embedded, const Environment& env) {
  if (!embedded) {
    if (const auto running = running_engine(workspace, env); running && *running && (**running).protocol == kEngineProtocol) {
      if (auto attached = attach_to(**running, std::filesystem::absolute(workspace), env)) return attached;
    }
  }
  return Engine::open(workspace, env);
}

}  // namespace baton
