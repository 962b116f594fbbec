#include "orchestrator/lent_files.h"

#include <gtest/gtest.h>

#include "support/files.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

class LentFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TemporaryFolder::make(fs::temp_directory_path(), "lent");
    ASSERT_TRUE(made.ok());
    folder_.emplace(std::move(*made));
    for (const char* side : {"mine", "checkout", "elsewhere"}) ASSERT_TRUE(make_folder(at(side)).ok());
  }
  fs::path at(const std::string& path) const { return folder_->path() / path; }
  void put(const std::string& path, const std::string& text) {
    ASSERT_TRUE(make_folder(at(path).parent_path()).ok());
    ASSERT_TRUE(write_file(at(path), text).ok());
  }
  std::optional<TemporaryFolder> folder_;
};

TEST_F(LentFilesTest, IsThereWhileItIsLentAndGoneAfter) {
  put("mine/.env", "A=1\n");
  put("mine/config/local/settings.json", "{}");
  const LentFiles lent = read_lent_files(at("mine"), {".env", "config/local/settings.json"});
  ASSERT_EQ(lent.files.size(), 2u);
  {
    const auto lending = Lending::begin(lent.files, at("checkout"));
    ASSERT_TRUE(lending.ok());
    EXPECT_EQ(*read_file(at("checkout/.env")), "A=1\n");
    EXPECT_EQ(*read_file(at("checkout/config/local/settings.json")), "{}");
    EXPECT_EQ(lending->digests(), lent.digests());
  }
  EXPECT_TRUE(fs::is_empty(at("checkout")));
}

TEST_F(LentFilesTest, WhatTheCheckoutHoldsStays) {
  put("mine/.env", "mine");
  put("checkout/.env", "committed");
  {
    const auto lending = Lending::begin(read_lent_files(at("mine"), {".env"}).files, at("checkout"));
    ASSERT_TRUE(lending.ok());
    EXPECT_TRUE(lending->digests().empty());
  }
  EXPECT_EQ(*read_file(at("checkout/.env")), "committed");
}

TEST_F(LentFilesTest, NoLinkLeadsOutOnEitherSide) {
  put("elsewhere/secret", "s");
  fs::create_symlink(at("elsewhere/secret"), at("mine/link"));
  fs::create_directory_symlink(at("elsewhere"), at("mine/folder"));
  const LentFiles none = read_lent_files(at("mine"), {"link", "folder/secret", "../elsewhere/secret", at("elsewhere/secret").string(), "."});
  EXPECT_TRUE(none.files.empty());
  EXPECT_EQ(none.notes.size(), 5u);

  put("mine/sub/.env", "A=1");
  fs::create_directory_symlink(at("elsewhere"), at("checkout/sub"));
  const auto lending = Lending::begin(read_lent_files(at("mine"), {"sub/.env"}).files, at("checkout"));
  ASSERT_TRUE(lending.ok());
  EXPECT_FALSE(fs::exists(at("elsewhere/.env")));
}

TEST_F(LentFilesTest, ValuesWhoseNamesSaySecretAreKnown) {
  put("mine/.env", "# note\nexport API_TOKEN=\"abcdefgh1\"\nPORT=12345678\nDB_PASSWORD='hunter2hunter2'\nbroken\n");
  EXPECT_EQ(read_lent_files(at("mine"), {".env"}).secrets(), (std::vector<std::string>{"abcdefgh1", "hunter2hunter2"}));
}

}  // namespace
}  // namespace baton
