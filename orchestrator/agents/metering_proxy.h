// The endpoint that an agent gets in place of its provider's: it counts, answers 402 before the call that would break a budget, cuts an
// answer that reaches it, and alone knows the real key. Over a path socket, which a network namespace does not cut off; `forward_port`
// (support/relay.h) makes a TCP port of it inside. Speaks `chat/completions`, `responses` and the list of models; refuses everything else. Threads of its
// own; gone with the value, with every transfer under way.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "orchestrator/agents/meter.h"

namespace baton {

struct Upstream {
  std::string url;       // what the agent would call its base URL: "https://api.openai.com/v1"
  std::string key;       // of the provider; empty: none is sent
  std::string ca_file;   // further certificates; empty: the system's
};

class MeteringProxy {
 public:
  static constexpr std::int64_t kMostOutput = 32768;  // tokens of an answer whose request names no limit

  // `socket`: at most 100 bytes long. `refused`: a budget refused a call, with the sentence that says so; a thread of the proxy's.
  static Result<std::unique_ptr<MeteringProxy>> start(const std::filesystem::path& socket, Upstream upstream, std::shared_ptr<Meter> meter,
                                                      std::function<void(const std::string& why)> refused = {});
  virtual ~MeteringProxy() = default;
  virtual std::optional<int> last_status() const = 0;  // of the provider's last answer to a call; 0: it was not reached
  virtual const std::string& key() const = 0;  // random, what the agent has to send; dies with the attempt
};

}  // namespace baton
