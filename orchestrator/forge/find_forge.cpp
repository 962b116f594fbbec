// Which forge a remote belongs to, and where its API is.
#include <nlohmann/json.hpp>

#include "orchestrator/enum_text.h"
#include "orchestrator/forge/forge.h"
#include "support/json.h"

namespace baton {
namespace {

using enum ForgeKind;

bool is_of_ghe(const std::string& host) { return host.ends_with(".ghe.com"); }  // GitHub's, a name for each customer

std::optional<ForgeKind> kind_of_known(const std::string& host) {
  if (host == "github.com" || is_of_ghe(host)) return github;
  if (host == "gitlab.com") return gitlab;
  if (host == "codeberg.org") return gitea;
  return std::nullopt;
}

std::optional<ForgeKind> kind_of_word(const std::string& host) {
  for (const auto& [word, kind] : {std::pair("github", github), {"gitlab", gitlab}, {"gitea", gitea}, {"forgejo", gitea}}) {
    if (host.find(word) != host.npos) return kind;
  }
  return std::nullopt;
}

// Hosts that take ssh under another name.
std::string web_host(const std::string& host) {
  if (host == "ssh.github.com") return "github.com";
  if (host == "altssh.gitlab.com") return "gitlab.com";
  return host;
}

std::string api_below(ForgeKind kind, const std::string& base, const std::string& host) {
  switch (kind) {
    case github: return host == "github.com" || is_of_ghe(host) ? "https://api." + host : base + "/api/v3";
    case gitlab: return base + "/api/v4";
    case gitea: return base + "/api/v1";
  }
  return base;
}

std::string without_slashes(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

// What answers there, asked without a token.
std::optional<ForgeKind> kind_by_asking(const std::string& base, const Environment& client_env, const std::stop_token& stop) {
  const auto answers = [&](const char* path) -> std::optional<nlohmann::json> {
    HttpRequest request;
    request.url = base + path;
    request.env = client_env;
    request.headers = {{"User-Agent", "baton/" BATON_VERSION}, {"Accept", "application/json"}};
    request.limit = std::chrono::seconds(10);
    const auto answer = http_call(request, stop);
    if (!answer || (answer->status != 200 && answer->status != 401)) return std::nullopt;
    auto body = parse_json(answer->body);
    return body && body->is_object() ? std::optional(std::move(*body)) : std::nullopt;
  };
  if (const auto said = answers("/api/v1/version"); said && said->contains("version")) return gitea;
  if (const auto said = answers("/api/v4/version"); said && (said->contains("version") || said->contains("message") || said->contains("error"))) return gitlab;
  if (const auto said = answers("/api/v3/meta"); said && (said->contains("installed_version") || said->contains("message"))) return github;
  return std::nullopt;
}

bool is_web(const RemoteUrl& remote) { return remote.scheme == "https" || remote.scheme == "http"; }

// The base of a host that is not configured. Over ssh nothing tells the port of its web; https is taken.
std::string base_of(const RemoteUrl& remote) {
  const bool web = is_web(remote);
  const std::string host = remote.host.find(':') == remote.host.npos ? web_host(remote.host) : "[" + remote.host + "]";
  return (web ? remote.scheme : "https") + "://" + host + (web && remote.port > 0 ? ":" + std::to_string(remote.port) : "");
}

// The folders that a forge lies below, as its web addresses begin: "gitea/" of "https://example.com/gitea".
std::string web_folder(const RemoteUrl& configured) { return configured.path.substr(0, configured.path.size() - 1); }

std::optional<RemoteUrl> configured_web(const ForgeSetting& setting) { return setting.url.empty() ? std::nullopt : parse_remote_url(setting.url + "/-"); }

bool is_of_setting(const RemoteUrl& remote, const ForgeSetting& setting) {
  const auto configured = configured_web(setting);
  return configured && configured->host == web_host(remote.host) && (!is_web(remote) || remote.path.starts_with(web_folder(*configured)));
}

}  // namespace

std::string_view to_string(ForgeKind kind) {
  switch (kind) {
    case github: return "github";
    case gitlab: return "gitlab";
    case gitea: return "gitea";
  }
  return "github";
}

std::string repository_of(const RemoteUrl& remote, const ForgeSetting& setting) {
  return is_web(remote) && is_of_setting(remote, setting) ? remote.path.substr(web_folder(*configured_web(setting)).size()) : remote.path;
}

ForgePlace forge_place(ForgeKind kind, const RemoteUrl& remote, const ForgeSetting& setting) {
  ForgePlace place;
  place.kind = kind;
  place.host = web_host(remote.host);
  place.repository = repository_of(remote, setting);
  place.api = api_below(kind, is_of_setting(remote, setting) ? without_slashes(setting.url) : base_of(remote), place.host);
  return place;
}

std::optional<ForgePlace> find_forge(const RemoteUrl& remote, const ForgeSetting& setting, const Environment& client_env, std::string& why, std::stop_token stop) {
  if (remote.scheme == "file" || remote.host.empty()) {
    why = "The remote is a folder, and no forge.";
    return std::nullopt;
  }
  const auto web = configured_web(setting);
  const bool configured = is_of_setting(remote, setting);
  std::optional<ForgeKind> kind;
  if (configured && !setting.kind.empty()) kind = enum_named(setting.kind, {github, gitlab, gitea});
  if (!kind) kind = kind_of_known(web_host(remote.host));
  if (!kind && (configured || !web)) kind = kind_of_word(web_host(remote.host));
  if (!kind) kind = kind_by_asking(configured ? without_slashes(setting.url) : base_of(remote), client_env, stop);
  if (!kind && web && !configured) {  // a host that is no forge itself: the user says where its web is, and that gets its own token
    RemoteUrl there = *web;
    there.path = web_folder(*web) + remote.path;
    return find_forge(there, setting, client_env, why, stop);
  }
  if (!kind) {
    why = remote.host + " is no forge that is known here; say `forge.kind` and `forge.url` in your own configuration.";
    return std::nullopt;
  }
  return forge_place(*kind, remote, setting);
}

}  // namespace baton
