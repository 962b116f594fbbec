#include "orchestrator/tasks/publish_order.h"

#include <nlohmann/json.hpp>

#include "orchestrator/file_source.h"
#include "orchestrator/tasks/task_meters.h"
#include "orchestrator/tasks/task_texts.h"
#include "support/files.h"
#include "support/in_parallel.h"

namespace baton {
namespace {

constexpr std::uint64_t kMaxDescription = 16u << 20;
constexpr std::size_t kMaxReadFiles = 300;  // for what others build on

// The text that was made when it landed.
Result<std::string> description_of(const TaskRecord& record, const TaskGround& ground) { return read_file(task_folder(ground.state, record.id) / "description.md", kMaxDescription); }

}  // namespace

// A renamed file is no longer found by those who name it, but in most languages by what it declares.
std::vector<ApiLoss> lost_api(const Store& store, const std::string& old_tree, const std::string& new_tree, const std::vector<FileChange>& changes) {
  struct Side {
    std::string path, text;
    std::vector<ApiDeclaration> offers;
  };
  std::vector<Side> sides;  // old and new in turn
  const auto take = [&](const std::string& tree, const std::string& path, bool there) {
    auto text = there ? store.read(tree, path) : Result<std::optional<std::string>>(std::optional<std::string>());
    sides.push_back({path, text && *text ? std::move(**text) : "", {}});
  };
  for (std::size_t i = 0; i < std::min(changes.size(), kMaxReadFiles); ++i) {
    const FileChange& change = changes[i];
    if (change.binary || change.kind == ChangeKind::added) continue;
    take(old_tree, change.old_path.empty() ? change.path : change.old_path, true);
    take(new_tree, change.path, change.kind != ChangeKind::deleted);
  }
  in_parallel(sides.size(), [&](std::size_t at) { sides[at].offers = public_api(sides[at].path, sides[at].text); });
  std::vector<ApiLoss> losses;
  for (std::size_t i = 0; i + 1 < sides.size(); i += 2) {
    for (ApiChange& lost : api_changes(sides[i].offers, sides[i + 1].offers)) losses.push_back({sides[i].path, std::move(lost)});
  }
  return losses;
}

Result<PublishOrder> order_of_published(const TaskRecord& record, const TaskGround& ground, const Store& store) {
  PublishOrder order;
  order.task = record.id;
  order.title = record.plan ? record.plan->title : record.wishes.title;
  order.head = record.head;
  order.draft = record.draft;
  order.before = record.publication;
  order.client_env = ground.client_env;
  order.folder = task_folder(ground.state, record.id);
  const auto tree = store.tree_of(record.head);
  if (!tree) return tree.error();
  auto files = tree_source(store, *tree);
  if (!files) return files.error();
  order.setting = load_config((*files)->read(".baton/config.json").value_or(""), ground.config_home / "config.json").forge;
  order.in_template = pull_request_template(**files);
  return order;
}

Result<PublishOrder> publish_order(const TaskRecord& record, const TaskGround& ground, const Store& store) {
  if (!record.landing) return Error{ErrorKind::precondition, "There is no branch yet that could be published."};
  auto made = order_of_published(record, ground, store);
  if (!made) return made;
  PublishOrder& order = *made;
  order.landing = *record.landing;
  auto description = description_of(record, ground);
  if (!description) return description.error();
  order.description = std::move(*description);
  const auto tree = store.tree_of(record.head), after = store.tree_of(record.landing->commit);
  if (!tree) return tree.error();
  if (!after) return after.error();
  if (auto changes = store.changes(*tree, *after)) order.description += risk_section(*changes, lost_api(store, *tree, *after, *changes));
  order.description += cost_section(spent_by(record), minutes_worked(record));
  if (const VerifyReport* report = record.verdict()) {
    order.verdict = std::string(to_string(report->verdict)) + (report->cause.empty() ? "" : ": " + report->cause);
    order.evidence = report->id;
    order.passed = exit_code(*report) == 0;
  }
  return made;
}

}  // namespace baton
