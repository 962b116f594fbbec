#!/usr/bin/env python3
"""The built-in agent, whose model is any OpenAI-compatible endpoint: from a sentence to a branch against a scripted one, with everything that
a service can answer instead, a budget that holds, and what `baton doctor` says of it."""

import json
import sys
import time
from pathlib import Path

from _lab import SOURCE, assert_same
from _tasks import branches, call, cases, configure, file_at

sys.path.insert(0, str(SOURCE / "tests/agents"))
from scripted_endpoint import Endpoint  # noqa: E402

KEY = "Lw5rT8nB2xK7dM3pV9qS"
CHECK = """import calc
assert calc.add(2, 3) == 5
assert 'add' in open('NOTES.md').read()
print('ok 1 - add')
print('1..1')
"""
FILES = {"calc.py": "def add(a, b):\n    return a - b\n", "NOTES.md": "# Notes\n", "check.py": CHECK, "Makefile": "test:\n\t@python3 check.py\n"}
TASK = "Mend add in calc.py, and say so in NOTES.md\n\n- gate: make test\n"
EDITS = [["edit_file", {"path": "calc.py", "old": "a - b", "new": "a + b"}], ["write_file", {"path": "{cwd}/NOTES.md", "content": "# Notes\n\nadd is mended\n"}]]
# One step for each number of results that a request carries.
SOLVES = [
    {"tool": "search", "arguments": {"pattern": "def add"}},
    {"tool": "read_file", "arguments": {"path": "calc.py"}},
    {"calls": EDITS},
    {},
    {"tool": "run_command", "arguments": {"command": "make test"}},
    {"tool": "list_criteria", "arguments": {}},
    {"text": "Both are done."},
]


def toy(lab):
    lab.git("init", "-q", "-b", "main")
    lab.commit(FILES)
    lab.env["SERVICE_KEY"] = KEY


def chat(endpoint, name="built-in", **more):
    url = endpoint if isinstance(endpoint, str) else endpoint.url
    return {"name": name, "backend": "chat", "endpoint": {"url": url, "key_env": "SERVICE_KEY", "model": "x"}, **more}


def log_of(lab, result):
    return "".join(path.read_text() for path in sorted((lab.repo / ".git/baton/tasks" / result["task"]).glob("s1-*.log")))


def solves_a_task_of_two_files(lab):
    with Endpoint(SOLVES) as endpoint:
        configure(lab, [chat(endpoint)])
        code, lines, result, err = call(lab, "run", "--yes", TASK)
        assert code == 0 and result["state"] == "landed", (code, err, lines[-3:], log_of(lab, result) if result else "")
    assert file_at(lab, result["branch"], "calc.py") == "def add(a, b):\n    return a + b\n"
    assert "add is mended" in file_at(lab, result["branch"], "NOTES.md")
    log = log_of(lab, result)
    for wanted in ("asks to edit calc.py: allowed once", "asks to run `make test`: allowed once", "Both are done."):
        assert wanted in log, log
    # The proxy's count is the endpoint's, and the key is the endpoint's alone.
    requests = endpoint.requests
    assert len(requests) == 6 and {headers["Authorization"] for _, headers, _ in requests} == {"Bearer " + KEY}, requests
    usage = result["usage"]
    assert (usage["input_tokens"], usage["output_tokens"], usage["calls"], usage["estimated"]) == (600, 60, 6, False), usage
    told = json.dumps([body for _, _, body in requests])
    assert KEY not in told + json.dumps(lines) + err + log
    results = [message["content"] for message in requests[-1][2]["messages"] if message["role"] == "tool"]
    assert results[0] == "calc.py:1: def add(a, b):\n" and results[4].startswith("exit code 0\n") and "gate: make test" in results[5], results
    names = {tool["function"]["name"] for tool in requests[0][2]["tools"]}
    assert {"read_file", "edit_file", "run_command", "outline", "more_context", "verify", "ask_human", "report_blocked"} <= names, names


