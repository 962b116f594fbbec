#include "orchestrator/installs.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "support/files.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

class InstallsTest : public testing::Test {
 protected:
  InstallsTest() : folder_(*TemporaryFolder::make("/tmp", "baton-installs-")) {
    for (const char* name : {"a", "a-home", "b", "b-home", "c", "c-home", "d", "d-home"}) fs::create_directories(at(name));
    write("a/package.json", "{}");
    write("b/package.json", "{}");
  }
  fs::path at(const std::string& path) const { return folder_.path() / path; }
  void write(const std::string& path, const std::string& text) {
    fs::create_directories(at(path).parent_path());
    std::ofstream(at(path)) << text;
  }
  JournalSeal user() const { return JournalSeal(at("config")); }
  std::string read(const std::string& path) const { return read_file(at(path)) ? *read_file(at(path)) : "absent"; }

  // Plays an installation in `a` and seals it.
  void install(Installs& installs, const std::string& text = "x") {
    for (const char* made : {"a/node_modules", "a/packages", "a-home/.cache"}) fs::remove_all(at(made));
    auto tree = TreeManifest::of(at("a")), home = TreeManifest::of(at("a-home"));
    write("a/node_modules/x/index.js", text);
    write("a/packages/p/node_modules/y.js", "y");
    write("a-home/.cache/tool", "t");
    fs::create_symlink("x", at("a/node_modules/link"));
    const auto in_tree = tree->difference(at("a")), in_home = home->difference(at("a-home"));
    ASSERT_TRUE(installs.seal("key", "statement", at("a"), *in_tree, at("a-home"), *in_home, {}).ok());
  }

  TemporaryFolder folder_;
};

TEST_F(InstallsTest, ASealedInstallationIsGivenAsAPrivateCopy) {
  Installs installs(at("store"), user());
  EXPECT_FALSE(*installs.take("key", at("b"), at("b-home"), {}));
  install(installs);
  const auto taken = installs.take("key", at("b"), at("b-home"), {});
  ASSERT_TRUE(taken.ok()) << taken.error().message;
  ASSERT_TRUE(taken->has_value());
  EXPECT_EQ((*taken)->statement, "statement");
  EXPECT_EQ(read("b/node_modules/x/index.js"), "x");
  EXPECT_EQ(read("b/packages/p/node_modules/y.js"), "y");
  EXPECT_EQ(read("b-home/.cache/tool"), "t");
  EXPECT_EQ(fs::read_symlink(at("b/node_modules/link")), "x");
  write("b/node_modules/x/index.js", "changed");
  EXPECT_EQ(read("store/key/tree/node_modules/x/index.js"), "x");
}

TEST_F(InstallsTest, WhatIsNotAsItWasSealedIsNotUsed) {
  Installs installs(at("store"), user());
  install(installs);
  write("store/key/tree/node_modules/x/index.js", "y");
  EXPECT_FALSE(*installs.take("key", at("b"), at("b-home"), {}));
  EXPECT_FALSE(fs::exists(at("store/key")));
}

TEST_F(InstallsTest, OnlyTheContentCounts) {
  Installs installs(at("store"), user());
  install(installs);
  write("store/key/tree/node_modules/x/index.js", "x");  // another time, the same content
  EXPECT_TRUE(*installs.take("key", at("b"), at("b-home"), {}));
  fs::create_directories(at("c"));
  write("store/key/home/.cache/more", "");
  EXPECT_FALSE(*installs.take("key", at("c"), at("b-home"), {}));
}

