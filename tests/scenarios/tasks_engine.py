#!/usr/bin/env python3
"""Tasks in the engine of a repository: begun in an editor, they go on when its window closes; an engine that is killed is followed by
one that goes on with them; `baton stop` parks them; a shell verb attaches to the engine that runs."""

import json
import os
import signal
import sys

from _tasks import branches, call, cases, configure, file_at, toy
from engine import Window, address, alive, approve, stop, wait_for

TASK = "Update value.txt\n\nwrite value.txt good and better\n"


def state_of(lab):
    code, _, listed, err = call(lab, "tasks")
    assert code == 0, err
    return listed["tasks"][0]["state"] if listed["tasks"] else ""


def slowly(lab, seconds=1.5):
    configure(lab, [{"name": "scripted", "command": ["sh", "-c", f"sh agent.sh {{task}}; sleep {seconds}"]}], autonomy={})


def planned(lab, window):
    answer = window.answer(window.command("baton.startTask", text=TASK))
    assert answer.get("result", {}).get("state") == "planned", answer
    return answer["result"]["task"]


def from_the_editor_to_a_branch(lab):
    window = Window(lab)
    approve(window)
    task = planned(lab, window)
    plan = window.answer(window.command("baton.showPlan", task=task))["result"]
    assert plan["plan"]["subtasks"] and plan["path"].endswith("plan.md"), plan
    answer = window.answer(window.ask("workspace/executeCommand", {"command": "baton.approvePlan", "arguments": [{"task": task}], "workDoneToken": "mine"}))["result"]
    begin = window.until(lambda m: m.get("method") == "$/progress" and m["params"]["token"] == "mine")["params"]["value"]
    assert begin["kind"] == "begin" and "percentage" not in begin, "nobody knows how far a task is"
    assert answer["state"] == "landed" and branches(lab) == [answer["branch"]], answer
    assert file_at(lab, answer["branch"], "value.txt") == "good and better\n"
    listed = window.answer(window.command("baton.listTasks"))["result"]["tasks"]
    assert [one["state"] for one in listed] == ["landed"], listed
    error = window.answer(window.command("baton.retryTask", task=task, hint="x"))["error"]["message"]
    assert "landed" in error, error
    window.close()


def unsaved_text_is_in_the_snapshot(lab):
    window = Window(lab)
    approve(window)
    uri = (lab.repo / "README.md").as_uri()
    window.send({"method": "textDocument/didOpen", "params": {"textDocument": {"uri": uri, "languageId": "markdown", "version": 1, "text": "# Toy\n"}}})
    window.send({"method": "textDocument/didChange", "params": {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": "# Toy, unsaved\n"}]}})
    task = planned(lab, window)
    base = call(lab, "show", task)[2]["base"]
    assert lab.git("--git-dir", str(lab.repo / ".git/baton/store.git"), "show", f"{base}:README.md") == "# Toy, unsaved\n"
    assert (lab.repo / "README.md").read_text() == "# Toy\n"
    window.answer(window.command("baton.cancelTask", task=task))
    window.close()


def window_closes_task_goes_on(lab):
    slowly(lab)
    window = Window(lab)
    approve(window)
    task = planned(lab, window)
    window.command("baton.approvePlan", task=task)
    wait_for(lambda: state_of(lab) == "running")
    window.kill()
    wait_for(lambda: state_of(lab) == "landed", 60)


def killed_engine_is_followed(lab):
    slowly(lab)
    window = Window(lab)
    approve(window)
    task = planned(lab, window)
    number = window.command("baton.approvePlan", task=task)
    wait_for(lambda: state_of(lab) == "running")
    pid = address(lab)["pid"]
    os.kill(pid, signal.SIGKILL)
    assert "error" in window.answer(number)
    window.answer(window.command("baton.doctor"))  # begins another engine
    assert address(lab)["pid"] != pid
    wait_for(lambda: state_of(lab) == "landed", 60)
    assert len(branches(lab)) == 1
    window.close()


def stop_parks(lab):
    slowly(lab, 30)
    window = Window(lab)
    approve(window)
    task = planned(lab, window)
    number = window.command("baton.approvePlan", task=task)
    wait_for(lambda: state_of(lab) == "running")
    pid = address(lab)["pid"]
    stop(lab)
    window.answer(number, 10)
    wait_for(lambda: not alive(pid), 10)
    assert call(lab, "show", task)[2]["parked"]
    slowly(lab, 0)
    window.answer(window.command("baton.doctor"))  # another engine leaves what was parked alone
    assert state_of(lab) == "running" and call(lab, "show", task)[2]["parked"]
    code, _, result, err = call(lab, "resume", task)
    assert code == 0 and result["state"] == "landed", (code, result, err)
    window.close()


def shell_attaches(lab):
    window = Window(lab)
    approve(window)
    code, lines, result, err = call(lab, "run", "--yes", "--agent", "scripted", TASK)
    assert code == 0 and result["state"] == "landed" and lines[0]["type"] == "task", (code, result, err)
    window.close()


def applied_by_the_editor(lab):
    window = Window(lab)
    approve(window)
    code, _, result, err = call(lab, "run", "--yes", "--agent", "scripted", "--land", "none", TASK)
    assert code == 0 and result["state"] == "verified", (code, result, err)
    # This client takes no edits, so they go to the files.
    answer = window.answer(window.command("baton.applyToWorkspace", task=result["task"]))
    assert answer.get("result", {}).get("state") == "applied", answer
    assert (lab.repo / "value.txt").read_text() == "good and better\n"
    window.close()


TAKES_EDITS = {"workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create", "delete"]}}}


