// Which folders a user's own tools live in, read off PATH and the variables of toolchain managers.
//
// A folder is shown whole when it is the prefix of an installation (`bin` beside `lib`, `share`, ...) or a manager's
// own root; otherwise only the PATH entry itself. HOME, what holds HOME, work trees and places of credentials are never
// shown.
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <system_error>

#include "support/path_order.h"
#include "support/sandbox.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxEntries = 4000;  // looked at in one folder of PATH
constexpr int kMaxLinks = 16;

constexpr const char* kSystem[] = {"/usr",   "/bin",    "/sbin",      "/lib",      "/lib32",
                                   "/lib64", "/libx32", "/nix/store", "/gnu/store"};

// Roots of managers below HOME that hold tools alone.
constexpr const char* kManagers[] = {".nvm",
                                     ".pyenv",
                                     ".rbenv",
                                     ".nodenv",
                                     ".goenv",
                                     ".jenv",
                                     ".asdf",
                                     ".volta",
                                     ".deno",
                                     ".bun",
                                     ".fnm",
                                     ".rustup",
                                     ".sdkman/candidates",
                                     ".ghcup",
                                     ".opam",
                                     ".elan",
                                     ".juliaup",
                                     ".phpenv",
                                     ".plenv",
                                     ".tfenv",
                                     ".swiftly",
                                     ".dotnet",
                                     ".local/share/mise",
                                     ".local/share/fnm",
                                     ".local/share/uv",
                                     ".local/share/pnpm",
                                     ".local/share/rtx",
                                     ".local/share/pipx",
                                     ".local/pipx",
                                     ".local/share/rustup",
                                     ".local/share/swiftly"};

constexpr const char* kCredentials[] = {".ssh",
                                        ".gnupg",
                                        ".aws",
                                        ".azure",
                                        ".kube",
                                        ".docker",
                                        ".password-store",
                                        ".mozilla",
                                        ".local/share/keyrings",
                                        ".config/gcloud",
                                        ".config/gh",
                                        ".config/git",
                                        ".claude",
                                        ".codex",
                                        ".gemini"};

struct Manager {
  const char* variable;
  const char* below_home;  // where it lies when the variable is not set; null: nowhere
};
constexpr Manager kVariables[] = {{"RUSTUP_HOME", ".rustup"},
                                  {"PYENV_ROOT", ".pyenv"},
                                  {"NVM_DIR", ".nvm"},
                                  {"RBENV_ROOT", ".rbenv"},
                                  {"NODENV_ROOT", ".nodenv"},
                                  {"GOENV_ROOT", ".goenv"},
                                  {"JENV_ROOT", ".jenv"},
                                  {"VOLTA_HOME", ".volta"},
                                  {"ASDF_DATA_DIR", ".asdf"},
                                  {"MISE_DATA_DIR", ".local/share/mise"},
                                  {"SDKMAN_CANDIDATES_DIR", ".sdkman/candidates"},
                                  {"GHCUP_INSTALL_BASE_PREFIX", nullptr},
                                  {"JAVA_HOME", nullptr},
                                  {"GOROOT", nullptr},
                                  {"VIRTUAL_ENV", nullptr},
                                  {"CONDA_PREFIX", nullptr},
                                  {"DOTNET_ROOT", ".dotnet"},
                                  {"M2_HOME", nullptr},
                                  {"MAVEN_HOME", nullptr},
                                  {"GRADLE_HOME", nullptr},
                                  {"DENO_INSTALL", nullptr},
                                  {"BUN_INSTALL", nullptr},
                                  {"ANDROID_HOME", nullptr},
                                  {"ANDROID_SDK_ROOT", nullptr},
                                  {"ELAN_HOME", ".elan"},
                                  {"OPAMROOT", nullptr},
                                  {"PNPM_HOME", nullptr}};

fs::path home_of(const Environment& env) {
  if (const auto home = get(env, "HOME"); home && home->starts_with('/')) return normal(*home);
  std::vector<char> buffer(16384);
  struct passwd entry {};
  struct passwd* found = nullptr;
  if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found && found->pw_dir)
    return normal(found->pw_dir);
  return {};
}

