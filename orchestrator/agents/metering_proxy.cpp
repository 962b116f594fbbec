#include "orchestrator/agents/metering_proxy.h"

#include <curl/curl.h>
#include <httplib.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <nlohmann/json.hpp>
#include <thread>

#include "support/json.h"
#include "support/random.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr long kConnectSeconds = 10, kSilentSeconds = 120;
constexpr std::size_t kMaxWaiting = 64u << 10;  // bytes that the agent has not taken yet
constexpr std::size_t kMaxRequest = 32u << 20;  // bytes
constexpr int kThreads = 64;                    // connections of one attempt
constexpr int kPaymentRequired = 402, kUnauthorized = 401, kNotFound = 404, kBadGateway = 502, kBadRequest = 400;

void refuse(httplib::Response& response, int status, const std::string& type, const std::string& message) {
  response.status = status;
  response.set_content(dump_json({{"error", {{"message", message}, {"type", type}, {"code", type}}}}), "application/json");
}

// One call upstream on a thread of its own; its bytes wait here until they are taken.
class Transfer {
 public:
  // `ending`: no more of it is wanted.
  Transfer(const Upstream& upstream, std::string path, std::string body, std::string accept, std::stop_token ending)
      : upstream_(upstream), path_(std::move(path)), body_(std::move(body)), accept_(std::move(accept)) {
    thread_ = std::jthread([this] { run(); });
    by_end_.emplace(std::move(ending), [this] { abandon(); });
  }
  ~Transfer() {
    by_end_.reset();
    abandon();
  }

  // Blocks until the status is known, or the call failed: 0, with `problem`.
  long status() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return headers_done_ || over_; });
    return headers_done_ ? status_ : 0;
  }
  // The next bytes; nothing when all are taken.
  std::optional<std::string> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return over_ || !waiting_.empty(); });
    if (waiting_.empty()) return std::nullopt;
    std::string bytes = std::exchange(waiting_, {});
    changed_.notify_all();
    return bytes;
  }
  void abandon() {
    const std::lock_guard guard(mutex_);
    abandoned_ = true;
    changed_.notify_all();
  }
  bool complete() {
    const std::lock_guard guard(mutex_);
    return over_ && problem_.empty();
  }
  std::string problem() {
    const std::lock_guard guard(mutex_);
    return problem_;
  }
  std::string header(const std::string& name) {
    const std::lock_guard guard(mutex_);
    const auto found = headers_.find(name);
    return found == headers_.end() ? "" : found->second;
  }

 private:
  static std::size_t on_bytes(char* bytes, std::size_t, std::size_t count, void* self) { return static_cast<Transfer*>(self)->got({bytes, count}); }
  static std::size_t on_header(char* bytes, std::size_t, std::size_t count, void* self) { return static_cast<Transfer*>(self)->got_header({bytes, count}); }
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    auto* transfer = static_cast<Transfer*>(self);
    const std::lock_guard guard(transfer->mutex_);
    return transfer->abandoned_ ? 1 : 0;
  }

  std::size_t got(std::string_view bytes) {
    std::unique_lock lock(mutex_);
    headers_done_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return abandoned_ || waiting_.size() < kMaxWaiting; });
    if (abandoned_) return 0;
    waiting_ += bytes;
    changed_.notify_all();
    return bytes.size();
  }

  std::size_t got_header(std::string_view line) {
    const std::lock_guard guard(mutex_);
    if (line.starts_with("HTTP/")) {
      headers_.clear();
      const auto space = line.find(' ');
      status_ = space == line.npos ? 0 : std::strtol(line.data() + space, nullptr, 10);
    } else if (const auto colon = line.find(':'); colon != line.npos) {
      std::string name(line.substr(0, colon));
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      std::string_view value = line.substr(colon + 1);
      while (!value.empty() && (value.front() == ' ')) value.remove_prefix(1);
      while (!value.empty() && (value.back() == '\r' || value.back() == '\n')) value.remove_suffix(1);
      headers_[name] = value;
    }
    return line.size();
  }

  void run() {
    CURL* curl = ::curl_easy_init();
    curl_slist* headers = nullptr;
    for (const std::string& line : {std::string("Content-Type: application/json"), "Accept: " + accept_, std::string("Expect:")}) headers = ::curl_slist_append(headers, line.c_str());
    if (!upstream_.key.empty()) headers = ::curl_slist_append(headers, ("Authorization: Bearer " + upstream_.key).c_str());
    const std::string url = upstream_.url + path_;
    char error[CURL_ERROR_SIZE] = {};
    ::curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    ::curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    ::curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    ::curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    ::curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    ::curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    ::curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kSilentSeconds);
    ::curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    ::curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
    ::curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
    ::curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    ::curl_easy_setopt(curl, CURLOPT_HEADERDATA, this);
    ::curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    ::curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    ::curl_easy_setopt(curl, CURLOPT_XFERINFODATA, this);
    if (!upstream_.ca_file.empty()) ::curl_easy_setopt(curl, CURLOPT_CAINFO, upstream_.ca_file.c_str());
    if (!body_.empty()) {
      ::curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body_.c_str());
      ::curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
    }
    const CURLcode code = ::curl_easy_perform(curl);
    ::curl_slist_free_all(headers);
    ::curl_easy_cleanup(curl);
    const std::lock_guard guard(mutex_);
    if (code == CURLE_OK) headers_done_ = true;
    else problem_ = error[0] ? error : ::curl_easy_strerror(code);
    over_ = true;
    changed_.notify_all();
  }

  const Upstream& upstream_;
  const std::string path_, body_, accept_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_, problem_;
  std::map<std::string, std::string> headers_;
  long status_ = 0;
  bool headers_done_ = false, over_ = false, abandoned_ = false;
  std::jthread thread_;
  std::optional<std::stop_callback<std::function<void()>>> by_end_;
};