TEST_F(InstallsTest, WhatTheUsersKeyDidNotSignIsNotUsed) {
  Installs installs(at("store"), user()), theirs(at("store"), JournalSeal(at("their-config")));
  install(theirs);
  EXPECT_TRUE(*theirs.take("key", at("b"), at("b-home"), {}));
  EXPECT_FALSE(*installs.take("key", at("c"), at("c-home"), {}));
  EXPECT_FALSE(fs::exists(at("store/key")));

  install(installs);
  const std::string good = read("store/key/manifest.json");
  for (const auto& [from, to] : {std::pair{"\"statement\":\"statement\"", "\"statement\":\"another\""}, {"\"signature\":\"", "\"signature\":\"A"}, {"\"node_modules\"", "\"../elsewhere\""}}) {
    std::string forged = good;
    ASSERT_NE(forged.find(from), forged.npos) << from;
    fs::copy(at("store/key"), at("kept"), fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    write("store/key/manifest.json", forged.replace(forged.find(from), std::string(from).size(), to));
    EXPECT_FALSE(*installs.take("key", at("c"), at("c-home"), {})) << to;
    fs::rename(at("kept"), at("store/key"));
  }
  EXPECT_TRUE(*installs.take("key", at("c"), at("c-home"), {})) << "as it was signed";

  fs::rename(at("store/key"), at("store/other"));
  EXPECT_FALSE(*installs.take("other", at("d"), at("d-home"), {})) << "it is another's";
  EXPECT_FALSE(fs::exists(at("d/node_modules")));
}

int spares(const fs::path& sealed) {
  int found = 0;
  for (const auto& entry : fs::directory_iterator(sealed)) found += entry.path().filename().string().starts_with("spare-");
  return found;
}

TEST_F(InstallsTest, ACopyThatWasNotWrittenToServesAgain) {
  Installs installs(at("store"), user());
  install(installs);
  auto taken = installs.take("key", at("b"), at("b-home"), {});
  ASSERT_TRUE(taken && *taken);
  write("b/node_modules/.cache/left-behind", "1");
  const auto inode = [&](const char* path) {
    struct stat info {};
    return ::stat(at(path).c_str(), &info) == 0 ? info.st_ino : 0;
  };
  const auto file = inode("b/node_modules/x/index.js");
  installs.give_back((*taken)->copy, at("b"), at("b-home"));
  EXPECT_EQ(spares(at("store/key")), 1);
  EXPECT_FALSE(fs::exists(at("b/node_modules")));

  for (const char* name : {"c", "c-home"}) fs::create_directories(at(name));
  taken = installs.take("key", at("c"), at("c-home"), {});
  ASSERT_TRUE(taken && *taken);
  EXPECT_EQ(spares(at("store/key")), 0);
  EXPECT_EQ(inode("c/node_modules/x/index.js"), file);
  EXPECT_EQ(read("c/packages/p/node_modules/y.js"), "y");
  EXPECT_EQ(read("c-home/.cache/tool"), "t");
  EXPECT_FALSE(fs::exists(at("c/node_modules/.cache")));
}

TEST_F(InstallsTest, OfACopyThatWasWrittenToOnlyThoseFilesAreMadeAnew) {
  Installs installs(at("store"), user());
  install(installs);
  const auto taken = installs.take("key", at("b"), at("b-home"), {});
  ASSERT_TRUE(taken && *taken);
  const auto inode = [&](const fs::path& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? info.st_ino : 0;
  };
  const auto kept = inode(at("b/packages/p/node_modules/y.js"));
  fs::remove_all(at("b/node_modules/x"));
  fs::create_directory_symlink(at("elsewhere"), at("b/node_modules/x"));
  write("elsewhere/index.js", "theirs");
  write("b-home/.cache/tool", "books");
  installs.give_back((*taken)->copy, at("b"), at("b-home"));
  EXPECT_EQ(spares(at("store/key")), 1);
  for (const char* name : {"c", "c-home"}) fs::create_directories(at(name));
  ASSERT_TRUE(*installs.take("key", at("c"), at("c-home"), {}));
  EXPECT_EQ(spares(at("store/key")), 0);
  EXPECT_FALSE(fs::is_symlink(at("c/node_modules/x")));
  EXPECT_EQ(read("c/node_modules/x/index.js"), "x");
  EXPECT_EQ(read("elsewhere/index.js"), "theirs");
  EXPECT_EQ(read("c-home/.cache/tool"), "t");
  EXPECT_EQ(inode(at("c/packages/p/node_modules/y.js")), kept);
}

TEST_F(InstallsTest, ACopyThatWasWrittenToIsNotGivenAsItIs) {
  Installs installs(at("store"), user());
  install(installs);
  const auto check = [&](auto change, const char* what) {
    for (const char* name : {"c", "c-home", "d", "d-home"}) {
      fs::remove_all(at(name));
      fs::create_directories(at(name));
    }
    auto taken = installs.take("key", at("c"), at("c-home"), {});
    ASSERT_TRUE(taken && *taken) << what;
    change();
    installs.give_back((*taken)->copy, at("c"), at("c-home"));
    ASSERT_TRUE(*installs.take("key", at("d"), at("d-home"), {})) << what;
    EXPECT_EQ(read("d/node_modules/x/index.js"), "x") << what;
    EXPECT_EQ(read("d/packages/p/node_modules/y.js"), "y") << what;
    EXPECT_EQ(read("d-home/.cache/tool"), "t") << what;
  };
  check([&] { write("c/node_modules/x/index.js", "y"); }, "changed");
  check([&] { fs::remove(at("c/node_modules/x/index.js")); }, "removed");
  check([&] { fs::remove_all(at("c/node_modules")); }, "all removed");
  check([&] { write("c-home/.cache/tool", "u"); }, "in HOME");
}

TEST_F(InstallsTest, ASpareThatWasTamperedWithIsNotUsed) {
  Installs installs(at("store"), user());
  install(installs);
  const auto taken = installs.take("key", at("b"), at("b-home"), {});
  ASSERT_TRUE(taken && *taken);
  installs.give_back((*taken)->copy, at("b"), at("b-home"));
  for (const auto& entry : fs::directory_iterator(at("store/key"))) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("spare-")) write("store/key/" + name + "/tree/node_modules/x/index.js", "y");
  }
  ASSERT_TRUE(*installs.take("key", at("b"), at("b-home"), {}));
  EXPECT_EQ(read("b/node_modules/x/index.js"), "x");
}

