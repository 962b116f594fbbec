#include "orchestrator/attached_engine.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "orchestrator/doctor_report.h"
#include "orchestrator/engine_link.h"
#include "support/json.h"
#include "support/os_error.h"

namespace baton {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr auto kAttach = 30s;     // for an engine to be found or started
constexpr auto kCancelled = 2s;   // for the engine to say that a call has ended after it was cancelled
constexpr std::size_t kMaxLine = 64u << 10;

const Error kLost{ErrorKind::io, "Baton's engine ended unexpectedly; nothing of yours was changed. Ask again: it is started anew."};

// A connection, its reader, and the calls that wait for an answer.
class Wire {
 public:
  // `unsaved`: what the engine is told when another asks for the working tree.
  explicit Wire(int socket, std::function<Overlay()> unsaved = {}) : link_(socket), unsaved_(std::move(unsaved)), reader_([this] { read(); }) {}
  ~Wire() {
    link_.shut();
    reader_.join();
  }

  void let_go() {
    link_.shut();
    const std::lock_guard guard(mutex_);
    lost_ = true;
    answered_.notify_all();
  }

  bool peer_is_ours() const { return link_.peer_is_ours(); }

  bool lost() {
    const std::lock_guard guard(mutex_);
    return lost_;
  }

  Result<json> call(const std::string& method, json params, const ProgressSink& sink, std::stop_token stop, const TaskEvents& events = {}) {
    Waiting waiting{&sink, &events, std::nullopt};
    std::unique_lock lock(mutex_);
    const int id = ++next_id_;
    if (lost_) return kLost;
    calls_.emplace(id, &waiting);
    lock.unlock();
    const bool sent = link_.send({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}});
    lock.lock();
    const auto over = [&] { return waiting.answer || lost_ || !sent; };
    if (!answered_.wait(lock, stop, over)) {  // cancelled
      lock.unlock();
      link_.send({{"jsonrpc", "2.0"}, {"method", "$/cancelRequest"}, {"params", {{"id", id}}}});
      lock.lock();
      answered_.wait_for(lock, kCancelled, over);
      if (!waiting.answer && !lost_) waiting.answer = Error{ErrorKind::cancelled, "Cancelled; nothing of yours was changed."};
    }
    calls_.erase(id);
    // The sink belongs to the caller: its last use must be over before this returns.
    answered_.wait(lock, [&] { return telling_ != id; });
    return waiting.answer ? std::move(*waiting.answer) : Result<json>(kLost);
  }

 private:
  struct Waiting {
    const ProgressSink* sink;
    const TaskEvents* events;
    std::optional<Result<json>> answer;
  };

  void read() {
    while (auto message = link_.receive()) take(*message);
    const std::lock_guard guard(mutex_);
    lost_ = true;
    answered_.notify_all();
  }

  void take(json& message) {
    const auto method = message.find("method");
    if (method != message.end()) {
      if (*method == "engine/progress" || *method == "engine/taskEvent") tell(message["params"]);
      else if (*method == "session/unsaved") link_.send({{"jsonrpc", "2.0"}, {"id", message["id"]}, {"result", to_json(unsaved_ ? unsaved_() : Overlay())}});
      return;
    }
    if (!message.contains("id") || !message["id"].is_number_integer()) return;
    const std::lock_guard guard(mutex_);
    const auto call = calls_.find(message["id"].get<int>());
    if (call == calls_.end()) return;  // given up before
    if (message.contains("error")) call->second->answer = error_from_json(message["error"]);
    else call->second->answer = std::move(message["result"]);
    answered_.notify_all();
  }

  void tell(const json& params) {
    if (!params.contains("id") || !params["id"].is_number_integer()) return;
    Waiting* waiting = nullptr;
    {
      const std::lock_guard guard(mutex_);
      const auto call = calls_.find(params["id"].get<int>());
      if (call == calls_.end()) return;
      waiting = call->second;
      telling_ = call->first;
    }
    if (const auto event = params.find("event"); event != params.end()) {
      if (*waiting->events) (*waiting->events)(*event);
    } else if (const auto progress = progress_from_json(params); progress && *waiting->sink) {
      (*waiting->sink)(*progress);
    }
    const std::lock_guard guard(mutex_);
    telling_ = 0;
    answered_.notify_all();
  }

  EngineLink link_;
  const std::function<Overlay()> unsaved_;
  std::mutex mutex_;
  std::condition_variable_any answered_;
  std::map<int, Waiting*> calls_;
  int next_id_ = 0;
  int telling_ = 0;  // the call whose sink is in use
  bool lost_ = false;
  std::thread reader_;  // last: it uses the rest
};

