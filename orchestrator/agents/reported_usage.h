// What a session with an agent that calls its models by itself has used: by the agent's own word where it gives one, else estimated by
// the lengths of what went to and fro. Its word comes in three ways: tokens of a call with a message (`_meta.usage`), tokens of a turn with
// its end (`usage`), and money of the session so far (`usage_update`). How full its context is, is no use of anything. One thread.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/agents/acp_messages.h"
#include "orchestrator/agents/meter.h"

namespace baton {

class ReportedUsage {
 public:
  explicit ReportedUsage(Prices prices = {}) : prices_(std::move(prices)) {}

  void prompted(std::string_view text, std::string_view model);  // a turn begins
  void told(const AcpUpdate& update);
  void ended(const nlohmann::json& result);  // of the turn
  void refused();                            // the turn ended in an error: where nothing came before, no model was paid

  Spending total() const;
  Spending news();  // of `total`, what was not given yet; less than nothing where a report corrects an estimate

 private:
  struct Turn {
    ModelUsage by_call, by_end, estimate;
    int told = 0, seen = 0;  // calls: those that it told the tokens of, and as far as they can be seen
  };
  struct SeenTool {
    std::size_t asked = 0, shown = 0;  // bytes
    bool ended = false;
  };
  void answered(std::size_t bytes);
  void called_again();
  void close();
  Spending spent_in(const Turn& turn) const;

  Prices prices_;
  std::string model_;
  std::optional<Price> price_;
  std::size_t context_ = 0;  // bytes of the conversation so far
  bool open_ = false;        // a turn
  Turn turn_;
  std::map<std::string, SeenTool> tools_;  // of the turn, by id
  Spending earlier_;                       // turns that are over
  std::optional<double> cost_;             // of the session, in dollars
  Spending given_;
};

}  // namespace baton
