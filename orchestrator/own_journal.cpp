#include "orchestrator/own_journal.h"

#include "support/files.h"
#include "support/ids.h"
#include "support/log.h"
#include "support/os_error.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

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

Result<OwnJournal> open_own_journal(const fs::path& file, IdList known) {
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
    if (known.has(*id)) {
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
  if (auto kept = known.add(*id); !kept) log(LogLevel::warning, kept.error().message);
  own.journal = std::move(*journal);
  return own;
}

}  // namespace baton
