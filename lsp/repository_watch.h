// Sees what others do to the repositories of a session: a commit or checkout (HEAD, its branch, packed references) and changes below
// `.baton/`. A few folders of each are watched, one descriptor for all; where the system has no watch left, what is shown is as old
// as the last thing that was asked. Io thread, but that a repository's worker looks at its folders.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "lsp/lane.h"
#include "support/folder_watch.h"

namespace baton {

class RepositoryWatch {
 public:
  enum class Part { head, settings };
  using OnChange = std::function<void(Lane&, Part)>;  // once for what comes together

  RepositoryWatch(Loop& loop, OnChange changed) : loop_(loop), changed_(std::move(changed)) {}
  ~RepositoryWatch();
  RepositoryWatch(const RepositoryWatch&) = delete;
  RepositoryWatch& operator=(const RepositoryWatch&) = delete;

  void follow(Lane& lane);

 private:
  struct Watched {
    Lane* lane;
    Part part;
    std::string name;  // of the file that counts; empty: any
    bool operator<(const Watched& other) const;
  };
  using Places = std::multimap<int, Watched>;  // by the system's number for the folder

  void look_at(Lane& lane);
  void add(const Places& places);
  void wait();
  void saw(int folder, const std::string& name);
  void tell(Lane& lane, Part part);

  Loop& loop_;
  OnChange changed_;
  FolderWatch watch_;
  Places places_;
  std::map<std::pair<Lane*, Part>, bool> telling_;
};

}  // namespace baton
