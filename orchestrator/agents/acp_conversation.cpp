#include "orchestrator/agents/acp_conversation.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "orchestrator/agents/acp_files.h"
#include "orchestrator/agents/acp_trouble.h"
#include "orchestrator/agents/attempt_steps.h"

namespace baton {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Kind = AcpEnd::Kind;
using namespace std::chrono_literals;

constexpr std::size_t kMaxSaid = 8u << 10;
constexpr std::size_t kMaxQuestion = 4u << 10;  // nobody can agree to what is not shown
constexpr std::size_t kMaxShown = 8;          // names in a sentence
constexpr std::chrono::seconds kFirstPause{1}, kLongestPause{60};  // before a service is asked again
constexpr auto kCancelPatience = 600ms;       // for the answer to a call that is called off
constexpr std::string_view kLoose[] = {"auto", "yolo", "bypass", "full-access", "full_access", "dontask", "never", "danger", "autopilot"};
constexpr std::string_view kCareful[] = {"default", "approve", "ask", "manual", "untrusted", "build"};

bool is_loose(std::string mode) {
  std::transform(mode.begin(), mode.end(), mode.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(std::begin(kLoose), std::end(kLoose), [&](std::string_view word) { return mode.find(word) != mode.npos; });
}

std::string some_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kMaxShown; ++i) text += (i ? ", " : "") + names[i];
  return text + (names.size() > kMaxShown ? ", …" : "");
}

std::string sentence(std::string text) {
  while (!text.empty() && (std::isspace(static_cast<unsigned char>(text.back())) || text.back() == '.')) text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  constexpr std::size_t kLongest = 300;
  return text.size() > kLongest ? text.substr(0, kLongest) + "…" : text;
}

std::string lower_word(std::string_view text) {
  std::string word;
  for (const unsigned char c : text) {
    if (std::isalpha(c)) word += static_cast<char>(std::tolower(c));
    else if (!word.empty()) break;
  }
  return word;
}

bool says_yes(std::string_view text) {
  const std::string word = lower_word(text);
  return word == "yes" || word == "y" || word == "allow" || word == "allowed" || word == "ok" || word == "okay" || word == "once" || word == "sure";
}
bool says_no(std::string_view text) {
  const std::string word = lower_word(text);
  return word == "no" || word == "n" || word == "deny" || word == "refuse" || word == "reject";
}

std::optional<std::int64_t> integer_in(const json& params, const char* name) {
  const auto found = params.find(name);
  return found != params.end() && found->is_number_integer() ? std::optional(found->get<std::int64_t>()) : std::nullopt;
}

}  // namespace

std::optional<std::string> known_answer(std::string_view hint, std::string_view question) {
  const std::string asked = "You asked: " + std::string(question) + "\nThe answer: ";
  const auto at = hint.find(asked);
  if (at == hint.npos) return std::nullopt;
  return std::string(hint.substr(at + asked.size()));
}

AcpConversation::AcpConversation(AcpProcess& agent, const AgentSpec& spec, PermissionGround ground, Environment client_env, std::string known_answers, Ears ears)
    : agent_(agent), spec_(spec), ground_(std::move(ground)), client_env_(std::move(client_env)), known_answers_(std::move(known_answers)),
      ears_(std::move(ears)), tree_(ground_.tree) {}

// ---------------------------------------------------------------- waiting

std::optional<AcpEnd> AcpConversation::call(std::int64_t id, std::string line, Reply& reply, std::stop_token stop) {
  agent_.send(std::move(line));
  return await(id, reply, std::move(stop));
}

