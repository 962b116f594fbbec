#include "lsp/options.h"

#include <nlohmann/json.hpp>

namespace baton {

std::string take_options(const nlohmann::json& settings, Options& options) {
  if (!settings.is_object()) return {};
  const auto own = settings.find("baton");
  if (own != settings.end()) return take_options(*own, options);
  const auto on_save = settings.find("verifyOnSave");
  if (on_save == settings.end() || on_save->is_null()) return {};
  if (!on_save->is_boolean()) return "The setting baton.verifyOnSave is neither true nor false; it stays as it was.";
  options.verify_on_save = on_save->get<bool>();
  return {};
}

}  // namespace baton