def verified_without_landing(lab, text=TASK):
    code, _, result, err = call(lab, "run", "--yes", "--agent", "scripted", "--land", "none", text)
    assert code == 0 and result["state"] == "verified", (code, result, err)
    return result["task"]


def asked_to_take(window, task):
    """The edits that the editor is asked to take, and the number of the command's answer."""
    number = window.command("baton.applyToWorkspace", task=task)
    told = window.until(lambda m: m.get("method") == "workspace/applyEdit" or m.get("id") == number)
    assert told.get("method") == "workspace/applyEdit", told
    return told, number


def taken_as_edits_of_the_editor(lab):
    window = Window(lab, capabilities=TAKES_EDITS)
    approve(window)
    task = verified_without_landing(lab, TASK + "write more.txt of it\n")
    uri = (lab.repo / "value.txt").as_uri()
    window.send({"method": "textDocument/didOpen", "params": {"textDocument": {"uri": uri, "languageId": "plaintext", "version": 7, "text": "good\n"}}})
    asked, number = asked_to_take(window, task)
    changes = asked["params"]["edit"]["documentChanges"]
    edit = next(change for change in changes if change.get("textDocument", {}).get("uri") == uri)
    assert edit["textDocument"]["version"] == 7, edit
    assert edit["edits"] == [{"range": {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}, "newText": "good and better\n"}], edit
    assert [change["uri"] for change in changes if change.get("kind") == "create"] == [(lab.repo / "more.txt").as_uri()], changes
    window.send({"id": asked["id"], "result": {"applied": True}})
    assert window.answer(number).get("result", {}).get("state") == "applied", window.answer(number)
    assert (lab.repo / "value.txt").read_text() == "good\n", "the editor's file was written behind its back"
    assert state_of(lab) == "applied"
    window.close()


def open_with(window, path, text, changed=None):
    """A document of the editor; with `changed`, text that is not saved."""
    window.send({"method": "textDocument/didOpen", "params": {"textDocument": {"uri": path.as_uri(), "languageId": "plaintext", "version": 1, "text": text}}})
    if changed is not None:
        window.send({"method": "textDocument/didChange", "params": {"textDocument": {"uri": path.as_uri(), "version": 2}, "contentChanges": [{"text": changed}]}})
    window.answer(window.command("baton.memoryUsage"))


def shell_takes_what_an_editor_has_not_saved(lab):
    window = Window(lab)
    approve(window)
    open_with(window, lab.repo / "README.md", "# Toy\n", "# Toy, unsaved\n")
    task = verified_without_landing(lab)
    base = call(lab, "show", task)[2]["base"]
    assert lab.git("--git-dir", str(lab.repo / ".git/baton/store.git"), "show", f"{base}:README.md") == "# Toy, unsaved\n"
    window.close()


