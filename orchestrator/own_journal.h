// Which journals are this user's own. A journal lies beside the repository's files, so an archive that someone made may bring
// one along, with verdicts that nobody reached here. The ids of journals that were begun here are kept in the user's
// configuration folder, which no sandbox shows; any other journal is moved aside and a new one is begun. Blocks; any thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "orchestrator/id_list.h"
#include "orchestrator/journal.h"
#include "support/result.h"

namespace baton {

inline constexpr const char* kKnownJournalsFile = "journals";  // in the configuration folder: ids of journals

struct OwnJournal {
  std::unique_ptr<Journal> journal;
  std::string note;  // what to tell the user when a journal of someone else was moved aside
};

Result<OwnJournal> open_own_journal(const std::filesystem::path& file, IdList known);

}  // namespace baton
