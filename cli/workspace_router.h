// The router and the facts of a workspace, as verbs that only look need them: nothing is run, no engine is asked.
#pragma once

#include <filesystem>

#include "orchestrator/router.h"

namespace baton {

struct WorkspaceRouter {
  Router router;
  WorkspaceFacts facts;
};

// Without files the words alone decide, and nothing but the configuration is read.
Result<WorkspaceRouter> open_workspace_router(const std::filesystem::path& folder, bool with_files = true);

}  // namespace baton
