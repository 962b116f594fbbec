#include "support/framing.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace baton {
namespace {

constexpr std::string_view kContentLength = "content-length";
constexpr std::string_view kContentType = "content-type";
constexpr std::string_view kAboutContent = "content-";
constexpr std::size_t kMaxHeaderLine = 80;       // longest line that find_length accepts
constexpr std::size_t kKeepCapacity = 1u << 20;  // a buffer that once held more gives it back
constexpr std::size_t kCompactAbove = 64u << 10;
constexpr std::size_t kMaxLookedAt = 1u << 20;   // for a message that is whole

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_name_char(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') ||
         std::string_view("!#$%&'*+.^_`|~-").find(c) != std::string_view::npos;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower_case) {
  return text.size() == lower_case.size() &&
         std::equal(text.begin(), text.end(), lower_case.begin(), [](char a, char b) { return lower(a) == b; });
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 80)) out += c >= 0x20 && c < 0x7f ? c : '?';
  return out;
}

struct Found {
  std::size_t begin;
  std::uint64_t length;
};

// `Content-Length: <digits>` at the end of a line that stops at `line_end`; it need not be the whole line.
std::optional<Found> length_before(std::string_view text, std::size_t line_end) {
  std::size_t at = line_end;
  const std::size_t limit = line_end > kMaxHeaderLine ? line_end - kMaxHeaderLine : 0;
  if (at > limit && text[at - 1] == '\r') --at;
  while (at > limit && is_blank(text[at - 1])) --at;
  const std::size_t digits_end = at;
  while (at > limit && is_digit(text[at - 1])) --at;
  const std::string_view digits = text.substr(at, digits_end - at);
  while (at > limit && is_blank(text[at - 1])) --at;
  if (at == limit || text[at - 1] != ':' || digits.empty()) return std::nullopt;
  --at;
  while (at > limit && is_blank(text[at - 1])) --at;
  if (at < kContentLength.size()) return std::nullopt;
  const std::size_t begin = at - kContentLength.size();
  if (!equals_ignoring_case(text.substr(begin, kContentLength.size()), kContentLength)) return std::nullopt;
  Found found{begin, 0};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), found.length);
  (void)end;
  if (error != std::errc()) return std::nullopt;  // beyond 64 bits
  return found;
}

// The first such line in `text`, looking at line ends from `from` on.
std::optional<Found> find_length(std::string_view text, std::size_t from) {
  for (std::size_t end = text.find('\n', from); end != text.npos; end = text.find('\n', end + 1))
    if (const auto found = length_before(text, end)) return found;
  return std::nullopt;
}

std::string_view header_name(std::string_view line) {
  std::size_t end = 0;
  while (end < line.size() && is_name_char(line[end])) ++end;
  std::size_t colon = end;
  while (colon < line.size() && is_blank(line[colon])) ++colon;
  return colon < line.size() && line[colon] == ':' ? line.substr(0, end) : std::string_view();
}

bool begins_with(std::string_view text, std::string_view lower_case) {
  return equals_ignoring_case(text.substr(0, lower_case.size()), lower_case);
}

// A type that names a charset other than UTF-8, which the protocol also spells `utf8`.
bool names_other_charset(std::string_view type) {
  constexpr std::string_view kCharset = "charset=", kBlank = " \t\"";
  for (std::size_t at = 0; at < type.size(); ++at) {
    if (!begins_with(type.substr(at), kCharset)) continue;
    std::string_view name = type.substr(at + kCharset.size());
    name = name.substr(0, name.find(';'));
    while (!name.empty() && kBlank.find(name.front()) != kBlank.npos) name.remove_prefix(1);
    while (!name.empty() && kBlank.find(name.back()) != kBlank.npos) name.remove_suffix(1);
    return !equals_ignoring_case(name, "utf-8") && !equals_ignoring_case(name, "utf8");
  }
  return false;
}

bool begins_json(std::string_view text) {
  return text.starts_with('{') || text.starts_with('[');
}

}  // namespace

std::string_view to_string(FramingError kind) {
  switch (kind) {
    case FramingError::noise:
      return "bytes between messages";
    case FramingError::bad_header:
      return "a header block without a usable Content-Length";
    case FramingError::bad_charset:
      return "a message that is not UTF-8 by its header";
    case FramingError::bad_length:
      return "a Content-Length that is not true";
    case FramingError::too_large:
      return "a message that is too large";
    case FramingError::truncated:
      return "the end of the stream inside a message";
  }
  return "";
}

