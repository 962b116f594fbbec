// Ids that the user's own configuration folder keeps, a line each, because what is said of them in a file of the repository could be
// taken away there: no sandbox shows that folder. Several processes may add to one. Blocks; any thread.
#pragma once

#include <filesystem>
#include <string>

#include "support/result.h"

namespace baton {

class IdList {
 public:
  static constexpr std::size_t kMax = 4096;  // the oldest are forgotten beyond it

  explicit IdList(std::filesystem::path file) : file_(std::move(file)) {}
  bool has(const std::string& id) const;
  Status add(const std::string& id);
  const std::filesystem::path& file() const { return file_; }

 private:
  std::filesystem::path file_;
};

}  // namespace baton
