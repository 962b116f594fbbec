// Where a verification works: `<cache_home>/baton/runs/<repository>/area`, never the user's tree. Each side has a folder with
// its checkout, a private HOME and a private /tmp. Commands of both sides see the same paths, so that build trees and virtual
// environments are equal: a side's folder is renamed to "work" while it is in use, and the sandbox binds its checkout at a path
// that names no user and no cache.
//
// Whoever makes a WorkArea holds the repository's verify lock, so whatever else lies there was left by a dead run: it is put
// aside and swept. Blocks.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "git/checkout.h"
#include "git/sparse_cone.h"
#include "git/store.h"
#include "support/result.h"
#include "support/sandbox.h"

namespace baton {

class WorkArea {
 public:
  static Result<WorkArea> make(const std::filesystem::path& cache_home, const Repository& repository, SandboxRung rung);
  // One that is not the verifier's, in a folder of its maker's, who needs no lock; it stays when the value dies.
  static Result<WorkArea> make_apart(const std::filesystem::path& folder, const Repository& repository, SandboxRung rung);
  // One inside this one, for a copy of a checkout whose commands run at the same time and see the same paths. Only where the sandbox
  // shows them what lies elsewhere.
  Result<WorkArea> make_beside(const std::string& name) const;
  WorkArea(WorkArea&& other) noexcept;
  WorkArea& operator=(WorkArea&&) = delete;
  ~WorkArea();  // puts the verifier's area aside; `sweep` removes it

  SandboxRung rung() const { return rung_; }
  const std::filesystem::path& folder() const { return folder_; }
  // The checkout and HOME as commands see them; the same for every side and every verification of the repository.
  std::filesystem::path inner_root() const;
  std::filesystem::path inner_home() const;
  const std::string& name() const { return name_; }

  // The build of an earlier head, kept for quick verdicts; `key` says for what tools and environment. Taking it makes it the
  // folder of `side`, keeping it takes that folder away. False: there is none, or of another key.
  bool take_kept(const std::string& side, const std::string& key) const;
  void keep(const std::string& side, const std::string& key) const;
  static bool has_kept(const std::filesystem::path& cache_home, const Repository& repository, const std::string& key);

  // Removes what was put aside, and builds of any repository that were kept and not used for a while. Safe beside a running verification.
  static void sweep(const std::filesystem::path& cache_home, const Repository& repository);

 private:
  WorkArea(std::filesystem::path folder, std::string name, SandboxRung rung, bool apart, std::filesystem::path shown)
      : folder_(std::move(folder)), shown_(std::move(shown)), name_(std::move(name)), rung_(rung), apart_(apart) {}
  std::filesystem::path folder_;
  std::filesystem::path shown_;  // the folder whose paths commands see
  std::string name_;
  SandboxRung rung_;
  bool apart_;
};

// What a side's folder is called while it is in use, and always in an area with one side.
inline constexpr const char* kSideInUse = "work";

// One side's checkout, made when it is first asked for.
class Checkout {
 public:
  Checkout(const WorkArea& area, Store& store, std::string side, std::string commit)
      : area_(area), store_(store), side_(std::move(side)), commit_(std::move(commit)) {}
  ~Checkout() { leave(); }
  Checkout(const Checkout&) = delete;
  Checkout& operator=(const Checkout&) = delete;

  const WorkArea& area() const { return area_; }
  const std::string& side() const { return side_; }
  const std::string& commit() const { return commit_; }
  bool made() const { return made_; }
  Status ensure(std::stop_token stop);
  // Made as a copy of what lies in the other one, what was built there included; no command runs in that meanwhile.
  Status copy_of(const Checkout& other, std::stop_token stop);
  // What lies in the side's folder already is brought to the commit, and what was built there stays.
  void build_on() { builds_on_ = true; }
  bool builds_on() const { return builds_on_; }
  // It is made with these folders only. Never one that a verdict rests on; `reset` makes it whole.
  void hold_only(SparseCone cone) { cone_ = std::move(cone); }
  // Tracked files that commands in it have changed.
  Result<std::vector<std::string>> changed_files(std::stop_token stop) const { return baton::changed_files(store_, tree(), stop); }
  // Exactly the commit again, with an empty HOME.
  Status reset(std::stop_token stop);

  // Takes the common path until `leave`; /tmp and reports are empty then. One side at a time.
  Status enter();
  void leave();

  // On the host, as they are at this moment.
  std::filesystem::path tree() const { return place() / "tree" / area_.name(); }
  std::filesystem::path inner_root() const { return area_.inner_root(); }  // as its commands see it
  std::filesystem::path inner_home() const { return area_.inner_home(); }
  std::filesystem::path home() const { return place() / "home"; }
  std::filesystem::path tmp() const { return place() / "tmp"; }
  std::filesystem::path reports() const { return place() / "reports"; }

 private:
  std::filesystem::path place() const { return area_.folder() / (inside_ ? kSideInUse : side_); }

  const WorkArea& area_;
  Store& store_;
  std::string side_, commit_;
  SparseCone cone_;
  bool made_ = false, inside_ = false, builds_on_ = false;
};

}  // namespace baton
