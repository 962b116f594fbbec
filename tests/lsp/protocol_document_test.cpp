// The table of methods is what the session serves, what docs/protocol.md says row by row, and true of the protocol's own model.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lsp/methods.h"
#include "support/files.h"
#include "support/json.h"
#include "tests/lsp/peer.h"

namespace baton {
namespace {

std::string row_of(const Method& method) {
  std::string row = "| `" + std::string(method.name) + "` | " + std::string(to_string(method.direction)) + " | " +
                    std::string(to_string(method.kind)) + " | " + std::string(method.params) + " | ";
  return row + (method.needs.empty() ? "" : "`" + std::string(method.needs) + "`") + " |";
}

std::string row_of(const Command& command) {
  return "| `" + std::string(command.name) + "` | `" + std::string(command.arguments) + "` | " + std::string(command.does) + " |";
}

std::string normal(std::string row) {
  for (std::size_t at; (at = row.find("  ")) != row.npos;) row.erase(at, 1);
  return row;
}

TEST(ProtocolDocument, HoldsTheTable) {
  const auto document = read_file(std::filesystem::path(BATON_SOURCE_DIR) / "docs/protocol.md");
  ASSERT_TRUE(document.ok());
  std::size_t rows = 0;
  for (std::size_t at = 0; (at = document->find("\n| `", at)) != document->npos; ++at) ++rows;
  EXPECT_EQ(rows, methods().size() + commands().size());
  for (const Method& method : methods()) EXPECT_NE(document->find(normal(row_of(method))), document->npos) << row_of(method);
  for (const Command& command : commands()) EXPECT_NE(document->find(row_of(command)), document->npos) << row_of(command);
}

TEST(MethodTable, EveryRequestInItIsServedAndNoOther) {
  Peer peer;
  int id = 1;
  const auto code_of = [&](std::string_view method, nlohmann::json params) {
    const nlohmann::json request = {{"jsonrpc", "2.0"}, {"id", ++id}, {"method", method}, {"params", std::move(params)}};
    EXPECT_TRUE(peer.write(frame(request.dump())));
    for (auto answer = peer.next(); answer; answer = peer.next()) {
      if (answer->value("id", 0) == id && !answer->contains("method")) {
        return answer->contains("error") ? (*answer)["error"]["code"].get<int>() : 0;
      }
    }
    return -1;
  };
  ASSERT_EQ(code_of("initialize", {{"processId", nullptr}, {"rootUri", nullptr}, {"capabilities", nlohmann::json::object()}}), 0);
  for (const Method& method : methods()) {
    if (method.name == "initialize" || method.name == "shutdown") continue;
    const bool served = method.direction == Direction::from_client && method.kind == MethodKind::request;
    EXPECT_EQ(code_of(method.name, 7) != -32601, served) << method.name;
  }
  for (const Command& command : commands()) {
    EXPECT_EQ(code_of("workspace/executeCommand", {{"command", command.name}, {"arguments", {7}}}), -32602) << command.name;
  }
  EXPECT_EQ(code_of("shutdown", nullptr), 0);
}

TEST(MethodTable, IsTrueOfTheProtocol) {
  const auto path = std::filesystem::path(BATON_SOURCE_DIR).parent_path() / "shared/data/lsp/metaModel-3.17.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no ../shared/data/lsp/metaModel-3.17.json";
  const auto model = parse_json_file(path);
  ASSERT_TRUE(model.ok());
  for (const Method& method : methods()) {
    const bool request = method.kind == MethodKind::request;
    const nlohmann::json* found = nullptr;
    for (const auto& entry : (*model)[request ? "requests" : "notifications"]) {
      if (entry["method"] == method.name) found = &entry;
    }
    if (!found) {
      EXPECT_TRUE(method.name.starts_with("baton/")) << method.name;
      continue;
    }
    const std::string direction = (*found)["messageDirection"];
    const std::string ours = method.direction == Direction::from_client ? "clientToServer" : "serverToClient";
    EXPECT_TRUE(direction == "both" || direction == ours) << method.name << " " << direction;
    EXPECT_EQ(found->contains("params") ? (*found)["params"].value("name", "") : "none", method.params) << method.name;
  }
}

}  // namespace
}  // namespace baton
