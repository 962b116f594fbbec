#include "orchestrator/agents/reported_usage.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace baton {
namespace {

constexpr std::size_t kMaxTools = 4096;  // calls of tools of a turn that are told apart

}  // namespace

void ReportedUsage::prompted(std::string_view text, std::string_view model) {
  close();
  open_ = true;
  if (model != model_) price_ = prices_.of(model);
  model_ = model;
  context_ += text.size();
  called_again();
}

// Another call of the model: it reads the whole conversation again.
void ReportedUsage::called_again() {
  turn_.estimate.input += estimated_tokens(context_);
  ++turn_.seen;
}

void ReportedUsage::answered(std::size_t bytes) {
  turn_.estimate.output += estimated_tokens(bytes);
  context_ += bytes;
}

void ReportedUsage::told(const AcpUpdate& update) {
  if (update.cost) cost_ = std::max(cost_.value_or(0), *update.cost);
  if (update.usage) {
    turn_.by_call.input += update.usage->input;
    turn_.by_call.output += update.usage->output;
    turn_.by_call.cached += update.usage->cached;
    ++turn_.told;
  }
  answered(update.text.size());
  if (update.kind != AcpUpdate::Kind::tool) return;
  if (tools_.size() >= kMaxTools) tools_.clear();
  // Each telling of a call has all of it: only what it grew by is new.
  SeenTool& seen = tools_[update.call.id];
  answered(update.asked_bytes - std::min(update.asked_bytes, seen.asked));
  context_ += update.shown_bytes - std::min(update.shown_bytes, seen.shown);
  seen.asked = std::max(seen.asked, update.asked_bytes);
  seen.shown = std::max(seen.shown, update.shown_bytes);
  const bool ends = update.call.status == "completed" || update.call.status == "failed";
  if (ends && !std::exchange(seen.ended, true)) called_again();
}

void ReportedUsage::ended(const nlohmann::json& result) {
  turn_.by_end = read_acp_usage(result, "usage").value_or(ModelUsage());
  close();
}

void ReportedUsage::refused() {
  if (turn_.told == 0 && turn_.seen <= 1 && turn_.estimate.output == 0) turn_ = {};
  close();
}

void ReportedUsage::close() {
  if (open_) add(earlier_, spent_in(turn_));
  open_ = false;
  turn_ = {};
  tools_.clear();
}

Spending ReportedUsage::spent_in(const Turn& turn) const {
  Spending spent;
  if (turn.seen == 0) return spent;
  // A turn's end may tell of its last call alone.
  const ModelUsage& by_agent = turn.by_call.tokens() > turn.by_end.tokens() ? turn.by_call : turn.by_end;
  spent.reported = by_agent.tokens() > 0;
  spent.estimated = !spent.reported;
  const ModelUsage& used = spent.reported ? by_agent : turn.estimate;
  spent.input = used.input;
  spent.output = used.output;
  spent.cached = used.cached;
  spent.calls = turn.told > 0 ? turn.told : turn.seen;
  if (price_) spent.money = cost_of(used, *price_);
  else spent.unpriced = true;
  return spent;
}

Spending ReportedUsage::total() const {
  Spending sum = earlier_;
  if (open_) add(sum, spent_in(turn_));
  if (cost_) {
    sum.money = *cost_;
    sum.reported = true;
    sum.unpriced = false;
  }
  return sum;
}

Spending ReportedUsage::news() {
  const Spending now = total();
  const Spending more = since(now, given_);
  given_ = now;
  return more;
}

}  // namespace baton
