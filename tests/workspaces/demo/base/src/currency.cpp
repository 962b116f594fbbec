#include "currency.h"

#include <map>

namespace ledger {

std::optional<std::string> currency_code(const std::string& symbol) {
  static const std::map<std::string, std::string> codes = {{"€", "EUR"}, {"£", "GBP"}, {"CHF", "CHF"}, {"zł", "PLN"}};
  const auto found = codes.find(symbol);
  if (found == codes.end()) return std::nullopt;
  return found->second;
}

}  // namespace ledger
