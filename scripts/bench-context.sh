#!/usr/bin/env bash
# How much of what past fixes changed lies in the slices for their tasks: scripts/bench-context.sh [DATA [MIRRORS]], for all core tasks of
# DATA (dev.jsonl, score.py), whose repositories are MIRRORS/OWNER+NAME/repo. Each task is predicted with weights that its repository had
# no part in. Ends with 1 below the bars: 60 % of the changed lines within 8,000 tokens, 78 % within 32,000; with 2 without data.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
data=${1:-$here/../shared/data/context}
mirrors=${2:-$here/../.mirror}
bench=$(find "$here/build/release" -name bench_context -type f -perm -u+x | head -n 1)
[ -n "$bench" ] || { echo "bench-context: bench_context is not built; run 'make bench-context'." >&2; exit 2; }
[ -f "$data/dev.jsonl" ] && [ -d "$mirrors" ] || { echo "bench-context: there is no dev.jsonl in $data, or no folder $mirrors; name both: scripts/bench-context.sh DATA MIRRORS." >&2; exit 2; }
folder=$(mktemp -d "${TMPDIR:-/tmp}/baton-bench-context.XXXXXX")
trap 'rm -rf "$folder"' EXIT

began=$SECONDS
"$bench" "$data/dev.jsonl" "$mirrors" "$folder/slices.jsonl" > "$folder/weights.txt"
score=(python3 "$data/score.py" --data "$data/dev.jsonl" --core --pred "$folder/slices.jsonl" --repos "$mirrors" --budgets 8000,32000)
"${score[@]}" --json "$folder/all.json" >&2
"${score[@]}" --clean --json "$folder/clean.json" > "$folder/clean.txt"
python3 - "$folder" "$data/dev.jsonl" $((SECONDS - began)) <<'PY'
import json, sys
from pathlib import Path
folder = Path(sys.argv[1])
all_of, clean = (json.loads((folder / name).read_text())["metrics"] for name in ("all.json", "clean.json"))
tasks = sum(bool(json.loads(line).get("core")) for line in open(sys.argv[2]))
bars = {8000: 60, 32000: 78}
shares = {budget: round(100 * all_of[f"lineR@{budget}"], 1) for budget in bars}
print(json.dumps({"figure": "changed lines in the slice", "tasks": tasks, "percent": shares, "bars": bars,
                  "clean": {budget: round(100 * clean[f"lineR@{budget}"], 1) for budget in bars}, "seconds": int(sys.argv[3])}))
sys.exit(any(shares[budget] < bar for budget, bar in bars.items()))
PY
