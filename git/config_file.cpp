#include "git/config_file.h"

#include <algorithm>

#include "git/libgit2.h"
#include "support/files.h"

namespace baton {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMaxConfigBytes = 16u << 20;

}  // namespace

Result<ConfigFile> ConfigFile::read(const fs::path& path) {
  ConfigFile config;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return config;
  // Looked at by ourselves first: a pipe or an endless device must not hold us.
  if (auto bytes = read_file(path, kMaxConfigBytes); !bytes) return bytes.error();

  start_libgit2();
  const auto unreadable = [&] {
    return Error{ErrorKind::precondition, "Cannot read " + path.string() + ": " + libgit2_error() +
                                              "; correct it (`git config --list` shows the place)."};
  };
  git_config* handle = nullptr;
  if (git_config_open_ondisk(&handle, path.c_str()) != 0) return unreadable();
  const GitConfig owner(handle);
  git_config_iterator* iterator = nullptr;
  if (git_config_iterator_new(&iterator, handle) != 0) return unreadable();
  const GitConfigIterator iterator_owner(iterator);
  git_config_entry* entry = nullptr;
  while (git_config_next(&entry, iterator) == 0)
    config.entries_.emplace_back(entry->name, entry->value ? entry->value : "true");
  return config;
}

std::optional<std::string> ConfigFile::get(std::string_view name) const {
  const auto found = std::find_if(entries_.rbegin(), entries_.rend(), [&](const auto& e) { return e.first == name; });
  if (found == entries_.rend()) return std::nullopt;
  return found->second;
}

bool ConfigFile::get_bool(std::string_view name) const {
  const auto value = get(name);
  if (!value) return false;
  int parsed = 0;
  return git_config_parse_bool(&parsed, value->c_str()) == 0 && parsed != 0;
}

std::vector<fs::path> user_config_files(const Environment& env) {
  std::vector<fs::path> files;
  const auto add = [&](fs::path path) {
    std::error_code ignored;
    if (fs::is_regular_file(path, ignored)) files.push_back(std::move(path));
  };
  const std::string no_system = baton::get(env, "GIT_CONFIG_NOSYSTEM").value_or("");
  if (no_system.empty() || no_system == "0" || no_system == "false")
    add(baton::get(env, "GIT_CONFIG_SYSTEM").value_or("/etc/gitconfig"));
  if (const auto global = baton::get(env, "GIT_CONFIG_GLOBAL")) {
    add(*global);
    return files;
  }
  const std::string home = baton::get(env, "HOME").value_or("");
  if (const auto xdg = baton::get(env, "XDG_CONFIG_HOME"); xdg && !xdg->empty()) {
    add(fs::path(*xdg) / "git/config");
  } else if (!home.empty()) {
    add(fs::path(home) / ".config/git/config");
  }
  if (!home.empty()) add(fs::path(home) / ".gitconfig");
  return files;
}

}  // namespace baton
