#include "support/redact.h"

#include <re2/re2.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace baton {
namespace {

struct Span {
  std::size_t begin, end;
};
using Spans = std::vector<Span>;

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c == '-' || c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

bool has_digit(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}
bool has_letter(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return std::isalpha(c) != 0; });
}

// How clearly a name says that its value is secret. `maybe` names are ordinary words of programs too ("token", "key").
enum class Says { nothing, maybe, clearly };

Says says_secret(std::string_view name) {
  const std::string words = "_" + upper(name) + "_";
  for (const char* word : {"PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "APIKEY", "API_KEY", "ACCESS_KEY",
                           "PRIVATE_KEY", "AUTHTOKEN", "AUTH_TOKEN", "ACCESS_TOKEN", "CREDENTIAL", "_PASS_"})
    if (words.find(word) != words.npos) return Says::clearly;
  if (words.find("PUBLIC_KEY") != words.npos) return Says::nothing;
  for (const char* word : {"TOKEN", "_KEY_", "_KEYS_", "_AUTH_", "_PAT_"})
    if (words.find(word) != words.npos) return Says::maybe;
  return Says::nothing;
}

using Accept = bool (*)(std::string_view name, std::string_view value);
bool any(std::string_view, std::string_view) {
  return true;
}
bool with_digit(std::string_view, std::string_view value) {
  return has_digit(value);
}

// NAME=value in the manner of environments: the name alone decides.
bool named_upper(std::string_view name, std::string_view value) {
  return says_secret(name) != Says::nothing && (says_secret(name) == Says::clearly || value.size() >= 8);
}
// name=value in any case may be code ("token=next()"): an unclear name needs a value that looks like chance.
bool named_any(std::string_view name, std::string_view value) {
  const Says says = says_secret(name);
  if (says == Says::clearly) return value.size() >= 4;
  return says == Says::maybe && value.size() >= 12 && has_digit(value) && has_letter(value);
}

// One word with letters and digits whose bytes are spread as those of a key are; no name of a variable, no path.
bool looks_like_chance(std::string_view value) {
  constexpr std::size_t kShortest = 16;
  constexpr double kBits = 2.75;  // a byte; 20 hexadecimal digits by chance have more in all but one of a thousand
  if (value.size() < kShortest || !has_digit(value) || !has_letter(value)) return false;
  std::array<int, 256> counts{};
  bool variable = true;
  for (const unsigned char c : value) {
    if (!std::isalnum(c) && !std::strchr("_-+/=.~", c)) return false;
    variable = variable && (std::isupper(c) || std::isdigit(c) || c == '_');
    ++counts[c];
  }
  if (variable && std::isupper(static_cast<unsigned char>(value.front())) && value.find('_') != value.npos) return false;
  double bits = 0;
  for (const int count : counts) {
    const double share = static_cast<double>(count) / static_cast<double>(value.size());
    if (count > 0) bits -= share * std::log2(share);
  }
  return bits >= kBits && value.find("//") == value.npos && value.front() != '/';
}

struct Rule {
  RE2 pattern;
  int name;   // group of the name, 0 when there is none
  int value;  // group that is replaced, 0 for the whole match
  Accept accept;
  Rule(const char* text, int name_group, int value_group, Accept check)
      : pattern(text, RE2::Quiet), name(name_group), value(value_group), accept(check) {}
};

