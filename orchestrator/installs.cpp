#include "orchestrator/installs.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string_view>

#include "support/files.h"
#include "support/hash.h"
#include "support/ids.h"
#include "support/in_parallel.h"
#include "support/json.h"
#include "support/log.h"
#include "support/os_error.h"
#include "support/process.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPathsPerCopy = 500;  // of one command line
constexpr std::string_view kTree = "tree", kHome = "home", kManifest = "manifest.json", kSpare = "spare-";
constexpr std::string_view kInstallation = "installation", kSpareCopy = "spare copy";  // as what a manifest is signed
constexpr int kMaxSpares = 2;  // of one installation: a base and a head
constexpr std::size_t kMostRestored = 100;  // files of a copy that were written and are as they were sealed again

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

void add_field(std::string& text, std::string_view field) { text += std::to_string(field.size()) + ":" + std::string(field); }

Result<std::string> content_of(const fs::path& folder, const std::string& path, unsigned mode) {
  std::error_code failed;
  if (S_ISDIR(mode)) return std::string();
  if (S_ISLNK(mode)) return fs::read_symlink(folder / path, failed).string();
  if (!S_ISREG(mode)) return std::string("special");
  return sha256_file(folder / path);
}

// A hash over names, modes and content. The files are shared out among threads, since reading them takes most of the time.
Result<std::string> content_hash(const fs::path& folder) {
  const auto manifest = TreeManifest::of(folder);
  if (!manifest) return manifest.error();
  std::vector<std::pair<std::string, unsigned>> files;
  for (const auto& [path, stamp] : manifest->stamps()) files.emplace_back(path, stamp.mode);
  std::sort(files.begin(), files.end());
  std::vector<std::string> contents(files.size());
  std::mutex guard;
  std::optional<Error> problem;
  in_parallel(files.size(), [&](std::size_t at) {
    auto content = content_of(folder, files[at].first, files[at].second);
    if (content) {
      contents[at] = std::move(*content);
    } else {
      const std::lock_guard lock(guard);
      problem = content.error();
    }
  });
  if (problem) return *problem;
  std::string all;
  for (std::size_t i = 0; i < files.size(); ++i) {
    add_field(all, files[i].first);
    add_field(all, std::to_string(files[i].second));
    add_field(all, contents[i]);
  }
  return sha256(all);
}

// What an installation's manifest is signed as; copied to another's place, or to a spare's, it is none.
std::string signed_as(std::string_view what, const std::string& key) { return std::string(what) + " " + key; }

std::optional<nlohmann::json> read_signed(const fs::path& file, const std::string& as, const JournalSeal& user) {
  auto manifest = parse_json_file(file);
  if (!manifest || !manifest->is_object() || !manifest->value("signature", nlohmann::json()).is_string()) return std::nullopt;
  const std::string signature = manifest->at("signature").get<std::string>();
  manifest->erase("signature");
  if (!user.holds(as, dump_json(*manifest), signature)) return std::nullopt;
  return std::move(*manifest);
}

Status write_signed(const fs::path& file, nlohmann::json manifest, const std::string& as, const JournalSeal& user) {
  const std::string signature = user.of(as, dump_json(manifest));
  if (signature.empty()) return Error{ErrorKind::io, "What was installed cannot be signed, so that it would not serve again."};
  manifest["signature"] = signature;
  return write_file(file, dump_json(manifest));
}

// Whether a part is as it was sealed: by stamps, and where they moved (a restored backup), by content, which seals it again.
bool intact(const fs::path& sealed, std::string_view part, nlohmann::json& manifest, bool& moved) {
  const std::string name(part);
  const auto text = [&](const char* kind) {
    const auto& kinds = manifest[kind];
    return kinds.is_object() && kinds.contains(name) && kinds[name].is_string() ? kinds[name].get<std::string>() : "";
  };
  const auto stamps = seal_of(sealed / part);
  if (!stamps) return false;
  if (*stamps == text("seal")) return true;
  const auto content = content_hash(sealed / part);
  if (!content || *content != text("content")) return false;
  manifest["seal"][name] = *stamps;
  return moved = true;
}

std::vector<std::string> names_in(const nlohmann::json& manifest, const char* kind, std::string_view part) {
  std::vector<std::string> names;
  const auto kinds = manifest.find(kind);
  if (kinds == manifest.end() || !kinds->is_object()) return names;
  const auto list = kinds->find(std::string(part));
  if (list == kinds->end() || !list->is_array()) return names;
  for (const auto& name : *list) {
    if (name.is_string()) names.push_back(name.get<std::string>());
  }
  return names;
}

