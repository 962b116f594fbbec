#!/usr/bin/env python3
"""From a sentence to a branch in a shell, with a scripted command-line agent: the plain path, what waits for a human, bad input."""

import json
import sys

from _lab import INTERRUPT, assert_same, difference, manifest
from _tasks import branches, call, cases, configure, file_at, toy

TASK = "Update value.txt\n\n- gate: make test\n\nwrite value.txt good and better\n"
OURS = (".git/refs/heads/baton", ".git/objects/", ".git/logs/refs/heads/baton")


def plain_path(lab):
    before = manifest(lab.repo)
    code, lines, result, err = call(lab, "run", "--yes", "--agent", "scripted", TASK)
    assert code == 0, (code, err, lines[-3:])
    assert result["state"] == "landed" and result["branch"].startswith("baton/"), result
    assert branches(lab) == [result["branch"]]
    assert file_at(lab, result["branch"], "value.txt") == "good and better\n"
    assert result["verdict"]["verdict"] == "verified", result["verdict"]["verdict"]
    assert lab.git("rev-parse", result["branch"]).strip() == result["commit"]
    assert "all 1637 tests pass" not in json.dumps(result["verdict"])
    kinds = [line["type"] for line in lines]
    assert kinds[0] == "task" and "plan" in kinds and kinds[-1] == "result", kinds
    changed = [name for name in difference(before, manifest(lab.repo)) if not name.startswith(OURS)]
    assert not changed, changed
    with open(result["description"], encoding="utf-8") as page:
        assert "value.txt" in page.read()
    with open(result["evidence"], encoding="utf-8") as page:
        assert "Evidence" in page.read()
    code, _, shown, _ = call(lab, "show", result["task"][-8:])
    assert code == 0 and shown["plan"]["subtasks"] and shown["attempts"][0]["end"] == "completed", shown
    code, _, listed, _ = call(lab, "tasks")
    assert code == 0 and [task["state"] for task in listed["tasks"]] == ["landed"], listed


def plan_then_approve(lab):
    code, _, err = lab.baton("plan", "--agent", "nobody", TASK)
    assert code == 2 and "scripted" in err, (code, err)
    code, out, err = lab.baton("plan", "--agent", "scripted", "--land", "none", "--workflow", "refactor", "--json", TASK)
    assert code == 0 and out.count("\n") == 1, (out, err)
    plan = json.loads(out)
    assert plan["workflow"] == "refactor" and set(plan["agents"].values()) == {"scripted"}, plan
    code, _, result, err = call(lab, "approve", plan["task"], "--yes")
    assert code == 0 and result["state"] == "verified" and branches(lab) == [], (code, result, err)  # as it was asked for
    code, out, err = lab.baton("plan", TASK)
    assert code == 0, err
    plan = json.loads(out)
    assert plan["task"] and plan["subtasks"] and plan["agents"] == {"s1": "scripted"}, plan
    code, _, result, err = call(lab, "approve", plan["task"])
    assert code == 3 and "approved" in err, (code, err)  # the commands are not trusted yet
    edited = lab.folder / "plan.json"
    edited.write_text(json.dumps({**plan, "subtasks": [{**plan["subtasks"][0], "after": ["s1"]}]}))
    code, _, _, err = call(lab, "approve", plan["task"], "--yes", "--plan", str(edited))
    assert code == 2 and "circle" in err, (code, err)
    edited.write_text(json.dumps(plan))
    code, _, result, err = call(lab, "approve", plan["task"], "--yes", "--plan", str(edited))
    assert code == 0 and result["state"] == "landed", (code, result, err)


def waits_for_approval(lab):
    lab.verify()  # begins the journal
    code, _, result, err = call(lab, "run", TASK)
    assert code == 3 and result["state"] == "planned" and "--yes" in result["message"], (code, result, err)
    assert f"`baton approve {result['task'][-8:]}`" in result["message"], result["message"]
    code, _, _, err = call(lab, "approve", result["task"])
    assert code == 3 and "approved" in err, (code, err)
    assert branches(lab) == []
    code, _, result, err = call(lab, "approve", result["task"], "--yes")
    assert code == 0 and result["state"] == "landed", (code, result, err)
    lab.git("branch", "-q", "-D", result["branch"])
    code, _, result, err = call(lab, "run", "--dry-run", TASK)
    assert code == 3 and result["state"] == "planned", (code, result, err)
    assert branches(lab) == []
    code, _, result, err = call(lab, "cancel", result["task"])
    assert code == 0 and result["state"] == "cancelled", (code, result, err)
    code, _, _, err = call(lab, "cancel", result["task"])
    assert code == 2 and "cancelled" in err, (code, err)


