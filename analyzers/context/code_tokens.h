// Words of code and of tasks in one form, so that "parsing the header" meets `HeaderParser::parse_header`: identifiers are split
// at case and underscore, in lower case, without their last suffix; a compound one is also kept whole. Bytes in, any encoding;
// pure, any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

inline constexpr std::size_t kLongestIdentifier = 60;  // longer ones are data

// Each identifier, in order, with where it begins. Letters are those of ASCII, and all bytes of other scripts.
template <class Visit>
void each_identifier(std::string_view text, Visit visit);

// "HTTPServer_list" -> "http", "server", "list". Numbers and single letters are left out.
std::vector<std::string> identifier_parts(std::string_view identifier);

// What an identifier is found by: its parts ("server"), and for one of several parts the whole of it without case and
// underscores ("=httpserverlist").
std::vector<std::string> identifier_terms(std::string_view identifier);
// The whole of it alone: "=httpserverlist", or "server" for one of a single part. Empty for what is too short or a stop word.
std::string identifier_key(std::string_view identifier);

bool is_stop_word(std::string_view stemmed);  // says nothing about code: "the", "fix", "add"
std::string light_stem(std::string_view word);

namespace context_detail {
inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
}  // namespace context_detail

template <class Visit>
void each_identifier(std::string_view text, Visit visit) {
  using namespace context_detail;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_letter(text[at])) {
      // A number with its suffix is no identifier: 0xFF, 10ms.
      if (is_digit(text[at])) {
        while (at < text.size() && (is_letter(text[at]) || is_digit(text[at]))) ++at;
      } else {
        ++at;
      }
      continue;
    }
    const std::size_t begin = at;
    while (at < text.size() && (is_letter(text[at]) || is_digit(text[at]))) ++at;
    if (at - begin <= kLongestIdentifier) visit(text.substr(begin, at - begin), begin);
  }
}

}  // namespace baton
