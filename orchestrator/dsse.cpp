#include "orchestrator/dsse.h"

#include <nlohmann/json.hpp>

#include "orchestrator/json_fields.h"
#include "support/base64.h"

namespace baton {
namespace {

using nlohmann::json;

// "Pre-authentication encoding": what is signed, so that a payload cannot be taken for one of another type.
std::string to_sign(std::string_view payload) {
  const std::string_view type = kInTotoPayload;
  return "DSSEv1 " + std::to_string(type.size()) + " " + std::string(type) + " " + std::to_string(payload.size()) + " " + std::string(payload);
}

}  // namespace

json envelope_of(std::string_view payload, const SigningKey& key) {
  return {{"payloadType", kInTotoPayload},
          {"payload", to_base64(payload)},
          {"signatures", json::array({{{"keyid", key.public_half().id()}, {"sig", to_base64(key.sign(to_sign(payload)))}}})}};
}

Result<std::string> opened(const json& envelope, const PublicKey& key, const std::string& what) {
  JsonFields fields(what);
  if (fields.text(envelope, "payloadType") != kInTotoPayload) fields.fail("payloadType", kInTotoPayload);
  const json& signatures = fields.list(envelope, "signatures");
  if (signatures.size() != 1) fields.fail("signatures", "one signature");
  const std::string key_id = signatures.size() == 1 ? fields.text(signatures[0], "keyid") : "";
  const std::string signature = signatures.size() == 1 ? fields.text(signatures[0], "sig") : "";
  const auto payload = from_base64(fields.text(envelope, "payload"));
  const auto signed_bytes = from_base64(signature);
  if (!fields.ok()) return fields.error();
  if (!payload || !signed_bytes) return Error{ErrorKind::precondition, what + " is no base64."};
  if (key_id != key.id() || !key.verifies(to_sign(*payload), *signed_bytes))
    return Error{ErrorKind::precondition, what + " is not as it was signed."};
  return *payload;
}

}  // namespace baton
