#include "orchestrator/agents/acp_attempt.h"

#include <algorithm>
#include <utility>

#include "orchestrator/agents/attempt_steps.h"
#include "orchestrator/agents/parked_agents.h"
#include "support/redact.h"

namespace baton {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Kind = AcpEnd::Kind;

constexpr auto kShowEvery = 100ms;        // what it is at, at most so often
constexpr auto kEndPatience = 1000ms;     // after the end of its input, when all is well
constexpr auto kKillPatience = 200ms;     // and when it is not
constexpr std::size_t kMaxErrors = 4u << 10;
constexpr const char* kWhenDone = " Then answer `done`.";

std::string key_of(const AttemptOrder& order) { return order.task + "/" + order.subtask + "/" + std::to_string(order.attempt) + "/" + order.agent.name; }

}  // namespace

struct AcpAttempt::WorkStop {
  WorkStop(AttemptServices& services, std::stop_token stop) : services_(services), by_caller_(std::move(stop), [this] { source_.request_stop(); }) {
    services_.when_exhausted([source = source_]() mutable { source.request_stop(); });
  }
  ~WorkStop() { services_.when_exhausted({}); }
  std::stop_token token() const { return source_.get_token(); }

 private:
  AttemptServices& services_;
  std::stop_source source_;
  std::stop_callback<std::function<void()>> by_caller_;
};

AcpAttempt::~AcpAttempt() {
  if (process_) (void)process_->end(0ms);
}

Result<AttemptResult> AcpAttempt::begin(ProgressTicker& progress, std::stop_token stop) {
  progress_ = &progress;
  if (!order_.agent.trouble.empty()) return put_question(order_.agent.trouble + kWhenDone, true);
  if (const std::string used_up = parts_.meter ? parts_.meter->used_up() : ""; !used_up.empty()) {
    AttemptResult result;
    ask_for_budget(result, used_up);
    return result;
  }
  if (auto result = not_ready(progress, stop)) return std::move(*result);
  if (auto started = start(); !started) {
    AttemptResult result;
    conclude(result, AttemptEnd::fault, started.error().message);
    result.log = log_of(order_, parts_).string();
    finish_attempt(*desk_, order_, result);
    return result;
  }
  show("starts");
  const WorkStop work(desk_->services(), stop);
  AcpEnd end = conversation_->begin(work.token());
  if (end.kind == Kind::finished) {
    show("works");
    end = conversation_->prompt(desk_->paper(), work.token());
  }
  return settle(end, stop);
}

Result<AttemptResult> AcpAttempt::go_on(const std::string& answer, ProgressTicker& progress, std::stop_token stop) {
  progress_ = &progress;
  waits_ = false;
  trespass_.watch(*desk_);
  show("goes on");
  const WorkStop work(desk_->services(), stop);
  // A word that answers a permission stays a word.
  const std::string news = conversation_->has_open_question() ? "" : desk_->news_of_similar();
  return settle(conversation_->answer(news.empty() ? answer : answer + "\n\nMeanwhile, of tasks like this one:\n\n" + news, work.token()), stop);
}

// A work tree and a log; a result where there is none.
std::optional<AttemptResult> AcpAttempt::not_ready(ProgressTicker& progress, std::stop_token stop) {
  AttemptResult result;
  make_room(parts_, stop);
  auto desk = AgentDesk::make(order_, parts_, progress, stop);
  if (!desk) {
    const bool cancelled = desk.error().kind == ErrorKind::cancelled || stop.stop_requested();
    conclude(result, cancelled ? AttemptEnd::cancelled : AttemptEnd::fault, desk.error().message);
    return result;
  }
  desk_ = std::move(*desk);
  auto printed = AgentLog::open(log_of(order_, parts_), desk_->secrets());
  if (!printed) {
    conclude(result, AttemptEnd::fault, printed.error().message);
    return result;
  }
  log_.emplace(std::move(*printed));
  return std::nullopt;
}

