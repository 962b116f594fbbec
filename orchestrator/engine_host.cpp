#include "orchestrator/engine_host.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <condition_variable>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "orchestrator/agents/work_trees.h"
#include "orchestrator/attestation.h"
#include "orchestrator/doctor_report.h"
#include "orchestrator/engine_link.h"
#include "orchestrator/last_close.h"
#include "orchestrator/verify_report.h"
#include "support/files.h"
#include "support/hash.h"
#include "support/json.h"
#include "support/log.h"
#include "support/places.h"

namespace baton {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::size_t kMaxConnections = 64;
constexpr std::size_t kMaxCalls = 32;  // of one connection at a time
constexpr auto kUnsaved = 1s;  // for windows to say what is not saved there
constexpr auto kReopen = 2s;   // a window that is loaded anew closes and opens
constexpr auto kLeave = 5s;    // for calls to end after they were cancelled

const Error kGone{ErrorKind::cancelled, "Cancelled; nothing of yours was changed."};

json answer(const json& id, Result<json> result) {
  json message = {{"jsonrpc", "2.0"}, {"id", id}};
  if (result) message["result"] = std::move(*result);
  else message["error"] = to_json(result.error());
  return message;
}

template <class T>
Result<json> as_json(const Result<T>& result) {
  if (!result) return result.error();
  return to_json(*result);
}

Result<json> as_json(const Result<std::optional<VerifyReport>>& report) {
  if (!report) return report.error();
  return *report ? to_json(**report) : json(nullptr);
}

std::string text_of(const json& params, const char* name) {
  const auto found = params.find(name);
  return found != params.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

// An editor that is attached, as others see it.
class Window {
 public:
  virtual ~Window() = default;
  // Its unsaved text below a work tree; waits for the answer.
  virtual Overlay unsaved(const fs::path& root) = 0;
};

// Shared by the threads; outlives the host while one of them still ends.
struct HostState {
  explicit HostState(EngineHostOptions options_) : options(std::move(options_)), wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~HostState() { ::close(wake); }

  const EngineHostOptions options;
  const int wake;
  std::atomic<bool> leaving = false;
  std::mutex mutex;
  std::condition_variable_any quiet;  // something ended
  std::map<fs::path, std::shared_ptr<Engine>> engines;  // by work tree
  std::map<std::uint64_t, std::stop_source> running;    // calls
  std::map<std::uint64_t, std::shared_ptr<EngineLink>> links;
  std::uint64_t next_number = 0;
  int orphans = 0;  // calls that go on without their caller
  std::map<std::uint64_t, std::weak_ptr<Window>> windows;  // of editors, by their link
  std::map<std::uint64_t, std::string> window_tasks;  // calls that a window began or that go on by themselves -> their work tree
  std::set<std::uint64_t> parking;                    // of those, the ones that are being stopped
  std::optional<std::chrono::steady_clock::time_point> park_at;  // the last window has closed

  ParkedTasks parked() const { return ParkedTasks(options.missed / "parked.json"); }

  void ring() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake, &one, sizeof one);
  }

  Result<std::shared_ptr<Engine>> engine_at(const fs::path& inside) {
    auto opened = Engine::open(inside, options.env);
    if (!opened) return opened.error();
    const Repository& repository = (*opened)->repository();
    if (repository.common_dir != options.common_dir) {
      return Error{ErrorKind::internal, inside.string() + " belongs to another repository than this engine's."};
    }
    const std::lock_guard guard(mutex);
    const auto [place, fresh] = engines.emplace(repository.root, std::move(*opened));
    if (fresh) place->second->offer_unsaved([this, root = place->first] { return unsaved_at(root); });
    return place->second;
  }

  // What is not saved in an editor is part of the tree as its user sees it. Of two that differ the first counts.
  Overlay unsaved_at(const fs::path& root) {
    std::vector<std::shared_ptr<Window>> open;
    {
      const std::lock_guard guard(mutex);
      for (const auto& [number, weak] : windows) {
        if (auto window = weak.lock()) open.push_back(std::move(window));
      }
    }
    Overlay unsaved;
    for (const auto& window : open) unsaved.merge(window->unsaved(root));
    return unsaved;
  }
};

