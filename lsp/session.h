// One client from its first byte to its last: the order of the protocol's life, every request answered exactly once, documents
// kept in step, commands handed on. Knows no descriptor: texts of frames go in, texts of frames come out. Io thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "lsp/binder.h"
#include "lsp/commands.h"
#include "lsp/known.h"
#include "lsp/lenses.h"
#include "lsp/options.h"
#include "lsp/repository_watch.h"
#include "lsp/task_desk.h"
#include "lsp/trace.h"
#include "lsp/verifications.h"

namespace baton {

// What the session asks of whoever runs it.
struct SessionHost {
  Client::Send send;
  std::function<void(int code)> end;               // exactly once
  std::function<void(std::int64_t pid)> watch;     // end when this process dies
};

class Session {
 public:
  Session(Loop& loop, SessionHost host, OpenEngine open_engine, Environment env, Caller caller);

  void receive(Message message);
  void bad_frame(std::string why);  // a header that was no header, a length that was not true
  void input_ended();
  void stop();                      // SIGTERM, death of the parent
  // Ends background work; false when some of it does not end by the deadline.
  bool finish(std::chrono::steady_clock::time_point deadline);

 private:
  enum class Life { fresh, running, shut_down, ended };

  void on(Request request);
  void on(const Notification& notification);
  void on(const Response& response);
  void on(const BadMessage& bad);
  Reply reply_to(const Request& request);
  void end(int code);
  void leave();
  void bind();

  void initialize(InitializeParams params, Reply reply);
  void shutdown(NoParams params, Reply reply);
  void cancel_request(CancelParams params);
  void set_trace(SetTraceParams params);
  void cancel_progress(CancelProgressParams params);
  void change_folders(FoldersChangedParams params);
  void initialized(AnyParams);
  void open_known(const std::vector<std::string>& folders);
  void configure(AnyParams params);
  void pull_options();
  void take(const nlohmann::json& settings);

  void did_open(DidOpenParams params);
  void did_change(DidChangeParams params);
  void did_save(DidSaveParams params);
  void did_close(DidCloseParams params);
  void look_for_file(const std::string& path, const std::string& uri);
  void give_back_soon();
  void note(const std::string& complaint);
  void tell_board(const std::string& path);
  void look_at_primer(const std::string& path);
  void changed_outside(Lane& lane, RepositoryWatch::Part part);
  void tell_config(const std::string& uri, const nlohmann::json& diagnostics, std::int64_t version);

  void code_action(CodeActionParams params, Reply reply);
  void code_lens(CodeLensParams params, Reply reply);
  void execute_command(ExecuteCommandParams params, Reply reply);

  SessionHost host_;
  Client client_;
  Trace trace_;
  Documents documents_;
  Desk desk_;
  RepositoryWatch watch_;  // before the lanes, whose workers use it
  Lanes lanes_;
  Verifications verifications_;
  Commands commands_;
  Known known_;
  Lenses lenses_;
  TaskDesk tasks_;
  Worker tidy_;
  bool giving_back_ = false;
  Binder binder_;
  Life life_ = Life::fresh;
  Options options_;
  std::set<std::string> bad_configs_;  // URIs that have diagnostics of their own text
  bool log_is_loud_ = false;  // by the client's wish, not by ours
  std::multimap<RequestId, std::stop_source> open_requests_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);  // replies may outlive us in the loop's queue
};

}  // namespace baton
