#!/usr/bin/env python3
"""What is known of failures and who says so: accepted with a reason by a human or by a process below a coding agent, in shell and editor;
what was there before, on request; lenses above functions; the unsaved text of an editor in a shell's verdict; tasks that stop when the
last window closes. Each case is a function with a lab of its own."""

import json
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

from _lab import BATON
from _tasks import AGENT, call, cases, configure, toy
from engine import Window, approve, wait_for

AGENTS = ("claude", "codex", "gemini", "aider", "cursor-agent", "opencode", "goose", "amp", "copilot")
TESTS = """#!/bin/sh
status=0
for name in one two; do
  if grep -q "$name good" values.txt; then echo "ok - $name"; else echo "not ok - $name"; status=1; fi
done
if [ -e broken.txt ]; then echo "not ok - three"; status=1; else echo "ok - three"; fi
echo 1..3
exit $status
"""


def agent_above_us():
    pid = os.getpid()
    while pid > 1:
        try:
            if Path(f"/proc/{pid}/comm").read_text().strip() in AGENTS:
                return True
            pid = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            return False
    return False


def two_regressions(lab, **files):
    lab.git("init", "-q", "-b", "main")
    lab.commit({"Makefile": "test:\n\t@sh tests.sh\n", "tests.sh": TESTS, "values.txt": "one good\ntwo good\n", **files})
    lab.write({"values.txt": "one bad\ntwo bad\n"})


