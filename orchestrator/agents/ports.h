// Ports of this machine lent to one attempt, so that servers of agents that work beside each other do not meet. A lease is a lock on
// a file, so that it ends with its process. Below the ports that systems give out by themselves. Blocks; any thread.
#pragma once

#include <filesystem>

#include "support/files.h"
#include "support/result.h"

namespace baton {

class PortLease {
 public:
  static constexpr int kCount = 10;  // in a row

  // `folder`: where all leases of the user are, `<cache_home>/ports`.
  static Result<PortLease> take(const std::filesystem::path& folder);
  int first() const { return first_; }

 private:
  PortLease(int first, FileLock lock) : first_(first), lock_(std::move(lock)) {}
  int first_;
  FileLock lock_;
};

}  // namespace baton
