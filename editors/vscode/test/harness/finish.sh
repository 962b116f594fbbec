#!/usr/bin/env bash
# Makes VS Code's server of the packages runnable: finish.sh FOLDER. What it needs beside the lock file is listed in its own.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
server=$1/node_modules/code-server/lib/vscode
# Its lock file and its list differ in a peer, hence the flag. Native parts come built in the packages; the others are not used.
(cd "$server" && npm ci --omit=dev --ignore-scripts --legacy-peer-deps --no-audit --no-fund --loglevel=error >"$1/npm-server.log" 2>&1) ||
  { tail -n 5 "$1/npm-server.log" >&2; echo "npm could not install what VS Code's server needs; check the network and run again." >&2; exit 1; }
cp "$here/spdlog.cjs" "$server/node_modules/@vscode/spdlog/index.js"
