#include "orchestrator/agents/fix_looks.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/agents/work_trees.h"
#include "orchestrator/json_fields.h"
#include "orchestrator/toolchain.h"
#include "support/files.h"
#include "support/hash.h"
#include "support/json.h"
#include "support/log.h"

namespace baton {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr int kVersion = 1;
constexpr std::size_t kMaxKept = 64;

json to_json(const FixLook& look) {
  json fixes = json::array();
  for (const Fix& fix : look.fixes) fixes.push_back(baton::to_json(fix));
  return {{"version", kVersion}, {"fixes", std::move(fixes)}, {"notes", look.notes}, {"evidence", look.evidence}};
}

std::optional<FixLook> kept_look(const fs::path& place) {
  const auto object = parse_json_file(place);
  if (!object || !object->is_object()) return std::nullopt;
  JsonFields fields("what a tool said");
  FixLook look;
  look.notes = fields.texts(*object, "notes");
  look.evidence = fields.texts(*object, "evidence");
  for (const json& one : fields.list(*object, "fixes")) {
    auto fix = fix_from_json(one);
    if (!fix) return std::nullopt;
    look.fixes.push_back(std::move(*fix));
  }
  if (fields.integer(*object, "version") != kVersion || !fields.ok()) return std::nullopt;
  return look;
}

// The oldest beyond the bound go.
void prune(const fs::path& folder) {
  std::vector<std::pair<fs::file_time_type, fs::path>> files;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) files.emplace_back(entry.last_write_time(failed), entry.path());
  if (files.size() <= kMaxKept) return;
  std::sort(files.begin(), files.end());
  for (std::size_t i = 0; i < files.size() - kMaxKept; ++i) fs::remove(files[i].second, failed);
}

}  // namespace

struct FixLooks::Bench {
  WorkTree place;
  std::unique_ptr<Workbench> work;
};

FixLooks::FixLooks(const AttemptParts& parts, const FixWish& wish, std::string commit, const Environment& client_env, ProgressTicker& progress, std::stop_token stop)
    : parts_(parts), wish_(wish), commit_(std::move(commit)), client_env_(client_env), progress_(progress), stop_(std::move(stop)) {}

FixLooks::~FixLooks() {
  if (!bench_) return;
  bench_->work->give_back();
  const WorkTree place = bench_->place;
  bench_.reset();
  put_away(place);
}

Result<FixLooks::Bench*> FixLooks::bench() {
  if (bench_) return bench_.get();
  auto place = new_work_tree(parts_.cache_home, parts_.store.repository(), "look");
  if (!place) return place.error();
  auto work = Workbench::make(parts_, commit_, place->folder, client_env_, "looking", progress_, stop_);
  if (!work) return work.error();
  bench_ = std::make_unique<Bench>(Bench{std::move(*place), std::move(*work)});
  return bench_.get();
}

const FileSource* FixLooks::files() {
  auto made = bench();
  return made ? &(*made)->work->files() : nullptr;
}

Result<std::vector<const FixTool*>> FixLooks::tools() {
  auto made = bench();
  if (!made) return made.error();
  Workbench& work = *(*made)->work;
  return wished_tools(wish_, fixer_scene(work.files(), work.plan(), client_env_));
}

fs::path FixLooks::place_of(const FixTool& tool, const Workbench& bench) const {
  json gates = json::array();
  for (const Gate& gate : bench.plan().gates) gates.push_back({gate.name, gate.argv, gate.env});
  std::vector<std::string> programs = bench.plan().tools;
  if (const auto program = find_program(tool.name, bench.path_variable())) programs.push_back(program->string());
  const json key = {kVersion, bench.tree_id(), std::string(tool.name), wish_.checks, wish_.paths, wish_.not_in, toolchain_digest(programs), gates};
  return parts_.state / "fixes" / (sha256(dump_json(key)) + ".json");
}

Result<FixLook> FixLooks::look(const FixTool& tool, bool fresh) {
  auto made = bench();
  if (!made) return made.error();
  Workbench& work = *(*made)->work;
  const fs::path place = place_of(tool, work);
  if (!fresh) {
    if (auto known = kept_look(place)) return std::move(*known);
  }
  auto look = tool.look(tool, work, wish_);
  if (!look) return look;
  std::erase_if(look->fixes, [&](const Fix& fix) { return !is_wished(wish_, fix); });
  if (!make_folder(place.parent_path()) || !write_file(place, dump_json(to_json(*look)))) log(LogLevel::warning, "What " + std::string(tool.name) + " said could not be kept.");
  prune(place.parent_path());
  return look;
}

}  // namespace baton
