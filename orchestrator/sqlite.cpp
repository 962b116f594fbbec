#include "orchestrator/sqlite.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr int kBusyMilliseconds = 5000;

// `file:` URI of a path; everything that could mean something in a URI is escaped.
std::string immutable_uri(const fs::path& file) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string uri = "file:";
  for (unsigned char c : fs::absolute(file).string()) {
    if (std::isalnum(c) || c == '/' || c == '.' || c == '-' || c == '_') {
      uri += static_cast<char>(c);
    } else {
      uri += {'%', kHex[c >> 4], kHex[c & 15]};
    }
  }
  return uri + "?immutable=1";
}

Error damaged(const fs::path& file, const char* reason) {
  return {ErrorKind::io, "The journal " + file.string() + " is damaged (" + reason +
                             "). It is left as it is: move it and its -wal and -shm files aside to begin a new one; the "
                             "evidence beside it stays."};
}

Error explain(sqlite3* handle, const fs::path& file, std::string_view action) {
  int code = sqlite3_errcode(handle) & 0xff;
  int system = sqlite3_system_errno(handle);
  const char* reason = sqlite3_errmsg(handle);
  std::string what = "Cannot " + std::string(action) + " " + file.string() + ": ";
  switch (code) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return damaged(file, reason);
    case SQLITE_FULL: return {ErrorKind::io, what + "the disk is full; free some space and try again."};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorKind::precondition, what + "another Baton has been writing it for more than five seconds; try again."};
    case SQLITE_READONLY:
      return {ErrorKind::io, what + "it is read-only; make the file and its folder writable and try again."};
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_IOERR:
      if (system == ENOSPC || system == EDQUOT)
        return {ErrorKind::io, what + "the disk is full; free some space and try again."};
      return {ErrorKind::io, what + reason + (system ? std::string(" (") + std::strerror(system) + ")" : "") +
                                 "; check the file, its folder and the disk."};
    case SQLITE_CONSTRAINT: return {ErrorKind::usage, what + reason + "."};
    default: return {ErrorKind::io, what + reason + "."};
  }
}

Status refused_folder(const fs::path& file) {
  std::error_code ignored;
  if (fs::is_directory(file, ignored))
    return Error{ErrorKind::io, "Cannot open " + file.string() + ": it is a folder; move it aside."};
  return done();
}

}  // namespace

SqlQuery::~SqlQuery() {
  if (!statement_) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

SqlQuery& SqlQuery::bind(std::int64_t value) {
  sqlite3_bind_int64(statement_, next_++, value);
  return *this;
}

SqlQuery& SqlQuery::bind(std::string_view value) {
  sqlite3_bind_text64(statement_, next_++, value.data() ? value.data() : "", value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

SqlQuery& SqlQuery::bind_null() {
  sqlite3_bind_null(statement_, next_++);
  return *this;
}

bool SqlQuery::row() {
  code_ = sqlite3_step(statement_);
  return code_ == SQLITE_ROW;
}

bool SqlQuery::failed() const { return code_ != SQLITE_OK && code_ != SQLITE_ROW && code_ != SQLITE_DONE; }

std::int64_t SqlQuery::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string SqlQuery::text(int column) const {
  const unsigned char* text = sqlite3_column_text(statement_, column);
  if (!text) return {};
  return {reinterpret_cast<const char*>(text), static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

Result<std::unique_ptr<SqlDatabase>> SqlDatabase::open(const fs::path& file, SqlAccess access) {
  if (Status usable = refused_folder(file); !usable) return usable.error();
  bool writes = access == SqlAccess::read_write;
  int flags = (writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX;
  sqlite3* handle = nullptr;
  int code = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
  // Reading in write-ahead mode needs a shared file beside it. In a folder that is read-only, and with nothing pending,
  // the file is read as it is.
  bool reads = code == SQLITE_OK && (writes || sqlite3_exec(handle, "SELECT 1 FROM sqlite_schema", nullptr, nullptr,
                                                            nullptr) != SQLITE_CANTOPEN);
  std::error_code ignored;
  if (!writes && !reads && fs::exists(file, ignored) && !fs::exists(file.string() + "-wal", ignored)) {
    sqlite3_close(handle);
    handle = nullptr;
    code = sqlite3_open_v2(immutable_uri(file).c_str(), &handle, flags | SQLITE_OPEN_URI, nullptr);
  }
  std::unique_ptr<SqlDatabase> database(new SqlDatabase(handle, file));
  if (code != SQLITE_OK) return database->error("open");
  sqlite3_busy_timeout(handle, kBusyMilliseconds);
  sqlite3_extended_result_codes(handle, 0);
  return database;
}

SqlDatabase::~SqlDatabase() {
  for (auto& [sql, statement] : prepared_) sqlite3_finalize(statement);
  sqlite3_close_v2(handle_);
}

Status SqlDatabase::execute(const char* script) {
  if (sqlite3_exec(handle_, script, nullptr, nullptr, nullptr) != SQLITE_OK) return error("use");
  return done();
}

Result<SqlQuery> SqlDatabase::query(const char* sql) {
  sqlite3_stmt*& statement = prepared_[sql];
  if (!statement && sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
    return error("use");
  return SqlQuery(statement);
}

Result<std::int64_t> SqlDatabase::integer(const char* sql) {
  Result<SqlQuery> query = this->query(sql);
  if (!query) return query.error();
  std::int64_t value = query->row() ? query->integer(0) : 0;
  if (query->failed()) return error("read");
  return value;
}

int SqlDatabase::changes() const { return sqlite3_changes(handle_); }
std::int64_t SqlDatabase::last_insert() const { return sqlite3_last_insert_rowid(handle_); }

Status SqlDatabase::copy_to(const fs::path& file) {
  Result<SqlQuery> query = this->query("VACUUM INTO ?1");
  if (!query) return query.error();
  query->bind(file.string());
  query->row();
  if (query->failed()) return error("copy to " + file.string() + " before a change of");
  return done();
}

Error SqlDatabase::error(std::string_view action) const { return explain(handle_, file_, action); }

}  // namespace baton