Status AcpAttempt::start() {
  trespass_.watch(*desk_);
  Job job = desk_->job();
  job.process.timeout += ParkedAgents::kLongest * ParkedAgents::kMost;  // the conversation has limits of its own
  auto process = AcpProcess::start(std::move(job), [this](std::string_view bytes) {
    add_to_log(bytes);
    const std::lock_guard lock(log_mutex_);
    errors_ += bytes;
    if (errors_.size() > 2 * kMaxErrors) errors_.erase(0, errors_.size() - kMaxErrors);
  });
  if (!process) return process.error();
  process_ = std::move(*process);
  AcpConversation::Ears ears;
  ears.log = [this](std::string_view text) { add_to_log(text); };
  ears.doing = [this](const std::string& what) { show(what); };
  ears.tell = [this](const std::string& what) { progress_->tell(progress_of(what)); };
  if (order_.agent.endpoint.url.empty()) ears.used = [this](const Spending& more) { return desk_->services().count(more); };
  conversation_.emplace(*process_, order_.agent, ground(), order_.client_env, order_.hint, std::move(ears));
  conversation_->give({desk_->services().mcp_server()});
  conversation_->price_by(prices_of(parts_.config_home));
  return done();
}

PermissionGround AcpAttempt::ground() const {
  PermissionGround ground;
  ground.inner = desk_->bench().inner_root();
  ground.tree = desk_->tree();
  ground.own = {desk_->home(), desk_->isolated() ? fs::path("/tmp") : desk_->bench().checkout().tmp(), desk_->question_folder()};
  ground.allow = order_.agent.acp.allow;
  for (const Gate& gate : desk_->bench().plan().gates) {
    std::string command;
    for (const std::string& word : gate.argv) command += (command.empty() ? "" : " ") + word;
    if (gate.kind != GateKind::setup) ground.allow.push_back(std::move(command));
  }
  ground.isolated = desk_->isolated();
  return ground;
}

// ---------------------------------------------------------------- the end

AttemptResult AcpAttempt::put_question(std::string question, bool unusable) {
  AttemptResult result;
  question_ = redact(question, desk_ ? desk_->secrets() : std::vector<std::string>());
  result.question = question_;
  result.unusable = unusable;
  conclude(result, AttemptEnd::blocked, order_.agent.name + " asks: " + last_line(result.question));
  return result;
}

AttemptResult AcpAttempt::settle(const AcpEnd& end, std::stop_token stop) {
  const std::string written = end.kind == Kind::finished ? desk_->question() : "";
  const bool asks = end.kind == Kind::asks || !written.empty();
  if (asks) trespass_.note(*desk_);
  if (parts_.parked && asks && !trespass_.found()) {
    waits_ = true;
    AttemptResult result = put_question(end.kind == Kind::asks ? end.reason : written, false);
    std::error_code failed;
    fs::remove(desk_->question_file(), failed);  // as the agent wrote it, it may hold secrets
    result.spent = newly_spent();
    result.log = log_of(order_, parts_).string();
    result.worktree = desk_->tree().string();
    return result;
  }
  const bool well = end.kind == Kind::finished || end.kind == Kind::cut_short;
  if (!well) conversation_->cancel();
  const auto& process = process_->end(well ? kEndPatience : kKillPatience);
  trespass_.note(*desk_);
  AttemptResult result;
  judge(end, process, result);
  if (end.kind == Kind::finished && !written.empty()) result = put_question(written, false);
  if (end.kind == Kind::asks) result = put_question(end.reason, false);
  if (stop.stop_requested() && result.end != AttemptEnd::completed) conclude(result, AttemptEnd::cancelled, "Cancelled while " + order_.agent.name + " worked.");
  else (void)budget_is_used_up(*desk_, result);
  result.spent = newly_spent();
  {
    const std::lock_guard lock(log_mutex_);
    log_->finish();
    result.said = log_->end().substr(log_->end().size() - std::min(log_->end().size(), AgentLog::kMaxEnd));
  }
  result.log = log_of(order_, parts_).string();
  finish_attempt(*desk_, order_, result);
  const bool idle = result.end == AttemptEnd::failed && result.commit.empty() && end.kind == Kind::finished;
  const std::string words = redact(last_line(conversation_->said()), desk_->secrets());
  if (idle && !words.empty()) result.reason += " Its last words: " + words;
  trespass_.judge(*desk_, result);
  return result;
}

