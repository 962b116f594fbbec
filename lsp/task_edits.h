// Pieces of the task commands: what a place of a document tells, code actions, and the edits of a result for the editor. Io thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "lsp/lane.h"

namespace baton {

// The task that a range of a document tells: a `TODO(baton): …` in it, else the text of its lines.
std::string told_by(const Document& document, const Range& range);

// A WorkspaceEdit of a result, against the text that the user sees. An open document that is no longer what the task started
// from is refused by name, since its changes would be lost.
Result<nlohmann::json> workspace_edit(const Desk& desk, const Lane& lane, const nlohmann::json& edits);

// Where something of a task is, and the file that an editor can show of it.
struct TaskPlace {
  std::string path, shown;
};

// The folder of the last attempt that `show` tells of, or of that of a subtask, and a file that was changed in it, since most
// editors show no folders; empty when there is none.
TaskPlace worktree_of(const nlohmann::json& shown, const std::string& subtask);

class TaskActions {
 public:
  TaskActions(const ClientProfile& profile, std::string uri, const std::vector<Json>& given) : profile_(profile), uri_(std::move(uri)), given_(given) {}

  std::vector<nlohmann::json> from_places(const Document& document, const std::string& path, const Range& range) const;
  std::vector<nlohmann::json> about(const std::string& task, const std::string& title, const std::string& state, const std::string& wait,
                                    const std::vector<std::string>& choices) const;

 private:
  nlohmann::json action(const std::string& title, const char* command, nlohmann::json arguments, const nlohmann::json* about = nullptr) const;

  const ClientProfile& profile_;
  std::string uri_;
  const std::vector<Json>& given_;
};

}  // namespace baton