def at_terminal(lab, *args):
    """A verb as a person runs it: stdin and stderr are a terminal. (exit code, stdout, what the terminal showed)."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([BATON, *args], cwd=lab.repo, env=lab.env, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, start_new_session=True)
    os.close(theirs)
    out = process.communicate(timeout=60)[0].decode()
    shown = b""
    while select.select([ours], [], [], 0)[0]:
        try:
            block = os.read(ours, 1 << 16)
        except OSError:
            break
        if not block:
            break
        shown += block
    os.close(ours)
    return process.returncode, out, shown.decode()


def as_agent(lab, *args):
    """A verb below a process that has a coding agent's name."""
    claude = lab.folder / "claude"
    if not claude.exists():
        shutil.copy(shutil.which("sh"), claude)
    done = subprocess.run([claude, "-c", '"$@"; exit $?', "claude", BATON, *args], cwd=lab.repo, env=lab.env, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def failures(report):
    return {one["id"]: one for one in report["tests"] if one["status"] == "regression"}


def a_human_accepts(lab):
    if agent_above_us():
        return print("skipped: an agent is among our ancestors, so nobody here is a human")
    two_regressions(lab)
    code, report, err = lab.verify()
    assert code == 1 and not report["accepted"] and len(failures(report)) == 2, err
    code, out, shown = at_terminal(lab, "accept", "--failure", "one", "--reason", "to be mended with the next release")
    assert code == 0 and "accepted as known, by a human" in out.lower(), out + shown
    code, report, _ = lab.verify()
    assert code == 1 and report["verdict"] == "rejected" and not report["accepted"], report["cause"]
    assert "1 of 2 failures accepted as known by a human" in report["cause"], report["cause"]
    code, out, shown = at_terminal(lab, "accept", "--failure", "two", "--reason", "the test is out of date", "--json")
    assert code == 0 and json.loads(out)["accepted"], out + shown
    code, report, _ = lab.verify()
    assert code == 0 and report["accepted"], report["cause"]
    # The word stays, and so do the failures.
    assert report["verdict"] == "rejected" and "accepted as known by a human" in report["cause"], report["cause"]
    notes = {name: one["accepted"] for name, one in failures(report).items()}
    assert [notes[name]["reason"] for name in sorted(notes)] == ["to be mended with the next release", "the test is out of date"], notes
    assert all(note["human"] and note["by"] == "a human" for note in notes.values()), notes
    assert not lab.verify("--fresh")[1]["cached"] and lab.verify("--fresh")[0] == 0
    code, out, _ = lab.baton("verify", "--yes")
    assert code == 0 and "Accepted as known (2)" in out and "the test is out of date" in out and "Regressions" not in out, out
    code, out, _ = lab.baton("accept", "--list")
    assert "to be mended" in out and "by a human" in out, out
    # A failure that comes to it is none of these.
    lab.write({"broken.txt": "x\n"})
    code, report, _ = lab.verify()
    assert code == 1 and not report["accepted"] and "2 of 3 failures" in report["cause"], report["cause"]
    (lab.repo / "broken.txt").unlink()
    assert at_terminal(lab, "accept", "--failure", "two", "--withdraw")[0] == 0
    code, report, _ = lab.verify()
    assert code == 1 and "accepted" not in failures(report)["two"], report["cause"]


def a_task_takes_what_a_human_accepted(lab):
    if agent_above_us():
        return print("skipped: an agent is among our ancestors, so nobody here is a human")
    two_regressions(lab, **{"agent.sh": AGENT})
    configure(lab)
    assert lab.verify()[0] == 1
    for name in ("one", "two"):
        code, out, shown = at_terminal(lab, "accept", "--failure", name, "--reason", "out of date")
        assert code == 0, out + shown
    lab.git("checkout", "-q", "values.txt")
    code, _, result, err = call(lab, "run", "--yes", "--agent", "scripted", "Change the values\n\nwrite values.txt one bad two bad\n", timeout=240)
    assert code == 0 and result["state"] == "landed" and result["verdict"]["verdict"] == "rejected" and result["verdict"]["accepted"], (code, result, err)
    assert "Known failures: " in lab.git("log", "-1", "--format=%b", result["branch"])
    # One that comes to them is red, and the task that brought it waits for the human.
    code, _, result, err = call(lab, "run", "--yes", "--agent", "scripted", "Break more\n\nwrite values.txt one bad two bad\nwrite broken.txt x\n", timeout=240)
    assert code == 3 and result["state"] == "escalated_to_human" and "three" in json.dumps(result["verdict"]["tests"]), (code, result["state"], err)


def an_agent_accepts_and_it_counts_for_nothing(lab):
    two_regressions(lab)
    assert as_agent(lab, "verify", "--yes", "--json")[0] == 1
    for name in ("one", "two"):
        code, out, err = as_agent(lab, "accept", "--failure", name, "--reason", "works for me")
        assert code == 0 and "a process below claude" in out, out + err
    code, out, err = as_agent(lab, "verify", "--yes", "--json")
    report = json.loads(out)
    assert code == 1 and report["verdict"] == "rejected" and not report["accepted"], err
    assert "2 accepted by a process, which counts for nothing" in report["cause"], report["cause"]
    assert failures(report)["one"]["accepted"] == {"reason": "works for me", "by": "a process below claude", "human": False}
    assert any("--yes" in note and "a process below claude" in note for note in report["notes"]), report["notes"]


def bad_acceptances(lab):
    two_regressions(lab)
    for args, word in [
        (["accept", "--failure", "one", "--reason", "x"], "Nothing has been verified"),
        (["accept", "--failure", "one"], "Say why"),
        (["accept", "--reason", "x"], "Name a TASK"),
        (["accept", "T", "--failure", "one", "--reason", "x"], "Name a TASK"),
        (["accept", "T", "--withdraw"], "only a failure's acceptance"),
    ]:
        code, _, err = lab.baton(*args)
        assert code in (1, 2) and word in err and err.count("\n") == 1, (args, code, err)
    lab.verify()
    code, _, err = lab.baton("accept", "--failure", "nothing", "--reason", "x")
    assert code == 2 and "no failure \"nothing\"" in err, err
    code, _, err = lab.baton("accept", "--failure", "three", "--reason", "x")  # it passes
    assert code == 2, err


def the_editor_accepts(lab):
    two_regressions(lab)
    window = Window(lab)
    approve(window)
    report = window.answer(window.command("baton.verify"))["result"]
    assert report["verdict"] == "rejected", report
    error = window.answer(window.command("baton.acceptFailure", task=report["id"], test="nothing", reason="x"))["error"]["message"]
    assert "no failure" in error, error
    for name in ("one", "two"):
        answer = window.answer(window.command("baton.acceptFailure", task=report["id"], test=name, reason=f"known: {name}"))["result"]
    human = not agent_above_us()
    assert answer["verdict"] == "rejected" and answer["accepted"] == human, answer
    shown = window.until(lambda m: m.get("method") == "textDocument/publishDiagnostics" and "known: two" in str(m))
    codes = {one["code"]: one["severity"] for one in shown["params"]["diagnostics"]}
    assert codes["accepted"] == (3 if human else 1), shown
    # One engine, one truth: the shell says the same.
    code, report, _ = lab.verify()
    assert code == (0 if human else 1) and failures(report)["one"]["accepted"]["reason"] == "known: one", report["cause"]
    answer = window.answer(window.command("baton.acceptFailure", test="one", withdraw=True))["result"]
    assert answer["withdrawn"] and not answer["accepted"], answer
    assert lab.verify()[0] == 1
    window.close()


def an_editor_below_an_agent_is_no_human(lab):
    two_regressions(lab)
    (lab.folder / "claude").write_bytes(Path(shutil.which("sh")).read_bytes())
    (lab.folder / "claude").chmod(0o755)
    script = lab.folder / "below"
    script.write_text(f"#!{lab.folder}/claude\n\"{BATON}\" \"$@\"\nexit $?\n")
    script.chmod(0o755)
    window = Window(lab, script)
    approve(window)
    report = window.answer(window.command("baton.verify"))["result"]
    for name in ("one", "two"):
        answer = window.answer(window.command("baton.acceptFailure", task=report["id"], test=name, reason="x"))["result"]
    assert not answer["accepted"] and "counts for nothing" in answer["cause"], answer
    window.close()
    code, out, err = lab.baton("verify", "--json")  # without --yes: the trust that it gave is used, and named
    assert any("approved by a process below claude" in note for note in json.loads(out)["notes"]), out
    code, out, _ = lab.baton("doctor", "--json")
    assert json.loads(out)["trusted_by"] == "a process below claude", out


def what_was_there_before(lab):
    two_regressions(lab)
    lab.commit({"values.txt": "one bad\ntwo good\n"})
    lab.write({"values.txt": "one bad\ntwo bad\n"})
    window = Window(lab)
    approve(window)
    window.answer(window.command("baton.verify"))
    window.until(lambda m: m.get("method") == "textDocument/publishDiagnostics" and m["params"]["diagnostics"])
    assert "Was there before" not in str(window.seen)
    answer = window.answer(window.command("baton.showKnown", show=True))["result"]
    assert answer == {"shown": True, "known": 1}, answer
    shown = window.until(lambda m: m.get("method") == "textDocument/publishDiagnostics" and "Was there before" in str(m))
    hint = [one for one in shown["params"]["diagnostics"] if one["code"] == "pre_existing"]
    assert len(hint) == 1 and hint[0]["severity"] == 4 and "one" in hint[0]["message"], shown
    assert window.answer(window.command("baton.showKnown"))["result"]["shown"] is False
    window.close()


def lenses(lab):
    before = "def kept(a):\n    return a\n\n\ndef moved(a):\n    return 2 * a\n"
    two_regressions(lab, **{"code.py": before})
    window = Window(lab)
    uri = (lab.repo / "code.py").as_uri()
    document = {"textDocument": {"uri": uri}}
    window.send({"method": "textDocument/didOpen", "params": {"textDocument": {**document["textDocument"], "languageId": "python", "version": 1, "text": before}}})
    assert window.answer(window.ask("textDocument/codeLens", document))["result"] == [], "a folder that Baton has not been asked about stays as it is"
    approve(window)
    assert window.answer(window.ask("textDocument/codeLens", document))["result"] == []
    line = {"line": 5, "character": 4}
    window.send({"method": "textDocument/didChange", "params": {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"range": {"start": line, "end": line}, "text": "1 + "}]}})

    def titles():
        # The engine may be slow: what is known within a moment is answered.
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            found = window.answer(window.ask("textDocument/codeLens", document))["result"]
            if found:
                return [(one["range"]["start"]["line"], one["command"]["title"], one["command"]["command"]) for one in found]
        raise AssertionError("no lens")

    assert titles() == [(4, "Baton: changed since HEAD, verify", "baton.verify")], titles()
    actions = window.answer(window.ask("textDocument/codeAction", {**document, "range": {"start": line, "end": line}, "context": {"diagnostics": []}}))["result"]
    assert "Baton: changed since HEAD, verify" in [one["title"] for one in actions], actions
    window.answer(window.command("baton.verify", uri=uri))
    assert titles() == [(4, "Baton: changed since HEAD, the whole change is judged: rejected", "baton.openEvidence")], titles()
    window.close()


