// Random input against framing, JSON, the session and document sync, each with something that must hold.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "lsp/methods.h"
#include "lsp/session.h"
#include "support/framing.h"
#include "support/json.h"
#include "support/log.h"
#include "tests/support/fuzz.h"

namespace baton {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

// Frames in pieces of any size.
std::vector<FramingEvent> fed(Dice& dice, HeaderFraming& framing, std::string_view stream) {
  std::vector<FramingEvent> events;
  while (!stream.empty()) {
    const std::size_t size = std::min(stream.size(), dice.below(dice.one_in(3) ? 4 : 200) + 1);
    framing.feed(stream.substr(0, size));
    stream.remove_prefix(size);
    while (auto event = framing.next()) events.push_back(std::move(*event));
  }
  return events;
}

std::string head(Dice& dice, std::size_t length) {
  constexpr std::string_view kNames[] = {"Content-Length", "content-length", "CONTENT-LENGTH", "Content-length"};
  constexpr std::string_view kOthers[] = {"", "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\n", "X: \r\n"};
  constexpr std::string_view kBlanks[] = {"", " ", "  \t"};
  std::string text(dice.pick(kOthers));
  text += dice.pick(kNames);
  text += ":";
  text += dice.pick(kBlanks);
  text += std::to_string(length);
  text += dice.pick(kBlanks);
  return text + "\r\n" + std::string(dice.pick(kOthers)) + "\r\n";
}

TEST(Fuzz, FramesComeThroughWholeAndInOrder) {
  fuzz([](Dice& dice) -> std::string {
    HeaderFraming framing;
    std::vector<std::string> bodies;
    std::string stream;
    for (std::size_t n = dice.below(8) + 1; n > 0; --n) {
      bodies.push_back(bytes(dice, dice.below(300)));
      stream += head(dice, bodies.back().size()) + bodies.back();
    }
    const auto events = fed(dice, framing, stream);
    if (events.size() != bodies.size()) return "other events than frames";
    for (std::size_t i = 0; i < events.size(); ++i) {
      const auto* message = std::get_if<FramedMessage>(&events[i]);
      if (!message || message->body != bodies[i]) return "frame " + std::to_string(i) + " is another";
    }
    return framing.inside_frame() || framing.buffered() != 0 ? "something is left" : "";
  });
}

TEST(Fuzz, AfterAnyBytesTheNextFrameIsFound) {
  fuzz([](Dice& dice) -> std::string {
    HeaderFraming framing(4096);
    std::string stream;
    for (std::size_t n = dice.below(6) + 1; n > 0; --n) {
      std::string part = dice.one_in(3) ? bytes(dice, dice.below(200)) : head(dice, dice.below(1000)) + bytes(dice, dice.below(400));
      if (dice.one_in(2)) mutate(dice, part);
      stream += part;
    }
    fed(dice, framing, stream);
    if (dice.one_in(4)) framing.abandon();
    while (framing.next()) {
    }
    // The second one: the first may be taken for the end of a line that had begun.
    const auto events = fed(dice, framing, frame("{\"id\":1}") + frame("{\"id\":2}"));
    const auto* last = events.empty() ? nullptr : std::get_if<FramedMessage>(&events.back());
    return last && last->body == "{\"id\":2}" ? "" : "the frame was not found after " + testing::PrintToString(stream);
  });
}

json any_json(Dice& dice, int depth) {
  constexpr std::int64_t kNumbers[] = {0, 1, -1, 7, 255, 65536, 2147483647, 2147483648, 4294967295, 4294967296, 9007199254740993, -9223372036854775807};
  const std::string texts[] = {"", "a", "file:///w/a.txt", "untitled:1", "\xf0\x9f\x98\x80", std::string("\0", 1), "baton.verify", "textDocument", "..."};
  switch (dice.below(depth > 0 ? 8 : 6)) {
    case 0: return nullptr;
    case 1: return dice.one_in(2);
    case 2: return dice.pick(kNumbers);
    case 3: return static_cast<double>(dice.below(1000)) / 7;
    case 4:
    case 5: return dice.pick(texts);
    case 6: {
      json list = json::array();
      for (std::size_t n = dice.below(4); n > 0; --n) list.push_back(any_json(dice, depth - 1));
      return list;
    }
    default: {
      json object = json::object();
      for (std::size_t n = dice.below(4); n > 0; --n) object[dice.pick(texts)] = any_json(dice, depth - 1);
      return object;
    }
  }
}

json range(Dice& dice) {
  const auto place = [&] { return json{{"line", dice.below(6)}, {"character", dice.below(9)}}; };
  return {{"start", place()}, {"end", place()}};
}

// What a client may say, near enough to the protocol to reach what lies behind it.
json params(Dice& dice, std::string_view method) {
  constexpr const char* kUris[] = {"file:///w/a.txt", "file:///w/%61.txt", "file:///w/b.txt", "untitled:Untitled-1", "", "nonsense"};
  const json document = {{"uri", dice.pick(kUris)}, {"languageId", "c"}, {"version", dice.below(9)}, {"text", "one\ntwo \xf0\x9f\x98\x80\r\nthree"}};
  if (method == "initialize") return {{"processId", nullptr}, {"rootUri", "file:///w"}, {"capabilities", any_json(dice, 3)}};
  if (method == "textDocument/didChange") {
    json change = {{"text", "x\n"}};
    if (!dice.one_in(4)) change["range"] = range(dice);
    return {{"textDocument", document}, {"contentChanges", {change}}};
  }
  if (method == "workspace/executeCommand") {
    return {{"command", dice.pick(commands()).name}, {"arguments", {dice.one_in(2) ? json{{"uri", dice.pick(kUris)}} : any_json(dice, 2)}}};
  }
  if (method == "workspace/didChangeWorkspaceFolders") {
    const json folder = {{"uri", dice.pick(kUris)}, {"name", "w"}};
    return {{"event", {{"added", {folder}}, {"removed", {folder}}}}};
  }
  if (method == "$/cancelRequest") return {{"id", dice.below(100)}};
  if (method.starts_with("textDocument/")) return {{"textDocument", document}, {"range", range(dice)}, {"context", {{"diagnostics", json::array()}}}};
  return any_json(dice, 2);
}

// One place anywhere inside becomes something else.
void corrupt(Dice& dice, json& value) {
  if (value.is_structured() && !value.empty() && !dice.one_in(4)) {
    auto at = value.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(dice.below(value.size())));
    return corrupt(dice, *at);
  }
  value = any_json(dice, 2);
}

