// Attempts of agents of the Agent Client Protocol: a scripted agent as a real process that speaks the real protocol, in work trees of
// its own, and everything that goes wrong with such agents. Each ends in the right state and nothing is lost.
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "orchestrator/agents/attempt.h"
#include "orchestrator/agents/parked_agents.h"
#include "support/json.h"
#include "tests/orchestrator/workshop.h"

namespace baton {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Clock = std::chrono::steady_clock;

class AcpAttemptTest : public Workshop {
 protected:
  AcpAttemptTest() : executor_(local_executor(1)) {}

  AttemptOrder order(const std::string& script) {
    AttemptOrder asked;
    asked.task = "t1";
    asked.subtask = "s1";
    asked.part = {"s1", "Do it", "general", {}, {}, {}};
    asked.text = "Say hello";
    asked.agent.name = "scripted";
    asked.agent.backend = AgentBackend::acp;
    static const std::string kAgent = *read_file(BATON_SOURCE_DIR "/tests/agents/scripted_acp_agent.py");
    asked.agent.command = {"python3", "-c", kAgent, script};
    asked.agent.network = NetworkPolicy::none;
    asked.client_env = env_;
    return asked;
  }
  AttemptOrder steps(const std::string& list) { return order(R"({"steps": [)" + list + "]}"); }

  Result<AttemptResult> attempt(AttemptOrder asked, std::stop_token stop = {}) {
    auto repository = open_repository(at("repo"));
    EXPECT_TRUE(repository.ok());
    store_ = std::make_unique<Store>(*Store::open(*repository));
    if (!journal_) journal_ = *Journal::open(at("journal.db"));
    if (!evidence_) evidence_ = std::make_unique<EvidenceStore>(*EvidenceStore::open(at("evidence")));
    if (asked.start.empty()) asked.start = *store_->resolve_commit("HEAD");
    ProgressTicker progress{ProgressSink()};
    return run_attempt(asked, {*store_, *journal_, *evidence_, *executor_, config_, at("cache/baton"), at("config/baton"), at("run/baton"), at("state"), "executor", &parked_, meter_},
                       progress, stop);
  }

  // "completed | reason | changed files | surprises"
  static std::string told(const Result<AttemptResult>& result) {
    if (!result) return "error: " + result.error().message;
    std::string text = std::string(to_string(result->end)) + " | " + result->reason + " |";
    for (const FileChange& change : result->changes) text += " " + change.path;
    text += " |";
    for (const std::string& path : result->surprises) text += " " + path;
    return text;
  }

  std::string left(const AttemptResult& result, const std::string& path) {
    auto tree = store_->tree_of(result.commit);
    auto text = tree ? store_->read(*tree, path) : Result<std::optional<std::string>>(tree.error());
    return text && *text ? **text : "(absent)";
  }

  // Processes whose command line names this test's folder, and sleepers of the script.
  int strays() const {
    int found = 0;
    for (const auto& entry : fs::directory_iterator("/proc")) {
      const auto line = read_file(entry.path() / "cmdline");
      found += line.ok() && (line->find(folder_.path().string()) != std::string::npos || line->find("sleep\0601.25") != std::string::npos);
    }
    return found;
  }

  std::string recorded() const {  // kinds of events
    std::string kinds;
    if (const auto events = journal_->events("t1", 0, 100)) {
      for (const Event& event : *events) kinds += (kinds.empty() ? "" : " ") + event.kind;
    }
    return kinds;
  }

  bool boxed() const { return probe_sandbox() == SandboxRung::bubblewrap; }

