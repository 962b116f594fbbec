#!/usr/bin/env python3
"""Killed anywhere: the program is ended as by `kill -9` before, after and in the middle of every effect and transition of a task, in stories
(_stories.py) that together reach all that the code knows. What its user does then is to say the word again that was not taken, or `baton resume`.
The task then comes to the same end by the same events and attempts; no effect is done twice, no process is left, nothing that an agent wrote is
lost, and the user's repository is as it is after the story that nobody disturbed.
One time at each point; BATON_TEST_LONG=1: every time that every story reaches one. Arguments choose cases by words of their names."""

import json
import os
import re
import signal
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from _lab import SOURCE, Lab, difference, manifest
from _stories import STORIES, TASK, Step, agent, does, journal, task_id
from _tasks import branches, call
from engine import wait_for

OURS = (".git/refs/heads/baton", ".git/objects/", ".git/logs/refs/heads/baton", ".git/refs/remotes/", ".git/logs/refs/remotes/", ".git/FETCH_HEAD")
STORE = "--git-dir={0.repo}/.git/baton/store.git"
# In the middle of what an effect does outside of the journal. The others are lines in the journal and nothing else.
MIDDLE = {"make_plan": "during make_plan", "start_attempt": "during start_attempt", "integrate": "parts merged", "verify": "judging", "land": "landing", "apply": "applying",
          "clean_up": "work tree kept", "publish": "publish pushed", "comment": "publish told"}
LINES = {"deliver_answer", "notify_human", "stop_attempts"}


# --- what the code knows


def words_of(array):
    source = (SOURCE / "orchestrator/task_state.cpp").read_text()
    return re.findall(r'"(\w+)"', re.search(array + r" = \{(.*?)\};", source, re.DOTALL)[1])


EVENTS, EFFECTS = words_of("kEvents"), words_of("kEffects")


def points_in_code():
    """The places that have a name of their own, and those that have an event's or an effect's."""
    found = set()
    for folder in ("orchestrator", "git", "support"):
        for path in (SOURCE / folder).rglob("*.cpp"):
            found.update(re.findall(r'fault_point\("([^"]+)"\)', path.read_text()))
    return found | {f"{when} {event}" for event in EVENTS for when in ("before", "after")} | {f"{when} effect {effect}" for effect in EFFECTS for when in ("before", "after")}


# --- a story, whole or killed