def red_thrice_then_accepted(lab):
    before = manifest(lab.repo)
    code, lines, result, err = call(lab, "run", "--yes", "--agent", "scripted", "Break value.txt\n\nwrite value.txt bad\n", timeout=240)
    assert code == 3 and result["state"] == "escalated_to_human", (code, result and result["state"], err)
    assert branches(lab) == []
    escalation = result["escalation"]
    assert escalation["attempts"] and escalation["next_steps"] and "accept" in escalation["choices"], escalation
    assert any(line["type"] == "escalation" for line in lines)
    assert_same(before, manifest(lab.repo), "an escalated task")
    code, _, _, err = call(lab, "accept", result["task"])
    assert code == 2 and "reason" in err, (code, err)
    code, _, landed, err = call(lab, "accept", result["task"], "--reason", "the value is meant to be bad")
    assert code == 0 and landed["state"] == "landed", (code, landed, err)
    assert any("a process" in note and "meant to be bad" in note for note in landed["notes"]), landed["notes"]


def accepted_ends_as_it_was_to_end(lab):
    broken = "Break value.txt\n\nwrite value.txt bad\n"
    for land, state in (("none", "verified"), ("apply", "applied")):
        code, _, result, err = call(lab, "run", "--yes", "--agent", "scripted", "--land", land, broken, timeout=240)
        assert code == 3 and result["state"] == "escalated_to_human", (code, result and result["state"], err)
        code, _, result, err = call(lab, "accept", result["task"], "--reason", "meant to be bad")
        assert code == 0 and result["state"] == state and result["accepted"] and not branches(lab), (code, result, err)
        assert result["verdict"]["verdict"] == "rejected", result["verdict"]
        assert (lab.repo / "value.txt").read_text() == ("bad\n" if land == "apply" else "good\n")


def a_slip_of_the_pen_starts_nothing(lab):
    code, _, result, err = call(lab, "run", "--yes", "--agent", "scripted", "Break value.txt\n\nwrite value.txt bad\n", timeout=240)
    assert result["state"] == "escalated_to_human", (code, result, err)
    code, _, _, err = call(lab, "answer", result["task"], "acept")
    assert code == 2 and "there are: retry, accept" in err, (code, err)
    code, _, shown, err = call(lab, "show", result["task"])
    assert shown["state"] == "escalated_to_human" and len(shown["attempts"]) == 3, shown["attempts"]


def the_agent_of_an_edited_plan(lab):
    code, out, err = lab.baton("plan", "--agent", "scripted", TASK)
    plan, edited = json.loads(out), lab.folder / "plan.json"
    for name, says in (("nobody", "no agent nobody"), ("../../evil", None)):
        changed = json.loads(out)
        changed["subtasks"][0].update({"agent": name} if says else {"id": name})
        edited.write_text(json.dumps(changed))
        code, _, _, err = call(lab, "approve", plan["task"], "--yes", "--plan", str(edited))
        assert code == 2 and (says or "letters, digits") in err, (code, err)
    configure(lab, [{"name": "scripted", "command": ["false"]}, {"name": "other", "command": ["sh", "-c", "echo good and better > value.txt"]}])
    plan["subtasks"][0]["agent"] = "other"
    edited.write_text(json.dumps(plan))
    code, _, result, err = call(lab, "approve", plan["task"], "--yes", "--plan", str(edited))
    assert code == 0 and result["state"] == "landed", (code, result, err)
    assert "Baton-Agent: other" in lab.git("log", "-1", "--format=%B", result["branch"])


def nothing_done_is_nothing_verified(lab):
    code, _, result, err = call(lab, "run", "--yes", "--agent", "scripted", "Improve the README\n\n- The README must explain the toy\n\nwrite notes.txt nothing of it\n")
    assert code == 3 and result["wait"] == "criteria", (code, result and result["state"], err)
    assert result["verdict"]["verdict"] == "no_regression", result["verdict"]["verdict"]
    code, _, result, err = call(lab, "accept", result["task"], "--reason", "looked at it")
    assert code == 0 and result["state"] == "landed", (code, result, err)


def without_landing_then_applied(lab):
    code, _, result, err = call(lab, "run", "--yes", "--agent", "scripted", "--land", "none", TASK)
    assert code == 0 and result["state"] == "verified" and not branches(lab), (code, result, err)
    assert (lab.repo / "value.txt").read_text() == "good\n"
    code, _, result, err = call(lab, "apply", result["task"])
    assert code == 0 and result["state"] == "applied", (code, result, err)
    assert (lab.repo / "value.txt").read_text() == "good and better\n"


def task_file(lab):
    lab.write({".baton/tasks/one.md": "---\nworkflow: refactor\nagent: scripted\nland: none\n---\n" + TASK})
    code, lines, result, err = call(lab, "run", "--yes", "--file", ".baton/tasks/one.md")
    assert code == 0 and result["state"] == "verified", (code, result, err)
    assert next(line for line in lines if line["type"] == "plan")["plan"]["workflow"] == "refactor"