// Until the answer to one of ours is there. A value: something else came to an end before.
std::optional<AcpEnd> AcpConversation::await(std::int64_t id, Reply& reply, std::stop_token stop) {
  while (true) {
    if (stop.stop_requested()) return AcpEnd{Kind::cancelled, ""};
    const auto patience = started_ ? sign_ + spec_.silence_limit : began_ + spec_.start_limit;
    const auto until = std::min(patience, began_ + parked_ + spec_.limit);
    if (const auto line = agent_.next(until, stop)) {
      if (auto end = take(*line, id, reply)) return end;
      if (reply.body) return std::nullopt;
      continue;
    }
    if (stop.stop_requested()) continue;
    if (agent_.gone()) return AcpEnd{Kind::gone, ""};
    if (auto end = out_of_time()) return end;
  }
}

std::optional<AcpEnd> AcpConversation::out_of_time() {
  const auto now = Clock::now();
  if (now >= began_ + parked_ + spec_.limit) return AcpEnd{Kind::too_long, ""};
  if (!started_) return now >= began_ + spec_.start_limit ? std::optional(AcpEnd{Kind::not_started, ""}) : std::nullopt;
  if (now < sign_ + spec_.silence_limit) return std::nullopt;
  // Before it is given up: it may work without a word.
  if (const auto change = tree_.last_change(); change && *change > sign_) {
    sign_ = *change;
    return std::nullopt;
  }
  return AcpEnd{Kind::silent, ""};
}

std::optional<AcpEnd> AcpConversation::take(const std::string& line, std::int64_t wanted, Reply& reply) {
  const AcpIncoming incoming = read_acp(line);
  switch (incoming.kind) {
    case AcpIncoming::Kind::noise:
      note(line.empty() ? "a line that is too long is passed over" : "no message of the protocol: " + line.substr(0, 200));
      return std::nullopt;
    case AcpIncoming::Kind::answer:
    case AcpIncoming::Kind::failure:
      if (incoming.id == std::to_string(wanted)) {
        sign_ = Clock::now();
        reply = {incoming.kind == AcpIncoming::Kind::failure, incoming.body};
      }
      return std::nullopt;
    case AcpIncoming::Kind::request:
      sign_ = Clock::now();
      return take_request(incoming);
    case AcpIncoming::Kind::notification:
      if (incoming.method != "session/update") return std::nullopt;
      take_update(*incoming.body);
      return turn_ >= 0 ? count_use() : std::nullopt;
  }
  return std::nullopt;
}

// ---------------------------------------------------------------- what it asks of us

std::optional<AcpEnd> AcpConversation::take_request(const AcpIncoming& incoming) {
  if (incoming.method == "session/request_permission") return permission(incoming);
  const bool of_files = incoming.method == "fs/read_text_file" || incoming.method == "fs/write_text_file";
  if (of_files && spec_.acp.files) serve_file(incoming);
  else agent_.send(acp_refuse(incoming.id, kAcpMethodNotFound, incoming.method + " is not offered"));
  return std::nullopt;
}

std::optional<AcpEnd> AcpConversation::permission(const AcpIncoming& incoming) {
  const AcpPermission asked = read_permission(*incoming.body);
  const PermissionAnswer judged = judge_permission(asked.call, ground_);
  const std::string what = in_words(asked.call);
  const bool unreadable = what.size() > kMaxQuestion;
  if (judged.kind != PermissionAnswer::Kind::ask || unreadable) {
    if (unreadable) note("what it asks for is too long to be shown");
    settle(incoming.id, asked, judged.kind == PermissionAnswer::Kind::allow, judged.reason);
    return std::nullopt;
  }
  const std::string question = spec_.name + " wants to " + what + " (" + judged.reason + "). May it, this once? Answer `yes` or `no`.";
  if (const auto answer = known_answer(known_answers_, question)) {
    settle(incoming.id, asked, says_yes(*answer), "as you answered");
    return std::nullopt;
  }
  if (open_) {  // one question at a time
    settle(incoming.id, asked, false, "another question is open");
    return std::nullopt;
  }
  open_ = OpenPermission{incoming.id, asked, Clock::now()};
  note("asks to " + what + ": the user is asked");
  return AcpEnd{Kind::asks, question};
}