class Telling:
    """A story in a lab of its own."""

    def __init__(self, story):
        self.story = story
        self.lab = Lab()
        self.close_last = story.prepare(self.lab)
        self.helpers = {stray.split(":")[0] for stray in self.lab.strays()}
        self.before = manifest(self.lab.repo)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.close_last:
            self.close_last.__exit__()
        self.lab.__exit__()

    def say(self, step, **fault):
        process = self.lab.start(*step.line(self.lab), env={**self.lab.env, **fault})
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def take(self, step, log=None):
        """The step as it is meant to go."""
        if step.before:
            step.before(self.lab)
        fault = {"BATON_FAULT": step.dies} if step.dies else {}
        code, out, err = self.say(step, **fault, **({"BATON_FAULT_LOG": str(log)} if log else {}))
        assert code == -signal.SIGKILL if step.dies else code in (0, 2, 3, 4), (step.words, code, out[-500:], err[-500:])
        self.nothing_runs()

    def die(self, step, point, taken):
        """Killed in it, and gone on as its user would. `taken`: how often its event is told when the step is over."""
        if step.before:
            step.before(self.lab)
        code, _, err = self.say(step, BATON_FAULT=point)
        assert code == -signal.SIGKILL, f"it was not reached: {code} {err.decode()[-500:]}"
        self.nothing_runs()
        if step.tells and self.told()[step.tells] < taken:
            self.take(Step(step.tells, *step.words))
        else:
            unasked = self.story.trusted or step.words[0] == "plan"  # `--yes` would approve what its user has not seen
            call(self.lab, "resume", *([] if unasked else ["--yes"]))
            self.nothing_runs()

    def nothing_runs(self):
        deadline = time.monotonic() + 8
        while strays := [stray for stray in self.lab.strays() if stray.split(":")[0] not in self.helpers]:
            assert time.monotonic() < deadline, "orphans: " + "; ".join(strays)
            time.sleep(0.05)

    def told(self):
        there = (self.lab.repo / ".git/baton/journal.db").exists()
        return Counter(kind for (kind,) in journal(self.lab, "SELECT kind FROM event WHERE task_id <> ''")) if there else Counter()

    def kept(self):
        """Every file of every commit that the store keeps."""
        git, files = self.lab.git, set()
        for commit in set(git(STORE.format(self.lab), "for-each-ref", "--format=%(objectname)", "refs/baton").split()):
            files.update(line.split(" ", 2)[2] for line in git(STORE.format(self.lab), "ls-tree", "-r", commit).splitlines())
        return files

    def end(self):
        """What the task has come to: what has to be the same whoever was killed in between."""
        lab = self.lab
        shown = call(lab, "show", task_id(lab))[2]
        asked, done = [], []
        for (body,) in journal(lab, "SELECT body FROM event WHERE task_id <> '' ORDER BY seq"):
            body = json.loads(body)
            asked += [effect["key"] for effect in body.get("effects", [])]
            done += body.get("done", [])
        assert len(set(asked)) == len(asked) and len(set(done)) == len(done), ("an effect twice", asked, done)
        told = self.told()
        ends = {"state": shown["state"], "wait": shown["wait"], "reason": shown.get("escalation", {}).get("reason"), "verdict": (shown["verdict"] or {}).get("verdict"),
                "trees": sorted(lab.git("rev-parse", f"{branch}^{{tree}}").strip() for branch in branches(lab)),
                "events": {event: told[event] for event in EVENTS if told[event] and event not in self.story.varies},
                "attempts": sorted((one["subtask"], one["attempt"], one.get("end")) for one in shown["attempts"]),
                "left_out": [left["what"] for left in shown["left_out"]], "pending": sorted(key.split("/")[0] for key in set(asked) - set(done)),
                "changed": [name for name in difference(self.before, manifest(lab.repo)) if not name.startswith(OURS)],
                "work trees": 0 if not shown["attempts"] or shown["state"] in ("landed", "applied", "cancelled", "failed") else len({one["worktree"] for one in shown["attempts"]})}
        if self.close_last:
            state = self.close_last.say()
            ends["forge"] = [len(there) for there in (state["pulls"], state["comments"], self.close_last.branches())]
        if ends["work trees"] == 0:
            # One that died while it was made holds nothing, and is swept when it is two minutes old.
            left = [folder for folder in (lab.folder / "cache/baton/worktrees").glob("*/*") if not folder.name.startswith("new-") or {path.name for path in folder.iterdir()} - {"lock"}]
            assert not left, left
        return ends


class Whole:
    """A story that nobody disturbs: what each of its steps reaches where it may be killed, how often its event is told then, and the end."""

    def __init__(self, story):
        self.story, self.reached, self.taken = story, [], []
        began = time.monotonic()
        with Telling(story) as telling:
            for number, step in enumerate(story.steps):
                log = telling.lab.folder / f"points{number}"
                telling.take(step, log)
                self.reached.append(Counter(log.read_text().splitlines()) if log.exists() and not step.dies else Counter())
                self.taken.append(telling.told()[step.tells])
            self.end, self.kept = telling.end(), telling.kept()
        self.seconds = time.monotonic() - began

    def killed(self, number, point):
        with Telling(self.story) as telling:
            for step in self.story.steps[:number]:
                telling.take(step)
            telling.die(self.story.steps[number], point, self.taken[number])
            for step in self.story.steps[number + 1:]:
                telling.take(step)
            end = telling.end()
            differs = {name: (end[name], self.end[name]) for name in end if end[name] != self.end[name]}
            assert not differs, f"what it came to, and what it would have: {differs}"
            lost = self.kept - telling.kept()
            assert not lost, f"not in the store: {lost}"


# --- what an agent has not handed in


