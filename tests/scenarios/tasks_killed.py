#!/usr/bin/env python3
"""Killed anywhere: the program is ended as by `kill -9` before, after and in the middle of every effect and transition of a task.
`baton resume` then comes to the same verdict and one branch; nothing is done twice, no process is left, nothing that an agent wrote is
lost, and the user's repository is as before but for the branch. The points of a pull request are those of pull_requests.py.
BATON_TEST_LONG=1: every time that every story reaches a point."""

import json
import os
import signal
import sqlite3
import sys
import time
from collections import Counter

from _lab import Lab, difference, manifest
from _tasks import branches, call, toy
from engine import wait_for

TASK = "Update value.txt\n\nwrite value.txt good and better\n"
STORE = "--git-dir={0.repo}/.git/baton/store.git"
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


def work_trees(lab):
    return [str(path.relative_to(lab.folder)) for path in (lab.folder / "cache/baton/worktrees").glob("*/*")]


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
        assert not work_trees(lab), work_trees(lab)
        assert branches(lab) == [result["branch"]], branches(lab)
        for kind in ("attempt_done", "integrated", "round_green", "landed"):
            assert len(events(lab, kind)) == 1, (kind, len(events(lab, kind)))
        assert not events(lab, "attempt_failed") and not events(lab, "fault"), "a killed attempt costs nothing"
        (done,) = events(lab, "attempt_done")
        assert "good and better\n" in store_texts(lab, "value.txt"), "what the agent wrote is not in the store"
        assert lab.git(STORE.format(lab), "cat-file", "-t", done["facts"]["result"]["commit"]).strip() == "commit", done
        changed = [name for name in difference(before, manifest(lab.repo)) if not name.startswith(OURS)]
        assert not changed, changed
        lab.assert_no_strays(5)


def store_texts(lab, name):
    """What the commits that the store keeps hold under that name."""
    refs = lab.git(STORE.format(lab), "for-each-ref", "--format=%(objectname)", "refs/baton").split()
    return {lab.git(STORE.format(lab), "show", f"{ref}:{name}") for ref in refs if name in lab.git(STORE.format(lab), "ls-tree", "--name-only", ref).split()}


def resumed(lab, point, *codes):
    """After the death at that point: nothing is left, and the one task that there is goes on."""
    lab.assert_no_strays(5)
    code, _, answer, err = call(lab, "resume", "--yes")
    assert code in (codes or (0,)), (point, code, answer, err)
    task = call(lab, "tasks")[2]["tasks"]
    assert len(task) == 1, task
    return call(lab, "show", task[0]["task"])[2]


def die(lab, point, *args):
    process = lab.start(*args, env={**lab.env, "BATON_FAULT": point})
    _, err = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, f"it was not reached: {process.returncode} {err.decode()[-500:]}"


def two_parts(lab):
    """A plan of two subtasks, the second on top of the first; gives what approves it."""
    toy(lab, agents=[{"name": "parts", "command": ["sh", "-c", "cat one.txt 2>&-; echo {subtask} > $BATON_SUBTASK.txt"], "network": "none"}])
    code, out, err = lab.baton("plan", "Add a file for each part")
    assert code == 0, err
    plan = json.loads(out)
    part = {**plan["subtasks"][0], "criteria": [criterion["id"] for criterion in plan["criteria"]]}
    plan["subtasks"] = [{**part, "id": "one", "write_set": ["one.txt"], "after": []}, {**part, "id": "two", "write_set": ["two.txt"], "after": ["one"]}]
    path = lab.folder / "plan.json"
    path.write_text(json.dumps(plan))
    return ("approve", plan["task"], "--yes", "--json", "--plan", str(path))


def killed_among_parts(point):
    with Lab() as lab:
        approve = two_parts(lab)
        before = manifest(lab.repo)
        die(lab, point, *approve)
        if not events(lab, "approved"):  # what is not approved waits
            lab.baton(*approve)
        result = resumed(lab, point, 0, 3)  # 3: criteria that nothing shows wait
        assert result["state"] in ("landed", "verifying"), result["state"]
        assert len(events(lab, "attempt_done")) == 2 and len(events(lab, "integrated")) == 1 and len(events(lab, "round_green")) == 1
        assert sorted(event["fields"]["subtask"] for event in events(lab, "attempt_done")) == ["one", "two"]
        (commit,) = [event["facts"]["commit"] for event in events(lab, "integrated")]
        names = lab.git(STORE.format(lab), "ls-tree", "--name-only", commit).split()
        assert {"one.txt", "two.txt"} <= set(names), names
        changed = [name for name in difference(before, manifest(lab.repo)) if not name.startswith(OURS)]
        assert not changed, changed
        lab.assert_no_strays(5)


def to_apply(lab):
    toy(lab)
    return ("run", "--yes", "--json", "--land", "apply", "--agent", "scripted", TASK)


