// The bare object store of ours at `<common>/baton/store.git` (in the user's cache where that may not be written):
// objects borrowed from the user's repository (alternates), new ones written here, so that nothing of ours is ever a
// ref or an object of the user's repository. Blocks; pool threads. One Store value per thread; several processes may
// use the same store.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "git/repository.h"
#include "support/result.h"

namespace baton {

struct TreeEntry {
  std::string path;         // bytes as git has them, forward slashes
  std::string blob;         // object id
  unsigned mode = 0100644;  // 0100644, 0100755, 0120000 symlink, 0160000 submodule commit
  std::uint64_t size = 0;   // bytes, only where asked for
};

enum class ChangeKind { added, deleted, modified, renamed };
struct FileChange {
  ChangeKind kind = ChangeKind::modified;
  std::string path;            // on the new side (on the old one when deleted)
  std::string old_path;        // differs from `path` when renamed
  int added = 0, removed = 0;  // lines; 0/0 for binary
  bool binary = false;
};

class Objects;

class Store {
 public:
  static Result<Store> open(
      const Repository& repository);  // makes it when absent, mends alternates when the clone moved
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  const std::filesystem::path& path() const;
  const Repository& repository() const;

  Result<std::string> resolve_commit(std::string_view revision) const;  // any rev of the user's repository -> commit id
  Result<std::string> tree_of(std::string_view commit) const;
  Result<std::vector<TreeEntry>> list(std::string_view tree) const;  // all files, recursively, in path order
  // File content, through symlinks that stay inside the tree; absent = no such file.
  Result<std::optional<std::string>> read(std::string_view tree, std::string_view path) const;
  Result<std::string> read_blob(std::string_view blob) const;
  // The entry itself, a link too; absent where there is none or a folder.
  Result<std::optional<TreeEntry>> find(std::string_view tree, std::string_view path) const;
  Result<std::vector<FileChange>> changes(std::string_view old_tree, std::string_view new_tree) const;  // renames found
  // The same without lines counted, and a renamed file as one deleted and one added: the trees alone say it, and no process is started.
  Result<std::vector<FileChange>> touched(std::string_view old_tree, std::string_view new_tree) const;

  // Writes a commit object into the store; deterministic author "Baton <baton@localhost>" at `when` seconds.
  Result<std::string> write_commit(std::string_view tree, const std::vector<std::string>& parents,
                                   std::string_view message, std::int64_t when);
  Result<std::string> write_blob(std::string_view bytes);
  // `base` with files replaced (blob set) or removed (blob empty).
  Result<std::string> write_tree(std::string_view base, const std::vector<TreeEntry>& updates);
  Objects& objects() const;  // for this folder's own use

  // Keeps a commit alive in the store's own refs (refs/baton/<name>), packed so that the user's gc cannot take it away.
  Status keep(std::string_view name, std::string_view commit);

 private:
  struct State;
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace baton
