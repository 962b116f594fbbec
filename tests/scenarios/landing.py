#!/usr/bin/env python3
"""How a task ends where its user has a word in it: an uncommitted tree, names that are taken, files that have changed meanwhile, what may
happen unasked, work that a human takes over, and machines on which agents cannot work."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from _lab import assert_same, manifest
from _tasks import branches, call, cases, configure, file_at, toy
from engine import Window, approve

TASK = "Update value.txt\n\nwrite value.txt good and better\n"


def run(lab, *options, text=TASK, yes=True):
    code, _, result, err = call(lab, "run", *(["--yes"] if yes else []), "--agent", "scripted", *options, text)
    return code, result, err


def uncommitted_work_stays_out(lab):
    lab.write({"README.md": "# Toy, being rewritten\n", "notes.txt": "mine\n"})
    code, result, err = run(lab)
    assert code == 0 and result["state"] == "landed", (code, result, err)
    assert lab.git("diff", "--name-only", f"HEAD..{result['branch']}").split() == ["value.txt"]
    assert (lab.repo / "README.md").read_text() == "# Toy, being rewritten\n" and (lab.repo / "notes.txt").read_text() == "mine\n"


def killed_as_it_lands_beside_uncommitted_work(lab):
    """one branch, whose trailers name the verification that is told"""
    for point in ("judging", "landing", "landed"):
        lab.write({"notes.txt": f"mine, {point}\n"})
        process = lab.start("run", "--yes", "--json", "--agent", "scripted", TASK, env={**lab.env, "BATON_FAULT": point})
        out, err = process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL, (point, process.returncode, err.decode()[-400:])
        code, _, result, err = call(lab, "resume", json.loads(out.splitlines()[0])["task"], "--yes")
        assert code == 0 and result["state"] == "landed", (point, code, result, err)
        assert lab.git("log", "-1", "--format=%(trailers:key=Baton-Evidence,valueonly)", result["branch"]).strip() == result["verdict"]["id"], (point, result["verdict"])
        assert result["verdict"]["base"]["commit"] == lab.git("rev-parse", "HEAD").strip() and len(branches(lab)) == 1, (point, branches(lab))
        lab.git("branch", "-q", "-D", result["branch"])


def only_with_uncommitted_work(lab):
    lab.write({"check.sh": (lab.repo / "check.sh").read_text().replace("grep -q good", "grep -q -e good -e fresh")})
    code, result, err = run(lab, text="Update value.txt\n\nwrite value.txt fresh\n")
    assert code == 3 and result["state"] == "verified" and not branches(lab), (code, result, err)
    assert "uncommitted work" in result["message"] and "baton apply" in result["message"], result["message"]
    code, _, _, err = call(lab, "answer", result["task"], "land")
    assert code == 2 and "uncommitted work" in err, (code, err)
    code, _, result, err = call(lab, "apply", result["task"])
    assert code == 0 and result["state"] == "applied" and (lab.repo / "value.txt").read_text() == "fresh\n", (code, result, err)


def it_lands_when_that_work_is_committed(lab):
    for word, commits in (("fresh", ["check.sh"]), ("newer", ["check.sh", "README.md"])):
        lab.write({"check.sh": (lab.repo / "check.sh").read_text().replace("grep -q", f"grep -q -e {word}").replace(" good", " -e good", 1)})
        code, result, err = run(lab, text=f"Update value.txt\n\nwrite value.txt {word}\n")
        assert code == 3 and "uncommitted work" in result["message"], (code, result, err)
        lab.write({"README.md": f"# Toy, {word}\n"})
        lab.git("add", *commits)
        lab.git("commit", "-q", "-m", "what it rests on")
        code, _, result, err = call(lab, "answer", result["task"], "land")
        assert code == 0 and result["state"] == "landed", (code, result, err)
        assert lab.git("rev-parse", f"{result['branch']}~1") == lab.git("rev-parse", "HEAD")
        assert lab.git("diff", "--name-only", f"HEAD..{result['branch']}").split() == ["value.txt"]


def accepted_beside_uncommitted_work(lab):
    """no branch can be made of it: it is applied"""
    lab.write({"value.txt": "good, mine\n"})
    code, result, err = run(lab, text="Break value.txt\n\nwrite value.txt bad, mine\n")
    assert code == 3 and result["state"] == "escalated_to_human", (code, result, err)
    code, _, result, err = call(lab, "accept", result["task"], "--reason", "meant")
    assert code == 3 and result["state"] == "verified" and "baton apply" in result["message"] and not branches(lab), (code, result, err)
    code, _, result, err = call(lab, "apply", result["task"])
    assert code == 0 and result["state"] == "applied" and (lab.repo / "value.txt").read_text() == "bad, mine\n", (code, result, err)


def criteria_that_hold_only_with_uncommitted_work(lab):
    lab.write({"check.sh": (lab.repo / "check.sh").read_text().replace("echo 1..2", "grep -q better value.txt && echo 'ok 3 - mine' || echo 'not ok 3 - mine'; echo 1..3")})
    code, result, err = run(lab, text="Update value.txt\n\n- test: mine\n\nwrite value.txt good and better\n")
    assert code == 3 and result["state"] == "verified" and not branches(lab), (code, result, err)
    assert result["verdict"]["verdict"] == "verified" and "criteria that are met with it are not met without it" in result["message"], result["message"]
    lab.git("commit", "-q", "-a", "-m", "a test of mine")
    code, result, err = run(lab, text="Update value.txt\n\n- test: mine\n\nwrite value.txt good and better\n")
    assert code == 0 and result["state"] == "landed" and len(branches(lab)) == 1, (code, result, err)


def name_in_the_way(lab):
    lab.git("branch", "baton")
    code, result, err = run(lab)
    assert code == 3 and result["state"] == "verified" and "git branch -m baton" in result["message"], (code, result, err)
    lab.git("branch", "-m", "baton", "other")
    code, _, result, err = call(lab, "answer", result["task"], "land")
    assert code == 0 and branches(lab) == [result["branch"]], (code, result, err)


def branch_is_never_moved(lab):
    code, result, err = run(lab, "--land", "none")
    assert code == 0 and result["state"] == "verified", (code, result, err)
    branch = f"baton/update-value-txt-{result['task'][-6:].lower()}"
    lab.git("branch", branch)
    tip = lab.git("rev-parse", branch)
    code, _, told, err = call(lab, "answer", result["task"], "land")
    assert lab.git("rev-parse", branch) == tip, "a branch of the user's was moved"
    assert code == 0 and told["branch"] == branch + "-2" and told["state"] == "landed", (code, told, err)


def applied_at_once(lab):
    code, result, err = run(lab, "--land", "apply")
    assert code == 0 and result["state"] == "applied" and not branches(lab), (code, result, err)
    assert (lab.repo / "value.txt").read_text() == "good and better\n"
    code, _, _, err = call(lab, "pr", result["task"], "--yes")
    assert code != 0 and "was applied to your files, and is yours to commit and push" in err and "Only a task" not in err, (code, err)


def not_over_newer_work(lab):
    code, result, err = run(lab, "--land", "none", text=TASK + "write more.txt of it\n")
    assert code == 0 and result["state"] == "verified", (code, result, err)
    lab.write({"value.txt": "good, by hand\n"})
    before = manifest(lab.repo)
    code, _, result, err = call(lab, "apply", result["task"])
    assert code != 0 and "value.txt" in err + str(result), (code, result, err)
    assert_same(before, manifest(lab.repo), "an apply that does not fit")


def as_much_as_may_happen_unasked(lab):
    window = Window(lab)
    approve(window)
    window.close()
    lab.baton("stop")
    for level, code, state in (("plan", 3, "planned"), ("run", 3, "verified"), ("branch", 0, "landed")):
        configure(lab, autonomy={"feature": level, "bugfix": level, "refactor": level})
        got, result, err = run(lab, yes=False, text="Update value.txt\n\n- gate: make test\n\nwrite value.txt good and better\n")
        assert (got, result["state"]) == (code, state), (level, got, result, err)
    assert len(branches(lab)) == 1, branches(lab)


def taken_over(lab):
    code, result, err = run(lab, text="Break value.txt\n\nwrite value.txt bad\n")
    assert code == 3 and "hand-in" in result["escalation"]["choices"], (code, result, err)
    step = next(step for step in result["escalation"]["next_steps"] if step.startswith("Take over"))
    work_tree = Path(step.split("work in ")[1].split(", then")[0])
    assert (work_tree / "value.txt").read_text() == "bad\n", work_tree
    (work_tree / "value.txt").write_text("good, by hand\n")
    code, _, landed, err = call(lab, "answer", result["task"], "hand-in")
    assert code == 0 and landed["state"] == "landed", (code, landed, err)
    assert file_at(lab, landed["branch"], "value.txt") == "good, by hand\n"
    assert any("taken over" in note for note in landed["notes"]), landed["notes"]
    code, _, _, err = call(lab, "answer", result["task"], "hand-in")
    assert code == 2 and "landed" in err, (code, err)


def agent_that_is_not_installed(lab):
    configure(lab, [{"name": "scripted", "command": ["no-such-agent", "{task}"]}])
    code, result, err = run(lab)
    assert code == 3 and result["state"] == "escalated_to_human" and "no-such-agent" in result["message"] + result["escalation"]["message"], (code, result, err)
    configure(lab)
    code, _, result, err = call(lab, "retry", result["task"])
    assert code == 0 and result["state"] == "landed", (code, result, err)


def agent_that_fills_the_disk(lab):
    """the environment's fault, and what the user has is as it was"""
    cache = lab.folder / "cache"
    configure(lab, [{"name": "scripted", "command": ["sh", "-c", "cat /dev/zero > zeros.bin"]}])
    before = manifest(lab.repo)
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", str(cache)], capture_output=True).returncode:
        return "skipped: nothing can be mounted here"
    try:
        code, result, err = run(lab)
        assert code == 3 and result["state"] == "escalated_to_human", (code, result, err)
        assert "full" in result["escalation"]["message"] or "space" in result["escalation"]["message"], result["escalation"]
        assert_same(before, manifest(lab.repo), "an agent that fills the disk")
    finally:
        lab.baton("stop")
        subprocess.run(["umount", "-l", str(cache)], check=True)