def killed_while_it_applies(point):
    with Lab() as lab:
        run = to_apply(lab)
        before = manifest(lab.repo)
        die(lab, point, *run)
        result = resumed(lab, point)
        assert result["state"] == "applied", result["state"]
        assert len(events(lab, "applied")) == 1 and branches(lab) == []
        assert (lab.repo / "value.txt").read_text() == "good and better\n"
        changed = [name for name in difference(before, manifest(lab.repo)) if not name.startswith((".git/objects/", "./value.txt"))]
        assert changed in ([], ["."]), changed  # the folder's own time
        lab.assert_no_strays(5)


def to_escalate(lab):
    toy(lab, agents=[{"name": "fails", "command": ["sh", "-c", "exit 1"], "network": "none"}])
    return ("run", "--yes", "--json", "--agent", "fails", TASK)


def killed_while_it_escalates(point):
    with Lab() as lab:
        run = to_escalate(lab)
        before = manifest(lab.repo)
        die(lab, point, *run)
        result = resumed(lab, point, 3)
        assert result["state"] == "escalated_to_human" and result["escalation"]["reason"] == "attempts", result
        assert len(events(lab, "attempt_failed")) == 3, "no attempt is done again, and none is a fourth"
        assert len(result["escalation"]["attempts"]) == 3, result["escalation"]
        code, _, _, err = call(lab, "cancel", result["task"])
        assert code in (0, 4), (code, err)
        assert not work_trees(lab), work_trees(lab)
        assert not difference(before, manifest(lab.repo)) and branches(lab) == []
        lab.assert_no_strays(5)


def killed_while_an_agent_writes(how):
    """What an agent had written, and had not handed in, is in the store when its work tree has gone."""
    with Lab() as lab:
        script = "echo draft of $$ > draft.txt; echo drafted; sleep 1; rm draft.txt; sh agent.sh {task}"
        toy(lab, agents=[{"name": "drafts", "command": ["sh", "-c", script], "network": "none"}])
        process = lab.start("run", "--yes", "--json", "--agent", "drafts", TASK)
        written = []

        def drafted():
            written[:] = [path.read_text() for path in (lab.folder / "cache/baton/worktrees").glob("*/**/draft.txt")]
            return any(written)

        wait_for(drafted)
        if how == "kill":
            process.kill()
            process.communicate(timeout=60)
            resumed(lab, how)
        else:
            call(lab, "cancel", call(lab, "tasks")[2]["tasks"][0]["task"])
            process.communicate(timeout=60)
        assert not work_trees(lab), work_trees(lab)
        assert set(written) <= store_texts(lab, "draft.txt"), (written, store_texts(lab, "draft.txt"))


# What a task of one part that lands does not reach, or reaches later.
OTHERS = [
    (killed_while_an_agent_writes, ["kill", "cancel"]),
    (killed_among_parts, ["before approved#1", "before attempt_done#1", "after attempt_done#1", "before effect start_attempt#2", "during start_attempt#2", "after attempt_done#2"]),
    (killed_while_it_applies, ["before apply_requested#1", "applying#1", "applied#1", "before applied#1", "after applied#1"]),
    (killed_while_it_escalates, ["after attempt_failed#1", "before attempt_failed#3", "after attempt_failed#3", "before effect notify_human#1", "after effect notify_human#1"]),
]


def every_time(prepare):
    """Each time that a whole run of a story reaches a point, from where there is a task on."""
    with Lab() as lab:
        run = prepare(lab)
        log = lab.folder / "points"
        lab.baton(*run, env={**lab.env, "BATON_FAULT_LOG": str(log)}, timeout=120)
        reached = Counter(log.read_text().splitlines())
    return [f"{name}#{i + 1}" for name in sorted(reached) if name != "before task_drafted" for i in range(reached[name])]


def main():
    wanted = sys.argv[1:]
    with Lab() as lab:
        toy(lab)
        reached, expected = points(lab)
    assert len(reached) > 25, reached
    others = OTHERS
    if os.environ.get("BATON_TEST_LONG") == "1":
        whole = {killed_among_parts: two_parts, killed_while_it_applies: to_apply, killed_while_it_escalates: to_escalate}
        others = [(kill, every_time(whole[kill]) if kill in whole else places) for kill, places in OTHERS]
    cases = [(f"{name}#{i + 1}", lambda place: killed_at(place, expected)) for name in sorted(reached) for i in range(reached[name])]
    cases += [(f"{kill.__name__} {place}", lambda place, kill=kill: kill(place.split(" ", 1)[1])) for kill, places in others for place in places]
    if wanted:
        cases = [case for case in cases if any(word in case[0] for word in wanted)]
    began, failed = time.monotonic(), 0
    for place, check in cases:
        try:
            check(place)
            print(f"ok {place}", flush=True)
        except Exception as problem:
            failed += 1
            print(f"not ok {place}: {type(problem).__name__}: {problem}", flush=True)
    print(f"{len(cases) - failed} passed, {failed} failed ({time.monotonic() - began:.0f} s)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
