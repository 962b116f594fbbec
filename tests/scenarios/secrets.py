#!/usr/bin/env python3
"""A key that is given by a variable and one that a command prints, through a whole task with an agent that shows what it has wherever it
can: neither is ever in a log, the journal, evidence, a prompt, a command line, a question or a description. And one that stands in the
configuration is refused."""

import json
import subprocess
import sys
import threading
from pathlib import Path

from _lab import SOURCE
from _tasks import CHECK, call, cases, configure, toy
from budget import Endpoint

sys.path.insert(0, str(SOURCE / "tests/agents"))
from scripted_endpoint import Endpoint as Scripted  # noqa: E402

# Without the shape of any issuer's: what keeps them secret is that they were handed over, not how they look.
GIVEN, PRINTED = "Zq8wN3vT6yB1kL5mR9xD", "Hj2pV7sC4nF8gW1tQ6zK"
TASK = "Update value.txt\n\n- gate: make test\n"

MODEL_CALL = """python3 -c '
import json, os, urllib.request
body = json.dumps({"model": "m", "max_tokens": 40, "messages": [{"role": "user", "content": open(os.environ["BATON_TASK"]).read()}]}).encode()
urllib.request.urlopen(urllib.request.Request(os.environ["OPENAI_BASE_URL"] + "/chat/completions", body,
    {"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"], "Content-Type": "application/json"}), timeout=20).read()'"""
SCRIPT = {"steps": [
    {"say": "{prompt}"},
    {"shell": "env; cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>&- | tr '\\0' '\\n'"},
    {"child": "echo \"on standard error: $SERVICE_KEY\" >&2"},
    {"tool": {"kind": "other", "title": "a tool"}},
    {"shell": MODEL_CALL},
    {"shell": "grep -q 'The answer' $BATON_TASK || echo \"May I use $SERVICE_KEY?\" > $BATON_QUESTION"},
    {"write": ["value.txt", "good and better\n"]},
]}


class CommandLines:
    """Every command line of the machine that holds one of the keys, while it lives."""

    def __init__(self):
        self.found, self.looks, self.over = set(), 0, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def watch(self):
        while not self.over.wait(0.005):
            self.looks += 1
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    line = path.read_bytes()
                except OSError:
                    continue
                if GIVEN.encode() in line or PRINTED.encode() in line:
                    self.found.add(line)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def holders(lab):
    """Files below the lab with one of the keys, compressed objects of our store included."""
    keys = (GIVEN.encode(), PRINTED.encode())
    found = [str(path) for path in lab.folder.rglob("*") if path.is_file() and not path.is_symlink() and any(key in path.read_bytes() for key in keys)]
    store = lab.repo / ".git/baton/store.git"
    objects = subprocess.run(["git", "--git-dir", str(store), "cat-file", "--batch", "--batch-all-objects"], env=lab.env, capture_output=True, check=True).stdout
    assert objects, "the store is empty"
    return found + ["an object of the store"] * any(key in objects for key in keys)


def are_nowhere(lab):
    endpoint = Endpoint()
    lab.env.update(SERVICE_KEY=GIVEN, VAULT=PRINTED)
    lab.commit({"agent.py": (SOURCE / "tests/agents/scripted_acp_agent.py").read_text(), "check.sh": CHECK.replace("#!/bin/sh\n", "#!/bin/sh\nenv >&2\n")})
    configure(lab, [{"name": "talks", "backend": "acp", "command": ["python3", "agent.py", json.dumps(SCRIPT)], "environment": ["SERVICE_KEY"],
                     "endpoint": {"url": endpoint.url, "key_command": ["printenv", "VAULT"], "model": "m"}}])
    said = []
    with CommandLines() as lines:
        code, events, result, err = call(lab, "run", "--yes", "--agent", "talks", TASK)
        assert code == 3 and "May I use [redacted]?" in result["question"], (code, result, err)
        said += [json.dumps(events), err]
        code, events, result, err = call(lab, "answer", result["task"], "text", "yes")
        assert code == 0 and result["state"] == "landed", (code, result, err)
        said += [json.dumps(events), err]
    assert endpoint.keys == {"Bearer " + PRINTED}, endpoint.keys  # it was used
    for verb in (("show", result["task"]), ("tasks",), ("doctor",), ("metrics",)):
        said += lab.baton(*verb)[1:]
    said.append(lab.git("log", "-p", result["branch"]))
    assert lines.looks > 20 and not lines.found, lines.found
    assert not any(key in text for key in (GIVEN, PRINTED) for text in said), [text[:3000] for text in said if GIVEN in text or PRINTED in text]
    assert not holders(lab), holders(lab)
    logs = "".join(path.read_text() for path in (lab.repo / ".git/baton/tasks" / result["task"]).glob("*.log"))
    assert "on standard error: [redacted]" in logs and "SERVICE_KEY=[redacted]" in logs and "Update value.txt" in logs, logs[-3000:]


def of_the_built_in_agent_are_nowhere(lab):
    """The loop and all that it runs, asked for all that they have; the endpoint alone sees the key."""
    lab.env.update(SERVICE_KEY=GIVEN, VAULT=PRINTED)
    steps = [{"tool": "run_command", "arguments": {"command": "env; cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>&- | tr '\\0' '\\n'"}},
             {"tool": "write_file", "arguments": {"path": "value.txt", "content": "good and better\n"}}, {"text": "Done."}]
    with Scripted(steps) as endpoint, CommandLines() as lines:
        configure(lab, [{"name": "chat", "backend": "chat", "allow": ["*"], "endpoint": {"url": endpoint.url, "key_command": ["printenv", "VAULT"], "model": "m"}}])
        code, events, result, err = call(lab, "run", "--yes", TASK)
        assert code == 0 and result["state"] == "landed", (code, result, err)
    assert {headers["Authorization"] for _, headers, _ in endpoint.requests} == {"Bearer " + PRINTED}
    seen = [message["content"] for message in endpoint.requests[-1][2]["messages"] if message["role"] == "tool"]
    assert "BATON_TASK=" in seen[0], seen[0][:2000]
    said = [json.dumps(events), err, json.dumps([body for _, _, body in endpoint.requests]), *lab.baton("show", result["task"])[1:], lab.git("log", "-p", result["branch"])]
    assert not any(key in text for key in (GIVEN, PRINTED) for text in said), [text[:3000] for text in said if GIVEN in text or PRINTED in text]
    assert lines.looks > 5 and not lines.found and not holders(lab), (lines.found, holders(lab))


def in_the_configuration_it_is_refused(lab):
    lab.write({".baton/config.json": '{"agents": [\n  {"name": "a", "command": ["sh", "agent.sh"],\n   "key": "' + GIVEN + '"}]}\n'})
    code, _, result, err = call(lab, "run", "--yes", TASK)
    assert code == 2 and not result and err.startswith("baton: .baton/config.json:3: `key` holds what looks like a key") and err.count("\n") == 1, (code, err)
    out, err = lab.baton("doctor")[1:]
    assert ".baton/config.json:3" in out and GIVEN not in out + err, out


if __name__ == "__main__":
    sys.exit(cases([are_nowhere, of_the_built_in_agent_are_nowhere, in_the_configuration_it_is_refused], toy))
