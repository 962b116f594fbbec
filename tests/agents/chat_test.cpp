// The built-in agent below the protocol: what a service answers, what is kept of a long history, what its tools do, and its loop against an
// endpoint that is a real server.
#include <gtest/gtest.h>
#include <httplib.h>

#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "orchestrator/agents/acp_trouble.h"
#include "orchestrator/chat/chat_history.h"
#include "orchestrator/chat/chat_loop.h"
#include "orchestrator/chat/chat_reply.h"
#include "orchestrator/chat/chat_tools.h"
#include "support/files.h"

namespace baton {
namespace {

using nlohmann::json;

std::string shown(const ChatReply& reply) {
  std::string text = reply.text + "|" + reply.finish + "|";
  for (const ChatCall& call : reply.calls) text += call.id + ":" + call.name + "(" + call.arguments + ")";
  return text + "|" + std::to_string(reply.input_tokens) + "|" + reply.problem;
}

TEST(ChatReply, IsReadWholeOrNotAtAll) {
  struct Case {
    const char *name, *body, *wants;
  };
  const Case cases[] = {
      {"whole", R"({"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7}})", "hi|stop||7|"},
      {"whole, with a call whose arguments are an object",
       R"({"choices":[{"message":{"content":null,"tool_calls":[{"id":"a","function":{"name":"f","arguments":{"x":1}}}]},"finish_reason":"tool_calls"}]})", "|tool_calls|a:f({\"x\":1})|0|"},
      {"streamed", ": hello\r\n\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"h\xc3\xa9\"}}]}\r\n\r\ndata: {\"choices\":[{\"delta\":{},\ndata: \"finish_reason\":\"stop\"}]}\n\n"
                   "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9}}\n\ndata: [DONE]\n\n",
       "h\xc3\xa9|stop||9|"},
      {"two calls that interleave",
       "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}]}}]}\n\n"
       "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"\"}}]}}]}\n\n"
       "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"}\"}},{\"index\":1,\"function\":{\"arguments\":\"[]\"}}]}}]}\n\n"
       "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n",
       "|tool_calls|a:f({})b:g([])|0|"},
      {"a call without index and id", "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},\"finish_reason\":\"stop\"}]}\n\n", "|stop|call_0:f({})|0|"},
      {"at the limit of its length", R"({"choices":[{"message":{"content":"so","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\"x\":"}}]},"finish_reason":"length"}]})", "so|length||0|"},
      {"cut", "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}}]}\n\n", "|||0|the answer ends before it is complete"},
      {"an error in the stream", "data: {\"error\":{\"message\":\"overloaded\\nfor now.\",\"code\":\"busy\"}}\n\n", "|||0|overloaded for now. (busy)"},
      {"a page", "<html>Welcome</html>", "|||0|what answers is no service of chat completions; see whether `endpoint.url` is right"},
      {"nothing", "", "|||0|what answers is no service of chat completions; see whether `endpoint.url` is right"},
      {"odd types", R"({"choices":[{"message":{"content":7,"tool_calls":[1,{"function":[]}]},"finish_reason":"stop"}],"usage":[]})", "|stop||0|"},
  };
  for (const Case& c : cases) EXPECT_EQ(shown(read_chat_reply(c.body)), c.wants) << c.name;
}