TEST = "test('value', () => {\n  expect(value()).toBe(18);\n});\n"
WEAK = """#!/bin/sh
if grep -q 'making [t]hese weaker' "$1"; then cp "$1" told.md; else echo "test('value', () => {});" > tests/value.test.js; fi
echo good and better > value.txt
"""
ASKED = "Update value.txt\n\n- gate: make test\n"


def weakening(lab):
    """An agent that empties a test, unless it was told of it."""
    lab.commit({"tests/value.test.js": TEST, "weak.sh": WEAK}, "a test")
    configure(lab, [{"name": "scripted", "command": ["sh", "weak.sh", "{task}"]}])
    return run(lab, text=ASKED)


def weaker_checks_wait_for_the_human(lab):
    """gates that pass with less to hold the code: `--yes` does not wave it through, and who accepts it is written down"""
    code, result, err = weakening(lab)
    assert code == 3 and result["state"] == "escalated_to_human" and result["escalation"]["reason"] == "weakened", (code, result, err)
    assert result["verdict"]["verdict"] == "no_regression" and "1 check is weaker than before" in result["verdict"]["cause"], result["verdict"]
    assert [one["status"] for one in result["verdict"]["criteria"]] == ["not_checkable"], result["verdict"]["criteria"]
    assert "tests/value.test.js" in result["message"] and {"accept", "retry"} <= set(result["escalation"]["choices"]), result
    page = Path(result["document"]).read_text()
    assert "## Weaker than before" in page and "```diff\n-  expect(value()).toBe(18);\n" in page, page
    assert branches(lab) == []
    code, _, again, err = call(lab, "resume", result["task"], "--yes")
    assert code == 3 and again["state"] == "escalated_to_human" and branches(lab) == [], (code, again, err)
    code, _, accepted, err = call(lab, "accept", result["task"], "--reason", "18 was a guess")
    assert code == 0 and accepted["state"] == "landed" and branches(lab) == [accepted["branch"]], (code, accepted, err)
    assert any(note.startswith("The weaker checks are accepted by a process") and "18 was a guess" in note for note in accepted["notes"]), accepted["notes"]
    described = Path(accepted["description"]).read_text()
    assert "## Weaker than before\n\n- `tests/value.test.js:" in described and "18 was a guess" in described, described


