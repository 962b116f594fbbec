#!/usr/bin/env bash
# What is sent to GitHub, Gitea and Forgejo, held against their own descriptions, what is said of every error that they describe, and pushes
# over ssh through a host alias and over HTTP to a web server: `make test-forges`. Gets the descriptions and a validating proxy by npm and go into a cache first. Ends with 0 and says why when that
# is not to be had; BATON_FORGES_REQUIRED=1 makes that a failure.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
packages=(@octokit/openapi@23.0.2 @stoplight/prism-cli@5.14.2)
# The modules of Gitea and of Forgejo, whose versions the proxy of Go names; Forgejo's is its tree of 2024-12-19.
modules=("gitea code.gitea.io/gitea@v1.26.0" "forgejo codeberg.org/forgejo/forgejo@v1.21.0-rc0.0.20241219112042-456d05998231")

skip() {
  echo "test-forges: skipped: $1"
  [[ ${BATON_FORGES_REQUIRED:-} == 1 ]] && exit 1
  exit 0
}

export BATON=${BATON:-$root/build/release/baton}
export BATON_SOURCE_DIR=$root
[[ -x $BATON ]] || { echo "test-forges: $BATON is not built; run make first." >&2; exit 1; }
PATH=$PATH:/usr/sbin python3 "$root/tests/scenarios/pull_requests.py" over_ssh_by_an_alias over_http_to_a_web_server
cache=${BATON_FORGES_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/baton-test-forges}
mkdir -p "$cache"
if [[ ! -e $cache/ready ]]; then
  echo "test-forges: installing ${packages[*]}"
  [[ -e $cache/package.json ]] || echo '{"private": true}' > "$cache/package.json"
  (cd "$cache" && npm install --ignore-scripts --no-audit --no-fund --loglevel=error "${packages[@]}") > "$cache/install.log" 2>&1 ||
    skip "npm cannot install the description and the proxy: $(tail -n 1 "$cache/install.log")"
  touch "$cache/ready"
fi
export PRISM=$cache/node_modules/.bin/prism
node "$here/slice.mjs" github "$cache/node_modules/@octokit/openapi/generated/api.github.com.json" "$cache/github-slice.json"
python3 "$here/contract.py" github "$cache/github-slice.json"
python3 "$here/errors.py" github "$cache/github-slice.json"
python3 "$here/errors.py" gitlab

# Theirs stand in their sources, which the module proxy of Go has.
command -v go >/dev/null || skip "Go, which gets Gitea's and Forgejo's descriptions, is not here."
for one in "${modules[@]}"; do
  read -r kind module <<< "$one"
  source=$(cd "$cache" && GOFLAGS=-mod=mod go mod download -json "$module" 2>&1 | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  [[ -n $source ]] || skip "Go cannot get the description of $kind."
  node "$here/slice.mjs" "$kind" "$source/templates/swagger/v1_json.tmpl" "$cache/$kind-slice.json"
  python3 "$here/contract.py" "$kind" "$cache/$kind-slice.json"
  python3 "$here/errors.py" "$kind" "$cache/$kind-slice.json"
done
