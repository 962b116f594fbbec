// What models cost: usage read from any pieces of an answer, limits that hold side by side, and the proxy between a client and an
// endpoint, both of them real servers and sockets.
#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "orchestrator/agents/metering_proxy.h"
#include "support/files.h"
#include "support/json.h"
#include "support/relay.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr const char* kChat =
    ": keep-alive\r\n\r\n"
    "data: {\"choices\":[{\"delta\":{\"content\":\"hel\"}}]}\n\n"
    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"arguments\":\"lo\xc3\xa9\"}}]}}]}\r\n\r\n"
    "data: {\"choices\":[],\ndata: \"usage\":{\"prompt_tokens\":90,\"completion_tokens\":10,\"prompt_tokens_details\":{\"cached_tokens\":40}}}\n\n"
    "data: [DONE]\n\n";
constexpr const char* kResponses =
    "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"hello\"}\n\n"
    "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"usage\":{\"input_tokens\":70,\"output_tokens\":5}}}\n\n";

TEST(ModelUsage, IsReadFromAnyPieces) {
  struct Case {
    const char *name, *answer;
    bool streamed;
    std::int64_t input, output, cached;
  };
  const Case cases[] = {{"chat", kChat, true, 90, 10, 40},
                        {"responses", kResponses, true, 70, 5, 0},
                        {"whole", R"({"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":7,"completion_tokens":3}})", false, 7, 3, 0}};
  for (const Case& c : cases) {
    const std::string_view all = c.answer;
    for (std::size_t piece = 1; piece <= 39; ++piece) {
      UsageReader reader(c.streamed);
      for (std::size_t at = 0; at < all.size(); at += piece) reader.feed(all.substr(at, piece));
      reader.finish();
      ASSERT_TRUE(reader.usage()) << c.name << " in pieces of " << piece;
      EXPECT_EQ(reader.usage()->input, c.input) << c.name;
      EXPECT_EQ(reader.usage()->output, c.output) << c.name;
      EXPECT_EQ(reader.usage()->cached, c.cached) << c.name;
    }
  }
  for (const char* odd : {"data: {\n\n", "data: []\n\n", "data: {\"usage\":null}\n\n", "data: {\"usage\":{\"prompt_tokens\":\"x\"}}\n\n", "\n\n\n", "data:"}) {
    UsageReader reader(true);
    reader.feed(odd);
    reader.finish();
    EXPECT_FALSE(reader.usage()) << odd;
  }
}

TEST(ModelUsage, AStreamedChatIsAskedToTellIt) {
  std::string body = R"({"model":"m","stream":true,"max_tokens":50})";
  const auto request = read_model_request(body, true);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->output_limit, 50);
  EXPECT_EQ(json::parse(body)["stream_options"]["include_usage"], true);
  std::string other = R"({"model":"m","stream":true})";
  ASSERT_TRUE(read_model_request(other, false));
  EXPECT_FALSE(json::parse(other).contains("stream_options"));
  std::string bad = "[1]";
  EXPECT_FALSE(read_model_request(bad, true));
}

TEST(ModelUsage, ALimitIsWrittenWhereTheModelLooksForIt) {
  const struct {
    const char* body;
    bool chat;
    const char* expected;
  } kCases[] = {
      {R"({"model":"m"})", true, R"({"max_tokens":900,"model":"m"})"},
      {R"({"model":"m","n":3})", true, R"({"max_tokens":300,"model":"m","n":3})"},
      {R"({"model":"openai/gpt-5-mini"})", true, R"({"max_completion_tokens":900,"model":"openai/gpt-5-mini"})"},
      {R"({"model":"o3","max_tokens":5000})", true, R"({"max_tokens":900,"model":"o3"})"},
      {R"({"model":"gpt-5"})", false, R"({"max_output_tokens":900,"model":"gpt-5"})"},
  };
  for (const auto& one : kCases) EXPECT_EQ(with_output_limit(one.body, one.chat, 900), one.expected);
  std::string several = R"({"model":"m","n":3,"max_tokens":100})";
  EXPECT_EQ(read_model_request(several, true)->output_limit, 300);
}