// A call that is counted: held while it is under way, settled once whatever happens.
struct Counted {
  Counted(std::shared_ptr<Meter> by, Meter::Reservation held, bool streamed) : meter(std::move(by)), reservation(std::move(held)), reader(streamed) {}
  ~Counted() { settle(); }
  void settle() {
    if (std::exchange(settled, true)) return;
    const std::int64_t output = reader.output_so_far();
    ModelUsage used{reservation.input, std::min(output, reservation.output), 0, true};
    if (!answered) used = {};  // the provider refused it, or was not reached
    else if (const auto& told = reader.usage()) used = {told->input, output, told->cached, cut || output > told->output};
    meter->settle(reservation, used);
  }
  // More has come than was held for it, and no limit leaves that.
  bool over_its_limit() {
    const std::int64_t output = reader.output_so_far();
    if (output <= reservation.output) return false;
    const std::int64_t ahead = std::max(output, 2 * reservation.output);
    return !meter->extend(reservation, ahead) && !meter->extend(reservation, output);
  }

  std::shared_ptr<Meter> meter;
  Meter::Reservation reservation;
  UsageReader reader;
  bool answered = false, cut = false, settled = false;
};

class Proxy final : public MeteringProxy {
 public:
  Proxy(std::filesystem::path socket, Upstream upstream, std::shared_ptr<Meter> meter, std::string key, std::function<void(const std::string&)> refused)
      : socket_(std::move(socket)), upstream_(std::move(upstream)), meter_(std::move(meter)), key_(std::move(key)), refused_(std::move(refused)) {
    while (upstream_.url.ends_with('/')) upstream_.url.pop_back();
    server_.set_address_family(AF_UNIX);
    server_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    server_.set_payload_max_length(kMaxRequest);
    server_.set_keep_alive_timeout(60);
    server_.Post(R"((?:/v1)?(/chat/completions|/responses))", [this](const httplib::Request& request, httplib::Response& response) { call(request, response); });
    server_.Get(R"((?:/v1)?(/models.*))", [this](const httplib::Request& request, httplib::Response& response) { models(request, response); });
    server_.set_error_handler([](const httplib::Request& request, httplib::Response& response) {
      if (response.status == kNotFound && response.body.empty()) refuse(response, kNotFound, "not_supported", "This endpoint serves chat/completions and responses, and not " + request.path + ".");
    });
  }
  ~Proxy() override {
    ending_.request_stop();
    server_.stop();
    thread_ = {};
    std::error_code ignored;
    std::filesystem::remove(socket_, ignored);
  }

  Status begin() {
    std::error_code ignored;
    std::filesystem::remove(socket_, ignored);
    if (!server_.bind_to_port(socket_.string(), 80)) return Error{ErrorKind::io, "The socket " + socket_.string() + " cannot be made."};
    thread_ = std::jthread([this] { server_.listen_after_bind(); });
    return done();
  }
  const std::string& key() const override { return key_; }
  std::optional<int> last_status() const override {
    const int status = last_status_;
    return status < 0 ? std::nullopt : std::optional(status);
  }

 private:
  bool may(const httplib::Request& request, httplib::Response& response) const {
    if (request.get_header_value("Authorization") == "Bearer " + key_) return true;
    refuse(response, kUnauthorized, "invalid_api_key", "This key is none of a living attempt.");
    return false;
  }

