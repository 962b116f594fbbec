#include "git/merge.h"

#include "tests/git/fixture.h"

namespace baton::test {
namespace {

class MergeTest : public GitTest {
 protected:
  MergeTest() : root_(make_repository()), store_(store_of(root_)), base_(git(root_, {"rev-parse", "HEAD"})) {}

  // A commit of the store on the base: files set, or removed where the text is absent.
  std::string side(const std::vector<std::pair<std::string, std::optional<std::string>>>& files, const std::string& on = "") {
    const std::string parent = on.empty() ? base_ : on;
    std::vector<TreeEntry> updates;
    for (const auto& [path, text] : files) updates.push_back({path, text ? *store_.write_blob(*text) : "", 0100644, 0});
    const std::string tree = store_.write_tree(*store_.tree_of(parent), updates).value();
    return store_.write_commit(tree, {parent}, "side", 1).value();
  }
  static std::string types(const Merge& merge) {
    std::string text;
    for (const MergeConflict& conflict : merge.conflicts) text += conflict.type + " " + conflict.paths.at(0) + "\n";
    return text;
  }

  fs::path root_;
  Store store_;
  std::string base_;
};

TEST_F(MergeTest, BothSidesChangesAreInACleanMerge) {
  const auto merge = merge_commits(store_, side({{"a.txt", "ours"}, {"new.txt", "n"}}), side({{"b.txt", "theirs"}, {"src/c.txt", std::nullopt}}));
  ASSERT_TRUE(merge.ok()) << merge.error().message;
  EXPECT_TRUE(merge->clean());
  EXPECT_EQ(show(store_, merge->tree),
            "100644 a.txt ours\n100644 b.txt theirs\n120000 link -> a.txt\n100644 new.txt n\n100755 run.sh #!/bin/sh\n100644 src/deep/d.txt d\n");
}

TEST_F(MergeTest, ConflictsAreListedWithTheirVersions) {
  const auto merge = merge_commits(store_, side({{"a.txt", "ours\n"}, {"b.txt", "changed\n"}, {"odd \t name", "1\n"}}),
                                   side({{"a.txt", "theirs\n"}, {"b.txt", std::nullopt}, {"odd \t name", "2\n"}}));
  ASSERT_TRUE(merge.ok()) << merge.error().message;
  EXPECT_FALSE(merge->clean());
  EXPECT_EQ(types(*merge), "CONFLICT (contents) a.txt\nCONFLICT (modify/delete) b.txt\nCONFLICT (contents) odd \t name\n");
  std::string stages;
  for (const MergeStage& stage : merge->stages) stages += stage.path + std::to_string(stage.stage) + " ";
  EXPECT_EQ(stages, "a.txt1 a.txt2 a.txt3 b.txt1 b.txt2 odd \t name2 odd \t name3 ");
}

TEST_F(MergeTest, NothingOfTheUsersDecidesOrRuns) {
  const std::string base = side({{".gitattributes", "log.txt merge=union\na.txt merge=trap\n"}, {"log.txt", "1\n"}, {"a.txt", "1\n"}});
  git(root_, {"config", "merge.trap.driver", "touch " + at("ran").string()});
  git(root_, {"config", "--global", "merge.trap.driver", "touch " + at("ran").string()});
  write(root_ / ".gitattributes", "* merge=ours\n");
  const auto merge = merge_commits(store_, side({{"log.txt", "1\nours\n"}, {"a.txt", "ours\n"}}, base), side({{"log.txt", "1\ntheirs\n"}, {"a.txt", "theirs\n"}}, base));
  ASSERT_TRUE(merge.ok()) << merge.error().message;
  EXPECT_EQ(types(*merge), "CONFLICT (contents) a.txt\n");
  EXPECT_EQ(*store_.read(merge->tree, "log.txt").value(), "1\nours\ntheirs\n");  // the team's own attribute holds
  EXPECT_FALSE(fs::exists(at("ran")));
}

TEST_F(MergeTest, AnUnknownCommitIsOneSentence) {
  const auto merge = merge_commits(store_, base_, std::string(40, '1'));
  ASSERT_FALSE(merge.ok());
  EXPECT_TRUE(merge.error().message.starts_with("git could not merge: ")) << merge.error().message;
}

}  // namespace
}  // namespace baton::test
