#include "orchestrator/lent_files.h"

#include <sys/stat.h>

#include <re2/re2.h>

#include <algorithm>
#include <sstream>

#include "orchestrator/without_links.h"
#include "support/files.h"
#include "support/hash.h"
#include "support/redact.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLargest = 16u << 20;

Result<LentFile> read_lent(const fs::path& root, const std::string& path) {
  struct stat info {};
  const fs::path file = root / path;
  if (fs::path(path).is_absolute() || !without_links(root, path) || ::lstat(file.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return Error{ErrorKind::precondition, "`" + path + "`, which `worktree.copy` names, is no file of your tree; it was not copied."};
  }
  auto bytes = read_file(file, kLargest);
  if (!bytes) return Error{bytes.error().kind, "`" + path + "` was not copied: " + bytes.error().message};
  LentFile lent;
  lent.path = path;
  lent.sha256 = sha256(*bytes);
  lent.bytes = std::move(*bytes);
  lent.mode = info.st_mode & 0777;
  return lent;
}

}  // namespace

std::map<std::string, std::string> LentFiles::digests() const {
  std::map<std::string, std::string> digests;
  for (const LentFile& file : files) digests[file.path] = file.sha256;
  return digests;
}

std::vector<std::string> LentFiles::secrets() const {
  Environment named;
  for (const LentFile& file : files) {
    std::istringstream lines(file.bytes);
    for (std::string line; std::getline(lines, line);) {
      static const RE2 kAssignment(R"(\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*["']?(.*?)["']?\s*)");
      std::string name, value;
      if (RE2::FullMatch(line, kAssignment, &name, &value)) named.emplace_back(name, value);
    }
  }
  return secret_values(named);
}

LentFiles read_lent_files(const fs::path& root, const std::vector<std::string>& paths) {
  LentFiles lent;
  for (const std::string& path : paths) {
    auto file = read_lent(root, fs::path(path).lexically_normal().generic_string());
    if (!file) {
      lent.notes.push_back(file.error().message);
      continue;
    }
    lent.notes.push_back("`" + file->path + "` was copied from your own tree (sha256 " + file->sha256.substr(0, 12) +
                         "), so this verdict is provisional.");
    lent.files.push_back(std::move(*file));
  }
  return lent;
}

Result<Lending> Lending::begin(const std::vector<LentFile>& files, const fs::path& checkout) {
  Lending lending;
  for (const LentFile& file : files) {
    const fs::path place = checkout / file.path;
    std::error_code failed;
    if (!without_links(checkout, file.path) || fs::exists(fs::symlink_status(place, failed))) continue;
    for (fs::path folder = place.parent_path(); folder != checkout && !fs::exists(folder, failed); folder = folder.parent_path()) {
      lending.made_.push_back(folder);
    }
    if (auto made = make_folder(place.parent_path()); !made) return made.error();
    if (auto written = write_file(place, file.bytes, file.mode); !written) return written.error();
    lending.made_.insert(lending.made_.begin(), place);
    lending.digests_[file.path] = file.sha256;
  }
  return lending;
}

Lending::~Lending() {
  // The deepest first; a folder that a command put something into stays.
  std::sort(made_.begin(), made_.end(), [](const fs::path& a, const fs::path& b) { return b.native().size() < a.native().size(); });
  for (const fs::path& path : made_) {
    std::error_code ignored;
    fs::remove(path, ignored);
  }
}

}  // namespace baton
