#include "orchestrator/reports.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "support/descriptor.h"

namespace baton {
namespace {

constexpr std::size_t kMaxReport = 64u << 20;  // bytes of one report
constexpr std::size_t kMaxReports = 2000;      // files of one pattern

// The folder of a relative path, opened part by part so that no part can be a link.
Descriptor open_below(const std::filesystem::path& folder, const std::filesystem::path& relative) {
  constexpr int kFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  Descriptor at(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (const auto& part : relative) {
    if (!at.ok() || part == "..") return Descriptor(-1);
    if (part.empty() || part == ".") continue;
    at = Descriptor(::openat(at.get(), part.c_str(), kFolder));
  }
  return at;
}

bool read_plain_file(int folder, const char* name, std::string& content) {
  const Descriptor file(::openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat info {};
  if (!file.ok() || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return false;
  content.resize(std::min<std::size_t>(static_cast<std::size_t>(info.st_size), kMaxReport));
  std::size_t at = 0;
  while (at < content.size()) {
    const ssize_t got = ::read(file.get(), content.data() + at, content.size() - at);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    at += static_cast<std::size_t>(got);
  }
  content.resize(at);
  return true;
}

// Names in the folder that match the last part of a pattern.
std::vector<std::string> matching_names(const Descriptor& parent, const std::string& last) {
  std::vector<std::string> names;
  if (!parent.ok() || last.empty()) return names;
  if (last.find_first_of("*?[") == last.npos) {
    names.push_back(last);
  } else if (DIR* listing = ::fdopendir(::dup(parent.get()))) {
    while (const dirent* entry = ::readdir(listing)) {
      if (::fnmatch(last.c_str(), entry->d_name, FNM_PERIOD) == 0) names.emplace_back(entry->d_name);
      if (names.size() >= kMaxReports) break;
    }
    ::closedir(listing);
    std::sort(names.begin(), names.end());
  }
  return names;
}

}  // namespace

std::vector<ReportFile> read_reports(const std::filesystem::path& folder, std::string_view pattern) {
  const std::filesystem::path path(pattern);
  const Descriptor parent = open_below(folder, path.parent_path());
  std::vector<ReportFile> reports;
  for (const std::string& name : matching_names(parent, path.filename().string())) {
    ReportFile report{name, {}};
    if (read_plain_file(parent.get(), name.c_str(), report.content)) reports.push_back(std::move(report));
  }
  return reports;
}

void remove_reports(const std::filesystem::path& folder, std::string_view pattern) {
  const std::filesystem::path path(pattern);
  const Descriptor parent = open_below(folder, path.parent_path());
  for (const std::string& name : matching_names(parent, path.filename().string())) (void)::unlinkat(parent.get(), name.c_str(), 0);
}

}  // namespace baton