def draft_is_kept(how):
    """What an agent had written, and had removed again, is in the store when its work tree has gone."""
    with Lab() as lab:
        does("true")(lab)
        agent(lab, "echo draft of $$ > draft.txt; echo drafted; sleep 1; rm draft.txt; sh agent.sh $1")
        process = lab.start("run", "--yes", "--json", "--agent", "scripted", TASK)
        written = []

        def drafted():
            written[:] = [path.read_text() for path in (lab.folder / "cache/baton/worktrees").glob("*/**/draft.txt")]
            return any(written)

        wait_for(drafted)
        if how == "kill":
            process.kill()
            process.communicate(timeout=60)
            call(lab, "resume", "--yes")
        else:
            call(lab, "cancel", task_id(lab))
            process.communicate(timeout=60)
        lab.assert_no_strays(8)
        assert not list((lab.folder / "cache/baton/worktrees").glob("*/*"))
        refs = lab.git(STORE.format(lab), "for-each-ref", "--format=%(objectname)", "refs/baton").split()
        drafts = {lab.git(STORE.format(lab), "show", f"{ref}:draft.txt", check=False) for ref in refs}
        assert set(written) <= drafts, (written, drafts)


# --- all of them


def all_reached(wholes):
    reached = set().union(*(points for whole in wholes for points in whole.reached))
    unknown = {name for name in EFFECTS if name not in MIDDLE and name not in LINES}
    missing = sorted((points_in_code() | set(MIDDLE.values())) - reached)
    assert not unknown and not missing, f"in no story: {missing}; with no middle: {unknown}"


def every_time(wholes):
    for whole in wholes:
        for number, points in enumerate(whole.reached):
            yield from ((whole, number, f"{name}#{i + 1}") for name in sorted(points) for i in range(points[name]))


def one_time_each(wholes):
    """The shortest story for each name; of what comes before and after an event or effect the one or the other by turns."""
    turn = {name: i for i, name in enumerate(EVENTS + EFFECTS)}
    for name in sorted(set().union(*(points for whole in wholes for points in whole.reached))):
        when, _, of = name.partition(" ")
        if when in ("before", "after") and turn.get(of.removeprefix("effect "), 0) % 2 == (when == "after"):
            continue
        whole = min((whole for whole in wholes if any(name in points for points in whole.reached)), key=lambda whole: whole.seconds)
        yield whole, next(number for number, points in enumerate(whole.reached) if name in points), name


def report(name, check):
    began = time.monotonic()
    try:
        check()
        print(f"ok {name} ({time.monotonic() - began:.1f} s)", flush=True)
        return True
    except Exception as problem:
        print(f"not ok {name}: {type(problem).__name__}: {problem}", flush=True)
        return False


def main():
    wanted, began, wholes = sys.argv[1:], time.monotonic(), []
    absent = {story.name: story.missing() for story in STORIES if story.missing()}
    for name, programs in absent.items():
        print(f"skipped {name}: {', '.join(programs)} not installed")
    stories = [story for story in STORIES if story.name not in absent and (not wanted or any(word in story.name for word in wanted))]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        checks = list(pool.map(lambda story: report(story.name, lambda: wholes.append(Whole(story))), stories))
        if not wanted:
            checks.append(report("every event and effect is in a story", lambda: all_reached(wholes)))
        chosen = every_time if os.environ.get("BATON_TEST_LONG") == "1" or wanted else one_time_each
        cases = [(f"{whole.story.name}, word {number + 1}, {point}", lambda whole=whole, number=number, point=point: whole.killed(number, point)) for whole, number, point in chosen(wholes)]
        if not wanted:
            cases += [(f"a draft, {how}", lambda how=how: draft_is_kept(how)) for how in ("kill", "cancel")]
        checks += pool.map(lambda case: report(*case), cases)
    print(f"{sum(checks)} passed, {len(checks) - sum(checks)} failed, {len(absent)} skipped ({time.monotonic() - began:.0f} s)")
    return 0 if all(checks) else 1


if __name__ == "__main__":
    sys.exit(main())
