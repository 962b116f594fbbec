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

  void add_folders(const std::vector<Folder>& folders);
  void remove_folders(const std::vector<Folder>& folders);

  // The repository that holds a document; without one, the one used last, else that of the first folder or open document.
  using OnLane = std::function<void(Result<Lane*>)>;
  void with(const std::string& uri, OnLane done);
  // Opens the repositories of the client's folders where Baton has been before; elsewhere an opened folder leaves no trace.
  void open_known(OnLane each);
  Lane* find(const std::string& path) const;  // that is open already and holds this path

  const std::vector<std::unique_ptr<Lane>>& all() const { return lanes_; }
  std::vector<Worker*> workers();

 private:
  Result<std::string> start_of(const std::string& uri) const;
  void open(const std::string& start);
  void opened(const std::string& start, const std::string& canonical, Result<std::unique_ptr<Engine>> engine);
  Lane* lane_at(const std::string& root) const;

  Desk& desk_;
  std::vector<std::string> folders_;               // paths as the client spells them, in its order
  std::vector<std::unique_ptr<Lane>> lanes_;       // never removed: work may be under way in them
  std::map<std::string, Lane*> by_start_;          // folders that are known to lie in one
  std::map<std::string, std::vector<OnLane>> opening_;
  Lane* last_used_ = nullptr;
  Worker opener_;
};

}  // namespace baton
