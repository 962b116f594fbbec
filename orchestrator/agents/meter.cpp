#include "orchestrator/agents/meter.h"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <nlohmann/json.hpp>
#include <regex>
#include <utility>

#include "support/files.h"
#include "support/json.h"
#include "support/log.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr double kMillion = 1e6;
constexpr std::uint64_t kMaxPrices = 1u << 20;  // bytes of a file
constexpr std::int64_t kWorthBeginning = 1024;  // tokens of output for which a call does not wait for others
constexpr std::int64_t kLastOutputs = 4096;     // tokens of an answer without a limit of its own, when a budget comes to its end
constexpr double kSafety = 1.1;                 // on what was learned

using NamedPrices = std::map<std::string, Price, std::less<>>;

std::optional<NamedPrices> read_prices(std::string_view text) {
  const auto file = parse_json(text);
  if (!file || !file->is_object() || !file->contains("prices") || !(*file)["prices"].is_object()) return std::nullopt;
  NamedPrices prices;
  for (const auto& [name, given] : (*file)["prices"].items()) {
    const auto of = [&](const char* what) { return given.is_object() && given.contains(what) && given[what].is_number() ? given[what].get<double>() : -1; };
    Price price{of("input"), of("cached"), of("output")};
    if (price.input < 0 || price.output < 0) return std::nullopt;
    if (price.cached < 0) price.cached = price.input;
    prices.emplace(name, price);
  }
  return prices;
}

// "-2025-08-07", "@20250514", "-001", "-20250514-v1:0", "-latest"; a single digit makes another model.
bool is_version(std::string_view rest) {
  static const std::regex kVersion(R"(([-@](latest|\d{3,8}|\d{4}-\d{2}-\d{2}))?([-@]v\d+(:\d+)?)?)", std::regex::optimize);
  return std::regex_match(rest.begin(), rest.end(), kVersion);
}

std::string dollars(double money) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", money);
  return text;
}

// Of all meters together: a limit may stand above several of them.
std::mutex& reserving() {
  static std::mutex mutex;
  return mutex;
}
std::condition_variable_any& released() {
  static std::condition_variable_any released;
  return released;
}

}  // namespace

Prices::Prices() {
  static const auto built_in = *read_prices(prices_json());
  by_name_ = built_in;
}

Status Prices::add(const std::filesystem::path& file) {
  std::error_code failed;
  if (!std::filesystem::exists(file, failed)) return done();
  const auto text = read_file(file, kMaxPrices);
  if (!text) return text.error();
  const auto own = read_prices(*text);
  if (!own) {
    return Error{ErrorKind::precondition, file.string() + R"( is not read, and the built-in prices count: it is to be {"prices": {"model": {"input": 1.25, "cached": 0.125, "output": 10}}}, in dollars per million tokens.)"};
  }
  for (const auto& [name, price] : *own) by_name_[name] = price;
  return done();
}

std::optional<Price> Prices::of(std::string_view model) const {
  if (const auto slash = model.rfind('/'); slash != model.npos) model.remove_prefix(slash + 1);
  const auto found = std::find_if(by_name_.begin(), by_name_.end(), [&](const auto& one) { return model.starts_with(one.first) && is_version(model.substr(one.first.size())); });
  return found == by_name_.end() ? std::nullopt : std::optional(found->second);
}

Prices prices_of(const std::filesystem::path& config_home) {
  Prices prices;
  if (auto added = prices.add(config_home / kPricesFile); !added) log(LogLevel::warning, added.error().message);
  return prices;
}

double cost_of(const ModelUsage& usage, const Price& price) {
  const std::int64_t cached = std::min(usage.cached, usage.input);
  return (static_cast<double>(usage.input - cached) * price.input + static_cast<double>(cached) * price.cached + static_cast<double>(usage.output) * price.output) / kMillion;
}

void add(Spending& sum, const Spending& one) {
  sum.input += one.input;
  sum.output += one.output;
  sum.cached += one.cached;
  sum.money += one.money;
  sum.calls += one.calls;
  sum.refused += one.refused;
  sum.estimated |= one.estimated;
  sum.reported |= one.reported;
  sum.unpriced |= one.unpriced;
}

Spending since(const Spending& now, const Spending& before) {
  Spending more = now;
  more.input -= before.input;
  more.output -= before.output;
  more.cached -= before.cached;
  more.money -= before.money;
  more.calls -= before.calls;
  more.refused -= before.refused;
  return more;
}

