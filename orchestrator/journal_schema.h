// The journal's tables, and how a file of an earlier Baton becomes one of this. Blocks; the opening thread.
#pragma once

#include <filesystem>
#include <span>

#include "orchestrator/sqlite.h"

namespace baton {

// The script that leads from version - 1 to version. Released scripts are never changed.
struct Migration {
  int version;
  const char* script;
};

std::span<const Migration> journal_migrations();

// Brings the database to the last migration's version, in one transaction, after a copy `<file>.v<old>` of what was there.
// Refuses a file of a newer version, and one that is not a journal. Several processes may call it at the same time.
Status migrate(SqlDatabase& database, const std::filesystem::path& file, std::span<const Migration> migrations);

// Refuses a newer version and another program's database, without a write to it.
Status refuse_foreign(SqlDatabase& database, const std::filesystem::path& file, std::span<const Migration> migrations);

// Whether a file can be read as it is by a reader of these migrations.
Status check_version(SqlDatabase& database, const std::filesystem::path& file, std::span<const Migration> migrations);

// Fills the projections from the events with ?1 <= seq <= ?2; the same statements serve each append and a rebuild.
std::span<const char* const> journal_projections();

}  // namespace baton
