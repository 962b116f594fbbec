// Gates of tools that are told by data alone: gate_tools.json has a row a tool, with what shows that the workspace uses it (a file, a
// section of a file, a call in CI and its like), where the tool comes from, and the commands. docs/gates.md has the fields. What
// needs more than a row has a finder of its own. Any thread.
#pragma once

#include <string_view>

#include "orchestrator/discover_parts.h"

namespace baton {

std::string_view gate_tools_json();  // the embedded file

void discover_tools(Scene& scene);                          // the table that is built in
void discover_tools(Scene& scene, std::string_view table);  // one of the same form

}  // namespace baton