def what_it_runs_sees_no_key_and_no_file_outside(lab):
    """Neither the provider's key, nor that of the attempt, nor the socket of its tools; and a link out of the tree leads nowhere."""
    steps = [{"tool": "run_command", "arguments": {"command": "env; ln -s /etc/hostname out"}}, {"tool": "read_file", "arguments": {"path": "out"}},
             {"tool": "write_file", "arguments": {"path": "../escaped", "content": "x"}}, {"tool": "write_file", "arguments": {"path": ".git/hooks/pre-commit", "content": "x"}},
             {"tool": "run_command", "arguments": {"command": "git push"}}, {"tool": "run_command", "arguments": {"command": "rm out"}}, {"calls": EDITS}, {}, {"text": "Done."}]
    with Endpoint(steps) as endpoint:
        configure(lab, [chat(endpoint, allow=["env", "ln"])])
        code, lines, result, err = call(lab, "run", "--yes", TASK)
        assert code == 0 and result["state"] == "landed", (code, err, lines[-3:])
    said = [message["content"] for message in endpoint.requests[-1][2]["messages"] if message["role"] == "tool"]
    assert "BATON_TASK" in said[0] and "BATON_EXECUTOR" in said[0] and not any(word in said[0] for word in ("OPENAI_", "BATON_TOOL_", KEY)), said[0]
    refused = "It is not allowed here"
    assert said[1].startswith("Error: ") and "no path" in said[2] and refused in said[3] and refused in said[4], said
    assert "the repository's own folder" in log_of(lab, result)


def a_question_is_put_and_its_answer_holds(lab):
    publish = {"tool": "run_command", "arguments": {"command": "npm publish"}}
    with Endpoint([publish, {"calls": EDITS}, {}, {"text": "Done."}]) as endpoint:
        configure(lab, [chat(endpoint)])
        code, _, result, err = call(lab, "run", "--yes", TASK)
        assert code == 3 and "npm publish" in result["question"] and branches(lab) == [], (code, result, err)
        code, _, result, err = call(lab, "answer", result["task"], "no")
        assert code == 0 and result["state"] == "landed", (code, result, err)
        # What the model asks by itself.
        ask = [{"tool": "ask_human", "arguments": {"question": "Which of the two?", "options": ["this", "that"]}}, {"text": "Waits."}]
        endpoint.steps = ask
        lab.git("checkout", "-q", ".")
        code, _, result, err = call(lab, "run", "--yes", TASK)
        assert code == 3 and result["question"] == "Which of the two?\n- this\n- that", (code, result, err)
        lab.baton("cancel", result["task"])


def each_answer_of_a_service_has_its_sentence(lab):
    def status(number, words, **more):
        return {"status": number, "body": words, **more}

    table = [
        ("down", None, "cannot be reached", 3),
        ("key", status(401, "Incorrect API key provided"), "does not accept its key or login (401", 1),
        ("model", status(404, "The model `x` does not exist"), "cannot use its model (404 for the model `x`", 1),
        ("toolless", status(400, "x does not support tools"), "cannot use its model (400: x does not support tools)", 1),
        ("busy", status(429, "Rate limit reached"), "takes no more calls for now (429", 3),
        ("long", status(400, "This model's maximum context length is 8192 tokens"), "does not fit into what the model of long can take", 3),
        ("words", {"text": "You could mend add."}, "Its last words: You could mend add.", 3),
        ("cut", {"text": "I will", "finish": "length"}, "came to its own limit (max_tokens)", 3),
    ]
    before = lab.manifest()
    for name, step, wanted, begun in table:
        with Endpoint([step or {"text": ""}]) as endpoint:
            configure(lab, [chat("http://127.0.0.1:9/v1" if step is None else endpoint, name, limits={"silence": 2})])
            code, lines, result, err = call(lab, "run", "--yes", TASK)
        told = result["question"] or result["message"]
        page = (lab.repo / ".git/baton/tasks" / result["task"] / "task.md").read_text()
        assert code == 3 and wanted in told + page and branches(lab) == [], (name, code, told, err, page)
        assert sum(line["type"] == "start_attempt" for line in lines) == begun, (name, [line["type"] for line in lines])
        if begun == 1:
            assert wanted in told and told.count("\n") <= 1, (name, told)
        lab.baton("cancel", result["task"])
    assert_same(before, lab.manifest(), "services that answer something else")


