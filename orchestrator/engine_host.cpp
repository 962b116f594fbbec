#include "orchestrator/engine_host.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "orchestrator/doctor_report.h"
#include "orchestrator/engine_link.h"
#include "orchestrator/verify_report.h"
#include "support/files.h"
#include "support/hash.h"
#include "support/json.h"
#include "support/log.h"

namespace baton {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::size_t kMaxConnections = 64;
constexpr std::size_t kMaxCalls = 32;  // of one connection at a time
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
    return engines.emplace(repository.root, std::move(*opened)).first->second;
  }
};

namespace {

struct Call {
  json id;
  std::string method;
  json params;
  std::uint64_t number = 0;
  bool outlives_caller = false, orphan = false, is_task = false;
  std::stop_source stop;
};

// One who attached. Kept alive by the threads that work for it.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<HostState> host, std::shared_ptr<EngineLink> link) : host_(std::move(host)), link_(std::move(link)) {}

  void serve() {
    while (auto message = link_->receive()) {
      const json params = message->value("params", json::object());
      if (text_of(*message, "method") == "$/cancelRequest") cancel(params.is_object() ? params.value("id", json()) : json());
      else if (message->contains("id") && message->contains("method")) begin(std::move(*message));
    }
    end();
  }

 private:
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
      const Status given = engine->trust(*subject);
      return given ? Result<json>(json::object()) : given.error();
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
    return as_json(engine.verify(*request, sink, call.stop.get_token()));
  }

  Result<json> task(Engine& engine, Call& call) {
    const auto asked = task_call_from_json(call.params);
    if (!asked) return asked.error();
    {
      const std::lock_guard guard(mutex_);
      call.is_task = true;
    }
    const TaskEvents events = [this, &call](const json& event) {
      link_->send({{"jsonrpc", "2.0"}, {"method", "engine/taskEvent"}, {"params", {{"id", call.id}, {"event", event}}}});
    };
    return engine.task(*asked, events, call.stop.get_token());
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
    for (const auto& [number, call] : calls_) {
      call->orphan = call->outlives_caller;
      if (!call->orphan && !call->is_task) call->stop.request_stop();
      const std::lock_guard host_guard(host_->mutex);
      host_->orphans += call->orphan;
    }
  }

  std::shared_ptr<HostState> host_;
  std::shared_ptr<EngineLink> link_;
  std::mutex mutex_;
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
    std::make_shared<Connection>(host, link)->serve();
    const std::lock_guard guard(host->mutex);
    host->links.erase(number);
    host->quiet.notify_all();
    host->ring();
  }).detach();
}

// What an engine that died left in the middle goes on.
void resume_tasks(const std::shared_ptr<HostState>& host) {
  const auto repository = open_repository(host->options.inside);
  const auto roots = repository ? roots_of_open_tasks(*repository, host->options.env) : std::vector<std::string>();
  for (const std::string& root : roots) {
    std::uint64_t number = 0;
    std::stop_source stop;
    {
      const std::lock_guard guard(host->mutex);
      number = ++host->next_number;
      host->running.emplace(number, stop);
    }
    std::thread([host, root, number, stop] {
      const TaskCall call{"resume", R"({"abandoned":true})", "engine:" + std::to_string(::getpid()), false, host->options.env};
      const auto engine = host->engine_at(root);
      const auto resumed = engine ? (*engine)->task(call, {}, stop.get_token()) : Result<json>(engine.error());
      if (!resumed) log(LogLevel::warning, resumed.error().message);
      const std::lock_guard guard(host->mutex);
      host->running.erase(number);
      host->quiet.notify_all();
      host->ring();
    }).detach();
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
  resume_tasks(state_);
  while (!host.leaving) {
    bool in_use = false;
    {
      const std::lock_guard guard(host.mutex);
      in_use = !host.links.empty() || !host.running.empty();
    }
    pollfd waits[] = {{listener, POLLIN, 0}, {host.wake, POLLIN, 0}};
    const auto limit = in_use ? -1 : static_cast<int>(std::chrono::milliseconds(host.options.idle).count());
    const int ready = ::poll(waits, 2, limit);
    if (ready == 0) break;
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
