#!/usr/bin/env python3
"""Figures of the loop, one JSON object a line; ends with 1 when a bar is missed. `bench-loop.py BATON [share|slots|killed]…`

share: a task of fixers on the sample project. What is the loop's own: the whole process less the time in which a tool or a gate ran.
slots: 32 equal subtasks in 8 slots, each a real command that takes its time. Busy: as the commands themselves wrote it down.
killed: `kill -9` at eight places of a task on the demo, spread over all that it reaches; the same end after `baton resume`.
"""

import datetime
import json
import os
import shutil
import signal
import sqlite3
import sys
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
os.environ["BATON"] = sys.argv[1]
sys.path.insert(0, str(HERE / "tests/scenarios"))
from _lab import Lab, difference, manifest  # noqa: E402
from _tasks import branches, call, configure  # noqa: E402

AGENT = """#!/bin/sh
part=$2
date +%s.%N > "parts/$part.txt"
sleep "$3"
date +%s.%N >> "parts/$part.txt"
"""


def show(figure, **more):
    print(json.dumps({"figure": figure, **more}), flush=True)


def intervals(lab):
    """Of every command that has a statement: when it began and ended."""
    found = []
    for path in (lab.repo / ".git/baton/evidence").rglob("*"):
        try:
            run = json.loads(path.read_bytes())["predicate"]["baton"]
            began = datetime.datetime.fromisoformat(run["started"].replace("Z", "+00:00")).timestamp()
        except (OSError, ValueError, KeyError, TypeError):
            continue
        found.append((began, began + run["seconds"]))
    return sorted(found)


def covered(spans):
    total, end = 0.0, 0.0
    for began, ended in spans:
        total += max(0.0, ended - max(began, end))
        end = max(end, ended)
    return total


def share():
    with Lab() as lab:
        lab.git("init", "-q", "-b", "main")
        shutil.copytree(HERE / "tests/workspaces/tidy", lab.repo, dirs_exist_ok=True)
        lab.commit()
        began = time.monotonic()
        code, _, result, err = call(lab, "run", "--yes", "Fix the clang-tidy findings", timeout=900)
        seconds = time.monotonic() - began
        assert code == 0, (code, result, err[-1000:])
        spans = intervals(lab)
    tools = covered(spans)
    own = seconds - tools
    show("the loop's own share", seconds=round(seconds, 2), tools_and_gates=round(tools, 2), runs=len(spans), own=round(own, 2), share=round(own / tools, 3), bar=0.05)
    return own / tools <= 0.05


def slots():
    subtasks, at_a_time, nap = 32, 8, 8
    with Lab() as lab:
        lab.git("init", "-q", "-b", "main")
        ids = [f"s{i + 1}" for i in range(subtasks)]
        lab.commit({"Makefile": "test:\n\t@echo 'ok 1 - it'; echo 1..1\n", "agent.sh": AGENT, "parts/README": "One file a part.\n"})
        configure(lab, agents=[{"name": "naps", "command": ["sh", "agent.sh", "{task}", "{subtask}", str(nap)], "network": "none"}], limits={"slots": at_a_time})
        code, out, err = lab.baton("plan", "Add a file to parts for each part")
        assert code == 0, err
        plan = json.loads(out)
        part = plan["subtasks"][0]
        criteria = [criterion["id"] for criterion in plan["criteria"]]
        plan["subtasks"] = [{**part, "id": name, "title": f"Part {name}", "write_set": [f"parts/{name}.txt"], "after": [], "criteria": criteria} for name in ids]
        edited = lab.folder / "plan.json"
        edited.write_text(json.dumps(plan))
        code, _, result, err = call(lab, "approve", plan["task"], "--yes", "--plan", str(edited), timeout=600)
        assert result and result["state"] in ("landed", "verifying", "verified"), (code, result, err[-1000:])
        times = []
        with sqlite3.connect(f"file:{lab.repo}/.git/baton/journal.db?mode=ro", uri=True) as journal:
            held = dict(journal.execute("SELECT subtask_id, ts FROM event WHERE kind = 'attempt_started'"))
            done = dict(journal.execute("SELECT subtask_id, ts FROM event WHERE kind = 'attempt_done'"))
            bodies = [json.loads(body) for (body,) in journal.execute("SELECT body FROM event WHERE kind = 'attempt_done'")]
        for body in bodies:
            made = body["facts"]["result"]["commit"]
            name = body["fields"]["subtask"]
            text = lab.git(f"--git-dir={lab.repo}/.git/baton/store.git", "show", f"{made}:parts/{name}.txt")
            times.append(tuple(float(line) for line in text.split()))
        assert len(times) == subtasks == len(held) == len(done)
    makespan = (max(done.values()) - min(held.values())) / 1000
    busy = sum(ended - began for began, ended in times)
    taken = sum(done[name] - held[name] for name in held) / 1000
    used = busy / (at_a_time * makespan)
    show("slots", subtasks=subtasks, slots=at_a_time, seconds_each=nap, makespan=round(makespan, 2), commands_busy=round(used, 3), slots_taken=round(taken / (at_a_time * makespan), 3), bar=0.95)
    return used >= 0.95