TEST_F(InstallsTest, ASpareThatAnotherKeySignedIsNotUsed) {
  Installs installs(at("store"), user()), theirs(at("theirs"), JournalSeal(at("their-config")));
  install(installs);
  install(theirs, "bad");
  const auto taken = theirs.take("key", at("b"), at("b-home"), {});
  ASSERT_TRUE(taken && *taken);
  theirs.give_back((*taken)->copy, at("b"), at("b-home"));
  ASSERT_EQ(spares(at("theirs/key")), 1);
  for (const auto& entry : fs::directory_iterator(at("theirs/key"))) {
    if (entry.path().filename().string().starts_with("spare-")) fs::rename(entry.path(), at("store/key") / entry.path().filename());
  }
  ASSERT_TRUE(*installs.take("key", at("c"), at("c-home"), {}));
  EXPECT_EQ(spares(at("store/key")), 0) << "it was looked at";
  EXPECT_EQ(read("c/node_modules/x/index.js"), "x");
}

TEST_F(InstallsTest, TheLeastRecentlyUsedGoFirst) {
  Installs installs(at("store"), user());
  install(installs);
  Installs::prune(at("store"), 1 << 20);
  EXPECT_TRUE(fs::exists(at("store/key")));
  Installs::prune(at("store"), 0);
  EXPECT_FALSE(fs::exists(at("store/key")));
}

TEST_F(InstallsTest, TheKeyIsWhatAnInstallerReads) {
  const auto key = [](const std::string& package, const std::string& root = "/r") {
    return install_key({{{"package.json", package}}, {"npm", "ci"}, "", "tools", "env", root});
  };
  const std::string plain = key(R"({"dependencies":{"a":"1"}})");
  EXPECT_EQ(plain, key(R"({"version":"2","scripts":{"test":"x"},"dependencies":{"a":"1"}})"));
  EXPECT_NE(plain, key(R"({"dependencies":{"a":"2"}})"));
  EXPECT_NE(plain, key(R"({"scripts":{"postinstall":"x"},"dependencies":{"a":"1"}})"));
  EXPECT_NE(plain, key(R"({"dependencies":{"a":"1"}})", "/other"));
}

TEST_F(InstallsTest, AManifestTellsWhatWasDone) {
  write("a/keep", "1");
  write("a/change", "1");
  write("a/remove", "1");
  const auto manifest = TreeManifest::of(at("a"));
  ASSERT_TRUE(manifest.ok());
  EXPECT_TRUE(manifest->difference(at("a"))->empty());

  write("a/new/deep/file", "1");
  auto difference = manifest->difference(at("a"));
  EXPECT_EQ(difference->added, std::vector<std::string>{"new"});
  EXPECT_TRUE(difference->only_added());
  EXPECT_TRUE(*undo_additions(*manifest, at("a")));
  EXPECT_TRUE(manifest->difference(at("a"))->empty());

  write("a/change", "2");  // same size
  fs::remove(at("a/remove"));
  difference = manifest->difference(at("a"));
  EXPECT_EQ(difference->changed, std::vector<std::string>{"change"});
  EXPECT_EQ(difference->removed, std::vector<std::string>{"remove"});
  EXPECT_FALSE(*undo_additions(*manifest, at("a")));
}

}  // namespace
}  // namespace baton
