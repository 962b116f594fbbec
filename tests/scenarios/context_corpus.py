"""A small fixed sample of real fixes: of the lines that each changed, how many lie in the slice for its task. Skipped where the data
(`../shared/data/context` beside the sources, repositories in `../.mirror`) is absent. The whole set: docs/context.md."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from _lab import BATON, SOURCE

DATA = SOURCE.parent / "shared/data/context"
MIRRORS = SOURCE.parent / ".mirror"
SAMPLE = {"pallets/flask": 3, "gin-gonic/gin": 3, "jqlang/jq": 2}  # tasks of each
LEAST = 50  # per cent of the changed lines within 8,000 tokens, mean; a bad ranking finds less than 40

if not (DATA / "dev.jsonl").is_file() or not all((MIRRORS / repo.replace("/", "+") / "repo").is_dir() for repo in SAMPLE):
    print(f"no data at {DATA} and {MIRRORS}")
    sys.exit(77)

wanted = dict(SAMPLE)
tasks = {repo: [] for repo in SAMPLE}
for line in (DATA / "dev.jsonl").read_text().splitlines():
    task = json.loads(line)
    if task.get("core") and wanted.get(task["repo"], 0) > 0:
        wanted[task["repo"]] -= 1
        tasks[task["repo"]].append(task)

with tempfile.TemporaryDirectory() as folder:
    env = {**os.environ, "XDG_CACHE_HOME": folder}
    chosen, predicted = Path(folder) / "tasks.jsonl", Path(folder) / "slices.jsonl"
    chosen.write_text("".join(json.dumps(task) + "\n" for repo in tasks.values() for task in repo))
    with predicted.open("wb") as out:
        for repo, lines in tasks.items():
            batch = Path(folder) / "batch.jsonl"
            batch.write_text("".join(json.dumps(task) + "\n" for task in lines))
            git_dir = MIRRORS / repo.replace("/", "+") / "repo"
            subprocess.run([BATON, "context", "--git-dir", str(git_dir), "--batch", str(batch)], env=env, stdout=out, check=True, timeout=120)
    score = [sys.executable, str(DATA / "score.py"), "--data", str(chosen), "--pred", str(predicted), "--repos", str(MIRRORS), "--budgets", "8000"]
    scored = Path(folder) / "score.json"
    print(subprocess.run([*score, "--json", str(scored)], capture_output=True, text=True, check=True).stdout)
    share = 100 * json.loads(scored.read_text())["metrics"]["lineR@8000"]
    if share < LEAST:
        sys.exit(f"scenario: only {share:.1f} % of the changed lines are in the slices of 8,000 tokens, where {LEAST} are expected")
