#include "analyzers/readers/place.h"

#include <algorithm>
#include <array>
#include <vector>

#include "analyzers/readers/text.h"

namespace baton {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool has_drive(std::string_view path) {
  return path.size() > 2 && is_letter(path[0]) && path[1] == ':' && (path[2] == '\\' || path[2] == '/');
}

bool is_absolute(std::string_view path) { return !path.empty() && (path[0] == '/' || has_drive(path)); }

int hex(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string normal_path(std::string_view path) {
  std::string text(path);
  const bool windows = has_drive(path) || (path.find('\\') != std::string_view::npos && path.find('/') == std::string_view::npos);
  if (windows) std::replace(text.begin(), text.end(), '\\', '/');
  const bool rooted = !text.empty() && text[0] == '/';
  std::vector<std::string_view> parts;
  for (size_t at = 0; at <= text.size();) {
    size_t end = text.find('/', at);
    if (end == std::string::npos) end = text.size();
    const std::string_view part = std::string_view(text).substr(at, end - at);
    if (part == "..") {
      if (!parts.empty() && parts.back() != "..") {
        parts.pop_back();
      } else if (!rooted) {
        parts.push_back(part);
      }
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
    at = end + 1;
  }
  std::string out = rooted ? "/" : "";
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += '/';
    out += parts[i];
  }
  return out.empty() && !text.empty() ? "." : out;
}

std::string uri_to_path(std::string_view uri) {
  std::string_view rest = uri;
  bool file = false;
  if (take_prefix(rest, "file://")) {
    file = true;
    if (!rest.empty() && rest[0] != '/') {  // a host name
      const size_t slash = rest.find('/');
      if (rest.substr(0, slash) == "localhost" && slash != std::string_view::npos) rest.remove_prefix(slash);
    }
    if (rest.size() > 2 && rest[0] == '/' && has_drive(rest.substr(1))) rest.remove_prefix(1);
  } else if (take_prefix(rest, "file:")) {
    file = true;
  }
  if (!file && rest.find('%') == std::string_view::npos) return std::string(uri);
  std::string out;
  for (size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '%' && i + 2 < rest.size() + 0 && hex(rest[i + 1]) >= 0 && hex(rest[i + 2]) >= 0) {
      out += static_cast<char>(hex(rest[i + 1]) * 16 + hex(rest[i + 2]));
      i += 2;
    } else {
      out += rest[i];
    }
  }
  return out;
}

PathMapper::PathMapper(std::string_view cwd, std::string_view root, std::function<bool(const std::string&)> exists)
    : root_(normal_path(root.empty() ? cwd : root)), cwd_(normal_path(cwd.empty() ? root : cwd)), exists_(std::move(exists)) {}

bool PathMapper::inside(std::string_view mapped) const { return !mapped.empty() && !is_absolute(mapped); }

std::string PathMapper::map(std::string_view printed, std::string_view folder) const {
  printed = trim(printed);
  if (printed.empty() || printed == "-" || printed[0] == '<') return {};  // standard input
  std::string path = printed.substr(0, 5) == "file:" ? uri_to_path(printed) : std::string(printed);
  if (!is_absolute(path)) {
    const std::string base = folder.empty() ? cwd_ : normal_path(is_absolute(folder) ? std::string(folder) : cwd_ + "/" + std::string(folder));
    if (base.empty() || base == "/") return normal_path(path);
    path = base + "/" + path;
  }
  path = normal_path(path);
  if (root_.size() > 1 && path.size() > root_.size() && path.compare(0, root_.size(), root_) == 0 && path[root_.size()] == '/')
    return path.substr(root_.size() + 1);
  if (path == root_ && root_.size() > 1) return ".";
  return path;
}

std::string PathMapper::map_first(std::string_view printed, std::string_view folder_hint) const {
  const std::string plain = map(printed);
  if (!exists_ || exists_(plain)) return plain;
  // The hint is a logical place (a Go package, a Java package): its folders from the outside in.
  std::string_view hint = folder_hint;
  while (!hint.empty()) {
    std::string candidate = map(std::string(hint) + "/" + std::string(printed));
    if (exists_(candidate)) return candidate;
    const size_t slash = hint.find('/');
    if (slash == std::string_view::npos) break;
    hint.remove_prefix(slash + 1);
  }
  return plain;
}

bool parse_place(std::string_view text, Place& out) {
  // The separator is the first ":digits" or "(digits" that a place can end with.
  for (size_t at = has_drive(text) ? 2 : 1; at + 1 < text.size(); ++at) {
    if ((text[at] != ':' && text[at] != '(') || !is_digit(text[at + 1])) continue;
    const bool parenthesis = text[at] == '(';
    std::string_view rest = text.substr(at + 1);
    const int line = take_int(rest);
    int column = 0;
    if (line < 0) return false;
    if (parenthesis) {
      if (!rest.empty() && (rest[0] == ',' || rest[0] == ':')) {
        std::string_view more = trim_left(rest.substr(1));
        column = std::max(0, take_int(more));
        rest = more;
        while (!rest.empty() && (rest[0] == ',' || rest[0] == '-' || is_digit(rest[0]))) rest.remove_prefix(1);
      }
      if (rest.empty() || rest[0] != ')') continue;
      rest.remove_prefix(1);
      if (!rest.empty() && rest[0] == ':') rest.remove_prefix(1);
    } else {
      if (rest.size() > 1 && rest[0] == ':' && is_digit(rest[1])) {
        rest.remove_prefix(1);
        column = std::max(0, take_int(rest));
      }
      if (!rest.empty() && rest[0] == '-') {  // a range: 3-5
        std::string_view more = rest.substr(1);
        if (take_int(more) >= 0) rest = more;
      }
      if (!rest.empty() && rest[0] != ':' && rest[0] != ' ' && rest[0] != ',' && rest[0] != '\t' && rest[0] != ')') return false;
      if (!rest.empty() && (rest[0] == ':' || rest[0] == ',')) rest.remove_prefix(1);
    }
    out.path = text.substr(0, at);
    out.line = line;
    out.column = column;
    out.rest = trim_left(rest);
    return !out.path.empty();
  }
  return false;
}

bool parse_trailing_place(std::string_view text, Place& out) {
  text = trim_right(text);
  while (!text.empty() && (text.back() == ')' || text.back() == ':' || text.back() == '.')) text.remove_suffix(1);
  size_t start = text.find_last_of(" \t(");
  start = start == std::string_view::npos ? 0 : start + 1;
  Place place;
  if (!parse_place(text.substr(start), place) || !place.rest.empty()) {
    // A path may hold blanks when the place stands in parentheses.
    const size_t open = text.rfind('(');
    if (open == std::string_view::npos || !parse_place(text.substr(open + 1), place) || !place.rest.empty()) return false;
  }
  out = place;
  return true;
}

namespace {

constexpr std::array<bool, 256> make_in_no_path() {
  std::array<bool, 256> none{};
  for (const char c : {'"', '\'', '<', '>', '|', '*', '?', '=', '{', '}', '[', ']', ';', ',', '`'}) none[static_cast<unsigned char>(c)] = true;
  return none;
}
constexpr std::array<bool, 256> kInNoPath = make_in_no_path();
bool is_in_no_path(char c) { return kInNoPath[static_cast<unsigned char>(c)]; }

}  // namespace

bool looks_like_file(std::string_view path) {
  static constexpr std::array<std::string_view, 12> kNames = {"Makefile", "GNUmakefile", "makefile",  "Dockerfile", "Containerfile", "Gemfile",
                                                              "Rakefile", "Vagrantfile", "Brewfile", "Jenkinsfile", "BUILD",         "WORKSPACE"};
  const size_t slash = path.find_last_of("/\\");
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  if (name.empty() || name.size() > 255 || std::any_of(path.begin(), path.end(), is_in_no_path)) return false;
  if (std::find(kNames.begin(), kNames.end(), name) != kNames.end()) return true;
  if (name.substr(0, 11) == "Dockerfile.") return true;
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot + 1 >= name.size() || name.size() - dot > 11) return false;
  bool letter = false;
  for (const char c : name.substr(dot + 1)) {
    if (!is_letter(c) && !is_digit(c) && c != '+' && c != '_' && c != '-') return false;
    letter |= is_letter(c);
  }
  return letter;
}

}  // namespace baton
