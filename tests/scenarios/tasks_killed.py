#!/usr/bin/env python3
"""Killed anywhere: the program is ended as by `kill -9` before, after and in the middle of every effect and transition of a task.
`baton resume` then comes to the same verdict and one branch; nothing is done twice, no process is left, and the user's repository is
as before but for the branch."""

import json
import signal
import sqlite3
import sys
import time
from collections import Counter

from _lab import Lab, difference, manifest
from _tasks import branches, call, toy

TASK = "Update value.txt\n\nwrite value.txt good and better\n"
OURS = (".git/refs/heads/baton", ".git/objects/", ".git/logs/refs/heads/baton")


def points(lab):
    """Every place that a whole run reaches, with how often, and what the run comes to."""
    log = lab.folder / "points"
    code, _, result, err = call(lab, "run", "--yes", "--agent", "scripted", TASK, env={"BATON_FAULT_LOG": str(log)})
    assert code == 0 and result["state"] == "landed", (code, result, err)
    return Counter(log.read_text().splitlines()), outcome(lab, result)


def outcome(lab, result):
    tree = lab.git("rev-parse", f"{result['branch']}^{{tree}}").strip()
    return {"state": result["state"], "verdict": result["verdict"]["verdict"], "tree": tree}


def events(lab, kind):
    with sqlite3.connect(f"file:{lab.repo}/.git/baton/journal.db?mode=ro", uri=True) as journal:
        return [json.loads(body) for (body,) in journal.execute("SELECT body FROM event WHERE kind = ? ORDER BY seq", (kind,))]


def killed_at(point, expected):
    with Lab() as lab:
        toy(lab)
        before = manifest(lab.repo)
        process = lab.start("run", "--yes", "--json", "--agent", "scripted", TASK, env={**lab.env, "BATON_FAULT": point})
        out, err = process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL, f"it was not reached: {process.returncode} {err.decode()[-500:]}"
        lab.assert_no_strays(5)
        if any(b'"task":' in line for line in out.splitlines()) or (lab.repo / ".git/baton/journal.db").exists() and events(lab, "task_drafted"):
            code, _, answer, err = call(lab, "resume", "--yes")
            assert code == 0, (code, answer, err)
            if answer["tasks"]:
                result = answer["tasks"][0]
            else:  # it was over already
                task = call(lab, "tasks")[2]["tasks"][0]
                result = call(lab, "show", task["task"])[2]
        else:  # before there was a task
            code, _, result, err = call(lab, "run", "--yes", "--agent", "scripted", TASK)
            assert code == 0, (code, err)
        assert outcome(lab, result) == expected, (outcome(lab, result), expected)
        assert branches(lab) == [result["branch"]], branches(lab)
        for kind in ("attempt_done", "integrated", "round_green", "landed"):
            assert len(events(lab, kind)) == 1, (kind, len(events(lab, kind)))
        assert not events(lab, "attempt_failed") and not events(lab, "fault"), "a killed attempt costs nothing"
        changed = [name for name in difference(before, manifest(lab.repo)) if not name.startswith(OURS)]
        assert not changed, changed
        lab.assert_no_strays(5)


def main():
    wanted = sys.argv[1:]
    failed = 0
    with Lab() as lab:
        toy(lab)
        reached, expected = points(lab)
    places = [f"{name}#{n}" for name, count in sorted(reached.items()) for n in sorted({1, count})]
    if wanted:
        places = wanted
    assert len(places) > 25, places
    began = time.monotonic()
    for place in places:
        try:
            killed_at(place, expected)
            print(f"ok {place}", flush=True)
        except Exception as problem:
            failed += 1
            print(f"not ok {place}: {type(problem).__name__}: {problem}", flush=True)
    print(f"{len(places) - failed} passed, {failed} failed ({time.monotonic() - began:.0f} s)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
