#include "git/branch.h"

#include "tests/git/fixture.h"

namespace baton::test {
namespace {

class BranchTest : public GitTest {
 protected:
  BranchTest() : root_(make_repository()), store_(store_of(root_)), base_(git(root_, {"rev-parse", "HEAD"})) {}

  std::string work(const std::string& text) {
    const std::string tree = store_.write_tree(*store_.tree_of(base_), {{"a.txt", *store_.write_blob(text), 0100644, 0}}).value();
    return store_.write_commit(tree, {base_}, "work", 1).value();
  }

  fs::path root_;
  Store store_;
  std::string base_;
};

TEST_F(BranchTest, IsMadeWithAllItNeedsAndNothingElseMoves) {
  write(root_ / "b.txt", "not committed\n");
  git(root_, {"config", "core.hooksPath", (root_ / "hooks").string()});
  write(root_ / "hooks/reference-transaction", "#!/bin/sh\ntouch " + at("ran").string() + "\n");
  fs::permissions(root_ / "hooks/reference-transaction", fs::perms::owner_all);
  const std::string commit = work("landed\n");
  const auto before = manifest(root_);
  ASSERT_TRUE(create_branch(store_, "baton/fix-1", commit).ok());
  EXPECT_EQ(*branch_commit(store_.repository(), "baton/fix-1").value(), commit);
  EXPECT_FALSE(fs::exists(at("ran")));
  auto after = manifest(root_);
  for (auto entry = after.begin(); entry != after.end();) {
    const bool made = entry->first.find("baton") != entry->first.npos || entry->first.find(".git/objects") != entry->first.npos ||
                      entry->first.find(".git/refs/heads") != entry->first.npos || entry->first.find(".git/logs/refs/heads") != entry->first.npos;
    entry = made ? after.erase(entry) : std::next(entry);
  }
  auto rest = before;
  std::erase_if(rest, [](const auto& entry) {
    return entry.first.find(".git/objects") != entry.first.npos || entry.first.find(".git/refs/heads") != entry.first.npos ||
           entry.first.find(".git/logs/refs/heads") != entry.first.npos;
  });
  EXPECT_EQ(difference(rest, after), "");

  // Whole without the store.
  fs::remove_all(store_.path());
  EXPECT_EQ(git(root_, {"show", "baton/fix-1:a.txt"}), "landed");
  git(root_, {"fsck", "--strict"});
}

TEST_F(BranchTest, ANameThatIsTakenIsNeverMoved) {
  const std::string first = work("1\n"), second = work("2\n");
  ASSERT_TRUE(create_branch(store_, "baton/x", first).ok());
  EXPECT_TRUE(create_branch(store_, "baton/x", first).ok());
  const Status moved = create_branch(store_, "baton/x", second);
  ASSERT_FALSE(moved.ok());
  EXPECT_EQ(moved.error().kind, ErrorKind::precondition);
  EXPECT_EQ(*branch_commit(store_.repository(), "baton/x").value(), first);
  EXPECT_EQ(create_branch(store_, "bad..name", second).error().kind, ErrorKind::usage);
  EXPECT_FALSE(create_branch(store_, "baton", second).ok());  // baton/x stands in its way
  EXPECT_FALSE(branch_commit(store_.repository(), "baton/none").value());
}

TEST(BranchSlug, IsShortAndPlain) {
  const auto check = [](const char* words, const char* expected) { EXPECT_EQ(branch_slug(words), expected); };
  check("Fix the clang-tidy findings!", "fix-the-clang-tidy-findings");
  check("  Größe  ändern ", "gr-e-ndern");
  check("…", "task");
  check("a very long sentence that says what is to be done in more words than fit", "a-very-long-sentence-that-says-what-is-to-be-done");
}

}  // namespace
}  // namespace baton::test
