#pragma once

#include <optional>
#include <string>

namespace ledger {

// ISO 4217 code of a currency's symbol; absent when the symbol is unknown or stands for several.
std::optional<std::string> currency_code(const std::string& symbol);

}  // namespace ledger