  std::unique_ptr<Executor> executor_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<EvidenceStore> evidence_;
  Config config_;
  std::shared_ptr<Meter> meter_;  // of the task
  ParkedAgents parked_;
};

// "120+30 tokens, 0.50 dollars, 2 calls, reported"
std::string used_in_words(const Spending& spent) {
  char text[200];
  std::snprintf(text, sizeof text, "%d+%d tokens, %.2f dollars, %d calls", static_cast<int>(spent.input), static_cast<int>(spent.output), spent.money, spent.calls);
  return std::string(text) + (spent.reported ? ", reported" : "") + (spent.estimated ? ", estimated" : "") + (spent.unpriced ? ", unpriced" : "");
}

TEST_F(AcpAttemptTest, FromThePromptToACommit) {
  commit({{"a.txt", "old\n"}});
  AttemptOrder asked = steps(R"({"say": "I was told: {prompt}"}, {"tool": {"kind": "edit", "title": "Edit", "locations": [{"path": "a.txt"}]}},
                                {"write": ["a.txt", "new\n"]}, {"write": ["b.txt", "more\n"]})");
  asked.part.write_set = {"a.txt"};
  const auto result = attempt(asked);
  EXPECT_EQ(told(result), "completed |  | a.txt b.txt | b.txt");
  EXPECT_EQ(left(*result, "a.txt"), "new\n");
  EXPECT_NE(result->said.find("I was told: Say hello"), std::string::npos) << result->said;
  EXPECT_NE(result->said.find("edit a.txt"), std::string::npos) << result->said;
  EXPECT_EQ(*read_file(at("repo/a.txt")), "old\n") << "the user's tree is as it was";
}

struct Case {
  const char* name;
  const char* script;
  const char* expected;      // as `told`
  const char* said = "";     // in the end of its log
};

TEST_F(AcpAttemptTest, OnlyTheTreeCounts) {
  commit({{"a.txt", "old\n"}});
  const Case kCases[] = {
      {"claims", R"({"steps": [{"say": "All 1637 tests pass.\nDone."}]})", "failed | scripted ended without having changed a file. Its last words: Done. | |"},
      {"completed, nothing changed", R"({"steps": [{"tool": {"kind": "edit", "title": "Edit a", "status": "completed"}}]})", "failed | scripted ended without having changed a file. | |"},
      {"failed, changed", R"({"steps": [{"write": ["a.txt", "new\n"]}, {"tool": {"kind": "edit", "title": "Edit a", "status": "failed"}}]})", "completed |  | a.txt |"},
      {"garbage", R"({"steps": [{"raw": "Loading…"}, {"raw": "{\"jsonrpc\": 7}"}, {"raw": "[1,2"}, {"raw": "\u0000\u0001"}, {"write": ["a.txt", "new\n"]}]})", "completed |  | a.txt |", "no message of the protocol"},
      {"unknown", R"({"steps": [{"call": {"method": "craft/drainMidTurnQueue", "params": {}}}, {"update": {"kind": "novelty", "x": [1]}}, {"write": ["a.txt", "new\n"]}]})",
       "completed |  | a.txt |", "-32601"},
      {"files are not offered", R"({"steps": [{"call": {"method": "fs/write_text_file", "params": {"path": "a.txt", "content": "x"}}}, {"write": ["a.txt", "new\n"]}]})", "completed |  | a.txt |", "-32601"},
      {"refusal", R"({"steps": [{"say": "I would rather not."}, {"stop": "refusal"}]})", "failed | scripted refuses the task: I would rather not. | |"},
      {"its own limit", R"({"steps": [{"write": ["a.txt", "half\n"]}, {"stop": "max_turn_requests"}]})",
       "failed | scripted came to its own limit (max_turn_requests) before it was done; make the task smaller. | a.txt |"},
      {"hooks", R"({"steps": [{"shell": "mkdir -p .git/hooks; printf '#!/bin/sh\ntouch hooked' > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit; printf '[core]\n\tfsmonitor = touch ran\n' >> .git/config"}, {"write": ["a.txt", "new\n"]}]})",
       "completed |  | a.txt |"},
      {"a link out of the tree", R"({"steps": [{"shell": "ln -s /etc/hostname out; ln -s /etc deep"}, {"ask": {"kind": "edit", "title": "Write", "locations": [{"path": "deep/new"}]}, "then": [{"say": "was let"}], "otherwise": [{"write": ["a.txt", "new\n"]}]}]})",
       "completed |  | a.txt deep out |", "refused (outside its work tree"},
  };
  for (const Case& one : kCases) {
    const auto result = attempt(order(one.script));
    EXPECT_EQ(told(result), one.expected) << one.name;
    if (result.ok()) EXPECT_NE(result->said.find(one.said), std::string::npos) << one.name << "\n" << result->said;
  }
  EXPECT_EQ(git({"status", "--porcelain"}), "");
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
    EXPECT_TRUE(entry.path().filename() != "hooked" && entry.path().filename() != "ran") << "what it planted ran: " << entry.path();
  }
}

TEST_F(AcpAttemptTest, ALineOf64MegabytesIsPassedOver) {
  commit({{"a.txt", "old\n"}});
  const auto result = attempt(steps(R"({"huge": 67108864}, {"write": ["a.txt", "new\n"]})"));
  EXPECT_EQ(told(result), "completed |  | a.txt |");
  EXPECT_LT(fs::file_size(result->log), 10000u);
}

