#include "support/framing.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>
#include <vector>

namespace baton {
namespace {

std::string show(const FramingEvent& event) {
  if (const auto* message = std::get_if<FramedMessage>(&event)) return "<" + message->body + ">";
  switch (std::get<FramedError>(event).kind) {
    case FramingError::noise:
      return "noise";
    case FramingError::bad_header:
      return "bad_header";
    case FramingError::bad_charset:
      return "bad_charset";
    case FramingError::bad_length:
      return "bad_length";
    case FramingError::too_large:
      return "too_large";
    case FramingError::truncated:
      return "truncated";
  }
  return "?";
}

template <class Framing>
std::string drain(Framing& framing) {
  std::string events;
  while (auto event = framing.next()) events += show(*event) + " ";
  return events;
}

template <class Framing>
std::string read(const std::vector<std::string>& pieces, std::size_t max) {
  Framing framing(max);
  std::string events;
  for (const auto& piece : pieces) {
    framing.feed(piece);
    events += drain(framing);
  }
  framing.finish();
  events += drain(framing);
  if (!events.empty()) events.pop_back();
  return events;
}

// The same whole, cut in two at every byte, and byte by byte.
template <class Framing>
void check(const std::string& input, const std::string& expected, std::size_t max = 1000) {
  EXPECT_EQ(read<Framing>({input}, max), expected) << input;
  for (std::size_t cut = 1; cut < input.size(); ++cut)
    ASSERT_EQ(read<Framing>({input.substr(0, cut), input.substr(cut)}, max), expected) << input << "\ncut at " << cut;
  std::vector<std::string> bytes;
  for (const char c : input) bytes.emplace_back(1, c);
  EXPECT_EQ(read<Framing>(bytes, max), expected) << input;
}

TEST(HeaderFraming, WellFormed) {
  check<HeaderFraming>("", "");
  check<HeaderFraming>("Content-Length: 2\r\n\r\n{}", "<{}>");
  check<HeaderFraming>(frame("{\"a\":1}") + frame("[]") + frame(""), "<{\"a\":1}> <[]> <>");
  check<HeaderFraming>("content-length:2\r\n\r\n{}", "<{}>");
  check<HeaderFraming>("CONTENT-LENGTH \t:  \t2  \r\n\r\n{}", "<{}>");
  check<HeaderFraming>("Content-Length: 2\n\n{}", "<{}>");
  check<HeaderFraming>("Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}",
                       "<{}>");
  check<HeaderFraming>("Content-Length: 2\r\nX-Other: y\r\n\r\n{}", "<{}>");
  check<HeaderFraming>("Content-Length: 0002\r\n\r\n{}", "<{}>");
  check<HeaderFraming>("\r\n\r\nContent-Length: 2\r\n\r\n{}\r\n" + frame("[]"), "<{}> <[]>");
  check<HeaderFraming>(frame("{\n  \"a\": \"Content-Length: 5\"\n}"), "<{\n  \"a\": \"Content-Length: 5\"\n}>");
  check<HeaderFraming>(frame(std::string("\0\xff\xfe\n", 4)), std::string("<\0\xff\xfe\n>", 6));
}

TEST(HeaderFraming, LengthMissingOrNoNumber) {
  for (const char* header : {"Content-Type: x", "Content-Length: abc", "Content-Length:", "Content-Length: -5",
                             "Content-Length: +2", "Content-Length: 2 2", "Content-Length: 0x10", "Content-Length: 2.5",
                             "Content-Length: 99999999999999999999999999"})
    check<HeaderFraming>(std::string(header) + "\r\n\r\n{\"id\":1}" + frame("[]"), "bad_header <[]>");
  check<HeaderFraming>("Content-Length: x\r\n\r\n{}", "bad_header");
  check<HeaderFraming>("Content-Length: x\r\nContent-Length: 2\r\n\r\n{}", "<{}>");
}

TEST(HeaderFraming, EveryBlockWithoutALengthIsTold) {
  for (const char* header : {"Foo: bar", "ContentLength: 8", "Content-Length 8", "Length: 8\r\nOther: 9"}) {
    check<HeaderFraming>(std::string(header) + "\r\n\r\n{\"id\":1}" + frame("[]"), "bad_header <[]>");
    check<HeaderFraming>(std::string(header) + "\r\n\r\n" + header + "\r\n\r\n" + frame("[]"), "bad_header bad_header <[]>");
  }
}

TEST(HeaderFraming, ABodyWithoutABlankLineBeforeItIsTold) {
  check<HeaderFraming>("Content-Length: 8\r\n{\"id\":1}" + frame("[]"), "bad_header <[]>");
  check<HeaderFraming>("Content-Length: 8\r\n{\"id\":1}\r\n" + frame("[]"), "bad_header <[]>");
  check<HeaderFraming>("Content-Length: 3\r\n[\n]" + frame("[]"), "bad_header <[]>");
  HeaderFraming framing;
  framing.feed("Content-Length: 8\r\n{\"id\":1");
  EXPECT_EQ(drain(framing), "");
  EXPECT_FALSE(framing.holds_whole_message());
  framing.feed("}");
  EXPECT_EQ(drain(framing), "");
  EXPECT_TRUE(framing.holds_whole_message());
  framing.abandon();
  EXPECT_EQ(drain(framing), "bad_header ");
  EXPECT_FALSE(framing.inside_frame());
  // A block whose end is late is waited for.
  framing.feed("Content-Length: 2\r\n");
  framing.abandon();
  framing.feed("\r\n[]");
  EXPECT_EQ(drain(framing), "<[]> ");
}

TEST(HeaderFraming, AnotherCharsetIsRefused) {
  const std::string type = "Content-Type: application/vscode-jsonrpc; ";
  for (const char* charset : {"charset=utf-8", "charset=UTF8", "Charset=\"utf-8\"; x=y", "x=y"}) {
    check<HeaderFraming>(type + charset + "\r\nContent-Length: 2\r\n\r\n{}", "<{}>");
  }
  for (const char* charset : {"charset=utf-16", "x=y; charset=latin1", "charset=\"us-ascii\"", "charset="}) {
    check<HeaderFraming>(type + charset + "\r\nContent-Length: 2\r\n\r\n{}" + frame("[]"), "bad_charset <[]>");
    check<HeaderFraming>("Content-Length: 2\r\n" + type + charset + "\r\n\r\n{}" + frame("[]"), "bad_charset <[]>");
  }
}

TEST(HeaderFraming, LengthNotTrue) {
  const std::string next = frame("[]");
  // Too long: the next frame begins inside.
  check<HeaderFraming>("Content-Length: 500\r\n\r\n{\"id\":1}" + next, "bad_length <[]>");
  check<HeaderFraming>("Content-Length: 500\r\n\r\n{\"id\":1}\r\n" + next + next, "bad_length <[]> <[]>");
  // Too long by so little that the header is torn: the body is for the JSON parser to refuse, the next frame is found.
  check<HeaderFraming>("Content-Length: 7\r\n\r\n{}" + next, "<{}Conte> <[]>");
  check<HeaderFraming>("Content-Length: 20\r\n\r\n{}" + next, "<{}Content-Length: 2\r> <[]>");
  // Too short, as when characters were counted and not bytes.
  check<HeaderFraming>("Content-Length: 5\r\n\r\n{\"id\":1}" + next, "<{\"id\"> noise <[]>");
  // Nothing more comes.
  check<HeaderFraming>("Content-Length: 500\r\n\r\n{\"id\":1}", "truncated");
}

TEST(HeaderFraming, SilenceInsideABodyCanBeGivenUp) {
  HeaderFraming framing;
  framing.feed("Content-Length: 500\r\n\r\n{}");
  EXPECT_EQ(drain(framing), "");
  EXPECT_TRUE(framing.inside_frame());
  framing.abandon();
  EXPECT_EQ(drain(framing), "bad_length ");
  EXPECT_FALSE(framing.inside_frame());
  framing.feed("late rest" + frame("[]"));
  EXPECT_EQ(drain(framing), "<[]> ");
  framing.abandon();
  EXPECT_EQ(drain(framing), "");
}

TEST(HeaderFraming, TooLarge) {
  const std::string big(2000, 'x');
  check<HeaderFraming>("Content-Length: 2000\r\n\r\n" + big + frame("[]"), "too_large <[]>");
  check<HeaderFraming>("Content-Length: 2000\r\n\r\n" + big + frame("[]") + frame("{}"), "too_large <[]> <{}>");
  // Too large and not true.
  check<HeaderFraming>("Content-Length: 99999999999\r\n\r\n{}" + frame("[]"), "too_large <[]>");
  check<HeaderFraming>("Content-Length: 99999999999\r\n\r\n" + big + "\r\n" + frame("[]"), "too_large <[]>");
  check<HeaderFraming>("Content-Length: 1001\r\n\r\n" + std::string(995, 'x') + frame("[]"), "too_large <[]>");
  check<HeaderFraming>("Content-Length: 18446744073709551615\r\n\r\n", "too_large truncated");
}

TEST(HeaderFraming, Noise) {
  const std::string next = frame("[]");
  check<HeaderFraming>("hello\n" + next, "noise <[]>");
  check<HeaderFraming>("one\ntwo\nthree\n\n" + next + "four\n" + next, "noise <[]> noise <[]>");
  check<HeaderFraming>("no line end" + next, "noise <[]>");
  check<HeaderFraming>("INFO: looks like a header\n" + next, "<[]>");
  check<HeaderFraming>("INFO: looks like a block\n\n" + next, "bad_header <[]>");
  check<HeaderFraming>("GET / HTTP/1.1\r\nHost: x\r\n\r\n" + next, "noise <[]>");
  check<HeaderFraming>("got Content-Length: 5\nfoo\n" + next, "noise <[]>");
  check<HeaderFraming>(std::string("\0\x01\xff\n", 4) + next, "noise <[]>");
  check<HeaderFraming>("{\"jsonrpc\":\"2.0\"}", "truncated");
}

TEST(HeaderFraming, TheBlockIsBounded) {
  HeaderFraming framing;
  std::string events;
  for (int i = 0; i < 1000; ++i) {
    framing.feed("X-Header: " + std::string(90, 'y') + "\r\n");
    events += drain(framing);
  }
  for (int i = 0; i < 100; ++i) {
    framing.feed(std::string(10'000, 'z'));
    events += drain(framing);
    EXPECT_LT(framing.buffered(), 40'000u);
  }
  framing.feed(frame("[]"));
  EXPECT_EQ(events + drain(framing), "bad_header <[]> ");
}

TEST(HeaderFraming, MemoryFollowsWhatArrivedNotWhatWasAnnounced) {
  HeaderFraming framing;
  framing.feed("Content-Length: 9999999999\r\n\r\n");
  EXPECT_EQ(drain(framing), "too_large ");
  const std::string chunk(1 << 20, 'x');
  for (int i = 0; i < 50; ++i) {
    framing.feed(chunk);
    EXPECT_EQ(drain(framing), "");
    EXPECT_LT(framing.buffered(), 1000u);
  }
  framing.feed("\r\n" + frame("[]"));
  EXPECT_EQ(drain(framing), "<[]> ");
}

TEST(HeaderFraming, ManySmallPiecesOfALargeBodyAreLinear) {
  const std::string body = "[" + std::string(4 << 20, '\n') + "]";
  const std::string framed = frame(body);
  HeaderFraming framing;
  const auto start = std::chrono::steady_clock::now();
  std::string got;
  for (std::size_t at = 0; at < framed.size(); at += 512) {
    framing.feed(std::string_view(framed).substr(at, 512));
    while (auto event = framing.next()) got = std::get<FramedMessage>(*event).body;
  }
  EXPECT_EQ(got.size(), body.size());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

TEST(HeaderFraming, AnyBytesAreSurvivedAndAFrameAfterThemIsFound) {
  std::mt19937 random(7);
  const std::vector<std::string> parts{"Content-Length: ", "5",         "\r\n", "\n", "{}", "x", ":", "99",
                                       "Content-",         frame("{}"), " "};
  for (int round = 0; round < 3000; ++round) {
    HeaderFraming framing(1000);
    for (int i = 0; i < 12; ++i) framing.feed(parts[random() % parts.size()]);
    (void)drain(framing);
    // Two frames: the first may be swallowed by what was announced before.
    framing.feed("\r\n" + std::string(1100, ' ') + "\r\n" + frame("[1]") + frame("[2]"));
    ASSERT_NE(drain(framing).find("<[2]>"), std::string::npos) << round;
  }
}

TEST(LineFraming, Table) {
  check<LineFraming>("", "");
  check<LineFraming>("{}\n[]\r\n\n\r\n1\n", "<{}> <[]> <1>");
  check<LineFraming>("{}", "<{}>");
  check<LineFraming>("0123456789\n{}\n", "too_large <{}>", 8);
  check<LineFraming>("01234567\n{}\n", "<01234567> <{}>", 8);
}

}  // namespace
}  // namespace baton
