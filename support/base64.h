// Base64 with padding (RFC 4648, section 4), by OpenSSL. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "support/result.h"

namespace baton {

std::string to_base64(std::string_view bytes);
Result<std::string> from_base64(std::string_view text);  // refuses what `to_base64` would not have written

}  // namespace baton
