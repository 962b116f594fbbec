#!/usr/bin/env bash
# Real editors against the real program: Neovim, and VS Code with the extension. Ends with "N passed, N failed", each a check.
#   BATON=<program> tests/editors/run.sh [nvim|vscode]...
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[[ $# -gt 0 ]] || set -- nvim vscode
out=$(mktemp)
trap 'rm -f "$out"' EXIT
passed=0 failed=0 absent=0

for editor in "$@"; do
  status=0
  "$here/$editor.sh" 2>&1 | tee "$out" || status=$?
  if ((status == 77)); then
    absent=$((absent + 1))
    continue
  fi
  good=$(grep -c '^ok: ' "$out") bad=$(grep -c '^FAILED: ' "$out")
  # One that ends badly, or well without a word, has failed.
  ((status == 0 && good > 0 || bad > 0)) || bad=1
  passed=$((passed + good)) failed=$((failed + bad))
done

((absent == 0)) || echo "test-editors: $absent editors were not there, each named above."
echo "$passed passed, $failed failed"
((failed == 0))
