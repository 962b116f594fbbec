#include "git/remote_url.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace baton {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string repository_path(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.ends_with(".git")) path.remove_suffix(4);
  while (path.ends_with('/')) path.remove_suffix(1);
  return std::string(path);
}

// "user:password@host:port" or "[::1]:22"; false where it is no host.
bool read_place(std::string_view place, RemoteUrl& url) {
  if (const auto at = place.rfind('@'); at != place.npos) {
    const auto user = place.substr(0, at);
    url.user = user.substr(0, user.find(':'));
    place.remove_prefix(at + 1);
  }
  std::string_view port;
  if (place.starts_with('[')) {
    const auto close = place.find(']');
    if (close == place.npos) return false;
    url.host = place.substr(1, close - 1);
    if (close + 1 < place.size() && place[close + 1] == ':') port = place.substr(close + 2);
  } else {
    const auto colon = place.find(':');
    url.host = lower(place.substr(0, colon));
    if (colon != place.npos) port = place.substr(colon + 1);
  }
  if (!port.empty() && std::from_chars(port.data(), port.data() + port.size(), url.port).ptr != port.data() + port.size()) return false;
  return !url.host.empty() && url.port >= 0 && url.port < 65'536;
}

}  // namespace

std::optional<RemoteUrl> parse_remote_url(std::string_view text) {
  RemoteUrl url;
  if (const auto end = text.find("://"); end != text.npos) {
    std::string scheme = lower(text.substr(0, end));
    if (scheme == "git+ssh" || scheme == "ssh+git") scheme = "ssh";
    std::string_view rest = text.substr(end + 3);
    if (scheme == "file") return RemoteUrl{scheme, "", "", 0, std::string(rest)};
    if (scheme != "https" && scheme != "http" && scheme != "ssh" && scheme != "git") return std::nullopt;
    url.scheme = scheme;
    const auto slash = rest.find('/');
    if (slash == rest.npos || !read_place(rest.substr(0, slash), url)) return std::nullopt;
    url.path = repository_path(rest.substr(slash));
    return url.path.empty() ? std::nullopt : std::optional(url);
  }
  // As git tells them apart: a colon before the first slash is a host's.
  const auto bracket = text.find(']');
  const auto colon = text.find(':', text.starts_with('[') || text.find("@[") != text.npos ? (bracket == text.npos ? 0 : bracket) : 0);
  if (colon == text.npos || colon == 0 || text.find('/') < colon) return text.empty() ? std::nullopt : std::optional(RemoteUrl{"file", "", "", 0, std::string(text)});
  if (text.substr(colon, 2) == "::") return std::nullopt;  // a helper of git's (`ext::`), no address
  url.scheme = "ssh";
  if (!read_place(text.substr(0, colon), url)) return std::nullopt;
  url.path = repository_path(text.substr(colon + 1));
  return url.path.empty() ? std::nullopt : std::optional(url);
}

}  // namespace baton
