#include "orchestrator/file_source.h"

#include <gtest/gtest.h>

#include "support/files.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

TEST(FileSource, SeesAFolderAsDiscoveryShould) {
  const auto folder = TemporaryFolder::make("/tmp", "baton-source-");
  ASSERT_TRUE(folder.ok());
  const fs::path& root = folder->path();
  for (const char* name : {"a.txt", "src/b.txt", "build/cmake/CMakeLists.txt", "out/CMakeCache.txt", "out/x.txt",
                           "node_modules/x/package.json", ".git/config", ".github/ci.yml", "env/pyvenv.cfg", "env/y.py"}) {
    fs::create_directories((root / name).parent_path());
    ASSERT_TRUE(write_file(root / name, "text").ok());
  }
  fs::create_symlink("/etc/hostname", root / "link");
  ASSERT_TRUE(write_file(root / "big", std::string((4u << 20) + 1, 'x')).ok());
  const auto source = folder_source(root);
  EXPECT_EQ(source->files(),
            (std::vector<std::string>{".github/ci.yml", "a.txt", "big", "build/cmake/CMakeLists.txt", "src/b.txt"}));
  EXPECT_EQ(source->read("a.txt"), "text");
  EXPECT_EQ(source->read("big"), std::nullopt);
  EXPECT_EQ(source->read("link"), std::nullopt);
  EXPECT_EQ(source->read("../a.txt"), std::nullopt);
  EXPECT_EQ(source->read("out/x.txt"), std::nullopt);
  EXPECT_TRUE(source->exists("src"));
  EXPECT_TRUE(source->exists("src/"));
  EXPECT_FALSE(source->exists("sr"));
  EXPECT_FALSE(source->exists("src/c"));
  EXPECT_TRUE(folder_source(root / "absent")->files().empty());
}

}  // namespace
}  // namespace baton
