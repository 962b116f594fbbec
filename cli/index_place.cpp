#include "cli/index_place.h"

#include "git/repository.h"
#include "orchestrator/context/context.h"
#include "orchestrator/state_folder.h"
#include "support/hash.h"
#include "support/places.h"

namespace baton {

namespace fs = std::filesystem;

fs::path index_of_workspace(const fs::path& root) {
  const fs::path cache = cache_home(current_environment());
  if (const auto repository = open_repository(root)) return index_path(state_folder(*repository, cache));
  std::error_code error;
  return index_path(cache / "state" / sha256(fs::absolute(root, error).string()).substr(0, 24));
}

}  // namespace baton
