// Requests to a forge's API, sent with the token: what may be tried again is, with the waits that the forge asks for; every refusal
// is one sentence. In a dry run what would write is kept instead of sent. One thread.
#pragma once

#include "orchestrator/forge/forge.h"

namespace baton {


class ForgeLine {
 public:
  ForgeLine(ForgePlace place, ForgeToken token, Environment client_env, bool dry, std::stop_token stop);
  ~ForgeLine();

  // The answer of a 2xx. Anything else is an error in one sentence; `status()` is the one that came last.
  Result<nlohmann::json> ask(const ForgeRequest& request);
  int status() const { return status_; }
  std::string said() const { return said_; }  // the forge's own words in the last refusal
  bool dry() const { return dry_; }
  const std::vector<ForgeRequest>& kept() const { return kept_; }
  const ForgePlace& place() const { return place_; }

 private:
  Result<HttpAnswer> send(const ForgeRequest& request);

  ForgePlace place_;
  ForgeToken token_;
  Environment client_env_;
  bool dry_;
  std::stop_token stop_;
  int status_ = 0;
  std::string said_;
  std::vector<ForgeRequest> kept_;
};

// One sentence for a refusal; what the forge said is cut, and holds no secret. Pure, for tables of cases.
std::string refusal_sentence(const ForgePlace& place, const std::string& token_from, const ForgeRequest& request, const HttpAnswer& answer);
// How long to wait before the try after `tries` of them; nothing: it is not tried again.
std::optional<std::chrono::milliseconds> wait_before_retry(const HttpAnswer& answer, int tries);

}  // namespace baton
