// docs/protocol.md says what the table of methods says, row by row.
#include <gtest/gtest.h>

#include "lsp/methods.h"
#include "support/files.h"

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

}  // namespace
}  // namespace baton
