#include "lsp/client_profile.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace baton {
namespace {

using nlohmann::json;

const json kNull;

// The member at a dotted path; null when anything on the way is absent or no object.
const json& at(const json& value, std::string_view path) {
  const json* here = &value;
  while (!path.empty()) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    if (!here->is_object()) return kNull;
    const auto found = here->find(path.substr(0, dot));
    if (found == here->end()) return kNull;
    here = &*found;
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return *here;
}

bool flag(const json& value, std::string_view path) { return at(value, path) == true; }
bool is_there(const json& value, std::string_view path) { return at(value, path).is_object(); }

std::string text(const json& value) { return value.is_string() ? value.get<std::string>() : std::string(); }

std::vector<std::string> texts(const json& value) {
  std::vector<std::string> all;
  if (value.is_array()) {
    for (const json& element : value) {
      if (element.is_string()) all.push_back(element.get<std::string>());
    }
  }
  return all;
}

PositionEncoding encoding_of(const json& offered) {
  for (const std::string& name : texts(offered)) {
    for (const auto encoding : {PositionEncoding::utf8, PositionEncoding::utf16, PositionEncoding::utf32}) {
      if (name == to_string(encoding)) return encoding;
    }
  }
  return PositionEncoding::utf16;
}

// The first two numbers of "0.7.2" as 0 * 1000 + 7.
int major_minor(std::string_view version) {
  int numbers[2] = {0, 0};
  const char* here = version.data();
  const char* end = here + version.size();
  if (here != end && *here == 'v') ++here;
  for (int& number : numbers) {
    const auto read = std::from_chars(here, end, number);
    if (read.ec != std::errc()) break;
    here = read.ptr;
    if (here == end || *here != '.') break;
    ++here;
  }
  return numbers[0] * 1000 + numbers[1];
}

struct Quirk {
  std::string_view client;
  int before;  // major_minor of the first version without it; 0: all versions
  bool ClientProfile::*flag;
};

constexpr Quirk kQuirks[] = {
    // A numbered prompt that stops the editor, and never returns without a screen.
    {"Neovim", 9, &ClientProfile::message_request_blocks},
    {"Neovim", 0, &ClientProfile::never_cancels_progress},
};

void apply_quirks(ClientProfile& profile) {
  for (const Quirk& quirk : kQuirks) {
    const bool affected = quirk.before == 0 || major_minor(profile.version) < quirk.before;
    if (profile.name == quirk.client && affected) profile.*quirk.flag = true;
  }
}

}  // namespace

std::string_view to_string(PositionEncoding encoding) {
  switch (encoding) {
    case PositionEncoding::utf8: return "utf-8";
    case PositionEncoding::utf16: return "utf-16";
    case PositionEncoding::utf32: return "utf-32";
  }
  return "utf-16";
}

ClientProfile client_profile(const json& params) {
  const json& can = at(params, "capabilities");
  ClientProfile profile;
  profile.encoding = encoding_of(at(can, "general.positionEncodings"));

  profile.apply_edit = flag(can, "workspace.applyEdit");
  profile.document_changes = flag(can, "workspace.workspaceEdit.documentChanges");
  profile.resource_ops = !texts(at(can, "workspace.workspaceEdit.resourceOperations")).empty();
  profile.change_annotations = is_there(can, "workspace.workspaceEdit.changeAnnotationSupport");

  const json& diagnostics = at(can, "textDocument.publishDiagnostics");
  profile.related_information = flag(diagnostics, "relatedInformation");
  profile.code_description = flag(diagnostics, "codeDescriptionSupport");
  profile.diagnostic_data = flag(diagnostics, "dataSupport");
  profile.diagnostic_version = flag(diagnostics, "versionSupport");
  profile.pull_diagnostics = is_there(can, "textDocument.diagnostic");
  profile.diagnostic_refresh = flag(can, "workspace.diagnostics.refreshSupport");

  const json& action = at(can, "textDocument.codeAction");
  profile.action_literals = is_there(action, "codeActionLiteralSupport");
  profile.action_data = flag(action, "dataSupport");
  profile.action_disabled = flag(action, "disabledSupport");
  const json& tags = at(action, "tagSupport.valueSet");
  profile.action_llm_tag = tags.is_array() && std::find(tags.begin(), tags.end(), json(1)) != tags.end();
  profile.action_resolve = texts(at(action, "resolveSupport.properties"));

  profile.progress = flag(can, "window.workDoneProgress");
  profile.show_document = flag(can, "window.showDocument.support");
  profile.message_item_properties = flag(can, "window.showMessage.messageActionItem.additionalPropertiesSupport");
  profile.lens_refresh = flag(can, "workspace.codeLens.refreshSupport");
  profile.text_content = is_there(can, "workspace.textDocumentContent");
  profile.configuration = flag(can, "workspace.configuration");
  profile.workspace_folders = flag(can, "workspace.workspaceFolders");
  profile.watched_files_dynamic = flag(can, "workspace.didChangeWatchedFiles.dynamicRegistration");
  profile.watched_files_relative = flag(can, "workspace.didChangeWatchedFiles.relativePatternSupport");

  profile.name = text(at(params, "clientInfo.name"));
  profile.version = text(at(params, "clientInfo.version"));
  apply_quirks(profile);
  return profile;
}

}  // namespace baton
