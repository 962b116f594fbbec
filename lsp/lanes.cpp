#include "lsp/lanes.h"

#include <algorithm>
#include <filesystem>
#include <future>

#include "lsp/uri.h"
#include "lsp/verification.h"
#include "support/log.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxStarts = 16;              // folders, and documents, that are tried when no place is named
constexpr std::chrono::milliseconds kUnsaved{500};  // for the io thread to say what is open
constexpr std::size_t kMaxKnown = 4096;             // paths whose repository is remembered

// The client's spelling of a repository's root: what it calls `start`, less the part of `start` below the root.
std::string spelled_root(const std::string& start, const std::string& canonical, const std::string& root) {
  const auto below = path_below(canonical, root);
  if (!below) return root;
  if (below->empty()) return start;
  const std::string tail = "/" + *below;
  return start.ends_with(tail) && start.size() > tail.size() ? start.substr(0, start.size() - tail.size()) : root;
}

// From names alone: no git, and nothing of the repository is read.
fs::path top_of(fs::path folder) {
  std::error_code error;
  while (!fs::exists(folder / ".git", error)) {
    if (!folder.has_relative_path()) return {};
    folder = folder.parent_path();
  }
  return folder;
}

// A linked work tree has a file there, and counts.
bool baton_was_here(const fs::path& folder) {
  const fs::path top = top_of(folder);
  std::error_code error;
  return !top.empty() && (fs::is_regular_file(top / ".git", error) || fs::is_directory(top / ".git/baton", error));
}

}  // namespace

void Lanes::add_folders(const std::vector<Folder>& folders, std::vector<std::string>* added) {
  for (const Folder& folder : folders) {
    const auto path = path_of_uri(folder.uri);
    if (!path) {
      log(LogLevel::warning, "not a folder of this machine: " + folder.uri);
    } else if (std::find(folders_.begin(), folders_.end(), *path) == folders_.end()) {
      folders_.push_back(*path);
      for (const auto& lane : lanes_) lane->removed = lane->removed && !covered(*lane, *path);
      if (added) added->push_back(*path);
    }
  }
}

bool Lanes::covered(const Lane& lane, const std::string& folder) const {
  return lane.relative(folder) || path_below(lane.spelled, folder) || path_below(lane.root, folder);
}

// What is shown of a repository goes when its last folder does; what runs goes on, since another window may wait for
// it.
void Lanes::remove_folders(const std::vector<Folder>& folders) {
  for (const Folder& folder : folders) {
    const auto path = path_of_uri(folder.uri);
    if (!path || !std::erase(folders_, *path)) continue;
    for (const auto& lane : lanes_) {
      const auto covers = [&](const std::string& other) { return covered(*lane, other); };
      if (!covers(*path) || std::any_of(folders_.begin(), folders_.end(), covers)) continue;
      lane->remove();
      if (last_used_ == lane.get()) last_used_ = nullptr;
    }
  }
}

// Where a repository is looked for when no place is named.
std::vector<std::string> Lanes::starts() const {
  if (last_used_) return {last_used_->spelled};
  std::vector<std::string> all(folders_.begin(),
                               folders_.begin() + static_cast<std::ptrdiff_t>(std::min(folders_.size(), kMaxStarts)));
  for (const auto& [key, document] : desk_.documents.all()) {
    if (all.size() >= 2 * kMaxStarts) break;
    if (!document.path.empty()) all.push_back(document.path);
  }
  return all;
}

void Lanes::with(const std::string& uri, OnLane done) {
  const auto used = [this, done = std::move(done)](Result<Lane*> lane) {
    if (lane) {
      last_used_ = *lane;
      last_used_->removed = false;  // asked for by a document that is open all the same
    }
    done(std::move(lane));
  };
  if (uri.empty()) return first_of(starts(), std::nullopt, used);
  const auto path = path_of_uri(uri);
  if (!path) return used(Error{ErrorKind::usage, uri + " is no file of this machine: give a file of the repository."});
  reach(*path, used);
}

// The first start that lies in a repository; when none does, what was wrong with the first.
void Lanes::first_of(std::vector<std::string> starts, std::optional<Error> why, OnLane done) {
  if (starts.empty()) {
    return done(
        why ? *why
            : Error{ErrorKind::precondition, "No folder is open: open a file or a folder of a git repository first."});
  }
  const std::string start = starts.front();
  starts.erase(starts.begin());
  reach(start, [this, starts = std::move(starts), why = std::move(why), done = std::move(done)](Result<Lane*> lane) {
    if (lane) return done(std::move(lane));
    first_of(starts, why ? why : lane.error(), done);
  });
}

void Lanes::open_known(const std::vector<std::string>& folders, OnLane each) {
  for (const std::string& folder : folders) {
    opener_.submit([this, folder, each] {
      if (!baton_was_here(folder)) return;
      desk_.loop.post([this, folder, each] { reach(folder, each); });
    });
  }
}

void Lanes::reach(const std::string& start, OnLane done) {
  if (const auto known = by_start_.find(start); known != by_start_.end()) return done(known->second);
  auto& waiting = opening_[start];
  waiting.push_back(std::move(done));
  if (waiting.size() > 1) return;
  opener_.submit([this, start] {
    std::error_code error;
    // A file that is not saved yet may lie in a folder that is not there yet.
    fs::path folder = start;
    while (!fs::is_directory(folder, error) && folder.has_relative_path()) folder = folder.parent_path();
    Found found{folder.string(), fs::weakly_canonical(folder, error).string(), {}};
    found.top = top_of(found.canonical).string();
    desk_.loop.post([this, start, found] { open(start, found); });
  });
}

void Lanes::open(const std::string& start, Found found) {
  const auto known = by_start_.find(found.top);
  if (known != by_start_.end()) return finish(start, known->second);
  opener_.submit([this, start, found] {
    auto engine = std::make_shared<Result<std::unique_ptr<Engine>>>(desk_.open_engine(found.canonical, desk_.env));
    desk_.loop.post([this, start, found, engine] { opened(start, found, std::move(*engine)); });
  });
}

void Lanes::opened(const std::string& start, const Found& found, Result<std::unique_ptr<Engine>> engine) {
  if (!engine) return finish(start, engine.error());
  const std::string root = (*engine)->repository().root.string();
  Lane* lane = lane_at(root);
  if (!lane) {
    lanes_.push_back(
        std::make_unique<Lane>(desk_, root, spelled_root(found.spelled, found.canonical, root), std::move(*engine)));
    lane = lanes_.back().get();
    lane->engine->offer_unsaved([this, lane] { return unsaved_of(*lane); });
    if (on_new_) on_new_(*lane);
  }
  if (by_start_.size() >= kMaxKnown) by_start_.clear();
  if (found.top == root) by_start_[found.top] = lane;
  by_start_[start] = lane;
  finish(start, lane);
}

// Asked from a thread of the engine's connection. The io thread says which documents there are, unless it is at its
// end.
Overlay Lanes::unsaved_of(const Lane& lane) const {
  const auto live = std::make_shared<std::promise<std::vector<LiveText>>>();
  auto told = live->get_future();
  desk_.loop.post([this, &lane, live] { live->set_value(live_texts(desk_, lane)); });
  if (told.wait_for(kUnsaved) != std::future_status::ready) return {};
  std::vector<std::string> ignored;
  return unsaved_text(lane.root, told.get(), ignored);
}

void Lanes::finish(const std::string& start, const Result<Lane*>& lane) {
  const auto waiting = std::move(opening_[start]);
  opening_.erase(start);
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
