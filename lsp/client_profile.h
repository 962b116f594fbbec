// What the client can do and how it is known to misbehave, made once from `initialize`; every place that sends asks this,
// none asks the raw capabilities. A value; io thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "lsp/position.h"

namespace baton {

// An absent capability is false.
struct ClientProfile {
  PositionEncoding encoding = PositionEncoding::utf16;  // first of those that the client lists and we know
  bool apply_edit = false, document_changes = false, resource_ops = false, change_annotations = false;
  bool related_information = false, code_description = false, diagnostic_data = false, diagnostic_version = false;
  bool pull_diagnostics = false, diagnostic_refresh = false;
  bool action_literals = false, action_data = false, action_disabled = false, action_llm_tag = false;
  std::vector<std::string> action_resolve;
  bool progress = false, show_document = false, message_item_properties = false, lens_refresh = false;
  bool text_content = false, configuration = false, workspace_folders = false;
  bool watched_files_dynamic = false, watched_files_relative = false;
  // Quirks, from one table keyed on clientInfo; nothing else reads the name.
  bool message_request_blocks = false;  // a question stops the whole editor
  bool never_cancels_progress = false;  // says it can show progress, but gives no way to cancel it
  std::string name, version;
};

ClientProfile client_profile(const nlohmann::json& initialize_params);
std::string_view to_string(PositionEncoding encoding);  // as the protocol writes it

}  // namespace baton
