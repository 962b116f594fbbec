// Every file of transcripts/ is a conversation; each is played, and what we said is held against the protocol's model.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/files.h"
#include "tests/lsp/transcript.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

fs::path folder() { return fs::path(BATON_SOURCE_DIR) / "tests/lsp/transcripts"; }

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& entry : fs::directory_iterator(folder())) {
    if (entry.path().extension() == ".txt") all.push_back(entry.path().stem().string());
  }
  std::sort(all.begin(), all.end());
  return all;
}

void check(const std::string& name) {
  const auto text = read_file(folder() / (name + ".txt"));
  ASSERT_TRUE(text.ok());
  const Played played = play(*text);
  EXPECT_EQ(played.failure, "");
  // What the client says in a table of bad input is bad on purpose.
  if (can_validate()) EXPECT_EQ(validate(played.recording, !name.starts_with("bad_")), "");
}

class Transcripts : public testing::TestWithParam<std::string> {};
TEST_P(Transcripts, Play) { check(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Files, Transcripts, testing::ValuesIn(names()), [](const auto& info) { return info.param; });

TEST(Validator, IsAtHand) {
  if (!can_validate()) GTEST_SKIP() << "no ../shared/data/lsp/validate.py: recordings are not held against the protocol's model";
}

}  // namespace
}  // namespace baton