// People are told before a budget is used up, once for each limit, and again when the next attempt begins with it.
TEST(Meter, SaysWhenLittleIsLeft) {
  const auto day = std::make_shared<Meter>(SpendingLimit{"today", std::nullopt, 0.01});
  const auto task = std::make_shared<Meter>(SpendingLimit{"this task", 1000, std::nullopt}, day);
  Meter attempt(SpendingLimit{"this attempt", std::nullopt, std::nullopt}, task);
  std::vector<std::string> told;
  auto listens = task->when_low([&](const std::string& words) { told.push_back(words); });
  EXPECT_EQ(task->low(), "");
  for (int call = 0; call < 9; ++call) {
    const auto held = attempt.reserve({"unknown-model", false, 50, 50}, 100);
    if (call == 0) ASSERT_FALSE(held) << "its price is not known";
  }
  for (int call = 0; call < 9; ++call) {
    const auto held = attempt.reserve({"gpt-4o-mini", false, 50, 50}, 100);
    ASSERT_TRUE(held) << held.error().message;
    attempt.settle(*held, {50, 50, 0, false});
    EXPECT_EQ(told.size(), call < 8 ? 0u : 1u) << call;
  }
  EXPECT_EQ(told[0], "90 % of the budget of this task is used: 900 of 1000 tokens.");
  EXPECT_EQ(task->low(), told[0]);
  listens.reset();
  const auto last = attempt.reserve({"gpt-4o-mini", false, 10, 10}, 100);
  ASSERT_TRUE(last);
  attempt.settle(*last, {10, 10, 0, false});
  EXPECT_EQ(told.size(), 1u) << "nobody listens";
}

TEST(Meter, HoldsALimitAgainstCallsSideBySide) {
  const auto task = std::make_shared<Meter>(SpendingLimit{"this task", 1000, std::nullopt});
  const auto attempt = std::make_shared<Meter>(SpendingLimit{"this attempt", std::nullopt, std::nullopt}, task);
  std::atomic<int> granted = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      for (int call = 0; call < 20; ++call) {
        const auto held = attempt->reserve({"unknown-model", false, 60, 40}, 100);
        if (!held) continue;
        ++granted;
        attempt->settle(*held, {60, held->output, 0, false});
      }
    });
  }
  threads.clear();
  EXPECT_LE(task->spent().tokens(), 1000);
  EXPECT_GE(task->spent().tokens(), 900);
  EXPECT_EQ(task->spent().calls, granted);
  EXPECT_GT(task->spent().refused, 0);
  EXPECT_TRUE(task->spent().unpriced);
  const auto refused = attempt->reserve({"m", false, 200, 1}, 100);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("The budget of this task is used up: "), std::string::npos) << refused.error().message;
}

// What an agent tells afterwards counts in every meter above, and may be corrected.
TEST(Meter, CountsWhatIsTold) {
  const auto day = std::make_shared<Meter>(SpendingLimit{"today", 1000, 2.0});
  const auto task = std::make_shared<Meter>(SpendingLimit{"this task", std::nullopt, 5.0}, day);
  std::vector<std::string> low;
  const auto ear = task->when_low([&](const std::string& words) { low.push_back(words); });
  Spending told{700, 150, 0, 0.5, 1};
  told.reported = true;
  task->count(told);
  EXPECT_EQ(low, std::vector<std::string>{"85 % of the budget of today is used: 850 of 1000 tokens."});
  EXPECT_EQ(task->used_up(), "");
  task->count({200, 0, 0, 0, 1});
  EXPECT_EQ(task->used_up(), "The budget of today is used up: 1050 of 1000 tokens.");
  task->count({-200, 0, 0, 1.5, 0});
  EXPECT_EQ(task->used_up(), "The budget of today is used up: 2.00 of 2.00 dollars.");
  EXPECT_EQ(day->spent().tokens(), 850);
  EXPECT_TRUE(day->spent().reported);
  EXPECT_EQ(spending_words(task->spent()), "850 tokens, 2.00 US dollars (as agents report it)");
}

TEST(Prices, AreOfAModelAndItsDatesAlone) {
  const struct {
    const char* model;
    double output;  // 0: not known
  } kCases[] = {
      {"gpt-5", 10},       {"gpt-5-mini-2025-08-07", 2}, {"openai/gpt-5-2025", 10}, {"gpt-5-latest", 10},     {"claude-sonnet-4@20250514", 15}, {"claude-sonnet-4-20250514-v1:0", 15},
      {"gpt-5-pro", 0},    {"gpt-5.2", 0},               {"gpt-50", 0},             {"claude-opus-4-6", 0},   {"gemini-2.5-flash-lite", 0},     {"my-own-model", 0},
      {"claude-opus-4-5-20251101", 25},                  {"gemini-2.5-pro-001", 10}, {"gpt-5-2025-pro", 0},   {"", 0},
  };
  const Prices prices;
  for (const auto& one : kCases) {
    const auto price = prices.of(one.model);
    EXPECT_EQ(price ? price->output : 0, one.output) << one.model;
  }
}