void AcpConversation::settle(const std::string& id, const AcpPermission& asked, bool allow, std::string_view why) {
  const auto option = option_for(asked, allow);
  const std::string outcome = !option ? "cancelled, since no option says so once" : allow ? "allowed once" : "refused";
  note("asks to " + in_words(asked.call) + ": " + outcome + " (" + std::string(why) + ")");
  agent_.send(option ? acp_permit(id, *option) : acp_permit_nothing(id));
}

void AcpConversation::serve_file(const AcpIncoming& incoming) {
  const json& params = *incoming.body;
  const auto refuse = [&](const std::string& why) { agent_.send(acp_refuse(incoming.id, kAcpNotFound, why)); };
  if (!params.is_object() || !params.contains("path") || !params["path"].is_string()) return refuse("a path is missing");
  const bool writes = incoming.method == "fs/write_text_file";
  AcpToolCall call;
  call.kind = writes ? "edit" : "read";
  call.paths = {params["path"].get<std::string>()};
  const auto place = inside_tree(call.paths[0], ground_);
  const PermissionAnswer judged = judge_permission(call, ground_);
  if (!place || judged.kind != PermissionAnswer::Kind::allow) {
    note(call.kind + " " + call.paths[0] + ": refused (" + judged.reason + ")");
    return refuse(call.paths[0] + " lies outside the work tree");
  }
  std::error_code failed;
  const fs::path relative = place->lexically_relative(fs::weakly_canonical(ground_.tree, failed));
  if (!writes) {
    auto text = read_in_tree(ground_.tree, relative, integer_in(params, "line"), integer_in(params, "limit"));
    return text ? agent_.send(acp_file_text(incoming.id, *text)) : refuse(text.error().message);
  }
  const auto content = params.find("content");
  if (content == params.end() || !content->is_string()) return refuse("`content` is missing");
  const auto written = write_in_tree(ground_.tree, relative, content->get_ref<const std::string&>());
  return written ? agent_.send(acp_done(incoming.id)) : refuse(written.error().message);
}

// ---------------------------------------------------------------- what it tells

void AcpConversation::take_update(const json& params) {
  const AcpUpdate update = read_update(params);
  if (update.is_progress) sign_ = Clock::now();
  usage_.told(update);
  switch (update.kind) {
    case AcpUpdate::Kind::said: return say(update.text);
    case AcpUpdate::Kind::tool: {
      const AcpToolCall& call = update.call;
      const bool ended = call.status == "completed" || call.status == "failed";
      const std::string what = call.paths.empty() && call.command.empty() && call.argv.empty() && call.title.empty() ? last_tool_ : in_words(call);
      if (!what.empty() && what != last_tool_) {
        last_tool_ = what;
        if (ears_.doing) ears_.doing(sentence(what));
        note(what);
      } else if (ended && !what.empty()) {
        note(what + ": " + call.status);
      }
      return;
    }
    case AcpUpdate::Kind::thought:
    case AcpUpdate::Kind::usage:
    case AcpUpdate::Kind::other: return;
  }
}

// A value: a budget is used up, and nothing more is to be asked of its model.
std::optional<AcpEnd> AcpConversation::count_use() {
  if (!ears_.used) return std::nullopt;
  std::string used_up = ears_.used(usage_.news());
  return used_up.empty() ? std::nullopt : std::optional(AcpEnd{Kind::spent, std::move(used_up)});
}

// That it works with, as far as it is known.
std::string AcpConversation::model() const {
  for (const AcpChoice& choice : session_.choices) {
    if (choice.category == "model" && !choice.current.empty()) return choice.current;
  }
  return spec_.acp.model;
}

void AcpConversation::say(std::string_view text) {
  said_ += text;
  if (said_.size() > 2 * kMaxSaid) said_.erase(0, said_.size() - kMaxSaid);
  if (text.empty()) return;
  mid_line_ = text.back() != '\n';
  if (ears_.log) ears_.log(text);
}

