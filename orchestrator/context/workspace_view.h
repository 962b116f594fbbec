// The files of a workspace as the index sees them: those of a commit, or those on disk now. Blocks; one value per thread.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "git/objects.h"
#include "orchestrator/context/index_file.h"
#include "support/result.h"

namespace baton {

struct ViewFile {
  std::string path;
  std::string blob;  // tells contents apart
};

class WorkspaceView {
 public:
  virtual ~WorkspaceView() = default;
  const std::vector<ViewFile>& files() const { return files_; }  // in path order; those that may be source or documents
  // What the file holds now; in a folder that may be newer than `blob`.
  virtual Result<std::string> read(const ViewFile& file) const = 0;
  virtual bool holds(const ViewFile& file, std::string_view text) const = 0;  // whether this text is that of `blob`

  // Where its history is; an empty commit: it has none.
  const std::filesystem::path& git_dir() const { return git_dir_; }
  const std::string& commit() const { return commit_; }
  std::size_t left_out() const { return left_out_; }  // files beyond kMaxIndexFiles

 protected:
  void keep_bounded();
  std::vector<ViewFile> files_;
  std::filesystem::path git_dir_;
  std::string commit_;
  std::size_t left_out_ = 0;
};

// `objects` must live as long as the view. `git_dir` holds the commit and its ancestors.
Result<std::unique_ptr<WorkspaceView>> commit_view(Objects& objects, const std::filesystem::path& git_dir, std::string_view commit);

// `seen` of the index saves reading what did not change, and is brought up to date. Without a repository every file counts that
// gates would be looked for in.
Result<std::unique_ptr<WorkspaceView>> folder_view(const std::filesystem::path& root, IndexData& index, std::stop_token stop = {});

}  // namespace baton
