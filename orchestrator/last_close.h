// `onLastClose`: whether running tasks stop when the last window of an editor closes, and which ones did, so that they go on when
// one opens again, also with another engine. Blocks; any thread, one at a time.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "support/process.h"
#include "support/result.h"

namespace baton {

// The user's own configuration over that of the repository. What cannot be read says nothing.
bool parks_on_last_close(const std::filesystem::path& root, const Environment& env);

struct ParkedTask {
  std::string root, task;
  bool operator==(const ParkedTask&) const = default;
};

class ParkedTasks {
 public:
  explicit ParkedTasks(std::filesystem::path file) : file_(std::move(file)) {}  // the user's own, never the repository's
  Status add(const ParkedTask& task) const;
  std::vector<ParkedTask> take() const;  // all, once

 private:
  std::filesystem::path file_;
};

}  // namespace baton