TEST_F(AcpAttemptTest, HowItEnds) {
  commit({{"a.txt", "old\n"}});
  const Case kCases[] = {
      {"crash in the middle of an edit", R"({"steps": [{"write": ["a.txt", "half\n"]}, {"error_output": "panic: no\n"}, {"die": 9}]})",
       "failed | scripted ended by signal 9 in the middle of its work: panic: no | a.txt |"},
      {"exit", R"({"steps": [{"write": ["a.txt", "half\n"]}, {"exit": 7}]})", "failed | scripted ended with exit code 7 in the middle of its work. | a.txt |"},
      {"wrong version", R"({"initialize": {"protocolVersion": 7}})",
       "blocked | scripted speaks version 7 of the Agent Client Protocol and Baton speaks version 1; install a version of it that speaks that one. | |"},
      {"no version", R"({"initialize": {"protocolVersion": null}})",
       "blocked | scripted speaks no version that is told of the Agent Client Protocol and Baton speaks version 1; install a version of it that speaks that one. | |"},
      {"not logged in", R"({"session_error": {"code": -32000, "message": "Authentication required"}})", "blocked | scripted is not logged in: log in with its own program in a terminal. | |"},
      {"401", R"({"steps": [{"error": {"code": -32603, "message": "Internal error", "data": {"details": "401 Incorrect API key provided"}}}]})",
       "blocked | The service of scripted does not accept its key or login (Internal error: 401 Incorrect API key provided): log in with its own program in a terminal. | |"},
      {"endpoint down", R"({"steps": [{"error": {"code": -32603, "message": "connect ECONNREFUSED 127.0.0.1:1"}}]})",
       "fault | The model of scripted cannot be reached (connect ECONNREFUSED 127.0.0.1:1); check its address and the network, or choose another agent. | |"},
      {"invalid model", R"({"steps": [{"error": {"code": -32603, "message": "The model `gpt-0` does not exist"}}]})",
       "blocked | scripted cannot use its model (The model `gpt-0` does not exist); correct `model` of the agent, or its own configuration. | |"},
      {"another error", R"({"steps": [{"error": {"code": -32603, "message": "Cannot read properties of undefined"}}]})", "failed | scripted reports an error: Cannot read properties of undefined. | |"},
  };
  for (const Case& one : kCases) EXPECT_EQ(told(attempt(order(one.script))), one.expected) << one.name;
  AttemptOrder missing = order("{}");
  missing.agent.command = {"no-such-agent"};
  EXPECT_EQ(told(attempt(missing)), "fault | Cannot run no-such-agent: No such file or directory; install it, or correct the command of the agent \"scripted\" in the configuration. | |");
}

// A service that takes no more calls is asked again, ever more seldom, in the same session; one that never does is no failure of the work.
TEST_F(AcpAttemptTest, AServiceThatTakesNoMoreCalls) {
  commit({{"a.txt", "old\n"}});
  const std::string busy = R"({"error": {"code": -32603, "message": "exceeded retry limit, last status: 429 Too Many Requests"}})";
  AttemptOrder soon = order(R"({"steps": [{"write": ["a.txt", "half\n"]}, )" + busy + R"(], "again": [{"say": "{prompt}"}, {"write": ["b.txt", "rest\n"]}]})");
  soon.agent.silence_limit = std::chrono::seconds(20);
  const auto result = attempt(soon);
  EXPECT_EQ(told(result), "completed |  | a.txt b.txt |");
  for (const char* part : {"its service takes no more calls for now; it is asked again in 1 s", "Go on with the task where you stopped."}) EXPECT_NE(result->said.find(part), std::string::npos) << result->said;
  AttemptOrder lasting = order(R"({"steps": [{"write": ["a.txt", "half\n"]}, )" + busy + R"(], "again": [)" + busy + "]}");
  lasting.agent.silence_limit = std::chrono::seconds(4);
  const auto began = Clock::now();
  EXPECT_EQ(told(attempt(lasting)),
            "fault | The service of scripted takes no more calls for now (exceeded retry limit, last status: 429 Too Many Requests); wait, or choose another agent. It was asked again 2 times. | a.txt |");
  EXPECT_GT(Clock::now() - began, std::chrono::seconds(3));  // 1 s and 2 s
  // One that tries again in silence: our endpoint knows.
  const std::string call = R"(python3 -c 'import os, urllib.request as u; u.urlopen(u.Request(os.environ[\"OPENAI_BASE_URL\"] + \"/chat/completions\", b\"{}\", {\"Authorization\": \"Bearer \" + os.environ[\"OPENAI_API_KEY\"]}))' 2>/dev/null)";
  AttemptOrder silent = steps(R"({"shell": ")" + call + R"("}, {"sleep": 600})");
  silent.agent.endpoint.url = "http://127.0.0.1:1/v1";
  silent.agent.silence_limit = std::chrono::seconds(2);
  EXPECT_EQ(told(attempt(silent)), "fault | The model of scripted cannot be reached at http://127.0.0.1:1/v1; check its address and the network, or choose another agent. | |");
}

