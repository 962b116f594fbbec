#include "analyzers/audit/code_text.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "analyzers/audit/pattern.h"

namespace baton::audit {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || (static_cast<unsigned char>(c) & 0x80); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// A raw string's last mark, `)x"` of `R"x(…)x"` and `"#` of `r#"…"#`; empty where it is none. `inner` goes past the first mark.
std::string raw_end(std::string_view text, std::size_t at, std::size_t& inner) {
  if (text[at] != '"' || at == 0) return {};
  if (text[at - 1] == 'R') {
    const std::size_t open = text.find('(', at);
    if (open == text.npos || open - at > 17 || text.substr(at + 1, open - at - 1).find_first_of(" \\)\"\n") != text.npos) return {};
    const std::string end = ")" + std::string(text.substr(at + 1, open - at - 1)) + "\"";
    inner = open + 1;
    return text.find(end, inner) == text.npos ? std::string() : end;
  }
  std::size_t marks = at;
  while (marks > 0 && text[marks - 1] == '#') --marks;
  if (marks == at || marks == 0 || text[marks - 1] != 'r') return {};
  inner = at + 1;
  return "\"" + std::string(at - marks, '#');
}

// The end of the string that begins at `at`; the end of the text where it does not end.
std::size_t string_end(std::string_view text, std::size_t at) {
  const char quote = text[at];
  std::size_t inner = at;
  if (const std::string raw = raw_end(text, at, inner); !raw.empty()) {
    const std::size_t end = text.find(raw, inner);
    return end == text.npos ? text.size() : end + raw.size();
  }
  if (text.substr(at, 3) == std::string(3, quote) && quote != '`') {
    const std::size_t end = text.find(text.substr(at, 3), at + 3);
    return end == text.npos ? text.size() : end + 3;
  }
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') ++i;
    else if (text[i] == quote) return i + 1;
    else if (text[i] == '\n' && quote == '\'') return at + 1;  // a lifetime, an apostrophe
  }
  return text.size();
}

// A quote opens a string unless it is Rust's lifetime or C++'s digit separator.
bool opens_string(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (c == '"' || c == '`') return true;
  if (c != '\'') return false;
  if (at > 0 && is_digit(text[at - 1])) return false;
  return !(at > 0 && text[at - 1] == '&');
}

std::size_t comment_end(std::string_view text, std::size_t at) {
  if (text.substr(at, 2) == "/*") {
    const auto end = text.find("*/", at + 2);
    return end == text.npos ? text.size() : end + 2;
  }
  if (text.substr(at, 2) == "//" && (at == 0 || text[at - 1] != ':') && (at == 0 || is_blank(text[at - 1]) || text[at - 1] == ',' || text[at - 1] == ';'))
    return std::min(text.find('\n', at), text.size());
  if (text[at] == '#' && at > 0 && text[at - 1] == ' ' && text.substr(at, 2) == "# ") return std::min(text.find('\n', at), text.size());
  return at;
}

// Steps over a string, a comment or one character; keeps the depth of brackets.
struct Scan {
  std::string_view text;
  std::size_t at = 0;
  int depth = 0;

  bool done() const { return at >= text.size(); }
  // The next plain character at the top level, or npos; `at` is past it.
  std::size_t next() {
    while (!done()) {
      const std::size_t here = at;
      if (opens_string(text, here)) {
        at = string_end(text, here);
        continue;
      }
      if (const std::size_t end = comment_end(text, here); end > here) {
        at = end;
        continue;
      }
      ++at;
      const char c = text[here];
      if (c == '(' || c == '[' || c == '{') ++depth;
      else if (c == ')' || c == ']' || c == '}') --depth;
      else if (depth == 0) return here;
      if ((c == ')' || c == ']' || c == '}') && depth < 0) return here;
    }
    return std::string_view::npos;
  }
};

std::size_t closing(std::string_view text, std::size_t open) {
  Scan scan{text, open, 0};
  while (!scan.done()) {
    if (opens_string(text, scan.at)) {
      scan.at = string_end(text, scan.at);
      continue;
    }
    if (const std::size_t end = comment_end(text, scan.at); end > scan.at) {
      scan.at = end;
      continue;
    }
    const char c = text[scan.at++];
    if (c == '(' || c == '[' || c == '{') ++scan.depth;
    if (c == ')' || c == ']' || c == '}') {
      if (--scan.depth == 0) return scan.at - 1;
    }
  }
  return std::string_view::npos;
}

