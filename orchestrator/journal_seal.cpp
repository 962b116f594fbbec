#include "orchestrator/journal_seal.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "orchestrator/evidence_bundle.h"
#include "support/base64.h"
#include "support/json.h"
#include "support/log.h"
#include "support/signing.h"

namespace baton {
namespace {

// What is signed; its first line keeps it apart from all else that the key signs.
std::optional<std::string> sealed_text(std::string_view key, std::string_view json) {
  const auto parsed = parse_json(json);
  if (!parsed) return std::nullopt;
  return "baton journal v1\n" + std::string(key) + "\n" + dump_json(*parsed);
}

}  // namespace

std::string JournalSeal::of(std::string_view key, std::string_view json) const {
  const auto user = SigningKey::of_file(config_home_ / kUserKeyFile);
  const auto text = sealed_text(key, json);
  if (user && text) return to_base64(user->sign(*text));
  log(LogLevel::warning,
      "an answer will not serve again: " + (user ? std::string("it is no JSON") : user.error().message));
  return {};
}

bool JournalSeal::holds(std::string_view key, std::string_view json, std::string_view seal) const {
  const auto signature = from_base64(seal);
  const auto text = sealed_text(key, json);
  if (seal.empty() || !signature || !text) return false;
  const auto user = SigningKey::of_file(config_home_ / kUserKeyFile);
  return user && user->public_half().verifies(*text, *signature);
}

}  // namespace baton