TEST_F(AcpAttemptTest, ThreeLimits) {
  commit({{"a.txt", "old\n"}});
  AttemptOrder slow = order(R"({"start": 600})");
  slow.agent.start_limit = std::chrono::seconds(1);
  EXPECT_EQ(told(attempt(slow)), "failed | scripted did not begin a session within 1 s and was stopped. | |");
  AttemptOrder late = order(R"({"start": 2, "steps": [{"write": ["a.txt", "new\n"]}]})");
  late.agent.start_limit = std::chrono::seconds(60);
  EXPECT_EQ(told(attempt(late)), "completed |  | a.txt |");
  // What it tells by itself is no sign of life, and it does not hear.
  AttemptOrder silent = order(R"({"deaf": ["cancel", "eof", "term"], "steps": [{"write": ["a.txt", "half\n"]}, {"child": "while :; do sleep 601.25; done"}, {"sleep": 600}]})");
  silent.agent.silence_limit = std::chrono::seconds(1);
  auto began = Clock::now();
  EXPECT_EQ(told(attempt(silent)), "failed | scripted neither said nor changed anything for 1 s and was stopped; its service may refuse or delay calls. | a.txt |");
  EXPECT_LT(Clock::now() - began, std::chrono::seconds(15));
  EXPECT_EQ(strays(), 0);
  AttemptOrder endless = order(R"({"steps": [{"write": ["a.txt", "half\n"]}, {"say": "1"}, {"sleep": 0.7}, {"say": "2"}, {"sleep": 600}]})");
  endless.agent.silence_limit = endless.agent.limit = std::chrono::seconds(6);
  EXPECT_EQ(told(attempt(endless)), "failed | scripted did not end within 6 s and was stopped. | a.txt |");
  endless.agent.limit = std::chrono::seconds(2);
  endless.agent.out_of_time = "The budget of this attempt is used up.";
  const auto asks = attempt(endless);
  EXPECT_EQ(told(asks), "blocked | The budget of this attempt is used up. | a.txt |") << "a budget is the human's to raise";
  EXPECT_EQ(asks->question, endless.agent.out_of_time);
  // Work without a word is a sign of life.
  AttemptOrder quiet = steps(R"({"sleep": 0.8}, {"write": ["a.txt", "1"]}, {"sleep": 0.8}, {"write": ["a.txt", "2"]}, {"sleep": 0.8}, {"write": ["a.txt", "3"]})");
  quiet.agent.silence_limit = std::chrono::seconds(2);
  EXPECT_EQ(told(attempt(quiet)), "completed |  | a.txt |");
}

