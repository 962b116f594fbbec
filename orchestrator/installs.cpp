#include "orchestrator/installs.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "support/files.h"
#include "support/hash.h"
#include "support/ids.h"
#include "support/json.h"
#include "support/log.h"
#include "support/os_error.h"
#include "support/process.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPathsPerCopy = 500;  // of one command line
constexpr std::string_view kTree = "tree", kHome = "home", kManifest = "manifest.json";

// Fields of package.json that no installer reads: a change of them alone does not make another installation.
constexpr auto kNotInstalled = std::to_array<std::string_view>(
    {"version",      "description",  "keywords",    "author",  "contributors", "license", "repository",
     "homepage",     "bugs",         "funding",     "private", "jest",         "mocha",   "ava",
     "eslintConfig", "prettier",     "nyc",         "c8",      "tap",          "xo",      "tsd",
     "size-limit",   "browserslist", "sideEffects", "type",    "types",        "typings", "module"});
constexpr auto kLifecycle = std::to_array<std::string_view>(
    {"preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare", "dependencies"});

template <class Names>
bool among(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string what_npm_reads(const std::string& text) {
  auto parsed = parse_json(text);
  if (!parsed || !parsed->is_object()) return text;
  nlohmann::json& json = *parsed;
  for (const std::string_view field : kNotInstalled) json.erase(std::string(field));
  if (json.contains("scripts") && json["scripts"].is_object()) {
    nlohmann::json kept = nlohmann::json::object();
    for (const auto& [name, script] : json["scripts"].items()) {
      if (among(kLifecycle, name)) kept[name] = script;
    }
    json["scripts"] = std::move(kept);
    if (json["scripts"].empty()) json.erase("scripts");
  }
  return dump_json(json);
}

Status copy(const fs::path& from, const std::vector<std::string>& paths, const fs::path& to, std::stop_token stop) {
  for (std::size_t at = 0; at < paths.size(); at += kPathsPerCopy) {
    ProcessSpec spec;
    spec.argv = {"cp", "-a", "--reflink=auto", "--parents", "--"};
    const auto end = paths.begin() + static_cast<std::ptrdiff_t>(std::min(at + kPathsPerCopy, paths.size()));
    spec.argv.insert(spec.argv.end(), paths.begin() + static_cast<std::ptrdiff_t>(at), end);
    spec.argv.push_back(to.string());
    spec.cwd = from;
    spec.env = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"LC_ALL", "C.UTF-8"}};
    auto copied = run(spec, stop);
    if (!copied) return copied.error();
    if (copied->cancelled) return Error{ErrorKind::cancelled, "Cancelled while dependencies were copied."};
    if (!copied->success()) {
      return Error{ErrorKind::io, "Cannot copy installed dependencies to " + to.string() + ": " +
                                      copied->err.substr(0, copied->err.find('\n'))};
    }
  }
  return done();
}

std::vector<std::string> entries_of(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> paths_of(const TreeManifest::Difference& difference) {
  std::vector<std::string> paths = difference.added;
  paths.insert(paths.end(), difference.changed.begin(), difference.changed.end());
  std::sort(paths.begin(), paths.end());
  return paths;
}

// A hash over names and stamps: checking reads no content, and no one can write a file without moving its time of
// change.
Result<std::string> seal_of(const fs::path& folder) {
  auto manifest = TreeManifest::of(folder);
  if (!manifest) return manifest.error();
  std::vector<std::string> lines;
  for (const auto& [path, stamp] : manifest->stamps()) {
    std::string line = path;
    for (const std::int64_t number : {static_cast<std::int64_t>(stamp.inode), stamp.size, stamp.modified_ns,
                                      stamp.changed_ns, static_cast<std::int64_t>(stamp.mode)}) {
      line += '\0' + std::to_string(number);
    }
    lines.push_back(std::move(line));
  }
  std::sort(lines.begin(), lines.end());
  std::string all;
  for (const std::string& line : lines) all += line + '\n';
  return sha256(all);
}

std::uint64_t bytes_of(const fs::path& folder) {
  std::uint64_t bytes = 0;
  if (const auto manifest = TreeManifest::of(folder)) {
    for (const auto& [path, stamp] : manifest->stamps()) bytes += static_cast<std::uint64_t>(stamp.size);
  }
  return bytes;
}

void touch(const fs::path& path) {
  ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
}

}  // namespace