// Token shapes of well-known issuers, headers, and credentials in addresses: what is one whatever stands around it.
const std::vector<const Rule*>& shapes() {
  static const auto* const all = new std::vector<const Rule*>{
      new Rule(
          R"re(\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{22,}|gl(?:pat|ptt|dt|rt|cbt|soat)-[A-Za-z0-9_.-]{20,}))re",
          0, 0, any),
      new Rule(R"re(\b(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z2-7]{16}\b)re", 0, 0, any),
      new Rule(R"re(\b(?:xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[0-9]-[A-Za-z0-9-]{10,}))re", 0, 0, any),
      new Rule(R"re(https://hooks\.slack\.com/(?:services|workflows)/([A-Za-z0-9/_-]{20,}))re", 0, 1, any),
      new Rule(R"re(\b(?:AIza[0-9A-Za-z_-]{35}|ya29\.[0-9A-Za-z_-]{20,}|GOCSPX-[0-9A-Za-z_-]{20,}))re", 0, 0, any),
      new Rule(R"re(\b(?:[sr]k|whsec)_(?:(?:live|test)_)?[0-9A-Za-z]{16,})re", 0, 0, with_digit),
      new Rule(R"re(\bsk-[A-Za-z0-9_-]{20,})re", 0, 0, with_digit),
      new Rule(
          R"re(\b(?:npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,}|rubygems_[a-f0-9]{48}|dop_v1_[a-f0-9]{64}|hf_[A-Za-z0-9]{30,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{30,}|AGE-SECRET-KEY-1[A-Z0-9]{20,}))re",
          0, 0, any),
      new Rule(R"re(\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*)re", 0, 0, any),
      new Rule(R"re((?i)\b(?:proxy-)?authorization["']?\s{0,4}[:=]\s{0,4}["']?(?:bearer|basic|token|digest|negotiate)\s{1,4}([A-Za-z0-9._~+/-]{6,}=*))re", 0, 1, any),
      new Rule(R"re((?i)\bbearer\s{1,4}([A-Za-z0-9._~+/-]{16,}=*))re", 0, 1, with_digit),
      new Rule(R"re([A-Za-z][A-Za-z0-9+.-]*://[^/\s:@"'<>]*:([^/\s@"'<>]+)@)re", 0, 1, any),
      new Rule(R"re([A-Za-z][A-Za-z0-9+.-]*://([^/\s:@"'<>]{16,})@)re", 0, 1, any),
  };
  return *all;
}

// What stands for the value of a header that holds one; in a program it may be a name.
const std::vector<const Rule*>& headers() {
  static const auto* const all = new std::vector<const Rule*>{
      new Rule(
          R"re((?i)\b(?:proxy-)?authorization["']?\s{0,4}[:=]\s{0,4}["']?(?:(?:bearer|basic|token|digest|negotiate)\s{1,4})?([^\s"',;]{6,}))re",
          0, 1, any),
  };
  return *all;
}

// Names that say it.
const std::vector<const Rule*>& named() {
  static const auto* const all = new std::vector<const Rule*>{
      new Rule(R"re(\b([A-Z][A-Z0-9_]*)="([^"\n]+)")re", 1, 2, named_upper),
      new Rule(R"re(\b([A-Z][A-Z0-9_]*)='([^'\n]+)')re", 1, 2, named_upper),
      new Rule(R"re(\b([A-Z][A-Z0-9_]*)=([^\s"';&|()<>]{4,}))re", 1, 2, named_upper),
      new Rule(R"re(([A-Za-z][A-Za-z0-9_.-]*)=([A-Za-z0-9_+/.~!@#$%^*-]{4,}=*)(?:[\s,;&"']|$))re", 1, 2,
               named_any),
      new Rule(R"re(["']([A-Za-z][A-Za-z0-9_.-]*)["']\s{0,4}[:=]\s{0,4}"([^"\n\\]{4,})")re", 1, 2, named_any),
      new Rule(R"re(["']([A-Za-z][A-Za-z0-9_.-]*)["']\s{0,4}[:=]\s{0,4}'([^'\n\\]{4,})')re", 1, 2, named_any),
      new Rule(R"re(--([a-z][a-z-]*)\s{1,4}([A-Za-z0-9_+/=.~-]{8,}))re", 1, 2, named_any),
  };
  return *all;
}

void find_by(const std::vector<const Rule*>& rules, std::string_view text, Spans& spans) {
  const re2::StringPiece input(text.data(), text.size());
  for (const Rule* rule : rules) {
    std::size_t at = 0;
    std::array<re2::StringPiece, 3> groups;
    while (at < text.size() && rule->pattern.Match(input, at, text.size(), RE2::UNANCHORED, groups.data(), 3)) {
      const re2::StringPiece& value = groups[static_cast<std::size_t>(rule->value)];
      const re2::StringPiece& name = groups[static_cast<std::size_t>(rule->name)];
      const auto match_end = static_cast<std::size_t>(groups[0].data() + groups[0].size() - text.data());
      if (value.data() && rule->accept({name.data(), name.size()}, {value.data(), value.size()})) {
        const auto begin = static_cast<std::size_t>(value.data() - text.data());
        spans.push_back({begin, begin + value.size()});
      }
      at = std::max(match_end, at + 1);
    }
  }
}