TEST_F(AcpAttemptTest, CancelledWithinTwoSecondsToTheLastDescendant) {
  commit({{"a.txt", "old\n"}});
  for (const char* deaf : {"", R"("cancel", "eof", "term")"}) {
    std::stop_source stop;
    AttemptOrder asked = order(std::string(R"({"deaf": [)") + deaf + R"(], "steps": [{"write": ["a.txt", "half\n"]}, {"child": "trap '' TERM HUP; while :; do sleep 601.25; done"}, {"say": "ready\n"}, {"sleep": 600}]})");
    Clock::time_point stopped;
    std::jthread stopper([&] {
      const fs::path log = at("state/tasks/t1/s1-1.log");
      while (!read_file(log).ok() || read_file(log)->find("ready") == std::string::npos) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      stopped = Clock::now();
      stop.request_stop();
      while (strays() > 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
      EXPECT_LT(Clock::now() - stopped, std::chrono::seconds(2)) << deaf;
    });
    const auto result = attempt(asked, stop.get_token());
    stopper.join();
    EXPECT_EQ(told(result), "cancelled | Cancelled while scripted worked. | a.txt |") << deaf;
    EXPECT_EQ(left(*result, "a.txt"), "half\n");
    fs::remove(at("state/tasks/t1/s1-1.log"));
  }
}

TEST_F(AcpAttemptTest, LeaveByKindPathAndCommand) {
  commit({{"a.txt", "old\n"}, {".baton/config.json", R"({"gates": [{"name": "t", "command": ["sh", "check.sh"]}]})"}});
  const struct {
    const char *call, *answer;
  } kCases[] = {
      {R"("kind": "edit", "rawInput": {"filePath": "a.txt"})", "selected y"},
      {R"("kind": "edit", "locations": [{"path": "/etc/hosts"}])", "selected n"},
      {R"("kind": "edit", "locations": [{"path": "../../x"}])", "selected n"},
      {R"("kind": "edit", "locations": [{"path": ".git/config"}])", "selected n"},
      {R"("kind": "execute", "rawInput": {"command": "cat a.txt | grep -c old && git status"})", "selected y"},
      {R"("kind": "execute", "rawInput": {"command": ["bash", "-lc", "ls -la"]})", "selected y"},
      {R"("kind": "execute", "rawInput": {"command": "echo x > /etc/hosts"})", "selected n"},
      {R"("kind": "execute", "rawInput": {"command": "baton accept t1 --reason done"})", "selected n"},
      {R"("kind": "edit", "locations": [{"path": "a.txt"}], "options": [{"optionId": "y", "name": "Always", "kind": "allow_always"}])", "cancelled "},
      {R"("kind": "fetch", "options": [{"optionId": "", "kind": "reject_once"}, {"optionId": 7}, {}, {"optionId": "cancel", "name": "x", "kind": "reject_once"}])", "selected cancel"},
      {R"("kind": "edit", "locations": [{"path": "a.txt"}], "options": [])", "cancelled "},
  };
  std::string list;
  for (const auto& one : kCases) list += std::string(R"({"ask": {"title": "Tool", )") + one.call + "}}, ";
  const auto result = attempt(steps(list + R"({"write": ["a.txt", "new\n"]})"));
  EXPECT_EQ(told(result), "completed |  | a.txt |");
  ASSERT_TRUE(result.ok());
  std::size_t at = 0;
  for (const auto& one : kCases) {
    at = result->said.find("answer: ", at);
    ASSERT_NE(at, std::string::npos) << one.call << "\n" << result->said;
    EXPECT_EQ(result->said.substr(at + 8, std::string(one.answer).size()), one.answer) << one.call;
    ++at;
  }
}

TEST_F(AcpAttemptTest, AQuestionGoesBackIntoTheSameSession) {
  commit({{"a.txt", "old\n"}});
  AttemptOrder asked = steps(R"({"write": ["a.txt", "half\n"]}, {"ask": {"kind": "execute", "title": "t", "rawInput": {"command": "npm publish"}}, "then": [{"write": ["a.txt", "let\n"]}], "otherwise": [{"write": ["a.txt", "kept\n"]}]})");
  for (const auto& [answer, left_there] : {std::pair("yes, do", "let\n"), std::pair("no", "kept\n")}) {
    AttemptOrder again = asked;
    const auto blocked = attempt(again);
    ASSERT_TRUE(blocked.ok());
    EXPECT_EQ(to_string(blocked->end), "blocked");
    const std::string question = "scripted wants to run `npm publish` (`npm publish` is not on the list of commands). May it, this once? Answer `yes` or `no`.";
    EXPECT_EQ(blocked->question, question);
    again.hint = "You asked: " + question + "\nThe answer: " + answer;
    const auto result = attempt(again);
    EXPECT_EQ(told(result), "completed |  | a.txt |");
    EXPECT_EQ(left(*result, "a.txt"), left_there);
    EXPECT_EQ(blocked->worktree, result->worktree) << "the same agent went on";
  }
  // After the death of who held it, a new one is told, and the answer holds.
  const auto blocked = attempt(asked);
  parked_.drop("t1");
  EXPECT_EQ(strays(), 0);
  asked.hint = "You asked: " + blocked->question + "\nThe answer: yes";
  const auto result = attempt(asked);
  EXPECT_EQ(told(result), "completed |  | a.txt |");
  EXPECT_NE(blocked->worktree, result->worktree);
  // One that it writes down is a question too.
  AttemptOrder writes = order(R"({"steps": [{"shell": "echo 'SQLite or PostgreSQL?' > \"$BATON_QUESTION\""}], "again": [{"say": "{prompt}"}, {"write": ["a.txt", "PostgreSQL\n"]}]})");
  EXPECT_EQ(told(attempt(writes)), "blocked | scripted asks: SQLite or PostgreSQL? | |");
  writes.hint = "You asked: SQLite or PostgreSQL?\nThe answer: PostgreSQL";
  EXPECT_EQ(told(attempt(writes)), "completed |  | a.txt |");
}

