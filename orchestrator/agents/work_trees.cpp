#include "orchestrator/agents/work_trees.h"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <nlohmann/json.hpp>

#include "git/capture.h"
#include "orchestrator/json_fields.h"
#include "orchestrator/tree_manifest.h"
#include "support/fault_point.h"
#include "support/hash.h"
#include "support/ids.h"
#include "support/json.h"
#include "support/log.h"
#include "support/os_error.h"

namespace baton {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view kAside = "aside-";
constexpr std::string_view kNew = "new-";
constexpr const char* kLock = "lock";
constexpr const char* kRecord = "work-tree.json";
constexpr auto kBeingMade = std::chrono::minutes(2);

fs::path all_folders(const fs::path& cache_home) { return cache_home / "worktrees"; }
fs::path folders_of(const fs::path& cache_home, const Repository& repository) {
  return all_folders(cache_home) / sha256(repository.common_dir.string()).substr(0, 16);
}

// Out of the way at once, and then gone.
void remove_folder(const fs::path& folder) {
  std::error_code failed;
  const fs::path aside = folder.parent_path() / (std::string(kAside) + new_id());
  fs::rename(folder, aside, failed);
  if (auto removed = remove_tree(failed ? folder : aside); !removed) log(LogLevel::warning, removed.error().message);
}

std::uint64_t bytes_of(const fs::path& folder) {
  std::uint64_t bytes = 0;
  if (const auto manifest = TreeManifest::of(folder)) {
    for (const auto& [path, stamp] : manifest->stamps()) bytes += static_cast<std::uint64_t>(stamp.size);
  }
  return bytes;
}

struct Idle {
  fs::path folder;
  fs::file_time_type used;
  WorkTreeRecord record;
  std::uint64_t bytes = 0;
  std::shared_ptr<FileLock> lock;
};

// What lies in the work tree, in the store: as it was kept, or kept again where somebody worked on in it. The commit; the
// start's own where nothing was done.
Result<std::string> keep_what_it_holds(const fs::path& folder, const WorkTreeRecord& record, std::stop_token stop) {
  auto repository = open_repository(record.repository);
  if (!repository) return repository.error();
  auto store = Store::open(*repository);
  if (!store) return store.error();
  auto found = capture_tree(*store, folder / record.tree, record.start, stop, record.left_out, SparseCone(record.slice));
  if (!found) return found.error();
  for (const std::string& known : {record.start, record.kept}) {
    if (known.empty()) continue;
    if (const auto tree = store->tree_of(known); tree && *tree == found->tree) return known;
  }
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  auto commit = store->write_commit(found->tree, {record.start}, "What was left in a work tree\n", now);
  if (!commit) return commit.error();
  // An attempt that died and the one that followed it have the same number.
  const std::string name = folder.filename().string();
  if (auto kept = store->keep(record.keep_name + "-left-" + name.substr(name.rfind('-') + 1), *commit); !kept) return kept.error();
  return commit;
}

std::vector<Idle> idle_trees(const fs::path& repository_folder, std::stop_token stop) {
  std::vector<Idle> idle;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(repository_folder, failed)) {
    if (stop.stop_requested()) break;
    const std::string name = entry.path().filename().string();
    if (name.starts_with(kAside)) {
      (void)remove_tree(entry.path());
      continue;
    }
    if (name.starts_with(kNew)) {
      const bool fresh = fs::file_time_type::clock::now() - fs::last_write_time(entry.path(), failed) < kBeingMade;
      if (!fresh) (void)remove_tree(entry.path());
      continue;
    }
    auto lock = FileLock::try_acquire(entry.path() / kLock);
    if (!lock) continue;
    auto record = read_record(entry.path());
    if (!record) {  // a look, or an attempt that had not begun
      remove_folder(entry.path());
      continue;
    }
    const auto used = fs::last_write_time(entry.path() / kRecord, failed);
    idle.push_back({entry.path(), used, std::move(*record), 0, std::make_shared<FileLock>(std::move(*lock))});
  }
  return idle;
}

bool keep_and_remove(const Idle& idle, std::stop_token stop) {
  std::error_code failed;
  const bool there = fs::is_directory(idle.folder / idle.record.tree, failed);
  if (auto kept = there ? keep_what_it_holds(idle.folder, idle.record, stop) : Result<std::string>(std::string()); !kept) {
    log(LogLevel::warning, idle.folder.string() + " stays, since what it holds cannot be kept: " + kept.error().message);
    return false;
  }
  fault_point("work tree kept");
  remove_folder(idle.folder);
  return true;
}

// "attempts/TASK/s1/2"
std::string task_of(const WorkTreeRecord& record) {
  const auto begin = record.keep_name.find('/'), end = record.keep_name.find('/', begin + 1);
  return begin == std::string::npos || end == std::string::npos ? "" : record.keep_name.substr(begin + 1, end - begin - 1);
}

}  // namespace

