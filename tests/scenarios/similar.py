#!/usr/bin/env python3
"""What past tasks of a repository tell the agent of the next one: in its page at the start, again when something new is known, through the tool
`find_similar` inside and outside of an attempt; and nothing where nothing is like it."""

import sys

from _lab import SOURCE
from _tasks import call, cases, configure, toy
from engine import Window, approve, wait_for
from outside_agents import Server

sys.path.insert(0, str(SOURCE / "tests/agents"))
from scripted_endpoint import Endpoint  # noqa: E402

# Shows its page in its log, then works as the task's text says.
AGENT = """#!/bin/sh
cat "$1"
sed -n 's/^write //p' "$1" | while read -r file text; do echo "$text" > "$file"; done
"""
SECRET = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"
FIRST = f"The calendar shows the wrong month\n\nIt comes from value.txt, which parse_month reads; see {SECRET}.\n\nwrite value.txt good month\n"
AGAIN = "The calendar shows the wrong month in February\n\nparse_month again\n\nwrite value.txt good february\n"
OTHER = "Compress the pictures of the gallery\n\nwrite other.txt fine\n"
HEADING = "## Similar tasks before"


def workshop(lab):
    toy(lab, agents=[{"name": "scripted", "command": ["sh", "agent.sh", "{task}"]}])
    lab.commit({"agent.sh": AGENT})


def run(lab, text, wanted="landed"):
    code, lines, result, err = call(lab, "run", "--yes", text)
    assert result and result["state"] == wanted, (code, result, err, lines[-3:])
    return result, (lab.repo / ".git/baton/tasks" / result["task"] / "s1-1.log").read_text()


def the_next_agent_is_told(lab):
    first, log = run(lab, FIRST)
    assert HEADING not in log, log
    commit = lab.git("rev-parse", first["branch"]).strip()
    again, log = run(lab, AGAIN)
    section = log.split(HEADING)[1].split("\n## ")[0]
    assert f"**The calendar shows the wrong month**: verified, landed (task {first['task']}, " in section and f"commit {commit[:12]}" in section, section
    assert "changed value.txt" in section and SECRET not in section, section
    _, log = run(lab, OTHER)
    assert HEADING not in log, "nothing is put in where nothing is like it"
    # Failures are marked, and come behind.
    code, _, failed, err = call(lab, "run", "--yes", "The calendar shows the wrong month in March\n\nparse_month\n\nwrite value.txt bad\n")
    assert failed["state"] == "escalated_to_human", (failed, err)
    _, log = run(lab, AGAIN)
    section = log.split(HEADING)[1].split("\n## ")[0]
    assert section.index(first["task"]) < section.index(failed["task"]) and "NOT DONE, escalated to the human" in section, section
    # Of the second attempt's page too, where it is told what the first came to.
    later = (lab.repo / ".git/baton/tasks" / failed["task"] / "s1-2.log").read_text()
    assert HEADING in later and first["task"] in later, later


def an_agent_that_waits_is_told_what_is_new(lab):
    ask = {"tool": "ask_human", "arguments": {"question": "Which month?"}}
    edit = {"tool": "write_file", "arguments": {"path": "value.txt", "content": "good may\n"}}
    chat = {"name": "built-in", "backend": "chat"}
    with Endpoint([{"tool": "find_similar", "arguments": {"query": "the wrong month in the calendar"}}, ask, edit, {"text": "Done."}]) as endpoint:
        chat["endpoint"] = {"url": endpoint.url, "model": "x"}
        configure(lab, [chat, {"name": "scripted", "command": ["sh", "agent.sh", "{task}"]}])
        window = Window(lab)  # an agent that waits is kept alive by an engine alone
        approve(window)
        task = window.answer(window.command("baton.startTask", text=AGAIN.replace("write ", "and ")))["result"]["task"]
        waits = window.answer(window.command("baton.approvePlan", task=task))["result"]
        assert waits["question"] == "Which month?", waits
        code, _, first, err = call(lab, "run", "--yes", "--agent", "scripted", FIRST)
        assert first["state"] == "landed", (first, err)
        window.command("baton.answer", task=task, choice="text", text="May")
        wait_for(lambda: call(lab, "show", task)[2]["state"] == "landed", 60)
        window.close()
    results = [message["content"] for _, _, body in endpoint.requests for message in body["messages"] if message["role"] == "tool"]
    assert results[0] == "No past task of this repository is like this.\n", results
    prompts = [message["content"] for message in endpoint.requests[-1][2]["messages"] if message["role"] == "user"]
    assert first["task"] in prompts[-1] and first["task"] not in endpoint.requests[0][2]["messages"][1]["content"], prompts


def agents_outside_ask(lab):
    server = Server(lab)
    text, failed = server.tool("find_similar", query="month of the calendar")
    assert not failed and text == "No past task of this repository is like this.\n", text
    first, _ = run(lab, FIRST)
    text, failed = server.tool("find_similar", query="month of the calendar")
    assert not failed and first["task"] in text and SECRET not in text, text
    text, failed = server.tool("find_similar", query="month of the calendar", category="refactor")
    assert not failed and first["task"] not in text, text
    text, failed = server.tool("find_similar")
    assert failed and "needs the argument `query`" in text, text
    server.close()


if __name__ == "__main__":
    sys.exit(cases([the_next_agent_is_told, an_agent_that_waits_is_told_what_is_new, agents_outside_ask], workshop))