// A copy that came back, taken for oneself in one step; removed when the value dies, whatever is left in it.
std::optional<TemporaryFolder> claim_spare(const fs::path& store, const std::string& key, const JournalSeal& user) {
  const fs::path sealed = store / key;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(sealed, failed)) {
    if (!entry.path().filename().string().starts_with(kSpare)) continue;
    auto mine = TemporaryFolder::make(store, ".part-");
    if (!mine) return std::nullopt;
    fs::rename(entry.path(), mine->path(), failed);  // over an empty folder
    if (failed) continue;
    const auto seals = read_signed(mine->path() / kManifest, signed_as(kSpareCopy, key), user);
    bool good = seals.has_value();
    for (const std::string_view part : {kTree, kHome}) {
      const auto seal = good ? seal_of(mine->path() / part) : Result<std::string>(Error{ErrorKind::io, ""});
      good = seal && seals->value(std::string(part), nlohmann::json()) == *seal;
    }
    if (good) return std::move(*mine);
  }
  return std::nullopt;
}

// Whether a folder is as it was given, once what was added is gone and what was written is as it was sealed again: a tool that keeps books
// (cargo's `.global-cache`) writes to them in every run. Where much was written another copy costs as much.
bool as_given_again(const TreeManifest& given, const fs::path& folder, const fs::path& sealed) {
  auto written = given.difference(folder);
  if (!written || written->changed.size() + written->removed.size() > kMostRestored) return false;
  for (const auto& paths : {written->added, written->changed}) {
    for (const std::string& path : paths) {
      if (!remove_tree(folder / path)) return false;
    }
  }
  std::vector<std::string> missing = std::move(written->changed);
  missing.insert(missing.end(), written->removed.begin(), written->removed.end());
  return bool(copy(sealed, missing, folder, {}));
}

Status move_folder(const fs::path& from, const fs::path& to) {
  if (auto made = make_folder(to.parent_path()); !made) return made;
  std::error_code failed;
  if (fs::exists(fs::symlink_status(to, failed))) return Error{ErrorKind::precondition, to.string() + " is in the way."};
  fs::rename(from, to, failed);
  return failed ? Status(os_error("move", from, failed.value())) : done();
}

