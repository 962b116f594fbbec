// Hashes, ids, places and redaction: small pure functions.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>

#include "support/files.h"
#include "support/hash.h"
#include "support/ids.h"
#include "support/places.h"
#include "support/redact.h"

namespace baton {
namespace {

TEST(Hash, KnownDigests) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Hash, FileEqualsItsBytes) {
  auto folder = TemporaryFolder::make("/tmp", "baton-hash-");
  ASSERT_TRUE(folder.ok());
  const std::string bytes(200'000, 'x');
  ASSERT_TRUE(write_file(folder->path() / "f", bytes).ok());
  EXPECT_EQ(*sha256_file(folder->path() / "f"), sha256(bytes));
  EXPECT_EQ(sha256_file(folder->path() / "none").error().kind, ErrorKind::io);
}

TEST(Ids, SortByTimeOfMakingAndNeverRepeat) {
  std::set<std::string> seen;
  std::string last;
  for (int i = 0; i < 20'000; ++i) {
    const std::string id = new_id();
    ASSERT_EQ(id.size(), 26u);
    ASSERT_EQ(id.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ"), std::string::npos);
    ASSERT_LT(last, id);
    ASSERT_TRUE(seen.insert(id).second);
    last = id;
  }
  EXPECT_LE(last.front(), '7');
}

TEST(Ids, TimestampIsRfc3339) {
  using namespace std::chrono;
  EXPECT_EQ(utc_timestamp(system_clock::time_point{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(utc_timestamp(system_clock::time_point{milliseconds(1709210096007)}), "2024-02-29T12:34:56.007Z");
  EXPECT_EQ(utc_timestamp(system_clock::time_point{milliseconds(-1)}), "1969-12-31T23:59:59.999Z");
}

TEST(Places, FollowXdgAndIgnoreRelativeValues) {
  const Environment env{{"HOME", "/home/u"}, {"XDG_CONFIG_HOME", "/c"}, {"XDG_CACHE_HOME", "relative"}};
  EXPECT_EQ(config_home(env), "/c/baton");
  EXPECT_EQ(cache_home(env), "/home/u/.cache/baton");
  EXPECT_EQ(runtime_home({{"XDG_RUNTIME_DIR", "/run/user/7"}}), "/run/user/7/baton");
  EXPECT_TRUE(runtime_home({}).string().starts_with("/tmp/baton-"));
  EXPECT_EQ(own_executable().filename(), "test_support");
}

struct Redaction {
  std::string text, expected;
};

void check_redaction(const Redaction& row) {
  EXPECT_EQ(redact(row.text), row.expected) << row.text;
}

TEST(Redact, Table) {
  const std::string gh = "ghp_" + std::string(36, 'a');
  const std::string aws = "AKIA" + std::string("IOSFODNN7EXAMPLE");
  const std::string sk = "sk-" + std::string("ant-api03-") + std::string(20, 'b');
  for (const Redaction& row : std::vector<Redaction>{
           {"", ""},
           {"nothing here", "nothing here"},
           {"push with " + gh + ", done", "push with [redacted], done"},
           {"id " + aws + ".", "id [redacted]."},
           {"key " + sk + " end", "key [redacted] end"},
           {"class=\"sk-some-long-style-sheet-class-name\"", "class=\"sk-some-long-style-sheet-class-name\""},
           {"task-abcdefghijklmnopqrstuvwxyz1", "task-abcdefghijklmnopqrstuvwxyz1"},
           {"https://user:hunter2@host/p", "https://user:[redacted]@host/p"},
           {"git clone https://0123456789abcdef0123@host/p", "git clone https://[redacted]@host/p"},
           {"ssh://git@host:22/p", "ssh://git@host:22/p"},
           {"http://localhost:8080/a@b", "http://localhost:8080/a@b"},
           {"DB_PASSWORD=hunter2", "DB_PASSWORD=[redacted]"},
           {"export NPM_TOKEN='abcdefgh'", "export NPM_TOKEN='[redacted]'"},
           {"API_KEY=\"with space\"", "API_KEY=\"[redacted]\""},
           {"MAX_SIZE=12345678", "MAX_SIZE=12345678"},
           {"password=correcthorse", "password=[redacted]"},
           {"auto token=lexer.next();", "auto token=lexer.next();"},
           {"expected token: '}' before ';'", "expected token: '}' before ';'"},
           {R"({"client_secret": "abcd1234"})", R"({"client_secret": "[redacted]"})"},
           {R"({"key": "value"})", R"({"key": "value"})"},
           {"Authorization: Bearer abcdefghijk", "Authorization: Bearer [redacted]"},
           {"authorization: Basic dXNlcjpwYXNz", "authorization: Basic [redacted]"},
           {"--token abcdef1234567", "--token [redacted]"},
           {"a -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- b", "a [redacted] b"},
           {"-----BEGIN PRIVATE KEY-----\nMIIEvQ\n", "[redacted]"},
           {"-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----"},
           {"bytes \xff\xfe GITHUB_TOKEN=abcdefghij", "bytes \xff\xfe GITHUB_TOKEN=[redacted]"},
           {"src/a.cpp:3:4: error: 'x' was not declared", "src/a.cpp:3:4: error: 'x' was not declared"},
       })
    check_redaction(row);
}

TEST(Redact, LiteralValuesAlsoWhenTheyTouchOrOverlap) {
  EXPECT_EQ(redact("a s3cretvalue b", {"s3cretvalue"}), "a [redacted] b");
  EXPECT_EQ(redact("firstsecond!", {"first", "second"}), "[redacted]!");
  EXPECT_EQ(redact("abcdefgh", {"abcdef", "cdefgh"}), "[redacted]");
  EXPECT_EQ(redact("abc", {""}), "abc");
}

TEST(Redact, SecretValuesOfAnEnvironment) {
  const Environment env{{"GITHUB_TOKEN", "abcdefgh12"},
                        {"SHORT_TOKEN", "abc"},
                        {"PATH", "/usr/bin:/bin"},
                        {"MAX_TOKENS", "100000000"},
                        {"KEYBOARD", "de-latin1-nodeadkeys"},
                        {"SSH_AUTH_SOCK", "/tmp"},
                        {"MY_KEY", "0123456789abcdef"},
                        {"PWD", "/home/someone/work"}};
  EXPECT_EQ(secret_values(env), (std::vector<std::string>{"abcdefgh12", "0123456789abcdef"}));
}

TEST(Redact, LargeHostileTextIsLinear) {
  std::string text;
  for (int i = 0; i < 60'000; ++i) text += "-----BEGIN PRIVATE KEY-----x://a:";
  const auto start = std::chrono::steady_clock::now();
  (void)redact(text);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

}  // namespace
}  // namespace baton
