#!/usr/bin/env python3
"""The quick verdict beside the user's own warm test command, after the same edit: at most 1.3 times as long.

  bench-quick.py --clones DIR [--baton PATH] [--work DIR] [NAME ...]

DIR holds clones as OWNER+NAME (or OWNER+NAME/repo); names and commands are those of tests/real/manifest.json, and what is not in
DIR is named and left out. Both are warm:
set up, built and run once. Then a comment is added to a source file, three times, and each side is timed after each. Prints a
line of figures a repository. Ends with 1 when the bar is missed, when either side did not do its work (a command that fails, a verdict
other than no_regression), or when fewer than five were measured without any being named.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
BAR = 1.3
ROUNDS = 3
FEWEST = 5  # repositories that the figure speaks of


def timed(command, cwd, env=None):
    started = time.monotonic()
    done = subprocess.run(command, shell=isinstance(command, str), cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, errors="replace", timeout=1800)
    return time.monotonic() - started, done


def clone_of(clones, name):
    source = Path(clones) / name.replace("/", "+")
    return source / "repo" if (source / "repo").is_dir() else source


def cloned(clones, name, commit, into):
    source = clone_of(clones, name)
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", str(source), str(into)], check=True)
    subprocess.run(["git", "checkout", "-q", commit], cwd=into, check=True)


def touch(file, number):
    comment = f"# edit {number}\n" if file.suffix == ".py" else f"/* edit {number} */\n"  # C89 has no other
    with open(file, "a", encoding="utf-8") as text:
        text.write(comment)


def measure(entry, options, folder):
    theirs, ours = folder / "theirs", folder / "ours"
    for clone in (theirs, ours):
        cloned(options.clones, entry["name"], entry["commit"], clone)
    hand = entry["hand"]
    command = hand.get("warm", hand["test"])
    for step in [*hand["setup"], command]:
        timed(step, theirs)
    environment = dict(os.environ, XDG_CACHE_HOME=str(folder / "cache"), XDG_CONFIG_HOME=str(folder / "config"))
    timed([options.baton, "verify", "--yes", "--json"], ours, environment)

    by_hand, quick, verdicts, codes = [], [], set(), set()
    for number in range(ROUNDS + 1):  # the first one warms what only an edit warms
        for clone in (theirs, ours):
            touch(clone / entry["break"]["file"], number)
        took, done = timed(command, theirs)
        codes.add(done.returncode)
        by_hand.append(took)
        took, done = timed([options.baton, "verify", "--yes", "--quick", "--json"], ours, environment)
        quick.append(took)
        verdicts.add(json.loads(done.stdout)["verdict"] if done.stdout else done.stderr.strip()[-200:])
    hand_median, quick_median = statistics.median(by_hand[1:]), statistics.median(quick[1:])
    return {"figure": "quick verdict", "repository": entry["name"], "own_command_seconds": round(hand_median, 2),
            "quick_seconds": round(quick_median, 2), "ratio": round(quick_median / hand_median, 2), "bar": BAR,
            "verdicts": sorted(verdicts), "own_exit_codes": sorted(codes)}


def measured(about, measure, good, usual=()):
    """The program of a benchmark on these repositories: `measure` gives the figures of one, `good` says whether they are; `usual` are those
    that are measured where none is named, all when empty."""
    asked = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--clones", required=True)
    asked.add_argument("--baton", type=os.path.abspath, default=str(HERE / "build/release/baton"))
    asked.add_argument("--work")
    asked.add_argument("names", nargs="*")
    options = asked.parse_args()
    manifest = json.loads((HERE / "tests/real/manifest.json").read_text())
    wanted = options.names or usual or [entry["name"] for entry in manifest["repositories"]]
    missed, done = False, 0
    for entry in (entry for entry in manifest["repositories"] if entry["name"] in wanted):
        if not clone_of(options.clones, entry["name"]).is_dir():
            print(f"skipped: there is no clone of {entry['name']} in {options.clones}", file=sys.stderr)
            continue
        done += 1
        with tempfile.TemporaryDirectory(dir=options.work, ignore_cleanup_errors=True) as folder:
            figures = measure(entry, options, Path(folder))
        print(json.dumps(figures), flush=True)
        missed = missed or not good(figures) or figures["ratio"] > figures["bar"]
    sys.exit(missed or done < (1 if options.names else FEWEST))


if __name__ == "__main__":
    measured(__doc__, measure, lambda figures: figures["verdicts"] == ["no_regression"] and figures["own_exit_codes"] == [0])