namespace {

void resume(const std::shared_ptr<HostState>& host, const std::string& root, const json& arguments);

// With the host's mutex held. What a call of tasks gave that was stopped since the last window had closed.
void keep_parked(const std::shared_ptr<HostState>& host, std::uint64_t number, const Result<json>& result) {
  const auto call = host->window_tasks.find(number);
  if (call == host->window_tasks.end()) return;
  const std::string root = call->second;
  host->window_tasks.erase(call);
  if (!host->parking.erase(number) || !result) return;
  const auto keep = [&](const json& one) {
    if (!one.is_object() || !one.value("stopped", false)) return;
    const std::string task = text_of(one, "task");
    if (!host->windows.empty()) return resume(host, root, {{"task", task}});  // opened again meanwhile
    if (const Status kept = host->parked().add({root, task}); !kept) log(LogLevel::warning, kept.error().message);
  };
  keep(*result);
  if (result->contains("tasks")) {
    for (const json& one : (*result)["tasks"]) keep(one);
  }
}

struct Call {
  json id;
  std::string method;
  json params;
  std::uint64_t number = 0;
  bool outlives_caller = false, orphan = false, is_task = false;
  std::stop_source stop;
};

// The coding agent at the other end, one of ours or one that is known, as the kernel knows who connected.
std::string agent_behind(int process) {
  if (process <= 0 || (::kill(process, 0) != 0 && errno == ESRCH)) return "something that is gone";
  if (const auto executor = executor_above(process)) return executor->text();
  return agent_above(process).value_or("");
}

// One who attached. Kept alive by the threads that work for it.
class Connection : public Window, public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<HostState> host, std::shared_ptr<EngineLink> link, std::uint64_t number)
      : host_(std::move(host)), link_(std::move(link)), number_(number), agent_(agent_behind(link_->peer_process())) {}

  Overlay unsaved(const fs::path& root) override {
    std::unique_lock lock(mutex_);
    if (!engine_ || gone_ || engine_->repository().root != root) return {};
    const std::string id = "unsaved-" + std::to_string(++asked_);
    lock.unlock();
    if (!link_->send({{"jsonrpc", "2.0"}, {"id", id}, {"method", "session/unsaved"}})) return {};
    lock.lock();
    if (!told_.wait_for(lock, kUnsaved, [&] { return gone_ || answers_.contains(id); })) return {};
    const auto answer = answers_.find(id);
    if (answer == answers_.end()) return {};
    auto unsaved = overlay_from_json(answer->second);
    answers_.erase(answer);
    return unsaved ? std::move(*unsaved) : Overlay();
  }

  void serve() {
    while (auto message = link_->receive()) {
      const json params = message->value("params", json::object());
      if (text_of(*message, "method") == "$/cancelRequest") cancel(params.is_object() ? params.value("id", json()) : json());
      else if (message->contains("id") && message->contains("method")) begin(std::move(*message));
      else if (message->contains("id") && (*message)["id"].is_string()) told(*message);
    }
    end();
  }

 private:
  // What nobody waits for any more is dropped with the next.
  void told(json& message) {
    const std::lock_guard guard(mutex_);
    if (answers_.size() >= kMaxCalls) answers_.clear();
    answers_[message["id"].get<std::string>()] = message.value("result", json::object());
    told_.notify_all();
  }

  void begin(json message) {
    const auto call = std::make_shared<Call>();
    call->id = message["id"];
    call->method = text_of(message, "method");
    call->params = message.value("params", json::object());
    const std::lock_guard guard(mutex_);
    if (calls_.size() >= kMaxCalls) {
      link_->send(answer(call->id, Error{ErrorKind::precondition, "The engine has too much to do for this session: try again later."}));
      return;
    }
    {
      const std::lock_guard host_guard(host_->mutex);
      call->number = ++host_->next_number;
      host_->running.emplace(call->number, call->stop);
    }
    calls_.emplace(call->number, call);
    std::thread([self = shared_from_this(), call] { self->perform(*call); }).detach();
  }

  void perform(Call& call) {
    Result<json> result = Error{ErrorKind::internal, "The engine met a bug; the session goes on. Please report it."};
    try {
      result = result_of(call);
    } catch (const std::exception& bug) {
      log(LogLevel::error, call.method + ": a bug: " + bug.what());
    }
    {
      const std::lock_guard guard(mutex_);
      calls_.erase(call.number);
      if (call.orphan && result) keep(*result);
    }
    {
      const std::lock_guard guard(host_->mutex);
      keep_parked(host_, call.number, result);
    }
    link_->send(answer(call.id, std::move(result)));
    const std::lock_guard guard(host_->mutex);
    host_->orphans -= call.orphan;
    host_->running.erase(call.number);
    host_->quiet.notify_all();
    host_->ring();
  }

  Result<json> result_of(Call& call) {
    if (call.method == "engine/hello") return hello(call.params);
    if (call.method == "engine/leave") return leave(call.params);
    const std::shared_ptr<Engine> engine = the_engine();
    if (!engine) return Error{ErrorKind::usage, "Say engine/hello first."};
    if (call.method == "engine/verify") return verify(*engine, call);
    if (call.method == "engine/task") return task(*engine, call);
    if (call.method == "engine/doctor") {
      const auto env = environment_from_json(call.params);
      return env ? as_json(engine->doctor(*env)) : env.error();
    }
    if (call.method == "engine/whatWouldRun") {
      const auto request = verify_request_from_json(call.params);
      return request ? as_json(engine->what_would_run(*request)) : request.error();
    }
    if (call.method == "engine/trust") {
      const auto subject = trust_subject_from_json(call.params);
      if (!subject) return subject.error();
      const Status given = engine->trust(*subject, caller_of(call));
      return given ? Result<json>(json::object()) : given.error();
    }
    if (call.method == "engine/accept") {
      const auto request = accept_request_from_json(call.params);
      return request ? as_json(engine->accept(*request, caller_of(call))) : request.error();
    }
    if (call.method == "engine/accepted") {
      const auto accepted = engine->accepted();
      if (!accepted) return accepted.error();
      json list = json::array();
      for (const Acceptance& one : *accepted) list.push_back(to_json(one));
      return list;
    }
    if (call.method == "engine/outline") {
      const auto request = outline_request_from_json(call.params);
      return request ? as_json(engine->outline(*request)) : request.error();
    }
    if (call.method == "engine/latestReport") return as_json(engine->latest_report());
    if (call.method == "engine/missedReport") return missed(call.stop.get_token());
    if (call.method == "engine/fileAt") {
      const auto text = engine->file_at(text_of(call.params, "tree"), text_of(call.params, "path"));
      if (!text) return text.error();
      return *text ? json(**text) : json(nullptr);
    }
    return Error{ErrorKind::usage, "The engine knows no " + call.method + "."};
  }

  Result<json> hello(const json& params) {
    auto engine = host_->engine_at(text_of(params, "inside"));
    if (!engine) return engine.error();
    const std::lock_guard guard(mutex_);
    engine_ = *engine;
    window_ = params.value("window", false);
    if (window_) {
      const std::lock_guard host_guard(host_->mutex);
      host_->windows[number_] = weak_from_this();
      host_->park_at.reset();
      for (const ParkedTask& parked : host_->parked().take()) resume(host_, parked.root, {{"task", parked.task}});
    }
    return json{{"address", to_json(host_->options.address)}, {"repository", to_json(engine_->repository())}};
  }

  std::shared_ptr<Engine> the_engine() {
    const std::lock_guard guard(mutex_);
    return engine_;
  }

  Result<json> verify(Engine& engine, Call& call) {
    auto request = verify_request_from_json(call.params);
    if (!request) return request.error();
    request->process = link_->peer_process();
    request->agent = agent_;
    {
      const std::lock_guard guard(mutex_);
      call.outlives_caller = request->outlives_caller;
      if (gone_ && !call.outlives_caller) return kGone;
    }
    const ProgressSink sink = [this, &call](const Progress& progress) {
      json params = to_json(progress);
      params["id"] = call.id;
      link_->send({{"jsonrpc", "2.0"}, {"method", "engine/progress"}, {"params", std::move(params)}});
    };
    if (!is_window() && request->head.empty()) {
      request->unsaved = engine.offered_unsaved();
      request->unsaved_of_others = true;
    }
    return as_json(engine.verify(*request, sink, call.stop.get_token()));
  }

  bool is_window() {
    const std::lock_guard guard(mutex_);
    return window_;
  }

  Result<json> task(Engine& engine, Call& call) {
    auto asked = task_call_from_json(call.params);
    if (!asked) return asked.error();
    asked->human = asked->human && agent_.empty();
    asked->agent = agent_;
    {
      const std::lock_guard guard(mutex_);
      call.is_task = true;
      if (window_) {
        const std::lock_guard host_guard(host_->mutex);
        host_->window_tasks[call.number] = engine.repository().root.string();
      }
    }
    const TaskEvents events = [this, &call](const json& event) {
      link_->send({{"jsonrpc", "2.0"}, {"method", "engine/taskEvent"}, {"params", {{"id", call.id}, {"event", event}}}});
    };
    return engine.task(*asked, events, call.stop.get_token());
  }

  // Whatever a caller claims, one with a coding agent behind it is none.
  Caller caller_of(const Call& call) const {
    Caller caller = caller_from_json(call.params);
    caller.agent = agent_;
    caller.human = caller.human && agent_.empty();
    return caller;
  }

  // A report is about one work tree: its places are shown in no other.
  fs::path missed_file() const {
    return host_->options.missed / (sha256(engine_->repository().root.string()).substr(0, 24) + ".json");
  }

  void keep(const json& report) const {
    const fs::path file = missed_file();
    Status kept = make_folder(file.parent_path(), 0700);
    if (kept) kept = write_file(file, dump_json(report), 0600);
    if (!kept) log(LogLevel::warning, kept.error().message);
  }

  // Waits for what still runs without its caller. Handed out once.
  Result<json> missed(std::stop_token stop) {
    std::unique_lock lock(host_->mutex);
    if (!host_->quiet.wait(lock, stop, [this] { return host_->orphans == 0; })) return kGone;
    auto report = parse_json_file(missed_file());
    std::error_code absent;
    fs::remove(missed_file(), absent);
    return report ? std::move(*report) : json(nullptr);
  }

  // Who replaces an engine by another version asks only where nothing is lost by it. This call itself is running.
  Result<json> leave(const json& params) {
    const std::lock_guard guard(host_->mutex);
    if (params.value("if_idle", false) && host_->running.size() > 1) {
      return Error{ErrorKind::precondition, "The engine is at work: wait for it, or cancel the work."};
    }
    host_->leaving = true;
    host_->ring();
    return json::object();
  }

  void cancel(const json& id) {
    const std::lock_guard guard(mutex_);
    for (const auto& [number, call] : calls_) {
      if (call->id == id) call->stop.request_stop();
    }
  }

  void end() {
    const std::lock_guard guard(mutex_);
    gone_ = true;
    told_.notify_all();
    if (window_) close_window();
    for (const auto& [number, call] : calls_) {
      call->orphan = call->outlives_caller;
      if (!call->orphan && !call->is_task) call->stop.request_stop();
      const std::lock_guard host_guard(host_->mutex);
      host_->orphans += call->orphan;
    }
  }

  void close_window() {
    const std::lock_guard guard(host_->mutex);
    host_->windows.erase(number_);
    if (!host_->windows.empty()) return;
    host_->park_at = std::chrono::steady_clock::now() + kReopen;
    host_->ring();
  }

  std::shared_ptr<HostState> host_;
  std::shared_ptr<EngineLink> link_;
  const std::uint64_t number_;
  const std::string agent_;
  std::mutex mutex_;
  std::condition_variable told_;
  std::map<std::string, json> answers_;  // of a window, to what it was asked
  std::uint64_t asked_ = 0;
  bool window_ = false;
  std::shared_ptr<Engine> engine_;
  std::map<std::uint64_t, std::shared_ptr<Call>> calls_;
  bool gone_ = false;
};

