#include "orchestrator/trust.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <map>
#include <set>
#include <thread>

#include "orchestrator/file_source.h"
#include "support/files.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

class MapSource : public FileSource {
 public:
  explicit MapSource(std::map<std::string, std::string> content) : content_(std::move(content)) {
    for (const auto& [path, text] : content_) paths_.push_back(path);
  }
  std::optional<std::string> read(std::string_view path) const override {
    auto it = content_.find(std::string(path));
    return it == content_.end() ? std::nullopt : std::optional(it->second);
  }
  const std::vector<std::string>& files() const override { return paths_; }

 private:
  std::map<std::string, std::string> content_;
  std::vector<std::string> paths_;
};

GatePlan plan_of(std::vector<std::string> argv) {
  GatePlan plan;
  Gate gate;
  gate.name = "ctest", gate.argv = std::move(argv);
  plan.gates = {gate};
  return plan;
}

TrustSubject subject_of(const GatePlan& plan, std::map<std::string, std::string> files = {}) {
  return trust_subject("/r/.git", plan, MapSource(std::move(files)));
}

TEST(TrustSubject, IsWhatWouldRun) {
  TrustSubject plain = subject_of(plan_of({"ctest", "-j", "2"}), {{"src/a.c", "1"}});
  EXPECT_EQ(plain.digest, subject_of(plan_of({"ctest", "-j", "2"}), {{"src/a.c", "2"}}).digest);

  std::set<std::string> digests{plain.digest};
  auto expect_other = [&](const TrustSubject& subject) { EXPECT_TRUE(digests.insert(subject.digest).second); };
  expect_other(subject_of(plan_of({"ctest", "-j", "3"})));
  expect_other(subject_of(plan_of({"ctest", "-j2"})));
  expect_other(subject_of(plan_of({"ctest", "-", "j2"})));
  expect_other(subject_of(plan_of({"ctest", "-j", "2"}), {{".baton/config.json", "{}"}}));
  expect_other(subject_of(plan_of({"ctest", "-j", "2"}), {{".baton/config.json", "{ }"}}));
  expect_other(subject_of(plan_of({"ctest", "-j", "2"}), {{".baton/configuration.json", "{ }"}}));
  auto changed = [&](auto change) {
    GatePlan plan = plan_of({"ctest", "-j", "2"});
    change(plan.gates[0]);
    expect_other(subject_of(plan));
  };
  changed([](Gate& gate) { gate.cwd = "sub"; });
  changed([](Gate& gate) { gate.network = true; });
  changed([](Gate& gate) { gate.env = {{"LD_PRELOAD", "x.so"}}; });
  changed([](Gate& gate) { gate.select_argv = {"sh", "-c", "{tests}"}; });
  expect_other(subject_of(GatePlan{}));
}

TEST(TrustSubject, ShowsCommandLinesAsAShellWouldTakeThem) {
  auto check = [](Gate gate, const std::string& expected) {
    GatePlan plan;
    plan.gates = {std::move(gate)};
    EXPECT_EQ(subject_of(plan).command_lines, std::vector{expected});
  };
  Gate gate;
  gate.argv = {"sh", "-c", "echo it's > x", ""};
  check(gate, R"(sh -c 'echo it'\''s > x' '')");
  gate.argv = {"npm", "ci"};
  gate.cwd = "web", gate.network = true, gate.env = {{"CI", "1"}};
  check(gate, "(web) CI=1 npm ci   [network]");
}

struct TrustStoreTest : testing::Test {
  TemporaryFolder folder = std::move(*TemporaryFolder::make(fs::temp_directory_path(), "trust"));
  fs::path file = folder.path() / "config" / "trust.json";
  TrustStore store{file};
  TrustSubject one = subject_of(plan_of({"ctest"}));

  void check(const TrustSubject& subject, TrustState expected) {
    Result<TrustState> state = store.state(subject);
    ASSERT_TRUE(state.ok()) << state.error().message;
    EXPECT_EQ(*state, expected);
  }
};

