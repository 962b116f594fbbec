#include "orchestrator/tasks/budget_outlook.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "orchestrator/json_fields.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::int64_t kGuess = 60'000;  // tokens of an attempt: a first request of 7,000, sent again with every call

std::string amount(double value, std::string_view unit) {
  if (unit == "dollars") {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f dollars", value);
    return text;
  }
  std::string digits = std::to_string(std::llround(std::max(0.0, value)));
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(static_cast<std::size_t>(at), ",");
  return digits + " " + std::string(unit);
}

struct Left {
  std::string_view whose, unit;
  double limit, spent;
  std::optional<double> needed;
};

void look_at(const Left& left, const std::string& basis, std::vector<std::string>& warnings) {
  const double rest = std::max(0.0, left.limit - left.spent);
  const bool too_little = left.needed && *left.needed > rest;
  if (!too_little && rest >= kLowShare * left.limit) return;
  std::string text = amount(rest, left.unit) + " are left of the " + amount(left.limit, left.unit) + " of " + std::string(left.whose);
  if (too_little) text += ", and the plan is likely to need " + amount(*left.needed, left.unit) + " (" + basis + ")";
  warnings.push_back(text + "; raise `budgets` in your configuration, or let it stop and ask.");
}

std::string basis_words(std::size_t basis) {
  if (basis == 0) return "a guess, since no attempt was counted here yet";
  return "as " + std::to_string(basis) + (basis == 1 ? " earlier attempt" : " earlier attempts");
}

}  // namespace

BudgetOutlook budget_outlook(const BudgetFacts& facts) {
  BudgetOutlook outlook;
  Spending sum;
  double minutes = 0;
  for (const PastAttempt& past : facts.past) {
    minutes += past.minutes;
    if (past.spent.calls == 0) continue;
    ++outlook.basis;
    add(sum, past.spent);
  }
  const auto begun = static_cast<double>(facts.attempts), counted = static_cast<double>(facts.counted), basis = static_cast<double>(outlook.basis);
  if (facts.counted > 0) {
    outlook.tokens = outlook.basis == 0 ? kGuess * static_cast<std::int64_t>(facts.counted) : std::llround(counted * static_cast<double>(sum.tokens()) / basis);
    if (outlook.basis > 0 && !sum.unpriced) outlook.money = counted * sum.money / basis;
  }
  if (facts.attempts > 0 && !facts.past.empty()) outlook.minutes = begun * minutes / static_cast<double>(facts.past.size());
  const auto tokens = outlook.tokens ? std::optional(static_cast<double>(*outlook.tokens)) : std::nullopt;
  const std::string rests_on = basis_words(outlook.basis);
  if (facts.counted > 0) {
    const struct {
      std::string_view whose;
      const BudgetSetting& limit;
      const Spending& spent;
    } kLevels[] = {{"this task", facts.task, facts.task_spent}, {"today", facts.day, facts.day_spent}};
    for (const auto& [whose, limit, spent] : kLevels) {
      if (limit.tokens) look_at({whose, "tokens", static_cast<double>(*limit.tokens), static_cast<double>(spent.tokens()), tokens}, rests_on, outlook.warnings);
      if (limit.money) look_at({whose, "dollars", *limit.money, spent.money, outlook.money}, rests_on, outlook.warnings);
    }
  }
  if (facts.task.minutes && facts.attempts > 0) {
    look_at({"this task", "minutes", *facts.task.minutes, facts.task_minutes, outlook.minutes}, basis_words(facts.past.size()), outlook.warnings);
  }
  return outlook;
}

std::string outlook_words(const BudgetOutlook& outlook) {
  std::vector<std::string> parts;
  if (outlook.tokens) parts.push_back(amount(static_cast<double>(*outlook.tokens), "tokens"));
  if (outlook.money && *outlook.money > 0) parts.push_back(amount(*outlook.money, "dollars"));
  if (outlook.minutes && *outlook.minutes >= 1) parts.push_back(amount(*outlook.minutes, "minutes"));
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) text += (i == 0 ? "about " : i + 1 == parts.size() ? " and " : ", ") + parts[i];
  return outlook.tokens ? text + " (" + basis_words(outlook.basis) + ")" : text;
}

json to_json(const BudgetOutlook& outlook) {
  const auto number = [](const auto& value) { return value ? json(*value) : json(nullptr); };
  return {{"tokens", number(outlook.tokens)}, {"money", number(outlook.money)}, {"minutes", number(outlook.minutes)}, {"basis", outlook.basis}, {"warnings", outlook.warnings}};
}

BudgetOutlook budget_outlook_from_json(const json& object) {
  JsonFields read("an outlook on budgets");
  const auto given = [&](const char* name) { return object.is_object() && object.contains(name) && !object[name].is_null(); };
  BudgetOutlook outlook;
  if (given("tokens")) outlook.tokens = read.big_integer(object, "tokens");
  if (given("money")) outlook.money = read.number(object, "money");
  if (given("minutes")) outlook.minutes = read.number(object, "minutes");
  outlook.basis = static_cast<std::size_t>(std::max(0, read.integer(object, "basis")));
  outlook.warnings = read.texts(object, "warnings");
  return outlook;
}

}  // namespace baton
