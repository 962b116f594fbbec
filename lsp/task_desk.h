// The commands of tasks: begun, watched, approved, answered, applied. A call of the engine lasts as long as a task goes on, so each
// has a worker of its own. What waits for the human is a diagnostic on the task's document with code actions, and a question where
// that does not stop the editor. Io thread.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "lsp/lanes.h"
#include "lsp/protocol.h"
#include "lsp/reply.h"
#include "lsp/work_done.h"
#include "orchestrator/tasks/tasks.h"
#include "orchestrator/tasks/typed_words.h"

namespace baton {

class TaskDesk {
 public:
  TaskDesk(Desk& desk, Lanes& lanes) : desk_(desk), lanes_(lanes) {}

  void start(StartTaskArguments arguments, std::string progress_token, Reply reply);
  void show_plan(TaskArguments arguments, std::string progress_token, Reply reply);
  void approve(TaskArguments arguments, std::string progress_token, Reply reply);
  void cancel(TaskArguments arguments, std::string progress_token, Reply reply);
  void retry(TaskArguments arguments, std::string progress_token, Reply reply);
  void accept(TaskArguments arguments, std::string progress_token, Reply reply);
  void answer(TaskArguments arguments, std::string progress_token, Reply reply);
  void resume(TaskArguments arguments, std::string progress_token, Reply reply);
  void open_worktree(TaskArguments arguments, std::string progress_token, Reply reply);
  void publish(TaskArguments arguments, std::string progress_token, Reply reply);
  void apply(TaskArguments arguments, std::string progress_token, Reply reply);
  void list(PlaceArguments arguments, std::string progress_token, Reply reply);

  // Tasks that can be begun from a place, and what can be done about those that wait.
  std::vector<nlohmann::json> actions(const Lane& lane, const Document& document, const std::string& path, Range range,
                                      const std::vector<Json>& given) const;
  void leave();  // the session ends; tasks go on where the engine is a process of its own
  bool finish(std::chrono::steady_clock::time_point deadline);

 private:
  struct Live;  // a call under way
  using Ptr = std::shared_ptr<Live>;
  // What waits for the human, as it was told last.
  struct Waiting {
    const Lane* lane = nullptr;
    std::string title, state, wait, document, message, question;
    std::vector<std::string> choices;
    bool shown = false;  // as a diagnostic
  };

  // Where the human types what a call lacks.
  struct TypedPage {
    std::string argument, path;  // empty: nothing is lacking
    TypedWords words = TypedWords::hint;
    std::shared_ptr<const std::string> text;  // as the editor has it; null: as it was saved
    bool needed = false;
  };

  void call(const std::string& uri, std::string verb, nlohmann::json arguments, std::string title, std::string token, Reply reply);
  void begin(const Ptr& live, Lane& lane);
  void heard(const Ptr& live, const nlohmann::json& event);
  void ended(const Ptr& live, Result<nlohmann::json> result);
  void note(const Lane& lane, const nlohmann::json& told);
  void publish(const std::string& task, Waiting& waiting);
  void give_up(const Ptr& live);
  void ask_trust(const Ptr& live);
  void ask_trust_in(const Ptr& live, const Result<TrustSubject>& subject);
  void approved(const Ptr& live, const TrustSubject& subject);
  void ask_human(const Ptr& live, const nlohmann::json& result);
  void show_round(const Ptr& live, const nlohmann::json& report);
  void show_page(const nlohmann::json& result);
  void show_document(const std::string& path, Reply& reply, nlohmann::json answer);
  void apply_edits(const Ptr& live, const std::string& task, const nlohmann::json& edits);
  TypedPage typed_page(const nlohmann::json& arguments, const std::string& verb) const;
  void ask_for_words(const Ptr& live, const TypedPage& page);
  Worker& new_worker();

  Desk& desk_;
  Lanes& lanes_;
  std::list<std::unique_ptr<Worker>> workers_;
  std::list<std::weak_ptr<Live>> live_;
  std::map<std::string, Waiting> waiting_;
  std::stop_source ending_;
};

}  // namespace baton
