#include "orchestrator/own_journal.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/files.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

struct OwnJournalTest : testing::Test {
  TemporaryFolder folder = std::move(*TemporaryFolder::make("/tmp", "baton-own-journal-"));
  fs::path file = folder.path() / "baton" / "journal.db";
  IdList mine{folder.path() / "config" / "journals"};

  // Opens it, says whether a run is known, and leaves one behind.
  void check(const IdList& user, bool known, bool noted) {
    auto own = open_own_journal(file, user);
    ASSERT_TRUE(own.ok()) << own.error().message;
    EXPECT_EQ(own->journal->find_run("k")->has_value(), known);
    EXPECT_EQ(!own->note.empty(), noted) << own->note;
    Event ran;
    ran.task = "t", ran.kind = "gate_ran", ran.actor = "verifier";
    ran.body = R"({"key": "k", "evidence": ["e"]})";
    ASSERT_TRUE(own->journal->append({ran}).ok());
  }

  int set_aside() const {
    int found = 0;
    for (const auto& entry : fs::directory_iterator(file.parent_path())) {
      const std::string name = entry.path().filename().string();
      found += name.find(".other-") != name.npos && name.find("-wal") == name.npos && name.find("-shm") == name.npos;
    }
    return found;
  }
};

TEST_F(OwnJournalTest, OnlyAJournalThatWasBegunHereIsUsed) {
  check(mine, false, false);
  check(mine, true, false);
  const IdList other(folder.path() / "other" / "journals");
  check(other, false, true);
  check(other, true, false);
  EXPECT_EQ(set_aside(), 1);
}

TEST_F(OwnJournalTest, AForgedIdIsNoId) {
  check(mine, false, false);
  ASSERT_TRUE(write_file(mine.file(), "\n\nsomething else\n").ok());
  check(mine, false, true);
}

TEST_F(OwnJournalTest, TheListIsTheUsersAlone) {
  check(mine, false, false);
  struct stat info {};
  ASSERT_EQ(stat(mine.file().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

}  // namespace
}  // namespace baton