TEST(Prices, OfTheUserCountBeforeTheBuiltIn) {
  const auto folder = TemporaryFolder::make(std::filesystem::temp_directory_path(), "baton-prices");
  const auto file = folder->path() / "prices.json";
  Prices prices;
  EXPECT_TRUE(prices.add(file).ok()) << "none is needed";
  ASSERT_TRUE(write_file(file, R"({"prices": {"gpt-5": {"input": 9, "output": 90}, "my-own-model": {"input": 1, "cached": 0, "output": 2}}})").ok());
  ASSERT_TRUE(prices.add(file).ok());
  EXPECT_EQ(prices.of("gpt-5-2025-08-07")->output, 90);
  EXPECT_EQ(prices.of("gpt-5")->cached, 9) << "as any input";
  EXPECT_EQ(prices.of("my-own-model")->output, 2);
  EXPECT_EQ(prices.of("gpt-5-mini")->output, 2);
  Meter meter({"today", std::nullopt, 1.0}, nullptr, {}, prices);
  EXPECT_TRUE(meter.reserve({"my-own-model", false, 10, 10}, 0));
  for (const char* wrong : {"", "[]", R"({"prices": []})", R"({"prices": {"m": 3}})", R"({"prices": {"m": {"input": 1}}})", R"({"prices": {"m": {"input": -1, "output": 2}}})"}) {
    ASSERT_TRUE(write_file(file, wrong).ok());
    Prices of_file;
    const auto added = of_file.add(file);
    ASSERT_FALSE(added.ok()) << wrong;
    EXPECT_NE(added.error().message.find("prices.json"), std::string::npos);
    EXPECT_EQ(of_file.of("gpt-5")->output, 10) << "the built-in ones stay";
  }
}

TEST(Meter, HoldsMoneyByThePriceOfTheModel) {
  Meter meter({"today", std::nullopt, 0.01});
  const auto held = meter.reserve({"gpt-5", false, 1000, 100000}, 0);
  ASSERT_TRUE(held) << held.error().message;
  EXPECT_EQ(held->output, 875);  // what 0.01 dollars leave after 1000 tokens of input
  meter.settle(*held, {1000, 800, 0, false});
  EXPECT_NEAR(meter.spent().money, 0.00925, 1e-9);
  const auto unknown = meter.reserve({"my-own-model", false, 10, 10}, 0);
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("The price of the model \"my-own-model\" is not known"), std::string::npos);
}

// An endpoint that counts what it serves, a proxy before it, and the port through which an agent in a box of its own reaches that.
class MeteringProxyTest : public testing::Test {
 protected:
  void SetUp() override {
    endpoint_.Post("/v1/chat/completions", [this](const httplib::Request& request, httplib::Response& response) {
      ++calls_;
      const json asked = json::parse(request.body);
      note(request.get_header_value("Authorization"), asked);
      if (asked.value("model", "") == "refused") {
        response.status = 429;
        response.set_header("Retry-After", "7");
        return response.set_content(R"({"error":{"message":"slow down"}})", "application/json");
      }
      const int output = std::min(40, asked.value("max_tokens", 40));
      served_ += 60 + output;
      const std::string usage = "\"usage\":{\"prompt_tokens\":60,\"completion_tokens\":" + std::to_string(output) + "}";
      if (asked.value("model", "") == "long") return response.set_content(R"({"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":60,"completion_tokens":300000}})", "application/json");
      if (!asked.value("stream", false)) return response.set_content("{\"choices\":[]," + usage + "}", "application/json");
      if (const std::string model = asked.value("model", ""); model.starts_with("endless")) {
        return response.set_chunked_content_provider("text/event-stream", [tells = model == "endless, telling", output = 0](std::size_t, httplib::DataSink& sink) mutable {
          output += 100;
          const std::string usage = tells ? ",\"usage\":{\"prompt_tokens\":60,\"completion_tokens\":" + std::to_string(output) + "}" : "";
          const std::string chunk = "data: {\"choices\":[{\"delta\":{\"content\":\"" + std::string(300, 'x') + "\"}}]" + usage + "}\n\n";
          return sink.write(chunk.data(), chunk.size());
        });
      }
      response.set_content(std::string("data: {\"choices\":[{\"delta\":{\"content\":\"hello\"}}]}\n\ndata: {\"choices\":[],") + usage + "}\n\ndata: [DONE]\n\n", "text/event-stream");
    });
    port_ = endpoint_.bind_to_any_port("127.0.0.1");
    serving_ = std::jthread([this] { endpoint_.listen_after_bind(); });
  }
  void TearDown() override {
    forwarding_ = {};
    proxy_.reset();
    endpoint_.stop();
  }

