#include "orchestrator/agents/first_look.h"

#include <nlohmann/json.hpp>

#include "orchestrator/context/context_settings.h"
#include "orchestrator/context/slice_text.h"
#include "orchestrator/domain_settings.h"
#include "support/files.h"
#include "support/json.h"
#include "support/log.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConfigFile = ".baton/config.json";

// The task, and what this agent's part of it and the last attempt add.
std::string words_of(const AttemptOrder& order) {
  std::string text = order.part.title + "\n" + order.text;
  for (const Criterion& criterion : order.criteria) text += "\n" + criterion.text;
  if (!order.hint.empty()) text += "\n" + order.hint;
  if (!order.feedback.empty()) text += "\n" + order.feedback.back();
  return text;
}

Result<Partition> partition_of(const AttemptOrder& order, const AttemptParts& parts, const FileSource& workspace, const ContextSettings& settings,
                               std::stop_token stop) {
  auto objects = Objects::open(parts.store.path(), parts.store.repository().sha256);
  if (!objects) return objects.error();
  const auto view = commit_view(**objects, parts.store.path(), order.start);
  if (!view) return view.error();
  ContextIndex index(index_path(parts.state));
  if (auto refreshed = index.refresh(**view, false, stop); !refreshed) return refreshed.error();
  PartitionRequest request;
  request.text = words_of(order);
  request.budget = settings.tokens;
  request.domain = order.part.agent_type;
  request.expected = order.part.write_set;
  request.domains = load_domains(workspace.read(kConfigFile).value_or(""), parts.config_home / "config.json");
  request.readings = settings.readings;
  auto partition = make_partition(index, **view, request, stop);
  if (auto saved = index.save(); !saved) log(LogLevel::warning, saved.error().message);
  return partition;
}

// Beside the attempt's log, for who asks later what it was given.
void note_figures(const AttemptOrder& order, const AttemptParts& parts, const Partition& partition) {
  const ContextSlice& slice = partition.slice;
  nlohmann::json files = nlohmann::json::array();
  for (const SlicePiece& piece : slice.pieces) files.push_back({{"path", piece.path}, {"tokens", piece.tokens}, {"reason", piece.reason}});
  const nlohmann::json figures = {{"tokens", slice.tokens},       {"whole_files_tokens", slice.whole_tokens}, {"workspace_tokens", slice.workspace_tokens},
                                  {"domain", partition.domain},   {"documents", partition.documents},         {"files", std::move(files)}};
  const fs::path file = parts.state / "tasks" / order.task / (order.subtask + "-" + std::to_string(order.attempt) + ".context.json");
  auto written = make_folder(file.parent_path());
  if (written) written = write_file(file, dump_json_pretty(figures));
  if (!written) log(LogLevel::warning, written.error().message);
}

}  // namespace

FirstLook first_look(const AttemptOrder& order, const AttemptParts& parts, const FileSource& workspace, std::stop_token stop) {
  FirstLook look;
  const ContextSettings settings = load_context_settings(workspace.read(kConfigFile).value_or(""), parts.config_home / "config.json");
  for (const DomainReading& reading : settings.readings) {
    if (reading.name == order.part.agent_type) look.skills.insert(look.skills.end(), reading.skills.begin(), reading.skills.end());
  }
  if (settings.tokens == 0) return look;
  const auto partition = partition_of(order, parts, workspace, settings, stop);
  if (!partition) {
    log(LogLevel::info, "The agent begins without a slice of the workspace: " + partition.error().message);
    return look;
  }
  look.text = partition_text(*partition);
  if (!partition->slice.pieces.empty()) look.summary = slice_summary(partition->slice);
  for (const SlicePiece& piece : partition->slice.pieces) look.paths.push_back(piece.path);
  note_figures(order, parts, *partition);
  return look;
}

Result<ContextSlice> next_look(const Store& store, const fs::path& state, const std::string& start, const std::string& work, const ContextRequest& request,
                               std::stop_token stop) {
  auto objects = Objects::open(store.path(), store.repository().sha256);
  if (!objects) return objects.error();
  ContextIndex index(index_path(state));
  const auto before = commit_view(**objects, store.path(), start);
  if (!before) return before.error();
  if (auto refreshed = index.refresh(**before, false, stop); !refreshed) return refreshed.error();
  // What is kept is the index of the start: that of a commit which nobody else sees would cost the next one its history.
  if (auto saved = index.save(); !saved) log(LogLevel::warning, saved.error().message);
  const auto now = commit_view(**objects, store.path(), work);
  if (!now) return now.error();
  if (auto refreshed = index.refresh(**now, false, stop); !refreshed) return refreshed.error();
  return index.slice(**now, request, stop);
}

}  // namespace baton
