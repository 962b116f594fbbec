// Keys and signatures, and the text that carries them.
#include "support/signing.h"

#include <gtest/gtest.h>

#include "support/base64.h"
#include "support/files.h"

namespace baton {
namespace {

TEST(Signing, OneKeyForAFileAndItsSignaturesAlone) {
  const auto folder = TemporaryFolder::make("/tmp", "baton-signing-");
  ASSERT_TRUE(folder.ok());
  const auto file = folder->path() / "keys/evidence.pem";
  const auto key = SigningKey::of_file(file), again = SigningKey::of_file(file), other = SigningKey::of_file(folder->path() / "other.pem");
  ASSERT_TRUE(key.ok() && again.ok() && other.ok());
  EXPECT_EQ(key->public_half().id(), again->public_half().id());
  EXPECT_NE(key->public_half().id(), other->public_half().id());

  const std::string signature = key->sign("a verdict");
  EXPECT_EQ(signature.size(), 64u);
  const auto carried = PublicKey::from_pem(key->public_half().pem());
  ASSERT_TRUE(carried.ok());
  EXPECT_TRUE(carried->verifies("a verdict", signature));
  EXPECT_FALSE(carried->verifies("a verdict!", signature));
  EXPECT_FALSE(carried->verifies("a verdict", other->sign("a verdict")));
  EXPECT_FALSE(carried->verifies("a verdict", ""));

  ASSERT_TRUE(write_file(file, "no key").ok());
  EXPECT_FALSE(SigningKey::of_file(file).ok());
  EXPECT_FALSE(PublicKey::from_pem("no key").ok());
}

// RFC 4648, section 10.
TEST(Base64, RoundTripsAndRefusesWhatItDoesNotWrite) {
  const std::vector<std::pair<std::string, std::string>> rows = {{"", ""},         {"f", "Zg=="},         {"fo", "Zm8="},        {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : rows) {
    EXPECT_EQ(to_base64(bytes), text);
    const auto back = from_base64(text);
    EXPECT_TRUE(back.ok() && *back == bytes) << text;
  }
  for (const char* text : {"Z", "Zg=", "Zh==", "Zg==\n", "Z===", "Zm9v Zg==", "Zm9vZg==Zm9v", "!!!!"}) EXPECT_FALSE(from_base64(text).ok()) << text;
}

}  // namespace
}  // namespace baton