TEST_F(AcpAttemptTest, ModeModelAndLoginAreSet) {
  commit({{"a.txt", "old\n"}});
  const std::string modes = R"("session": {"modes": {"currentModeId": "auto", "availableModes": [{"id": "auto", "name": "Auto"}, {"id": "default", "name": "Ask"}]},
      "configOptions": [{"id": "llm", "name": "Model", "category": "model", "type": "select", "currentValue": "small", "options": [{"value": "small", "name": "S"}, {"value": "big", "name": "B"}]}]},)";
  AttemptOrder asked = order("{" + modes + R"("steps": [{"write": ["a.txt", "new\n"]}]})");
  asked.agent.acp.model = "big";
  auto result = attempt(asked);
  EXPECT_EQ(told(result), "completed |  | a.txt |");
  EXPECT_NE(result->said.find("mode default\noption llm big\n"), std::string::npos) << result->said;
  asked.agent.acp.model = "huge";
  EXPECT_EQ(told(attempt(asked)), "blocked | scripted does not know the model huge; it has: small, big. Correct `model` of the agent in the configuration. | |");
  // What it is told in a box and without one, and who cannot be made to ask.
  for (const auto& [sandbox, expected] : {std::pair("", boxed() ? "loose 1" : "careful 2"), std::pair("none", "careful 2")}) {
    config_.sandbox = sandbox;
    AttemptOrder told_how = steps(R"j({"shell": "echo $HOW $(tr '\\0' ' ' < /proc/$PPID/cmdline | tail -c 2)"}, {"write": ["a.txt", "new\n"]})j");
    told_how.agent.acp.isolated = {{"1"}, {{"HOW", "loose"}}};
    told_how.agent.acp.plain = {{"2"}, {{"HOW", "careful"}}};
    result = attempt(told_how);
    EXPECT_EQ(told(result), "completed |  | a.txt |");
    EXPECT_NE(result->said.find(expected), std::string::npos) << result->said;
    told_how.agent.acp.never_asks = true;
    const bool may = std::string(expected).starts_with("loose");
    EXPECT_EQ(told(attempt(told_how)), may ? "completed |  | a.txt |" : "blocked | scripted only works without asking here (it never asks), which needs a sandbox; install bubblewrap, or choose another agent. | |");
  }
  config_.sandbox = "";
  AttemptOrder login = order(R"({"session_error": {"code": -32000, "message": "Authentication required", "until": "authenticate"}, "initialize": {"authMethods": [{"id": "key", "name": "Key"}]}, "steps": [{"write": ["a.txt", "new\n"]}]})");
  login.agent.acp.ways = {{"key", {"", "", "MY_KEY"}}};
  login.agent.acp.login_key = "MY_KEY";
  EXPECT_EQ(told(attempt(login)), "blocked | scripted is not logged in: set MY_KEY. | |");
  set(login.client_env, "MY_KEY", "0123456789abcdef");
  EXPECT_EQ(told(attempt(login)), "completed |  | a.txt |");
  login.agent.trouble = "scripted is not logged in: run `scripted login` in a terminal.";
  result = attempt(login);
  EXPECT_EQ(result->question, "scripted is not logged in: run `scripted login` in a terminal. Then answer `done`.");
  EXPECT_TRUE(result->unusable);
}

// An agent that reaches its models by itself is counted by its own word, at once and in the meter of its task.
TEST_F(AcpAttemptTest, WhatItReportsIsCounted) {
  commit({{"a.txt", "old\n"}});
  const std::string write = R"({"write": ["a.txt", "new\n"]})";
  const std::string per_call = R"({"update": {"kind": "agent_message_chunk", "content": {"type": "text", "text": ""}, "_meta": {"usage": {"inputTokens": 100, "outputTokens": 20, "totalTokens": 120}}}})";
  const struct {
    const char* name;
    std::string steps;
    const char* expected;
  } kCases[] = {
      {"with the turn's end", write + R"(, {"usage": {"inputTokens": 700, "outputTokens": 50, "totalTokens": 750, "cachedReadTokens": 300}})", "700+50 tokens, 0.00 dollars, 1 calls, reported, unpriced"},
      {"call by call", per_call + ", " + per_call + ", " + write, "200+40 tokens, 0.00 dollars, 2 calls, reported, unpriced"},
      {"money of the session so far", per_call + R"(, {"update": {"kind": "usage_update", "used": 9000, "size": 200000, "cost": {"amount": 0.2, "currency": "USD"}}},
        {"update": {"kind": "usage_update", "used": 9500, "size": 200000, "cost": {"amount": 0.5, "currency": "USD"}}}, )" + write, "100+20 tokens, 0.50 dollars, 1 calls, reported"},
      {"zeros, as on a cancel", R"({"usage": {"inputTokens": 0, "outputTokens": 0, "totalTokens": 0}}, {"error": {"code": -32603, "message": "nothing came"}})", "0+0 tokens, 0.00 dollars, 0 calls"},
  };
  for (const auto& one : kCases) {
    meter_ = std::make_shared<Meter>(SpendingLimit{"this task", {}, {}});
    const auto result = attempt(steps(one.steps));
    ASSERT_TRUE(result.ok()) << one.name;
    EXPECT_EQ(used_in_words(result->spent), one.expected) << one.name << ": " << told(result);
    EXPECT_EQ(meter_->spent().tokens(), result->spent.tokens()) << one.name;
    EXPECT_DOUBLE_EQ(meter_->spent().money, result->spent.money) << one.name;
  }
  // One that tells nothing is estimated: its prompt, what it said, and the prompt again after each tool.
  const auto once = attempt(steps(R"({"say": "123456789"}, )" + write)), twice = attempt(steps(R"({"say": "123456789"}, {"tool": {"kind": "read", "title": "Read"}}, )" + write));
  ASSERT_TRUE(once.ok() && twice.ok());
  EXPECT_TRUE(once->spent.estimated && !once->spent.reported);
  EXPECT_EQ(once->spent.output, 3);
  EXPECT_GT(once->spent.input, 100);
  EXPECT_EQ(twice->spent.calls, 2);
  EXPECT_GE(twice->spent.input, 2 * once->spent.input);
}

