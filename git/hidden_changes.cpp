#include "git/hidden_changes.h"

#include <sys/stat.h>

#include <sstream>

#include "git/calls.h"
#include "git/fields.h"
#include "git/tree.h"

namespace baton {
namespace {

// "h 100644 <blob> 0\tpath": a small letter is assume-unchanged, S is skip-worktree, s both.
bool is_hidden(std::string_view field) { return !field.empty() && (field[0] == 'S' || (field[0] >= 'a' && field[0] <= 'z')); }

struct IndexEntry {
  std::string path, blob;
  unsigned mode = 0;
};

IndexEntry entry_of(std::string_view field) {
  IndexEntry entry;
  const auto tab = field.find('\t');
  const std::string_view head = field.substr(0, tab);
  if (tab == field.npos || head.size() < 9) return entry;
  entry.mode = static_cast<unsigned>(std::stoul(std::string(head.substr(2, 6)), nullptr, 8));
  entry.blob = head.substr(9, head.find(' ', 9) - 9);
  entry.path = field.substr(tab + 1);
  return entry;
}

}  // namespace

Result<std::vector<std::string>> hidden_changes(Store& store, std::stop_token stop) {
  const Repository& repository = store.repository();
  // A sparse index that is expanded for the listing would have its trees written anew. Before git 2.35 there is no option.
  auto listed = git_output(in_work_tree(repository, {"ls-files", "--sparse", "-v", "-s", "-z"}), stop);
  if (!listed) listed = git_output(in_work_tree(repository, {"ls-files", "-v", "-s", "-z"}), stop);
  if (!listed) return listed.error();
  std::vector<IndexEntry> there;
  std::string paths;
  for (Fields fields(*listed); !fields.done();) {
    const std::string_view field = fields.next();
    if (!is_hidden(field)) continue;
    IndexEntry entry = entry_of(field);
    struct stat info {};
    const bool is_file = entry.mode == kFileMode || entry.mode == kExecutableMode;
    if (entry.path.empty() || !is_file || ::lstat((repository.root / entry.path).c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
    if (entry.path.find('\n') != std::string::npos) continue;  // git takes a path a line
    paths += entry.path + "\n";
    there.push_back(std::move(entry));
  }
  std::vector<std::string> changed;
  if (there.empty()) return changed;
  // Nothing is written: not even the time of an object of the user's changes.
  GitCall call = in_work_tree(repository, {"hash-object", "--stdin-paths"});
  call.stdin_text = std::move(paths);
  const auto hashes = git_output(call, stop);
  if (!hashes) return hashes.error();
  std::istringstream lines(*hashes);
  std::string hash;
  for (const IndexEntry& entry : there) {
    if (std::getline(lines, hash) && hash != entry.blob) changed.push_back(entry.path);
  }
  return changed;
}

}  // namespace baton