EDIT = "#!/bin/sh\nprintf '\\nA line about the ledger.\\n' >> README.md\necho done\n"
OURS = (".git/refs/heads/baton", ".git/objects/", ".git/logs/refs/heads/baton")


def demo(lab):
    lab.git("init", "-q", "-b", "main")
    shutil.copytree(HERE / "tests/workspaces/demo/base", lab.repo, dirs_exist_ok=True)
    if not (lab.repo / "README.md").exists():
        (lab.repo / "README.md").write_text("# Ledger\n")
    lab.commit({"agent.sh": EDIT})
    configure(lab, agents=[{"name": "writes", "command": ["sh", "agent.sh"], "network": "none"}])


def outcome(lab, result):
    return {"state": result["state"], "verdict": result["verdict"]["verdict"], "tree": lab.git("rev-parse", f"{result['branch']}^{{tree}}").strip()}


def killed():
    arguments = ("run", "--yes", "--json", "--agent", "writes", "Say in README.md what a ledger is\n\n- gate: ctest\n")
    with Lab() as lab:
        demo(lab)
        log = lab.folder / "points"
        began = time.monotonic()
        code, _, result, err = call(lab, *(one for one in arguments if one != "--json"), env={"BATON_FAULT_LOG": str(log)}, timeout=600)
        assert code == 0 and result["state"] == "landed", (code, result, err[-1000:])
        whole = time.monotonic() - began
        reached, expected = Counter(log.read_text().splitlines()), outcome(lab, result)
    order = list(reached)  # as they were reached first
    chosen = [order[round(i * (len(order) - 1) / 7)] for i in range(8)]
    began, same = time.monotonic(), 0
    for point in chosen:
        with Lab() as lab:
            demo(lab)
            before = manifest(lab.repo)
            process = lab.start(*arguments, env={**lab.env, "BATON_FAULT": f"{point}#1"})
            process.communicate(timeout=600)
            assert process.returncode == -signal.SIGKILL, (point, process.returncode)
            lab.assert_no_strays(8)
            code, _, answer, err = call(lab, "resume", "--yes", timeout=600)
            assert code == 0, (point, code, answer, err[-1000:])
            tasks = answer["tasks"] or [call(lab, "show", task["task"])[2] for task in call(lab, "tasks")[2]["tasks"]]
            if not tasks:  # before there was one
                code, _, only, err = call(lab, *(one for one in arguments if one != "--json"), timeout=600)
                tasks = [only]
            assert outcome(lab, tasks[0]) == expected, (point, outcome(lab, tasks[0]), expected)
            assert branches(lab) == [tasks[0]["branch"]], (point, branches(lab))
            changed = [name for name in difference(before, manifest(lab.repo)) if not name.startswith(OURS)]
            assert not changed, (point, changed)
            lab.assert_no_strays(8)
            same += 1
    show("killed anywhere", points=chosen, of=len(order), same_end=same, whole_task=round(whole, 1), seconds=round(time.monotonic() - began, 1), bar=8)
    return same == 8


def main():
    figures = {"share": share, "slots": slots, "killed": killed}
    status = 0
    for name in sys.argv[2:] or figures:
        try:
            status |= not figures[name]()
        except Exception as problem:
            show(name, problem=f"{type(problem).__name__}: {problem}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