def ambiguous_is_asked(lab):
    code, _, result, err = call(lab, "run", "--yes", "--agent", "scripted", "Make it better")
    assert code == 3 and result["state"] == "escalated_to_human" and result["escalation"]["question"], (code, result, err)
    code, _, result, err = call(lab, "answer", result["task"], "text", "Change value.txt.\n\nwrite value.txt good enough")
    assert code == 0 and result["state"] == "landed", (code, result, err)


def bad_input(lab):
    for arguments, says in ((["run", "--yes", "--agent", "nobody", TASK], "no agent nobody"), (["run", "--yes", ""], "text"), (["run", "--yes", "--land", "moon", TASK], "land"),
                            (["show", "nothing-like-it"], "no task"), (["resume", "nothing-like-it"], "no task"), (["accept", "x"], "reason"),
                            (["run", "--yes", "--file", "absent.md"], "absent.md")):
        code, _, _, err = call(lab, *arguments)
        assert code == 2 and says in err, (arguments, code, err)
        assert "Traceback" not in err and len(err.strip().splitlines()) == 1, err


# Two parts that change one line. Where the line has what the other part wrote, both stay; LATER is what else is done then.
PARTS = """if grep -q one value.txt; then echo good one and two > value.txt; LATER; else echo good $BATON_SUBTASK > value.txt; fi"""


def plan_of_parts_on_one_line(lab, later="true"):
    """The one task that there is, with a plan of its own; gives the plan's file."""
    if not (lab.repo / ".git").exists():
        toy(lab)
    configure(lab, [{"name": "parts", "command": ["sh", "-c", PARTS.replace("LATER", later), "parts", "{task}"], "network": "none"}])
    code, out, err = lab.baton("plan", "Update value.txt\n\n- gate: make test\n")
    assert code == 0, (code, out, err)
    plan = json.loads(out)
    part = {**plan["subtasks"][0], "criteria": [criterion["id"] for criterion in plan["criteria"]]}
    plan["subtasks"] = [{**part, "id": id, "write_set": ["value.txt"], "after": []} for id in ("one", "two")]
    edited = lab.folder / "plan.json"
    edited.write_text(json.dumps(plan))
    return str(edited)


def parts_on_one_line(lab, later="true"):
    edited = plan_of_parts_on_one_line(lab, later)
    task = call(lab, "tasks")[2]["tasks"][0]["task"]
    code, _, result, err = call(lab, "approve", task, "--yes", "--plan", edited)
    _, _, shown, _ = call(lab, "show", task)
    return code, result, [(attempt["subtask"], attempt["attempt"], attempt["start"] == shown["base"]) for attempt in shown["attempts"]], err


def conflict_is_solved_on_top(lab):
    code, result, attempts, err = parts_on_one_line(lab)
    assert code == 0 and result["state"] == "landed" and result["rounds"] == 1, (code, result, err)
    assert sorted(attempts) == [("one", 1, True), ("two", 1, True), ("two", 2, False)], attempts
    assert file_at(lab, result["branch"], "value.txt") == "good one and two\n"


def solved_conflict_stays_solved_after_a_red_round(lab):
    later = "grep -q 'is red' $1 && echo fine > other.txt || echo bad > other.txt"
    code, result, attempts, err = parts_on_one_line(lab, later)
    assert code == 0 and result["state"] == "landed" and result["rounds"] == 2, (code, result, err)
    assert sorted(attempts) == [("one", 1, True), ("two", 1, True), ("two", 2, False), ("two", 3, False)], attempts
    assert file_at(lab, result["branch"], "value.txt") == "good one and two\n" and file_at(lab, result["branch"], "other.txt") == "fine\n"


# What the one part writes is red, and another line each time; the other part rests on it.
CONTRADICTS = """if [ $BATON_SUBTASK = one ]; then echo "good one $(date +%N)" > value.txt; echo bad > other.txt
elif grep -q one value.txt; then echo "$(cat value.txt) and two" > value.txt; else echo good two > value.txt; fi"""


def third_conflict_is_for_the_human(lab):
    edited = plan_of_parts_on_one_line(lab)
    configure(lab, [{"name": "parts", "command": ["sh", "-c", CONTRADICTS], "network": "none"}])
    task = call(lab, "tasks")[2]["tasks"][0]["task"]
    code, lines, result, err = call(lab, "approve", task, "--yes", "--plan", edited, timeout=240)
    attempts = [(attempt["subtask"], attempt["attempt"]) for attempt in call(lab, "show", task)[2]["attempts"]]
    assert code == 3 and result["state"] == "escalated_to_human" and result["escalation"]["reason"] == "conflict", (code, result, err)
    assert sorted(attempts) == [("one", 1), ("one", 2), ("one", 3), ("two", 1), ("two", 2), ("two", 3)] and result["rounds"] == 2, (attempts, result["rounds"])
    assert sum(line["type"] == "integrate" and "conflict in value.txt" in line["message"] for line in lines) == 3, [line["message"] for line in lines]
    assert result["escalation"]["message"].startswith("The parts of the work contradict each other."), result["escalation"]
    code, _, result, err = call(lab, "answer", task, "give-up")
    assert result["state"] == "failed" and branches(lab) == [], (code, result, err)


