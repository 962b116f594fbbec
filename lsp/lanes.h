// The repositories of a session: found from the client's folders and documents when a command needs them, opened on a worker,
// an engine each. Io thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lsp/lane.h"
#include "lsp/protocol.h"

namespace baton {

class Lanes {
 public:
  explicit Lanes(Desk& desk) : desk_(desk) {}

  void on_new(std::function<void(Lane&)> opened) { on_new_ = std::move(opened); }

  void add_folders(const std::vector<Folder>& folders, std::vector<std::string>* added = nullptr);
  void remove_folders(const std::vector<Folder>& folders);

  // The repository around a document or folder; without one, the one used last, else the first that is found among the client's
  // folders and open documents.
  using OnLane = std::function<void(Result<Lane*>)>;
  void with(const std::string& uri, OnLane done);
  // Opens the repositories of these folders where Baton has been before; elsewhere an opened folder leaves no trace.
  void open_known(const std::vector<std::string>& folders, OnLane each);
  const std::vector<std::string>& folders() const { return folders_; }
  Lane* find(const std::string& path) const;  // that is open already and holds this path

  const std::vector<std::unique_ptr<Lane>>& all() const { return lanes_; }
  std::vector<Worker*> workers();

 private:
  struct Found {  // from names alone, on the worker
    std::string spelled, canonical;  // the folder that a start stands for
    std::string top;                 // the folder around it that has a .git; empty: none
  };
  std::vector<std::string> starts() const;
  void first_of(std::vector<std::string> starts, std::optional<Error> why, OnLane done);
  void reach(const std::string& start, OnLane done);
  void open(const std::string& start, Found found);
  void opened(const std::string& start, const Found& found, Result<std::unique_ptr<Engine>> engine);
  void finish(const std::string& start, const Result<Lane*>& lane);
  bool covered(const Lane& lane, const std::string& folder) const;
  Lane* lane_at(const std::string& root) const;
  Overlay unsaved_of(const Lane& lane) const;

  Desk& desk_;
  std::vector<std::string> folders_;               // paths as the client spells them, in its order
  std::vector<std::unique_ptr<Lane>> lanes_;       // never removed: work may be under way in them
  std::map<std::string, Lane*> by_start_;          // paths that are known to lie in one, and tops
  std::map<std::string, std::vector<OnLane>> opening_;
  Lane* last_used_ = nullptr;
  std::function<void(Lane&)> on_new_;
  Worker opener_;
};

}  // namespace baton