  void start(std::optional<std::int64_t> tokens, std::string url = {}) {
    meter_ = std::make_shared<Meter>(SpendingLimit{"this attempt", tokens, std::nullopt});
    if (url.empty()) url = "http://127.0.0.1:" + std::to_string(port_) + "/v1";
    auto proxy = MeteringProxy::start(folder_.path() / "p.sock", {url, "the-real-key", ""}, meter_);
    ASSERT_TRUE(proxy) << proxy.error().message;
    proxy_ = std::move(*proxy);
    std::promise<int> port;
    forwarding_ = std::jthread([&](std::stop_token stop) {
      EXPECT_TRUE(forward_port(0, (folder_.path() / "p.sock").string(), [&](int chosen) { port.set_value(chosen); }, stop));
    });
    way_in_ = port.get_future().get();
  }
  httplib::Result post(const json& body, const std::string& path = "/v1/chat/completions", const std::string& key = {}) {
    httplib::Client client("127.0.0.1", way_in_);
    client.set_read_timeout(20);
    return client.Post(path, {{"Authorization", "Bearer " + (key.empty() ? proxy_->key() : key)}}, dump_json(body), "application/json");
  }

  // How many letters of an answer without an end come through; it never counts as a whole one.
  std::size_t text_of_endless(const char* model) {
    httplib::Client client("127.0.0.1", way_in_);
    client.set_read_timeout(20);
    std::string all;
    httplib::Request request;
    request.method = "POST";
    request.path = "/v1/chat/completions";
    request.headers = {{"Authorization", "Bearer " + proxy_->key()}, {"Content-Type", "application/json"}};
    request.body = dump_json({{"model", model}, {"stream", true}});
    request.content_receiver = [&](const char* bytes, std::size_t count, std::uint64_t, std::uint64_t) { return all.append(bytes, count), true; };
    EXPECT_FALSE(client.send(request));
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), 'x'));
  }

  TemporaryFolder folder_ = std::move(*TemporaryFolder::make(std::filesystem::temp_directory_path(), "baton-meter"));
  httplib::Server endpoint_;
  int port_ = 0, way_in_ = 0;
  std::atomic<int> calls_ = 0, served_ = 0;

  // Of the last request; each is served by a thread of its own.
  void note(const std::string& key, const json& asked) {
    const std::lock_guard lock(mutex_);
    key_ = key;
    asked_ = asked;
  }
  std::string last_key() {
    const std::lock_guard lock(mutex_);
    return key_;
  }
  json last_asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  std::mutex mutex_;
  std::string key_;
  json asked_;
  std::jthread serving_;
  std::shared_ptr<Meter> meter_;
  std::unique_ptr<MeteringProxy> proxy_;
  std::jthread forwarding_;
};

TEST_F(MeteringProxyTest, CountsAndKeepsTheRealKeyToItself) {
  start(std::nullopt);
  const auto whole = post({{"model", "m"}});
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->status, 200);
  const auto streamed = post({{"model", "m"}, {"stream", true}});
  ASSERT_TRUE(streamed);
  EXPECT_NE(streamed->body.find("[DONE]"), std::string::npos);
  EXPECT_EQ(meter_->spent().tokens(), 200);
  EXPECT_EQ(meter_->spent().calls, 2);
  EXPECT_FALSE(meter_->spent().estimated);
  EXPECT_EQ(last_key(), "Bearer the-real-key");
  EXPECT_EQ(post({{"model", "m"}}, "/v1/chat/completions", "the-real-key")->status, 401);
  EXPECT_EQ(post({{"model", "m"}}, "/v1/embeddings")->status, 404);
  const auto limited = post({{"model", "refused"}});
  EXPECT_EQ(limited->status, 429);
  EXPECT_EQ(limited->get_header_value("Retry-After"), "7");
  EXPECT_EQ(proxy_->last_status(), 429);
  EXPECT_EQ(meter_->spent().tokens(), 200) << "what was refused costs nothing";
}

