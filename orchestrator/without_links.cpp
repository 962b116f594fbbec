#include "orchestrator/without_links.h"

namespace baton {

bool without_links(const std::filesystem::path& root, const std::filesystem::path& relative) {
  std::filesystem::path at = root;
  for (const std::filesystem::path& part : relative) {
    if (part == "..") return false;
    at /= part;
    std::error_code failed;
    if (std::filesystem::is_symlink(std::filesystem::symlink_status(at, failed))) return false;
  }
  return true;
}

}  // namespace baton
