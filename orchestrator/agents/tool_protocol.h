// The Model Context Protocol, server side, over lines: a message in, at most one out. What the tools do is the caller's; this knows
// versions, requests, failures and cancels. Source: MCP 2025-11-25, "Lifecycle" and "Tools". One thread, but `cancel_all`.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.h"

namespace baton {

struct Tool {
  std::string name, description;  // one sentence: it is sent with every call of a model
  std::string schema;             // of its arguments, JSON Schema
  // The text that the agent reads; an error's message is one too, marked as a failure. Blocks.
  std::function<Result<std::string>(const nlohmann::json& arguments, std::stop_token stop)> run;
};

class ToolProtocol {
 public:
  explicit ToolProtocol(std::vector<Tool> tools, std::string instructions = {}) : tools_(std::move(tools)), instructions_(std::move(instructions)) {}

  // Nothing: a notification, or a request that was cancelled before it was answered.
  std::optional<std::string> answer(std::string_view line, std::stop_token stop = {});
  // A line that is a cancel reaches the call that runs on another thread. True: it was one, and needs no answer.
  bool cancel(std::string_view line);

 private:
  nlohmann::json initialize(const nlohmann::json& params) const;
  nlohmann::json list() const;
  std::optional<nlohmann::json> call(const nlohmann::json& id, const nlohmann::json& params, std::stop_token stop);
  const Tool* find(const std::string& name) const;

  std::vector<Tool> tools_;
  std::string instructions_;
  std::mutex mutex_;
  std::string running_;             // the id, as JSON
  std::stop_source running_stop_;
  bool cancelled_ = false;
};

// The arguments against the tool's schema: types of the properties, those that are required, and none that are unknown. Empty when
// they are good, else one sentence.
std::string argument_problem(const Tool& tool, const nlohmann::json& arguments);

}  // namespace baton
