#include "orchestrator/state_folder.h"

#include <unistd.h>

#include "support/hash.h"

namespace baton {

namespace fs = std::filesystem;

fs::path state_folder(const Repository& repository, const fs::path& cache_home) {
  std::error_code ignored;
  const fs::path own = repository.baton_dir();
  const fs::path nearest = fs::exists(own, ignored) ? own : repository.common_dir;
  if (::access(nearest.c_str(), W_OK) == 0) return own;
  return cache_home / "state" / sha256(repository.common_dir.string()).substr(0, 24);
}

}  // namespace baton