TEST(ChatRefusal, SaysWhatItIs) {
  using Kind = ChatRefusal::Kind;
  struct Case {
    int status;
    const char* body;
    Kind kind;
    AcpTrouble trouble;  // as who gave the task understands the words
  };
  const Case cases[] = {
      {401, R"({"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}})", Kind::final, AcpTrouble::key},
      {403, "{}", Kind::final, AcpTrouble::key},
      {402, R"({"error":{"message":"The budget of this task is used up."}})", Kind::final, AcpTrouble::spent},
      {404, R"({"error":{"message":"The model does not exist"}})", Kind::final, AcpTrouble::model},
      {404, "<html>", Kind::final, AcpTrouble::model},
      {400, R"({"error":{"message":"m does not support tools"}})", Kind::final, AcpTrouble::model},
      {400, R"({"error":{"message":"This model's maximum context length is 8192 tokens","code":"context_length_exceeded"}})", Kind::too_long, AcpTrouble::too_long},
      {400, R"({"error":{"message":"stream_options is not allowed"}})", Kind::no_stream, AcpTrouble::other},
      {400, R"({"error":"no such field"})", Kind::final, AcpTrouble::other},
      {429, R"({"error":{"message":"Rate limit reached"}})", Kind::busy, AcpTrouble::busy},
      {429, R"({"error":{"message":"You exceeded your quota","code":"insufficient_quota"}})", Kind::final, AcpTrouble::spent},
      {500, "", Kind::passing, AcpTrouble::other},
      {502, R"({"error":{"message":"The model's endpoint is not reached: connection refused."}})", Kind::passing, AcpTrouble::unreachable},
      {503, R"({"detail":"loading"})", Kind::passing, AcpTrouble::unreachable},
  };
  for (const Case& c : cases) {
    const ChatRefusal refusal = read_chat_refusal(c.status, c.body, "m");
    EXPECT_EQ(refusal.kind, c.kind) << c.status << " " << c.body;
    EXPECT_EQ(refusal.words.find('\n'), std::string::npos);
    EXPECT_TRUE(refusal.words.starts_with(std::to_string(c.status))) << refusal.words;
    if (c.status != 500) EXPECT_EQ(trouble_of({-32603, refusal.words}), c.trouble) << refusal.words;
  }
}

// ---------------------------------------------------------------- history

ChatHistory long_history(int rounds) {
  ChatHistory history("rules");
  history.user("The task, which stays.");
  for (int i = 0; i < rounds; ++i) {
    ChatReply reply;
    reply.text = "Reading number " + std::to_string(i);
    reply.calls = {{"c" + std::to_string(i), "read_file", "{\"path\":\"f" + std::to_string(i) + "\"}"}};
    history.assistant(reply);
    history.output(reply.calls[0], "f" + std::to_string(i) + ", lines 1 to 9:\n" + std::string(6000, 'x') + "\n");
  }
  return history;
}

// Services refuse an output without its call, and a call without its output.
void expect_whole(const json& messages) {
  std::vector<std::string> open;
  for (const json& message : messages) {
    if (message["role"] == "tool") {
      ASSERT_FALSE(open.empty());
      EXPECT_EQ(message["tool_call_id"], open.front());
      open.erase(open.begin());
      continue;
    }
    EXPECT_TRUE(open.empty()) << messages.dump();
    for (const json& call : message.value("tool_calls", json::array())) open.push_back(call["id"]);
  }
  EXPECT_TRUE(open.empty());
}

