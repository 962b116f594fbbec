#!/usr/bin/env bash
# Installs the packages of a folder's lock file once for all checkouts and links them in: scripts/npm-cached.sh FOLDER [AFTER]
# AFTER runs in the new folder and must succeed before it counts as complete.
set -euo pipefail
folder=$(cd "$1" && pwd)
after=${2:-}
hash=$(cat "$folder/package-lock.json" "$folder/.npmrc" ${after:+"$after"} | sha256sum | cut -c1-16)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/baton-build
ready=$cache/npm-$(basename "$folder")-$hash
if [[ ! -d $ready ]]; then
  mkdir -p "$cache"
  making=$(mktemp -d "$cache/making.XXXXXX")
  trap 'rm -rf "$making"' EXIT
  cp "$folder/package.json" "$folder/package-lock.json" "$folder/.npmrc" "$making"
  (cd "$making" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >npm.log 2>&1) ||
    { tail -n 5 "$making/npm.log" >&2; echo "npm could not install what $1/package-lock.json lists (its last words are above); check the network and run again." >&2; exit 1; }
  [[ -z $after ]] || "$after" "$making"
  # Whoever comes first wins; the other one's copy goes.
  mv -T "$making" "$ready" 2>/dev/null || [[ -d $ready ]]
fi
if [[ $(readlink "$folder/node_modules" || true) != "$ready/node_modules" ]]; then
  rm -rf "$folder/node_modules"
  ln -s "$ready/node_modules" "$folder/node_modules"
fi