std::string any_message(Dice& dice, int number) {
  const Method& method = dice.pick(methods());
  const bool request = dice.one_in(10) ? dice.one_in(2) : method.kind == MethodKind::request;
  json message = {{"jsonrpc", "2.0"}, {"method", method.name}, {"params", params(dice, method.name)}};
  if (request) message["id"] = dice.one_in(2) ? json(number) : json(std::to_string(number));
  if (dice.one_in(3)) corrupt(dice, message["params"]);
  if (dice.one_in(20)) corrupt(dice, message);
  std::string text = dump_json(message);
  if (dice.one_in(20)) mutate(dice, text);
  return text;
}

TEST(Fuzz, JsonIsReadOrRefused) {
  fuzz([](Dice& dice) -> std::string {
    std::string text = dump_json(any_json(dice, 5));
    if (dice.one_in(2)) mutate(dice, text);
    const auto read = parse_json(text);
    if (!read) return read.error().message.empty() ? "refused without a word" : "";
    const auto again = parse_json(dump_json(*read));
    return again && *again == *read ? "" : "it is another one when written and read: " + testing::PrintToString(text);
  });
}

// The answers that a session gave, and what it still owes.
struct Ledger {
  std::multimap<std::string, int> owed;
  std::string fault;

  void take(const std::string& text) {
    const auto message = parse_json(text);
    if (!message || !message->is_object()) fault = "no JSON object: " + text;
    else if (!message->contains("method") && !(*message)["id"].is_null()) settle(dump_json((*message)["id"]), text);
  }
  void settle(const std::string& id, const std::string& text) {
    const auto found = owed.find(id);
    if (found == owed.end()) fault = "nobody asked for " + text;
    else owed.erase(found);
  }
};

