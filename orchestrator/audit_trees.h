// The two versions of what a change touches, as the audit reads them: from two folders, from two trees of the store, or from the
// working tree as it lies on the disk. Runs nothing that the repository names, so it needs no trust. Blocks; pool threads.
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "analyzers/audit/audit.h"
#include "git/store.h"
#include "support/process.h"
#include "support/result.h"

namespace baton {

Result<std::vector<AuditedFile>> changed_between_folders(const std::filesystem::path& before, const std::filesystem::path& after);

// An empty base tree holds nothing.
Result<std::vector<AuditedFile>> changed_between_trees(const Store& store, const std::string& base_tree, const std::string& head_tree);

// What the step from one tree to the other does to what is checked. Bounded in bytes, so that it says the same each time: what is left
// unread is a finding of its own. `task`: what was asked for, where that is known.
Result<Audit> audit_trees(const Store& store, const std::string& base_tree, const std::string& head_tree, const std::optional<std::string>& task, std::stop_token stop);

// `base` empty: HEAD; `head` empty: the working tree.
Result<std::vector<AuditedFile>> changed_in_repository(const std::filesystem::path& inside, const std::string& base, const std::string& head, std::stop_token stop);

}  // namespace baton