void AcpConversation::note(const std::string& what) {
  if (!ears_.log) return;
  ears_.log((mid_line_ ? "\n· " : "· ") + sentence(what) + "\n");
  mid_line_ = false;
}

// ---------------------------------------------------------------- the way to a session

AcpEnd AcpConversation::begin(std::stop_token stop) {
  if (auto end = initialize(stop)) return *end;
  if (auto end = open_session(stop)) return *end;
  started_ = true;
  sign_ = Clock::now();
  if (auto end = be_asked(stop)) return *end;
  if (!spec_.acp.model.empty()) {
    if (auto end = choose("model", spec_.acp.model, stop)) return *end;
  }
  return {Kind::finished, ""};
}

std::optional<AcpEnd> AcpConversation::initialize(std::stop_token stop) {
  Reply reply;
  const auto id = next_id_++;
  if (auto end = call(id, acp_initialize(id, {spec_.acp.files}), reply, stop)) return end;
  if (reply.failed) return failure(reply);
  info_ = read_agent_info(*reply.body);
  if (!info_.version.empty()) note(info_.name + " " + info_.version);
  if (info_.protocol == kAcpVersion) return std::nullopt;
  const std::string theirs = info_.protocol ? "version " + std::to_string(*info_.protocol) : "no version that is told";
  return AcpEnd{Kind::unusable, spec_.name + " speaks " + theirs + " of the Agent Client Protocol and Baton speaks version " + std::to_string(kAcpVersion) +
                                    "; install a version of it that speaks that one."};
}

std::optional<AcpEnd> AcpConversation::open_session(std::stop_token stop) {
  for (bool tried = false;; tried = true) {
    Reply reply;
    const auto id = next_id_++;
    if (auto end = call(id, acp_new_session(id, ground_.inner.string(), servers_), reply, stop)) return end;
    if (!reply.failed) {
      session_ = read_session(*reply.body);
      if (!session_.id.empty()) return std::nullopt;
      return AcpEnd{Kind::unusable, spec_.name + " answers a new session without an id; install another version of it."};
    }
    if (tried || trouble_of(read_failure(*reply.body)) != AcpTrouble::login) return failure(reply);
    // A login that is there already may only have to be named.
    const auto way = std::find_if(spec_.acp.ways.begin(), spec_.acp.ways.end(), [&](const LoginWay& one) {
      return is_there(one.sign, client_env_) && std::any_of(info_.logins.begin(), info_.logins.end(), [&](const auto& login) { return login.id == one.method; });
    });
    if (way == spec_.acp.ways.end()) return failure(reply);
    Reply answer;
    const auto login = next_id_++;
    if (auto end = call(login, acp_authenticate(login, way->method), answer, stop)) return end;
    if (answer.failed) return AcpEnd{Kind::login, not_logged_in(spec_.acp, spec_.name) + " It says: " + sentence(read_failure(*answer.body).message) + "."};
  }
}

// The mode in which it asks before it acts.
std::optional<AcpEnd> AcpConversation::be_asked(std::stop_token stop) {
  if (spec_.acp.never_asks && !ground_.isolated) return without_asking("it never asks");
  const auto mode = std::find_if(session_.choices.begin(), session_.choices.end(), [](const AcpChoice& one) { return one.category == "mode"; });
  if (mode == session_.choices.end()) return std::nullopt;
  const auto has = [&](std::string_view value) { return std::find(mode->values.begin(), mode->values.end(), value) != mode->values.end(); };
  if (!spec_.acp.mode.empty() && has(spec_.acp.mode)) return choose("mode", spec_.acp.mode, stop);
  if (!is_loose(mode->current)) return std::nullopt;
  for (const std::string_view careful : kCareful) {
    if (has(careful)) return choose("mode", std::string(careful), stop);
  }
  if (ground_.isolated) {
    note("works in the mode " + mode->current + ", in which it does not ask: the box holds");
    return std::nullopt;
  }
  return without_asking("mode " + mode->current);
}

