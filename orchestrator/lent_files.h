// Files that a checkout cannot do without and that no commit holds (`worktree.copy`, usually `.env`), lent from the user's own
// tree: a command without network finds them, one with network never does, and nothing of them stays in a checkout. A verdict
// that rests on them is provisional and its evidence names them with their hashes. Blocks; any thread.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "support/result.h"

namespace baton {

struct LentFile {
  std::string path;    // relative to the root, with forward slashes
  std::string bytes;
  std::string sha256;  // of the bytes
  unsigned mode = 0644;
};

struct LentFiles {
  std::vector<LentFile> files;
  std::vector<std::string> notes;  // a sentence for each, also for what was named and could not be read

  std::map<std::string, std::string> digests() const;  // path -> sha256
  std::vector<std::string> secrets() const;            // values of `NAME=value` lines whose names say secret
};

// Regular files below the root that no link leads out of; a file over 16 MiB is left out.
LentFiles read_lent_files(const std::filesystem::path& root, const std::vector<std::string>& paths);

// The files in a checkout while the value lives. A path that the checkout holds itself is left as it is.
class Lending {
 public:
  static Result<Lending> begin(const std::vector<LentFile>& files, const std::filesystem::path& checkout);
  Lending(Lending&&) = default;
  Lending& operator=(Lending&&) = delete;
  ~Lending();

  const std::map<std::string, std::string>& digests() const { return digests_; }  // of what was lent: path -> sha256

 private:
  Lending() = default;
  std::vector<std::filesystem::path> made_;  // files, then the folders made for them
  std::map<std::string, std::string> digests_;
};

}  // namespace baton
