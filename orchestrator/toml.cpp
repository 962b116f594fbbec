#include "orchestrator/toml.h"

#include <cctype>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace baton {
namespace {

using nlohmann::json;

constexpr int kMaxDepth = 64;

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<json> document() {
    json root = json::object();
    json* table = &root;
    while (true) {
      skip_blank_lines();
      if (at_ >= text_.size()) return root;
      bool good = true;
      if (text_[at_] == '[') {
        table = header(root);
        good = table != nullptr;
      } else {
        good = pair(*table, 0);
      }
      if (good) {
        skip_spaces();
        good = at_ >= text_.size() || text_[at_] == '\n' || text_[at_] == '#' || text_[at_] == '\r';
      }
      if (!good) return Error{ErrorKind::usage, "The TOML text does not parse at line " + std::to_string(line()) + "."};
    }
  }

 private:
  int line() const {
    int count = 1;
    for (std::size_t i = 0; i < at_ && i < text_.size(); ++i) count += text_[i] == '\n';
    return count;
  }
  bool starts(std::string_view what) const { return text_.substr(at_, what.size()) == what; }
  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  void skip_comment() {
    if (at_ < text_.size() && text_[at_] == '#') {
      while (at_ < text_.size() && text_[at_] != '\n') ++at_;
    }
  }
  void skip_blank_lines() {
    while (at_ < text_.size()) {
      const std::size_t before = at_;
      while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
      skip_comment();
      if (at_ == before) return;
    }
  }