bool is_system(const fs::path& path) {
  return std::any_of(std::begin(kSystem), std::end(kSystem),
                     [&](std::string_view folder) { return below(path.native(), folder); });
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

bool present(const fs::path& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
}

// Of a link; empty: it is none.
fs::path target_of(const fs::path& link) {
  std::array<char, 4096> text;
  const auto size = ::readlink(link.c_str(), text.data(), text.size());
  return size > 0 && static_cast<std::size_t>(size) < text.size()
             ? fs::path(std::string(text.data(), static_cast<std::size_t>(size)))
             : fs::path();
}

class Toolchain {
 public:
  explicit Toolchain(const Environment& env) : env_(env), home_(home_of(env)) {
    std::error_code error;
    real_home_ = home_.empty() ? home_ : fs::weakly_canonical(home_, error);
  }

  void collect() {
    const std::string path = get(env_, "PATH").value_or("");
    for (std::size_t at = 0; at <= path.size();) {
      const std::size_t end = std::min(path.find(':', at), path.size());
      if (const fs::path entry = path.substr(at, end - at); entry.is_absolute() && is_folder(entry))
        add_path_entry(normal(entry));
      at = end + 1;
    }
    for (const Manager& manager : kVariables) {
      if (const auto folder = root_of(manager)) show(*folder);
    }
  }

  // A manager's root: the user's value, or the usual place when something on PATH comes from there.
  std::optional<fs::path> root_of(const Manager& manager) const {
    if (const auto value = get(env_, manager.variable); value && value->starts_with('/') && is_folder(*value))
      return normal(*value);
    if (!manager.below_home || home_.empty()) return std::nullopt;
    fs::path usual = home_ / manager.below_home;
    if (is_folder(usual)) return usual;
    return std::nullopt;
  }

  bool may_show(const fs::path& folder) const {
    std::error_code error;
    const fs::path real = fs::weakly_canonical(folder, error);
    for (const fs::path& home : {home_, real_home_}) {
      if (home.empty()) continue;
      for (const fs::path& candidate : {folder, real}) {
        if (below(home, candidate)) return false;
        for (const char* place : kCredentials)
          if (below(candidate, home / place) || below(home / place, candidate)) return false;
      }
    }
    return folder != "/" && real != "/" && real.parent_path() != "/";
  }

  std::vector<BindMount> take() {
    std::vector<BindMount> binds;
    for (const auto& [target, source] : shown_) {
      // Covered by a parent that shows the same content.
      const bool covered = std::any_of(binds.begin(), binds.end(), [&](const BindMount& bind) {
        return below(target, bind.target) && source == normal(bind.source / target.lexically_relative(bind.target));
      });
      if (!covered) binds.push_back({source, target, false});
    }
    return binds;
  }

 private:
  void add_path_entry(const fs::path& entry) {
    std::error_code error;
    if (!is_system(entry))
      show_installation(entry);
    else if (!system_.insert(fs::weakly_canonical(entry, error)).second)
      return;  // /bin is /usr/bin today
    std::size_t seen = 0;
    for (fs::directory_iterator at(entry, error), end; !error && at != end && seen < kMaxEntries;
         at.increment(error), ++seen)
      if (at->is_symlink(error)) follow(at->path());
  }

  // Every place a chain of links passes through has to be there inside.
  void follow(fs::path link) {
    for (int hop = 0; hop < kMaxLinks; ++hop) {
      const fs::path to = target_of(link);
      if (to.empty()) break;
      if (hop == 0 && to.native().find('/') == std::string::npos) return;  // its neighbour is looked at, too
      link = normal(to.is_absolute() ? to : link.parent_path() / to);
      if (below(link, "/etc/alternatives") || is_system(link)) continue;
      if (!present(link)) return;
      if (!visible(link)) show_installation(is_folder(link) ? link : link.parent_path());
    }
  }

  // The installation that a folder of programs belongs to.
  void show_installation(const fs::path& folder) {
    for (const char* manager : kManagers) {
      if (!home_.empty() && below(folder, home_ / manager) && show(home_ / manager)) return;
    }
    if (const fs::path packages = packages_around(folder); !packages.empty() && show(packages)) return;
    const std::string name = folder.filename().string();
    const fs::path parent = folder.parent_path();
    if ((name == "bin" || name == "sbin" || name == "shims") && is_prefix(parent) && show(parent)) return;
    show(folder);
  }

  // The outermost `node_modules`: a package of npm finds what it needs beside itself. Empty: it is in none.
  static fs::path packages_around(const fs::path& folder) {
    fs::path path;
    for (const fs::path& part : folder) {
      path /= part;
      if (part == "node_modules") return path;
    }
    return {};
  }

  bool is_prefix(const fs::path& folder) const {
    if (present(folder / ".git") || !may_show(folder) || folder == home_ / ".local" || folder == home_ / ".cargo")
      return false;
    for (const char* part : {"lib", "lib64", "libexec", "share", "pyvenv.cfg", "jmods"})
      if (present(folder / part)) return true;
    return false;
  }

  bool visible(const fs::path& path) const {
    return std::any_of(shown_.begin(), shown_.end(), [&](const auto& shown) { return below(path, shown.first); });
  }

  // At the path the user knows and, when that leads through links, at its real place too.
  bool show(const fs::path& folder) {
    if (is_system(folder) || !may_show(folder)) return false;
    std::error_code error;
    const fs::path real = fs::canonical(folder, error);
    if (error) return false;
    shown_[folder] = real;
    if (real != folder && !is_system(real)) shown_[real] = real;
    return true;
  }

  const Environment& env_;
  const fs::path home_;
  fs::path real_home_;
  std::set<fs::path> system_;           // folders of the system that were looked at
  std::map<fs::path, fs::path> shown_;  // target -> source, parents first
};

}  // namespace

std::vector<BindMount> toolchain_binds(const Environment& user_env) {
  Toolchain toolchain(user_env);
  toolchain.collect();
  return toolchain.take();
}

Environment toolchain_environment(const Environment& user_env) {
  const Toolchain toolchain(user_env);
  Environment env;
  for (const Manager& manager : kVariables) {
    const auto root = toolchain.root_of(manager);
    if (root && (is_system(*root) || toolchain.may_show(*root))) set(env, manager.variable, root->string());
  }
  return env;
}

}  // namespace baton