TEST_F(TrustStoreTest, IsGivenForWhatWasShownAndWithdrawn) {
  check(one, TrustState::never_asked);
  EXPECT_FALSE(fs::exists(file));
  ASSERT_TRUE(store.give(one).ok());
  check(one, TrustState::trusted);
  check(subject_of(plan_of({"ctest", "--evil"})), TrustState::changed);
  TrustSubject other = one;
  other.repository = "/other/.git";
  check(other, TrustState::never_asked);
  ASSERT_TRUE(store.give(other).ok());
  ASSERT_TRUE(store.withdraw("/r/.git").ok());
  check(one, TrustState::never_asked);
  check(other, TrustState::trusted);
  ASSERT_TRUE(store.withdraw("/never/.git").ok());
}

TEST_F(TrustStoreTest, OnlyWhatIsNotTrustedYetAsksAgain) {
  const auto plan = [](std::vector<std::vector<std::string>> lines) {
    GatePlan whole;
    for (auto& argv : lines) {
      Gate gate;
      gate.name = argv.front(), gate.argv = std::move(argv);
      whole.gates.push_back(std::move(gate));
    }
    return whole;
  };
  // The tree changes a script: both lines are shown, and trusted.
  const auto settings = [](const std::string& text) {
    return MapSource(std::map<std::string, std::string>{{".baton/config.json", text}});
  };
  const MapSource base = settings("1"), tree = settings("2");
  ASSERT_TRUE(store.give(trust_subject("/r/.git", plan({{"make"}, {"ctest"}, {"ctest", "-j2"}}), base, &tree)).ok());
  // Then it is committed: the base has the line, and the file.
  check(trust_subject("/r/.git", plan({{"ctest", "-j2"}, {"make"}}), tree), TrustState::trusted);
  check(trust_subject("/r/.git", plan({{"make"}, {"ctest"}}), base), TrustState::trusted);
  check(trust_subject("/r/.git", plan({{"make"}, {"ctest", "--evil"}}), tree), TrustState::changed);
  check(trust_subject("/r/.git", plan({{"make"}}), settings("3")), TrustState::changed);
  // What was trusted before stays so when more is trusted.
  ASSERT_TRUE(store.give(trust_subject("/r/.git", plan({{"tox"}}), tree)).ok());
  check(trust_subject("/r/.git", plan({{"make"}, {"tox"}}), base), TrustState::trusted);
}

TEST_F(TrustStoreTest, TheFileIsTheUsersAlone) {
  ASSERT_TRUE(store.give(one).ok());
  struct stat info {};
  ASSERT_EQ(stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(TrustStoreTest, OneRepositoryIsOneEntryWhateverThePath) {
  fs::path real = folder.path() / "real" / ".git";
  fs::create_directories(real);
  fs::create_directory_symlink(folder.path() / "real", folder.path() / "link");
  TrustSubject through_link = trust_subject(folder.path() / "link" / ".git", plan_of({"ctest"}), MapSource({}));
  TrustSubject direct = trust_subject(real, plan_of({"ctest"}), MapSource({}));
  ASSERT_TRUE(store.give(through_link).ok());
  check(direct, TrustState::trusted);
}

TEST_F(TrustStoreTest, DamagedOrNewerFilesTrustNothingAndAreKept) {
  fs::create_directories(file.parent_path());
  for (std::string content : {"{", "[]", "{\"version\":99,\"repositories\":{}}", "{\"version\":\"1\"}", ""}) {
    ASSERT_TRUE(write_file(file, content).ok());
    EXPECT_FALSE(store.state(one).ok()) << content;
    EXPECT_FALSE(store.give(one).ok()) << content;
    EXPECT_EQ(read_file(file).value(), content);
  }
  EXPECT_NE(store.state(one).error().message.find("move it aside"), std::string::npos);
}

TEST_F(TrustStoreTest, ManyMayGiveAtTheSameTime) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      TrustSubject subject = one;
      subject.repository = "/r" + std::to_string(i) + "/.git";
      ASSERT_TRUE(TrustStore(file).give(subject).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < 8; ++i) {
    TrustSubject subject = one;
    subject.repository = "/r" + std::to_string(i) + "/.git";
    check(subject, TrustState::trusted);
  }
}

}  // namespace
}  // namespace baton
