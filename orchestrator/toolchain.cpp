#include "orchestrator/toolchain.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "support/files.h"
#include "support/hash.h"
#include "support/json.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

// Their times move when a package or a library comes or goes.
constexpr auto kPackageMarks = std::to_array<const char*>(
    {"/var/lib/dpkg/status", "/var/lib/rpm", "/usr/lib/sysimage/rpm", "/lib/apk/db/installed", "/var/lib/pacman/local",
     "/usr/include", "/usr/local/include", "/usr/local/lib", "/usr/local/bin", "/usr/lib", "/opt"});

std::string stamp(const fs::path& path) {
  struct stat info {};
  std::error_code failed;
  const fs::path real = fs::weakly_canonical(path, failed);
  if (::stat(path.c_str(), &info) != 0) return path.string() + " absent";
  return path.string() + " " + real.string() + " " + std::to_string(info.st_size) + " " +
         std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec);
}

std::string first_line(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos) return {};
  return text.substr(begin, std::min<std::size_t>(text.find_first_of("\r\n", begin) - begin, 200));
}

std::string ask_version(const std::string& tool, const Environment& env, std::stop_token stop) {
  ProcessSpec spec;
  spec.argv = {tool, "--version"};
  spec.cwd = "/";
  spec.env = env;
  spec.timeout = std::chrono::seconds(5);
  spec.max_output = 4096;
  const auto answer = run(spec, stop);
  if (!answer || !answer->success()) return {};
  return first_line(answer->out.empty() ? answer->err : answer->out);
}

}  // namespace

std::string toolchain_digest(const std::vector<std::string>& tools) {
  std::vector<std::string> lines;
  for (const std::string& tool : tools) lines.push_back(stamp(tool));
  std::sort(lines.begin(), lines.end());
  for (const char* mark : kPackageMarks) lines.push_back(stamp(mark));
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return sha256(all);
}

std::map<std::string, std::string> tool_versions(const std::vector<std::string>& tools, const Environment& env,
                                                 const fs::path& memory, std::stop_token stop) {
  nlohmann::json known = nlohmann::json::object();
  if (auto kept = parse_json_file(memory); kept && kept->is_object()) known = std::move(*kept);
  std::map<std::string, std::string> versions;
  bool learned = false;
  for (const std::string& tool : tools) {
    const std::string now = stamp(tool);
    const auto entry = known.find(now);
    if (entry != known.end() && entry->is_string()) {
      versions[tool] = entry->get<std::string>();
      continue;
    }
    const std::string version = ask_version(tool, env, stop);
    if (stop.stop_requested()) break;
    versions[tool] = version;
    known[now] = version;
    learned = true;
  }
  constexpr std::size_t kMaxKnown = 500;
  if (learned && known.size() <= kMaxKnown) {
    if (make_folder(memory.parent_path())) (void)write_file(memory, dump_json(known));
  } else if (learned) {
    (void)remove_tree(memory);
  }
  return versions;
}

}  // namespace baton
