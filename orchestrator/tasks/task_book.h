// The tasks of a repository in its journal: records are read by folding events, and written one transition a transaction. An
// event is written only on top of the history that it was decided on, so that two processes never both go on. Thread-safe; blocks.
#pragma once

#include <filesystem>
#include <memory>

#include "orchestrator/own_journal.h"
#include "orchestrator/tasks/task_record.h"

namespace baton {

class TaskBook {
 public:
  static Result<TaskBook> open(const std::filesystem::path& state, const Environment& env);
  // For verbs that only look. A precondition error where there is no journal of this user's.
  static Result<TaskBook> open_read_only(const std::filesystem::path& state, const Environment& env);

  Result<TaskRecord> record(const std::string& id) const;
  Status refresh(TaskRecord& record) const;  // what others did since
  Result<std::vector<TaskRow>> rows() const { return journal_->tasks(); }
  // A whole id, or a beginning or end that only one has.
  Result<std::string> find(const std::string& words) const;

  Result<TaskRecord> draft(const std::string& id, const TaskWishes& wishes, const std::string& head, const std::string& base);
  // Refused by the state: a precondition error with its reason, and nothing is written.
  Status tell(TaskRecord& record, const TaskEvent& event, nlohmann::json facts, std::vector<std::string> done, const std::string& actor);
  Status note(TaskRecord& record, nlohmann::json facts, std::vector<std::string> done, const std::string& actor);

  Journal& journal() const { return *journal_; }

 private:
  explicit TaskBook(std::unique_ptr<Journal> journal) : journal_(std::move(journal)) {}
  template <class Make>
  Status write(TaskRecord& record, bool goes_on, Make make);
  Status read_on(TaskRecord& record, std::int64_t went_on) const;
  Status read_anew(TaskRecord& record) const;

  std::unique_ptr<Journal> journal_;
};

}  // namespace baton