  void models(const httplib::Request& request, httplib::Response& response) {
    if (!may(request, response)) return;
    Transfer transfer(upstream_, request.matches[1], "", "application/json", ending_.get_token());
    const long status = transfer.status();
    if (status == 0) return refuse(response, kBadGateway, "upstream", "The model's endpoint is not reached: " + transfer.problem() + ".");
    std::string body;
    while (auto bytes = transfer.take()) body += *bytes;
    response.status = static_cast<int>(status);
    response.set_content(body, "application/json");
  }

  void call(const httplib::Request& request, httplib::Response& response) {
    if (!may(request, response)) return;
    std::string body = request.body;
    const std::string path = request.matches[1];
    const auto asked = read_model_request(body, path == "/chat/completions");
    if (!asked) return refuse(response, kBadRequest, "invalid_request_error", "The request is no JSON object.");
    auto held = meter_->reserve(*asked, kMostOutput, ending_.get_token());
    if (!held) {
      if (refused_) refused_(held.error().message);
      return refuse(response, kPaymentRequired, "budget_exceeded", held.error().message);
    }
    const bool names_less = asked->output_limit && *asked->output_limit <= held->output;
    if (!names_less && held->output < kMostOutput) body = with_output_limit(body, path == "/chat/completions", held->output);
    const auto counted = std::make_shared<Counted>(meter_, std::move(*held), asked->streamed);
    const auto transfer = std::make_shared<Transfer>(upstream_, path, std::move(body), asked->streamed ? "text/event-stream" : "application/json", ending_.get_token());
    const long status = transfer->status();
    last_status_ = static_cast<int>(status);
    if (status == 0) return refuse(response, kBadGateway, "upstream", "The model's endpoint is not reached: " + transfer->problem() + ".");
    counted->answered = status < 400;
    response.status = static_cast<int>(status);
    for (const char* name : {"retry-after", "x-request-id"}) {
      if (const std::string value = transfer->header(name); !value.empty()) response.set_header(name, value);
    }
    std::string type = transfer->header("content-type");
    if (type.empty()) type = "application/json";
    if (asked->streamed && status < 400) return stream(counted, transfer, type, response);
    std::string whole;
    while (auto bytes = transfer->take()) whole += *bytes;
    counted->reader.feed(whole);
    counted->reader.finish();
    const bool over = counted->answered && counted->over_its_limit();
    counted->settle();
    if (over) {
      const std::string why = "An answer of the model was longer than the budget of this attempt leaves room for, and is not passed on.";
      if (refused_) refused_(why);
      return refuse(response, kPaymentRequired, "budget_exceeded", why);
    }
    response.set_content(whole, type.c_str());
  }

  // As it comes. What would go over the reservation is not passed on: the connection ends before it.
  static void stream(const std::shared_ptr<Counted>& counted, const std::shared_ptr<Transfer>& transfer, const std::string& type, httplib::Response& response) {
    response.set_chunked_content_provider(type.c_str(), [counted, transfer](std::size_t, httplib::DataSink& sink) {
      const auto bytes = transfer->take();
      if (!bytes) {
        counted->reader.finish();
        counted->settle();  // before the agent can ask again
        if (!transfer->complete()) return false;  // a cut answer is no complete one
        sink.done();
        return true;
      }
      counted->reader.feed(*bytes);
      counted->cut = counted->over_its_limit();
      const bool taken = !counted->cut && sink.write(bytes->data(), bytes->size());
      if (!taken) transfer->abandon();
      return taken;
    });
  }

  const std::filesystem::path socket_;
  Upstream upstream_;
  const std::shared_ptr<Meter> meter_;
  const std::string key_;
  const std::function<void(const std::string&)> refused_;
  std::atomic<int> last_status_ = -1;  // below 0: none yet
  std::stop_source ending_;
  httplib::Server server_;
  std::jthread thread_;
};

}  // namespace

Result<std::unique_ptr<MeteringProxy>> MeteringProxy::start(const std::filesystem::path& socket, Upstream upstream, std::shared_ptr<Meter> meter,
                                                            std::function<void(const std::string&)> refused) {
  static const CURLcode ready = ::curl_global_init(CURL_GLOBAL_DEFAULT);
  if (ready != CURLE_OK) return Error{ErrorKind::io, "The HTTP library cannot be set up."};
  auto key = random_hex(24);
  if (!key) return key.error();
  auto proxy = std::make_unique<Proxy>(socket, std::move(upstream), std::move(meter), "baton-" + *key, std::move(refused));
  if (auto begun = proxy->begin(); !begun) return begun.error();
  return std::unique_ptr<MeteringProxy>(std::move(proxy));
}

}  // namespace baton
