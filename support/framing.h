// JSON-RPC framing as incremental byte parsers: bytes in, messages and errors out, no input or output of their own.
//
// HeaderFraming is the base protocol of LSP (a header block, a blank line, `Content-Length` bytes); LineFraming is one
// message a line (agents and MCP over stdio). Neither allocates for an announced length, only for bytes that arrived;
// both are bounded by their cap plus one feed; after anything wrong they find the next frame by themselves. One thread
// at a time.
//
// A length that is not true is caught early: a line `Content-Length: <digits>` cannot be part of JSON text, whose
// strings hold no raw line ends, so where one appears inside an announced body the next frame has begun. Source:
// LSP 3.17, base protocol.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace baton {

constexpr std::size_t kMaxMessageBytes = 64u << 20;

enum class FramingError {
  noise,       // bytes between frames that are no header: skipped
  bad_header,  // a header block without a usable Content-Length, without an end, or too long: skipped
  bad_charset, // a message in another encoding than UTF-8: skipped, the stream stays in step
  bad_length,  // the announced length was not true: the next frame began inside the body, and is kept
  too_large,   // a message over the cap: discarded, the stream stays in step
  truncated,   // the stream ended inside a frame
};
std::string_view to_string(FramingError kind);

struct FramedMessage {
  std::string body;  // as it came: perhaps not JSON, perhaps not text
};
struct FramedError {
  FramingError kind;
  std::string detail;  // for the log: the first of what was met, printable
};
using FramingEvent = std::variant<FramedMessage, FramedError>;

class HeaderFraming {
 public:
  static constexpr std::size_t kMaxHeaderBytes = 16u << 10;  // of one block, and of one line

  explicit HeaderFraming(std::size_t max_message = kMaxMessageBytes) : max_message_(max_message) {}
  void feed(std::string_view bytes);
  std::optional<FramingEvent> next();  // nothing: feed more
  void finish();                       // no more bytes will come
  // The body that is being waited for will not come (silence for too long): back to searching a header.
  void abandon();
  // What has arrived of the body is JSON from its first bracket to its last.
  bool holds_whole_message() const;
  bool inside_frame() const { return state_ != State::headers || block_.bytes > 0; }
  std::size_t buffered() const { return buffer_.size() - at_; }

 private:
  enum class State { headers, body, discard };
  struct Block {  // the header block so far
    std::size_t bytes = 0;
    std::optional<std::uint64_t> length;
    bool about_content = false;  // some Content-... header was there, if only a broken one
    bool other_charset = false;  // than UTF-8
    bool after_noise = false;    // what looks like headers belongs to it
  };

  std::optional<FramingEvent> read_headers();
  std::optional<FramingEvent> take_line(std::string_view line, std::size_t size);
  void take_header(std::string_view name, std::string_view line, std::size_t size);
  bool began_block() const { return block_.length || block_.about_content; }
  std::optional<FramingEvent> broken_block(std::string_view met);
  std::optional<FramingEvent> end_block();
  std::optional<FramingEvent> read_body();
  void discard();
  bool body_in_block() const;  // where the blank line before it should be
  std::optional<FramingEvent> fail(FramingError kind, std::string_view met);
  std::optional<FramingEvent> lost_step(FramingError kind, std::string_view met);
  std::string_view rest() const { return std::string_view(buffer_).substr(at_); }
  void consume(std::size_t bytes);

  const std::size_t max_message_;
  std::string buffer_;
  std::size_t at_ = 0;        // consumed up to here
  std::size_t searched_ = 0;  // of rest(): no line end before
  State state_ = State::headers;
  Block block_;
  std::uint64_t length_ = 0;  // of the body, or what is still to be discarded
  std::string tail_;          // end of the body before, where a header may have begun
  std::optional<FramedError> pending_;
  bool out_of_step_ = false;  // one error for a run of what cannot be read, not one a piece
};

class LineFraming {
 public:
  explicit LineFraming(std::size_t max_message = kMaxMessageBytes) : max_message_(max_message) {}
  void feed(std::string_view bytes);
  std::optional<FramingEvent> next();  // empty lines are skipped; a final `\r` is not part of the message
  void finish() { finished_ = true; }  // no more bytes will come: what stands there is the last line

 private:
  const std::size_t max_message_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::size_t searched_ = 0;
  bool discarding_ = false;
  bool finished_ = false;
};

// A frame with its header block, ready to be written.
std::string frame(std::string_view body);

}  // namespace baton
