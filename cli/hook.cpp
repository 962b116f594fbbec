// `baton hook`: ready hooks, printed. What they run is `baton verify`; nothing is installed.

#include "cli/print.h"
#include "cli/verb.h"
#include "cli/verbs.h"
#include "support/json.h"

#include <nlohmann/json.hpp>

namespace baton {
namespace {

// Claude Code gives the hook a JSON object on stdin; exit code 2 sends stderr back to the agent, which goes on. `stop_hook_active` says
// that it went on because of a hook already: once is enough, the user sees the rest. What is inconclusive no agent mends: its user is told.
constexpr const char* kClaudeStop =
    "case $(cat) in *'\"stop_hook_active\":true'*|*'\"stop_hook_active\": true'*) exit 0;; esac; "
    "said=$(baton verify --quiet 2>&1); code=$?; "
    "case $said in *'Weaker than before ('*) weaker=1;; *) weaker=0;; esac; "
    "case $code$said in 1*'Rejected: '*) rejected=1;; *) rejected=0;; esac; "
    "if [ $rejected -eq 1 ] || [ $weaker -eq 1 ]; then printf '%s\\n' \"$said\" >&2; exit 2; fi; "
    "[ $code -eq 0 ] || printf '%s\\n' \"$said\" >&2; exit 0";

// Git gives "<local ref> <local id> <remote ref> <remote id>", a line a ref; zeros where there is none.
constexpr const char* kPrePush = R"sh(#!/bin/sh
# Judges what is pushed against what the remote has: a regression stops the push; what cannot be judged, or weakens a check, does not, and is told.
# Put it into .git/hooks/pre-push, executable; `git push --no-verify` goes around it.
zero=$(git hash-object --stdin </dev/null | tr '0-9a-f' '0')
while read -r local_ref local_id remote_ref remote_id; do
  [ "$local_id" = "$zero" ] && continue
  base=$remote_id
  if [ "$base" = "$zero" ] || ! git cat-file -e "$base^{commit}" 2>/dev/null; then
    # a new branch: the commit before the first that the remote has not
    first=$(git rev-list --reverse "$local_id" --not --remotes="$1" | head -n 1)
    base=$(git rev-parse --verify -q "$first^")
  fi
  [ -n "$base" ] && [ "$base" != "$local_id" ] || continue
  said=$(baton verify --quiet --base "$base" --head "$local_id" </dev/null 2>&1)
  code=$?
  case $code$said in 0*'Weaker than before ('*) printf '%s\n' "$said" >&2;; esac
  [ $code -eq 0 ] && continue
  printf '%s\n' "$said" >&2
  case $said in *"Rejected: "*) echo "pre-push: $local_ref was judged as rejected, so it is not pushed." >&2; exit 1;; esac
  echo "pre-push: $local_ref could not be judged; it is pushed as it is." >&2
done
exit 0
)sh";

int print_hook(const std::string& name) {
  if (name == "pre-push") return write_result(kPrePush), kExitDone;
  if (name == "claude-stop") {
    const nlohmann::json command = {{"type", "command"}, {"command", kClaudeStop}, {"timeout", 1800}};
    write_result(dump_json_pretty({{"hooks", {{"Stop", nlohmann::json::array({{{"hooks", nlohmann::json::array({command})}}})}}}}));
    return kExitDone;
  }
  return complain(Error{ErrorKind::usage, "There is no hook \"" + name + "\"; there are claude-stop (for .claude/settings.json) and pre-push (for .git/hooks)."});
}

}  // namespace

void add_hook(CLI::App& app, Action& action) {
  const auto name = std::make_shared<std::string>();
  Verb verb(app, "hook", "Print a ready hook that judges what an agent did, or what is pushed: claude-stop, pre-push");
  verb.option("NAME", *name, "claude-stop or pre-push").required();
  verb.acts([name, &action] { action = [name] { return print_hook(*name); }; });
}

}  // namespace baton
