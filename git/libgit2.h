// What every file here that uses libgit2 needs: start it once, hold its handles, read its error. Included by .cpp files
// only.
#pragma once

#include <git2.h>

#include <memory>
#include <string>

namespace baton {

// Starts the library once per process. Owner checks are ours (repository.cpp), for every object format alike.
inline void start_libgit2() {
  static const bool started = [] {
    git_libgit2_init();
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    return true;
  }();
  (void)started;
}

template <auto Free>
struct FreeGit {
  template <class T>
  void operator()(T* handle) const {
    Free(handle);
  }
};
using GitOdb = std::unique_ptr<git_odb, FreeGit<git_odb_free>>;
using GitOdbObject = std::unique_ptr<git_odb_object, FreeGit<git_odb_object_free>>;

inline std::string libgit2_error() {
  const git_error* error = git_error_last();
  return error && error->message ? error->message : "unknown error";
}

}  // namespace baton
