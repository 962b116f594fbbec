#include "orchestrator/source_lines.h"

#include <gtest/gtest.h>

#include "support/files.h"

namespace baton {
namespace {

TEST(SourceLines, OnlyFilesOfTheCheckout) {
  auto folder = *TemporaryFolder::make("/tmp", "baton-lines-");
  const auto root = folder.path() / "tree";
  ASSERT_TRUE(make_folder(root / "src").ok());
  ASSERT_TRUE(write_file(root / "src/a.c", "int a;\r\n\n// \xC3\xA4 b").ok());
  ASSERT_TRUE(write_file(folder.path() / "secret", "s\n").ok());
  std::filesystem::create_symlink("../../secret", root / "src/out");
  std::filesystem::create_symlink("a.c", root / "src/in");
  SourceLines lines(root);
  EXPECT_EQ(lines.line("src/a.c", 1), "int a;");
  EXPECT_EQ(lines.line("src/a.c", 2), "");
  EXPECT_EQ(lines.line("src/a.c", 3), "// \xC3\xA4 b");
  EXPECT_EQ(lines.line("src/in", 1), "int a;");
  for (const int number : {-1, 0, 4}) EXPECT_FALSE(lines.line("src/a.c", number)) << number;
  for (const char* path : {"src", "src/out", "../secret", "/etc/passwd", "no", ""}) EXPECT_FALSE(lines.line(path, 1)) << path;
  EXPECT_TRUE(lines.exists("src"));
  EXPECT_FALSE(lines.exists("src/out"));
  EXPECT_FALSE(lines.exists("../secret"));
}

}  // namespace
}  // namespace baton
