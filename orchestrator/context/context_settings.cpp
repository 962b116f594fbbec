#include "orchestrator/context/context_settings.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/config_settings.h"
#include "support/files.h"

namespace baton {
namespace {

constexpr double kMostTokens = 2'000'000;

void add(ContextSettings& settings, std::string_view text, const std::string& path) {
  if (text.find_first_not_of(" \t\r\n") == text.npos) return;
  std::vector<Finding> told_elsewhere;
  const nlohmann::json root = checked_config(text, path, told_elsewhere);
  if (const auto budgets = root.find("budgets"); budgets != root.end() && budgets->contains("context")) {
    settings.tokens = static_cast<std::size_t>(std::min((*budgets)["context"].get<double>(), kMostTokens));
  }
  if (!root.contains("domains")) return;
  const std::vector<std::string> none;
  for (const nlohmann::json& domain : root["domains"]) {
    settings.readings.push_back({domain["name"], domain.value("docs", none), domain.value("skills", none)});
  }
}

}  // namespace

ContextSettings load_context_settings(std::string_view repository_text, const std::filesystem::path& user_path) {
  ContextSettings settings;
  add(settings, repository_text, ".baton/config.json");
  std::error_code error;
  if (user_path.empty() || !std::filesystem::exists(user_path, error)) return settings;
  if (const auto text = read_file(user_path, kMaxConfig)) add(settings, *text, user_path.string());
  return settings;
}

}  // namespace baton
