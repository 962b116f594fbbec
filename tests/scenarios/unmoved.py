#!/usr/bin/env python3
"""Unmoved: after many random verifications, cancels and `kill -9` all that is the user's is as it was, to the byte and the time
of modification; nothing is left running, and the next verification works. UNMOVED_ROUNDS (100) and UNMOVED_SEED say how."""

import os
import random
import subprocess
import sys
import time

from _lab import INTERRUPT, KILL, TERMINATE, Lab, assert_same

ROUNDS = int(os.environ.get("UNMOVED_ROUNDS", "100"))
SEED = int(os.environ.get("UNMOVED_SEED", str(random.randrange(1 << 30))))


def dirty_repository(lab):
    """Staged, unstaged, both on one file, untracked, deleted, renamed, ignored, a stash, a tag, a second branch, a mode."""
    lab.commit({
        "Makefile": "test:\n\t@sh check.sh\n",
        "check.sh": f"# {lab.mark}\nfor n in 1 2 3; do echo \"ok $n - case $n\"; sleep 0.03; done\necho 1..3\n",
        "a.txt": "one\n", "b.txt": "one\n", "c.txt": "one\n", "gone.txt": "x\n", "old name.txt": "same\n" * 9,
        ".gitignore": "*.log\n", "sub/d.txt": "d\n", "run.sh": "#!/bin/sh\n",
    }, "first")
    lab.git("tag", "v1")
    lab.git("branch", "side")
    lab.write({"a.txt": "stashed\n"})
    lab.git("stash")
    lab.write({"a.txt": "staged\n", "b.txt": "staged\n"})
    lab.git("add", "a.txt", "b.txt")
    lab.write({"b.txt": "and unstaged\n", "c.txt": "unstaged\n", "new.txt": "untracked\n", "x.log": "ignored\n"})
    lab.git("mv", "old name.txt", "new name.txt")
    (lab.repo / "gone.txt").unlink()
    (lab.repo / "run.sh").chmod(0o755)
    (lab.repo / "link").symlink_to("a.txt")


def user_edit(lab, rng):
    """What a user does between two verifications."""
    kind = rng.randrange(4)
    name = rng.choice(["a.txt", "c.txt", "sub/d.txt", "new.txt"])
    if kind == 0:
        lab.write({name: f"edit {rng.random()}\n"})
    elif kind == 1:
        lab.git("add", name)
    elif kind == 2:
        lab.git("stash", "list")
    return kind


def one_round(lab, rng, number):
    before = lab.manifest()
    way = rng.choice(["whole", "whole", "interrupt", "terminate", "kill", "kill", "doctor"])
    if way == "doctor":
        code, _, err = lab.baton("doctor")
        assert code in (0, 1), err
    elif way == "whole":
        code, report, err = lab.verify(*rng.choice([[], ["--fresh"], ["--base", "v1", "--head", "side"]]))
        assert code == 0 and report["verdict"] == "no_regression", f"round {number}: {code} {report} {err}"
    else:
        process = lab.start("verify", "--yes", "--fresh", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.random() * 1.2)
        process.send_signal({"interrupt": INTERRUPT, "terminate": TERMINATE, "kill": KILL}[way])
        started = time.monotonic()
        process.wait(timeout=10)
        assert time.monotonic() - started < 2, f"round {number}: {way} took {time.monotonic() - started:.1f} s"
    lab.assert_no_strays()
    assert_same(before, lab.manifest(), f"round {number} ({way})")
    return way


def main():
    rng = random.Random(SEED)
    print(f"unmoved: {ROUNDS} rounds, seed {SEED}", flush=True)
    with Lab() as lab:
        lab.git("init", "-q", "-b", "main")
        dirty_repository(lab)
        status = lab.git("--no-optional-locks", "status", "--porcelain=v2", "--untracked-files=all", "--ignored")
        refs = lab.git("for-each-ref")
        ways = {}
        for number in range(ROUNDS):
            way = one_round(lab, rng, number)
            ways[way] = ways.get(way, 0) + 1
            if number == ROUNDS // 2:
                assert lab.git("--no-optional-locks", "status", "--porcelain=v2", "--untracked-files=all", "--ignored") == status
            if number > ROUNDS // 2:
                user_edit(lab, rng)
        assert lab.git("for-each-ref") == refs
        assert "stash@{0}" in lab.git("stash", "list")
        code, report, err = lab.verify("--fresh")
        assert code == 0 and report["verdict"] == "no_regression", (code, report, err)
        lab.git("fsck", "--strict")
        left = list((lab.folder / "cache").rglob("base/.git"))
        assert not left, f"work areas left behind: {left}"
    print(f"unmoved: passed, {ways}")


if __name__ == "__main__":
    sys.exit(main())
