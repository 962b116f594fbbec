// Apart from the outline itself, so that a session can read one without a grammar.
#include <nlohmann/json.hpp>

#include "orchestrator/file_outline.h"
#include "orchestrator/json_fields.h"

namespace baton {

using nlohmann::json;

json to_json(const OutlineRequest& request) { return {{"path", request.path}, {"text", request.text}, {"base", request.base}}; }

Result<OutlineRequest> outline_request_from_json(const json& object) {
  JsonFields fields("a file to outline");
  OutlineRequest request{fields.text(object, "path"), fields.text(object, "text"), fields.text(object, "base")};
  if (!fields.ok()) return fields.error();
  return request;
}

json to_json(const FileOutline& outline) {
  json functions = json::array();
  for (const OutlinedFunction& one : outline.functions) {
    functions.push_back({{"name", one.name}, {"qualified", one.qualified}, {"line", one.line}, {"end_line", one.end_line}, {"test", one.test}, {"changed", one.changed}});
  }
  return {{"base", outline.base}, {"changed", outline.changed}, {"functions", std::move(functions)}};
}

Result<FileOutline> file_outline_from_json(const json& object) {
  JsonFields fields("a file's outline");
  FileOutline outline;
  outline.base = fields.text(object, "base");
  outline.changed = fields.flag(object, "changed");
  for (const json& one : fields.list(object, "functions")) {
    outline.functions.push_back({fields.text(one, "name"), fields.text(one, "qualified"), fields.integer(one, "line"), fields.integer(one, "end_line"),
                                 fields.flag(one, "test"), fields.flag(one, "changed")});
  }
  if (!fields.ok()) return fields.error();
  return outline;
}

}  // namespace baton
