#!/usr/bin/env bash
# What is sent to GitHub, held against GitHub's own description, and pushes over ssh through a host alias: `make test-forges`. Installs the
# description and a validating proxy by npm into a cache first. Ends with 0 and says why when that is not to be had; BATON_FORGES_REQUIRED=1
# makes that a failure.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
packages=(@octokit/openapi@23.0.2 @stoplight/prism-cli@5.14.2)

skip() {
  echo "test-forges: skipped: $1"
  [[ ${BATON_FORGES_REQUIRED:-} == 1 ]] && exit 1
  exit 0
}

export BATON=${BATON:-$root/build/release/baton}
export BATON_SOURCE_DIR=$root
[[ -x $BATON ]] || { echo "test-forges: $BATON is not built; run make first." >&2; exit 1; }
PATH=$PATH:/usr/sbin python3 "$root/tests/scenarios/pull_requests.py" over_ssh_by_an_alias
cache=${BATON_FORGES_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/baton-test-forges}
mkdir -p "$cache"
if [[ ! -e $cache/ready ]]; then
  echo "test-forges: installing ${packages[*]}"
  [[ -e $cache/package.json ]] || echo '{"private": true}' > "$cache/package.json"
  (cd "$cache" && npm install --ignore-scripts --no-audit --no-fund --loglevel=error "${packages[@]}") > "$cache/install.log" 2>&1 ||
    skip "npm cannot install the description and the proxy: $(tail -n 1 "$cache/install.log")"
  touch "$cache/ready"
fi
node "$here/github_slice.mjs" "$cache" "$cache/github-slice.json"
export PRISM=$cache/node_modules/.bin/prism SLICE=$cache/github-slice.json
exec python3 "$here/github_contract.py"
