#include "orchestrator/agents/trespass.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/agents/attempt_steps.h"
#include "support/json.h"
#include "support/log.h"

namespace baton {
namespace {

std::string in_a_row(const std::vector<std::string>& paths) {
  std::string text;
  for (const std::string& path : paths) text += (text.empty() ? "" : ", ") + path;
  return text;
}

}  // namespace

void Trespass::watch(AgentDesk& desk) {
  const std::filesystem::path& own = desk.place().folder;
  others_ = OtherTrees::now(desk.bench().store().repository(), own.parent_path(), own);
}

void Trespass::note(const AgentDesk& desk) {
  if (!others_) return;
  OtherTrees::Changed changed = others_->changed();
  others_.reset();
  trespass_.insert(trespass_.end(), changed.untouched.begin(), changed.untouched.end());
  auto& by_whom = desk.isolated() ? meanwhile_ : trespass_;
  by_whom.insert(by_whom.end(), changed.users.begin(), changed.users.end());
  std::sort(trespass_.begin(), trespass_.end());
}

void Trespass::record(const char* kind, const std::vector<std::string>& paths, const std::string& commit) {
  Event event;
  event.task = order_.task;
  event.kind = kind;
  event.actor = executor_of(order_, parts_).text();
  event.subtask = order_.subtask;
  event.attempt = order_.attempt;
  event.body = dump_json({{"agent", order_.agent.name}, {"paths", paths}, {"commit", commit}});
  if (auto kept = parts_.journal.append({event}); !kept) log(LogLevel::warning, kept.error().message);
}

// Without a box whatever changed may be its doing. A box does not even show it the user's files, which the user goes on
// editing: those are told and held against nobody; what changes in no day's work (a hook) is an incident all the same.
void Trespass::judge(const AgentDesk& desk, AttemptResult& result) {
  if (!meanwhile_.empty()) record("changed_meanwhile", meanwhile_, result.commit);
  if (trespass_.empty()) return;
  const bool boxed = desk.isolated();
  std::string reason = "Files outside its work tree changed while " + order_.agent.name + " worked" +
                       (boxed ? "" : " without a sandbox") + ": " + in_a_row(trespass_) +
                       ". What it did does not count; look at these files" +
                       (boxed ? "." : ", and install bubblewrap.");
  record("write_outside", trespass_, result.commit);
  result.commit.clear();
  result.surprises.insert(result.surprises.end(), trespass_.begin(), trespass_.end());
  if (result.end != AttemptEnd::cancelled) conclude(result, AttemptEnd::failed, std::move(reason));
}

}  // namespace baton
