#!/usr/bin/env bash
# Judges a sample project of ours whose tree holds a change by "an agent that said all tests pass". Everything happens in a
# temporary folder that is removed at the end (KEEP=1 keeps it): the sample's repository, Baton's cache and its configuration.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
baton=${BATON:-$here/build/release/baton}
[ -x "$baton" ] || { echo "demo: $baton is not there; run 'make' first." >&2; exit 2; }

folder=$(mktemp -d "${TMPDIR:-/tmp}/baton-demo.XXXXXX")
[ -n "${KEEP:-}" ] || trap 'rm -rf "$folder"' EXIT
export XDG_CACHE_HOME=$folder/cache XDG_CONFIG_HOME=$folder/config

git_quiet() { git -C "$folder/ledger" -c user.name=Ada -c user.email=ada@example.com -c commit.gpgsign=false "$@" >/dev/null; }
mkdir "$folder/ledger"
cp -R "$here/tests/workspaces/demo/base/." "$folder/ledger"
git_quiet init -q -b main
git_quiet add -A
git_quiet commit -q -m "Ledger 1.4"
(cd "$here/tests/workspaces/demo/change" && tar -cf - --exclude MESSAGE .) | tar -xf - -C "$folder/ledger"

echo "A sample project, C++ and Python. An agent has just changed it, and says:"
sed 's/^/    /' "$here/tests/workspaces/demo/change/MESSAGE"
git -C "$folder/ledger" diff --stat | sed 's/^/   /'
echo
echo "\$ baton verify"
cd "$folder/ledger"
status=0
"$baton" verify --yes "$@" || status=$?
[ -z "${KEEP:-}" ] || echo "kept: $folder"
# The change is bad and Baton says so: that is the demonstration working.
[ "$status" -eq 1 ] && exit 0
echo "demo: expected exit code 1 (rejected), got $status." >&2
exit 1
