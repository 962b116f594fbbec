#include "git/filters.h"

#include <algorithm>
#include <tuple>

#include "git/calls.h"
#include "git/fields.h"

namespace baton {

Result<std::vector<FilterCommand>> filters_of(const Repository& repository, std::stop_token stop) {
  const GitCall call = in_work_tree(
      repository, {"config", "--show-scope", "-z", "--get-regexp", "^filter\\..*\\.(clean|smudge|process)$"});
  const auto listed = run_git(call, stop);
  if (!listed) return listed.error();
  std::vector<FilterCommand> filters;
  if (listed->exit_code == 1) return filters;  // none
  if (listed->exit_code != 0) return git_output(call, stop).error();
  for (Fields fields(listed->out); !fields.done();) {
    const std::string_view scope = fields.next(), entry = fields.next();  // "<name>\n<value>"
    const std::size_t line = entry.find('\n');
    if ((scope != "local" && scope != "worktree") || line == entry.npos) continue;
    filters.push_back({std::string(entry.substr(0, line)), std::string(entry.substr(line + 1))});
  }
  std::sort(filters.begin(), filters.end(), [](const auto& a, const auto& b) {
    return std::tie(a.setting, a.command) < std::tie(b.setting, b.command);
  });
  return filters;
}

}  // namespace baton
