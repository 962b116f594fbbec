#include "orchestrator/config.h"
namespace baton {
Config load_config(std::string_view, const std::filesystem::path&) { return {}; }
std::string config_schema() { return "{}"; }
}  // namespace baton