// From the BEGIN line to the end of the END line; a block that is cut off goes as far as it looks like one.
void find_key_blocks(std::string_view text, Spans& spans) {
  static const RE2* const begin_line = new RE2(R"(-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----)", RE2::Quiet);
  const re2::StringPiece input(text.data(), text.size());
  std::size_t at = 0;
  bool ends_missing = false;
  re2::StringPiece found;
  while (at < text.size() && begin_line->Match(input, at, text.size(), RE2::UNANCHORED, &found, 1)) {
    const auto begin = static_cast<std::size_t>(found.data() - text.data());
    std::size_t end = begin + found.size();
    const std::size_t end_line = ends_missing ? text.npos : text.find("-----END ", end);
    if (end_line != text.npos) {
      const std::size_t dashes = text.find("-----", end_line + 9);
      end = dashes == text.npos ? text.size() : dashes + 5;
    } else {
      ends_missing = true;
      const auto in_block = [](unsigned char c) {
        return std::isalnum(c) || std::isspace(c) ||
               (c && std::string_view("+/=\\:,-").find(static_cast<char>(c)) != std::string_view::npos);
      };
      while (end < text.size() && in_block(static_cast<unsigned char>(text[end]))) ++end;
    }
    spans.push_back({begin, end});
    at = end;
  }
}

void find_literals(std::string_view text, const std::vector<std::string>& secrets, Spans& spans) {
  for (const std::string& secret : secrets) {
    if (secret.size() < 4) continue;  // would blacken ordinary text
    for (std::size_t at = text.find(secret); at != text.npos; at = text.find(secret, at + secret.size()))
      spans.push_back({at, at + secret.size()});
  }
}

}  // namespace

std::vector<std::string> secret_values(const Environment& env) {
  std::vector<std::string> values;
  for (const auto& [name, value] : env) {
    if (value.size() < 8 || says_secret(name) == Says::nothing) continue;
    if (!has_letter(value) && value.size() < 16) continue;                     // a number: MAX_TOKENS
    if (value.front() == '/' && ::access(value.c_str(), F_OK) == 0) continue;  // a path: GOOGLE_APPLICATION_CREDENTIALS
    values.push_back(value);
  }
  return values;
}

bool holds_key(std::string_view name, std::string_view value) {
  Spans spans;
  find_key_blocks(value, spans);
  find_by(shapes(), value, spans);
  const auto literal = [&](const Span& span) { return std::string_view("${<").find(value[span.begin]) == std::string_view::npos; };
  if (std::any_of(spans.begin(), spans.end(), literal)) return true;
  if (says_secret(name) != Says::nothing && looks_like_chance(value)) return true;
  spans.clear();
  find_by(headers(), value, spans);
  find_by(named(), value, spans);
  return std::any_of(spans.begin(), spans.end(), [&](const Span& span) { return looks_like_chance(value.substr(span.begin, span.end - span.begin)); });
}

std::string redact(std::string_view text, const std::vector<std::string>& secrets) {
  static constexpr std::string_view kMark = "[redacted]";
  Spans spans;
  find_literals(text, secrets, spans);
  find_key_blocks(text, spans);
  find_by(shapes(), text, spans);
  find_by(headers(), text, spans);
  find_by(named(), text, spans);
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
  std::string out;
  out.reserve(text.size());
  std::size_t at = 0;  // everything before is in `out` or replaced
  for (const Span& span : spans) {
    if (span.begin < at) {
      at = std::max(at, span.end);
      continue;
    }
    out += text.substr(at, span.begin - at);
    if (!out.ends_with(kMark)) out += kMark;
    at = span.end;
  }
  out += text.substr(at);
  return out;
}

}  // namespace baton