def what_passes_is_waited_for(lab):
    """429 with Retry-After, 503 and arguments that are no JSON: the work goes on, and its waits are told."""
    steps = [{"tool": "edit_file", "arguments": "{\"path\": ", "first": [{"status": 429, "body": "slow down", "after": "1"}, {"status": 503, "body": "loading"}]}, {"calls": EDITS}, {}, {"text": "Done."}]
    with Endpoint(steps) as endpoint:
        configure(lab, [chat(endpoint)])
        code, lines, result, err = call(lab, "run", "--yes", TASK)
        assert code == 0 and result["state"] == "landed", (code, err, lines[-3:])
    log = log_of(lab, result)
    assert "asked again in 1 s (429: slow down)" in log and "(503: loading)" in log, log
    assert result["usage"]["calls"] == 5 and result["usage"]["input_tokens"] == 300, result["usage"]


def a_budget_holds(lab):
    """A model that calls tools for ever, and children that it leaves behind."""
    endless = [{"tool": "run_command", "arguments": {"command": "setsid sleep 300 & echo more"}}]
    with Endpoint(endless, usage=(1000, 100)) as endpoint:
        configure(lab, [chat(endpoint, allow=["*"])], budgets={"tokens": 20000})
        code, _, result, err = call(lab, "run", "--yes", TASK)
        assert code == 3 and "The budget of this task is used up" in result["question"], (code, result, err)
        lab.assert_no_strays(2)
        served = len(endpoint.requests)
        time.sleep(0.3)
        assert len(endpoint.requests) == served and served * 1100 <= 20000, served
    usage = result["usage"]
    assert usage["input_tokens"] + usage["output_tokens"] == served * 1100, (usage, served)
    lab.baton("cancel", result["task"])


def doctor_says_what_could_be_used(lab):
    def notes(**env):
        code, out, err = lab.baton("doctor", "--json", env={**lab.env, **env})
        assert code == 0, err
        return {note["name"]: note for note in json.loads(out)["agents"]}, out

    there, _ = notes()
    assert "chat" not in there, there
    def told(there):
        (agent,) = json.loads(there["chat"]["mend"])["agents"]
        assert not there["chat"]["usable"] and agent["backend"] == "chat", there
        return agent["endpoint"]

    there, out = notes(OPENAI_API_KEY=KEY)
    assert told(there) == {"url": "https://api.openai.com/v1", "key_env": "OPENAI_API_KEY", "model": "NAME"} and KEY not in out, there
    there, out = notes(OPENAI_BASE_URL=f"http://me:{KEY}@127.0.0.1:8080/v1")
    assert told(there) == {"url": "http://127.0.0.1:8080/v1", "model": "NAME"} and KEY not in out, there
    there, _ = notes(OLLAMA_HOST="127.0.0.1:11434")
    assert told(there) == {"url": "http://127.0.0.1:11434/v1", "model": "NAME"}, there
    code, _, _, err = call(lab, "run", "--yes", TASK, env={"OPENAI_API_KEY": KEY})
    assert code == 3 or code == 1, "it is never used unless it is configured"
    configure(lab, [chat("http://127.0.0.1:9/v1")])
    there, _ = notes(OPENAI_API_KEY=KEY)
    assert there["built-in"]["usable"] and there["built-in"]["backend"] == "chat" and "chat" not in there, there
    there, _ = notes(SERVICE_KEY="")
    assert not there["built-in"]["usable"] and "SERVICE_KEY" in there["built-in"]["why"], there
    configure(lab, [{"name": "half", "backend": "chat", "endpoint": {"url": "http://127.0.0.1:9/v1"}}])
    code, out, _ = lab.baton("doctor")
    assert "The agent half of the backend `chat` has no `endpoint.model`; it is ignored." in out.replace("\n", " "), out


if __name__ == "__main__":
    sys.exit(cases([solves_a_task_of_two_files, what_it_runs_sees_no_key_and_no_file_outside, a_question_is_put_and_its_answer_holds, each_answer_of_a_service_has_its_sentence,
                    what_passes_is_waited_for, a_budget_holds, doctor_says_what_could_be_used], toy))
