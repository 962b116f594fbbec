// Environments as data, and the search for programs: the parts of process.h that start nothing.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "support/process.h"

extern char** environ;

namespace baton {
namespace {

namespace fs = std::filesystem;

bool is_program(const fs::path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

std::optional<fs::path> find_program(std::string_view name, std::string_view path) {
  if (name.empty()) return std::nullopt;
  if (name.find('/') != name.npos) {
    if (is_program(name)) return fs::path(name);
    return std::nullopt;
  }
  while (true) {
    const auto colon = path.find(':');
    const std::string_view folder = path.substr(0, colon);
    // An empty entry would mean the current folder, which may be a repository's: never searched.
    if (folder.starts_with('/')) {
      fs::path candidate = fs::path(folder) / name;
      if (is_program(candidate)) return candidate;
    }
    if (colon == path.npos) return std::nullopt;
    path.remove_prefix(colon + 1);
  }
}

Environment current_environment() {
  Environment env;
  for (char** entry = environ; entry && *entry; ++entry) {
    const char* equals = std::strchr(*entry, '=');
    if (!equals || equals == *entry) continue;
    env.emplace_back(std::string(*entry, static_cast<std::size_t>(equals - *entry)), std::string(equals + 1));
  }
  return env;
}

std::optional<std::string> get(const Environment& env, std::string_view name) {
  for (const auto& [key, value] : env) {
    if (key == name) return value;
  }
  return std::nullopt;
}

void set(Environment& env, std::string name, std::string value) {
  for (auto& [key, old] : env) {
    if (key == name) {
      old = std::move(value);
      return;
    }
  }
  env.emplace_back(std::move(name), std::move(value));
}

}  // namespace baton
