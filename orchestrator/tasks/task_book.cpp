#include "orchestrator/tasks/task_book.h"

#include <nlohmann/json.hpp>

#include "support/fault_point.h"
#include "support/places.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr int kPage = 500;   // events read at a time
constexpr int kTries = 100;  // others that may be faster, one after the other

Error no_task(const std::string& words) {
  return {ErrorKind::usage, "There is no task " + words + " here; `baton tasks` lists them."};
}

}  // namespace

Result<TaskBook> TaskBook::open(const fs::path& state, const Environment& env) {
  auto own = open_own_journal(state / "journal.db", IdList(config_home(env) / kKnownJournalsFile));
  if (!own) return own.error();
  return TaskBook(std::move(own->journal));
}

Result<TaskBook> TaskBook::open_read_only(const fs::path& state, const Environment& env) {
  const Error none{ErrorKind::precondition, "There is no task in this repository yet; `baton run \"…\"` begins one."};
  std::error_code ignored;
  if (!fs::exists(state / "journal.db", ignored)) return none;
  auto journal = Journal::open_read_only(state / "journal.db");
  if (!journal) return journal.error();
  const auto id = (*journal)->id();
  if (!id) return id.error();
  if (!IdList(config_home(env) / kKnownJournalsFile).has(*id)) return none;
  return TaskBook(std::move(*journal));
}

Status TaskBook::refresh(TaskRecord& record) const { return read_on(record, 0); }

// `went_on`: the event that the record's state has taken before it was written.
Status TaskBook::read_on(TaskRecord& record, std::int64_t went_on) const {
  while (true) {
    const auto events = journal_->events(record.id, record.seq, kPage);
    if (!events) return events.error();
    for (const Event& event : *events) take(record, event, event.seq == went_on);
    if (events->size() < kPage) return done();
  }
}

Result<TaskRecord> TaskBook::record(const std::string& id) const {
  TaskRecord record;
  record.id = id;
  if (id.empty()) return no_task("without an id");
  if (auto read = refresh(record); !read) return read.error();
  if (record.created_ms == 0) return no_task(id);
  return record;
}

Result<std::string> TaskBook::find(const std::string& words) const {
  const auto all = rows();
  if (!all) return all.error();
  std::string found;
  for (const TaskRow& row : *all) {
    if (row.id == words) return words;
    if (words.size() < 4 || !(row.id.starts_with(words) || row.id.ends_with(words))) continue;
    if (!found.empty()) return Error{ErrorKind::usage, "More than one task is meant by " + words + "; give its whole id."};
    found = row.id;
  }
  if (found.empty()) return no_task(words.empty() ? "without an id" : words);
  return found;
}

Status TaskBook::read_anew(TaskRecord& record) const {
  auto again = this->record(record.id);
  if (!again) return again.error();
  record = std::move(*again);
  return done();
}

// `goes_on`: making the event takes the record's state on, so that a plan of thousands is not copied for each.
template <class Make>
Status TaskBook::write(TaskRecord& record, bool goes_on, Make make) {
  for (int tries = 0; tries < kTries; ++tries) {
    Result<Event> event = make();
    if (!event) return event.error();
    fault_point("before " + event->kind);
    const auto seq = journal_->append_after(record.id, record.seq, {*event});
    if (seq) fault_point("after " + event->kind);
    if (seq) return read_on(record, goes_on ? *seq : 0);
    const Status read = goes_on ? read_anew(record) : refresh(record);
    if (seq.error().kind != ErrorKind::precondition) return seq.error();
    if (!read) return read;
  }
  return Error{ErrorKind::internal, "The task's journal does not come to rest; end the other processes that work on it."};
}

Result<TaskRecord> TaskBook::draft(const std::string& id, const TaskWishes& wishes, const std::string& head, const std::string& base) {
  TaskRecord record;
  record.id = id;
  const Status written = write(record, false, [&]() -> Result<Event> { return make_draft(record.id, wishes, head, base); });
  if (!written) return written.error();
  return record;
}

Status TaskBook::tell(TaskRecord& record, const TaskEvent& event, nlohmann::json facts, std::vector<std::string> done, const std::string& actor) {
  return write(record, true, [&]() -> Result<Event> {
    std::string refusal;
    auto made = make_event(record, event, facts, done, actor, refusal);
    if (!made) return Error{ErrorKind::precondition, refusal};
    return std::move(*made);
  });
}

Status TaskBook::note(TaskRecord& record, nlohmann::json facts, std::vector<std::string> done, const std::string& actor) {
  return write(record, false, [&]() -> Result<Event> { return make_note(record, facts, done, actor); });
}

}  // namespace baton