def base_moves_meanwhile(lab):
    configure(lab, [{"name": "scripted", "command": ["sh", "-c", "sh agent.sh {task}; sleep 1"]}])
    process = lab.start("run", "--yes", "--json", "--agent", "scripted", TASK)
    while b'"attempt"' not in process.stdout.readline():
        pass
    lab.commit({"other.txt": "fine\n"}, "another commit")
    out, err = process.communicate(timeout=120)
    result = json.loads(out.splitlines()[-1])
    assert process.returncode == 0 and result["state"] == "landed", (result, err)
    assert file_at(lab, result["branch"], "value.txt") == "good and better\n"


def base_moves_into_a_conflict(lab):
    configure(lab, [{"name": "scripted", "command": ["sh", "-c", "sh agent.sh {task}; sleep 1"]}])
    process = lab.start("run", "--yes", "--json", "--agent", "scripted", TASK)
    while b'"attempt"' not in process.stdout.readline():
        pass
    lab.commit({"value.txt": "good enough\n"}, "the same line, by its user")
    before = manifest(lab.repo)
    out, err = process.communicate(timeout=120)
    result = json.loads(out.splitlines()[-1])
    assert process.returncode == 0 and result["state"] == "landed", (result, err)  # on what was verified, and it is told
    assert any("conflicts with it in value.txt" in note and result["branch"] in note for note in result["notes"]), result["notes"]
    assert file_at(lab, result["branch"], "value.txt") == "good and better\n" and file_at(lab, "HEAD", "value.txt") == "good enough\n"
    changed = [name for name in difference(before, manifest(lab.repo)) if not name.startswith(OURS)]
    assert not changed, changed


def slow_agent(lab, seconds=60):
    configure(lab, [{"name": "scripted", "command": ["sh", "-c", f"sh agent.sh {{task}}; sleep {seconds}"]}])


def started(process):
    """Until the agent is at work; the lines that were printed."""
    lines = []
    while not lines or lines[-1].get("type") != "progress" or "scripted works" not in lines[-1]["message"]:
        line = process.stdout.readline()
        assert line, process.stderr.read().decode()[-2000:]
        lines.append(json.loads(line))
    return lines


def cancel_from_another_shell(lab):
    slow_agent(lab)
    before = manifest(lab.repo)
    process = lab.start("run", "--yes", "--json", "--agent", "scripted", TASK)
    task = started(process)[0]["task"]
    code, _, result, err = call(lab, "cancel", task)
    assert code == 0 and result["state"] == "cancelled", (code, result, err)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 4 and json.loads(out.splitlines()[-1])["state"] == "cancelled", (process.returncode, err)
    lab.assert_no_strays(5)
    assert_same(before, manifest(lab.repo), "a cancelled task")


def stopped_by_hand_goes_on(lab):
    slow_agent(lab)
    process = lab.start("run", "--yes", "--json", "--agent", "scripted", TASK)
    task = started(process)[0]["task"]
    process.send_signal(INTERRUPT)
    process.communicate(timeout=30)
    assert process.returncode == 4, process.returncode
    lab.assert_no_strays(5)
    code, _, shown, _ = call(lab, "show", task)
    assert shown["parked"] and shown["state"] == "running", shown
    configure(lab)
    code, _, result, err = call(lab, "resume", task)
    assert code == 0 and result["state"] == "landed", (code, result, err)
    code, _, shown, _ = call(lab, "show", task)
    assert [attempt["attempt"] for attempt in shown["attempts"]] == [1], shown["attempts"]  # it cost none


CASES = [plain_path, plan_then_approve, waits_for_approval, red_thrice_then_accepted, accepted_ends_as_it_was_to_end, a_slip_of_the_pen_starts_nothing, the_agent_of_an_edited_plan, nothing_done_is_nothing_verified, without_landing_then_applied,
         task_file, ambiguous_is_asked, bad_input, conflict_is_solved_on_top, solved_conflict_stays_solved_after_a_red_round, third_conflict_is_for_the_human, base_moves_meanwhile, base_moves_into_a_conflict,
         cancel_from_another_shell, stopped_by_hand_goes_on]

if __name__ == "__main__":
    sys.exit(cases(CASES, toy))
