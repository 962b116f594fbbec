#include "orchestrator/journal_schema.h"

#include <array>

namespace baton {
namespace {

namespace fs = std::filesystem;

// "Batn": tells a journal from any other SQLite file.
constexpr std::int64_t kApplicationId = 0x4261746e;

constexpr const char* kVersion1 = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value ANY) STRICT;
INSERT INTO meta(key, value) VALUES ('schema_version', 0);

CREATE TABLE event(
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  ts INTEGER NOT NULL,
  task_id TEXT NOT NULL,
  subtask_id TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK(kind <> ''),
  v INTEGER NOT NULL,
  body TEXT NOT NULL,
  idem TEXT UNIQUE,
  actor TEXT NOT NULL
) STRICT;
CREATE INDEX event_of_task ON event(task_id, seq);
CREATE TRIGGER event_is_not_updated BEFORE UPDATE ON event
  BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END;
CREATE TRIGGER event_is_not_deleted BEFORE DELETE ON event
  BEGIN SELECT RAISE(ABORT, 'an event is never removed'); END;

CREATE TABLE verification(
  id TEXT PRIMARY KEY,
  key TEXT NOT NULL,
  base_tree TEXT,
  head_tree TEXT,
  requester TEXT NOT NULL,
  verifier TEXT NOT NULL,
  seq INTEGER NOT NULL REFERENCES event(seq)
) STRICT;
CREATE INDEX verification_of_key ON verification(key, seq);
CREATE INDEX verification_in_order ON verification(seq);
CREATE TRIGGER verifier_is_not_the_requester BEFORE INSERT ON verification WHEN new.verifier = new.requester
  BEGIN SELECT RAISE(ABORT, 'who asked for a verification cannot be its verifier'); END;
CREATE TRIGGER verifier_does_not_become_the_requester BEFORE UPDATE ON verification WHEN new.verifier = new.requester
  BEGIN SELECT RAISE(ABORT, 'who asked for a verification cannot be its verifier'); END;

CREATE TABLE run(
  key TEXT PRIMARY KEY,
  evidence TEXT NOT NULL,
  seq INTEGER NOT NULL REFERENCES event(seq)
) STRICT;
)sql";

// Events of tasks: their outbox, and what a list of them shows.
constexpr const char* kVersion2 = R"sql(
CREATE TABLE task(
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  root TEXT NOT NULL,
  phase TEXT NOT NULL,
  wait TEXT NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  seq INTEGER NOT NULL REFERENCES event(seq)
) STRICT;
CREATE TABLE outbox(
  task_id TEXT NOT NULL REFERENCES task(id),
  key TEXT NOT NULL,
  kind TEXT NOT NULL,
  subtask_id TEXT NOT NULL,
  asked INTEGER NOT NULL REFERENCES event(seq),
  done INTEGER REFERENCES event(seq),
  PRIMARY KEY(task_id, key)
) STRICT;
CREATE INDEX outbox_waiting ON outbox(task_id) WHERE done IS NULL;
)sql";

constexpr std::array kMigrations{Migration{1, kVersion1}, Migration{2, kVersion2}};

// The report may be an object or its text: json_extract gives text for both.
constexpr std::array kProjections{
    R"sql(INSERT OR REPLACE INTO verification(id, key, base_tree, head_tree, requester, verifier, seq)
      SELECT coalesce(json_extract(body, '$.id'), task_id), coalesce(json_extract(body, '$.key'), ''),
             json_extract(json_extract(body, '$.report'), '$.base.tree'),
             json_extract(json_extract(body, '$.report'), '$.head.tree'),
             coalesce(json_extract(body, '$.requester'),
                      (SELECT s.actor FROM event s WHERE s.task_id = e.task_id AND s.seq < e.seq
                       AND s.kind = 'verification_started' ORDER BY s.seq LIMIT 1), ''),
             coalesce(json_extract(body, '$.verifier'), e.actor), seq
      FROM event e WHERE seq BETWEEN ?1 AND ?2 AND kind = 'verification_done' ORDER BY seq)sql",
    R"sql(INSERT OR REPLACE INTO run(key, evidence, seq)
      SELECT json_extract(body, '$.key'), json_extract(body, '$.evidence'), seq
      FROM event WHERE seq BETWEEN ?1 AND ?2 AND kind = 'gate_ran' AND json_extract(body, '$.key') <> ''
      ORDER BY seq)sql",
    R"sql(INSERT INTO task(id, title, root, phase, wait, created, updated, seq)
      SELECT task_id, coalesce(json_extract(body, '$.facts.title'), ''), coalesce(json_extract(body, '$.facts.root'), ''), 'drafted', 'none', ts, ts, seq
      FROM event WHERE seq BETWEEN ?1 AND ?2 AND kind = 'task_drafted' ORDER BY seq
      ON CONFLICT(id) DO NOTHING)sql",
    R"sql(UPDATE task SET phase = json_extract(e.body, '$.phase'), wait = json_extract(e.body, '$.wait'), updated = e.ts, seq = e.seq
      FROM (SELECT task_id, body, ts, max(seq) AS seq FROM event
            WHERE seq BETWEEN ?1 AND ?2 AND json_extract(body, '$.phase') IS NOT NULL GROUP BY task_id) e
      WHERE task.id = e.task_id)sql",
    R"sql(INSERT INTO outbox(task_id, key, kind, subtask_id, asked)
      SELECT e.task_id, json_extract(f.value, '$.key'), json_extract(f.value, '$.kind'), json_extract(f.value, '$.subtask'), e.seq
      FROM event e JOIN task t ON t.id = e.task_id, json_each(e.body, '$.effects') f WHERE e.seq BETWEEN ?1 AND ?2 ORDER BY e.seq
      ON CONFLICT(task_id, key) DO NOTHING)sql",
    R"sql(UPDATE outbox SET done = e.seq
      FROM (SELECT e.task_id, d.value AS key, e.seq FROM event e JOIN task t ON t.id = e.task_id, json_each(e.body, '$.done') d
            WHERE e.seq BETWEEN ?1 AND ?2) e
      WHERE outbox.task_id = e.task_id AND outbox.key = e.key AND outbox.done IS NULL)sql"};

