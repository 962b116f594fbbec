#include "lsp/repository_watch.h"

#include <algorithm>
#include <tuple>

#include "support/files.h"
#include "support/log.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kSettled{200};  // a rebase moves HEAD many times
constexpr std::uint64_t kMaxHead = 4096;

// The folder of the reference that HEAD stands for; that of all branches where it stands for none.
fs::path branch_folder(const Repository& repository) {
  const auto head = read_file(repository.git_dir / "HEAD", kMaxHead);
  constexpr std::string_view kSymbolic = "ref: refs/heads/";
  if (!head || !head->starts_with(kSymbolic)) return repository.common_dir / "refs/heads";
  const fs::path name = head->substr(kSymbolic.size());
  return repository.common_dir / "refs/heads" / name.parent_path();
}

}  // namespace

bool RepositoryWatch::Watched::operator<(const Watched& other) const {
  return std::tie(lane, part, name) < std::tie(other.lane, other.part, other.name);
}

RepositoryWatch::~RepositoryWatch() {
  if (watch_.descriptor() >= 0) loop_.forget(watch_.descriptor());
}

void RepositoryWatch::follow(Lane& lane) {
  if (watch_.descriptor() < 0) {
    if (const auto opened = watch_.open(); !opened) return log(LogLevel::info, opened.error().message);
    wait();
  }
  look_at(lane);
}

// Again after each change: a folder may be new, and HEAD stand for another branch. A folder that is watched keeps its number.
void RepositoryWatch::look_at(Lane& lane) {
  lane.look.submit([this, &lane] {
    const Repository& repository = lane.engine->repository();
    Places places;
    constexpr auto kNames = FolderWatch::What::names, kFiles = FolderWatch::What::names_and_content;
    const auto see = [&](const fs::path& folder, FolderWatch::What what, Part part, const char* name) {
      const auto number = watch_.add(folder, what);
      if (!number) log(LogLevel::info, number.error().message);
      else if (*number) places.insert({**number, {&lane, part, name}});
    };
    see(repository.git_dir, kFiles, Part::head, "HEAD");
    see(repository.git_dir / "logs", kFiles, Part::head, "HEAD");  // written last, once the branch has moved
    see(repository.common_dir, kFiles, Part::head, "packed-refs");
    see(branch_folder(repository), kFiles, Part::head, "");
    see(repository.root, kNames, Part::settings, ".baton");
    see(repository.root / ".baton", kFiles, Part::settings, "");
    see(repository.root / ".baton/primers", kFiles, Part::settings, "");
    loop_.post([this, places] { add(places); });
  });
}

void RepositoryWatch::add(const Places& places) {
  for (const auto& [number, watched] : places) {
    const auto [begin, end] = places_.equal_range(number);
    const auto same = [&, one = &watched](const auto& other) { return !(other.second < *one) && !(*one < other.second); };
    if (std::none_of(begin, end, same)) places_.insert({number, watched});
  }
}

void RepositoryWatch::wait() {
  loop_.when_readable(watch_.descriptor(), [this] {
    watch_.read([this](int folder, const std::string& name) {
      if (name.empty()) places_.erase(folder);
      else saw(folder, name);
    });
    wait();
  });
}

void RepositoryWatch::saw(int folder, const std::string& name) {
  if (name.ends_with(".lock")) return;  // git writes beside the file first
  const auto [begin, end] = places_.equal_range(folder);
  for (auto place = begin; place != end; ++place) {
    const Watched& watched = place->second;
    if (watched.name.empty() || watched.name == name) tell(*watched.lane, watched.part);
  }
}

void RepositoryWatch::tell(Lane& lane, Part part) {
  if (std::exchange(telling_[{&lane, part}], true)) return;
  loop_.after(kSettled, [this, &lane, part] {
    telling_[{&lane, part}] = false;
    look_at(lane);
    changed_(lane, part);
  });
}

}  // namespace baton
