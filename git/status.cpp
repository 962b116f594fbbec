#include "git/status.h"

#include <charconv>
#include <future>

#include "git/calls.h"
#include "git/fields.h"

namespace baton {
namespace {

unsigned to_mode(std::string_view text) {
  unsigned mode = 0;
  std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  return mode;
}

// The next word of a record; what is left is the path, which may hold spaces.
std::string_view word(std::string_view& record) {
  const std::size_t end = std::min(record.find(' '), record.size());
  const std::string_view text = record.substr(0, end);
  record.remove_prefix(std::min(end + 1, record.size()));
  return text;
}

TrackedChange ordinary(std::string_view record) {
  TrackedChange change;
  const std::string_view letters = word(record);
  if (letters.size() == 2) {
    change.staged = letters[0];
    change.unstaged = letters[1];
  }
  change.submodule = word(record);
  change.head_mode = to_mode(word(record));
  change.index_mode = to_mode(word(record));
  change.work_mode = to_mode(word(record));
  change.head_blob = word(record);
  change.index_blob = word(record);
  change.path = record;
  return change;
}

TrackedChange unmerged(std::string_view record) {
  TrackedChange change;
  change.unmerged = true;
  change.staged = change.unstaged = 'U';
  word(record);
  change.submodule = word(record);
  word(record);  // the common ancestor's mode
  change.head_mode = change.index_mode = to_mode(word(record));
  word(record);  // their mode
  change.work_mode = to_mode(word(record));
  word(record);
  change.head_blob = change.index_blob = word(record);
  change.path = record.substr(std::min(record.find(' ') + 1, record.size()));  // after their id
  return change;
}

void parse_status(std::string_view text, WorkTreeStatus& status) {
  constexpr std::string_view kHead = "# branch.oid ";
  for (Fields fields(text); !fields.done();) {
    std::string_view record = fields.next();
    if (record.starts_with(kHead)) {
      record.remove_prefix(kHead.size());
      if (record != "(initial)") status.head = record;
    } else if (record.starts_with("1 ")) {
      status.tracked.push_back(ordinary(record.substr(2)));
    } else if (record.starts_with("? ")) {
      status.untracked.emplace_back(record.substr(2));
    } else if (record.starts_with("u ")) {
      status.tracked.push_back(unmerged(record.substr(2)));
    }
  }
}

}  // namespace

Result<WorkTreeStatus> read_status(const Repository& repository, std::stop_token stop) {
  GitCall tracked_call = in_work_tree(repository, {"status", "--porcelain=v2", "-z", "--branch", "--no-ahead-behind",
                                                   "--no-renames", "--ignore-submodules=none"});
  WorkTreeStatus status;
  if (repository.sparse) {
    // `ls-files` may have to expand a sparse index, which touches the user's object files.
    tracked_call.args.emplace_back("--untracked-files=all");
    const auto all = git_output(tracked_call, stop);
    if (!all) return all.error();
    parse_status(*all, status);
    return status;
  }
  // Two processes at once: reading every folder for new files takes as long as comparing the tracked ones.
  tracked_call.args.emplace_back("--untracked-files=no");
  auto others = std::async(std::launch::async, [&] {
    return git_output(in_work_tree(repository, {"ls-files", "--others", "--exclude-standard", "-z"}), stop);
  });
  const auto tracked = git_output(tracked_call, stop);
  const auto untracked = others.get();
  if (!tracked) return tracked.error();
  if (!untracked) return untracked.error();
  parse_status(*tracked, status);
  for (Fields fields(*untracked); !fields.done();) status.untracked.emplace_back(fields.next());
  return status;
}

}  // namespace baton