void AcpAttempt::judge(const AcpEnd& end, const Result<ProcessResult>& process, AttemptResult& result) const {
  const AgentSpec& agent = order_.agent;
  const auto secrets = desk_->secrets();
  const std::string reason = redact(end.reason, secrets);
  const std::string refused = desk_->services().refused_by_service(agent.name);
  const std::string stopped = " neither said nor changed anything for " + time_in_words(agent.silence_limit) + " and was stopped; its service may refuse or delay calls.";
  if (disk_is_full(desk_->place().folder)) return conclude(result, AttemptEnd::fault, "The disk that holds " + desk_->place().folder.string() + " is full; free some space there.");
  switch (end.kind) {
    case Kind::finished: return conclude(result, AttemptEnd::completed, "");
    case Kind::cut_short: return conclude(result, AttemptEnd::failed, reason);
    case Kind::asks: return conclude(result, AttemptEnd::blocked, reason);
    case Kind::login:
    case Kind::unusable:
      result.question = reason + kWhenDone;
      result.unusable = true;
      return conclude(result, AttemptEnd::blocked, reason);
    case Kind::unreachable:
    case Kind::busy: return conclude(result, AttemptEnd::fault, reason);
    case Kind::silent:
      if (!refused.empty()) return conclude(result, AttemptEnd::fault, refused);
      return conclude(result, AttemptEnd::failed, agent.name + stopped);
    case Kind::not_started:
      return conclude(result, AttemptEnd::failed, agent.name + " did not begin a session within " + time_in_words(agent.start_limit) + " and was stopped.");
    case Kind::too_long:
      if (!refused.empty()) return conclude(result, AttemptEnd::fault, refused);
      return end_late(agent, result);
    case Kind::gone: return judge_gone(process, result);
    case Kind::cancelled: return conclude(result, AttemptEnd::cancelled, "Cancelled while " + agent.name + " worked.");
    case Kind::spent: return ask_for_budget(result, reason);
  }
}

// Of models, since the caller was told last.
Spending AcpAttempt::newly_spent() {
  const Spending now = order_.agent.endpoint.url.empty() ? conversation_->spent() : desk_->services().spent();
  const Spending more = since(now, told_);
  told_ = now;
  return more;
}

void AcpAttempt::judge_gone(const Result<ProcessResult>& process, AttemptResult& result) const {
  const std::string& name = order_.agent.name;
  if (!process) return conclude(result, AttemptEnd::fault, process.error().message);
  if (!process->start_error.empty()) {
    result.unusable = true;
    return conclude(result, AttemptEnd::fault, process->start_error + "; install it, or correct the command of the agent \"" + name + "\" in the configuration.");
  }
  const std::string last = redact(last_line(errors_), desk_->secrets());
  const std::string how = process->signal ? "by signal " + std::to_string(*process->signal) : "with exit code " + std::to_string(process->exit_code.value_or(-1));
  conclude(result, AttemptEnd::failed, name + " ended " + how + " in the middle of its work" + (last.empty() ? "." : ": " + last));
}

void AcpAttempt::add_to_log(std::string_view text) {
  const std::lock_guard lock(log_mutex_);
  if (log_) log_->add(text);
}

void AcpAttempt::show(const std::string& doing) {
  const auto now = std::chrono::steady_clock::now();
  if (!progress_ || now - shown_ < kShowEvery) return;
  shown_ = now;
  progress_->show(progress_of(doing));
}

Progress AcpAttempt::progress_of(const std::string& doing) const {
  const std::string text = desk_ ? redact(doing, desk_->secrets()) : doing;
  return {"agent", "", "", order_.subtask + ": " + order_.agent.name + ": " + text, 0, 0, log_of(order_, parts_).string()};
}

Result<AttemptResult> run_acp(const AttemptOrder& order, const AttemptParts& parts, ProgressTicker& progress, std::stop_token stop) {
  auto attempt = parts.parked ? parts.parked->take(key_of(order)) : nullptr;
  const auto answer = attempt ? known_answer(order.hint, attempt->question()) : std::nullopt;
  if (attempt && !answer) attempt.reset();  // it was not an answer that woke it
  const bool goes_on = attempt != nullptr;
  if (!goes_on) attempt = std::make_unique<AcpAttempt>(order, parts);
  auto result = goes_on ? attempt->go_on(*answer, progress, stop) : attempt->begin(progress, stop);
  if (result && attempt->waits()) parts.parked->park(key_of(order), std::move(attempt));
  return result;
}

}  // namespace baton
