#include "support/json.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "support/files.h"

namespace baton {
namespace {

constexpr int kMaxDepth = 256;  // copying and dumping a value recurse: a deeper one would end the process

// Value of the four hexadecimal digits of an escape `\uXXXX` at `at`; none when it is not one.
int escape_at(std::string_view text, std::size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return -1;
  int value = 0;
  for (std::size_t i = at + 2; i < at + 6; ++i) {
    const char c = text[i];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

bool is_high(int unit) {
  return unit >= 0xd800 && unit <= 0xdbff;
}
bool is_low(int unit) {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

struct Scan {
  bool too_deep = false;
  std::vector<std::size_t> lone_surrogates;  // offsets of escapes that are half a character
};

// One pass over brackets and escapes. For text that is JSON the depth is exact; for other text the parser fails anyway.
Scan scan(std::string_view text) {
  Scan found;
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '"') in_string = false;
      if (c != '\\') continue;
      const int unit = escape_at(text, i);
      if (unit < 0) {
        ++i;
      } else if (is_high(unit) && is_low(escape_at(text, i + 6))) {
        i += 11;
      } else {
        if (is_high(unit) || is_low(unit)) found.lone_surrogates.push_back(i);
        i += 5;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxDepth) {
        found.too_deep = true;
        return found;
      }
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return found;
}

Error not_json(std::string_view reason) {
  if (const auto prefix = reason.find("] "); reason.starts_with("[json.exception") && prefix != reason.npos)
    reason.remove_prefix(prefix + 2);
  if (const auto last_read = reason.find("; last read"); last_read != reason.npos) reason = reason.substr(0, last_read);
  return Error{ErrorKind::usage, "This is not valid JSON: " + std::string(reason) + "."};
}

}  // namespace

Result<nlohmann::json> parse_json(std::string_view text) {
  const Scan found = scan(text);
  if (found.too_deep)
    return Error{ErrorKind::usage,
                 "This JSON is nested deeper than " + std::to_string(kMaxDepth) + " levels; flatten it."};
  std::string repaired;
  if (!found.lone_surrogates.empty()) {
    repaired = text;
    for (const std::size_t at : found.lone_surrogates) repaired.replace(at, 6, "\\ufffd");
    text = repaired;
  }
  try {
    // Parenthesised: braces would wrap the value in an array.
    return Result<nlohmann::json>(nlohmann::json::parse(text.begin(), text.end()));
  } catch (const nlohmann::json::exception& error) {
    return not_json(error.what());
  }
}

Result<nlohmann::json> parse_json_file(const std::filesystem::path& path) {
  auto text = read_file(path);
  if (!text) return text.error();
  auto value = parse_json(*text);
  if (!value) return Error{value.error().kind, path.string() + ": " + value.error().message};
  return value;
}

std::string dump_json(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string dump_json_pretty(const nlohmann::json& value) {
  return value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace baton