def a_shell_sees_what_is_unsaved(lab):
    two_regressions(lab)
    window = Window(lab)
    approve(window)
    uri = (lab.repo / "values.txt").as_uri()
    text = (lab.repo / "values.txt").read_text()
    window.send({"method": "textDocument/didOpen", "params": {"textDocument": {"uri": uri, "languageId": "plaintext", "version": 1, "text": text}}})
    window.send({"method": "textDocument/didChange", "params": {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": "one good\ntwo good\n"}]}})
    window.answer(window.command("baton.memoryUsage"))
    code, report, err = lab.verify()
    assert code == 0 and report["verdict"] == "no_regression", err
    assert any("unsaved in an editor: values.txt" in note for note in report["notes"]), report["notes"]
    assert (lab.repo / "values.txt").read_text() == text
    assert lab.verify("--embedded")[0] == 1  # without the engine nobody knows of it
    window.send({"method": "textDocument/didClose", "params": {"textDocument": {"uri": uri}}})
    window.answer(window.command("baton.memoryUsage"))
    code, report, _ = lab.verify()
    assert code == 1 and not any("unsaved" in note for note in report["notes"]), report["notes"]
    window.close()


def parked_with_the_last_window(lab):
    toy(lab)
    configure(lab, [{"name": "scripted", "command": ["sh", "-c", "sh agent.sh {task}; sleep 60"]}], onLastClose="park")

    def first():
        listed = call(lab, "tasks")[2]["tasks"]
        return call(lab, "show", listed[0]["task"])[2] if listed else {"state": "", "parked": False}

    window = Window(lab)
    approve(window)
    task = window.answer(window.command("baton.startTask", text="Update value.txt\n\nwrite value.txt good and better\n"))["result"]["task"]
    window.command("baton.approvePlan", task=task)
    wait_for(lambda: first()["state"] == "running")
    second = Window(lab)
    second.answer(second.command("baton.doctor"))
    window.close()
    time.sleep(0.1)
    assert not first()["parked"], "another window is open"
    second.close()
    wait_for(lambda: first()["parked"], 20)
    configure(lab, onLastClose="park")  # the agent does not sleep any more
    again = Window(lab)
    wait_for(lambda: first()["state"] == "landed", 60)
    again.close()


if __name__ == "__main__":
    sys.exit(cases([a_human_accepts, a_task_takes_what_a_human_accepted, an_agent_accepts_and_it_counts_for_nothing, bad_acceptances, the_editor_accepts, an_editor_below_an_agent_is_no_human,
                    what_was_there_before, lenses, a_shell_sees_what_is_unsaved, parked_with_the_last_window]))
