// DSSE v1 envelopes (github.com/secure-systems-lab/dsse): a statement and the signature over its bytes and their type. Any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "support/result.h"
#include "support/signing.h"

namespace baton {

inline constexpr const char* kInTotoPayload = "application/vnd.in-toto+json";

// {"payloadType","payload","signatures":[{"keyid","sig"}]}
nlohmann::json envelope_of(std::string_view payload, const SigningKey& key);
// The payload, where the one signature is the key's. An Error says what is not as it was signed; `what` names it.
Result<std::string> opened(const nlohmann::json& envelope, const PublicKey& key, const std::string& what);

}  // namespace baton
