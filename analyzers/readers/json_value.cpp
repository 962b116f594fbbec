#include "analyzers/readers/json_value.h"

#include <algorithm>
#include <array>
#include <string>

namespace baton {
namespace {

// Bytes that a string's value is made of as they stand.
constexpr std::array<bool, 256> make_plain() {
  std::array<bool, 256> plain{};
  for (size_t c = 0; c < 256; ++c) plain[c] = c != '"' && c != '\\' && c != '\n';
  return plain;
}
constexpr std::array<bool, 256> kPlain = make_plain();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Value of the four hexadecimal digits at `at`; -1 when they are none.
int hexadecimal(std::string_view text, size_t at) {
  if (at + 4 > text.size()) return -1;
  int value = 0;
  for (const char c : text.substr(at, 4)) {
    const int digit = is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

// At most four bytes, fewer than the escape has.
char* put_utf8(char* out, int code) {
  const auto tail = [&](int shift) { *out++ = static_cast<char>(0x80 | ((code >> shift) & 0x3F)); };
  if (code < 0x80) {
    *out++ = static_cast<char>(code);
  } else if (code < 0x800) {
    *out++ = static_cast<char>(0xC0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    *out++ = static_cast<char>(0xE0 | (code >> 12));
    tail(6);
    tail(0);
  } else {
    *out++ = static_cast<char>(0xF0 | (code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
  return out;
}

// Of the escape `\u` at `at`: its character, half a one made U+FFFD, and how many bytes it takes. Digits that are none: the letter u.
std::pair<int, size_t> escaped_character(std::string_view text, size_t at) {
  const int unit = hexadecimal(text, at + 2);
  if (unit < 0) return {'u', 2};
  if (unit < 0xD800 || unit > 0xDFFF) return {unit, 6};
  const bool another = unit < 0xDC00 && text.substr(std::min(text.size(), at + 6), 2) == "\\u";
  const int low = another ? hexadecimal(text, at + 8) : -1;
  if (low < 0xDC00 || low > 0xDFFF) return {0xFFFD, 6};
  return {0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00), 12};
}

}  // namespace

const Json& Json::no_items() {
  static const Json kNone(Kind::array, nullptr, 0);
  return kNone;
}

const Json* Json::find(std::string_view wanted) const {
  if (!is_object()) return nullptr;
  size_t low = 0, high = size_;  // the members before `high` are searched, from its end
  if (size_ > kManyMembers) {
    while (low < high) {
      const size_t middle = low + (high - low) / 2;
      if (name(middle) <= wanted) low = middle + 1;
      else high = middle;
    }
    return high > 0 && name(high - 1) == wanted ? &value(high - 1) : nullptr;
  }
  while (high-- > 0)
    if (name(high) == wanted) return &value(high);
  return nullptr;
}

const Json* JsonDocument::read(std::string_view text, size_t at) {
  text_ = text;
  at_ = at;
  count_ = 0;
  open_.clear();
  read_.clear();
  values_.clear();
  strings_.clear();
  do {
    if (!step()) return nullptr;
  } while (!open_.empty());
  root_ = read_.front();
  return &root_;
}

void JsonDocument::skip_blank() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) ++at_;
}

// One value's beginning, then every close that follows it.
bool JsonDocument::step() {
  skip_blank();
  if (!open_.empty() && open_.back().bracket == '{' && !key()) return false;
  if (++count_ > kMaxValues) return false;
  const char c = peek();
  if (c == '{' || c == '[') {
    if (open_.size() >= kMaxDepth) return false;
    ++at_;
    open_.push_back({c, read_.size()});
    skip_blank();
    if (peek() != (c == '{' ? '}' : ']')) return true;
    ++at_;
    close();
  } else if (c == '"' ? !string() : !word()) {
    return false;
  }
  return after_value();
}

bool JsonDocument::string() {
  const size_t start = ++at_;
  bool escapes = false;
  while (true) {
    while (at_ < text_.size() && kPlain[static_cast<unsigned char>(text_[at_])]) ++at_;
    if (at_ >= text_.size() || text_[at_] == '\n') return false;
    if (text_[at_] == '"') break;
    escapes = true;
    at_ += 2;
    if (at_ > text_.size() || text_[at_ - 1] == '\n') return false;
  }
  const std::string_view raw = text_.substr(start, at_++ - start);
  read_.push_back(Json(Json::Kind::string, escapes ? unescaped(raw) : raw));
  return true;
}

std::string_view JsonDocument::unescaped(std::string_view raw) {
  char* const first = strings_.take(raw.size());
  char* out = first;
  for (size_t at = 0; at < raw.size();) {
    size_t end = at;
    while (end < raw.size() && raw[end] != '\\') ++end;
    out = std::copy(raw.begin() + static_cast<std::ptrdiff_t>(at), raw.begin() + static_cast<std::ptrdiff_t>(end), out);
    at = end;
    if (at >= raw.size()) break;
    const char kind = raw[at + 1];  // a string does not end in a backslash
    if (kind == 'u') {
      const auto [character, length] = escaped_character(raw, at);
      out = put_utf8(out, character);
      at += length;
      continue;
    }
    *out++ = kind == 'n' ? '\n' : kind == 't' ? '\t' : kind == 'r' ? '\r' : kind == 'b' ? '\b' : kind == 'f' ? '\f' : kind;
    at += 2;
  }
  const auto length = static_cast<size_t>(out - first);
  strings_.give_back(raw.size() - length);
  return {first, length};
}

bool JsonDocument::key() {
  if (peek() != '"' || !string()) return false;
  skip_blank();
  if (peek() != ':') return false;
  ++at_;
  skip_blank();
  return true;
}

bool JsonDocument::word() {
  const size_t start = at_;
  const auto next_is = [&](std::string_view name) {
    if (text_.substr(start, name.size()) != name) return false;
    at_ = start + name.size();
    return true;
  };
  if (next_is("true")) read_.push_back(Json(Json::Kind::boolean, nullptr, 1));
  else if (next_is("false")) read_.push_back(Json(Json::Kind::boolean, nullptr, 0));
  else if (next_is("null")) read_.push_back(Json());
  else return number();
  return true;
}

bool JsonDocument::number() {
  const size_t start = at_;
  if (peek() != '-' && !is_digit(peek())) return false;
  bool fraction = false;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (is_digit(c)) continue;
    const bool more = c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-';
    if (!more) break;
    fraction |= at_ != start;
  }
  read_.push_back(Json(fraction ? Json::Kind::fraction : Json::Kind::integer, text_.substr(start, at_ - start)));
  return true;
}

bool JsonDocument::after_value() {
  while (!open_.empty()) {
    skip_blank();
    if (peek() == ',') {
      ++at_;
      return true;
    }
    if (peek() != (open_.back().bracket == '{' ? '}' : ']')) return false;
    ++at_;
    close();
  }
  return true;
}

// What is read of the innermost bracket becomes one value.
void JsonDocument::close() {
  const auto [bracket, first] = open_.back();
  open_.pop_back();
  const size_t count = read_.size() - first;
  Json* const values = values_.take(count);
  std::copy(read_.begin() + static_cast<std::ptrdiff_t>(first), read_.end(), values);
  read_.resize(first);
  if (bracket == '[') {
    read_.push_back(Json(Json::Kind::array, values, count));
    return;
  }
  const size_t members = count / 2;
  if (members > Json::kManyMembers) {
    std::vector<std::pair<Json, Json>> sorted(members);
    for (size_t i = 0; i < members; ++i) sorted[i] = {values[2 * i], values[2 * i + 1]};
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first.text() < b.first.text(); });
    for (size_t i = 0; i < members; ++i) values[2 * i] = sorted[i].first, values[2 * i + 1] = sorted[i].second;
  }
  read_.push_back(Json(Json::Kind::object, values, members));
}

}  // namespace baton
