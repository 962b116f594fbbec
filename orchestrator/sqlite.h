// A thin face of SQLite: a connection with its prepared statements, and failures as sentences. A connection belongs to one
// thread at a time. Blocks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "support/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace baton {

// A prepared statement between a bind and a reset. Texts are copied out; a step's row is valid until the next step.
class SqlQuery {
 public:
  explicit SqlQuery(sqlite3_stmt* statement) : statement_(statement) {}
  SqlQuery(SqlQuery&& other) noexcept : statement_(other.statement_), next_(other.next_), code_(other.code_) {
    other.statement_ = nullptr;
  }
  SqlQuery& operator=(SqlQuery&&) = delete;
  ~SqlQuery();  // resets it

  SqlQuery& bind(std::int64_t value);
  SqlQuery& bind(std::string_view value);
  SqlQuery& bind_null();

  bool row();  // steps; false at the end or on failure
  bool failed() const;
  std::int64_t integer(int column) const;
  std::string text(int column) const;

 private:
  sqlite3_stmt* statement_;
  int next_ = 1;
  int code_ = 0;
};

enum class SqlAccess { read_write, read_only };

class SqlDatabase {
 public:
  static Result<std::unique_ptr<SqlDatabase>> open(const std::filesystem::path& file, SqlAccess access);
  ~SqlDatabase();
  SqlDatabase(const SqlDatabase&) = delete;
  SqlDatabase& operator=(const SqlDatabase&) = delete;

  Status execute(const char* script);           // statements without parameters
  Result<SqlQuery> query(const char* sql);      // prepared once per connection; `sql` must be a literal
  Result<std::int64_t> integer(const char* sql);  // the first column of the first row, 0 when there is none
  int changes() const;
  std::int64_t last_insert() const;
  Status copy_to(const std::filesystem::path& file);  // a consistent copy, to a file that does not exist
  // Why the last call failed, with what to do next.
  Error error(std::string_view action) const;

 private:
  SqlDatabase(sqlite3* handle, std::filesystem::path file) : handle_(handle), file_(std::move(file)) {}
  sqlite3* handle_;
  std::filesystem::path file_;
  std::map<std::string_view, sqlite3_stmt*> prepared_;
};

}  // namespace baton