std::uint64_t bytes_of(const fs::path& folder) {
  const auto manifest = TreeManifest::of(folder);
  return manifest ? manifest->bytes() : 0;
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

Result<std::optional<Installs::Taken>> Installs::take(const std::string& key, const fs::path& checkout,
                                                      const fs::path& home, std::stop_token stop) {
  const fs::path sealed = folder_ / key;
  std::error_code failed;
  if (!fs::exists(fs::symlink_status(sealed, failed))) return std::optional<Taken>();
  auto manifest = read_signed(sealed / kManifest, signed_as(kInstallation, key), user_);
  bool moved = false;
  for (const std::string_view part : {kTree, kHome}) {
    if (manifest && intact(sealed, part, *manifest, moved)) continue;
    log(LogLevel::warning,
        "Installed dependencies in " + sealed.string() + " are not as they were sealed; they are made anew.");
    (void)remove_tree(sealed);
    return std::optional<Taken>();
  }
  if (moved) {
    if (auto written = write_signed(sealed / kManifest, *manifest, signed_as(kInstallation, key), user_); !written) return written.error();
  }
  touch(sealed / kManifest);

  const auto spare = claim_spare(folder_, key, user_);
  for (const auto& [part, to] : {std::pair{kTree, checkout}, std::pair{kHome, home}}) {
    std::vector<std::string> wanted = spare ? names_in(*manifest, "others", part) : entries_of(sealed / part);
    for (const std::string& path : spare ? names_in(*manifest, "folders", part) : std::vector<std::string>{}) {
      if (!move_folder(spare->path() / part / path, to / path)) wanted.push_back(path);
    }
    if (auto copied = copy(sealed / part, wanted, to, stop); !copied) return copied.error();
  }
  return std::optional(Taken{manifest->value("statement", ""), copy_in(key, checkout, home).value_or(Copy{})});
}

std::optional<Installs::Copy> Installs::copy_in(const std::string& key, const fs::path& checkout,
                                                const fs::path& home) const {
  const auto manifest = read_signed(folder_ / key / kManifest, signed_as(kInstallation, key), user_);
  if (!manifest) return std::nullopt;
  Copy copy{key, {}};
  for (const auto& [part, at] : {std::pair{kTree, checkout}, std::pair{kHome, home}}) {
    for (const std::string& path : names_in(*manifest, "folders", part)) {
      std::error_code failed;
      if (fs::exists(fs::symlink_status(at / path / ".git", failed))) continue;  // not part of a manifest
      auto stamps = TreeManifest::of(at / path);
      if (!stamps) return std::nullopt;
      copy.folders.emplace_back(std::string(part), path, std::move(*stamps));
    }
  }
  return copy;
}

void Installs::give_back(const Copy& copy, const fs::path& checkout, const fs::path& home) {
  const fs::path sealed = folder_ / copy.key;
  std::error_code failed;
  if (copy.folders.empty() || !fs::exists(sealed / kManifest, failed)) return;
  int spares = 0;
  for (const auto& entry : fs::directory_iterator(sealed, failed)) {
    spares += entry.path().filename().string().starts_with(kSpare);
  }
  if (spares >= kMaxSpares) return;
  auto mine = TemporaryFolder::make(folder_, ".part-");
  if (!mine) return;
  for (const std::string_view part : {kTree, kHome}) {
    if (!make_folder(mine->path() / part)) return;
  }
  bool any = false;
  for (const auto& [part, path, stamps] : copy.folders) {
    const fs::path from = (part == kTree ? checkout : home) / path;
    if (!fs::is_directory(fs::symlink_status(from, failed)) || fs::exists(fs::symlink_status(from / ".git", failed))) continue;
    if (!as_given_again(stamps, from, sealed / part / path)) continue;  // the next checkout gets a copy of it
    any = bool(move_folder(from, mine->path() / part / path)) || any;
  }
  if (!any) return;
  nlohmann::json seals;
  for (const std::string_view part : {kTree, kHome}) {
    const auto seal = seal_of(mine->path() / part);
    if (!seal) return;
    seals[std::string(part)] = *seal;
  }
  if (!write_signed(mine->path() / kManifest, std::move(seals), signed_as(kSpareCopy, copy.key), user_)) return;
  fs::rename(mine->path(), sealed / (std::string(kSpare) + new_id()), failed);
  if (!failed) mine->keep();
}

Result<bool> Installs::seal(const std::string& key, const std::string& statement, const fs::path& checkout,
                            const TreeManifest::Difference& in_checkout, const fs::path& home,
                            const TreeManifest::Difference& in_home, std::stop_token stop) {
  // What a step took away cannot be given as a copy.
  if (!in_checkout.removed.empty() || fs::exists(folder_ / key)) return false;
  if (auto made = make_folder(folder_); !made) return made.error();
  auto part = TemporaryFolder::make(folder_, ".part-");
  if (!part) return part.error();
  nlohmann::json manifest;
  const auto keep = [&](std::string_view name, const fs::path& from, const TreeManifest::Difference& what) -> Status {
    const fs::path to = part->path() / name;
    if (auto made = make_folder(to); !made) return made;
    if (auto copied = copy(from, paths_of(what), to, stop); !copied) return copied;
    auto seal = seal_of(to), content = content_hash(to);
    if (!seal) return seal.error();
    if (!content) return content.error();
    const std::string part(name);
    manifest["seal"][part] = *seal;
    manifest["content"][part] = *content;
    manifest["folders"][part] = manifest["others"][part] = nlohmann::json::array();
    for (const std::string& path : paths_of(what)) {
      std::error_code failed;
      const bool whole = among(what.added, path) && fs::is_directory(fs::symlink_status(to / path, failed));
      manifest[whole ? "folders" : "others"][part].push_back(path);
    }
    return done();
  };
  if (auto kept = keep(kTree, checkout, in_checkout); !kept) return kept.error();
  if (auto kept = keep(kHome, home, in_home); !kept) return kept.error();
  manifest["statement"] = statement;
  manifest["made"] = utc_timestamp();
  if (auto written = write_signed(part->path() / kManifest, std::move(manifest), signed_as(kInstallation, key), user_); !written) return false;
  std::error_code failed;
  fs::rename(part->path(), folder_ / key, failed);
  if (!failed) part->keep();
  return !failed;
}

void Installs::prune(const fs::path& folder, std::uint64_t max_bytes) {
  struct Entry {
    fs::path path;
    fs::file_time_type used;
    std::uint64_t bytes = 0;
  };
  std::error_code failed;
  std::vector<Entry> entries;
  const auto stale = fs::file_time_type::clock::now() - std::chrono::hours(24);
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
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
