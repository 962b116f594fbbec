// The Model Context Protocol at the level of lines, and the tools that every attempt has, over their socket.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "orchestrator/agents/attempt_tools.h"
#include "orchestrator/agents/tool_stream.h"
#include "orchestrator/agents/workspace_tools.h"
#include "orchestrator/engine_link.h"
#include "support/files.h"

namespace baton {
namespace {

using nlohmann::json;

Tool echo() {
  return {"echo", "Says it again.", R"({"properties": {"text": {"type": "string"}, "times": {"type": "integer"}}, "required": ["text"]})",
          [](const json& a, std::stop_token) -> Result<std::string> {
            if (a["text"] == "bad") return Error{ErrorKind::usage, "Say something else."};
            return a["text"].get<std::string>();
          }};
}

TEST(ToolProtocol, AnswersLineByLine) {
  struct Case {
    const char *name, *line, *wants;  // a part of the answer; empty: no answer
  };
  const Case cases[] = {
      {"a version that is known", R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-03-26"}})", R"("protocolVersion":"2025-03-26")"},
      {"one that is not", R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"1999-01-01"}})", R"("protocolVersion":"2025-11-25")"},
      {"no version", R"({"jsonrpc":"2.0","id":"a","method":"initialize"})", R"("id":"a")"},
      {"ping", R"({"jsonrpc":"2.0","id":2,"method":"ping"})", R"("result":{})"},
      {"a list without initialize", R"({"jsonrpc":"2.0","id":3,"method":"tools/list"})", R"("additionalProperties":false)"},
      {"a call", R"({"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"echo","arguments":{"text":"hello"},"_meta":{"progressToken":1}}})", R"("text":"hello")"},
      {"a failure is a result", R"({"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"echo","arguments":{"text":"bad"}}})", R"("isError":true)"},
      {"an argument is missing", R"({"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"echo"}})", "needs the argument `text`"},
      {"an argument is unknown", R"({"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"echo","arguments":{"text":"a","colour":1}}})", "has no argument `colour`"},
      {"an argument of another type", R"({"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"echo","arguments":{"text":"a","times":"b"}}})", "is of type integer"},
      {"arguments that are no object", R"({"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"echo","arguments":[]}})", "are an object"},
      {"no such tool", R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"accept"}})", "-32602"},
      {"no such method", R"({"jsonrpc":"2.0","id":8,"method":"resources/list"})", "-32601"},
      {"no JSON", "{nonsense", "-32700"},
      {"no object", "7", "-32600"},
      {"a notification", R"({"jsonrpc":"2.0","method":"notifications/initialized"})", ""},
      {"an unknown notification", R"({"jsonrpc":"2.0","method":"notifications/of/the/future"})", ""},
      {"an answer to nothing", R"({"jsonrpc":"2.0","id":9,"result":{}})", ""},
      {"a cancel of what is over", R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":4,"reason":"late"}})", ""},
  };
  ToolProtocol protocol({echo()});
  for (const Case& c : cases) {
    const auto said = protocol.answer(c.line);
    if (*c.wants == '\0') EXPECT_FALSE(said) << c.name << ": " << *said;
    else EXPECT_NE(said.value_or("").find(c.wants), std::string::npos) << c.name << ": " << said.value_or("nothing");
  }
}