std::string spending_words(const Spending& spent) {
  std::string text = spent.tokens() > 0 ? std::to_string(spent.tokens()) + " tokens" : "";
  if (spent.money > 0) text += (text.empty() ? "" : ", ") + dollars(spent.money) + " US dollars";
  if (text.empty()) return text;
  const std::string estimated = spent.estimated ? "a part of it estimated" : "";
  const std::string reported = spent.reported ? "as agents report it" : "";
  if (estimated.empty() && reported.empty()) return text;
  return text + " (" + reported + (reported.empty() || estimated.empty() ? "" : ", ") + estimated + ")";
}

Result<std::optional<std::int64_t>> Meter::room(const Reservation& wanted, const std::optional<Price>& price) const {
  std::optional<std::int64_t> room;
  {
    const std::lock_guard guard(mutex_);
    if (limit_.tokens) {
      room = *limit_.tokens - spent_.tokens() - held_tokens_ - wanted.input;
      if (*room <= 0) {
        return Error{ErrorKind::precondition, "The budget of " + limit_.name + " is used up: " + std::to_string(spent_.tokens()) + " of " +
                                                  std::to_string(*limit_.tokens) + " tokens, and this call would need about " + std::to_string(wanted.input) + " more."};
      }
    }
    if (limit_.money) {
      if (!price) {
        return Error{ErrorKind::precondition, "The price of the model \"" + wanted.model + "\" is not known, so its cost cannot be held under the budget of " +
                                                  limit_.name + "; limit `budgets.tokens` instead of `budgets.money`."};
      }
      const double left = *limit_.money - spent_.money - held_money_ - cost_of({wanted.input, 0, 0}, *price);
      if (left <= 0) {
        return Error{ErrorKind::precondition, "The budget of " + limit_.name + " is used up: " + dollars(spent_.money) + " of " + dollars(*limit_.money) + " dollars."};
      }
      if (price->output > 0) {
        const auto by_money = static_cast<std::int64_t>(std::min(left * kMillion / price->output, 1e12));
        room = std::min(room.value_or(by_money), by_money);
      }
    }
  }
  if (!above_) return room;
  auto higher = above_->room(wanted, price);
  if (!higher) return higher;
  if (*higher) room = std::min(room.value_or(**higher), **higher);
  return room;
}

void Meter::hold(const Reservation& reservation, int sign) {
  {
    const std::lock_guard guard(mutex_);
    held_tokens_ += sign * (reservation.input + reservation.output);
    held_money_ += sign * reservation.money;
    held_calls_ += sign;
  }
  if (above_) above_->hold(reservation, sign);
}

bool Meter::is_limited() const { return limit_.tokens || limit_.money || (above_ && above_->is_limited()); }

int Meter::held() const {
  const int here = [this] {
    const std::lock_guard guard(mutex_);
    return held_calls_;
  }();
  return std::max(here, above_ ? above_->held() : 0);
}

void Meter::refuse() {
  {
    const std::lock_guard guard(mutex_);
    ++spent_.refused;
  }
  if (above_) above_->refuse();
}

Result<Meter::Reservation> Meter::reserve(const ModelRequest& request, std::int64_t most_output, std::stop_token stop) {
  std::unique_lock alone(reserving());
  const auto price = prices_.of(request.model);
  while (!stop.stop_requested()) {
    Reservation wanted{request.model, request.input, static_cast<std::int64_t>(static_cast<double>(request.input) * correction_),
                       request.output_limit.value_or(most_output), 0};
    const auto left = room(wanted, price);
    const bool others = held() > 0;
    const bool first_goes_alone = !learned_ && is_limited();
    const bool fits = left && (!*left || **left >= (others ? std::min(wanted.output, kWorthBeginning) : 1));
    if (fits && !(others && first_goes_alone)) {
      if (*left && !request.output_limit && **left < wanted.output) wanted.output = std::min(wanted.output, kLastOutputs * request.answers);
      if (*left) wanted.output = std::min(wanted.output, **left);
      if (price) wanted.money = cost_of({wanted.input, wanted.output, 0}, *price);
      hold(wanted, 1);
      return wanted;
    }
    if (!others) {
      refuse();
      return left ? Error{ErrorKind::precondition, "The budget of " + limit_.name + " is used up."} : left.error();
    }
    released().wait(alone, stop, [this, before = held()] { return held() < before; });
  }
  return Error{ErrorKind::cancelled, "The attempt is over."};
}

