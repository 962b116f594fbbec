// The index of one repository's files and history as it lies on disk: what was read once is not read again. A cache and nothing
// more: whatever is wrong with the file (cut, changed, of another version) it counts as absent, and it may be removed at any time.
// Written whole and renamed, so that processes that write at once leave one good file. One value per thread; blocks on the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyzers/context/chunks.h"
#include "analyzers/context/file_signals.h"
#include "support/result.h"

namespace baton {

inline constexpr std::uint32_t kIndexVersion = 1;      // of the format, of tokens, and of chunks: another one is no index
inline constexpr std::size_t kMaxIndexFiles = 40'000;  // contents; those that were not used for longest go first
inline constexpr std::uint64_t kMaxIndexBytes = 512u << 20;

struct IndexedFile {
  FileTerms terms;
  bool is_cut = false;        // `chunks` and `symbols` are known
  std::vector<Chunk> chunks;
  std::uint32_t symbols = 0;
  std::uint32_t used = 0;     // number of the run that used it last
};

struct SeenFile {             // a file of the work tree, by what says that it did not change
  std::uint64_t size = 0;
  std::int64_t modified = 0;  // nanoseconds
  std::string blob;
};

struct IndexData {
  TermTable terms, paths;
  std::unordered_map<std::string, IndexedFile> files;  // by blob id
  std::map<std::string, SeenFile> seen;                // by path
  std::int64_t seen_at = 0;                            // nanoseconds; what was modified since is not told by its time
  std::string history_of;                              // the commit that `commits` ends with; empty: none was read
  std::vector<PastCommit> commits;                     // newest first
  std::uint32_t run = 0;
};

// Empty data where there is no good file.
IndexData read_index(const std::filesystem::path& file);
Status write_index(const std::filesystem::path& file, IndexData& data);

}  // namespace baton