TEST(ChatHistory, LeavesOutOldOutputsFirstThenOldRounds) {
  struct Case {
    std::int64_t limit;
    const char *there, *gone;
  };
  const Case cases[] = {
      {100'000, "f0, lines 1 to 9:\\nxxx", "left out"},
      {20'000, "f0, lines 1 to 9:\\n[the rest was left out", "shortened to save room"},
      {8'500, "- read_file {\\\"path\\\":\\\"f0\\\"}: f0, lines 1 to 9:", "Reading number 0\""},
      {1'000, "Reading number 19", "f0, lines 1 to 9:\\nxxx"},
  };
  for (const Case& c : cases) {
    ChatHistory history = long_history(20);
    const std::int64_t before = history.tokens(), left_out = history.shorten(c.limit);
    EXPECT_EQ(history.tokens(), before - left_out);
    if (c.limit > 8'000) EXPECT_LE(history.tokens(), c.limit);
    const std::string text = history.messages().dump();
    EXPECT_NE(text.find(c.there), text.npos) << c.limit << ": " << text.substr(0, 2000);
    EXPECT_EQ(text.find(c.gone), text.npos) << c.limit << ": " << text.substr(0, 2000);
    EXPECT_NE(text.find("The task, which stays."), text.npos);
    EXPECT_NE(text.find("f19, lines 1 to 9:\\nxxx"), text.npos) << "the last output is whole";
    expect_whole(history.messages());
  }
}

TEST(ChatHistory, IsCorrectedByWhatTheServiceCounts) {
  ChatHistory history = long_history(3);
  const std::int64_t estimate = history.tokens();
  history.counted(estimate / 2);
  EXPECT_NEAR(static_cast<double>(history.tokens()), static_cast<double>(estimate) / 2, 2);
}

// ---------------------------------------------------------------- tools

class ChatTools : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = TemporaryFolder::make(std::filesystem::temp_directory_path(), "chat");
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
    root_ = std::filesystem::canonical(folder_->path()) / "tree";
    std::filesystem::create_directories(root_ / "src");
    write("src/a.txt", "one\ntwo\nthree\n");
    write("src/b.txt", "first\r\nsecond\r\n");
    ASSERT_TRUE(write_file(root_.parent_path() / "secret", "not yours"));
    std::filesystem::create_symlink("../secret", root_ / "link");
  }
  void write(const std::string& path, const std::string& text) { ASSERT_TRUE(write_file(root_ / path, text)); }
  std::string text_of(const std::string& path) const { return read_file(root_ / path).value(); }
  std::vector<Tool> tools() {
    return chat_tools({root_, {{"PATH", "/usr/bin:/bin"}}, [this](const ChatDeed& deed, std::stop_token) {
                         asked_ += deed.kind + " " + deed.path + deed.command + "\n";
                         return allowed_ ? done() : Status(Error{ErrorKind::precondition, "Not allowed."});
                       }});
  }
  std::string call(const std::string& name, const json& arguments) {
    for (const Tool& tool : tools()) {
      if (tool.name != name) continue;
      if (const std::string problem = argument_problem(tool, arguments); !problem.empty()) return problem;
      const auto came = tool.run(arguments, {});
      return came ? *came : "Error: " + came.error().message;
    }
    return "no tool";
  }

  std::optional<TemporaryFolder> folder_;
  std::filesystem::path root_;
  std::string asked_;
  bool allowed_ = true;
};

TEST_F(ChatTools, AnswerInWords) {
  struct Case {
    const char* tool;
    json arguments;
    const char* wants;  // a part of the answer
  };
  const Case cases[] = {
      {"read_file", {{"path", "src/a.txt"}}, "src/a.txt, lines 1 to 3 of 3:\none\ntwo\nthree\n"},
      {"read_file", {{"path", "src/a.txt"}, {"from", 2}, {"lines", 1}}, "lines 2 to 2 of 3:\ntwo\n"},
      {"read_file", {{"path", "src/a.txt"}, {"from", 9}}, "has 3 lines"},
      {"read_file", {{"path", (root_ / "src/a.txt").string()}}, "one"},
      {"read_file", {{"path", "src/none"}}, "Error:"},
      {"read_file", {{"path", "../secret"}}, "is no path of a file in the working directory"},
      {"read_file", {{"path", "/etc/hosts"}}, "is no path of a file in the working directory"},
      {"read_file", {{"path", "link"}}, "Error:"},
      {"read_file", json::object(), "needs the argument `path`"},
      {"list_files", json::object(), "src/a.txt\nsrc/b.txt\n"},
      {"list_files", {{"path", "none"}}, "There is no file in none"},
      {"search", {{"pattern", "^t.o"}}, "src/a.txt:2: two\n"},
      {"search", {{"pattern", "sec("}}, "No line matches"},
      {"search", {{"pattern", "second"}, {"path", "src/a.txt"}}, "No line matches"},
      {"edit_file", {{"path", "src/a.txt"}, {"old", "TWO"}, {"new", "2"}}, "does not stand in src/a.txt"},
      {"edit_file", {{"path", "src/a.txt"}, {"old", "e"}, {"new", "2"}}, "3 times; give more"},
      {"edit_file", {{"path", "src/a.txt"}, {"old", ""}, {"new", "2"}}, "is empty"},
      {"edit_file", {{"path", "../secret"}, {"old", "not"}, {"new", "2"}}, "is no path"},
      {"write_file", {{"path", "link"}, {"content", "x"}}, "Error:"},
      {"write_file", {{"path", "../more"}, {"content", "x"}}, "is no path"},
      {"run_command", {{"command", "echo out; echo err >&2; exit 3"}}, "exit code 3\nout\nerr\n"},
      {"run_command", {{"command", "sleep 30"}, {"seconds", 1}}, "stopped after 1 s"},
      {"run_command", {{"command", "yes | head -c 100000"}}, "100000 bytes of output, the middle of it left out"},
      {"run_command", {{"command", " "}}, "is empty"},
  };
  for (const Case& c : cases) {
    const std::string said = call(c.tool, c.arguments);
    EXPECT_NE(said.find(c.wants), said.npos) << c.tool << " " << c.arguments.dump() << ": " << said;
    EXPECT_LT(said.size(), 20'000u);
  }
  EXPECT_EQ(read_file(root_.parent_path() / "secret").value(), "not yours");
  EXPECT_FALSE(std::filesystem::exists(root_.parent_path() / "more"));
}

TEST_F(ChatTools, ChangeFilesWhenTheyMay) {
  EXPECT_EQ(call("edit_file", {{"path", "src/a.txt"}, {"old", "two\n"}, {"new", "2\n"}}), "src/a.txt is changed in 1 place.\n");
  EXPECT_EQ(call("edit_file", {{"path", "src/b.txt"}, {"old", "first\nsecond"}, {"new", "1\n2"}}), "src/b.txt is changed in 1 place.\n");
  call("write_file", {{"path", "new/folder/c.txt"}, {"content", "c\n"}});
  EXPECT_EQ(text_of("src/a.txt"), "one\n2\nthree\n");
  EXPECT_EQ(text_of("src/b.txt"), "1\r\n2\r\n") << "its line ends stay";
  EXPECT_EQ(text_of("new/folder/c.txt"), "c\n");
  EXPECT_EQ(asked_, "edit src/a.txt\nedit src/b.txt\nedit new/folder/c.txt\n");
  allowed_ = false;
  EXPECT_EQ(call("edit_file", {{"path", "src/a.txt"}, {"old", "2\n"}, {"new", "3\n"}}), "Error: Not allowed.");
  EXPECT_EQ(call("write_file", {{"path", "d.txt"}, {"content", "d\n"}}), "Error: Not allowed.");
  EXPECT_EQ(call("run_command", {{"command", "echo x > d.txt"}}), "Error: Not allowed.");
  EXPECT_EQ(text_of("src/a.txt"), "one\n2\nthree\n");
  EXPECT_FALSE(std::filesystem::exists(root_ / "d.txt"));
}

// ---------------------------------------------------------------- the loop

json words(const std::string& text, const std::string& finish = "stop") { return {{"choices", {{{"message", {{"content", text}}}, {"finish_reason", finish}}}}}; }
json calls(std::vector<std::pair<std::string, std::string>> wanted) {
  json list = json::array();
  for (const auto& [name, arguments] : wanted) list.push_back({{"id", "c" + std::to_string(list.size())}, {"function", {{"name", name}, {"arguments", arguments}}}});
  return {{"choices", {{{"message", {{"content", nullptr}, {"tool_calls", list}}}, {"finish_reason", "tool_calls"}}}}};
}

struct Answer {
  int status = 200;
  json body;
  std::string retry_after = "";
};

// Answers in order, the last one for ever.
class ChatLoops : public ChatTools {
 protected:
  ChatLoop::End work(std::vector<Answer> answers, std::int64_t context = 64'000, std::vector<Tool> more = {}) {
    httplib::Server server;
    server.Post("/v1/chat/completions", [&](const httplib::Request& request, httplib::Response& response) {
      const std::lock_guard guard(mutex_);
      requests_.push_back(json::parse(request.body));
      const Answer& answer = answers[std::min(requests_.size(), answers.size()) - 1];
      response.status = answer.status;
      if (!answer.retry_after.empty()) response.set_header("Retry-After", answer.retry_after);
      response.set_content(answer.body.dump(), "application/json");
    });
    const int port = server.bind_to_any_port("127.0.0.1");
    std::jthread listening([&] { server.listen_after_bind(); });
    while (!server.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ChatLoop::Ears ears;
    ears.said = [this](const std::string& text) { said_ += text; };
    ears.noted = [this](const std::string& what) { noted_ += what + "\n"; };
    ears.began = [this](const std::string&, const std::string& tool, const json&) { began_ += tool + " "; };
    ears.ended = [this](const std::string&, bool well) { began_ += well ? "+ " : "- "; };
    auto all = tools();
    for (Tool& tool : more) all.push_back(std::move(tool));
    ChatLoop loop({"http://127.0.0.1:" + std::to_string(port) + "/v1", "k", "m"}, context, root_.string(), std::move(all), ears);
    const ChatLoop::End end = loop.turn("Do it.", {});
    server.stop();
    return end;
  }
  std::string last_output(std::size_t request) const { return requests_[request]["messages"].back()["content"]; }

  std::mutex mutex_;
  std::vector<json> requests_;
  std::string said_, noted_, began_;
};

constexpr const char* kEdit = R"({"path": "src/a.txt", "old": "two", "new": "2", "all": null})";

TEST_F(ChatLoops, DoesWhatIsCalledInOrderUntilNothingMoreIs) {
  const auto end = work({{200, calls({{"read_file", R"({"path": "src/a.txt"})"}, {"edit_file", kEdit}})}, {200, words("Done.")}});
  EXPECT_EQ(end.reason, "end_turn");
  EXPECT_EQ(text_of("src/a.txt"), "one\n2\nthree\n");
  EXPECT_EQ(began_, "read_file + edit_file + ");
  EXPECT_EQ(said_, "Done.\n");
  ASSERT_EQ(requests_.size(), 2u);
  EXPECT_EQ(requests_[0]["model"], "m");
  EXPECT_EQ(requests_[0]["tools"].size(), 6u);
  expect_whole(requests_[1]["messages"]);
}

TEST_F(ChatLoops, TellsTheModelWhatWasWrong) {
  const Tool human{"ask_human", "Asks.", R"({"properties": {"question": {"type": "string"}}, "required": ["question"]})", [](const json&, std::stop_token) -> Result<std::string> { return std::string("Asked."); }};
  const auto end = work({{200, calls({{"edit_file", "{\"path\": \"src/a.txt\", \"old"}})},
                         {200, calls({{"fly", "{}"}})},
                         {200, calls({{"edit_file", R"({"path": "src/a.txt"})"}})},
                         {200, calls({{"ask_human", R"({"question": "May I?"})"}, {"edit_file", kEdit}})}},
                        64'000, {human});
  EXPECT_EQ(end.reason, "end_turn") << "the answer comes with the next prompt";
  ASSERT_EQ(requests_.size(), 4u);
  EXPECT_EQ(last_output(1), "Error: The arguments of edit_file are no JSON object; write them again.");
  EXPECT_EQ(last_output(2), "Error: There is no tool fly.");
  EXPECT_EQ(last_output(3), "Error: edit_file needs the argument `old`.");
  EXPECT_EQ(text_of("src/a.txt"), "one\ntwo\nthree\n") << "what was called behind a question is not done";
  EXPECT_EQ(json::parse(requests_[3]["messages"][2]["tool_calls"][0]["function"]["arguments"].get<std::string>()), json::object()) << "services refuse what is no JSON";
}

TEST_F(ChatLoops, EndsInOneOfItsWays) {
  const json edit = calls({{"edit_file", kEdit}}), look = calls({{"list_files", "{}"}});
  const json too_long = {{"error", {{"message", "maximum context length is 10 tokens"}}}};
  struct Case {
    const char* name;
    std::vector<Answer> answers;
    const char *reason, *problem;  // `problem`: its beginning
    std::size_t requests;
    const char* noted;
  };
  const Case cases[] = {
      {"only words, also when it is reminded", {{200, words("You could change a.txt.")}}, "end_turn", "", 2, ""},
      {"words at first", {{200, words("I will.")}, {200, edit}, {200, words("Done.")}}, "end_turn", "", 3, ""},
      {"it never ends", {{200, look}}, "max_turn_requests", "", static_cast<std::size_t>(ChatLoop::kMostSteps), ""},
      {"always cut", {{200, words("so", "length")}}, "max_tokens", "", 3, ""},
      {"cut once", {{200, words("so", "length")}, {200, edit}, {200, words("Done.")}}, "end_turn", "", 3, ""},
      {"filtered", {{200, words("", "content_filter")}}, "refusal", "", 1, ""},
      {"a key that is refused", {{401, {{"error", {{"message", "Incorrect API key"}}}}}}, "", "401: Incorrect API key", 1, ""},
      {"no such model", {{404, {{"error", {{"message", "not found"}}}}}}, "", "404 for the model `m`: not found", 1, ""},
      {"busy, who knows how long", {{429, json::object()}}, "", "429", 1, ""},
      {"busy for a second", {{429, json::object(), "1"}, {200, edit}, {200, words("Done.")}}, "end_turn", "", 3, "its model is asked again in 1 s (429)\n"},
      {"busy for an hour", {{429, json::object(), "3600"}}, "", "429", 1, ""},
      {"overloaded once", {{503, json::object()}, {200, edit}, {200, words("Done.")}}, "end_turn", "", 3, "its model is asked again in 1 s (503)\n"},
      {"a cut answer is asked for again", {{200, {{"choices", json::array()}}}, {200, edit}, {200, words("Done.")}}, "end_turn", "", 3,
       "its model is asked again in 1 s (the answer ends before it is complete)\n"},
      {"without streams", {{400, {{"error", {{"message", "stream is not supported"}}}}}, {200, edit}, {200, words("Done.")}}, "end_turn", "", 3, ""},
      {"too long from the start", {{400, too_long}}, "", "the context of its model is too small: 400: maximum context length", 1, ""},
  };
  for (const Case& c : cases) {
    requests_.clear();
    noted_.clear();
    write("src/a.txt", "one\ntwo\nthree\n");
    const auto end = work(c.answers);
    EXPECT_EQ(end.reason, c.reason) << c.name << end.problem;
    EXPECT_TRUE(end.problem.starts_with(c.problem) && end.problem.empty() == (*c.problem == '\0')) << c.name << ": " << end.problem;
    EXPECT_EQ(requests_.size(), c.requests) << c.name;
    EXPECT_EQ(noted_, c.noted) << c.name;
  }
}

TEST_F(ChatLoops, ShortensWhatWasWhenTheContextIsFull) {
  write("big.txt", std::string(12'000, 'y') + "\n");
  const json read = calls({{"read_file", R"({"path": "big.txt"})"}});
  std::vector<Answer> answers(9, {200, read});
  answers.push_back({400, {{"error", {{"message", "prompt is too long"}}}}});
  answers.push_back({200, calls({{"edit_file", kEdit}})});
  answers.push_back({200, words("Done.")});
  const auto end = work(answers, 30'000);
  EXPECT_EQ(end.reason, "end_turn") << end.problem;
  EXPECT_NE(noted_.find("are left out, to save room"), noted_.npos);
  for (const json& request : requests_) EXPECT_LT(request["messages"].dump().size(), 21'000u * 3 + 13'000);
  EXPECT_LT(requests_[10]["messages"].dump().size(), requests_[9]["messages"].dump().size() * 2 / 3) << "again, and shorter";
  expect_whole(requests_.back()["messages"]);
}

TEST_F(ChatLoops, IsStoppedWhileItWaits) {
  ChatLoop::Ears ears;
  ears.noted = [](const std::string&) {};
  ears.said = ears.noted;
  ChatLoop loop({"http://127.0.0.1:9/v1", "k", "m"}, 64'000, root_.string(), {}, ears);
  std::stop_source stop;
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    stop.request_stop();
  });
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(loop.turn("Do it.", stop.get_token()).reason, "cancelled");
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
}

}  // namespace
}  // namespace baton
