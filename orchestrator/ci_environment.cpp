#include "orchestrator/ci_environment.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>
#include <string_view>
#include <system_error>

#include "support/hash.h"
#include "support/redact.h"

namespace baton {
namespace {

namespace fs = std::filesystem;
using Names = std::span<const std::string_view>;

// What every run gets. A fixed hash seed and no bytecode files: both sides see the same order, and a run leaves less
// behind.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kFixed{{
    {"CI", "1"},
    {"TERM", "dumb"},
    {"LANG", "C.UTF-8"},
    {"LC_ALL", "C.UTF-8"},
    {"TZ", "UTC"},
    {"GIT_TERMINAL_PROMPT", "0"},
    {"PYTHONHASHSEED", "0"},
    {"PYTHONDONTWRITEBYTECODE", "1"},
    {"PIP_DISABLE_PIP_VERSION_CHECK", "1"},
    {"PIP_NO_INPUT", "1"},
    {"npm_config_audit", "false"},
    {"npm_config_fund", "false"},
    {"npm_config_update_notifier", "false"},
    {"DO_NOT_TRACK", "1"},
}};

// What finds the user's tools.
constexpr auto kToolchain = std::to_array<std::string_view>({"JAVA_HOME",
                                                             "GOROOT",
                                                             "GOTOOLCHAIN",
                                                             "NVM_DIR",
                                                             "NVM_BIN",
                                                             "VOLTA_HOME",
                                                             "FNM_DIR",
                                                             "PYENV_ROOT",
                                                             "PYENV_VERSION",
                                                             "RBENV_ROOT",
                                                             "ASDF_DIR",
                                                             "ASDF_DATA_DIR",
                                                             "MISE_DATA_DIR",
                                                             "RUSTUP_HOME",
                                                             "RUSTUP_TOOLCHAIN",
                                                             "CONDA_PREFIX",
                                                             "SDKROOT",
                                                             "DEVELOPER_DIR",
                                                             "CC",
                                                             "CXX",
                                                             "LD_LIBRARY_PATH",
                                                             "PKG_CONFIG_PATH",
                                                             "CMAKE_PREFIX_PATH"});

// What finds the user's registries, through the user's proxy and certificates.
constexpr auto kRegistry = std::to_array<std::string_view>(
    {"http_proxy", "https_proxy", "no_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
     "GOPROXY", "GONOSUMDB", "GONOPROXY", "GOPRIVATE", "GOSUMDB", "GOFLAGS"});
constexpr auto kRegistryPrefixes =
    std::to_array<std::string_view>({"npm_config_", "NPM_CONFIG_", "PIP_", "UV_", "CARGO_REGISTRIES_", "CARGO_NET_",
                                     "CARGO_HTTP_", "YARN_", "BUNDLE_MIRROR"});

// Of those, what says where this user's installer keeps or puts things: not a registry's matter.
constexpr auto kOwnPlaces = std::to_array<std::string_view>(
    {"prefix", "cache", "cache_dir", "target", "user", "user_agent", "init_module", "node_gyp", "global_config",
     "globalconfig", "require_virtualenv", "project_environment", "python", "tool_dir", "tool_bin_dir"});

// Variables that name a file or folder of certificates.
constexpr auto kCertificates = std::to_array<std::string_view>(
    {"SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO",
     "PIP_CERT", "NPM_CONFIG_CAFILE", "npm_config_cafile", "CARGO_HTTP_CAINFO"});

// Configuration files of installers: the variable that points there, and where the file is when it is not set.
struct ConfigFile {
  std::string_view variable;
  Names places;  // below HOME
};
constexpr auto kNpmPlaces = std::to_array<std::string_view>({".npmrc"});
constexpr auto kPipPlaces = std::to_array<std::string_view>({".config/pip/pip.conf", ".pip/pip.conf"});
constexpr auto kUvPlaces = std::to_array<std::string_view>({".config/uv/uv.toml"});
const std::array<ConfigFile, 3> kConfigFiles{{
    {"NPM_CONFIG_USERCONFIG", kNpmPlaces},
    {"PIP_CONFIG_FILE", kPipPlaces},
    {"UV_CONFIG_FILE", kUvPlaces},
}};

