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
// Whether a setting of this name holds a key itself: the shape of a well-known issuer's, credentials in an address, or, where a name
// says that it is secret (its own, or one in `NAME=value`), a value that looks like chance. Variables (`$TOKEN`, `API_KEY`) are none.
bool holds_key(std::string_view name, std::string_view value);
std::string redact(std::string_view text, const std::vector<std::string>& secrets = {});

}  // namespace baton
