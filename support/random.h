// Random numbers of the system, for tokens and keys. Any thread.
#pragma once

#include <cstddef>
#include <string>

#include "support/result.h"

namespace baton {

Result<std::string> random_hex(std::size_t bytes);  // at most 256

}  // namespace baton