void HeaderFraming::feed(std::string_view bytes) {
  buffer_ += bytes;
}

std::optional<FramingEvent> HeaderFraming::next() {
  for (;;) {
    if (pending_) return std::exchange(pending_, std::nullopt);
    const State before = state_;
    const std::size_t left = buffered();
    if (state_ == State::headers) {
      if (auto event = read_headers()) return event;
    } else if (state_ == State::body) {
      if (auto event = read_body()) return event;
    } else {
      discard();
    }
    if (state_ == before && buffered() == left && !pending_) return std::nullopt;
  }
}

void HeaderFraming::finish() {
  if (inside_frame() || (!rest().empty() && !out_of_step_))
    pending_ = FramedError{FramingError::truncated, printable(rest())};
  consume(buffered());
  state_ = State::headers;
  block_ = {};
}

void HeaderFraming::abandon() {
  if (state_ == State::headers && !body_in_block()) return;
  if (state_ == State::headers) pending_ = FramedError{FramingError::bad_header, printable(rest())};
  if (state_ == State::body) pending_ = FramedError{FramingError::bad_length, printable(rest())};
  consume(buffered());
  state_ = State::headers;
  block_ = {};
  out_of_step_ = true;
}

bool HeaderFraming::holds_whole_message() const {
  if ((state_ != State::body && !body_in_block()) || buffered() > kMaxLookedAt) return false;
  int depth = 0;
  bool in_string = false, begun = false;
  for (std::size_t i = at_; i < buffer_.size(); ++i) {
    const char c = buffer_[i];
    if (in_string) {
      if (c == '\\') ++i;
      else if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
      begun = true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return begun && depth == 0 && !in_string;
}

bool HeaderFraming::body_in_block() const { return state_ == State::headers && began_block() && begins_json(rest()); }

// Line by line, each consumed as it is understood.
std::optional<FramingEvent> HeaderFraming::read_headers() {
  const std::string_view text = rest();
  const std::size_t end = text.find('\n', searched_);
  if (end != text.npos) {
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return take_line(line, end + 1);
  }
  searched_ = text.size();
  if (text.size() <= kMaxHeaderBytes) return std::nullopt;
  // No line of a header is that long. What may be the beginning of one stays.
  auto event = lost_step(FramingError::noise, text);
  block_ = {};
  tail_ = text.substr(text.size() - kMaxHeaderLine);
  consume(text.size());
  return event;
}

// `line` without its end; `size` with it. Consumes it.
std::optional<FramingEvent> HeaderFraming::take_line(std::string_view line, std::size_t size) {
  std::optional<FramingEvent> event;
  const std::string joined = tail_ + std::string(line) + "\n";
  const auto found = length_before(joined, joined.size() - 1);
  if (found) {
    // Glued to the remains of a body whose length was too short, or begun inside one whose length was too long, or after one without a
    // blank line before it.
    if (found->begin > tail_.size()) event = began_block() ? broken_block(line) : lost_step(FramingError::noise, line);
    block_.length = found->length;
    block_.about_content = true;
    block_.bytes += size;
  } else if (line.empty()) {
    block_.after_noise = block_.after_noise && block_.bytes > 0;
    if (block_.bytes > 0) {
      tail_.clear();
      consume(size);
      return end_block();
    }
  } else if (const std::string_view name = header_name(line); !name.empty()) {
    take_header(name, line, size);
  } else if (began_block() && begins_json(line)) {
    event = broken_block(line);
  } else if (begins_with(line, kAboutContent)) {  // a header without its colon
    block_.bytes += size;
    block_.about_content = true;
  } else if (!block_.length) {
    event = lost_step(FramingError::noise, line);
    block_ = {};
    block_.after_noise = true;
  }
  if (block_.bytes > kMaxHeaderBytes) {
    event = lost_step(FramingError::bad_header, line);
    block_ = {};
  }
  tail_.clear();
  consume(size);
  return event;
}

void HeaderFraming::take_header(std::string_view name, std::string_view line, std::size_t size) {
  block_.bytes += size;
  if (begins_with(name, kAboutContent)) block_.about_content = true;
  if (equals_ignoring_case(name, kContentLength)) block_.length.reset();
  if (equals_ignoring_case(name, kContentType)) block_.other_charset = names_other_charset(line);
}

// A block is a message that somebody sent: each that is none is answered, unlike noise, told once a run.
std::optional<FramingEvent> HeaderFraming::broken_block(std::string_view met) {
  block_ = {};
  out_of_step_ = true;
  return fail(FramingError::bad_header, met);
}

std::optional<FramingEvent> HeaderFraming::end_block() {
  const Block block = std::exchange(block_, {});
  if (!block.length && !block.about_content && block.after_noise) return lost_step(FramingError::noise, "");
  if (!block.length) return broken_block("");
  out_of_step_ = false;
  length_ = *block.length;
  searched_ = 0;
  if (block.other_charset && length_ <= max_message_) {
    state_ = State::discard;
    return fail(FramingError::bad_charset, "");
  }
  if (length_ <= max_message_) {
    state_ = State::body;
    return std::nullopt;
  }
  state_ = State::discard;
  return fail(FramingError::too_large, std::to_string(length_) + " bytes announced");
}

std::optional<FramingEvent> HeaderFraming::read_body() {
  const auto length = static_cast<std::size_t>(length_);
  const std::string_view text = rest().substr(0, length);
  if (const auto found = find_length(text, searched_)) {
    auto event = fail(FramingError::bad_length, text);
    consume(found->begin);
    state_ = State::headers;
    return event;
  }
  searched_ = text.size();
  if (text.size() < length) return std::nullopt;
  FramedMessage message{std::string(text)};
  tail_ = text.substr(text.size() - std::min(text.size(), kMaxHeaderLine));
  consume(length);
  state_ = State::headers;
  return message;
}

void HeaderFraming::discard() {
  const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(length_, buffered()));
  const std::string_view text = rest().substr(0, length);
  if (const auto found = find_length(text, searched_)) {
    consume(found->begin);
    state_ = State::headers;
    return;
  }
  const bool last = length == length_;
  const std::size_t keep = last ? 0 : std::min(length, kMaxHeaderLine);  // a header may have begun there
  if (last) {
    tail_ = text.substr(text.size() - std::min(text.size(), kMaxHeaderLine));
    state_ = State::headers;
  }
  length_ -= length - keep;
  consume(length - keep);
  searched_ = last ? 0 : keep;
}

std::optional<FramingEvent> HeaderFraming::fail(FramingError kind, std::string_view met) {
  return FramedError{kind, printable(met)};
}

std::optional<FramingEvent> HeaderFraming::lost_step(FramingError kind, std::string_view met) {
  if (std::exchange(out_of_step_, true)) return std::nullopt;
  return fail(kind, met);
}

void HeaderFraming::consume(std::size_t bytes) {
  at_ += bytes;
  searched_ = 0;
  if (at_ == buffer_.size()) {
    buffer_.clear();
    at_ = 0;
    if (buffer_.capacity() > kKeepCapacity) buffer_.shrink_to_fit();
  } else if (at_ > kCompactAbove && at_ > buffer_.size() / 2) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
}

void LineFraming::feed(std::string_view bytes) {
  if (at_ > 0) buffer_.erase(0, std::exchange(at_, 0));
  buffer_ += bytes;
}

std::optional<FramingEvent> LineFraming::next() {
  for (;;) {
    const std::string_view text = std::string_view(buffer_).substr(at_);
    std::size_t end = text.find('\n', searched_);
    if (end == text.npos && finished_ && !text.empty()) end = text.size();
    if (end == text.npos) {
      searched_ = text.size();
      if (!discarding_ && text.size() <= max_message_) return std::nullopt;
      const bool first = !std::exchange(discarding_, true);
      const std::string detail = printable(text);
      buffer_.clear();
      buffer_.shrink_to_fit();
      at_ = searched_ = 0;
      if (first) return FramedError{FramingError::too_large, detail};
      return std::nullopt;
    }
    std::string_view line = text.substr(0, end);
    at_ = std::min(buffer_.size(), at_ + end + 1);
    searched_ = 0;
    if (std::exchange(discarding_, false)) continue;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() > max_message_) return FramedError{FramingError::too_large, printable(line)};
    if (!line.empty()) return FramedMessage{std::string(line)};
  }
}

std::string frame(std::string_view body) {
  std::string out = "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  out += body;
  return out;
}

}  // namespace baton
