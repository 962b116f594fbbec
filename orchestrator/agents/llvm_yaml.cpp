#include "orchestrator/agents/llvm_yaml.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string>

namespace baton {
namespace {

using nlohmann::json;

constexpr int kMaxDepth = 24;

struct Broken {
  std::string what;
};

void append_utf8(std::string& text, unsigned code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0 | (code >> 6));
    text += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0 | (code >> 12));
    text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    text += static_cast<char>(0xF0 | (code >> 18));
    text += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (code & 0x3F));
  }
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  json document() {
    skip_to_content();
    return done() ? json::object() : node(indent(), 0);
  }

 private:
  bool done() const { return at_ >= text_.size(); }

  std::string_view line() const { return text_.substr(at_, text_.find('\n', at_) - at_); }

  void next_line() {
    const auto end = text_.find('\n', at_);
    at_ = end == text_.npos ? text_.size() : end + 1;
  }

  // Over empty lines and marks of a document.
  void skip_to_content() {
    while (!done()) {
      const std::string_view now = line();
      const bool mark = now == "---" || now == "..." || now.starts_with("%") || now.starts_with("#");
      if (!mark && now.find_first_not_of(" \r") != now.npos) return;
      next_line();
    }
  }

  std::size_t indent() const { return std::min(text_.find_first_not_of(' ', at_), text_.size()) - at_; }

  json node(std::size_t depth_of_text, int nesting) {
    if (nesting > kMaxDepth) throw Broken{"it is nested too deeply"};
    return text_.substr(at_ + depth_of_text, 2) == "- " ? list(depth_of_text, nesting) : mapping(depth_of_text, nesting);
  }

  json list(std::size_t column, int nesting) {
    json items = json::array();
    while (!done() && indent() == column && text_.substr(at_ + column, 2) == "- ") {
      // What follows the mark stands as if the mark were blank.
      const std::size_t content = text_.find_first_not_of(' ', at_ + column + 2);
      if (content == text_.npos) throw Broken{"a list ends in the middle"};
      items.push_back(entry(content - at_, nesting + 1, true));
      skip_to_content();
    }
    return items;
  }

  json entry(std::size_t column, int nesting, bool after_mark) {
    const std::string_view rest = line().substr(std::min(column, line().size()));
    const bool is_mapping = !rest.starts_with('\'') && !rest.starts_with('"') && key_end(rest) != rest.npos;
    if (is_mapping) return mapping(column, nesting, after_mark);
    at_ += column;
    return scalar();
  }

  static std::size_t key_end(std::string_view rest) {
    for (std::size_t i = 0; i < rest.size(); ++i) {
      if (rest[i] == ':' && (i + 1 == rest.size() || rest[i + 1] == ' ' || rest[i + 1] == '\r')) return i;
    }
    return rest.npos;
  }

  json mapping(std::size_t column, int nesting, bool after_mark = false) {
    if (nesting > kMaxDepth) throw Broken{"it is nested too deeply"};
    json object = json::object();
    for (bool first = after_mark; !done() && (first || indent() == column); first = false) {
      const std::string_view rest = line().substr(std::min(column, line().size()));
      const std::size_t colon = key_end(rest);
      if (rest.starts_with("- ") || colon == rest.npos) break;
      const std::string key(rest.substr(0, colon));
      at_ += column + colon + 1;
      const std::size_t value = text_.find_first_not_of(" \r", at_);
      if (value != text_.npos && text_[value] != '\n') {
        at_ = value;
        object[key] = scalar();
      } else {
        next_line();
        skip_to_content();
        const bool inside = !done() && (indent() > column || (indent() == column && text_.substr(at_ + column, 2) == "- "));
        object[key] = inside ? node(indent(), nesting + 1) : json();
      }
      skip_to_content();
    }
    if (object.empty()) throw Broken{"a line is neither a key nor an item: " + std::string(line().substr(0, 60))};
    return object;
  }

  // Leaves the line.
  json scalar() {
    if (done()) return json();
    if (text_[at_] == '\'') return single_quoted();
    if (text_[at_] == '"') return double_quoted();
    std::string_view plain = line();
    while (!plain.empty() && (plain.back() == ' ' || plain.back() == '\r')) plain.remove_suffix(1);
    next_line();
    if (plain == "[]") return json::array();
    if (plain == "{}") return json::object();
    return std::string(plain);
  }

  json single_quoted() {
    std::string value;
    for (++at_; !done(); ++at_) {
      const char c = text_[at_];
      if (c == '\'' && text_.substr(at_ + 1, 1) == "'") {
        ++at_;
      } else if (c == '\'') {
        next_line();
        return value;
      } else if (c == '\n' && text_.substr(at_ + 1, 1) == "\n") {
        ++at_;  // written twice
      }
      value += c;
    }
    throw Broken{"a quoted text does not end"};
  }

  json double_quoted() {
    std::string value;
    for (++at_; !done(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        next_line();
        return value;
      }
      if (c == '\\') escape(value);
      else value += c;
    }
    throw Broken{"a quoted text does not end"};
  }

  void escape(std::string& value) {
    if (++at_ >= text_.size()) return;
    switch (text_[at_]) {
      case 'n': value += '\n'; return;
      case 't': value += '\t'; return;
      case 'r': value += '\r'; return;
      case 'a': value += '\a'; return;
      case 'b': value += '\b'; return;
      case 'f': value += '\f'; return;
      case 'v': value += '\v'; return;
      case 'e': value += '\x1b'; return;
      case '0': value += '\0'; return;
      case '_': append_utf8(value, 0xA0); return;
      case 'N': append_utf8(value, 0x85); return;
      case 'L': append_utf8(value, 0x2028); return;
      case 'P': append_utf8(value, 0x2029); return;
      case 'x': return number(value, 2);
      case 'u': return number(value, 4);
      case 'U': return number(value, 8);
      default: value += text_[at_];
    }
  }

  void number(std::string& value, std::size_t digits) {
    const std::string_view given = text_.substr(at_ + 1, digits);
    unsigned code = 0;
    const auto [end, problem] = std::from_chars(given.data(), given.data() + given.size(), code, 16);
    if (problem != std::errc() || end != given.data() + digits || code > 0x10FFFF) throw Broken{"an escape is not one"};
    append_utf8(value, code);
    at_ += digits;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<json> parse_llvm_yaml(std::string_view text) {
  try {
    return Reader(text).document();
  } catch (const Broken& broken) {
    return Error{ErrorKind::io, "The fixes that the tool wrote cannot be read: " + broken.what + "."};
  }
}

}  // namespace baton
