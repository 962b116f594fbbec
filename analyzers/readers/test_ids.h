// Names of tests made stable: what differs between two runs of the same source is taken out. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace baton {

// Hexadecimal addresses, temporary paths, times, dates, UUIDs and "seed=123" become fixed words; parameters stay.
std::string stable_id(std::string_view name);

}  // namespace baton
