#!/usr/bin/env python3
"""Agents of the Agent Client Protocol from a sentence to a branch: a scripted one, which is a real process that speaks the real protocol."""

import json
import sys
from pathlib import Path

from _lab import BATON, SOURCE
from _tasks import branches, call, cases, file_at, toy
from engine import Window, approve, wait_for

AGENT = (SOURCE / "tests/agents/scripted_acp_agent.py").read_text()
TASK = "Update value.txt\n\n- gate: make test\n"
GOOD = {"steps": [{"write": ["value.txt", "good and better\n"]}]}


def agent(name, script, **more):
    return {"name": name, "backend": "acp", "command": ["python3", "agent.py", json.dumps(script)], **more}


def workshop(lab, *agents, **more):
    toy(lab, agents=list(agents), **more)
    lab.commit({"agent.py": AGENT})


def solved(lab, *arguments):
    code, lines, result, err = call(lab, "run", "--yes", *arguments, TASK)
    assert code == 0 and result["state"] == "landed", (code, err, lines[-2:])
    assert file_at(lab, result["branch"], "value.txt") == "good and better\n"
    return lines, result


def plain_path(lab):
    workshop(lab, agent("scripted", GOOD))
    lines, _ = solved(lab)
    assert any("scripted" in line.get("message", "") for line in lines), lines


def who_cannot_work_is_replaced(lab):
    out = {"session_error": {"code": -32000, "message": "Authentication required"}}
    workshop(lab, agent("out", out), agent("scripted", GOOD))
    lines, result = solved(lab)
    assert any("scripted takes it" in line.get("message", "") and "not logged in" in line["message"] for line in lines), lines
    code, _, shown, _ = call(lab, "show", result["task"])
    assert [attempt["agent"] for attempt in shown["attempts"]] == ["scripted"], shown["attempts"]
    # Asked for by name it is waited for.
    code, _, result, err = call(lab, "run", "--yes", "--agent", "out", TASK)
    assert code == 3 and "is not logged in" in result["question"], (code, result, err)
    code, _, result, err = call(lab, "cancel", result["task"])
    assert code == 0, err


def who_dies_twice_is_replaced(lab):
    crash = {"steps": [{"write": ["value.txt", "half\n"]}, {"die": 9}]}
    workshop(lab, agent("crashes", crash), agent("scripted", GOOD))
    _, result = solved(lab)
    _, _, shown, _ = call(lab, "show", result["task"])
    assert [(attempt["agent"], attempt["end"]) for attempt in shown["attempts"]] == [("crashes", "failed"), ("crashes", "failed"), ("scripted", "completed")], shown["attempts"]


def a_question_is_put_and_its_answer_holds(lab):
    asks = {"steps": [{"ask": {"kind": "execute", "title": "Publish", "rawInput": {"command": "npm publish"}}, "then": [{"write": ["value.txt", "good and better\n"]}]}]}
    workshop(lab, agent("scripted", asks))
    code, _, result, err = call(lab, "run", "--yes", TASK)
    assert code == 3 and "npm publish" in result["question"] and branches(lab) == [], (code, result, err)
    code, _, result, err = call(lab, "answer", result["task"], "yes")  # no engine runs: another session, which has the answer
    assert code == 0 and result["state"] == "landed", (code, result, err)


def in_an_engine_the_same_session_goes_on(lab):
    asks = {"steps": [{"write": ["value.txt", "good and better\n"]}, {"ask": {"kind": "execute", "title": "Publish", "rawInput": {"command": "npm publish"}}}]}
    workshop(lab, agent("scripted", asks))
    window = Window(lab)
    approve(window)
    task = window.answer(window.command("baton.startTask", text=TASK))["result"]["task"]
    waits = window.answer(window.command("baton.approvePlan", task=task))["result"]
    assert waits["state"] == "running" and "npm publish" in waits["question"], waits
    window.command("baton.answer", task=task, choice="no")
    wait_for(lambda: call(lab, "show", task)[2]["state"] == "landed", 60)
    window.close()
    log = (lab.repo / ".git/baton/tasks" / task / "s1-1.log").read_text()
    assert "the user is asked" in log and "refused (as you answered)" in log, log  # a second session would have been told the answer


def a_primer_that_leads_back_is_told_on_its_line(lab):
    name, text = "BACKEND_AGENT_PRIMER.md", "---\ntype: primer\ninherits_from: MINE.md\n---\nBody\n"
    toy(lab)
    lab.write({f".baton/primers/{name}": text, ".baton/primers/MINE.md": f"---\ninherits_from: {name}\n---\nMine\n"})
    window = Window(lab)
    window.answer(window.command("baton.doctor"))

    def told(wanted):
        return window.until(lambda m: m.get("method") == "textDocument/publishDiagnostics" and m["params"]["uri"].endswith(name) and wanted(m["params"]["diagnostics"]), 20)

    (one,) = told(bool)["params"]["diagnostics"]
    assert one["code"] == "primer" and one["range"]["start"]["line"] == 2 and "comes back to itself through MINE.md" in one["message"], one
    lab.write({".baton/primers/MINE.md": "Mine\n"})
    window.send({"method": "textDocument/didOpen", "params": {"textDocument": {"uri": (lab.repo / ".baton/primers" / name).as_uri(), "languageId": "markdown", "version": 1, "text": text}}})
    told(lambda diagnostics: not diagnostics)
    window.close()


def it_cannot_accept_its_own_work(lab):
    """Without a box, where it finds the program and the engine."""
    lab.env["B"] = BATON
    accept = "cd $R && $B accept $(basename $(ls -d .git/baton/tasks/*/)) --reason 'I say so'"
    script = {"steps": [{"write": ["value.txt", "bad\n"]}, {"shell": accept}]}
    lab.env["R"] = str(lab.repo)
    more = ["B", "R", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"]
    workshop(lab, agent("scripted", script, environment=more), sandbox="none")
    code, _, result, err = call(lab, "run", "--yes", TASK, timeout=200)
    assert code == 3 and result["state"] == "escalated_to_human" and branches(lab) == [], (code, result and result["state"], err)
    logs = "".join(Path(path).read_text() for path in (lab.repo / ".git/baton/tasks" / result["task"]).glob("*.log"))
    assert "SelfAttestationError" in logs, logs[-2000:]


if __name__ == "__main__":
    sys.exit(cases([plain_path, who_cannot_work_is_replaced, who_dies_twice_is_replaced, a_question_is_put_and_its_answer_holds, in_an_engine_the_same_session_goes_on,
                    a_primer_that_leads_back_is_told_on_its_line,
                    it_cannot_accept_its_own_work]))
