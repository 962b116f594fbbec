// What models may cost: counted before a call goes out, settled by what it used. A reservation is held while a call is under way, so that
// calls side by side cannot break a cap together: a call for which only the others leave no room waits for them. Input is estimated from
// its size, and the estimate corrected by what calls turned out to need; the first one goes alone where there is a limit. Limits stand in
// a chain: of the attempt, of its task, of the day. Thread-safe.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "orchestrator/agents/model_usage.h"
#include "support/result.h"

namespace baton {

std::string_view prices_json();  // embedded
inline constexpr const char* kPricesFile = "prices.json";  // below the user's configuration folder

inline constexpr double kLowShare = 0.2;  // of a limit: when less is left, people are told

struct Price {
  double input = 0, cached = 0, output = 0;  // per million tokens
};
// The built-in list (prices.json), and the user's own over it.
class Prices {
 public:
  Prices();
  // A file in the form of the built-in one; that there is none is no error. With an Error nothing of it counts.
  Status add(const std::filesystem::path& file);
  // A date or a version may follow a name that is known, and a provider stand before it. Absent: not known.
  std::optional<Price> of(std::string_view model) const;

 private:
  std::map<std::string, Price, std::less<>> by_name_;
};
Prices prices_of(const std::filesystem::path& config_home);  // with what the user's prices.json there says; logs what is wrong with it
double cost_of(const ModelUsage& usage, const Price& price);

struct SpendingLimit {
  std::string name;                     // "this attempt", "this task", "today"
  std::optional<std::int64_t> tokens;
  std::optional<double> money;
};

struct Spending {
  std::int64_t input = 0, output = 0, cached = 0;
  double money = 0;
  int calls = 0, refused = 0;
  bool estimated = false;               // a part of it
  bool reported = false;                // a part of it, by agents that call their models by themselves
  bool unpriced = false;                // a model whose price is not known was used
  std::int64_t tokens() const { return input + output; }
};

void add(Spending& sum, const Spending& one);
Spending since(const Spending& now, const Spending& before);  // the difference; what it is by is as now
std::string spending_words(const Spending& spent);            // "1200 tokens, 0.03 US dollars (a part of it estimated)"; empty for none

class Meter {
 public:
  explicit Meter(SpendingLimit limit, std::shared_ptr<Meter> above = {}, Spending earlier = {}, Prices prices = {})
      : limit_(std::move(limit)), above_(std::move(above)), prices_(std::move(prices)), spent_(earlier) {}

  struct Reservation {
    std::string model;
    std::int64_t estimate = 0;           // of the input, by its size alone
    std::int64_t input = 0, output = 0;  // output: as many tokens as may come before the call is cut
    double money = 0;
  };
  // An Error says which limit would be broken. Output without a limit of its own gets `most_output`, and little where less than that is
  // left: models refuse to be asked for more than they can write. Blocks while other calls hold what this one needs.
  Result<Reservation> reserve(const ModelRequest& request, std::int64_t most_output, std::stop_token stop = {});
  // Holds as much for an answer that turns out longer than was reserved; false: no limit leaves it.
  bool extend(Reservation& reservation, std::int64_t output);
  void settle(const Reservation& reservation, const ModelUsage& used);
  // What an agent says itself that it used, or is estimated to have: nothing was held for it. Less than nothing is a correction.
  void count(const Spending& told);
  Spending spent() const;
  std::string used_up() const;  // the sentence that says which limit is, here or above; empty: none

  // `say` is called as little comes to be left of a limit of this meter, of one below it or of one above: once for each, while what is
  // returned lives. On whichever thread settles a call.
  using Sentence = std::function<void(const std::string&)>;
  std::shared_ptr<void> when_low(Sentence say);
  std::string low() const;  // what is used, where little is left here or above; else empty

 private:
  struct Ear {
    std::mutex mutex;
    Sentence say;
  };
  std::string used_up_words() const;  // `mutex_` is held; empty: enough is left
  // How much output may still come after this input; absent: no limit. An Error when not even the input fits.
  Result<std::optional<std::int64_t>> room(const Reservation& wanted, const std::optional<Price>& price) const;
  void hold(const Reservation& reservation, int sign);
  bool is_limited() const;
  int held() const;
  void refuse();
  void learn(const Reservation& reservation, const ModelUsage& used);
  struct Sayings {
    std::vector<std::string> low;
    std::vector<std::shared_ptr<Ear>> ears;
  };
  Sayings book(const Spending& one);  // `reserving()` is held
  static void say(const Sayings& sayings);

  const SpendingLimit limit_;
  const std::shared_ptr<Meter> above_;
  const Prices prices_;                 // of the calls that are reserved here
  mutable std::mutex mutex_;
  Spending spent_;
  std::int64_t held_tokens_ = 0;
  double held_money_ = 0;
  int held_calls_ = 0;
  double correction_ = 1;               // of estimates; at least 1
  bool learned_ = false;
  bool told_low_ = false;
  std::vector<std::weak_ptr<Ear>> ears_;
};

}  // namespace baton
