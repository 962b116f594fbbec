// The token of a forge, where its user keeps it: configuration, environment, the forge's own command line, git's credential helpers. It is
// only ever looked for by the name of the host, so that no remote gets the token of another.
#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "orchestrator/forge/forge.h"

namespace baton {
namespace {

constexpr auto kLimit = std::chrono::seconds(20);

std::string trimmed(std::string text) {
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.pop_back();
  return text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

std::string host_in(const std::string& url) {
  const auto parsed = parse_remote_url(url + "/-");
  return parsed && !parsed->host.empty() ? parsed->host : url;
}

// Of this machine: "127.0.0.1" is, "127.example.com" is not.
bool is_here(const std::string& host) {
  in_addr address;
  if (inet_pton(AF_INET, host.c_str(), &address) == 1) return (ntohl(address.s_addr) >> 24) == 127;
  return host == "localhost" || host == "::1";
}

class TokenSearch {
 public:
  TokenSearch(const ForgePlace& place, const ForgeSetting& setting, const std::filesystem::path& root, const Environment& env, std::stop_token stop)
      : place_(place), setting_(setting), root_(root), env_(env), stop_(std::move(stop)) {}

  Result<ForgeToken> run() {
    const std::string configured_host = setting_.url.empty() ? "github.com" : host_in(setting_.url);
    if (configured_host == place_.host) {
      if (!setting_.token_variable.empty()) {
        if (const std::string value = variable(setting_.token_variable); !value.empty()) return ForgeToken{value, setting_.token_variable};
        return Error{ErrorKind::precondition, "The variable " + setting_.token_variable + ", which holds the token of " + place_.host + ", is not set; set it where Baton is started."};
      }
      if (!setting_.token_command.empty()) {
        if (const std::string value = trimmed(printed(setting_.token_command)); !value.empty()) return ForgeToken{value, "`" + setting_.token_command.front() + " …`"};
        return Error{ErrorKind::precondition, "The command that prints the token of " + place_.host + " printed none; run it in a terminal to see why."};
      }
    }
    for (auto looked : {&TokenSearch::in_environment, &TokenSearch::of_command_line, &TokenSearch::of_git}) {
      if (auto found = (this->*looked)()) return *found;
    }
    return none();
  }

 private:
  std::string variable(const std::string& name) const { return trimmed(get(env_, name).value_or("")); }

  std::string printed(const std::vector<std::string>& argv, const std::string& input = {}) const {
    if (!find_program(argv.front(), get(env_, "PATH").value_or(""))) return {};
    ProcessSpec spec;
    spec.argv = argv;
    spec.env = env_;
    std::erase_if(spec.env, [](const auto& entry) { return entry.first == "GIT_DIR" || entry.first == "GIT_WORK_TREE" || entry.first == "GIT_ASKPASS" || entry.first == "SSH_ASKPASS"; });
    set(spec.env, "GIT_TERMINAL_PROMPT", "0");
    spec.cwd = root_;
    spec.stdin_text = input;
    spec.timeout = kLimit;
    spec.max_output = 64u << 10;
    const auto ran = baton::run(spec, stop_);
    return ran && ran->success() ? ran->out : "";
  }

  std::optional<ForgeToken> in_environment() const {
    struct Variable {
      ForgeKind kind;
      const char *name, *of_host, *standard;  // the variable that names its host, and the host where it is not set
    };
    constexpr std::array<Variable, 8> kVariables = {{{ForgeKind::github, "GH_TOKEN", "", "github.com"},
                                                     {ForgeKind::github, "GITHUB_TOKEN", "", "github.com"},
                                                     {ForgeKind::github, "GH_ENTERPRISE_TOKEN", "GH_HOST", ""},
                                                     {ForgeKind::github, "GITHUB_ENTERPRISE_TOKEN", "GH_HOST", ""},
                                                     {ForgeKind::gitlab, "GITLAB_TOKEN", "GITLAB_HOST", "gitlab.com"},
                                                     {ForgeKind::gitlab, "GITLAB_ACCESS_TOKEN", "GITLAB_HOST", "gitlab.com"},
                                                     {ForgeKind::gitea, "GITEA_TOKEN", "GITEA_SERVER_URL", ""},
                                                     {ForgeKind::gitea, "FORGEJO_TOKEN", "FORGEJO_SERVER_URL", "codeberg.org"}}};
    for (const Variable& one : kVariables) {
      if (one.kind != place_.kind) continue;
      const std::string named = *one.of_host ? variable(one.of_host) : "";
      if ((named.empty() ? std::string(one.standard) : host_in(named)) != place_.host) continue;
      if (const std::string value = variable(one.name); !value.empty()) return ForgeToken{value, one.name};
    }
    return std::nullopt;
  }

  std::optional<ForgeToken> of_command_line() const {
    std::vector<std::string> argv;
    if (place_.kind == ForgeKind::github) argv = {"gh", "auth", "token", "--hostname", place_.host};
    if (place_.kind == ForgeKind::gitlab) argv = {"glab", "config", "get", "token", "--host", place_.host};
    if (argv.empty()) return std::nullopt;
    const std::string value = trimmed(printed(argv));
    if (value.empty() || value.find_first_of(" \n") != value.npos) return std::nullopt;
    return ForgeToken{value, "`" + argv[0] + "`"};
  }

  std::optional<ForgeToken> of_git() const {
    const auto api = parse_remote_url(place_.api + "/-");
    std::string host = place_.host;
    if (api && api->host == place_.host && api->port > 0) host += ":" + std::to_string(api->port);
    const std::string scheme = place_.api.starts_with("http://") ? "http" : "https";
    const std::string filled = printed({"git", "-c", "core.askPass=", "credential", "fill"}, "protocol=" + scheme + "\nhost=" + host + "\npath=" + place_.repository + ".git\n\n");
    const auto at = ("\n" + filled).find("\npassword=");
    if (filled.empty() || at == std::string::npos) return std::nullopt;
    const auto end = filled.find('\n', at);
    const std::string value = filled.substr(at + 9, end == std::string::npos ? end : end - at - 9);
    if (value.empty()) return std::nullopt;
    return ForgeToken{value, "git's credential helper"};
  }

  Error none() const {
    std::string how = "set FORGEJO_TOKEN or GITEA_TOKEN";
    if (place_.kind == ForgeKind::github) how = "log in with `gh auth login" + (place_.host == "github.com" ? "`, or set GH_TOKEN" : " --hostname " + place_.host + "`");
    if (place_.kind == ForgeKind::gitlab) how = "log in with `glab auth login --hostname " + place_.host + "`, or set GITLAB_TOKEN";
    return {ErrorKind::precondition, "There is no token for " + place_.host + "; " + how + ", or name it by `forge.token_env` in your own configuration."};
  }

  const ForgePlace& place_;
  const ForgeSetting& setting_;
  const std::filesystem::path& root_;
  const Environment& env_;
  std::stop_token stop_;
};

}  // namespace

Result<ForgeToken> find_token(const ForgePlace& place, const ForgeSetting& setting, const std::filesystem::path& root, const Environment& client_env, std::stop_token stop) {
  if (place.api.starts_with("http://") && setting.url.empty() && !is_here(place.host))
    return Error{ErrorKind::precondition, "A token would go to " + place.host + " unencrypted; name its https address in `forge.url` of your own configuration."};
  return TokenSearch(place, setting, root, client_env, std::move(stop)).run();
}

}  // namespace baton