TEST_F(AcpAttemptTest, ItsBudgetHoldsForWhatItReports) {
  commit({{"a.txt", "old\n"}});
  meter_ = std::make_shared<Meter>(SpendingLimit{"this task", 1000, {}});
  const std::string call = R"({"update": {"kind": "agent_message_chunk", "content": {"type": "text", "text": "x"}, "_meta": {"usage": {"inputTokens": 390, "outputTokens": 10}}}}, )";
  AttemptOrder asked = steps(R"({"write": ["a.txt", "half\n"]}, {"child": "trap '' TERM HUP; while :; do sleep 601.25; done"}, )" + call + call + call + R"({"sleep": 600}, {"write": ["a.txt", "never\n"]})");
  asked.agent.silence_limit = asked.agent.limit = std::chrono::seconds(30);
  const auto began = Clock::now();
  const auto result = attempt(asked);
  EXPECT_EQ(told(result), "blocked | The budget of this task is used up: 1200 of 1000 tokens. | a.txt |");
  EXPECT_LT(Clock::now() - began, std::chrono::seconds(10));
  EXPECT_EQ(result->question, "The budget of this task is used up: 1200 of 1000 tokens. Raise it in your configuration (`budgets`), then answer `go on`.");
  EXPECT_EQ(left(*result, "a.txt"), "half\n");
  EXPECT_EQ(used_in_words(result->spent), "1170+30 tokens, 0.00 dollars, 3 calls, reported, unpriced");
  EXPECT_EQ(strays(), 0);
  // The next attempt does not begin.
  fs::remove(result->log);
  EXPECT_EQ(told(attempt(asked)), "blocked | The budget of this task is used up: 1200 of 1000 tokens. | |");
  EXPECT_FALSE(fs::exists(at("state/tasks/t1/s1-1.log")));
  // Its own limit, in money; and a turn that ends as the limit is reached has done its work.
  meter_.reset();
  asked = steps(R"({"write": ["a.txt", "new\n"]}, {"update": {"kind": "usage_update", "used": 1, "size": 2, "cost": {"amount": 3.5, "currency": "USD"}}}, {"sleep": 600})");
  asked.agent.budget.money = 3;
  EXPECT_EQ(told(attempt(asked)), "blocked | The budget of this attempt is used up: 3.50 of 3.00 dollars. | a.txt |");
  asked = steps(R"({"write": ["a.txt", "new\n"]}, {"usage": {"inputTokens": 5000, "outputTokens": 1}})");
  asked.agent.budget.tokens = 4000;
  EXPECT_EQ(told(attempt(asked)), "completed |  | a.txt |");
}

TEST_F(AcpAttemptTest, FilesAreServedBelowTheTreeAlone) {
  commit({{"a.txt", "one\ntwo\nthree\n"}});
  AttemptOrder asked = steps(R"({"shell": "ln -s /etc deep; mkfifo pipe"},
      {"call": {"method": "fs/read_text_file", "params": {"path": "a.txt", "line": 2, "limit": 1}}},
      {"call": {"method": "fs/write_text_file", "params": {"path": "new.txt", "content": "written"}}},
      {"call": {"method": "fs/write_text_file", "params": {"path": "deep/passwd", "content": "x"}}},
      {"call": {"method": "fs/read_text_file", "params": {"path": "pipe"}}},
      {"call": {"method": "fs/read_text_file", "params": {"path": "/etc/shadow"}}})");
  asked.agent.acp.files = true;
  const auto result = attempt(asked);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(left(*result, "new.txt"), "written");
  for (const char* part : {R"({"content": "two\n"})", "deep/passwd lies outside", "pipe is no regular file", "/etc/shadow lies outside"})
    EXPECT_NE(result->said.find(part), std::string::npos) << part << "\n" << result->said;
}

