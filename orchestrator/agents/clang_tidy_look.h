// clang-tidy over the translation units that a build knows: the part of the table of fix_tools.h that needs the build configured
// first. Private to it.
#pragma once

#include "orchestrator/agents/fix_tools.h"

namespace baton {

FixerState find_clang_tidy(const FixerScene& scene);
Result<FixLook> look_with_clang_tidy(const FixTool& tool, Workbench& bench, const FixWish& wish);

}  // namespace baton