void accept_one(const std::shared_ptr<HostState>& host, int listener) {
  const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (socket < 0) return;
  const auto link = std::make_shared<EngineLink>(socket);
  std::uint64_t number = 0;
  {
    const std::lock_guard guard(host->mutex);
    if (!link->peer_is_ours() || host->links.size() >= kMaxConnections) return;
    number = ++host->next_number;
    host->links.emplace(number, link);
  }
  std::thread([host, link, number] {
    std::make_shared<Connection>(host, link, number)->serve();
    const std::lock_guard guard(host->mutex);
    host->links.erase(number);
    host->quiet.notify_all();
    host->ring();
  }).detach();
}

// Tasks go on by themselves, on a thread of their own. With the host's mutex held.
void resume(const std::shared_ptr<HostState>& host, const std::string& root, const json& arguments) {
  const std::uint64_t number = ++host->next_number;
  const std::stop_source stop;
  host->running.emplace(number, stop);
  host->window_tasks.emplace(number, root);
  std::thread([host, root, number, stop, arguments = dump_json(arguments)] {
    const TaskCall call{"resume", arguments, "engine:" + std::to_string(::getpid()), false, host->options.env};
    const auto engine = host->engine_at(root);
    const auto resumed = engine ? (*engine)->task(call, {}, stop.get_token()) : Result<json>(engine.error());
    if (!resumed) log(LogLevel::warning, resumed.error().message);
    const std::lock_guard guard(host->mutex);
    keep_parked(host, number, resumed);
    host->running.erase(number);
    host->quiet.notify_all();
    host->ring();
  }).detach();
}

