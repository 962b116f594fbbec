// Writes go through a queue to one thread with a connection of its own; reads through a second connection under a lock. The
// queue is as long as there are callers that wait, since `append` waits for its commit.
#include "orchestrator/journal.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <limits>
#include <mutex>
#include <thread>

#include "orchestrator/journal_schema.h"
#include "orchestrator/sqlite.h"
#include "support/files.h"
#include "support/ids.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSettings =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
    "PRAGMA wal_autocheckpoint = 1000; PRAGMA trusted_schema = OFF;";
constexpr const char* kReaderSettings = "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF;";

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

// The events of one append, and the projections that they feed. Lives on the writer's thread.
class Writer {
 public:
  explicit Writer(std::unique_ptr<SqlDatabase> database) : database_(std::move(database)) {}

  Result<std::int64_t> append(const std::vector<Event>& events) { return append_if([] { return done(); }, events); }

  Result<std::int64_t> append_after(std::string_view task, std::int64_t last_seq, const std::vector<Event>& events) {
    return append_if([&]() -> Status {
      Result<SqlQuery> query = database_->query("SELECT coalesce(max(seq), 0) FROM event WHERE task_id = ?1");
      if (!query) return query.error();
      query->bind(task).row();
      if (query->failed()) return database_->error("read");
      if (query->integer(0) == last_seq) return done();
      return Error{ErrorKind::precondition, "Another process has gone on with this task; look at it again."};
    }, events);
  }

  template <class Condition>
  Result<std::int64_t> append_if(Condition condition, const std::vector<Event>& events) {
    Result<std::int64_t> last = std::int64_t{0};
    Status written = transaction([&]() -> Status {
      if (Status holds = condition(); !holds) return holds;
      for (const Event& event : events) {
        last = insert(event);
        if (!last) return last.error();
      }
      return done();
    });
    if (!written) return written.error();
    return last;
  }

  Status rebuild() {
    return transaction([&]() -> Status {
      if (Status emptied = database_->execute("DELETE FROM verification; DELETE FROM run; DELETE FROM outbox; DELETE FROM task;"); !emptied) return emptied;
      return project(0, std::numeric_limits<std::int64_t>::max());
    });
  }

 private:
  template <class Work>
  Status transaction(Work work) {
    if (Status begun = database_->execute("BEGIN IMMEDIATE"); !begun) return begun;
    Status status = work();
    if (status) status = database_->execute("COMMIT");
    // A failed statement may have ended the transaction already.
    if (!status) (void)database_->execute("ROLLBACK");
    return status;
  }

  // Not a CHECK of the table: SQLite counts json_valid as unsafe there as long as the schema is not trusted.
  Status check_body(const Event& event) {
    Result<SqlQuery> query = database_->query("SELECT json_valid(?1)");
    if (!query) return query.error();
    query->bind(event.body);
    if (query->row() && query->integer(0) == 1) return done();
    return Error{ErrorKind::usage, "The body of the event \"" + event.kind + "\" is not JSON."};
  }

  Result<std::int64_t> insert(const Event& event) {
    if (!event.body.empty()) {
      if (Status valid = check_body(event); !valid) return valid.error();
    }
    Result<SqlQuery> query = database_->query(
        "INSERT INTO event(ts, task_id, subtask_id, attempt, kind, v, body, idem, actor) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT(idem) DO NOTHING");
    if (!query) return query.error();
    query->bind(event.unix_ms != 0 ? event.unix_ms : now_ms()).bind(event.task).bind(event.subtask);
    query->bind(std::int64_t{event.attempt}).bind(event.kind).bind(std::int64_t{event.version});
    query->bind(event.body.empty() ? std::string_view("{}") : std::string_view(event.body));
    event.idempotency_key.empty() ? query->bind_null() : query->bind(event.idempotency_key);
    query->bind(event.actor).row();
    if (query->failed()) return database_->error("append to");
    if (database_->changes() == 0) return first_with(event.idempotency_key);
    std::int64_t seq = database_->last_insert();
    if (Status projected = project(seq, seq); !projected) return projected.error();
    return seq;
  }

  Result<std::int64_t> first_with(const std::string& idempotency_key) {
    Result<SqlQuery> query = database_->query("SELECT seq FROM event WHERE idem = ?1");
    if (!query) return query.error();
    if (!query->bind(idempotency_key).row()) return database_->error("read");
    return query->integer(0);
  }

  Status project(std::int64_t from, std::int64_t to) {
    for (const char* sql : journal_projections()) {
      Result<SqlQuery> query = database_->query(sql);
      if (!query) return query.error();
      query->bind(from).bind(to).row();
      if (query->failed()) return database_->error("append to");
    }
    return done();
  }