// Clients side by side that never stop by themselves: not one call is served once the cap is reached.
TEST_F(MeteringProxyTest, ServesNothingAfterTheCap) {
  start(5000);
  std::vector<std::jthread> clients;
  std::atomic<int> paid = 0, other = 0;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&, i] {
      for (int call = 0; call < 60; ++call) {
        const auto answer = post({{"model", "m"}, {"stream", i % 2 == 0}, {"max_tokens", 40}});
        if (!answer) ++other;
        else if (answer->status == 402) ++paid;
      }
    });
  }
  clients.clear();
  EXPECT_EQ(other, 0);
  EXPECT_GT(paid, 0);
  EXPECT_LE(served_, 5000);
  EXPECT_NEAR(static_cast<double>(meter_->spent().tokens()), static_cast<double>(served_), served_ * 0.01);
  const int before = calls_;
  const auto refused = post({{"model", "m"}});
  EXPECT_EQ(calls_, before);
  EXPECT_TRUE(refused->status == 402 || meter_->spent().tokens() <= 5000) << refused->body;
}

TEST_F(MeteringProxyTest, CutsAnAnswerThatReachesTheCap) {
  start(2000);
  EXPECT_LE(text_of_endless("endless"), 2000u * 3);
  EXPECT_LE(meter_->spent().tokens(), 2000 + 200);
  EXPECT_TRUE(meter_->spent().estimated);
}

TEST_F(MeteringProxyTest, CutsAnAnswerThatTellsItsUsageAsItGoes) {
  start(2000);
  EXPECT_LE(text_of_endless("endless, telling"), 2000u * 3);
  EXPECT_GE(meter_->spent().tokens(), 2000) << "what it told";
  EXPECT_TRUE(meter_->spent().estimated);
}

// The model is told what the budget leaves; what does not keep to it is not passed on, and is paid all the same.
TEST_F(MeteringProxyTest, HoldsAWholeAnswerUnderTheCap) {
  start(2000);
  const auto answer = post({{"model", "long"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 402);
  EXPECT_NE(answer->body.find("longer than the budget of this attempt leaves"), std::string::npos) << answer->body;
  EXPECT_EQ(meter_->spent().output, 300000);
  EXPECT_LT(last_asked().value("max_tokens", 0), 2000);
  EXPECT_GT(last_asked().value("max_tokens", 0), 1500);
  EXPECT_EQ(post({{"model", "m"}})->status, 402);
}

TEST_F(MeteringProxyTest, WritesNoLimitWhileThereIsMoreThanAModelWrites) {
  start(400000);
  ASSERT_EQ(post({{"model", "m"}})->status, 200);
  EXPECT_FALSE(last_asked().contains("max_tokens"));
  ASSERT_EQ(post({{"model", "m"}, {"max_tokens", 50}})->status, 200);
  EXPECT_EQ(last_asked().value("max_tokens", 0), 50);
}

// An answer is not cut for an estimate of its length while the budget has room.
TEST(Meter, HoldsMoreForALongerAnswer) {
  Meter meter({"this attempt", 1000, std::nullopt});
  auto held = meter.reserve({"m", false, 100, 200}, 0);
  ASSERT_TRUE(held);
  EXPECT_TRUE(meter.extend(*held, 800));
  EXPECT_EQ(held->output, 800);
  EXPECT_FALSE(meter.extend(*held, 901));
  EXPECT_EQ(held->output, 800);
  meter.settle(*held, {100, 700, 0, false});
  EXPECT_TRUE(meter.reserve({"m", false, 50, 100}, 0)) << "all that was held is free again";
  Meter last({"this attempt", 20000, std::nullopt});
  const auto few = last.reserve({"m", false, 100, std::nullopt}, 32768);
  ASSERT_TRUE(few);
  EXPECT_EQ(few->output, 4096);
}

TEST_F(MeteringProxyTest, SaysWhenTheEndpointIsNotThere) {
  start(std::nullopt, "http://127.0.0.1:1/v1");
  const auto answer = post({{"model", "m"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 502);
  EXPECT_NE(answer->body.find("endpoint is not reached"), std::string::npos) << answer->body;
  EXPECT_EQ(meter_->spent().tokens(), 0);
  EXPECT_EQ(proxy_->last_status(), 0);
}

}  // namespace
}  // namespace baton