// What an engine that died left in the middle goes on.
void resume_abandoned(const std::shared_ptr<HostState>& host) {
  const auto repository = open_repository(host->options.inside);
  const auto roots = repository ? roots_of_open_tasks(*repository, host->options.env) : std::vector<std::string>();
  const std::lock_guard guard(host->mutex);
  for (const std::string& root : roots) resume(host, root, {{"abandoned", true}});
}

// Where it is wished for, the tasks of closed windows stop where they stand. With the host's mutex held.
void park(HostState& host) {
  for (const auto& [number, root] : host.window_tasks) {
    const auto running = host.running.find(number);
    if (running == host.running.end() || !parks_on_last_close(root, host.options.env)) continue;
    host.parking.insert(number);
    std::thread([stop = running->second]() mutable { stop.request_stop(); }).detach();
  }
}

}  // namespace

EngineHost::EngineHost(EngineHostOptions options) : state_(std::make_shared<HostState>(std::move(options))) {}
EngineHost::~EngineHost() = default;

void EngineHost::leave() {
  state_->leaving = true;
  state_->ring();
}

void EngineHost::run(int listener) {
  HostState& host = *state_;
  resume_abandoned(state_);
  const std::jthread cleaner([cache = cache_home(host.options.env)](std::stop_token stop) { clear_orphans(cache, stop); });
  while (!host.leaving) {
    bool in_use = false, to_park = false;
    auto limit = std::chrono::milliseconds(host.options.idle);
    {
      const std::lock_guard guard(host.mutex);
      const auto now = std::chrono::steady_clock::now();
      if (host.park_at && *host.park_at <= now) {
        host.park_at.reset();
        park(host);
      }
      in_use = !host.links.empty() || !host.running.empty();
      to_park = in_use && host.park_at;
      if (to_park) limit = std::chrono::ceil<std::chrono::milliseconds>(*host.park_at - now);
    }
    pollfd waits[] = {{listener, POLLIN, 0}, {host.wake, POLLIN, 0}};
    const int ready = ::poll(waits, 2, in_use && !to_park ? -1 : static_cast<int>(limit.count()));
    if (ready == 0 && !to_park) break;
    std::uint64_t rung = 0;
    if (waits[1].revents) [[maybe_unused]] const auto read = ::read(host.wake, &rung, sizeof rung);
    if (waits[0].revents) accept_one(state_, listener);
  }
  ::close(listener);
  std::unique_lock lock(host.mutex);
  for (auto& [number, stop] : host.running) std::thread([stop = stop]() mutable { stop.request_stop(); }).detach();
  host.quiet.wait_for(lock, kLeave, [&] { return host.running.empty(); });
  for (auto& [number, link] : host.links) link->shut();
  host.quiet.wait_for(lock, kLeave, [&] { return host.links.empty(); });
}

}  // namespace baton