AcpEnd AcpConversation::without_asking(const std::string& how) const {
  return {Kind::unusable, spec_.name + " only works without asking here (" + how + "), which needs a sandbox; install bubblewrap, or choose another agent."};
}

std::optional<AcpEnd> AcpConversation::choose(std::string_view category, const std::string& wanted, std::stop_token stop) {
  std::vector<std::string> known;
  for (AcpChoice& choice : session_.choices) {
    if (choice.category != category && choice.id != category) continue;
    if (choice.current == wanted) return std::nullopt;
    known.insert(known.end(), choice.values.begin(), choice.values.end());
    if (std::find(choice.values.begin(), choice.values.end(), wanted) == choice.values.end()) continue;
    Reply reply;
    const auto id = next_id_++;
    std::string line = choice.id.empty() ? acp_set_mode(id, session_.id, wanted) : acp_set_option(id, session_.id, choice.id, wanted);
    if (auto end = call(id, std::move(line), reply, stop)) return end;
    if (reply.failed) return failure(reply);
    choice.current = wanted;
    return std::nullopt;
  }
  const std::string what = spec_.name + " does not know the " + std::string(category) + " " + wanted;
  return AcpEnd{Kind::unusable, what + (known.empty() ? " and offers no choice of one" : "; it has: " + some_of(known)) + ". Correct `" + std::string(category) + "` of the agent in the configuration."};
}

// ---------------------------------------------------------------- turns

AcpEnd AcpConversation::prompt(std::string_view text, std::stop_token stop) { return patiently(turn(text, stop), stop); }

AcpEnd AcpConversation::turn(std::string_view text, std::stop_token stop) {
  if (auto end = count_use()) return *end;
  turn_ = next_id_++;
  sign_ = Clock::now();
  usage_.prompted(text, model());
  agent_.send(acp_prompt(turn_, session_.id, text));
  return await_turn(std::move(stop));
}

AcpEnd AcpConversation::answer(std::string_view text, std::stop_token stop) {
  parked_ += Clock::now() - (open_ ? open_->since : sign_);
  sign_ = Clock::now();
  if (!open_) return prompt(text, std::move(stop));
  if (auto end = count_use()) return *end;
  const OpenPermission open = std::move(*open_);
  open_.reset();
  settle(open.id, open.permission, says_yes(text), "as you answered");
  AcpEnd end = patiently(await_turn(stop), stop);
  if (says_yes(text) || says_no(text) || end.kind != Kind::finished) return end;
  return prompt(text, std::move(stop));  // it was more than a word
}

// A service that takes no more calls may take them again: the turn is taken up after a pause, each longer than the one before, as long as
// silence is borne.
AcpEnd AcpConversation::patiently(AcpEnd end, std::stop_token stop) {
  const auto latest = std::min(Clock::now() + spec_.silence_limit, began_ + parked_ + spec_.limit);
  std::chrono::seconds wait = kFirstPause;
  int tries = 0;
  for (; end.kind == Kind::busy && Clock::now() + wait < latest; wait = std::min(2 * wait, kLongestPause), ++tries) {
    const std::string told = "its service takes no more calls for now; it is asked again in " + time_in_words(wait);
    note(told);
    if (ears_.tell) ears_.tell(told);
    if (auto other = pause(Clock::now() + wait, stop)) return *other;
    end = turn("Go on with the task where you stopped.", stop);
  }
  if (end.kind == Kind::busy && tries > 0) end.reason += " It was asked again " + std::to_string(tries) + (tries == 1 ? " time." : " times.");
  return end;
}

std::optional<AcpEnd> AcpConversation::pause(Clock::time_point until, std::stop_token stop) {
  Reply none;
  while (Clock::now() < until) {
    if (stop.stop_requested()) return AcpEnd{Kind::cancelled, ""};
    if (agent_.gone()) return AcpEnd{Kind::gone, ""};
    const auto line = agent_.next(until, stop);
    if (!line) continue;
    if (auto end = take(*line, -1, none)) return end;
  }
  return std::nullopt;
}

