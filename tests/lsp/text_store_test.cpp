#include "lsp/text_store.h"

#include <gtest/gtest.h>

#include <random>

namespace baton {
namespace {

using enum PositionEncoding;

void check_offset(std::string_view text, Position position, PositionEncoding encoding, std::size_t expected) {
  EXPECT_EQ(TextStore(text).offset_of(position, encoding), expected)
      << testing::PrintToString(text) << " " << position.line << ":" << position.character;
}

TEST(TextStore, Offsets) {
  check_offset("", {0, 0}, utf16, 0);
  check_offset("", {3, 7}, utf16, 0);
  check_offset("ab\ncd", {1, 1}, utf16, 4);
  check_offset("ab\ncd", {0, 9}, utf16, 2);     // beyond the line's end: its end
  check_offset("ab\r\ncd", {0, 9}, utf16, 2);
  check_offset("ab\r\ncd", {1, 0}, utf16, 4);
  check_offset("ab\rcd", {1, 1}, utf16, 4);
  check_offset("ab\ncd", {2, 0}, utf16, 5);     // beyond the text: its end
  check_offset("ab\n", {1, 0}, utf16, 3);
  check_offset("a\xc3\xa4z", {0, 2}, utf16, 3);
  check_offset("a\xc3\xa4z", {0, 2}, utf8, 1);  // inside a character: its start
  check_offset("a\xc3\xa4z", {0, 3}, utf8, 3);
  check_offset("\xf0\x9f\x98\x80z", {0, 2}, utf16, 4);
  check_offset("\xf0\x9f\x98\x80z", {0, 1}, utf16, 0);
  check_offset("\xf0\x9f\x98\x80z", {0, 1}, utf32, 4);
  check_offset("\xf0\x9f\x98\x80z", {0, 4}, utf8, 4);
}

TEST(TextStore, LinesAcrossBlocks) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "line " + std::to_string(i) + "\r\n";
  const TextStore store(text);
  EXPECT_EQ(store.text(), text);
  EXPECT_EQ(store.line_count(), 5001);
  for (const int i : {0, 1, 511, 2500, 4999}) EXPECT_EQ(store.line(i), "line " + std::to_string(i));
  EXPECT_EQ(store.line(5000), "");
  EXPECT_EQ(store.line(5001), "");
}

TEST(TextStore, OneLongLine) {
  const std::string text(200'000, 'x');
  const TextStore store(text);
  EXPECT_EQ(store.offset_of({0, 150'000}, utf16), 150'000u);
  EXPECT_EQ(store.line(0).size(), text.size());
}

// The same edits on a plain string, on texts made to lie across blocks, agree in everything.
TEST(TextStore, RandomEditsAgreeWithAString) {
  std::mt19937 random(7);
  const std::vector<std::string> pieces = {"a", "\n", "\r", "\r\n", "\xc3\xa4", "\xf0\x9f\x98\x80", std::string(3000, 'q'), "xyz\nuvw\r\n"};
  const auto pick = [&](std::size_t below) { return static_cast<std::size_t>(random() % below); };
  for (int round = 0; round < 20; ++round) {
    std::string plain;
    TextStore store;
    for (int edit = 0; edit < 400; ++edit) {
      const auto boundary = [&](std::size_t at) {
        while (at < plain.size() && (static_cast<unsigned char>(plain[at]) & 0xc0) == 0x80) ++at;
        return at;
      };
      const std::size_t begin = boundary(pick(plain.size() + 1));
      const std::size_t end = pick(3) ? begin : boundary(begin + pick(plain.size() - begin + 1));
      const std::string& text = pieces[pick(pieces.size())];
      plain.replace(begin, end - begin, text);
      store.replace(begin, end, text);
      ASSERT_EQ(store.size(), plain.size());
    }
    ASSERT_EQ(store.text(), plain);
    int lines = 1;
    for (std::size_t i = 0; i < plain.size(); ++i) {
      lines += plain[i] == '\n' || (plain[i] == '\r' && !(i + 1 < plain.size() && plain[i + 1] == '\n'));
    }
    ASSERT_EQ(store.line_count(), lines);
    const TextStore fresh(plain);
    for (int probe = 0; probe < 100; ++probe) {
      const Position position{static_cast<std::uint32_t>(pick(static_cast<std::size_t>(lines) + 1)),
                              static_cast<std::uint32_t>(pick(40))};
      for (const auto encoding : {utf8, utf16, utf32}) {
        ASSERT_EQ(store.offset_of(position, encoding), fresh.offset_of(position, encoding));
      }
    }
  }
}

}  // namespace
}  // namespace baton
