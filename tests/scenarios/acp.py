#!/usr/bin/env python3
"""Agents of the Agent Client Protocol from a sentence to a branch: a scripted one, which is a real process that speaks the real protocol."""

import json
import sys
from pathlib import Path

from _lab import BATON, SOURCE, assert_same
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


def held_by_landlock_where_bubblewrap_cannot_run(lab):
    refused = lab.folder / "bin"
    refused.mkdir()
    (refused / "bwrap").write_text("#!/bin/sh\nexit 1\n")
    (refused / "bwrap").chmod(0o755)
    lab.env["PATH"] = f"{refused}:{lab.env['PATH']}"
    (lab.folder / "secret").write_text("of another\n")
    reaches = {"shell": f"cp {lab.folder}/secret got.txt; echo x > {lab.folder}/outside; echo x > {lab.repo}/outside"}
    workshop(lab, agent("scripted", {"steps": [reaches, *GOOD["steps"]]}))
    _, result = solved(lab)
    attempt = call(lab, "show", result["task"])[2]["attempts"][0]
    if attempt["sandbox"] != "landlock":
        return f"the kernel holds files by no Landlock that is new enough: {attempt['sandbox']}"
    assert attempt["changes"] == ["value.txt"], ("what is outside can be read", attempt)
    assert not (lab.folder / "outside").exists() and not (lab.repo / "outside").exists(), "what is outside can be written"


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


def a_model_that_cannot_be_used(lab):
    """Lasting 429, an endpoint that is down, a key that is refused, a model that is not there: one sentence each, and nothing is lost."""
    def fails(message):
        error = {"error": {"code": -32603, "message": message}}
        return {"steps": [{"write": ["value.txt", "half\n"]}, error], "again": [error]}

    table = [("exceeded retry limit, last status: 429 Too Many Requests", "takes no more calls for now", 3), ("connect ECONNREFUSED 127.0.0.1:9", "cannot be reached", 3),
             ("401 Incorrect API key provided", "does not accept its key or login", 1), ("The model `none` does not exist", "cannot use its model", 1)]
    workshop(lab, *[agent(f"a{number}", fails(message), limits={"silence": 2}) for number, (message, _, _) in enumerate(table)])
    before = lab.manifest()
    for number, (_, wanted, begun) in enumerate(table):
        code, lines, result, err = call(lab, "run", "--yes", "--agent", f"a{number}", TASK)
        told = result["question"] or result["message"]
        assert code == 3 and wanted in told and told.count(wanted) == 1 and "\n" not in told.strip(), (number, code, told, err)
        if begun == 3:
            assert result["state"] == "escalated_to_human" and sum(line["type"] == "start_attempt" for line in lines) == 3, (result["state"], [line["type"] for line in lines])
        if number == 0:
            assert any("it is asked again in 1 s" in line.get("message", "") for line in lines), lines
        page = (lab.repo / ".git/baton/tasks" / result["task"] / "task.md").read_text()
        assert wanted in page and list((lab.repo / ".git/baton/tasks" / result["task"]).glob("s1-*.log")), page
        lab.baton("cancel", result["task"])
    assert_same(before, lab.manifest(), "a model that cannot be used")


def what_it_reports_is_shown(lab):
    usage = {"inputTokens": 70000, "outputTokens": 5000, "totalTokens": 75000}
    cost = {"update": {"kind": "usage_update", "used": 900, "size": 200000, "cost": {"amount": 0.25, "currency": "USD"}}}
    reports = {"steps": [{"write": ["value.txt", "good and better\n"]}, cost, {"usage": usage}]}
    workshop(lab, agent("scripted", reports), budgets={"tokens": 100000, "day": {"tokens": 110000}})
    lines, result = solved(lab)
    _, _, shown, _ = call(lab, "show", result["task"])
    for told in (result["usage"], shown["attempts"][0]["usage"]):
        assert (told["input_tokens"], told["output_tokens"], told["money"], told["reported"], told["estimated"]) == (70000, 5000, 0.25, True, False), told
    page = Path(result["document"]).read_text()
    assert "it used 75000 tokens, 0.25 US dollars (as agents report it)" in page, page
    # The day's budget counts it, over all tasks: the second one comes to its end, and a third does not begin.
    _, second = solved(lab)
    code, _, third, err = call(lab, "run", "--yes", TASK)
    assert code == 3 and "The budget of today is used up: 150000 of 110000 tokens." in third["question"] and third["usage"]["calls"] == 0, (code, third, err)


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
    sys.exit(cases([plain_path, held_by_landlock_where_bubblewrap_cannot_run, who_cannot_work_is_replaced, who_dies_twice_is_replaced, a_model_that_cannot_be_used, what_it_reports_is_shown, a_question_is_put_and_its_answer_holds, in_an_engine_the_same_session_goes_on,
                    a_primer_that_leads_back_is_told_on_its_line,
                    it_cannot_accept_its_own_work]))
