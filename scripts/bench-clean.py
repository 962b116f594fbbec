#!/usr/bin/env python3
"""The clean verdict beside its gates by hand: at most 1.1 times as long as the same commands, one after the other, in a fresh checkout of
the base and one of the result, installation included.

  bench-clean.py --clones DIR [--baton PATH] [--work DIR] [NAME ...]

DIR holds clones as for bench-quick.py; what is not in it is named and left out, and without names those of FIVE are measured: of each kind one
whose gates take long enough that a second of ours is no tenth of them. A comment is added to a source file. Our side is the whole process of
`baton verify --fresh` with no cache of ours. By hand the commands are those that its report names, with its placeholders filled in.
The base is counted on both sides: its runs are evidence that serves every later verdict on it, but the first verdict is what a user waits for,
and that the base runs at all is what tells a regression from a failure that was there. A later verdict on the same base pays for the result
alone, less than what is measured here.
The tools' own caches (npm, pip, go, cargo) begin empty; by hand the second checkout finds in them what the first one left, as it is for a user.
A first run of ours tells the commands, and warms the network for both. Neither side counts the making of a clone. Prints a line of figures
a repository. Ends with 1 when the bar is missed, when a gate ends otherwise by hand than with us, or when fewer than five were measured
without any being named.
"""

import json
import os
import re
import shutil
import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE / "scripts"))
quick = import_module("bench-quick")
BAR = 1.1
FIVE = ["minimistjs/minimist", "jarro2783/cxxopts", "theskumar/python-dotenv", "google/uuid", "dtolnay/itoa"]


def tool_caches(folder):
    """Where tools keep what they fetched and built; nothing of another run."""
    named = {"npm_config_cache": "npm", "PIP_CACHE_DIR": "pip", "GOCACHE": "go-build", "GOMODCACHE": "go-mod", "CARGO_HOME": "cargo"}
    return {**{name: str(folder / part) for name, part in named.items()}, "GOFLAGS": "-modcacherw -buildvcs=false", "CI": "1"}


def prepared(entry, options, folder, edited):
    quick.cloned(options.clones, entry["name"], entry["commit"], folder)
    if edited:
        quick.touch(folder / entry["break"]["file"], 1)
    return folder


def verdict(entry, options, folder):
    """Seconds of the whole process, and the report."""
    clone = prepared(entry, options, folder / "ours", True)
    env = dict(os.environ, XDG_CACHE_HOME=str(folder / "cache"), XDG_CONFIG_HOME=str(folder / "config"))
    took, done = quick.timed([options.baton, "verify", "--yes", "--fresh", "--json"], clone, env)
    if not done.stdout:
        raise SystemExit(f"{entry['name']}: {done.stderr.strip()[-500:]}")
    return took, json.loads(done.stdout)


def by_hand(entry, options, folder, gates):
    """Seconds of each checkout, and the gates that do not end as they do with us."""
    seconds, differ = [], []
    env = dict(os.environ, **tool_caches(folder / "tools"))
    for side in ("base", "head"):
        clone = prepared(entry, options, folder / side, side == "head")
        reports = folder / f"{side}-reports"
        reports.mkdir()
        own = dict(env, PATH=f"{clone}/node_modules/.bin:{clone}/.baton-venv/bin:{env['PATH']}")
        spent = 0
        for gate in gates:
            if not gate[side]:
                continue
            meant = {"{reports}": str(reports), "{root}": str(clone), "{jobs}": str(os.cpu_count())}
            command = [re.sub(r"{\w+}", lambda found: meant.get(found[0], found[0]), word) for word in gate["argv"]]
            took, done = quick.timed(command, clone, own)
            spent += took
            if (done.returncode == 0) != (gate[side]["exit_code"] == 0):
                differ.append(f"{side}: {gate['name']} ends with {done.returncode}: {(done.stdout + done.stderr).strip()[-300:]}")
        seconds.append(spent)
    return seconds, differ


def measure(entry, options, folder):
    first = folder / "first"  # what the network remembers, and the commands
    first.mkdir()
    _, known = verdict(entry, options, first)
    shutil.rmtree(first, ignore_errors=True)
    (folder / "hand").mkdir()
    hand, differ = by_hand(entry, options, folder / "hand", known["gates"])
    (folder / "clean").mkdir()
    took, report = verdict(entry, options, folder / "clean")
    return {"figure": "clean verdict", "repository": entry["name"], "by_hand_seconds": round(sum(hand), 2), "of_base": round(hand[0], 2), "of_result": round(hand[1], 2),
            "clean_seconds": round(took, 2), "its_gates_seconds": round(report["gate_seconds"], 2), "ratio": round(took / sum(hand), 2), "bar": BAR,
            "verdict": report["verdict"], "gates": len(report["gates"]), "differ": differ}


if __name__ == "__main__":
    quick.measured(__doc__, measure, lambda figures: figures["verdict"] == "no_regression" and not figures["differ"], FIVE)
