// The folders that attempts work in and tools look from: `<cache_home>/worktrees/<repository>/<name>`, never in the user's tree. A
// folder is in use while its maker holds its lock. What nobody uses stays for a human who wants to look or take over, within a
// budget: what can be made again goes first, of the least recently used, then whole work trees; what a work tree holds is kept in
// the store before it goes. Several processes may share the folder. Blocks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "git/repository.h"
#include "git/store.h"
#include "support/files.h"

namespace baton {

inline constexpr std::uint64_t kWorkTreeBudget = 20ull << 30;  // bytes, of all repositories

struct WorkTree {
  std::filesystem::path folder;
  std::shared_ptr<FileLock> lock;
};

// `name` begins the folder's name: "s1-2"; "look" for one that nobody comes back to.
Result<WorkTree> new_work_tree(const std::filesystem::path& cache_home, const Repository& repository, const std::string& name);
// It goes, whatever it holds.
void put_away(const WorkTree& tree);

// What is known of a work tree that stays, beside it.
struct WorkTreeRecord {
  std::string repository;               // its root
  std::string start;                    // the commit that was checked out
  std::string kept;                     // the commit of the store that holds what was found in it
  std::string keep_name;                // under which the store keeps that
  std::string tree;                     // the checkout, relative to the folder
  std::vector<std::string> left_out;    // paths in the checkout that were put there for the agent
  std::vector<std::string> regenerable; // of those, what can be made again: installed dependencies
  std::vector<std::string> slice;       // folders that were checked out; empty: all
};
Status write_record(const std::filesystem::path& folder, const WorkTreeRecord& record);
Result<WorkTreeRecord> read_record(const std::filesystem::path& folder);

// What a human who took over left in a kept work tree, as a commit of the store on what its attempt began with; that commit itself
// where nothing was done. `checkout`: as AttemptResult::worktree has it.
Result<std::string> take_work_tree(const std::filesystem::path& checkout, std::stop_token stop = {});

// Those of attempts at tasks of which `ended` says so go, after what each holds is kept in the store. One that is in use stays, and so
// does one whose content cannot be kept. Gives how many went.
int remove_work_trees(const std::filesystem::path& cache_home, const Repository& repository, const std::function<bool(const std::string& task)>& ended,
                      std::stop_token stop = {});

// What the dead left of work that had not begun goes.
void clear_orphans(const std::filesystem::path& cache_home, std::stop_token stop = {});

// Removes that, and what is over the budget.
void sweep_work_trees(const std::filesystem::path& cache_home, std::uint64_t budget = kWorkTreeBudget, std::stop_token stop = {});

}  // namespace baton