std::string_view word_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_word(text[end])) ++end;
  return text.substr(at, end - at);
}

std::string stem(std::string word) {
  const auto cut = [&](std::string_view end, std::size_t keep) {
    if (word.size() > end.size() + keep - 1 && word.ends_with(end)) {
      word.resize(word.size() - end.size());
      return true;
    }
    return false;
  };
  if (word.size() > 4 && word.ends_with("ies")) return word.substr(0, word.size() - 3) + "y";
  if (word.size() > 3 && !word.ends_with("ss")) cut("s", 3);  // first, so that "headers" and "header" have one stem
  cut("ing", 3) || cut("ed", 3) || cut("er", 4);
  if (word.size() > 3 && word.ends_with("e")) word.pop_back();
  if (word.size() > 3 && word[word.size() - 1] == word[word.size() - 2]) word.pop_back();
  return word;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// `"a " "b"` is one text, `f"a " f"b"` too. `at` goes past all of it; nothing where no string ends there (a lifetime, an apostrophe).
std::optional<std::string> text_at(std::string_view code, std::size_t& at) {
  std::optional<std::string> text;
  for (std::size_t next = at; next < code.size() && (code[next] == '"' || code[next] == '\'' || code[next] == '`');) {
    const std::size_t end = std::max(string_end(code, next), next + 1);
    if (end - next < 2) {
      if (!text) at = end;
      break;
    }
    std::size_t inner = next + 1;
    const std::string raw = raw_end(code, next, inner);
    text = text.value_or("") + std::string(code.substr(inner, end - inner - std::max<std::size_t>(raw.size(), 1)));
    at = next = end;
    while (next < code.size() && is_blank(code[next])) ++next;
    if (next + 1 < code.size() && std::string_view("bfruBFRU").find(code[next]) != code.npos && (code[next + 1] == '"' || code[next + 1] == '\'')) ++next;
  }
  return text;
}

std::string normalised(std::string_view code) {
  std::string out;
  for (std::size_t at = 0; at < code.size();) {
    if (opens_string(code, at)) {
      if (const auto text = text_at(code, at)) out += '\'' + *text + '\'';
      continue;
    }
    if (const std::size_t end = comment_end(code, at); end > at) {
      at = end;
      continue;
    }
    const char c = code[at];
    if (is_word(c) && (at == 0 || !is_word(code[at - 1]))) {
      const std::string_view word = word_at(code, at);
      if ((word == "await" || word == "std" || word == "new") && at + word.size() < code.size() && (word != "std" || code[at + word.size()] == ':')) {
        at += word.size() + (word == "std" ? 2 : 0);
        continue;
      }
      if (!out.empty() && is_word(out.back())) out += ' ';
      out += word;
      at += word.size();
      continue;
    }
    if (!is_blank(c)) {
      if ((c == ')' || c == ']' || c == '}') && !out.empty() && out.back() == ',') out.pop_back();
      out += c;
    }
    ++at;
  }
  while (!out.empty() && (out.back() == ';' || out.back() == ',')) out.pop_back();
  return out;
}

std::string spelled_out(std::string_view code) {
  constexpr char kJoint = '\x01';  // in place of the plus sign, which may stand in a text, too
  std::string out;
  const std::string plain = normalised(code);
  for (std::size_t at = 0; at < plain.size();) {
    if (plain[at] != '\'') {
      const bool format = (plain[at] == 'f' || plain[at] == 'F') && at + 1 < plain.size() && plain[at + 1] == '\'' && (at == 0 || !is_word(plain[at - 1]));
      if (!format) out += plain[at] == '+' ? kJoint : plain[at];
      ++at;
      continue;
    }
    const bool format = at > 0 && (plain[at - 1] == 'f' || plain[at - 1] == 'F');
    const std::size_t end = std::max(string_end(plain, at), at + 1);
    std::string text(plain.substr(at, end - at));
    static const RE2 kTemplate("\\$\\{([^{}]*)\\}"), kFormat("\\{([^{}]+)\\}");
    RE2::GlobalReplace(&text, format ? kFormat : kTemplate, "'\x01\\1\x01'");
    out += text;
    at = end;
  }
  for (const std::string_view empty : {"''\x01", "\x01''", "'\x01'"}) {
    for (auto at = out.find(empty); at != out.npos; at = out.find(empty)) out.erase(at, empty.size());
  }
  return out;
}

namespace {

// Past the `>` of Rust's `List::<u8, 2>::new()` or Java's `Map.<K, V>of()`; where it began when it is a comparison.
std::size_t type_arguments_end(std::string_view text, std::size_t open) {
  if (text[open] != '<' || open == 0 || (text[open - 1] != ':' && text[open - 1] != '.')) return open;
  int depth = 0;
  for (std::size_t at = open; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '<') ++depth;
    else if (c == '>' && --depth == 0) return at + 1 < text.size() && (text[at + 1] == '(' || text[at + 1] == '{' || text.substr(at + 1, 2) == "::") ? at + 1 : open;
    else if (c != '>' && !is_word(c) && !is_blank(c) && std::string_view(",:;&*[]'").find(c) == std::string_view::npos) return open;
  }
  return open;
}

}  // namespace

