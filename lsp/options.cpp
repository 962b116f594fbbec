#include "lsp/options.h"

#include <nlohmann/json.hpp>

namespace baton {
namespace {

// What `.baton/config.json` and the user's own file say
// (docs/decisions/0005-an-editor-does-not-configure-a-verdict.md).
constexpr const char* kOfFiles[] = {"gates",  "setup",    "worktree", "agents",  "domains",    "budgets",
                                    "limits", "autonomy", "forge",    "sandbox", "onLastClose"};

}  // namespace

std::string take_options(const nlohmann::json& settings, Options& options) {
  if (!settings.is_object()) return {};
  const auto own = settings.find("baton");
  if (own != settings.end()) return take_options(*own, options);
  const auto on_save = settings.find("verifyOnSave");
  if (on_save != settings.end() && !on_save->is_null()) {
    if (!on_save->is_boolean()) return "The setting baton.verifyOnSave is neither true nor false; it stays as it was.";
    options.verify_on_save = on_save->get<bool>();
  }
  for (const char* name : kOfFiles) {
    if (!settings.contains(name)) continue;
    return std::string("The setting baton.") + name +
           " is not read from an editor: put it into .baton/config.json, or into ~/.config/baton/config.json.";
  }
  return {};
}

}  // namespace baton
