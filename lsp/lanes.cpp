#include "lsp/lanes.h"

#include <algorithm>
#include <filesystem>

#include "lsp/uri.h"
#include "support/log.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

// The client's spelling of a repository's root: what it calls `start`, less the part of `start` below the root.
std::string spelled_root(const std::string& start, const std::string& canonical, const std::string& root) {
  const auto below = path_below(canonical, root);
  if (!below) return root;
  if (below->empty()) return start;
  const std::string tail = "/" + *below;
  return start.ends_with(tail) && start.size() > tail.size() ? start.substr(0, start.size() - tail.size()) : root;
}

// From names alone: no git, and nothing of the repository is read. A linked work tree has a file there, and counts.
bool baton_was_here(fs::path folder) {
  std::error_code error;
  while (!fs::exists(folder / ".git", error) && folder.has_relative_path()) folder = folder.parent_path();
  const fs::path git = folder / ".git";
  return fs::is_regular_file(git, error) || fs::is_directory(git / "baton", error);
}

}  // namespace

void Lanes::add_folders(const std::vector<Folder>& folders) {
  for (const Folder& folder : folders) {
    const auto path = path_of_uri(folder.uri);
    if (!path) {
      log(LogLevel::warning, "not a folder of this machine: " + folder.uri);
    } else if (std::find(folders_.begin(), folders_.end(), *path) == folders_.end()) {
      folders_.push_back(*path);
    }
  }
}

void Lanes::remove_folders(const std::vector<Folder>& folders) {
  for (const Folder& folder : folders) {
    const auto path = path_of_uri(folder.uri);
    if (!path || !std::erase(folders_, *path)) continue;
    const auto lane = by_start_.find(*path);
    if (lane == by_start_.end()) continue;
    lane->second->board.clear();
    if (last_used_ == lane->second) last_used_ = nullptr;
  }
}

// The folder from which a repository is looked for.
Result<std::string> Lanes::start_of(const std::string& uri) const {
  if (!uri.empty()) {
    const auto path = path_of_uri(uri);
    if (!path) return Error{ErrorKind::usage, uri + " is no file of this machine: give a file of the repository."};
    const std::string* inside = nullptr;
    for (const std::string& folder : folders_) {
      if (path_below(*path, folder) && (!inside || folder.size() > inside->size())) inside = &folder;
    }
    return inside ? *inside : fs::path(*path).parent_path().string();
  }
  if (last_used_) return last_used_->spelled;
  if (!folders_.empty()) return folders_.front();
  for (const auto& [key, document] : desk_.documents.all()) {
    if (!document.path.empty()) return fs::path(document.path).parent_path().string();
  }
  return Error{ErrorKind::precondition, "No folder is open: open a file or a folder of a git repository first."};
}

void Lanes::with(const std::string& uri, OnLane done) {
  const auto start = start_of(uri);
  if (!start) return done(start.error());
  if (const auto known = by_start_.find(*start); known != by_start_.end()) {
    last_used_ = known->second;
    return done(last_used_);
  }
  auto& waiting = opening_[*start];
  waiting.push_back(std::move(done));
  if (waiting.size() == 1) open(*start);
}

void Lanes::open_known(OnLane each) {
  for (const std::string& folder : folders_) {
    opener_.submit([this, folder, each] {
      if (!baton_was_here(folder)) return;
      desk_.loop.post([this, folder, each] { with(uri_of_path(folder), each); });
    });
  }
}

void Lanes::open(const std::string& start) {
  opener_.submit([this, start] {
    std::error_code error;
    const std::string canonical = fs::weakly_canonical(start, error).string();
    // A file that is not saved yet may lie in a folder that is not there yet.
    fs::path folder = canonical;
    while (!fs::is_directory(folder, error) && folder.has_relative_path()) folder = folder.parent_path();
    auto engine = std::make_shared<Result<std::unique_ptr<Engine>>>(desk_.open_engine(folder, desk_.env));
    desk_.loop.post([this, start, canonical, engine] { opened(start, canonical, std::move(*engine)); });
  });
}

void Lanes::opened(const std::string& start, const std::string& canonical, Result<std::unique_ptr<Engine>> engine) {
  const auto waiting = std::move(opening_[start]);
  opening_.erase(start);
  if (!engine) {
    for (const OnLane& done : waiting) done(engine.error());
    return;
  }
  const std::string root = (*engine)->repository().root.string();
  Lane* lane = lane_at(root);
  if (!lane) {
    lanes_.push_back(std::make_unique<Lane>(desk_, root, spelled_root(start, canonical, root), std::move(*engine)));
    lane = lanes_.back().get();
  }
  by_start_[start] = lane;
  last_used_ = lane;
  for (const OnLane& done : waiting) done(lane);
}

Lane* Lanes::lane_at(const std::string& root) const {
  const auto found = std::find_if(lanes_.begin(), lanes_.end(), [&](const auto& lane) { return lane->root == root; });
  return found == lanes_.end() ? nullptr : found->get();
}

Lane* Lanes::find(const std::string& path) const {
  Lane* best = nullptr;
  for (const auto& lane : lanes_) {
    if (lane->relative(path) && (!best || lane->root.size() > best->root.size())) best = lane.get();
  }
  return best;
}

std::vector<Worker*> Lanes::workers() {
  std::vector<Worker*> all{&opener_};
  for (const auto& lane : lanes_) {
    all.push_back(&lane->look);
    all.push_back(&lane->judge);
  }
  return all;
}

}  // namespace baton