// The first line that a program prints. It is given up, not waited for, at the deadline: what it leaves behind is an engine.
Result<std::string> first_line(const std::vector<std::string>& argv, const Environment& env) {
  int out[2];
  if (::pipe2(out, O_CLOEXEC) != 0) return os_error("make a pipe for", argv.front(), errno);
  std::vector<std::string> variables;
  for (const auto& [name, value] : env) variables.push_back(name + "=" + value);
  const auto pointers = [](const std::vector<std::string>& texts) {
    std::vector<char*> list;
    for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
    list.push_back(nullptr);
    return list;
  };
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  pid_t child = -1;
  const int problem = ::posix_spawn(&child, argv.front().c_str(), &actions, nullptr, pointers(argv).data(), pointers(variables).data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(out[1]);
  std::string line;
  const auto deadline = Clock::now() + kAttach;
  while (problem == 0 && line.size() < kMaxLine && (line.empty() || line.back() != '\n')) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd wait{out[0], POLLIN, 0};
    if (left <= 0 || ::poll(&wait, 1, static_cast<int>(left)) == 0) break;
    char byte = 0;
    const ssize_t got = ::read(out[0], &byte, 1);
    if (got == 0 || (got < 0 && errno != EINTR)) break;
    if (got == 1) line += byte;
  }
  ::close(out[0]);
  if (problem != 0) return os_error("start", argv.front(), problem);
  if (line.empty() || line.back() != '\n') ::kill(child, SIGKILL);
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  return line;
}

Result<EngineAddress> start_engine(const fs::path& inside, const Environment& env) {
  const auto program = libexec_program("baton-engine");
  if (!program) return program.error();
  const auto line = first_line({program->string(), "reside", "--workspace", inside.string()}, env);
  if (!line) return line.error();
  const auto said = parse_json(*line);
  if (!said || !said->is_object()) {
    return Error{ErrorKind::internal, "Baton's engine did not start: `" + program->string() + " reside --workspace " +
                                          inside.string() + "` says why."};
  }
  if (said->contains("error")) return error_from_json((*said)["error"]);
  return engine_address_from_json(*said);
}

class AttachedEngine final : public Engine {
 public:
  // `window`: of an editor, whose unsaved text is part of the tree.
  AttachedEngine(fs::path inside, Environment env, bool window) : inside_(std::move(inside)), env_(std::move(env)), window_(window) {}

  Status attach(const EngineAddress& address) {
    const auto socket = connect_engine(address.socket);
    if (!socket) return socket.error();
    auto wire = std::make_shared<Wire>(*socket, [this] { return unsaved(); });
    if (!wire->peer_is_ours()) return Error{ErrorKind::precondition, address.socket + " is not a socket of your own engine: remove it."};
    const auto met = wire->call("engine/hello", {{"inside", inside_.string()}, {"protocol", kEngineProtocol}, {"window", window_}}, {}, {});
    if (!met) return met.error();
    auto repository = repository_from_json(met->value("repository", json::object()));
    if (!repository) return repository.error();
    if (repository_.root.empty()) repository_ = std::move(*repository);  // handed out by reference: stays as it was met
    const std::lock_guard guard(wire_mutex_);
    if (let_go_) return kLost;
    wire_ = std::move(wire);
    return done();
  }

  const Repository& repository() const override { return repository_; }

  void offer_unsaved(std::function<Overlay()> unsaved) override {
    const std::lock_guard guard(wire_mutex_);
    unsaved_ = std::move(unsaved);
  }

  bool let_go() override {
    const std::lock_guard guard(wire_mutex_);
    let_go_ = true;
    if (wire_) wire_->let_go();
    return true;
  }

  Result<VerifyReport> verify(const VerifyRequest& request, const ProgressSink& progress, std::stop_token stop) override {
    const auto report = call("engine/verify", to_json(request), progress, stop);
    if (!report) return report.error();
    return verify_report_from_json(*report);
  }

  Result<DoctorReport> doctor(const Environment& client_env) override {
    const auto report = call("engine/doctor", to_json(client_env));
    if (!report) return report.error();
    return doctor_report_from_json(*report);
  }

  Result<TrustSubject> what_would_run(const VerifyRequest& request) override {
    const auto subject = call("engine/whatWouldRun", to_json(request));
    if (!subject) return subject.error();
    return trust_subject_from_json(*subject);
  }

  Status trust(const TrustSubject& subject, const Caller& caller) override {
    json params = to_json(subject);
    params["caller"] = to_json(caller);
    const auto given = call("engine/trust", std::move(params));
    if (!given) return given.error();
    return done();
  }

  Result<VerifyReport> accept(const AcceptRequest& request, const Caller& caller) override {
    json params = to_json(request);
    params["caller"] = to_json(caller);
    const auto report = call("engine/accept", std::move(params));
    if (!report) return report.error();
    return verify_report_from_json(*report);
  }

