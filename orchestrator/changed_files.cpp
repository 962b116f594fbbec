#include "orchestrator/changed_files.h"

#include <algorithm>
#include <string>
#include <vector>

namespace baton {
namespace {

constexpr std::size_t kMaxFiles = 30;  // of one gate
constexpr std::string_view kBegin = "{changed:";

enum class Side { base, head };

bool is_placeholder(std::string_view word) { return word.starts_with(kBegin) && word.ends_with('}'); }

bool has_ending(std::string_view path, std::string_view endings) {
  while (!endings.empty()) {
    const auto comma = std::min(endings.find(','), endings.size());
    if (comma > 0 && path.ends_with(endings.substr(0, comma))) return true;
    endings.remove_prefix(std::min(comma + 1, endings.size()));
  }
  return false;
}

std::vector<std::string> files_on(Side side, const std::vector<FileChange>& changes, std::string_view folder, std::string_view endings) {
  std::vector<std::string> files;
  for (const FileChange& change : changes) {
    if (change.kind == (side == Side::base ? ChangeKind::added : ChangeKind::deleted)) continue;
    std::string_view path = side == Side::base && !change.old_path.empty() ? change.old_path : change.path;
    if (!folder.empty()) {
      if (!path.starts_with(std::string(folder) + "/")) continue;
      path.remove_prefix(folder.size() + 1);
    }
    // A name must not be taken for an option.
    if (has_ending(path, endings)) files.push_back((path.starts_with('-') ? "./" : "") + std::string(path));
  }
  std::sort(files.begin(), files.end());
  return files;
}

// How many files of the change are not looked at.
std::size_t give(Gate& gate, Side side, const std::vector<FileChange>& changes) {
  const auto place = std::find_if(gate.argv.begin(), gate.argv.end(), is_placeholder);
  if (place == gate.argv.end()) return 0;
  const std::string endings = place->substr(kBegin.size(), place->size() - kBegin.size() - 1);
  std::vector<std::string> files = files_on(side, changes, gate.cwd, endings);
  if (files.empty()) {
    gate.argv = {"true"};
    gate.reports.clear();
    return 0;
  }
  const std::size_t left_out = files.size() > kMaxFiles ? files.size() - kMaxFiles : 0;
  files.resize(files.size() - left_out);
  const auto at = gate.argv.erase(place);
  gate.argv.insert(at, files.begin(), files.end());
  return left_out;
}

}  // namespace

void give_changed_files(VerificationPlan& plan, const std::vector<FileChange>& changes) {
  for (PlannedGate& planned : plan.gates) {
    if (planned.base) give(*planned.base, Side::base, changes);
    std::size_t left_out = 0;
    if (planned.head) left_out = give(*planned.head, Side::head, changes);
    if (planned.replacement) give(*planned.replacement, Side::head, changes);
    if (left_out > 0) {
      plan.notes.push_back("The gate \"" + planned.gate().name + "\" looks at the first " + std::to_string(kMaxFiles) +
                           " changed files; " + std::to_string(left_out) + " more were not looked at.");
    }
  }
}

}  // namespace baton
