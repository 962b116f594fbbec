#include "lsp/config_check.h"

#include <nlohmann/json.hpp>

#include "lsp/mark.h"
#include "lsp/protocol.h"
#include "orchestrator/config_settings.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::size_t kMostTyped = 256u << 10;  // what is longer is no configuration that a person types

}  // namespace

bool is_config(const Document& document) { return document.path.ends_with("/" + std::string(kConfigPath)); }

json config_diagnostics(const Document& document, PositionEncoding encoding) {
  json list = json::array();
  const auto text = document.text();
  if (!text || text->size() > kMostTyped) return list;
  std::vector<Finding> problems;
  checked_config(*text, std::string(kConfigPath), problems);
  for (const Finding& problem : problems) {
    Mark mark;
    mark.line = problem.line;
    mark.column = problem.column;
    const auto placed = place_marks({mark}, *text, *text, *text, encoding);
    const Range range = placed.empty() ? Range{} : placed.front().range;
    list.push_back({{"range", to_json(range)}, {"severity", 1}, {"source", "baton"}, {"code", "configuration"}, {"message", problem.message}});
  }
  return list;
}

}  // namespace baton
