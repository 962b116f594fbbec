// Which parts of a workspace an agent should see first for a task, under a budget of tokens: files ranked by words, names and
// history, cut along their syntax, packed with the signatures that make them readable. The slice is where an agent begins, never a
// fence. Blocks; one value per thread.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/context/file_rank.h"
#include "analyzers/context/pack.h"
#include "orchestrator/context/workspace_view.h"

namespace baton {

struct ContextRequest {
  std::string text;                      // the task
  std::size_t budget = 8000;             // tokens
  std::vector<std::string> near;         // patterns of files that are likelier: a domain's own
  std::vector<std::string> expected;     // patterns of files that are much likelier: what a plan says will change
  bool joined = true;                    // a file of which all is taken is one piece; else every prefix is the slice of a smaller budget
};

struct SlicePiece {
  std::string path;
  std::vector<LineRange> lines;
  std::size_t tokens = 0;
  std::string reason;   // why this file
  std::string content;  // of those lines
};

struct ContextSlice {
  std::vector<SlicePiece> pieces;      // in the order of their worth; a file may come again with other lines
  std::size_t tokens = 0;              // of the pieces
  std::size_t whole_tokens = 0;        // of the same files as a whole
  std::size_t workspace_tokens = 0;    // of all source
  std::size_t left_out = 0;            // source files that were not looked at, since there are too many
};

struct IndexCounts {
  std::size_t files = 0, symbols = 0;
  std::uint64_t bytes = 0;  // of their text
};

class ContextIndex {
 public:
  // `file`: where it is kept; empty: nowhere.
  explicit ContextIndex(std::filesystem::path file);

  IndexData& data() { return data_; }

  // Reads what is new in the files and the history of a view. `syntax`: cuts every file at once, where a slice cuts those it needs.
  Status refresh(const WorkspaceView& view, bool syntax, std::stop_token stop = {});
  // Of the view that was refreshed last. An Error: the text has no word to look for.
  Result<ContextSlice> slice(const WorkspaceView& view, const ContextRequest& request, std::stop_token stop = {});
  IndexCounts counts(const WorkspaceView& view) const;

  // Writes what is new; a file that cannot be written costs the next run time and nothing else.
  Status save();

  // For learning: the files that are ranked, and what is said of them.
  std::vector<ContextFile> candidates(const WorkspaceView& view) const;
  PastChanges past() const { return {&data_.paths, &data_.commits}; }
  const RankModel* model = &learned_model();
  PackChoice choice;
  double temperature = 1;

 private:
  Status refresh_history(const WorkspaceView& view, std::stop_token stop);
  const std::vector<Chunk>& cut(const ViewFile& file, std::string_view text);

  std::filesystem::path file_;
  IndexData data_;
  bool changed_ = false;
};

// Where the index of a repository is kept, below its state folder.
std::filesystem::path index_path(const std::filesystem::path& state);

}  // namespace baton
