#include "orchestrator/ci_environment.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/files.h"

namespace baton {
namespace {

class CiEnvironmentTest : public testing::Test {
 protected:
  CiEnvironmentTest() : home_(*TemporaryFolder::make("/tmp", "baton-ci-")) {}
  TemporaryFolder home_;
};

TEST_F(CiEnvironmentTest, OnlyWhatFindsToolsPasses) {
  const Environment client{{"PATH", "/repo/node_modules/.bin:/opt/node/bin:./bin:/usr/bin"},
                           {"HOME", home_.path().string()},
                           {"NVM_DIR", "/home/ada/.nvm"},
                           {"JAVA_HOME", "/repo/jdk"},
                           {"GITHUB_TOKEN", "ghp_0123456789abcdef"},
                           {"LANG", "de_DE.UTF-8"},
                           {"EDITOR", "vim"},
                           {"https_proxy", "http://proxy:3128"}};
  const CiEnvironment ci = ci_environment(client, "/repo");
  EXPECT_EQ(get(ci.gate, "PATH"), "/opt/node/bin:/usr/bin");
  EXPECT_EQ(get(ci.gate, "NVM_DIR"), "/home/ada/.nvm");
  EXPECT_EQ(get(ci.gate, "LANG"), "C.UTF-8");
  EXPECT_EQ(get(ci.gate, "CI"), "1");
  EXPECT_EQ(get(ci.gate, "TZ"), "UTC");
  for (const char* name : {"GITHUB_TOKEN", "EDITOR", "HOME", "https_proxy", "JAVA_HOME"}) {
    EXPECT_FALSE(get(ci.gate, name)) << name;
  }
  EXPECT_EQ(get(ci.setup, "https_proxy"), "http://proxy:3128");
  EXPECT_FALSE(get(ci.setup, "GITHUB_TOKEN"));
  EXPECT_EQ(ci.secrets, std::vector<std::string>{"ghp_0123456789abcdef"});
}

TEST_F(CiEnvironmentTest, ManagersAreToldWhereTheirToolsAre) {
  ASSERT_TRUE(make_folder(home_.path() / ".rustup").ok());
  const auto value = [&](const Environment& more) {
    Environment client{{"PATH", "/usr/bin"}, {"HOME", home_.path().string()}};
    client.insert(client.end(), more.begin(), more.end());
    return get(ci_environment(client, "/repo").gate, "RUSTUP_HOME");
  };
  EXPECT_EQ(value({}), (home_.path() / ".rustup").string());
  EXPECT_EQ(value({{"RUSTUP_HOME", "/opt/rustup"}}), "/opt/rustup");
  EXPECT_EQ(get(ci_environment({{"PATH", "/usr/bin"}, {"HOME", "/nowhere"}}, "/repo").gate, "RUSTUP_HOME"), std::nullopt);
}

TEST_F(CiEnvironmentTest, SetupFindsTheUsersRegistries) {
  const std::string npmrc = (home_.path() / ".npmrc").string(), ca = (home_.path() / "ca.pem").string();
  ASSERT_TRUE(write_file(npmrc, "//registry.example/:_authToken=secret\n").ok());
  ASSERT_TRUE(write_file(ca, "pem").ok());
  const Environment client{{"PATH", "/usr/bin"},
                           {"HOME", home_.path().string()},
                           {"NODE_EXTRA_CA_CERTS", ca},
                           {"npm_config_registry", "https://registry.example"},
                           {"npm_config_cache", "/tmp/x"},
                           {"npm_config_local_prefix", "/repo"},
                           {"PIP_INDEX_URL", "https://pypi.example"}};
  const CiEnvironment ci = ci_environment(client, "/repo");
  EXPECT_EQ(get(ci.setup, "npm_config_registry"), "https://registry.example");
  EXPECT_EQ(get(ci.setup, "PIP_INDEX_URL"), "https://pypi.example");
  EXPECT_EQ(get(ci.setup, "NPM_CONFIG_USERCONFIG"), npmrc);
  EXPECT_FALSE(get(ci.setup, "npm_config_local_prefix"));
  EXPECT_NE(get(ci.setup, "npm_config_cache"), "/tmp/x");
  EXPECT_FALSE(get(ci.gate, "NPM_CONFIG_USERCONFIG"));
  const auto bound = [&](const std::string& path) {
    return std::any_of(ci.setup_binds.begin(), ci.setup_binds.end(),
                       [&](const BindMount& bind) { return bind.target == path && !bind.writable; });
  };
  EXPECT_TRUE(bound(npmrc));
  EXPECT_TRUE(bound(ca));
}

TEST_F(CiEnvironmentTest, TheDigestKnowsASecretByItsNameOnly) {
  const Environment a{{"X", "1"}, {"API_TOKEN", "0123456789abcdefgh"}},
      b{{"API_TOKEN", "zzzzzzzzzzzzzzzzzz"}, {"X", "1"}};
  EXPECT_EQ(environment_digest(a), environment_digest(b));
  EXPECT_NE(environment_digest(a), environment_digest({{"X", "2"}, {"API_TOKEN", "0123456789abcdefgh"}}));
  EXPECT_NE(environment_digest({{"A", "B"}}), environment_digest({{"A=B", ""}}));
}

}  // namespace
}  // namespace baton