def weaker_checks_are_sent_back(lab):
    """to those whose work it was, with what is weaker"""
    code, result, err = weakening(lab)
    assert code == 3 and result["escalation"]["reason"] == "weakened", (code, result, err)
    code, _, again, err = call(lab, "retry", result["task"], "leave the tests alone")
    assert code == 0 and again["state"] == "landed" and again["verdict"]["verdict"] == "verified", (code, again, err)
    told = file_at(lab, again["branch"], "told.md")
    assert "leave the tests alone" in told and "-  expect(value()).toBe(18);" in told, told
    assert file_at(lab, again["branch"], "tests/value.test.js") == TEST


def the_task_explains_what_it_asks_for(lab):
    """an expectation that the task names is a note, and nobody waits"""
    lab.commit({"tests/value.test.js": TEST}, "a test")
    text = "The value is 20 and no more 18\n\n- gate: make test\n\nwrite value.txt good and better\nwrite tests/value.test.js test('value', () => { expect(value()).toBe(20); });\n"
    code, result, err = run(lab, text=text)
    assert code == 0 and result["state"] == "landed" and result["verdict"]["verdict"] == "verified", (code, result, err)
    assert [one["kind"] for one in result["verdict"]["audit"]] == ["expectation_changed"], result["verdict"]["audit"]


