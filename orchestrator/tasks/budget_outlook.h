// What a plan is likely to need of the budgets, against what is left of them: told with the plan, before anything is spent. Rests on what
// earlier attempts here used; where none was counted yet it is a guess, and says so. Pure; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/agents/meter.h"
#include "orchestrator/config.h"

namespace baton {

struct PastAttempt {
  Spending spent;      // no calls: its models were not counted
  double minutes = 0;
};

struct BudgetFacts {
  std::size_t attempts = 0;  // that the plan begins, by agents and not by fixers
  std::size_t counted = 0;   // of them those whose calls are counted
  std::vector<PastAttempt> past;
  BudgetSetting task, day;   // limits
  Spending task_spent, day_spent;
  double task_minutes = 0;   // worked
};

struct BudgetOutlook {
  std::optional<std::int64_t> tokens;  // that the plan is likely to need; absent: nothing of it is counted
  std::optional<double> money, minutes;
  std::size_t basis = 0;               // attempts that the tokens rest on; 0: a guess
  std::vector<std::string> warnings;   // a sentence for each limit that may not do, or of which little is left
};

BudgetOutlook budget_outlook(const BudgetFacts& facts);
nlohmann::json to_json(const BudgetOutlook& outlook);
BudgetOutlook budget_outlook_from_json(const nlohmann::json& json);

// "about 120,000 tokens, 0.40 dollars and 12 minutes (as 5 earlier attempts)"; empty when nothing is known.
std::string outlook_words(const BudgetOutlook& outlook);

}  // namespace baton
