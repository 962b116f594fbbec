// One session with an agent of the Agent Client Protocol, from its first word to the end of its turns. Our own three limits end what
// the agent does not: until its session stands, without a sign of life (a message, or a change in its work tree), and in all. What it
// asks leave for is answered by acp_permission.h; what has to go to the user ends the call with a question, and the turn stays open.
// That a turn is over is an event of ours (AcpEnd), whatever message told it. What it says is never believed. Blocks its thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/agents/acp_messages.h"
#include "orchestrator/agents/acp_permission.h"
#include "orchestrator/agents/acp_process.h"
#include "orchestrator/agents/attempt.h"
#include "orchestrator/agents/reported_usage.h"
#include "orchestrator/agents/supervision.h"

namespace baton {

struct AcpEnd {
  enum class Kind {
    finished,     // the turn, or the preparation
    cut_short,    // the agent's own limit, a refusal, an error of its own
    asks,         // `reason` is the question; `answer` goes on
    login,        // nobody is logged in, or the key is not accepted
    unusable,     // version, model, mode
    unreachable,  // its model: network, service, credit
    busy,         // its model's service takes no more calls, and did not again while we waited
    silent,
    not_started,
    too_long,
    gone,         // the process has ended
    cancelled,    // by us
    spent,        // by us too: `reason` says which budget is used up
  };
  Kind kind = Kind::finished;
  std::string reason;
};

class AcpConversation {
 public:
  using Clock = std::chrono::steady_clock;
  struct Ears {
    std::function<void(std::string_view)> log;    // everything that is worth keeping
    std::function<void(std::string)> doing;       // what it is at, for people
    std::function<void(const std::string&)> tell; // what people are to know
    // What it used since, by its own word or estimated; answers which budget is used up, or nothing. Absent: others count its calls.
    std::function<std::string(const Spending&)> used;
  };

  AcpConversation(AcpProcess& agent, const AgentSpec& spec, PermissionGround ground, Environment client_env, std::string known_answers, Ears ears);

  void give(std::vector<AcpMcpServer> servers) { servers_ = std::move(servers); }  // what a session is given besides its files
  void price_by(Prices prices) { usage_ = ReportedUsage(std::move(prices)); }
  AcpEnd begin(std::stop_token stop);  // until a session stands, in the mode and with the model that are wanted
  AcpEnd prompt(std::string_view text, std::stop_token stop);
  AcpEnd answer(std::string_view text, std::stop_token stop);  // to the question that is open
  bool has_open_question() const { return open_.has_value(); }
  // What is open is answered "cancelled" and the turn is called off; waits a moment for the agent to say so.
  void cancel();

  const std::string& said() const { return said_; }  // the end of its own words
  // What it used by itself; all of it is counted by then.
  Spending spent() {
    (void)count_use();
    return usage_.total();
  }

 private:
  struct Reply {
    bool failed = false;
    std::shared_ptr<const nlohmann::json> body;
  };
  struct OpenPermission {
    std::string id;
    AcpPermission permission;
    Clock::time_point since;
  };

  std::optional<AcpEnd> call(std::int64_t id, std::string line, Reply& reply, std::stop_token stop);
  std::optional<AcpEnd> await(std::int64_t id, Reply& reply, std::stop_token stop);
  std::optional<AcpEnd> take(const std::string& line, std::int64_t wanted, Reply& reply);
  std::optional<AcpEnd> out_of_time();
  std::optional<AcpEnd> take_request(const AcpIncoming& incoming);
  std::optional<AcpEnd> permission(const AcpIncoming& incoming);
  void settle(const std::string& id, const AcpPermission& asked, bool allow, std::string_view why);
  void take_update(const nlohmann::json& params);
  std::optional<AcpEnd> count_use();
  std::string model() const;
  void serve_file(const AcpIncoming& incoming);
  std::optional<AcpEnd> initialize(std::stop_token stop);
  std::optional<AcpEnd> open_session(std::stop_token stop);
  std::optional<AcpEnd> choose(std::string_view category, const std::string& wanted, std::stop_token stop);
  std::optional<AcpEnd> be_asked(std::stop_token stop);
  AcpEnd without_asking(const std::string& how) const;
  AcpEnd turn(std::string_view text, std::stop_token stop);
  AcpEnd await_turn(std::stop_token stop);
  AcpEnd patiently(AcpEnd end, std::stop_token stop);
  std::optional<AcpEnd> pause(Clock::time_point until, std::stop_token stop);
  AcpEnd failure(const Reply& reply) const;
  void say(std::string_view text);
  void note(const std::string& what);

  AcpProcess& agent_;
  const AgentSpec spec_;
  const PermissionGround ground_;
  const Environment client_env_;
  const std::string known_answers_;
  const Ears ears_;
  const TreeClock tree_;
  const Clock::time_point began_ = Clock::now();
  Clock::duration parked_{0};
  Clock::time_point sign_ = began_;
  bool started_ = false;
  std::int64_t next_id_ = 0, turn_ = -1;
  AcpAgentInfo info_;
  AcpSession session_;
  std::optional<OpenPermission> open_;
  std::string said_;
  std::string last_tool_;
  bool mid_line_ = false;
  ReportedUsage usage_;
  std::vector<AcpMcpServer> servers_;
};

// What the user answered to a question before, where the hint of an order holds it.
std::optional<std::string> known_answer(std::string_view hint, std::string_view question);

}  // namespace baton