std::string install_key(const InstallKey& key) {
  nlohmann::json json;
  json["argv"] = key.argv;
  json["cwd"] = key.cwd;
  json["toolchain"] = key.toolchain;
  json["environment"] = key.environment;
  json["root"] = key.root;
  for (const auto& [path, bytes] : key.inputs) {
    json["inputs"][path] = sha256(fs::path(path).filename() == "package.json" ? what_npm_reads(bytes) : bytes);
  }
  return sha256(dump_json(json));
}

Result<std::optional<std::string>> Installs::take(const std::string& key, const fs::path& checkout,
                                                  const fs::path& home, std::stop_token stop) {
  const fs::path sealed = folder_ / key;
  const auto manifest = parse_json_file(sealed / kManifest);
  if (!manifest) return std::optional<std::string>();
  const auto seals = manifest->is_object() ? manifest->value("seal", nlohmann::json::object()) : nlohmann::json();
  for (const std::string_view part : {kTree, kHome}) {
    auto seal = seal_of(sealed / part);
    const auto kept = seals.find(std::string(part));
    if (!seal || kept == seals.end() || *kept != *seal) {
      log(LogLevel::warning,
          "Installed dependencies in " + sealed.string() + " are not as they were sealed; they are made anew.");
      (void)remove_tree(sealed);
      return std::optional<std::string>();
    }
  }
  touch(sealed / kManifest);
  if (auto copied = copy(sealed / kTree, entries_of(sealed / kTree), checkout, stop); !copied) return copied.error();
  if (auto copied = copy(sealed / kHome, entries_of(sealed / kHome), home, stop); !copied) return copied.error();
  return std::optional<std::string>(manifest->value("statement", ""));
}

Status Installs::seal(const std::string& key, const std::string& statement, const fs::path& checkout,
                      const TreeManifest::Difference& in_checkout, const fs::path& home,
                      const TreeManifest::Difference& in_home, std::stop_token stop) {
  // What a step took away cannot be given as a copy.
  if (!in_checkout.removed.empty() || fs::exists(folder_ / key)) return done();
  if (auto made = make_folder(folder_); !made) return made;
  auto part = TemporaryFolder::make(folder_, ".part-");
  if (!part) return part.error();
  nlohmann::json manifest;
  const auto keep = [&](std::string_view name, const fs::path& from, const TreeManifest::Difference& what) -> Status {
    const fs::path to = part->path() / name;
    if (auto made = make_folder(to); !made) return made;
    if (auto copied = copy(from, paths_of(what), to, stop); !copied) return copied;
    auto seal = seal_of(to);
    if (!seal) return seal.error();
    manifest["seal"][std::string(name)] = *seal;
    return done();
  };
  if (auto kept = keep(kTree, checkout, in_checkout); !kept) return kept;
  if (auto kept = keep(kHome, home, in_home); !kept) return kept;
  manifest["statement"] = statement;
  manifest["made"] = utc_timestamp();
  if (auto written = write_file(part->path() / kManifest, dump_json(manifest)); !written) return written;
  std::error_code failed;
  fs::rename(part->path(), folder_ / key, failed);
  if (!failed) part->keep();  // else another process was first, with the same content
  return done();
}

void Installs::prune(std::uint64_t max_bytes) {
  struct Entry {
    fs::path path;
    fs::file_time_type used;
    std::uint64_t bytes = 0;
  };
  std::error_code failed;
  std::vector<Entry> entries;
  const auto stale = fs::file_time_type::clock::now() - std::chrono::hours(24);
  for (const auto& entry : fs::directory_iterator(folder_, failed)) {
    const auto used = fs::last_write_time(entry.path() / kManifest, failed);
    if (failed) {
      if (fs::last_write_time(entry.path(), failed) < stale) (void)remove_tree(entry.path());
      continue;
    }
    entries.push_back({entry.path(), used, bytes_of(entry.path())});
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.used > b.used; });
  std::uint64_t total = 0;
  for (const Entry& entry : entries) {
    total += entry.bytes;
    if (total > max_bytes) (void)remove_tree(entry.path);
  }
}

}  // namespace baton
