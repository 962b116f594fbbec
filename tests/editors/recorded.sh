# shellcheck shell=bash
# Sourced. What an editor and the server say to each other, in both directions, a file of its own for each server; held against the
# protocol's own model, whose validator is not part of this repository.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
model=$here/../../../shared/data/lsp

# recorded FOLDER PROGRAM: prints what is to be started for the program; the program itself where nothing can be held against the model.
recorded() {
  if [[ ! -f $model/validate.py ]]; then
    echo "$2"
    return
  fi
  mkdir -p "$1"
  printf '#!/bin/sh\nexec python3 "%s" "%s/$$.jsonl" "%s" "$@"\n' "$here/record.py" "$1" "$2" >"$1/recorded"
  chmod +x "$1/recorded"
  echo "$1/recorded"
}

# hold EDITOR FOLDER VERSION ARGUMENT...: a line that says how it went; the arguments are the validator's.
hold() {
  local editor=$1 folder=$2 version=$3 log bad=0
  shift 3
  if [[ ! -f $model/validate.py ]]; then
    echo "skipped: what $editor and the server said is not held against the protocol's model, ../shared/data/lsp is not there." >&2
    return
  fi
  for log in "$folder"/*.jsonl; do
    python3 "$model/validate.py" "$log" --meta "$model/metaModel-$version.json" --side both "$@" || bad=1
  done
  if ((bad == 0)); then
    echo "ok: what $editor and the server said to each other is the protocol's ($(cat "$folder"/*.jsonl | wc -l) messages)"
  else
    echo "FAILED: what $editor and the server said to each other is not the protocol's"
    return 1
  fi
}