std::vector<std::string_view> split_arguments(std::string_view text) {
  std::vector<std::string_view> parts;
  if (trimmed(text).empty()) return parts;
  Scan scan{text};
  std::size_t begin = 0;
  for (std::size_t at; (at = scan.next()) != text.npos;) {
    if (text[at] == '<') scan.at = std::max(scan.at, type_arguments_end(text, at));
    if (text[at] != ',') continue;
    parts.push_back(trimmed(text.substr(begin, at - begin)));
    begin = at + 1;
  }
  if (const auto last = trimmed(text.substr(begin)); !last.empty()) parts.push_back(last);
  return parts;
}

std::vector<ChainLink> chain_of(std::string_view text) {
  std::vector<ChainLink> chain;
  text = trimmed(text);
  for (const std::string_view lead : {"await ", "return ", "void "}) {
    if (text.starts_with(lead)) text = trimmed(text.substr(lead.size()));
  }
  std::size_t at = 0;
  while (at < text.size()) {
    while (at < text.size() && is_blank(text[at])) ++at;
    const std::string_view name = word_at(text, at);
    if (name.empty()) break;
    ChainLink link{name, false, {}};
    at += name.size();
    if (at < text.size() && text[at] == '!' && text.substr(at, 2) != "!=") ++at;  // a macro, or TypeScript's "not null"
    if (at < text.size() && text[at] == '<') {                                    // type arguments
      const auto end = text.find('>', at);
      if (end != text.npos && end + 1 < text.size() && text[end + 1] == '(') at = end + 1;
    }
    while (at < text.size() && (text[at] == '(' || text[at] == '[' || text[at] == '`')) {
      const std::size_t end = text[at] == '`' ? string_end(text, at) - 1 : closing(text, at);
      if (end == text.npos || end >= text.size()) return {};
      if (text[at] == '(') {
        link.called = true;
        link.arguments = split_arguments(text.substr(at + 1, end - at - 1));
      }
      at = end + 1;
      if (at < text.size() && text[at] == '!') ++at;
    }
    chain.push_back(link);
    while (at < text.size() && is_blank(text[at])) ++at;
    if (at >= text.size() || text[at] == ';') break;
    if (text.substr(at, 2) == "?." || text.substr(at, 2) == "::" || text.substr(at, 2) == "->") at += 2;
    else if (text[at] == '.') ++at;
    else return {};
  }
  return chain;
}

std::optional<Binary> binary_of(std::string_view text) {
  text = trimmed(text);
  static constexpr std::array<std::array<std::string_view, 13>, 3> kLevels = {{
      {"||", " or "},
      {"&&", " and "},
      {"===", "!==", "==", "!=", "<=", ">=", " not in ", " is not ", " in ", " is ", " instanceof ", "<", ">"},
  }};
  for (const auto& level : kLevels) {
    Scan scan{text};
    for (std::size_t at; (at = scan.next()) != text.npos;) {
      for (const std::string_view op : level) {
        if (op.empty() || text.substr(at, op.size()) != op) continue;
        if (at == 0 || at + op.size() >= text.size()) break;
        if ((op == "<" || op == ">") && (text[at + 1] == '<' || text[at + 1] == '>' || text[at - 1] == '-' || text[at - 1] == '=' || text[at - 1] == '<')) break;
        if (op == "==" && (text[at - 1] == '<' || text[at - 1] == '>')) break;
        return Binary{trimmed(text.substr(0, at)), trimmed(op), trimmed(text.substr(at + op.size()))};
      }
    }
  }
  return std::nullopt;
}