// 0 for a file without tables.
Result<std::int64_t> version_of(SqlDatabase& database, const fs::path& file) {
  Result<std::int64_t> application = database.integer("PRAGMA application_id");
  if (!application) return application;
  if (*application == kApplicationId) return database.integer("SELECT value FROM meta WHERE key = 'schema_version'");
  Result<std::int64_t> tables = database.integer("SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables;
  if (*tables == 0 && *application == 0) return std::int64_t{0};
  return Error{ErrorKind::precondition,
               file.string() + " is a database of another program; move it aside so that a journal can take its place."};
}

Error too_new(const fs::path& file, std::int64_t version, int known) {
  return {ErrorKind::precondition, "The journal " + file.string() + " was written by a newer Baton (version " +
                                       std::to_string(version) + ", this one knows " + std::to_string(known) +
                                       "); update Baton."};
}

Status keep_copy(SqlDatabase& database, const fs::path& file, std::int64_t version) {
  fs::path copy = file;
  copy += ".v" + std::to_string(version);
  std::error_code ignored;
  fs::remove(copy, ignored);  // of an attempt that did not come to its end
  return database.copy_to(copy);
}

Status run_scripts(SqlDatabase& database, std::span<const Migration> migrations, std::int64_t from) {
  for (const Migration& migration : migrations) {
    if (migration.version <= from) continue;
    if (Status ran = database.execute(migration.script); !ran) return ran;
  }
  Result<SqlQuery> stamp = database.query("UPDATE meta SET value = ?1 WHERE key = 'schema_version'");
  if (!stamp) return stamp.error();
  stamp->bind(std::int64_t{migrations.back().version}).row();
  if (stamp->failed()) return database.error("migrate");
  static_assert(kApplicationId == 1113683054);
  return database.execute("PRAGMA application_id = 1113683054");
}

}  // namespace

std::span<const Migration> journal_migrations() { return kMigrations; }
std::span<const char* const> journal_projections() { return kProjections; }

Status refuse_foreign(SqlDatabase& database, const fs::path& file, std::span<const Migration> migrations) {
  Result<std::int64_t> version = version_of(database, file);
  if (!version) return version.error();
  int known = migrations.back().version;
  if (*version > known) return too_new(file, *version, known);
  return done();
}

Status check_version(SqlDatabase& database, const fs::path& file, std::span<const Migration> migrations) {
  if (Status ours = refuse_foreign(database, file, migrations); !ours) return ours;
  Result<std::int64_t> version = version_of(database, file);
  if (!version) return version.error();
  if (*version < migrations.back().version) {
    return Error{ErrorKind::precondition, "The journal " + file.string() +
                                              " is of an older Baton; run `baton verify` once to bring it up to date."};
  }
  return done();
}

Status migrate(SqlDatabase& database, const fs::path& file, std::span<const Migration> migrations) {
  if (Status ours = refuse_foreign(database, file, migrations); !ours) return ours;
  Result<std::int64_t> version = version_of(database, file);
  if (!version) return version.error();
  int known = migrations.back().version;
  if (*version == known) return done();
  if (*version > 0) {
    if (Status copied = keep_copy(database, file, *version); !copied) return copied;
  }
  if (Status begun = database.execute("BEGIN IMMEDIATE"); !begun) return begun;
  // Another process may have been faster.
  version = version_of(database, file);
  Status migrated = !version ? Status(version.error())
                    : *version >= known ? done()
                                        : run_scripts(database, migrations, *version);
  if (migrated) migrated = database.execute("COMMIT");
  if (!migrated) (void)database.execute("ROLLBACK");
  return migrated;
}

}  // namespace baton
