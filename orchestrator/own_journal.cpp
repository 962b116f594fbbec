#include "orchestrator/own_journal.h"

#include <algorithm>
#include <vector>

#include "support/files.h"
#include "support/ids.h"
#include "support/log.h"
#include "support/os_error.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> lines_of(const fs::path& file) {
  std::vector<std::string> lines;
  const auto text = read_file(file, 1u << 20);
  if (!text) return lines;
  for (std::size_t at = 0; at < text->size();) {
    const std::size_t end = std::min(text->find('\n', at), text->size());
    if (end > at) lines.push_back(text->substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

// The database with its write-ahead log, which SQLite finds by name.
Result<fs::path> move_aside(const fs::path& file) {
  fs::path aside = file;
  aside += ".other-" + new_id();
  for (const char* part : {"-wal", "-shm", ""}) {
    fs::path from = file, to = aside;
    from += part;
    to += part;
    std::error_code failed;
    if (!fs::exists(fs::symlink_status(from, failed))) continue;
    fs::rename(from, to, failed);
    if (failed) return os_error("move aside", from, failed.value());
  }
  return aside;
}

}  // namespace

bool KnownJournals::knows(const std::string& id) const {
  if (id.empty()) return false;
  const auto ids = lines_of(file_);
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

Status KnownJournals::remember(const std::string& id) {
  if (auto made = make_folder(file_.parent_path(), 0700); !made) return made;
  fs::path lock_path = file_;
  lock_path += ".lock";
  auto lock = FileLock::acquire(lock_path);
  if (!lock) return lock.error();
  auto ids = lines_of(file_);
  ids.push_back(id);
  std::string text;
  for (std::size_t i = ids.size() > kMax ? ids.size() - kMax : 0; i < ids.size(); ++i) text += ids[i] + "\n";
  return write_file(file_, text, 0600);
}

Result<OwnJournal> open_own_journal(const fs::path& file, KnownJournals known) {
  if (auto made = make_folder(file.parent_path()); !made) return made.error();
  // One at a time, so that a journal that another process has just begun is not taken for a stranger's.
  fs::path lock_path = file;
  lock_path += ".own.lock";
  auto lock = FileLock::acquire(lock_path);
  if (!lock) return lock.error();

  OwnJournal own;
  std::error_code failed;
  if (fs::exists(fs::symlink_status(file, failed))) {
    auto journal = Journal::open(file);
    if (!journal) return journal.error();
    const auto id = (*journal)->id();
    if (!id) return id.error();
    if (known.knows(*id)) {
      own.journal = std::move(*journal);
      return own;
    }
    journal->reset();
    const auto aside = move_aside(file);
    if (!aside) return aside.error();
    own.note = "The journal beside this repository was not begun by you (or your list of journals, " +
               known.file().string() + ", is gone), so nothing in it was used; it was moved to " + aside->string() + ".";
  }
  auto journal = Journal::open(file);
  if (!journal) return journal.error();
  const auto id = (*journal)->id();
  if (!id) return id.error();
  // Without it the next verification runs everything again, which is slow and never wrong.
  if (auto kept = known.remember(*id); !kept) log(LogLevel::warning, kept.error().message);
  own.journal = std::move(*journal);
  return own;
}

}  // namespace baton