TEST(Fuzz, EveryRequestIsAnsweredOnce) {
  fuzz([](Dice& dice) -> std::string {
    Ledger ledger;
    Loop loop;
    bool ended = false;
    SessionHost host;
    host.send = [&](std::string text, const std::string&) { ledger.take(text); };
    host.end = [&](int) { ended = true; };
    host.watch = [](std::int64_t) {};
    const OpenEngine none = [](const std::filesystem::path&, const Environment&) -> Result<std::unique_ptr<Engine>> {
      return Error{ErrorKind::precondition, "There is no repository here."};
    };
    Session session(loop, std::move(host), none, {}, {});
    const auto say = [&](const std::string& text) {
      set_log_level(LogLevel::error);  // again: the client may have turned it up
      Message message = parse_message(text);
      if (const auto* request = std::get_if<Request>(&message)) ledger.owed.emplace(request->id, 0);
      session.receive(std::move(message));
    };
    if (!dice.one_in(8)) say(R"({"jsonrpc":"2.0","id":-1,"method":"initialize","params":{"capabilities":{}}})");
    for (int n = 0; n < 60 && !ended && ledger.fault.empty(); ++n) say(any_message(dice, n));
    // What workers still have in hand comes in by the loop.
    const auto deadline = Clock::now() + std::chrono::seconds(30);
    const std::function<void()> look = [&] {
      if (ended || ledger.owed.empty() || Clock::now() > deadline) loop.stop();
      else loop.after(std::chrono::milliseconds(1), look);
    };
    look();
    loop.run();
    if (ledger.fault.empty() && !ended && !ledger.owed.empty()) ledger.fault = ledger.owed.begin()->first + " was never answered";
    session.finish(deadline);
    return ledger.fault;
  });
}

// The plainest reading of the protocol, to hold documents against.
class PlainText {
 public:
  explicit PlainText(std::string text) : text_(std::move(text)) {}
  const std::string& text() const { return text_; }

  void edit(const Range& range, PositionEncoding encoding, std::string_view text) {
    const std::size_t begin = offset(range.start, encoding);
    text_.replace(begin, std::max(offset(range.end, encoding), begin) - begin, text);
  }

 private:
  std::size_t offset(Position at, PositionEncoding encoding) const {
    std::size_t i = 0;
    for (; at.line > 0; --at.line) {
      i = text_.find_first_of("\r\n", i);
      if (i == std::string::npos) return text_.size();
      i += text_.compare(i, 2, "\r\n") == 0 ? 2 : 1;
    }
    while (i < text_.size() && text_[i] != '\r' && text_[i] != '\n') {
      const auto lead = static_cast<unsigned char>(text_[i]);
      const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
      const std::size_t units = encoding == PositionEncoding::utf8 ? size : encoding == PositionEncoding::utf16 && size == 4 ? 2 : 1;
      if (at.character < units) break;
      at.character -= static_cast<std::uint32_t>(units);
      i += size;
    }
    return i;
  }

  std::string text_;
};

std::string any_text(Dice& dice, std::size_t length) {
  constexpr std::string_view kPieces[] = {"a", "b", " ", "\n", "\r\n", "\r", "\xc3\xa9", "\xe2\x98\x83", "\xf0\x9f\x98\x80", "word ", "a line that is longer than others"};
  std::string text;
  for (; length > 0; --length) text += dice.pick(kPieces);
  return text;
}

TEST(Fuzz, DocumentsAreWhatTheEditorShows) {
  fuzz([](Dice& dice) -> std::string {
    constexpr PositionEncoding kEncodings[] = {PositionEncoding::utf8, PositionEncoding::utf16, PositionEncoding::utf32};
    const PositionEncoding encoding = dice.pick(kEncodings);
    const std::string uri = "file:///w/a.txt";
    PlainText plain(any_text(dice, dice.below(dice.one_in(4) ? 4000 : 60)));
    Documents documents;
    documents.use(encoding);
    documents.open({uri, "c", plain.text(), 1});
    const auto lines = static_cast<std::size_t>(documents.find(uri)->store.line_count());
    const auto place = [&] {
      return Position{static_cast<std::uint32_t>(dice.below(lines + 3)), static_cast<std::uint32_t>(dice.below(dice.one_in(5) ? 4000 : 30))};
    };
    for (std::int64_t version = 2; version < 40; ++version) {
      DidChangeParams change{uri, version, {}};
      for (std::size_t n = dice.below(3) + 1; n > 0; --n) {
        const std::string text = any_text(dice, dice.below(dice.one_in(20) ? 2000 : 6));
        if (dice.one_in(30)) {
          plain = PlainText(text);
          change.changes.push_back({std::nullopt, text});
          continue;
        }
        Range at{place(), place()};
        if (at.end < at.start) std::swap(at.start, at.end);
        plain.edit(at, encoding, text);
        change.changes.push_back({at, text});
      }
      if (const std::string complaint = documents.change(change); !complaint.empty()) return complaint;
      if (*documents.find(uri)->text() != plain.text()) return "the text is another at version " + std::to_string(version);
    }
    return "";
  });
}

}  // namespace
}  // namespace baton