  std::optional<std::string> key_part() {
    skip_spaces();
    if (at_ >= text_.size()) return std::nullopt;
    if (text_[at_] == '"' || text_[at_] == '\'') return string();
    const std::size_t start = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_' || text_[at_] == '-')) {
      ++at_;
    }
    if (at_ == start) return std::nullopt;
    return std::string(text_.substr(start, at_ - start));
  }

  std::optional<std::vector<std::string>> key() {
    std::vector<std::string> parts;
    while (true) {
      auto part = key_part();
      if (!part || parts.size() > kMaxDepth) return std::nullopt;
      parts.push_back(std::move(*part));
      skip_spaces();
      if (at_ >= text_.size() || text_[at_] != '.') return parts;
      ++at_;
    }
  }

  // The object below `table` that the parts name; the last element of an array of tables stands for it.
  static json* descend(json* table, const std::vector<std::string>& parts, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      json& next = (*table)[parts[i]];
      if (next.is_null()) next = json::object();
      if (next.is_array() && !next.empty() && next.back().is_object()) {
        table = &next.back();
      } else if (next.is_object()) {
        table = &next;
      } else {
        return nullptr;
      }
    }
    return table;
  }

  json* header(json& root) {
    const bool list = starts("[[");
    at_ += list ? 2 : 1;
    const auto parts = key();
    if (!parts || !starts(list ? "]]" : "]")) return nullptr;
    at_ += list ? 2 : 1;
    if (!list) return descend(&root, *parts, parts->size());
    json* parent = descend(&root, *parts, parts->size() - 1);
    if (!parent) return nullptr;
    json& items = (*parent)[parts->back()];
    if (items.is_null()) items = json::array();
    if (!items.is_array()) return nullptr;
    items.push_back(json::object());
    return &items.back();
  }

  bool pair(json& table, int depth) {
    const auto parts = key();
    if (!parts) return false;
    skip_spaces();
    if (at_ >= text_.size() || text_[at_] != '=') return false;
    ++at_;
    auto item = value(depth);
    if (!item) return false;
    json* parent = descend(&table, *parts, parts->size() - 1);
    if (!parent) return false;
    (*parent)[parts->back()] = std::move(*item);
    return true;
  }

  std::optional<json> value(int depth) {
    skip_spaces();
    if (at_ >= text_.size() || depth > kMaxDepth) return std::nullopt;
    const char c = text_[at_];
    if (c == '"' || c == '\'') {
      auto text = string();
      if (!text) return std::nullopt;
      return json(std::move(*text));
    }
    if (c == '[') return array(depth);
    if (c == '{') return inline_table(depth);
    const std::size_t start = at_;
    while (at_ < text_.size() && std::string_view(",]}#\n\r").find(text_[at_]) == std::string_view::npos) ++at_;
    std::string word(text_.substr(start, at_ - start));
    while (!word.empty() && (word.back() == ' ' || word.back() == '\t')) word.pop_back();
    if (word.empty() || word.find('=') != std::string::npos) return std::nullopt;
    if (word == "true") return json(true);
    if (word == "false") return json(false);
    return number(word);
  }

  static json number(const std::string& word) {
    std::string digits;
    for (const char c : word) {
      if (c != '_') digits += c;
    }
    try {
      std::size_t used = 0;
      const std::int64_t whole = std::stoll(digits, &used);
      if (used == digits.size()) return json(whole);
      const double real = std::stod(digits, &used);
      if (used == digits.size()) return json(real);
    } catch (const std::exception&) {  // out of range or no number at all: kept as text
    }
    return json(word);
  }

  std::optional<json> array(int depth) {
    json items = json::array();
    ++at_;
    while (true) {
      skip_blank_lines();
      if (at_ >= text_.size()) return std::nullopt;
      if (text_[at_] == ']') {
        ++at_;
        return items;
      }
      auto item = value(depth + 1);
      if (!item) return std::nullopt;
      items.push_back(std::move(*item));
      skip_blank_lines();
      if (at_ < text_.size() && text_[at_] == ',') {
        ++at_;
      } else if (at_ >= text_.size() || text_[at_] != ']') {
        return std::nullopt;
      }
    }
  }

  std::optional<json> inline_table(int depth) {
    json table = json::object();
    ++at_;
    while (true) {
      skip_blank_lines();
      if (at_ >= text_.size()) return std::nullopt;
      if (text_[at_] == '}') {
        ++at_;
        return table;
      }
      if (!pair(table, depth + 1)) return std::nullopt;
      skip_blank_lines();
      if (at_ < text_.size() && text_[at_] == ',') {
        ++at_;
      } else if (at_ >= text_.size() || text_[at_] != '}') {
        return std::nullopt;
      }
    }
  }

  std::optional<std::string> string() {
    const char quote = text_[at_];
    const std::string fence(3, quote);
    const bool long_form = starts(fence);
    at_ += long_form ? 3 : 1;
    if (long_form && at_ < text_.size() && text_[at_] == '\n') ++at_;
    std::string result;
    while (at_ < text_.size()) {
      if (long_form ? starts(fence) : text_[at_] == quote) {
        at_ += long_form ? 3 : 1;
        // Up to two quotes may stand before the closing three.
        while (long_form && at_ < text_.size() && text_[at_] == quote) {
          result += quote;
          ++at_;
        }
        return result;
      }
      if (!long_form && text_[at_] == '\n') return std::nullopt;
      if (quote == '"' && text_[at_] == '\\') {
        if (!escape(result)) return std::nullopt;
      } else {
        result += text_[at_++];
      }
    }
    return std::nullopt;
  }

  bool escape(std::string& result) {
    if (++at_ >= text_.size()) return false;
    const char c = text_[at_++];
    switch (c) {
      case 'n': result += '\n'; return true;
      case 't': result += '\t'; return true;
      case 'r': result += '\r'; return true;
      case 'b': result += '\b'; return true;
      case 'f': result += '\f'; return true;
      case '"': case '\\': result += c; return true;
      case 'u': case 'U': return code_point(c == 'u' ? 4 : 8, result);
      default: break;
    }
    if (!std::isspace(static_cast<unsigned char>(c))) return false;
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    return true;
  }

  bool code_point(std::size_t digits, std::string& result) {
    std::uint32_t code = 0;
    for (std::size_t i = 0; i < digits; ++i, ++at_) {
      if (at_ >= text_.size() || !std::isxdigit(static_cast<unsigned char>(text_[at_]))) return false;
      const char c = static_cast<char>(std::tolower(static_cast<unsigned char>(text_[at_])));
      code = code * 16 + static_cast<std::uint32_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
    if (code < 0x80) {
      result += static_cast<char>(code);
    } else if (code < 0x800) {
      result += static_cast<char>(0xc0 | (code >> 6));
      result += static_cast<char>(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
      result += static_cast<char>(0xe0 | (code >> 12));
      result += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
      result += static_cast<char>(0x80 | (code & 0x3f));
    } else {
      result += static_cast<char>(0xf0 | (code >> 18));
      result += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
      result += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
      result += static_cast<char>(0x80 | (code & 0x3f));
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<json> parse_toml(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return Reader(text).document();
}

}  // namespace baton
