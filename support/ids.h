// Identifiers and time. Ids sort by time of making: 48 bits of milliseconds, 80 random bits, Crockford base 32 (ULID). Any thread.
#pragma once

#include <chrono>
#include <string>

namespace baton {

std::string new_id();
std::string utc_timestamp(std::chrono::system_clock::time_point when = std::chrono::system_clock::now());  // RFC 3339, ms, Z

}  // namespace baton
