#include "orchestrator/agents/attempt_services.h"

#include <chrono>
#include <condition_variable>

#include "support/files.h"
#include "support/ids.h"
#include "support/process.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr auto kGrace = std::chrono::milliseconds(500);  // for an agent to end by itself once it is refused
constexpr const char* kTools = "tools.sock";
constexpr const char* kModel = "model.sock";

std::string filled(std::string text, const std::vector<std::pair<std::string, std::string>>& values) {
  for (const auto& [what, with] : values) {
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + with.size())) text.replace(at, what.size(), with);
  }
  return text;
}

// The key of the provider: a variable of the user's, or what a command of theirs prints.
Result<std::string> key_of(const EndpointSetting& endpoint, const Environment& client_env) {
  if (!endpoint.key_variable.empty()) {
    if (auto value = get(client_env, endpoint.key_variable); value && !value->empty()) return *value;
    return Error{ErrorKind::precondition, "The variable " + endpoint.key_variable + ", which holds the key of " + endpoint.url + ", is not set; set it where Baton is started."};
  }
  if (endpoint.key_command.empty()) return std::string();
  ProcessSpec spec;
  spec.argv = endpoint.key_command;
  spec.env = client_env;
  spec.timeout = std::chrono::seconds(10);
  spec.max_output = 64u << 10;
  spec.cwd = "/";
  const auto ran = run(spec);
  std::string key = ran ? ran->out : "";
  while (!key.empty() && std::string_view(" \t\r\n").find(key.back()) != std::string_view::npos) key.pop_back();
  if (!ran || ran->exit_code != 0 || key.empty()) {
    return Error{ErrorKind::precondition, "The command that prints the key of " + endpoint.url + " (`" + endpoint.key_command.front() + " …`) printed none; run it in a terminal to see why."};
  }
  return key;
}

}  // namespace

Result<std::unique_ptr<AttemptServices>> AttemptServices::start(const AttemptOrder& order, const AttemptParts& parts, Place place) {
  auto services = std::unique_ptr<AttemptServices>(new AttemptServices());
  auto program = libexec_program("baton-engine");
  if (!program) return program.error();
  services->program_ = std::move(*program);
  services->inner_ = std::move(place.inner);
  services->port_ = place.port;
  // Path sockets have short names.
  const fs::path folder = parts.runtime_home / "attempts";
  if (auto made = make_private_folder(parts.runtime_home); !made) return made.error();
  if (auto made = make_private_folder(folder); !made) return made.error();
  const std::string id = new_id();
  services->tool_path_ = folder / (id + "t");
  auto tools = ToolSocket::listen(services->tool_path_, attempt_tools(std::move(place.tools)));
  if (!tools) return tools.error();
  services->tools_ = std::move(*tools);
  services->endpoint_ = order.agent.endpoint;
  services->terms_ = order.agent.acp;
  const BudgetSetting& budget = order.agent.budget;
  services->meter_ = std::make_shared<Meter>(SpendingLimit{"this attempt", budget.tokens, budget.money}, parts.meter, Spending{}, prices_of(parts.config_home));
  if (services->endpoint_.url.empty()) return services;
  services->model_path_ = folder / (id + "m");
  if (auto served = services->serve_endpoint(order); !served) return served.error();
  return services;
}

AttemptServices::~AttemptServices() {
  tools_.reset();
  proxy_.reset();  // its threads call `refused`
  waiter_ = {};
}

Status AttemptServices::serve_endpoint(const AttemptOrder& order) {
  auto key = key_of(endpoint_, order.client_env);
  if (!key) return key.error();
  real_key_ = std::move(*key);
  auto proxy = MeteringProxy::start(model_path_, {endpoint_.url, real_key_, ""}, meter_, [this](const std::string& why) { refused(why); });
  if (!proxy) return proxy.error();
  proxy_ = std::move(*proxy);
  return done();
}

fs::path AttemptServices::seen(const fs::path& socket) const {
  if (inner_.empty()) return socket;
  return inner_ / (socket == tool_path_ ? kTools : kModel);
}

void AttemptServices::give_to(ProcessSpec& process, SandboxPolicy& box) const {
  set(process.env, kToolSocketVariable, seen(tool_path_).string());
  set(process.env, kToolTokenVariable, tools_->token());
  box.binds.push_back({tool_path_, seen(tool_path_), false});
  box.binds.push_back({program_.parent_path(), program_.parent_path(), false});
  if (!proxy_) return;
  const std::vector<std::pair<std::string, std::string>> values = {
      {"{url}", "http://127.0.0.1:" + std::to_string(port_) + "/v1"}, {"{key}", proxy_->key()}, {"{model}", endpoint_.model}};
  for (const std::string& word : terms_.endpoint_arguments) process.argv.push_back(filled(word, values));
  Environment told = terms_.endpoint_variables;
  if (told.empty()) told = {{"OPENAI_BASE_URL", "{url}"}, {"OPENAI_API_KEY", "{key}"}, {"OPENAI_MODEL", "{model}"}};
  for (const auto& [name, value] : told) set(process.env, name, filled(value, values));
  box.binds.push_back({model_path_, seen(model_path_), false});
  std::vector<std::string> argv = {program_.string(), "forward", "--port", std::to_string(port_), "--socket", seen(model_path_).string(), "--"};
  argv.insert(argv.end(), process.argv.begin(), process.argv.end());
  process.argv = std::move(argv);
}

AcpMcpServer AttemptServices::mcp_server() const {
  return {"baton", program_.string(), {"mcp"}, {{kToolSocketVariable, seen(tool_path_).string()}, {kToolTokenVariable, tools_->token()}}};
}

std::vector<std::string> AttemptServices::secrets() const {
  std::vector<std::string> secrets = {tools_->token()};
  if (proxy_) secrets.push_back(proxy_->key());
  if (!real_key_.empty()) secrets.push_back(real_key_);
  return secrets;
}

Spending AttemptServices::spent() const { return meter_->spent(); }

std::string AttemptServices::count(const Spending& more) {
  meter_->count(more);
  return meter_->used_up();
}

std::string AttemptServices::refused_by_service(const std::string& agent) const {
  const auto status = proxy_ ? proxy_->last_status() : std::nullopt;
  if (!status || (*status > 0 && *status < 400)) return "";
  if (*status == 0) return "The model of " + agent + " cannot be reached at " + endpoint_.url + "; check its address and the network, or choose another agent.";
  const std::string answered = " (it answered " + std::to_string(*status) + "); ";
  if (*status == 401 || *status == 403) return "The service of " + agent + " does not accept its key" + answered + "correct the key of its `endpoint`.";
  if (*status == 429 || *status >= 500) return "The service of " + agent + " takes no more calls for now" + answered + "wait, or choose another agent.";
  return "";
}

void AttemptServices::when_exhausted(std::function<void()> stop_agent) {
  const std::lock_guard guard(mutex_);
  stop_agent_ = std::move(stop_agent);
}

std::string AttemptServices::exhausted() const {
  const std::lock_guard guard(mutex_);
  return exhausted_;
}

void AttemptServices::refused(const std::string& why) {
  const std::lock_guard guard(mutex_);
  if (!exhausted_.empty()) return;
  exhausted_ = why;
  waiter_ = std::jthread([this](std::stop_token over) {
    std::mutex alone;
    std::unique_lock lock(alone);
    std::condition_variable_any never;
    never.wait_for(lock, over, kGrace, [] { return false; });
    if (over.stop_requested()) return;
    const std::lock_guard stopping(mutex_);
    if (stop_agent_) stop_agent_();
  });
}

}  // namespace baton
