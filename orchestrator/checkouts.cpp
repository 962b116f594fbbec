#include "orchestrator/checkouts.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <system_error>

#include "git/checkout.h"
#include "support/files.h"
#include "support/hash.h"
#include "support/ids.h"
#include "support/os_error.h"
#include "support/process.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAside = "aside-";
constexpr std::string_view kKept = "kept";
constexpr std::string_view kKeptKey = "key";
constexpr std::chrono::hours kKeptFor{14 * 24};
constexpr std::string_view kBoxed = "/home/baton/work";

fs::path runs_folder(const fs::path& cache_home, const Repository& repository) {
  return cache_home / "runs" / sha256(repository.common_dir.string()).substr(0, 16);
}

Status put_aside(const fs::path& folder) {
  std::error_code failed;
  if (!fs::exists(fs::symlink_status(folder, failed))) return done();
  fs::rename(folder, folder.parent_path() / (std::string(kAside) + new_id()), failed);
  if (failed) return os_error("put aside", folder, failed.value());
  return done();
}

// The repository's own folder name, which some projects' tools read; anything unusual becomes a plain word.
std::string checkout_name(const Repository& repository) {
  const std::string name = repository.root.filename().string();
  const bool plain = !name.empty() && name.size() <= 64 && name[0] != '.' && name[0] != '-' &&
                     std::all_of(name.begin(), name.end(),
                                 [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '_' || c == '-'; });
  return plain ? name : "repository";
}

bool is_kept_for(const fs::path& kept, const std::string& key) {
  const auto known = read_file(kept / kKeptKey, 4096);
  return known && *known == key;
}

void sweep_kept(const fs::path& cache_home) {
  std::error_code failed;
  const auto now = fs::file_time_type::clock::now();
  for (const auto& repository : fs::directory_iterator(cache_home / "runs", failed)) {
    const fs::path kept = repository.path() / kKept;
    const auto used = fs::last_write_time(kept / kKeptKey, failed);
    if (!failed && now - used > kKeptFor) (void)put_aside(kept);
  }
}

Status empty_folder(const fs::path& folder) {
  if (auto removed = remove_tree(folder); !removed) return removed;
  return make_folder(folder, 0700);
}

}  // namespace

Result<WorkArea> WorkArea::make(const fs::path& cache_home, const Repository& repository, SandboxRung rung) {
  const fs::path runs = runs_folder(cache_home, repository);
  if (auto made = make_folder(runs, 0700); !made) return made.error();
  if (auto moved = put_aside(runs / "area"); !moved) return moved.error();
  if (auto made = make_folder(runs / "area", 0700); !made) return made.error();
  return WorkArea(runs / "area", checkout_name(repository), rung, false, runs / "area");
}

Result<WorkArea> WorkArea::make_apart(const fs::path& folder, const Repository& repository, SandboxRung rung) {
  if (auto made = make_folder(folder, 0700); !made) return made.error();
  return WorkArea(folder, checkout_name(repository), rung, true, folder);
}

Result<WorkArea> WorkArea::make_beside(const std::string& name) const {
  if (rung_ != SandboxRung::bubblewrap) return Error{ErrorKind::precondition, "Without the sandbox two checkouts cannot have one path."};
  if (auto emptied = empty_folder(folder_ / name); !emptied) return emptied.error();
  return WorkArea(folder_ / name, name_, rung_, true, shown_);
}

WorkArea::WorkArea(WorkArea&& other) noexcept
    : folder_(std::exchange(other.folder_, {})), shown_(std::move(other.shown_)), name_(std::move(other.name_)), rung_(other.rung_), apart_(other.apart_) {}

WorkArea::~WorkArea() {
  if (!folder_.empty() && !apart_) (void)put_aside(folder_);
}

fs::path WorkArea::inner_root() const {
  if (rung_ == SandboxRung::bubblewrap) return fs::path(kBoxed) / name_;
  return folder_ / kSideInUse / "tree" / name_;
}

fs::path WorkArea::inner_home() const { return shown_ / kSideInUse / "home"; }

bool WorkArea::has_kept(const fs::path& cache_home, const Repository& repository, const std::string& key) {
  return is_kept_for(runs_folder(cache_home, repository) / kKept, key);
}

bool WorkArea::take_kept(const std::string& side, const std::string& key) const {
  const fs::path kept = folder_.parent_path() / kKept;
  if (!is_kept_for(kept, key)) return false;
  std::error_code failed;
  fs::rename(kept, folder_ / side, failed);
  return !failed;
}

// The key is written last before the move: a build that was cut off here has none and is not taken.
void WorkArea::keep(const std::string& side, const std::string& key) const {
  const fs::path kept = folder_.parent_path() / kKept;
  if (!write_file(folder_ / side / kKeptKey, key) || !put_aside(kept)) return;
  std::error_code failed;
  fs::rename(folder_ / side, kept, failed);
}

void WorkArea::sweep(const fs::path& cache_home, const Repository& repository) {
  sweep_kept(cache_home);
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(runs_folder(cache_home, repository), failed)) {
    if (entry.path().filename().string().starts_with(kAside)) (void)remove_tree(entry.path());
  }
}

Status Checkout::ensure(std::stop_token stop) {
  if (made_) return done();
  for (const fs::path& folder : {tree().parent_path(), home(), tmp(), reports()}) {
    if (auto made = make_folder(folder, 0700); !made) return made;
  }
  std::error_code ignored;
  const bool there = builds_on_ && fs::is_directory(fs::symlink_status(tree(), ignored));
  Status made = there ? update_checkout(store_, commit_, tree(), stop) : make_checkout(store_, commit_, tree(), stop, cone_);
  if (!made && there && made.error().kind != ErrorKind::cancelled) made = reset(stop);
  if (!made) return made;
  made_ = true;
  return done();
}

Status Checkout::copy_of(const Checkout& other, std::stop_token stop) {
  for (const fs::path& folder : {place(), tmp(), reports()}) {
    if (auto made = make_folder(folder, 0700); !made) return made;
  }
  ProcessSpec copy;
  copy.argv = {"cp", "-a", "--reflink=auto", "--", (other.place() / "tree").string(), other.home().string(), place().string()};
  copy.cwd = "/";
  copy.env = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"LC_ALL", "C.UTF-8"}};
  auto copied = run(copy, stop);
  if (!copied) return copied.error();
  if (copied->cancelled) return Error{ErrorKind::cancelled, "Cancelled while a checkout was copied."};
  if (!copied->success()) return Error{ErrorKind::io, "Cannot copy the checkout: " + copied->err.substr(0, copied->err.find('\n'))};
  made_ = true;
  return done();
}

Status Checkout::reset(std::stop_token stop) {
  if (auto emptied = empty_folder(home()); !emptied) return emptied;
  return reset_checkout(store_, commit_, tree(), {}, stop);
}

Status Checkout::enter() {
  if (auto emptied = empty_folder(tmp()); !emptied) return emptied;
  if (auto emptied = empty_folder(reports()); !emptied) return emptied;
  if (inside_) return done();
  std::error_code failed;
  fs::rename(area_.folder() / side_, area_.folder() / kSideInUse, failed);
  if (failed) return os_error("enter the checkout", area_.folder() / side_, failed.value());
  inside_ = true;
  return done();
}

void Checkout::leave() {
  if (!inside_) return;
  std::error_code failed;
  fs::rename(area_.folder() / kSideInUse, area_.folder() / side_, failed);
  if (!failed) inside_ = false;
}

}  // namespace baton