Result<WorkTree> new_work_tree(const fs::path& cache_home, const Repository& repository, const std::string& name) {
  const fs::path parent = folders_of(cache_home, repository);
  if (auto made = make_folder(parent, 0700); !made) return made.error();
  // Locked before it is seen: one that nobody holds and that has no record is what a dead process left.
  const std::string id = new_id();
  const fs::path fresh = parent / (std::string(kNew) + id), folder = parent / (name + "-" + id);
  if (auto made = make_folder(fresh, 0700); !made) return made.error();
  auto lock = FileLock::try_acquire(fresh / kLock);
  if (!lock) return lock.error();
  std::error_code failed;
  fs::rename(fresh, folder, failed);
  if (failed) return os_error("make", folder, failed.value());
  return WorkTree{folder, std::make_shared<FileLock>(std::move(*lock))};
}

void put_away(const WorkTree& tree) { remove_folder(tree.folder); }

Status write_record(const fs::path& folder, const WorkTreeRecord& record) {
  return write_file(folder / kRecord, dump_json({{"repository", record.repository}, {"start", record.start}, {"kept", record.kept}, {"keep_name", record.keep_name},
                                                 {"tree", record.tree}, {"left_out", record.left_out}, {"regenerable", record.regenerable}, {"slice", record.slice}}));
}

Result<WorkTreeRecord> read_record(const fs::path& folder) {
  const auto object = parse_json_file(folder / kRecord);
  if (!object) return object.error();
  JsonFields fields("the record of a work tree");
  WorkTreeRecord record;
  record.repository = fields.text(*object, "repository");
  record.start = fields.text(*object, "start");
  record.kept = fields.text(*object, "kept");
  record.keep_name = fields.text(*object, "keep_name");
  record.tree = fields.text(*object, "tree");
  record.left_out = fields.texts(*object, "left_out");
  record.regenerable = fields.texts(*object, "regenerable");
  record.slice = fields.texts(*object, "slice");
  if (!fields.ok()) return fields.error();
  return record;
}

Result<std::string> take_work_tree(const fs::path& checkout, std::stop_token stop) {
  fs::path folder = checkout;
  auto record = read_record(folder);
  for (int up = 0; !record && up < 3 && folder.has_relative_path(); ++up) {
    folder = folder.parent_path();
    record = read_record(folder);
  }
  std::error_code failed;
  if (!record || !fs::is_directory(checkout, failed)) {
    return Error{ErrorKind::precondition, "The work tree " + checkout.string() + " is not kept any more; `baton retry` has the work done again."};
  }
  const auto lock = FileLock::try_acquire(folder / kLock);
  if (!lock) return Error{ErrorKind::precondition, "Somebody is still at work in " + checkout.string() + "; wait for the end, or cancel it."};
  return keep_what_it_holds(folder, *record, stop);
}

int remove_work_trees(const fs::path& cache_home, const Repository& repository, const std::function<bool(const std::string& task)>& ended,
                      std::stop_token stop) {
  int removed = 0;
  for (const Idle& one : idle_trees(folders_of(cache_home, repository), stop)) {
    const std::string task = task_of(one.record);
    if (!task.empty() && !stop.stop_requested() && ended(task)) removed += keep_and_remove(one, stop);
  }
  return removed;
}

void clear_orphans(const fs::path& cache_home, std::stop_token stop) {
  std::error_code failed;
  for (const auto& repository : fs::directory_iterator(all_folders(cache_home), failed)) (void)idle_trees(repository.path(), stop);
}

void sweep_work_trees(const fs::path& cache_home, std::uint64_t budget, std::stop_token stop) {
  std::vector<Idle> idle;
  std::error_code failed;
  for (const auto& repository : fs::directory_iterator(all_folders(cache_home), failed)) {
    for (Idle& one : idle_trees(repository.path(), stop)) idle.push_back(std::move(one));
  }
  std::sort(idle.begin(), idle.end(), [](const Idle& a, const Idle& b) { return a.used < b.used; });
  std::uint64_t total = 0;
  for (Idle& one : idle) total += one.bytes = bytes_of(one.folder);
  for (Idle& one : idle) {
    if (total <= budget || stop.stop_requested()) return;
    for (const std::string& path : one.record.regenerable) {
      if (auto removed = remove_tree(one.folder / one.record.tree / path); !removed) log(LogLevel::warning, removed.error().message);
    }
    const std::uint64_t left = bytes_of(one.folder);
    total -= std::min(total, one.bytes - std::min(left, one.bytes));
    one.bytes = left;
  }
  for (const Idle& one : idle) {
    if (total <= budget || stop.stop_requested()) return;
    if (keep_and_remove(one, stop)) total -= std::min(total, one.bytes);
  }
}

}  // namespace baton