// What it begins with, and what it asks for later: of its own work as it is by then.
TEST_F(AcpAttemptTest, ItIsGivenPiecesOfTheWorkspace) {
  commit({{"src/hello.py", "def say_hello(name):\n    return name\n"}, {"src/other.py", "def other():\n    pass\n"}});
  const std::string ask = R"(python3 -c 'import json, os, socket; s = socket.socket(socket.AF_UNIX); s.connect(os.environ["BATON_TOOL_SOCKET"]); f = s.makefile("rw"); )"
                          R"(call = lambda **a: (f.write(json.dumps({"id": 1, "method": "tools/call", "params": {"name": "more_context", "arguments": a}}) + "\n"), f.flush(), print(json.loads(f.readline())["result"]["content"][0]["text"]))[-1]; )"
                          R"(f.write(os.environ["BATON_TOOL_TOKEN"] + "\n"); call(query="parse the invoice"); call(query="the", budget=100)')";
  const auto result = attempt(order(json{{"steps", {{{"say", "{prompt}"}}, {{"write", {"src/bill.py", "def parse_invoice(text):\n    return text\n"}}}, {{"shell", ask}}}}}.dump()));
  EXPECT_EQ(told(result), "completed |  | src/bill.py |");
  for (const char* part : {"### src/hello.py\n\n```\n1 def say_hello(name):\n", "## src/bill.py\n\n```\n1 def parse_invoice(text):\n2     return text\n```\n", " tokens"})
    EXPECT_NE(result->said.find(part), std::string::npos) << part << "\n" << result->said;
  EXPECT_NE(result->said.find("no word"), std::string::npos) << result->said;
}

TEST_F(AcpAttemptTest, OutsideItsTree) {
  commit({{"a.txt", "old\n"}});
  const std::string user = at("repo/a.txt").string(), hook = at("repo/.git/hooks/post-checkout").string();
  const std::string script = R"({"write": ["a.txt", "new\n"]}, {"write": [")" + user + R"(", "planted\n"]}, {"write": [")" + hook + R"(", "x"]})";
  if (boxed()) {
    EXPECT_EQ(told(attempt(steps(script))), "completed |  | a.txt |");
    EXPECT_EQ(*read_file(user), "old\n");
    EXPECT_FALSE(fs::exists(hook));
  }
  // Without a box nothing holds it, and it is seen.
  config_.sandbox = "none";
  const auto result = attempt(steps(script));
  EXPECT_EQ(told(result), "failed | Files outside its work tree changed while scripted worked without a sandbox: " + hook + ", " + user +
                              ". What it did does not count; look at these files, and install bubblewrap. | a.txt | " + hook + " " + user);
  EXPECT_EQ(result->commit, "");
  EXPECT_EQ(recorded(), "write_outside");
}

// Whatever box holds it. The user goes on working meanwhile, which is told; a hook that appears is an incident.
TEST_F(AcpAttemptTest, OtherTreesAreLookedAtAfterEachTurn) {
  if (!boxed()) GTEST_SKIP() << "no box here";
  commit({{"a.txt", "old\n"}});
  git({"worktree", "add", "-q", at("second").string()});
  const std::string waits = R"({"write": ["a.txt", "new\n"]}, {"say": "ready\n"}, {"sleep": 0.3})";
  const auto meanwhile = [&](const fs::path& file) {
    fs::remove(at("state/tasks/t1/s1-1.log"));
    std::jthread other([this, file] {
      const fs::path log = at("state/tasks/t1/s1-1.log");
      while (!read_file(log).ok() || read_file(log)->find("ready") == std::string::npos) std::this_thread::sleep_for(std::chrono::milliseconds(2));
      EXPECT_TRUE(write_file(file, "changed\n").ok());
    });
    return attempt(steps(waits));
  };
  EXPECT_EQ(told(meanwhile(at("repo/a.txt"))), "completed |  | a.txt |");
  EXPECT_EQ(told(meanwhile(at("second/a.txt"))), "completed |  | a.txt |");
  EXPECT_EQ(recorded(), "changed_meanwhile changed_meanwhile");
  const fs::path hook = at("repo/.git/hooks/post-checkout");
  const auto result = meanwhile(hook);
  EXPECT_EQ(told(result), "failed | Files outside its work tree changed while scripted worked: " + hook.string() + ". What it did does not count; look at these files. | a.txt | " + hook.string());
  EXPECT_EQ(result->commit, "");
  EXPECT_EQ(recorded(), "changed_meanwhile changed_meanwhile write_outside");
}

}  // namespace
}  // namespace baton