  Result<std::vector<Acceptance>> accepted() override {
    const auto list = call("engine/accepted", json::object());
    if (!list) return list.error();
    std::vector<Acceptance> all;
    for (const json& item : *list) {
      auto one = acceptance_from_json(item);
      if (!one) return one.error();
      all.push_back(std::move(*one));
    }
    return all;
  }

  Result<FileOutline> outline(const OutlineRequest& request) override {
    const auto outline = call("engine/outline", to_json(request));
    if (!outline) return outline.error();
    return file_outline_from_json(*outline);
  }

  Result<std::optional<VerifyReport>> latest_report() override { return report_from("engine/latestReport"); }
  Result<std::optional<VerifyReport>> missed_report(std::stop_token stop) override {
    return report_from("engine/missedReport", stop);
  }

  Result<json> task(const TaskCall& task, const TaskEvents& events, std::stop_token stop) override {
    auto wire = living_wire();
    if (!wire) return wire.error();
    return (*wire)->call("engine/task", to_json(task), {}, stop, events);
  }

  Result<std::optional<std::string>> file_at(const std::string& tree, const std::string& path) override {
    const auto text = call("engine/fileAt", {{"tree", tree}, {"path", path}});
    if (!text) return text.error();
    if (!text->is_string()) return std::optional<std::string>();
    return std::optional<std::string>(text->get<std::string>());
  }

 private:
  Result<std::optional<VerifyReport>> report_from(const std::string& method, std::stop_token stop = {}) {
    const auto json = call(method, nlohmann::json::object(), {}, stop);
    if (!json) return json.error();
    if (json->is_null()) return std::optional<VerifyReport>();
    auto report = verify_report_from_json(*json);
    if (!report) return report.error();
    return std::optional<VerifyReport>(std::move(*report));
  }

  Result<json> call(const std::string& method, json params, const ProgressSink& sink = {}, std::stop_token stop = {}) {
    auto wire = living_wire();
    if (!wire) return wire.error();
    return (*wire)->call(method, std::move(params), sink, stop);
  }

  // An engine leaves when it is idle and can be killed: another is started where that happened.
  Result<std::shared_ptr<Wire>> living_wire() {
    const std::lock_guard guard(starting_);
    if (auto wire = the_wire(); wire && !wire->lost()) return wire;
    const auto address = start_engine(inside_, env_);
    if (!address) return address.error();
    if (const Status attached = attach(*address); !attached) return attached.error();
    return the_wire();
  }

  Overlay unsaved() {
    std::function<Overlay()> tell;
    {
      const std::lock_guard guard(wire_mutex_);
      if (!let_go_) tell = unsaved_;
    }
    return tell ? tell() : Overlay();
  }

  std::shared_ptr<Wire> the_wire() {
    const std::lock_guard guard(wire_mutex_);
    return wire_;
  }

  const fs::path inside_;
  const Environment env_;
  const bool window_;
  std::mutex starting_;    // held while an engine is looked for, which may take a while
  std::mutex wire_mutex_;  // never held for long
  Repository repository_;
  std::function<Overlay()> unsaved_;
  bool let_go_ = false;
  std::shared_ptr<Wire> wire_;  // last: its reader uses the rest
};

}  // namespace

namespace {

Result<std::unique_ptr<Engine>> attach(const EngineAddress& address, const fs::path& inside, const Environment& client_env, bool window) {
  auto engine = std::make_unique<AttachedEngine>(inside, client_env, window);
  if (const Status attached = engine->attach(address); !attached) return attached.error();
  return std::unique_ptr<Engine>(std::move(engine));
}

}  // namespace

Result<std::unique_ptr<Engine>> attach_to(const EngineAddress& address, const fs::path& inside, const Environment& client_env) {
  return attach(address, inside, client_env, false);
}

Result<std::unique_ptr<Engine>> attach_engine(const fs::path& inside, const Environment& client_env) {
  // One that was about to leave for want of work is gone by now: the second time there is another.
  for (bool again = false;; again = true) {
    const auto address = start_engine(inside, client_env);
    if (!address) return address.error();
    auto attached = attach(*address, inside, client_env, true);
    if (attached || again || attached.error().kind != ErrorKind::io) return attached;
  }
}

Status ask_to_leave(const EngineAddress& address, bool if_idle) {
  const auto socket = connect_engine(address.socket);
  if (!socket) return socket.error();
  Wire wire(*socket);
  const auto left = wire.call("engine/leave", {{"if_idle", if_idle}}, {}, {});
  if (!left && left.error().kind == ErrorKind::precondition) return left.error();
  return done();  // one that went away before it could answer has left
}

}  // namespace baton
