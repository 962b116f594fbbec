#!/usr/bin/env bash
# Figures, each with its peer or its bar in the same run, one JSON object a line. BATON_BENCH_REPO names a large clone for the
# snapshot; without it a tree of 27,000 files is made. BATON_LOGS names a folder of more logs (cases with an output.txt).
# BATON_CLONES names a folder of clones of real repositories, for the quick and the clean verdict. Ends with 1 when a bar is missed.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
baton=${BATON:-$here/build/release/baton}
snapshot=$(find "$here/build/release" -name bench_snapshot -type f -perm -u+x | head -n 1)
[ -n "$snapshot" ] || { echo "bench: bench_snapshot is not built; run 'make bench'." >&2; exit 2; }
null=$(find "$here/build/release" -name bench_null_server -type f -perm -u+x | head -n 1)
status=0

echo "# the protocol, beside clangd, efm-langserver and a null server" >&2
"$here/scripts/bench-protocol.py" "$baton" "$null" || status=1

echo "# logs of each kind, read as a verdict reads them: at least 50 MB/s, twice the log in less than 2.5 times the time" >&2
"$(find "$here/build/release" -name bench_log_reading -type f -perm -u+x | head -n 1)" ${BATON_LOGS:+30 "$BATON_LOGS"} || status=1

echo "# snapshot of 20 dirty files, against git add -A and git write-tree on a copied index" >&2
"$snapshot" ${BATON_BENCH_REPO:+"$BATON_BENCH_REPO"} || status=1

echo "# eight work trees of 27,000 files: slices by the write set, at most half a second each, and whole ones" >&2
"$(find "$here/build/release" -name bench_work_trees -type f -perm -u+x | head -n 1)" || status=1

echo "# the description of a change of 200 files, at most 300 ms" >&2
"$(find "$here/build/release" -name bench_description -type f -perm -u+x | head -n 1)" || status=1

echo "# from the editor's command to the page of a pull request, on a forge of this machine: at most 2 s" >&2
"$here/scripts/bench-pull-request.py" "$baton" || status=1

echo "# the loop: its own share, at most 5 % of its tools and gates; 32 equal subtasks in 8 slots, busy for 95 %; eight deaths on the demo" >&2
"$here/scripts/bench-loop.py" "$baton" || status=1

echo "# 64 agents at once: a session's requests at most three times the null server's, the engine below 150 MiB, all dead 2 s after a cancel" >&2
"$here/scripts/bench-agents.py" "$baton" "$null" || status=1

folder=$(mktemp -d "${TMPDIR:-/tmp}/baton-bench.XXXXXX")
trap 'rm -rf "$folder"' EXIT
export XDG_CACHE_HOME=$folder/cache XDG_CONFIG_HOME=$folder/config
cp -R "$here/tests/workspaces/demo/base" "$folder/ledger"
cd "$folder/ledger"
git init -q -b main
git add -A
git -c user.name=Ada -c user.email=ada@example.com commit -q -m "Ledger 1.4"
(cd "$here/tests/workspaces/demo/change" && tar -cf - --exclude MESSAGE .) | tar -xf -

echo "# a verification of the demo: our own share, at most 10 % of its gates or 500 ms" >&2
"$baton" verify --yes --json >first.json 2>/dev/null || true
python3 - first.json <<'PY' || status=1
import json, sys
report = json.load(open(sys.argv[1]))
own = report["seconds"] - report["gate_seconds"]
bar = max(0.5, report["gate_seconds"] / 10)
print(json.dumps({"figure": "own share", "seconds": round(own, 3), "gates": round(report["gate_seconds"], 3), "bar": round(bar, 3)}))
sys.exit(own > bar)
PY
rm first.json

echo "# the same again, nothing changed: median of five whole processes, at most 300 ms" >&2
python3 - "$baton" <<'PY' || status=1
import json, statistics, subprocess, sys, time
times = []
for _ in range(6):
    started = time.monotonic()
    subprocess.run([sys.argv[1], "verify", "--yes", "--json"], capture_output=True, check=False)
    times.append((time.monotonic() - started) * 1000)
median = statistics.median(times[1:])
print(json.dumps({"figure": "second verify", "milliseconds": round(median), "bar": 300}))
sys.exit(median > 300)
PY

echo "# the quick verdict on real repositories, at most 1.3 times the user's own warm test command" >&2
if [ -n "${BATON_CLONES:-}" ]; then
  (cd "$here" && env -u XDG_CACHE_HOME -u XDG_CONFIG_HOME scripts/bench-quick.py --clones "$BATON_CLONES" --baton "$baton") || status=1
else
  echo "not measured: BATON_CLONES names no folder of clones (OWNER+NAME, those of tests/real/manifest.json)" >&2
  status=1
fi

echo "# the clean verdict on real repositories, at most 1.1 times its gates by hand, in fresh checkouts of both sides" >&2
if [ -n "${BATON_CLONES:-}" ]; then
  (cd "$here" && env -u XDG_CACHE_HOME -u XDG_CONFIG_HOME scripts/bench-clean.py --clones "$BATON_CLONES" --baton "$baton") || status=1
else
  echo "not measured: BATON_CLONES names no folder of clones (OWNER+NAME, those of tests/real/manifest.json)" >&2
  status=1
fi
exit $status
