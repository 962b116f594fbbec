// The cone against git's own reading of its patterns.
#include "git/sparse_cone.h"

#include "git/checkout.h"
#include "tests/git/fixture.h"

namespace baton::test {
namespace {

class SparseConeTest : public GitTest {};

TEST_F(SparseConeTest, HoldsWhatGitChecksOut) {
  const std::vector<std::string> paths = {"r.txt",       "src/a.txt",     "src/api/b.txt",  "src/api/v1/c.txt", "src/apis/d.txt", "lib/e.txt",
                                          "lib/x/f.txt", "od*d/g/h.txt",  "od*d/i.txt",     "oddd/j.txt",       "b[1]/k.txt",     "b1/l.txt",
                                          "sp ace/m n.txt", "ü/n.txt",    "src/api.txt"};
  const fs::path root = make_repository();
  for (const std::string& path : paths) write(root / path, path);
  git(root, {"add", "-A"});
  git(root, {"commit", "-qm", "paths"});
  Store store = store_of(root);
  const std::string head = git(root, {"rev-parse", "HEAD"});
  const std::vector<std::vector<std::string>> cones = {
      {}, {"."}, {"src/api"}, {"src/api/"}, {"/src/api/v1", "src"}, {"lib", "src/api/v1"}, {"od*d/g"}, {"b[1]"}, {"sp ace", "ü"}, {"nowhere/at/all"}, {"lib", ""}, {"../lib"}};
  int number = 0;
  for (const auto& folders : cones) {
    const SparseCone cone(folders);
    const fs::path folder = at("c" + std::to_string(++number));
    ASSERT_TRUE(make_checkout(store, head, folder, {}, cone).ok());
    for (const std::string& path : paths) {
      EXPECT_EQ(fs::exists(folder / path), cone.holds(path)) << path << " in " << testing::PrintToString(folders);
    }
    EXPECT_EQ(git(folder, {"status", "--porcelain"}), "");
  }
}

TEST_F(SparseConeTest, TheRootOrAWayOutIsEverything) {
  for (const std::vector<std::string>& folders : {std::vector<std::string>{}, {"."}, {"./"}, {"a", "."}, {"../a"}, {".."}}) EXPECT_TRUE(SparseCone(folders).whole());
  EXPECT_EQ(SparseCone({"a/b", "a", "c//d/"}).folders(), (std::vector<std::string>{"a", "c/d"}));
}

}  // namespace
}  // namespace baton::test