std::string_view without_negation(std::string_view text, bool& negated) {
  for (;;) {
    text = trimmed(text);
    const bool negates = text.starts_with('!') || text.starts_with("not ") || text.starts_with("not(");
    // `!a && !b` denies `a` alone; Python's `not a == b` denies all of it.
    if (const auto binary = negates ? binary_of(text) : std::nullopt; binary && (text[0] == '!' || binary->op == "and" || binary->op == "or")) return text;
    if (text.size() > 1 && text[0] == '!' && text[1] != '=') {
      negated = !negated;
      text.remove_prefix(1);
    } else if (text.starts_with("not ")) {
      negated = !negated;
      text.remove_prefix(4);
    } else if (text.starts_with("not(")) {
      negated = !negated;
      text.remove_prefix(3);
    } else if (text.size() > 1 && text[0] == '(' && closing(text, 0) == text.size() - 1 && split_arguments(text.substr(1, text.size() - 2)).size() == 1) {
      text = text.substr(1, text.size() - 2);
    } else {
      return text;
    }
  }
}

bool is_one_of(std::string_view condition, std::string_view any) {
  const auto bare = [](std::string_view text) {
    bool negated = false;
    return text.starts_with('(') ? without_negation(text, negated) : text;
  };
  if (bare(condition) == bare(any)) return true;
  const auto binary = binary_of(bare(any));
  return binary && (binary->op == "||" || binary->op == "or") && (is_one_of(condition, binary->left) || is_one_of(condition, binary->right));
}

std::string with_names_told(std::string code, const std::map<std::string, std::string>& names) {
  constexpr int kDepth = 3;
  constexpr std::size_t kLongest = 4000;
  static const RE2 kPart("^('(?:[^'\\\\]|\\\\.)*'|\\.?[A-Za-z_]\\w*|[0-9][\\w.]*|(?s).)");
  for (int depth = 0; depth < kDepth && code.size() < kLongest; ++depth) {
    std::string told, part;
    for (re2::StringPiece left(code); RE2::Consume(&left, kPart, &part);) {
      const auto value = names.find(part);
      told += value == names.end() ? part : "(" + value->second + ")";
    }
    if (told == code) break;
    code = std::move(told);
  }
  return code;
}

bool is_literal(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return false;
  static constexpr std::array<std::string_view, 16> kWords = {"true", "false", "True", "False", "None", "null", "nil", "nullptr",
                                                              "undefined", "NULL", "NaN", "Infinity", "Ok", "Err", "Some", "TRUE"};
  const std::string_view word = word_at(text, 0);
  if (std::find(kWords.begin(), kWords.end(), word) != kWords.end()) return !binary_of(text);
  if (text[0] == '-' || text[0] == '+') text.remove_prefix(1);
  if (text.empty()) return false;
  if (is_digit(text[0]) || text[0] == '.') return text.find_first_of(" ()[]{}=<>,") == text.npos;
  if (opens_string(text, 0)) return string_end(text, 0) == text.size();
  if (text[0] == '[' || text[0] == '{') return closing(text, 0) == text.size() - 1;
  const std::size_t quote = text.find_first_of("\"'");
  static const RE2 kPrefix("^(b?r#*|u8R?|[bfruBFRUL]{1,2})$");
  if (quote != text.npos && quote < 9 && matches(text.substr(0, quote), kPrefix)) return string_end(text, quote) == text.size();
  if (text[0] == '(') {
    const auto inside = split_arguments(text.substr(1, text.size() >= 2 ? text.size() - 2 : 0));
    return std::all_of(inside.begin(), inside.end(), [](std::string_view one) { return is_literal(one); });
  }
  return text.starts_with("vec!") || text.starts_with("List.of(") || text.starts_with("[]") || text.starts_with("new int[") || text.starts_with("map[");
}

std::vector<std::string> tokens(std::string_view code) {
  std::vector<std::string> found;
  for (std::size_t at = 0; at < code.size();) {
    if (opens_string(code, at)) {
      if (auto text = text_at(code, at)) found.push_back('\'' + std::move(*text) + '\'');
    } else if (const std::size_t end = comment_end(code, at); end > at) {
      at = end;
    } else if (is_word(code[at])) {
      std::size_t stop = at;
      while (stop < code.size() && (is_word(code[stop]) || (code[stop] == '.' && is_digit(code[at]) && stop + 1 < code.size() && is_digit(code[stop + 1])))) ++stop;
      std::string token(code.substr(at, stop - at));
      if (is_digit(token[0]) && at > 0 && code[at - 1] == '-') token.insert(0, "-");
      found.push_back(std::move(token));
      at = stop;
    } else {
      ++at;
    }
  }
  return found;
}