bool Meter::extend(Reservation& reservation, std::int64_t output) {
  const std::lock_guard alone(reserving());
  const auto price = prices_.of(reservation.model);
  Reservation longer = reservation;
  longer.output = output;
  if (price) longer.money = cost_of({longer.input, output, 0}, *price);
  hold(reservation, -1);
  const auto left = room(longer, price);
  const bool fits = left && (!*left || **left >= output);
  if (fits) reservation = longer;
  hold(reservation, 1);
  return fits;
}

void Meter::learn(const Reservation& reservation, const ModelUsage& used) {
  if (used.estimated || used.input == 0 || reservation.estimate <= 0) return;
  learned_ = true;
  correction_ = std::max(correction_, kSafety * static_cast<double>(used.input) / static_cast<double>(reservation.estimate));
}

void Meter::settle(const Reservation& reservation, const ModelUsage& used) {
  Spending one{used.input, used.output, used.cached};
  one.calls = 1;
  one.estimated = used.estimated;
  const auto price = prices_.of(reservation.model);
  if (price) one.money = cost_of(used, *price);
  else one.unpriced = true;
  Sayings sayings;
  {
    const std::lock_guard alone(reserving());
    hold(reservation, -1);
    learn(reservation, used);
    sayings = book(one);
    released().notify_all();
  }
  say(sayings);
}

void Meter::count(const Spending& told) {
  Sayings sayings;
  {
    const std::lock_guard alone(reserving());
    sayings = book(told);
  }
  say(sayings);
}

Meter::Sayings Meter::book(const Spending& one) {
  Sayings sayings;
  for (Meter* meter = this; meter; meter = meter->above_.get()) {
    const std::lock_guard guard(meter->mutex_);
    add(meter->spent_, one);
    if (std::string words = meter->used_up_words(); !words.empty() && !std::exchange(meter->told_low_, true)) sayings.low.push_back(std::move(words));
    for (const auto& ear : meter->ears_) {
      if (auto living = ear.lock()) sayings.ears.push_back(std::move(living));
    }
  }
  return sayings;
}

void Meter::say(const Sayings& sayings) {
  for (const auto& ear : sayings.ears) {
    const std::lock_guard guard(ear->mutex);
    for (const std::string& sentence : sayings.low) {
      if (ear->say) ear->say(sentence);
    }
  }
}

std::string Meter::used_up() const {
  {
    const std::lock_guard guard(mutex_);
    const std::string begin = "The budget of " + limit_.name + " is used up: ";
    if (limit_.tokens && spent_.tokens() >= *limit_.tokens) return begin + std::to_string(spent_.tokens()) + " of " + std::to_string(*limit_.tokens) + " tokens.";
    if (limit_.money && spent_.money >= *limit_.money) return begin + dollars(spent_.money) + " of " + dollars(*limit_.money) + " dollars.";
  }
  return above_ ? above_->used_up() : "";
}

std::string Meter::used_up_words() const {
  const auto few = [](double limit, double spent) { return limit - spent < kLowShare * limit; };
  const auto percent = [](double limit, double spent) { return std::to_string(limit > 0 ? static_cast<int>(std::min(100.0, 100 * spent / limit)) : 100) + " % of the budget of "; };
  if (const auto tokens = static_cast<double>(spent_.tokens()); limit_.tokens && few(static_cast<double>(*limit_.tokens), tokens)) {
    return percent(static_cast<double>(*limit_.tokens), tokens) + limit_.name + " is used: " + std::to_string(spent_.tokens()) + " of " + std::to_string(*limit_.tokens) + " tokens.";
  }
  if (limit_.money && few(*limit_.money, spent_.money)) return percent(*limit_.money, spent_.money) + limit_.name + " is used: " + dollars(spent_.money) + " of " + dollars(*limit_.money) + " dollars.";
  return {};
}

std::string Meter::low() const {
  std::string words;
  {
    const std::lock_guard guard(mutex_);
    words = used_up_words();
  }
  return words.empty() && above_ ? above_->low() : words;
}

std::shared_ptr<void> Meter::when_low(Sentence say) {
  auto ear = std::make_shared<Ear>();
  ear->say = std::move(say);
  const std::lock_guard guard(mutex_);
  std::erase_if(ears_, [](const auto& other) { return other.expired(); });
  ears_.push_back(ear);
  // One that is called at this moment is waited for.
  return {ear.get(), [ear](void*) {
            const std::lock_guard calling(ear->mutex);
            ear->say = {};
          }};
}

Spending Meter::spent() const {
  const std::lock_guard guard(mutex_);
  return spent_;
}

}  // namespace baton
