// Secrets out of text before it is stored or shown: well-known token shapes, private key blocks, credentials in URLs,
// `NAME=value` where the name says secret, and literal values handed in. Replaced by "[redacted]". Linear time. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/process.h"

namespace baton {

// Values of variables whose names say secret (TOKEN, SECRET, PASSWORD, KEY, ...), eight bytes or longer.
std::vector<std::string> secret_values(const Environment& env);
std::string redact(std::string_view text, const std::vector<std::string>& secrets = {});

}  // namespace baton