// A cancel comes while the call runs: it stops, and nothing is answered.
TEST(ToolProtocol, CancelsTheCallThatRuns) {
  int to_us[2], from_us[2];
  ASSERT_EQ(::pipe(to_us), 0);
  ASSERT_EQ(::pipe(from_us), 0);
  Tool slow{"slow", "Waits.", R"({"properties": {}})", [](const json&, std::stop_token stop) -> Result<std::string> {
              while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
              return std::string("stopped");
            }};
  ToolProtocol protocol({slow});
  std::jthread server([&] { serve_tools(protocol, to_us[0], from_us[1], {}); });
  const std::string lines = R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"slow"}})"
                            "\n"
                            R"({"jsonrpc":"2.0","id":2,"method":"ping"})"
                            "\n";
  ASSERT_EQ(::write(to_us[1], lines.data(), lines.size()), static_cast<ssize_t>(lines.size()));
  const std::string cancel = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}\n";
  char answer[200] = {};
  std::atomic<bool> answered = false;
  std::jthread canceller([&] {  // said again until the call has begun
    for (int i = 0; i < 2000 && !answered; ++i) {
      (void)!::write(to_us[1], cancel.data(), cancel.size());
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  EXPECT_GT(::read(from_us[0], answer, sizeof answer - 1), 0);
  answered = true;
  EXPECT_NE(std::string(answer).find("\"id\":2"), std::string::npos) << answer;
  canceller.join();
  ::close(to_us[1]);
  server.join();
}

class WorkspaceTools : public testing::Test {
 protected:
  void SetUp() override {
    write("src/shape.cpp", "namespace geo {\nstruct Circle {\n  double area() const { return r * r * 3; }\n  double r;\n};\n}\n\ndouble total(int n) {\n  return n;\n}\n");
    write("app.py", "import shape\n\ndef total(n):\n    return n\n\nprint(total(3), subtotal)\n");
    write("notes.bin", std::string("total\0total", 11));
  }
  void write(const std::string& path, const std::string& text) {
    const auto file = folder_.path() / path;
    ASSERT_TRUE(make_folder(file.parent_path()) && write_file(file, text));
  }
  std::string call(const std::string& name, const json& arguments) {
    for (const Tool& tool : workspace_tools(folder_.path())) {
      if (tool.name != name) continue;
      const auto said = tool.run(arguments, {});
      return said ? *said : "error: " + said.error().message;
    }
    return "no such tool";
  }

  TemporaryFolder folder_ = std::move(*TemporaryFolder::make(std::filesystem::temp_directory_path(), "baton-tools"));
};

TEST_F(WorkspaceTools, TellWhatIsAsked) {
  EXPECT_EQ(call("outline", {{"path", "app.py"}}), "3: def total(n):\n");
  EXPECT_NE(call("outline", json::object()).find("src/shape.cpp: "), std::string::npos);
  EXPECT_EQ(call("symbol", {{"name", "total"}, {"path", "app.py"}}), "app.py:3\ndef total(n):\n    return n\n\n");
  EXPECT_NE(call("symbol", {{"name", "geo::Circle::area"}}).find("return r * r * 3"), std::string::npos);
  EXPECT_EQ(call("references", {{"name", "total"}}), "app.py:3: def total(n):\napp.py:6: print(total(3), subtotal)\nsrc/shape.cpp:8: double total(int n) {\n");
  EXPECT_NE(call("outline", {{"path", "../secret"}}).find("There is no file"), std::string::npos);
  EXPECT_NE(call("symbol", {{"name", "absent"}}).find("Nothing named absent"), std::string::npos);
}

TEST_F(WorkspaceTools, KeepToTheBudgetAndSayWhatIsLeftOut) {
  std::string many;
  for (int i = 0; i < 500; ++i) many += "def function_number_" + std::to_string(i) + "(argument):\n    return argument\n\n";
  write("many.py", many);
  const std::string said = call("outline", {{"path", "many.py"}, {"budget", 100}});
  EXPECT_LE(said.size(), 100u * 4 + 100);
  EXPECT_NE(said.find(" more symbols"), std::string::npos) << said;
}

// A client of an attempt's socket: says the token, then one line a call.
std::string over_socket(const std::filesystem::path& path, const std::string& token, const std::string& line) {
  const auto socket = connect_engine(path.string());
  if (!socket) return "no connection";
  const std::string all = token + "\n" + line + "\n";
  (void)!::write(*socket, all.data(), all.size());
  std::string said;
  char bytes[4096];
  while (said.find('\n') == std::string::npos) {
    const ssize_t got = ::read(*socket, bytes, sizeof bytes);
    if (got <= 0) break;
    said.append(bytes, static_cast<std::size_t>(got));
  }
  ::close(*socket);
  return said;
}

TEST_F(WorkspaceTools, AreServedToTheAttemptThatKnowsItsToken) {
  AttemptToolFacts facts;
  facts.root = folder_.path();
  facts.question_file = folder_.path() / "question";
  facts.criteria = {"The total is a number."};
  facts.skills = {{"release", "", "", "Tag first."}};
  auto served = ToolSocket::listen(folder_.path() / "t.sock", attempt_tools(std::move(facts)));
  ASSERT_TRUE(served) << served.error().message;
  const auto call = [&](const std::string& name, const std::string& arguments) {
    return over_socket(folder_.path() / "t.sock", (*served)->token(), R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" + name + R"(","arguments":)" + arguments + "}}");
  };
  EXPECT_EQ(over_socket(folder_.path() / "t.sock", "guessed", R"({"jsonrpc":"2.0","id":1,"method":"ping"})"), "");
  EXPECT_NE(call("list_criteria", "{}").find("The total is a number."), std::string::npos);
  EXPECT_NE(call("load_skill", R"({"name":"release"})").find("Tag first."), std::string::npos);
  EXPECT_NE(call("load_skill", R"({"name":"x"})").find("there are: release"), std::string::npos);
  EXPECT_NE(call("ask_human", R"({"question":"Which?","options":["one","two"]})").find("End your turn"), std::string::npos);
  EXPECT_EQ(*read_file(folder_.path() / "question", 1000), "Which?\n- one\n- two");
  for (const char* decides : {"accept", "land", "approve", "answer", "commit"}) EXPECT_NE(call(decides, "{}").find("-32602"), std::string::npos) << decides;
  EXPECT_EQ((*served)->calls(), 4);
  served->reset();
  EXPECT_EQ(over_socket(folder_.path() / "t.sock", "x", "{}"), "no connection");
}

}  // namespace
}  // namespace baton
