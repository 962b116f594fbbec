// The `initialize` of each client as it was recorded: VS Code's (code-server 1.139.1, vscode-languageclient 10.1.0), Neovim
// 0.7.2's, that of Emacs 28.2 with eglot 1.9; and a client that says nothing.
#include "lsp/client_profile.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/json.h"

namespace baton {
namespace {

using nlohmann::json;

ClientProfile profile_of(const std::string& name) {
  const auto dump = parse_json_file(std::filesystem::path(BATON_SOURCE_DIR) / "tests/lsp/clients" / (name + ".json"));
  EXPECT_TRUE(dump.ok()) << (dump ? "" : dump.error().message);
  return dump ? client_profile(*dump) : ClientProfile{};
}

#define FLAGS(X)                                                                                                       \
  X(apply_edit) X(document_changes) X(resource_ops) X(change_annotations) X(related_information) X(code_description)   \
  X(diagnostic_data) X(diagnostic_version) X(pull_diagnostics) X(diagnostic_refresh) X(action_literals) X(action_data) \
  X(action_disabled) X(action_llm_tag) X(progress) X(show_document) X(message_item_properties) X(lens_refresh)         \
  X(text_content) X(configuration) X(workspace_folders) X(watched_files_dynamic) X(watched_files_relative)             \
  X(message_request_blocks) X(never_cancels_progress)

std::string flags_of(const ClientProfile& profile) {
  std::string flags;
#define ADD(flag) \
  if (profile.flag) flags += (flags.empty() ? "" : " ") + std::string(#flag);
  FLAGS(ADD)
#undef ADD
  return flags;
}

void check(const ClientProfile& profile, std::string_view name, std::string_view flags, std::vector<std::string> resolve) {
  EXPECT_EQ(profile.name, name);
  EXPECT_EQ(flags_of(profile), flags);
  EXPECT_EQ(profile.action_resolve, resolve);
  EXPECT_EQ(profile.encoding, PositionEncoding::utf16);
}

TEST(ClientProfile, VisualStudioCode) {
  check(profile_of("vscode-10.1"), "code-server",
        "apply_edit document_changes resource_ops change_annotations related_information code_description diagnostic_data "
        "pull_diagnostics diagnostic_refresh action_literals action_data action_disabled action_llm_tag progress show_document "
        "message_item_properties lens_refresh text_content configuration workspace_folders watched_files_dynamic "
        "watched_files_relative",
        {"edit", "command"});
}

TEST(ClientProfile, Neovim07) {
  check(profile_of("neovim-0.7.2"), "Neovim",
        "apply_edit resource_ops related_information action_literals action_data progress workspace_folders "
        "message_request_blocks never_cancels_progress",
        {"edit"});
}

TEST(ClientProfile, Eglot) {
  check(profile_of("eglot-1.9"), "",
        "apply_edit document_changes action_literals configuration workspace_folders watched_files_dynamic", {});
}

TEST(ClientProfile, ClientThatSaysNothing) { check(client_profile(json{{"capabilities", json::object()}}), "", "", {}); }

TEST(ClientProfile, OddValuesAreAbsent) {
  check(client_profile(json{{"capabilities", {{"window", 7}, {"workspace", {{"applyEdit", "yes"}}}}}, {"clientInfo", "x"}}), "",
        "", {});
  check(client_profile(json::array()), "", "", {});
}

void check_encoding(json offered, PositionEncoding expected) {
  const json params = {{"capabilities", {{"general", {{"positionEncodings", offered}}}}}};
  EXPECT_EQ(client_profile(params).encoding, expected) << offered;
}

TEST(ClientProfile, Encoding) {
  check_encoding({"utf-8", "utf-16"}, PositionEncoding::utf8);
  check_encoding({"utf-16", "utf-8"}, PositionEncoding::utf16);
  check_encoding({"utf-7", "utf-32"}, PositionEncoding::utf32);
  check_encoding({"utf-7"}, PositionEncoding::utf16);
  check_encoding(json::array(), PositionEncoding::utf16);
  check_encoding(8, PositionEncoding::utf16);
}

void check_blocks(std::string_view name, std::string_view version, bool expected) {
  const json params = {{"capabilities", json::object()}, {"clientInfo", {{"name", name}, {"version", version}}}};
  EXPECT_EQ(client_profile(params).message_request_blocks, expected) << name << " " << version;
}

TEST(ClientProfile, Quirks) {
  check_blocks("Neovim", "0.7.2", true);
  check_blocks("Neovim", "0.8.3", true);
  check_blocks("Neovim", "0.9.0", false);
  check_blocks("Neovim", "0.10.0-dev+123", false);
  check_blocks("Neovim", "1.0", false);
  check_blocks("Visual Studio Code", "0.1", false);
}

}  // namespace
}  // namespace baton
