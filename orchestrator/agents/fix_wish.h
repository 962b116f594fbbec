// What a task wants of the workspace's own tools: "Fix the clang-tidy findings modernize-* in src", "apply ruff's fixes", "format the
// code". Read from the text by rules; a text that asks for anything else beside it is no such wish. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/agents/fix.h"
#include "orchestrator/file_source.h"

namespace baton {

struct FixWish {
  std::vector<std::string> tools;   // by the names of fix_tools.h, as the text names them; none: every linter or formatter that is found
  bool formats = false;             // without named tools: formatters, else linters
  std::vector<std::string> checks;  // patterns of checks that the text names: `modernize-*`; a leading `-` leaves out. Empty: as configured
  std::vector<std::string> paths;   // files and folders; empty: all
  std::vector<std::string> not_in;  // files and folders to be left alone
  bool operator==(const FixWish&) const = default;
};

std::optional<FixWish> fix_wish(std::string_view text, const FileSource& files);

// Whether a finding is one that the wish speaks of, by its check and its file.
bool is_wished(const FixWish& wish, const Fix& fix);

}  // namespace baton
