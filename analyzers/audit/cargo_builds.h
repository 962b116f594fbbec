// What cargo gives to a repository's own builds alone, its tests among them, and to nobody who uses the crate: features that the crate asks of
// itself for tests, names and variables of .cargo/config.toml, what build.rs says of a build for debugging. Where the program asks for it, it
// is another one under its tests. Pure; any thread.
#pragma once

#include <vector>

#include "analyzers/audit/audit.h"
#include "analyzers/audit/intent.h"

namespace baton::audit {

std::vector<AuditFinding> audit_cargo_builds(const std::vector<AuditedFile>& files, const Intent& intent);

}  // namespace baton::audit