// The one place that knows how version 1 tells the end of a turn: by the answer to the prompt.
AcpEnd AcpConversation::await_turn(std::stop_token stop) {
  Reply reply;
  if (auto end = await(turn_, reply, std::move(stop))) return *end;
  turn_ = -1;
  if (reply.failed) usage_.refused();
  else usage_.ended(*reply.body);
  (void)count_use();  // it is over: what comes next is refused, if anything is
  if (reply.failed) return failure(reply);
  const json& result = *reply.body;
  const std::string reason = result.is_object() && result.contains("stopReason") && result["stopReason"].is_string() ? result["stopReason"].get<std::string>() : "";
  note("the turn ended: " + (reason.empty() ? "no reason given" : reason));
  if (reason == "refusal") return {Kind::cut_short, spec_.name + " refuses the task" + (said_.empty() ? "." : ": " + last_line(said_))};
  if (reason == "max_tokens" || reason == "max_turn_requests") return {Kind::cut_short, spec_.name + " came to its own limit (" + reason + ") before it was done; make the task smaller."};
  if (reason == "cancelled") return {Kind::cut_short, spec_.name + " gave up its turn by itself."};
  return {Kind::finished, ""};
}

void AcpConversation::cancel() {
  if (open_) agent_.send(acp_permit_nothing(open_->id));
  open_.reset();
  if (session_.id.empty() || turn_ < 0) return;
  agent_.send(acp_cancel(session_.id));
  const auto until = Clock::now() + kCancelPatience;
  while (Clock::now() < until && !agent_.gone()) {
    const auto line = agent_.next(until, {});
    if (!line) continue;
    const AcpIncoming incoming = read_acp(*line);
    const bool ended = (incoming.kind == AcpIncoming::Kind::answer || incoming.kind == AcpIncoming::Kind::failure) && incoming.id == std::to_string(turn_);
    if (incoming.kind == AcpIncoming::Kind::request && incoming.method == "session/request_permission") agent_.send(acp_permit_nothing(incoming.id));
    if (incoming.kind == AcpIncoming::Kind::notification && incoming.method == "session/update") take_update(*incoming.body);
    if (ended) return;
  }
}

AcpEnd AcpConversation::failure(const Reply& reply) const {
  const AcpFailure failed = read_failure(*reply.body);
  const std::string words = failed.message.empty() ? "error " + std::to_string(failed.code) : sentence(failed.message);
  switch (trouble_of(failed)) {
    case AcpTrouble::too_long:
      return {Kind::cut_short, "The task does not fit into what the model of " + spec_.name + " can take (" + words + "); make the task smaller, lower `budgets.context`, or choose a model that takes more."};
    case AcpTrouble::login: return {Kind::login, not_logged_in(spec_.acp, spec_.name)};
    case AcpTrouble::key: return {Kind::login, "The service of " + spec_.name + " does not accept its key or login (" + words + "): " + how_to_log_in(spec_.acp)};
    case AcpTrouble::model: return {Kind::unusable, spec_.name + " cannot use its model (" + words + "); correct `model` of the agent, or its own configuration."};
    case AcpTrouble::spent: return {Kind::unreachable, "The budget or credit of " + spec_.name + " is spent (" + words + "); raise it, or choose another agent."};
    case AcpTrouble::busy: return {Kind::busy, "The service of " + spec_.name + " takes no more calls for now (" + words + "); wait, or choose another agent."};
    case AcpTrouble::unreachable:
      return {Kind::unreachable, "The model of " + spec_.name + " cannot be reached (" + words + "); check its address and the network, or choose another agent."};
    case AcpTrouble::other: return {Kind::cut_short, spec_.name + " reports an error: " + words + "."};
  }
  return {Kind::cut_short, words};
}

}  // namespace baton
