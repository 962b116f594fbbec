#include "lsp/uri.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

namespace baton {
namespace {

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// A per cent sign that begins no escape stands for itself.
std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex(text[i + 1]) : -1;
    const int low = high >= 0 ? hex(text[i + 2]) : -1;
    if (low >= 0) {
      plain += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

struct Parts {
  std::string scheme, authority, path, rest;  // rest: query and fragment with their marks
};

std::optional<Parts> parts_of(std::string_view uri) {
  const std::size_t colon = uri.find(':');
  if (colon == uri.npos || colon == 0 || !std::isalpha(static_cast<unsigned char>(uri[0]))) return std::nullopt;
  for (const char c : uri.substr(0, colon)) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '+' && c != '-' && c != '.') return std::nullopt;
  }
  Parts parts{lower(uri.substr(0, colon)), {}, {}, {}};
  std::string_view left = uri.substr(colon + 1);
  const std::size_t mark = left.find_first_of("?#");
  if (mark != left.npos) {
    parts.rest = left.substr(mark);
    left = left.substr(0, mark);
  }
  if (left.starts_with("//")) {
    left.remove_prefix(2);
    const std::size_t slash = std::min(left.find('/'), left.size());
    parts.authority = lower(left.substr(0, slash));
    left.remove_prefix(slash);
  }
  parts.path = unescaped(left);
  return parts;
}

// "/C:/x" and "/c:/x" are one path.
std::string normal_path(std::string path) {
  if (path.size() >= 3 && path[0] == '/' && std::isalpha(static_cast<unsigned char>(path[1])) && path[2] == ':') {
    path[1] = static_cast<char>(std::tolower(static_cast<unsigned char>(path[1])));
  }
  std::string normal = std::filesystem::path(path).lexically_normal().string();
  while (normal.size() > 1 && normal.back() == '/') normal.pop_back();
  return normal;
}

}  // namespace

std::optional<std::string> path_of_uri(std::string_view uri) {
  const auto parts = parts_of(uri);
  if (!parts || parts->scheme != "file" || (!parts->authority.empty() && parts->authority != "localhost")) {
    return std::nullopt;
  }
  if (!parts->path.starts_with('/') || parts->path.find('\0') != std::string::npos) return std::nullopt;
  return normal_path(parts->path);
}

std::string uri_of_path(std::string_view absolute_path) {
  constexpr std::string_view kPlain = "-._~/!$&'()*+,;=@";
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string uri = "file://";
  for (const char c : absolute_path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && (std::isalnum(byte) || kPlain.find(c) != kPlain.npos)) {
      uri += c;
    } else {
      uri += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return uri;
}

std::string normal_uri(std::string_view uri) {
  if (const auto path = path_of_uri(uri)) return uri_of_path(*path);
  const auto parts = parts_of(uri);
  if (!parts) return std::string(uri);
  return parts->scheme + "://" + parts->authority + parts->path + parts->rest;
}

std::optional<std::string> path_below(std::string_view path, std::string_view folder) {
  if (path == folder) return std::string();
  if (folder == "/") folder = "";
  if (!path.starts_with(folder) || path.size() <= folder.size() || path[folder.size()] != '/') return std::nullopt;
  return std::string(path.substr(folder.size() + 1));
}

}  // namespace baton
