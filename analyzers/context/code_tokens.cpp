#include "analyzers/context/code_tokens.h"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace baton {
namespace {

using context_detail::is_digit;

// Common words, the language of commits and issues, and keywords that every file has.
constexpr std::string_view kStopWords =
    "the and for are but not you all any can had her was one our out has have him his how its may new now old see two way who did get let put say she too "
    "use that with this from they will would there their what about which when make like time just know take into your some could them than then only come "
    "over also back after used using first well even want because these give most should being were been does done such very each other more no nor so if in "
    "on at to of or an as by be is it do up we me my he us i a "
    "fix fixes fixed add added adds update updated change changed changes remove removed bug issue issues feat chore refactor commit merge pull request pr "
    "close closes resolve resolves support implement improve instead please describe expected actual behavior behaviour version steps reproduce example "
    "return import def self const var let function class public private static void int true false null none else elif while break continue try catch "
    "except raise throw include ifdef endif struct typedef";

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80; }
char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

const std::unordered_set<std::string>& stop_words() {
  static const auto* const kWords = [] {
    auto* words = new std::unordered_set<std::string>();
    for (std::string_view rest = kStopWords; !rest.empty();) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      words->insert(std::string(rest.substr(0, end)));
      words->insert(light_stem(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return words;
  }();
  return *kWords;
}

// Raw parts in lower case, unstemmed.
std::vector<std::string> split(std::string_view identifier) {
  std::vector<std::string> parts;
  std::string part;
  const auto finish = [&] {
    if (!part.empty()) parts.push_back(std::move(part));
    part.clear();
  };
  for (std::size_t i = 0; i < identifier.size(); ++i) {
    const char c = identifier[i];
    if (c == '_' || is_digit(c)) {
      finish();
      continue;
    }
    const bool after_lower = i > 0 && is_lower(identifier[i - 1]);
    const bool ends_capitals = i > 0 && is_upper(identifier[i - 1]) && i + 1 < identifier.size() && is_lower(identifier[i + 1]);
    if (is_upper(c) && (after_lower || ends_capitals)) finish();
    part += lower(c);
  }
  finish();
  return parts;
}

}  // namespace

std::string light_stem(std::string_view word) {
  const auto without = [&](std::size_t count, std::string_view instead = "") { return std::string(word.substr(0, word.size() - count)) + std::string(instead); };
  if (word.size() > 4 && word.ends_with("ies")) return without(3, "y");
  if (word.size() > 5 && word.ends_with("ing")) {
    // "formatting" and "format" meet, "passing" and "pass" too.
    const std::string stem = without(3);
    const bool doubled = stem.size() > 3 && stem.back() == stem[stem.size() - 2] && std::string_view("lsz").find(stem.back()) == std::string_view::npos;
    return doubled ? stem.substr(0, stem.size() - 1) : stem;
  }
  if (word.size() > 4 && word.ends_with("ed")) {
    const std::string stem = without(2);
    const bool doubled = stem.size() > 3 && stem.back() == stem[stem.size() - 2] && std::string_view("lsz").find(stem.back()) == std::string_view::npos;
    return doubled ? stem.substr(0, stem.size() - 1) : stem;
  }
  if (word.size() > 4 && (word.ends_with("sses") || word.ends_with("xes") || word.ends_with("ches") || word.ends_with("shes"))) return without(2);
  if (word.size() > 3 && word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is")) return without(1);
  if (word.size() > 4 && word.ends_with('e')) return without(1);  // "parse", "parsing", "parsed"
  return std::string(word);
}

bool is_stop_word(std::string_view stemmed) { return stop_words().contains(std::string(stemmed)); }

std::vector<std::string> identifier_parts(std::string_view identifier) {
  std::vector<std::string> parts;
  for (const std::string& part : split(identifier)) {
    if (part.size() < 2) continue;
    std::string stem = light_stem(part);
    if (!is_stop_word(part) && !is_stop_word(stem)) parts.push_back(std::move(stem));
  }
  return parts;
}

std::string identifier_key(std::string_view identifier) {
  const auto parts = split(identifier);
  if (parts.size() < 2) {
    auto single = identifier_parts(identifier);
    return single.empty() ? "" : std::move(single.front());
  }
  std::string key = "=";
  for (const char c : identifier) {
    if (c != '_') key += lower(c);
  }
  return key.size() > 4 ? key : "";
}

std::vector<std::string> identifier_terms(std::string_view identifier) {
  auto terms = identifier_parts(identifier);
  std::string key = identifier_key(identifier);
  if (key.starts_with('=')) terms.push_back(std::move(key));
  return terms;
}

}  // namespace baton
