#include "orchestrator/last_close.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "support/files.h"
#include "support/json.h"
#include "support/places.h"

namespace baton {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::size_t kMaxParked = 1000;

std::optional<std::string> said_in(const fs::path& file) {
  const auto config = parse_json_file(file);
  if (!config || !config->is_object()) return std::nullopt;
  const auto found = config->find("onLastClose");
  if (found == config->end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::vector<ParkedTask> read(const fs::path& file) {
  std::vector<ParkedTask> tasks;
  const auto list = parse_json_file(file);
  if (!list || !list->is_array()) return tasks;
  for (const json& one : *list) {
    if (!one.is_object() || !one.contains("root") || !one["root"].is_string() || !one.contains("task") || !one["task"].is_string()) continue;
    tasks.push_back({one["root"].get<std::string>(), one["task"].get<std::string>()});
  }
  return tasks;
}

}  // namespace

bool parks_on_last_close(const fs::path& root, const Environment& env) {
  const auto own = said_in(config_home(env) / "config.json");
  return (own ? own : said_in(root / ".baton/config.json")) == "park";
}

Status ParkedTasks::add(const ParkedTask& task) const {
  std::vector<ParkedTask> tasks = read(file_);
  if (tasks.size() < kMaxParked && std::find(tasks.begin(), tasks.end(), task) == tasks.end()) tasks.push_back(task);
  json list = json::array();
  for (const ParkedTask& one : tasks) list.push_back({{"root", one.root}, {"task", one.task}});
  if (Status made = make_folder(file_.parent_path(), 0700); !made) return made;
  return write_file(file_, dump_json(list), 0600);
}

std::vector<ParkedTask> ParkedTasks::take() const {
  std::vector<ParkedTask> tasks = read(file_);
  std::error_code absent;
  fs::remove(file_, absent);
  return tasks;
}

}  // namespace baton
