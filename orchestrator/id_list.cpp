#include "orchestrator/id_list.h"

#include <algorithm>
#include <vector>

#include "support/files.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> lines_of(const fs::path& file) {
  std::vector<std::string> lines;
  const auto text = read_file(file, 1u << 20);
  if (!text) return lines;
  for (std::size_t at = 0; at < text->size();) {
    const std::size_t end = std::min(text->find('\n', at), text->size());
    if (end > at) lines.push_back(text->substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

}  // namespace

bool IdList::has(const std::string& id) const {
  if (id.empty()) return false;
  const auto ids = lines_of(file_);
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

Status IdList::add(const std::string& id) {
  if (auto made = make_folder(file_.parent_path(), 0700); !made) return made;
  fs::path lock_path = file_;
  lock_path += ".lock";
  auto lock = FileLock::acquire(lock_path);
  if (!lock) return lock.error();
  auto ids = lines_of(file_);
  ids.push_back(id);
  std::string text;
  for (std::size_t i = ids.size() > kMax ? ids.size() - kMax : 0; i < ids.size(); ++i) text += ids[i] + "\n";
  return write_file(file_, text, 0600);
}

}  // namespace baton