bool among(Names names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool starts_with_any(Names prefixes, std::string_view name) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

bool says_own_place(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::any_of(kOwnPlaces.begin(), kOwnPlaces.end(), [&](std::string_view end) {
    return lower.ends_with(end) && lower.size() > end.size() && lower[lower.size() - end.size() - 1] == '_';
  });
}

bool inside(const fs::path& path, const fs::path& folder) {
  const auto [end, rest] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  (void)rest;
  return end == folder.end();
}

std::string search_path(const Environment& client, const fs::path& root) {
  std::string out;
  const std::string path = get(client, "PATH").value_or("/usr/local/bin:/usr/bin:/bin");
  for (std::size_t at = 0; at <= path.size();) {
    const auto end = std::min(path.find(':', at), path.size());
    const fs::path folder = path.substr(at, end - at);
    at = end + 1;
    if (!folder.is_absolute() || inside(folder.lexically_normal(), root)) continue;
    if (!out.empty()) out += ':';
    out += folder.string();
  }
  return out;
}

// System folders are in every sandbox; what lies elsewhere must be bound. Links are bound with their targets.
void bind_file(std::vector<BindMount>& binds, const fs::path& path) {
  std::error_code failed;
  if (!path.is_absolute() || !fs::exists(path, failed)) return;
  for (const fs::path& one : {path, fs::weakly_canonical(path, failed)}) {
    const bool known =
        std::any_of(binds.begin(), binds.end(), [&](const BindMount& bind) { return bind.target == one; });
    if (!inside(one, "/usr") && !inside(one, "/etc") && !known) binds.push_back({path, one, false});
  }
}

// An empty file stands for "no configuration", so that an installer never meets one of the tree by accident.
void add_config_files(CiEnvironment& ci, const Environment& client) {
  const fs::path home = get(client, "HOME").value_or("");
  for (const ConfigFile& file : kConfigFiles) {
    std::vector<fs::path> places;
    if (const auto set_by_user = get(client, file.variable)) places.push_back(*set_by_user);
    for (const std::string_view place : file.places) {
      if (home.is_absolute()) places.push_back(home / place);
    }
    std::error_code failed;
    const auto found = std::find_if(places.begin(), places.end(),
                                    [&](const fs::path& path) { return fs::is_regular_file(path, failed); });
    if (found == places.end()) continue;
    set(ci.setup, std::string(file.variable), found->string());
    bind_file(ci.setup_binds, *found);
  }
}

}  // namespace

CiEnvironment ci_environment(const Environment& client, const fs::path& repository_root) {
  CiEnvironment ci;
  set(ci.gate, "PATH", search_path(client, repository_root));
  for (const auto& [name, value] : kFixed) set(ci.gate, std::string(name), std::string(value));
  for (const auto& [name, value] : client) {
    const bool in_tree = fs::path(value).is_absolute() && inside(fs::path(value).lexically_normal(), repository_root);
    if (among(kToolchain, name) && !in_tree) set(ci.gate, name, value);
  }
  // A manager looks for its tools below HOME, which is a private one inside: it is told where they are.
  for (const auto& [name, value] : toolchain_environment(client)) {
    if (!get(client, name) && !inside(fs::path(value), repository_root)) set(ci.gate, name, value);
  }

  ci.setup = ci.gate;
  for (const auto& [name, value] : client) {
    const bool certificate = among(kCertificates, name);
    const bool registry = among(kRegistry, name) || (starts_with_any(kRegistryPrefixes, name) && !says_own_place(name));
    if (certificate || registry) set(ci.setup, name, value);
    if (certificate) bind_file(ci.setup_binds, value);
    if (name == "PIP_FIND_LINKS" || name == "UV_FIND_LINKS") bind_file(ci.setup_binds, value);
  }
  add_config_files(ci, client);
  ci.secrets = secret_values(client);
  return ci;
}

std::string environment_digest(const Environment& env) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : env) {
    const bool secret = !secret_values({{name, value}}).empty();
    lines.push_back(name + "=" + (secret ? "" : value) + '\0');
  }
  std::sort(lines.begin(), lines.end());
  std::string all;
  for (const std::string& line : lines) all += line;
  return sha256(all);
}

}  // namespace baton
