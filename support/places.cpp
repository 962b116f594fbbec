#include "support/places.h"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <string>
#include <system_error>
#include <vector>

#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

namespace baton {
namespace {

namespace fs = std::filesystem;

fs::path home(const Environment& env) {
  if (const auto value = get(env, "HOME"); value && value->starts_with('/')) return *value;
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found && found->pw_dir)
    return found->pw_dir;
  return "/nonexistent";
}

// The XDG rule: a value that is not an absolute path is ignored.
fs::path xdg(const Environment& env, const char* name, const char* below_home) {
  if (const auto value = get(env, name); value && value->starts_with('/')) return fs::path(*value) / "baton";
  return home(env) / below_home / "baton";
}

}  // namespace

fs::path config_home(const Environment& env) {
  return xdg(env, "XDG_CONFIG_HOME", ".config");
}

fs::path cache_home(const Environment& env) {
  return xdg(env, "XDG_CACHE_HOME", ".cache");
}

fs::path runtime_home(const Environment& env) {
  if (const auto value = get(env, "XDG_RUNTIME_DIR"); value && value->starts_with('/'))
    return fs::path(*value) / "baton";
  return fs::path("/tmp") / ("baton-" + std::to_string(::geteuid()));
}

fs::path own_executable() {
  std::error_code error;
#ifdef __APPLE__
  std::array<char, 4096> buffer{};
  std::uint32_t size = buffer.size();
  if (::_NSGetExecutablePath(buffer.data(), &size) != 0) return {};
  return fs::canonical(buffer.data(), error);
#else
  return fs::read_symlink("/proc/self/exe", error);
#endif
}

}  // namespace baton
