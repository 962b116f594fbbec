// What we serve an agent while it works: the tools of its attempt over a path socket, and in place of its provider's endpoint one that
// counts (metering_proxy.h). Both reach into its box by a bound socket, so that it needs no network. Gone with the value. Thread-safe.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "orchestrator/agents/acp_messages.h"
#include "orchestrator/agents/attempt.h"
#include "orchestrator/agents/attempt_tools.h"
#include "orchestrator/agents/metering_proxy.h"
#include "support/sandbox.h"

namespace baton {

class AttemptServices {
 public:
  struct Place {
    std::filesystem::path inner;  // a folder in the box, where the sockets are seen; empty: no box
    int port = 0;                 // of this machine, for the agent alone
    AttemptToolFacts tools;
  };
  static Result<std::unique_ptr<AttemptServices>> start(const AttemptOrder& order, const AttemptParts& parts, Place place);
  ~AttemptServices();

  void give_to(ProcessSpec& process, SandboxPolicy& box) const;  // variables, binds, and the way to the endpoint
  AcpMcpServer mcp_server() const;
  std::vector<std::string> secrets() const;
  Spending spent() const;
  // What the agent used by itself, by its own word or estimated. The sentence that says which budget is used up by then; empty: none.
  std::string count(const Spending& more);
  // Where the provider behind our endpoint refused the last call: a sentence that says so. Some agents try again in silence.
  std::string refused_by_service(const std::string& agent) const;
  int tool_calls() const { return tools_->calls(); }

  // Called once, soon after a call was refused because a budget is used up: an agent that goes on all the same is to be stopped.
  void when_exhausted(std::function<void()> stop_agent);
  std::string exhausted() const;  // the sentence that it was refused with; empty: none was

 private:
  AttemptServices() = default;
  Status serve_endpoint(const AttemptOrder& order);
  std::filesystem::path seen(const std::filesystem::path& socket) const;
  void refused(const std::string& why);

  std::filesystem::path tool_path_, model_path_, inner_, program_;
  int port_ = 0;
  EndpointSetting endpoint_;
  AcpTerms terms_;
  std::string real_key_;
  std::unique_ptr<ToolSocket> tools_;
  std::shared_ptr<Meter> meter_;
  std::unique_ptr<MeteringProxy> proxy_;
  mutable std::mutex mutex_;
  std::string exhausted_;
  std::function<void()> stop_agent_;
  std::jthread waiter_;
};

}  // namespace baton