  std::unique_ptr<SqlDatabase> database_;
};

class SqliteJournal : public Journal {
 public:
  SqliteJournal(std::unique_ptr<SqlDatabase> writer, std::unique_ptr<SqlDatabase> reader)
      : reader_(std::move(reader)), writable_(writer != nullptr) {
    if (writable_) thread_ = std::thread([this, w = Writer(std::move(writer))]() mutable { serve(w); });
  }

  ~SqliteJournal() override {
    if (!writable_) return;
    {
      std::lock_guard lock(mutex_);
      closing_ = true;
    }
    // Closed before the writer's: the last connection puts the log back into the file, and a reading one may not.
    reader_.reset();
    wake_.notify_one();
    thread_.join();
  }

  Result<std::int64_t> append(const std::vector<Event>& events) override {
    return on_writer<Result<std::int64_t>>([&events](Writer& writer) { return writer.append(events); });
  }

  Result<std::int64_t> append_after(std::string_view task, std::int64_t last_seq, const std::vector<Event>& events) override {
    return on_writer<Result<std::int64_t>>([&](Writer& writer) { return writer.append_after(task, last_seq, events); });
  }

  Status rebuild() override {
    return on_writer<Status>([](Writer& writer) { return writer.rebuild(); });
  }

  Result<std::vector<Event>> events(std::string_view task, std::int64_t after_seq, int limit) const override {
    std::lock_guard lock(reading_);
    Result<SqlQuery> query = reader_->query(
        "SELECT seq, ts, task_id, subtask_id, attempt, kind, v, body, coalesce(idem, ''), actor FROM event "
        "WHERE (?1 = '' OR task_id = ?1) AND seq > ?2 ORDER BY seq LIMIT ?3");
    if (!query) return query.error();
    query->bind(task).bind(after_seq).bind(std::int64_t{limit});
    std::vector<Event> result;
    while (query->row()) {
      result.push_back({query->integer(0), query->integer(1), query->text(2), query->text(3),
                        static_cast<int>(query->integer(4)), query->text(5), static_cast<int>(query->integer(6)),
                        query->text(7), query->text(8), query->text(9)});
    }
    if (query->failed()) return reader_->error("read");
    return result;
  }

  Result<std::optional<CachedVerification>> find_verification(std::string_view key) const override {
    return one_verification(
        "SELECT v.key, v.id, json_extract(e.body, '$.report'), "
        "coalesce(json_extract(e.body, '$.seal'), '') FROM verification v JOIN event e USING (seq) "
        "WHERE v.key = ?1 AND ?1 <> '' ORDER BY v.seq DESC LIMIT 1",
        key);
  }

  Result<std::optional<CachedVerification>> verification(std::string_view id) const override {
    return one_verification(
        "SELECT v.key, v.id, json_extract(e.body, '$.report'), "
        "coalesce(json_extract(e.body, '$.seal'), '') FROM verification v JOIN event e USING (seq) "
        "WHERE v.id = ?1",
        id);
  }

  Result<std::optional<CachedVerification>> latest_verification() const override {
    return one_verification(
        "SELECT v.key, v.id, json_extract(e.body, '$.report'), "
        "coalesce(json_extract(e.body, '$.seal'), '') FROM verification v JOIN event e USING (seq) "
        "WHERE ?1 = '' ORDER BY v.seq DESC LIMIT 1",
        "");
  }

  Result<std::optional<CachedRun>> find_run(std::string_view key) const override {
    std::lock_guard lock(reading_);
    Result<SqlQuery> query = reader_->query("SELECT r.key, r.evidence, coalesce(json_extract(e.body, '$.seal'), '') FROM run r JOIN event e USING (seq) WHERE r.key = ?1");
    if (!query) return query.error();
    bool found = query->bind(key).row();
    if (query->failed()) return reader_->error("read");
    if (!found) return std::optional<CachedRun>();
    return std::optional(CachedRun{query->text(0), query->text(1), query->text(2)});
  }

  Result<std::vector<TaskRow>> tasks() const override {
    std::lock_guard lock(reading_);
    Result<SqlQuery> query = reader_->query("SELECT id, title, root, phase, wait, created, updated FROM task ORDER BY created DESC, id DESC");
    if (!query) return query.error();
    std::vector<TaskRow> rows;
    while (query->row()) {
      rows.push_back({query->text(0), query->text(1), query->text(2), query->text(3), query->text(4), query->integer(5), query->integer(6)});
    }
    if (query->failed()) return reader_->error("read");
    return rows;
  }

