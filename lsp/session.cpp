#include "lsp/session.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "lsp/config_check.h"
#include "lsp/methods.h"
#include "lsp/uri.h"
#include "support/log.h"
#include "support/memory.h"

namespace baton {

using nlohmann::json;

namespace {
using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kRest{1};          // before memory is given back: what frees much may go on to
constexpr std::size_t kMuchMemory = 1u << 20;     // of a document
}  // namespace

Session::Session(Loop& loop, SessionHost host, OpenEngine open_engine, Environment env, Caller caller)
    : host_(std::move(host)),
      client_(host_.send),
      trace_(client_),
      desk_{loop, client_, documents_, std::move(open_engine), std::move(env), std::move(caller)},
      watch_(loop, [this](Lane& lane, RepositoryWatch::Part part) { changed_outside(lane, part); }),
      lanes_(desk_),
      verifications_(desk_, lanes_),
      commands_(desk_, lanes_),
      known_(desk_, lanes_),
      lenses_(desk_, lanes_),
      tasks_(desk_, lanes_) {
  lanes_.on_new([this](Lane& lane) { watch_.follow(lane); });
  desk_.shown = [this] {
    lenses_.refresh();
    give_back_soon();
  };
  bind();
}

void Session::bind() {
  binder_.request("initialize", this, &Session::initialize);
  binder_.request("shutdown", this, &Session::shutdown);
  binder_.request("textDocument/codeAction", this, &Session::code_action);
  binder_.request("textDocument/codeLens", this, &Session::code_lens);
  binder_.request("workspace/executeCommand", this, &Session::execute_command);
  binder_.notification("initialized", this, &Session::initialized);
  binder_.notification("$/cancelRequest", this, &Session::cancel_request);
  binder_.notification("$/setTrace", this, &Session::set_trace);
  binder_.notification("window/workDoneProgress/cancel", this, &Session::cancel_progress);
  binder_.notification("workspace/didChangeWorkspaceFolders", this, &Session::change_folders);
  binder_.notification("workspace/didChangeConfiguration", this, &Session::configure);
  binder_.notification("textDocument/didOpen", this, &Session::did_open);
  binder_.notification("textDocument/didChange", this, &Session::did_change);
  binder_.notification("textDocument/didSave", this, &Session::did_save);
  binder_.notification("textDocument/didClose", this, &Session::did_close);
  binder_.command("baton.verify", &verifications_, &Verifications::verify);
  binder_.command("baton.cancelVerify", &verifications_, &Verifications::cancel);
  binder_.command("baton.trustRepository", &verifications_, &Verifications::trust);
  binder_.command("baton.doctor", &commands_, &Commands::doctor);
  binder_.command("baton.openEvidence", &commands_, &Commands::open_evidence);
  binder_.command("baton.acceptFailure", &known_, &Known::accept);
  binder_.command("baton.showKnown", &known_, &Known::show);
  binder_.command("baton.startTask", &tasks_, &TaskDesk::start);
  binder_.command("baton.listTasks", &tasks_, &TaskDesk::list);
  binder_.command("baton.showPlan", &tasks_, &TaskDesk::show_plan);
  binder_.command("baton.approvePlan", &tasks_, &TaskDesk::approve);
  binder_.command("baton.cancelTask", &tasks_, &TaskDesk::cancel);
  binder_.command("baton.resumeTask", &tasks_, &TaskDesk::resume);
  binder_.command("baton.retryTask", &tasks_, &TaskDesk::retry);
  binder_.command("baton.acceptTask", &tasks_, &TaskDesk::accept);
  binder_.command("baton.answer", &tasks_, &TaskDesk::answer);
  binder_.command("baton.openWorktree", &tasks_, &TaskDesk::open_worktree);
  binder_.command("baton.applyToWorkspace", &tasks_, &TaskDesk::apply);
  binder_.command("baton.createPullRequest", &tasks_, &TaskDesk::publish);
  binder_.command("baton.memoryUsage", &commands_, &Commands::memory_usage);
}

void Session::receive(Message message) {
  if (life_ == Life::ended) return;
  std::visit([this](auto&& part) { on(std::forward<decltype(part)>(part)); }, std::move(message));
}

void Session::bad_frame(std::string why) { on(BadMessage{ErrorCode::parse_error, std::move(why)}); }

void Session::on(const BadMessage& bad) {
  if (life_ == Life::ended) return;
  log(LogLevel::warning, "a message that could not be read: " + bad.message);
  host_.send(error_text("null", bad.code, bad.message), {});
}

void Session::on(const Response& response) { client_.answered(response); }

Reply Session::reply_to(const Request& request) {
  const auto open = open_requests_.emplace(request.id, std::stop_source());
  const auto answer = [this, open, method = request.method, since = Clock::now(), alive = std::weak_ptr(alive_)](std::string text) {
    if (alive.expired()) return;
    const RequestId id = open->first;
    open_requests_.erase(open);
    if (life_ == Life::ended) return;
    const std::string shown = trace_.verbose() ? text : std::string();
    host_.send(std::move(text), {});
    if (life_ == Life::running) trace_.answered(method, id, since, shown);
  };
  return Reply(request.id, request.method, open->second, answer);
}

void Session::on(Request request) {
  Reply reply = reply_to(request);
  const bool initialize = request.method == "initialize";
  if (life_ == Life::shut_down) return reply.error(ErrorCode::invalid_request, "The session has been shut down.");
  if (life_ == Life::fresh && !initialize) {
    return reply.error(ErrorCode::server_not_initialized, "The session waits for initialize.");
  }
  if (life_ == Life::running && initialize) {
    return reply.error(ErrorCode::invalid_request, "The session is initialized already.");
  }
  try {
    binder_.dispatch(request, std::move(reply));
  } catch (const std::exception& error) {
    // The reply was dropped on the way and has answered by itself.
    log(LogLevel::error, request.method + ": a bug: " + error.what());
  }
}

void Session::on(const Notification& notification) {
  if (notification.method == "exit") return end(life_ == Life::shut_down ? 0 : 1);
  if (life_ != Life::running) return;
  const auto since = Clock::now();
  std::string error;
  try {
    error = binder_.dispatch(notification);
  } catch (const std::exception& bug) {
    error = bug.what();
  }
  trace_.taken(notification.method, since);
  if (error.empty()) return;
  log(LogLevel::warning, notification.method + ": " + error);
  client_.log_message(MessageType::warning, notification.method + ": " + error);
  if (notification.method != "textDocument/didChange") return;
  // A change that was not understood is a change that is missing.
  const json& params = *notification.params;
  if (!params.is_object() || !params.contains("textDocument") || !params["textDocument"].is_object()) return;
  const json uri = params["textDocument"].value("uri", json());
  if (uri.is_string()) documents_.lose_step(uri.get<std::string>());
}

void Session::input_ended() { end(life_ == Life::shut_down ? 0 : 1); }
void Session::stop() { end(life_ == Life::shut_down ? 0 : 1); }

void Session::end(int code) {
  if (life_ == Life::ended) return;
  leave();
  life_ = Life::ended;
  host_.end(code);
}

// Nobody is waited for, neither the user nor an engine.
void Session::leave() {
  tasks_.leave();  // first: what the user cancels is a task or a verification, and who leaves cancels none
  verifications_.leave();
  std::vector<std::stop_source> open;
  for (const auto& [id, source] : open_requests_) open.push_back(source);
  for (std::stop_source& source : open) source.request_stop();
}

bool Session::finish(std::chrono::steady_clock::time_point deadline) {
  bool all = true;
  for (Worker* worker : lanes_.workers()) all = worker->finish(deadline) && all;
  all = lenses_.finish(deadline) && all;
  all = tidy_.finish(deadline) && all;
  return tasks_.finish(deadline) && all;
}

void Session::initialize(InitializeParams params, Reply reply) {
  client_.meet(client_profile(*params.whole));
  documents_.use(client_.profile().encoding);
  lanes_.add_folders(params.folders);
  life_ = Life::running;
  set_trace({params.trace});
  const std::string complaint = params.whole->contains("initializationOptions")
                                    ? take_options((*params.whole)["initializationOptions"], options_)
                                    : std::string();
  reply.result({{"capabilities", server_capabilities(client_.profile())},
                {"serverInfo", {{"name", "baton"}, {"version", BATON_VERSION}}}});
  note(complaint);
  if (params.process_id) host_.watch(*params.process_id);
}

void Session::initialized(AnyParams) {
  pull_options();
  open_known(lanes_.folders());
}

void Session::pull_options() {
  client_.request("workspace/configuration", {{"items", {{{"section", "baton"}}}}}, [this](const Response& response) {
    if (!response.failed && response.result->is_array() && !response.result->empty()) take(response.result->front());
  });
}

// Clients that let themselves be asked send no settings along, or old ones.
void Session::configure(AnyParams params) {
  if (client_.profile().configuration) return pull_options();
  if (params.json->is_object() && params.json->contains("settings")) take((*params.json)["settings"]);
}

void Session::take(const json& settings) { note(take_options(settings, options_)); }

void Session::open_known(const std::vector<std::string>& folders) {
  lanes_.open_known(folders, [this](Result<Lane*> lane) {
    if (lane) verifications_.catch_up(**lane);
    else log(LogLevel::info, lane.error().message);
  });
}

void Session::shutdown(NoParams, Reply reply) {
  leave();
  life_ = Life::shut_down;
  reply.result(json());
}

void Session::cancel_request(CancelParams params) {
  // Answering takes the request off the table, so the sources are copied first.
  std::vector<std::stop_source> sources;
  const auto [begin, end] = open_requests_.equal_range(params.id);
  for (auto open = begin; open != end; ++open) sources.push_back(open->second);
  for (std::stop_source& source : sources) source.request_stop();
}

void Session::set_trace(SetTraceParams params) {
  trace_.set(params.value);
  if (trace_.verbose()) set_log_level(LogLevel::debug);
  else if (log_is_loud_) set_log_level(LogLevel::warning);
  log_is_loud_ = trace_.verbose();
}

void Session::cancel_progress(CancelProgressParams params) { client_.cancel_progress(params.token); }

void Session::change_folders(FoldersChangedParams params) {
  std::vector<std::string> added;
  lanes_.remove_folders(params.removed);
  lanes_.add_folders(params.added, &added);
  open_known(added);
}

void Session::note(const std::string& complaint) {
  if (complaint.empty()) return;
  log(LogLevel::warning, complaint);
  client_.log_message(MessageType::warning, complaint);
}

void Session::tell_board(const std::string& path) {
  if (Lane* lane = path.empty() ? nullptr : lanes_.find(path)) {
    lane->board.document_changed(*lane->relative(path));
  } else if (const Document* document = documents_.find_path(path); document && document->in_step && is_config(*document)) {
    tell_config(document->uri, config_diagnostics(*document, client_.profile().encoding), document->version);
  }
}

// A primer rests on others, so that all are looked at, as they are saved; of a repository that something was asked of.
void Session::look_at_primer(const std::string& path) {
  Lane* lane = path.find(kPrimerPlace) == path.npos ? nullptr : lanes_.find(path);
  if (lane) commands_.remark(*lane);
}

// What an editor shows of a repository also changes by what others do to it.
void Session::changed_outside(Lane& lane, RepositoryWatch::Part part) {
  if (life_ != Life::running || lane.removed) return;
  if (part == RepositoryWatch::Part::settings) return commands_.remark(lane);
  lenses_.base_moved();
}

// Of a repository that nothing was asked of yet.
void Session::tell_config(const std::string& uri, const json& diagnostics, std::int64_t version) {
  if (diagnostics.empty() && !bad_configs_.erase(uri)) return;
  if (!diagnostics.empty()) bad_configs_.insert(uri);
  json params = {{"uri", uri}, {"diagnostics", diagnostics}};
  if (client_.profile().diagnostic_version && !diagnostics.empty()) params["version"] = version;
  client_.notify("textDocument/publishDiagnostics", params, "diagnostics " + uri);
}

void Session::did_open(DidOpenParams params) {
  const std::string path = path_of_uri(params.uri).value_or("");
  if (!path.empty()) look_for_file(path, params.uri);
  note(documents_.open(std::move(params)));
  tell_board(path);
  look_at_primer(path);
}

// A text whose file is not there is new, unless the file was there before.
void Session::look_for_file(const std::string& path, const std::string& uri) {
  tidy_.submit([this, path, uri] {
    std::error_code error;
    if (std::filesystem::exists(path, error)) desk_.loop.post([this, uri] { documents_.saw_file(uri); });
  });
}

void Session::did_change(DidChangeParams params) {
  note(documents_.change(params));
  const Document* document = documents_.find(params.uri);
  if (document && document->in_step) tell_board(document->path);
}

void Session::did_save(DidSaveParams params) {
  note(documents_.save(params));
  look_at_primer(path_of_uri(params.uri).value_or(""));
  if (options_.verify_on_save) verifications_.after_save(params.uri);
}

// A document or a report of some megabytes leaves much behind in the allocator.
void Session::give_back_soon() {
  if (std::exchange(giving_back_, true)) return;
  desk_.loop.after(kRest, [this] {
    giving_back_ = false;
    tidy_.submit(give_back_memory);
  });
}

void Session::did_close(DidCloseParams params) {
  const Document* document = documents_.find(params.uri);
  if (document && document->store.size() >= kMuchMemory) give_back_soon();
  note(documents_.close(params));
  tell_config(params.uri, json::array(), 0);
  tell_board(path_of_uri(params.uri).value_or(""));
}

void Session::code_action(CodeActionParams params, Reply reply) {
  json actions = json::array();
  const auto wanted = [&](std::string_view kind) {
    return params.only.empty() || std::any_of(params.only.begin(), params.only.end(), [&](const std::string& only) {
             return only.empty() || only == kind || (kind.starts_with(only) && kind[only.size()] == '.');
           });
  };
  const Document* document = documents_.find(params.uri);
  Lane* lane = document && !document->path.empty() ? lanes_.find(document->path) : nullptr;
  if (lane && wanted("quickfix")) {
    for (json& action : lane->board.actions(*document, *lane->relative(document->path), params.range, params.diagnostics)) {
      actions.push_back(std::move(action));
    }
    for (json& action : tasks_.actions(*lane, *document, *lane->relative(document->path), params.range, params.diagnostics)) {
      actions.push_back(std::move(action));
    }
  }
  if (lane && wanted(kSourceKind)) {
    for (json& action : lenses_.actions(*lane, *document, params.range)) actions.push_back(std::move(action));
  }
  reply.result(actions);
}

void Session::code_lens(CodeLensParams params, Reply reply) { lenses_.lenses(std::move(params), std::move(reply)); }

void Session::execute_command(ExecuteCommandParams params, Reply reply) { binder_.dispatch(params, std::move(reply)); }

}  // namespace baton
