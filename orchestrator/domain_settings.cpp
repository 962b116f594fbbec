#include "orchestrator/domain_settings.h"

#include <nlohmann/json.hpp>

#include "orchestrator/config_settings.h"
#include "support/files.h"

namespace baton {
namespace {

void add_domains(std::vector<DomainSetting>& domains, std::string_view text, const std::string& path) {
  if (text.find_first_not_of(" \t\r\n") == text.npos) return;
  std::vector<Finding> told_elsewhere;
  const nlohmann::json root = checked_config(text, path, told_elsewhere);
  if (!root.contains("domains")) return;
  const std::vector<std::string> none;
  for (const nlohmann::json& domain : root["domains"]) {
    domains.push_back({domain["name"], domain.value("keywords", none), domain.value("files", none)});
  }
}

}  // namespace

std::vector<DomainSetting> load_domains(std::string_view repository_text, const std::filesystem::path& user_path) {
  std::vector<DomainSetting> domains;
  add_domains(domains, repository_text, ".baton/config.json");
  std::error_code error;
  if (user_path.empty() || !std::filesystem::exists(user_path, error)) return domains;
  if (const auto text = read_file(user_path, kMaxConfig)) add_domains(domains, *text, user_path.string());
  return domains;
}

}  // namespace baton