std::vector<std::string> literals(std::string_view code) {
  std::vector<std::string> found = tokens(code);
  std::erase_if(found, [](const std::string& token) { return token[0] != '\'' && !is_digit(token[0]) && token[0] != '-'; });
  return found;
}

std::set<std::string> identifiers(std::string_view code) {
  std::set<std::string> found;
  for (std::string& token : tokens(code)) {
    if (token[0] != '\'' && !is_digit(token[0]) && token[0] != '-') found.insert(std::move(token));
  }
  return found;
}

std::set<std::string> called_names(std::string_view code) {
  std::set<std::string> found;
  for (std::size_t at = 1; at < code.size(); ++at) {
    if (code[at] != '(' && code[at] != '!') continue;
    std::size_t begin = at;
    while (begin > 0 && is_word(code[begin - 1])) --begin;
    if (begin < at && !is_digit(code[begin]) && (code[at] == '(' || (at + 1 < code.size() && code[at + 1] == '('))) found.emplace(code.substr(begin, at - begin));
  }
  return found;
}

std::set<std::string> words(std::string_view text) {
  std::set<std::string> found;
  std::string word;
  const auto flush = [&] {
    if (word.size() > 1 || (word.size() == 1 && is_digit(word[0]))) found.insert(stem(lower(word)));
    word.clear();
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool decimal = c == '.' && !word.empty() && is_digit(word.back()) && at + 1 < text.size() && is_digit(text[at + 1]);
    if (!std::isalnum(static_cast<unsigned char>(c)) && !decimal) flush();
    else if (std::isupper(static_cast<unsigned char>(c)) && !word.empty() && std::islower(static_cast<unsigned char>(word.back()))) {
      flush();
      word += c;
    } else word += c;
  }
  flush();
  return found;
}

std::set<std::string> plain_words(std::string_view text) {
  std::set<std::string> found;
  std::string word;
  for (const char c : lower(text) + " ") {
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '_') word += c;
    else if (!word.empty()) found.insert(std::exchange(word, {}));
  }
  return found;
}

double likeness(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  if (a.empty() || b.empty()) return 0;
  std::map<std::string_view, int> left;
  for (const std::string& token : a) ++left[token];
  int shared = 0;
  for (const std::string& token : b) shared += --left[token] >= 0;
  return 2.0 * shared / static_cast<double>(a.size() + b.size());
}

namespace {

// 0o775, 0775, 0x1fd, 0b101: one number in each spelling.
std::optional<double> number_of_base(std::string_view digits) {
  int base = 8;
  if (digits.size() < 2 || digits[0] != '0') return std::nullopt;
  const char letter = static_cast<char>(std::tolower(static_cast<unsigned char>(digits[1])));
  if (letter == 'x' || letter == 'b') base = letter == 'x' ? 16 : 2;
  digits.remove_prefix(letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  constexpr std::uint64_t kExact = 1ull << 53;  // beyond it two numbers are one
  if (error != std::errc() || end != digits.data() + digits.size() || value > kExact) return std::nullopt;
  return static_cast<double>(value);
}

}  // namespace

std::optional<double> number_of(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  std::string plain;
  for (const char c : text) {
    if (c != '_' && c != '\'') plain += c;
  }
  if (const auto whole = number_of_base(plain)) return whole;
  double value = 0;
  const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
  if (error != std::errc() || end == plain.data()) return std::nullopt;
  const std::string_view rest(end, static_cast<std::size_t>(plain.data() + plain.size() - end));
  static constexpr std::array<std::string_view, 21> kSuffixes = {"", "f", "F", "d", "D", "L", "l", "u", "U", "ul", "UL", "ull", "ULL", "LL", "f32", "f64", "i32", "u32", "i64", "u64", "usize"};
  if (std::find(kSuffixes.begin(), kSuffixes.end(), rest) == kSuffixes.end()) return std::nullopt;
  return value;
}

int line_at(std::string_view text, std::size_t byte) {
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(byte, text.size())), '\n'));
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace baton::audit