def shell_writes_nothing_under_unsaved_text(lab):
    window = Window(lab)
    approve(window)
    task = verified_without_landing(lab)
    open_with(window, lab.repo / "value.txt", "good\n", "good, typed\n")
    code, _, result, err = call(lab, "apply", task)
    told = err + json.dumps(result)
    assert code != 0 and "value.txt has unsaved changes in an editor" in told, (code, told)
    assert (lab.repo / "value.txt").read_text() == "good\n" and state_of(lab) == "verified"
    # Nor by a task that is to land there from its beginning.
    code, _, result, err = call(lab, "run", "--yes", "--agent", "scripted", "--land", "apply", TASK)
    assert "value.txt has unsaved changes in an editor" in err + json.dumps(result), (code, result, err)
    assert (lab.repo / "value.txt").read_text() == "good\n"
    window.send({"method": "textDocument/didClose", "params": {"textDocument": {"uri": (lab.repo / "value.txt").as_uri()}}})
    window.answer(window.command("baton.memoryUsage"))
    code, _, result, err = call(lab, "apply", task)
    assert code == 0 and (lab.repo / "value.txt").read_text() == "good and better\n", (code, result, err)
    window.close()


def begun_to_be_applied_by_the_editor(lab):
    window = Window(lab, capabilities=TAKES_EDITS)
    approve(window)
    open_with(window, lab.repo / "value.txt", "good\n")
    planned = window.answer(window.command("baton.startTask", text=TASK, land="apply"))["result"]
    number = window.command("baton.approvePlan", task=planned["task"])
    asked = window.until(lambda m: m.get("method") == "workspace/applyEdit" or m.get("id") == number)
    assert asked.get("method") == "workspace/applyEdit", asked
    change = asked["params"]["edit"]["documentChanges"][0]
    assert change["textDocument"]["version"] == 1 and change["edits"][0]["newText"] == "good and better\n", change
    assert (lab.repo / "value.txt").read_text() == "good\n", "the file was written behind the editor's back"
    window.send({"id": asked["id"], "result": {"applied": True}})
    assert window.answer(number).get("result", {}).get("state") == "applied", window.answer(number)
    assert (lab.repo / "value.txt").read_text() == "good\n" and state_of(lab) == "applied"
    window.close()


def not_over_newer_text(lab):
    window = Window(lab, capabilities=TAKES_EDITS)
    approve(window)
    task = verified_without_landing(lab)
    uri = (lab.repo / "value.txt").as_uri()
    window.send({"method": "textDocument/didOpen", "params": {"textDocument": {"uri": uri, "languageId": "plaintext", "version": 1, "text": "good, and typed\n"}}})
    error = window.answer(window.command("baton.applyToWorkspace", task=task))["error"]["message"]
    assert "value.txt has changed" in error, error
    window.send({"method": "textDocument/didClose", "params": {"textDocument": {"uri": uri}}})
    (lab.repo / "value.txt").write_text("good, and saved\n")
    error = window.answer(window.command("baton.applyToWorkspace", task=task))["error"]["message"]
    assert "value.txt has changed" in error, error
    assert state_of(lab) == "verified"
    (lab.repo / "value.txt").write_text("good\n")
    asked, number = asked_to_take(window, task)
    window.send({"id": asked["id"], "result": {"applied": False, "failureReason": "no"}})
    assert "did not take" in window.answer(number)["error"]["message"]
    assert state_of(lab) == "verified"
    window.close()


def work_tree_is_opened_and_handed_in(lab):
    window = Window(lab, capabilities={"window": {"showDocument": {"support": True}}})
    approve(window)
    code, _, result, err = call(lab, "run", "--yes", "--agent", "scripted", "Break value.txt\n\nwrite value.txt bad\n")
    assert code == 3 and result["state"] == "escalated_to_human", (code, result, err)
    answer = window.answer(window.command("baton.openWorktree", task=result["task"]))["result"]
    assert window.until(lambda m: m.get("method") == "window/showDocument") and answer["shown"], answer
    with open(os.path.join(answer["path"], "value.txt"), "w") as file:
        file.write("good, by hand\n")
    answer = window.answer(window.command("baton.answer", task=result["task"], choice="hand-in"))["result"]
    assert answer["state"] == "landed" and file_at(lab, answer["branch"], "value.txt") == "good, by hand\n", answer
    window.close()


CASES = [from_the_editor_to_a_branch, unsaved_text_is_in_the_snapshot, window_closes_task_goes_on, killed_engine_is_followed, stop_parks, shell_attaches,
         shell_takes_what_an_editor_has_not_saved, shell_writes_nothing_under_unsaved_text, applied_by_the_editor, taken_as_edits_of_the_editor,
         begun_to_be_applied_by_the_editor, not_over_newer_text, work_tree_is_opened_and_handed_in]

if __name__ == "__main__":
    sys.exit(cases(CASES, toy))
