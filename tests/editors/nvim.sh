#!/usr/bin/env bash
# Neovim against the real program, stock and with our plugin. Prints a line a check. Ends with 77 where Neovim is absent.
#   BATON=<program> tests/editors/nvim.sh
set -euo pipefail
. "$(dirname "$0")/recorded.sh"
export BATON=${BATON:-$here/../../build/release/baton}
[[ -x $BATON ]] || { echo "test-editors: $BATON is not there; make builds it." >&2; exit 1; }
command -v nvim >/dev/null || { echo "test-editors: Neovim is skipped, it is not installed." >&2; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work/home XDG_CONFIG_HOME=$work/config XDG_CACHE_HOME=$work/cache XDG_DATA_HOME=$work/data XDG_STATE_HOME=$work/state
export XDG_RUNTIME_DIR=$work/run GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
mkdir -p "$HOME" "$XDG_CONFIG_HOME" "$XDG_CACHE_HOME" "$XDG_DATA_HOME" "$XDG_STATE_HOME"
mkdir -m 700 "$XDG_RUNTIME_DIR"

# A project whose tree holds a change that breaks one of its tests.
project=$work/project
mkdir -p "$project/tests"
cat >"$project/calc.py" <<'PY'
def add(a, b):
    return a + b


def double(a):
    return 2 * a
PY
cat >"$project/tests/__init__.py" </dev/null
cat >"$project/tests/test_calc.py" <<'PY'
import unittest

import calc


class TestCalc(unittest.TestCase):
    def test_add(self):
        self.assertEqual(calc.add(1, 2), 3)

    def test_double(self):
        self.assertEqual(calc.double(4), 8)
PY
git -C "$project" init -q -b main
git -C "$project" add -A
git -C "$project" -c user.name=t -c user.email=t@localhost commit -qm base
sed -i 's/2 \* a/3 * a/' "$project/calc.py"

export BATON_TEST_PROJECT=$project
cd "$here/nvim"
# run SCRIPT ARGUMENT...: one Neovim, with its own time limit.
run() {
  timeout --kill-after=5 "${BATON_TEST_SECONDS:-400}" nvim --headless "${@:2}" -i NONE -c "luafile $1" </dev/null
}
status=0
# Neovim 0.7.2 declares two abilities that the protocol does not know.
its_own=(--allow-field WorkspaceSymbolClientCapabilities.hierarchicalWorkspaceSymbolSupport --allow-field ClientCapabilities.callHierarchy)

# The stock editor's conversation.
BATON=$(recorded "$work/stock" "$BATON") run run.lua -u minimal_init.lua || status=$?
hold "stock Neovim" "$work/stock" 3.17 "${its_own[@]}" || status=$?

# A task from a comment to a branch, by a scripted agent that does it wrong until it is told better.
(
  export XDG_CONFIG_HOME=$work/config-task BATON_TEST_PROJECT=$work/task
  mkdir -p "$XDG_CONFIG_HOME/baton" "$BATON_TEST_PROJECT"
  cp -R "$project/." "$BATON_TEST_PROJECT"
  cd "$BATON_TEST_PROJECT"
  git checkout -q -- .
  git config user.name t
  git config user.email t@localhost
  echo '{"agents": [{"name": "scripted", "command": ["sh", "agent.sh", "{task}"]}]}' >"$XDG_CONFIG_HOME/baton/config.json"
  cat >agent.sh <<'SH'
if grep -qx 'write calc.py right' "$1"; then
  printf '\n\ndef sub(a, b):\n    return a - b\n' >>calc.py
else
  sed -i 's/2 \* a/3 * a/' calc.py
fi
echo done
SH
  printf '\n\n# TODO(baton): Add a function sub(a, b) to calc.py that returns the difference\n' >>calc.py
  git add -A
  git commit -qm task
  # Its remote is on a forge that is a process of its own.
  forge=$here/../scenarios/_forge.py
  coproc python3 "$forge" github "$work/forge"
  read -r port <&"${COPROC[0]}"
  trap 'kill "$COPROC_PID"' EXIT
  export BATON_TEST_FORGE=http://127.0.0.1:$port
  git init -q --bare -b main "$work/forge/acme/task.git"
  git -C "$work/forge/acme/task.git" config http.receivepack true
  echo "http://ada:$(sed -nE 's/^TOKEN = "(.*)"$/\1/p' "$forge")@127.0.0.1:$port" >"$work/credentials"
  git config credential.helper "store --file=$work/credentials"
  git remote add origin "$BATON_TEST_FORGE/acme/task.git"
  git push -q -u origin main
  cd "$here/nvim"
  BATON=$(recorded "$work/tasked" "$BATON") run task.lua -u minimal_init.lua
  "$BATON" stop --workspace "$BATON_TEST_PROJECT" >/dev/null
) || status=$?
hold "Neovim with a task" "$work/tasked" 3.17 "${its_own[@]}" || status=$?

# With the plugin: the same project, not approved yet.
export XDG_CONFIG_HOME=$work/config-plugin BATON_TEST_PLUGIN=$work/plugin
mkdir -p "$XDG_CONFIG_HOME"
cp -R "$here/../../editors/nvim" "$BATON_TEST_PLUGIN"
BATON=$(recorded "$work/plugged" "$BATON") run plugin.lua -u minimal_init.lua --cmd "set rtp^=$BATON_TEST_PLUGIN" -c 'runtime plugin/baton.lua' || status=$?
hold "Neovim with the plugin" "$work/plugged" 3.17 "${its_own[@]}" || status=$?

# The lines of the guide, with a `baton` on PATH.
export BATON_TEST_LINES=$work/lines.lua
sed -n '/^## Without it: Neovim 0.7.2/,/^## /{/^```lua/,/^```/{/^```/!p}}' "$here/../../docs/guide-neovim.md" >"$BATON_TEST_LINES"
git -C "$project" checkout -q -- tests
mkdir "$work/bin"
ln -s "$(readlink -f "$BATON")" "$work/bin/baton"
PATH=$work/bin:$PATH run guide.lua -u minimal_init.lua || status=$?
exit "$status"