  Result<std::vector<OutboxRow>> outbox(std::string_view task) const override {
    std::lock_guard lock(reading_);
    Result<SqlQuery> query = reader_->query(
        "SELECT task_id, key, kind, subtask_id FROM outbox WHERE done IS NULL AND (?1 = '' OR task_id = ?1) ORDER BY asked, key");
    if (!query) return query.error();
    query->bind(task);
    std::vector<OutboxRow> rows;
    while (query->row()) rows.push_back({query->text(0), query->text(1), query->text(2), query->text(3)});
    if (query->failed()) return reader_->error("read");
    return rows;
  }

  Result<std::string> id() const override {
    std::lock_guard lock(reading_);
    Result<SqlQuery> query = reader_->query("SELECT value FROM meta WHERE key = 'id'");
    if (!query) return query.error();
    const bool found = query->row();
    if (query->failed()) return reader_->error("read");
    return found ? query->text(0) : std::string();
  }

 private:
  using Request = std::function<void(Writer&)>;

  template <class Answer>
  Answer on_writer(const std::function<Answer(Writer&)>& work) {
    if (!writable_)
      return Error{ErrorKind::usage, "The journal was opened for reading; nothing can be written to it from here."};
    // Shared: the writer may still be leaving set_value when the caller has its answer.
    auto promise = std::make_shared<std::promise<Answer>>();
    std::future<Answer> answer = promise->get_future();
    {
      std::lock_guard lock(mutex_);
      queue_.push_back([promise, &work](Writer& writer) { promise->set_value(work(writer)); });
    }
    wake_.notify_one();
    return answer.get();
  }

  void serve(Writer& writer) {
    for (;;) {
      Request request;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return closing_ || !queue_.empty(); });
        if (queue_.empty()) return;
        request = std::move(queue_.front());
        queue_.pop_front();
      }
      request(writer);
    }
  }

  Result<std::optional<CachedVerification>> one_verification(const char* sql, std::string_view parameter) const {
    std::lock_guard lock(reading_);
    Result<SqlQuery> query = reader_->query(sql);
    if (!query) return query.error();
    bool found = query->bind(parameter).row();
    if (query->failed()) return reader_->error("read");
    if (!found) return std::optional<CachedVerification>();
    return std::optional(CachedVerification{query->text(0), query->text(1), query->text(2), query->text(3)});
  }

  mutable std::mutex reading_;
  std::unique_ptr<SqlDatabase> reader_;

  bool writable_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Request> queue_;
  bool closing_ = false;
  std::thread thread_;
};

Status give_id(SqlDatabase& database) {
  Result<SqlQuery> query = database.query("INSERT INTO meta(key, value) VALUES ('id', ?1) ON CONFLICT(key) DO NOTHING");
  if (!query) return query.error();
  const std::string id = new_id() + new_id();
  query->bind(id).row();
  return query->failed() ? Status(database.error("write to")) : done();
}

Result<std::unique_ptr<SqlDatabase>> open_reader(const fs::path& file) {
  Result<std::unique_ptr<SqlDatabase>> reader = SqlDatabase::open(file, SqlAccess::read_only);
  if (!reader) return reader;
  if (Status set = (*reader)->execute(kReaderSettings); !set) return set.error();
  if (Status known = check_version(**reader, file, journal_migrations()); !known) return known.error();
  return reader;
}

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(const fs::path& file) {
  if (Status made = make_folder(file.parent_path()); !made) return made.error();
  fs::path lock_path = file;
  lock_path += ".lock";
  Result<FileLock> lock = FileLock::acquire(lock_path);  // one opening at a time: making, migrating
  if (!lock) return lock.error();

  Result<std::unique_ptr<SqlDatabase>> writer = SqlDatabase::open(file, SqlAccess::read_write);
  if (!writer) return writer.error();
  if (Status ours = refuse_foreign(**writer, file, journal_migrations()); !ours) return ours.error();
  if (Status set = (*writer)->execute(kSettings); !set) return set.error();
  if (Status migrated = migrate(**writer, file, journal_migrations()); !migrated) return migrated.error();
  if (Status named = give_id(**writer); !named) return named.error();
  Result<std::unique_ptr<SqlDatabase>> reader = open_reader(file);
  if (!reader) return reader.error();
  return std::unique_ptr<Journal>(new SqliteJournal(std::move(*writer), std::move(*reader)));
}

Result<std::unique_ptr<Journal>> Journal::open_read_only(const fs::path& file) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) {
    return Error{ErrorKind::precondition,
                 "There is no journal at " + file.string() + " yet; `baton verify` begins one."};
  }
  Result<std::unique_ptr<SqlDatabase>> reader = open_reader(file);
  if (!reader) return reader.error();
  return std::unique_ptr<Journal>(new SqliteJournal(nullptr, std::move(*reader)));
}

}  // namespace baton