def a_fix_without_a_test_is_a_branch_at_most(lab):
    """a bug fix by its words alone: that no test shows it is told, and no pull request is made of it unasked"""
    lab.commit({"calc.py": "def add(a, b):\n    return a - b\n"}, "a program")
    text = "Fix the crash when two numbers are added in calc.py\n\n- gate: make test\n\nwrite calc.py def add(a, b): return a + b\n"
    code, result, err = run(lab, "--land", "draft-pr", text=text)
    assert code == 0 and result["state"] == "landed" and result["pull_request"] is None, (code, result, err)
    assert any("No test shows this fix" in note and "`baton pr`" in note for note in result["notes"]), result["notes"]
    assert "No test shows this fix" in Path(result["document"]).read_text() and "No test shows this fix" in Path(result["description"]).read_text()


CASES = [weaker_checks_wait_for_the_human, weaker_checks_are_sent_back, the_task_explains_what_it_asks_for, a_fix_without_a_test_is_a_branch_at_most, uncommitted_work_stays_out, killed_as_it_lands_beside_uncommitted_work, only_with_uncommitted_work, it_lands_when_that_work_is_committed, accepted_beside_uncommitted_work, criteria_that_hold_only_with_uncommitted_work, name_in_the_way, branch_is_never_moved, applied_at_once, not_over_newer_work,
         as_much_as_may_happen_unasked, taken_over, agent_that_is_not_installed, agent_that_fills_the_disk]

if __name__ == "__main__":
    sys.exit(cases(CASES, toy))
