#!/usr/bin/env python3
"""For agents that Baton did not start: the MCP server as a real process, and the hooks that `baton hook` prints, run by git and as Claude
Code runs them."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from _lab import BATON, SOURCE
from _tasks import call, cases, configure, toy
from engine import Window, approve


class Server:
    """`baton mcp`, spoken to line by line."""

    def __init__(self, lab):
        self.process = subprocess.Popen([BATON, "mcp"], cwd=lab.repo, env=lab.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.ids = 0

    def ask(self, method, **params):
        self.ids += 1
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", "id": self.ids, "method": method, "params": params}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert answer["id"] == self.ids, answer
        return answer["result"]

    def tool(self, tool, /, **arguments):
        result = self.ask("tools/call", name=tool, arguments=arguments)
        return result["content"][0]["text"], result["isError"]

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(timeout=20) == 0


def approved(lab):
    window = Window(lab)
    approve(window)
    window.close()
    lab.baton("stop")


def judged_over_mcp(lab):
    server = Server(lab)
    hello = server.ask("initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo={"name": "test", "version": "1"})
    assert hello["serverInfo"]["name"] == "baton" and "verify" in hello["instructions"], hello
    names = [tool["name"] for tool in server.ask("tools/list")["tools"]]
    assert "verify" in names and "outline" in names and not {"accept", "land", "approve"} & set(names), names
    text, failed = server.tool("verify")
    assert failed and "baton verify" in text, text  # not approved: nothing runs, and the agent is told whom to ask
    approved(lab)
    lab.write({"value.txt": "bad\n"})
    text, failed = server.tool("verify")
    assert not failed and "Rejected" in text and "value" in text, text
    text, failed = server.tool("references", name="value")
    assert not failed and "check.sh:" in text, text
    text, failed = server.tool("more_context", query="value that the check reads")
    assert not failed and "## check.sh" in text and " tokens" in text, text
    server.close()


SKILL = "---\nname: release\ndescription: How to release.\n---\nTag first.\n"
SDK = "@modelcontextprotocol/sdk@1.32.2"


def sdk():
    """Where the SDK of the protocol is, from npm, once for all runs; nothing where it cannot be had."""
    ready = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "baton-build" / SDK.replace("/", "-")
    if not (ready / "node_modules").is_dir():
        ready.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=ready.parent) as making:
            got = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts", SDK], cwd=making, capture_output=True, text=True, timeout=240)
            if got.returncode:
                print(f"spoken to by the SDK: skipped, npm cannot install it: {got.stderr.strip()[-200:]}", file=sys.stderr)
                return None
            if not ready.exists():
                shutil.copytree(making, ready, symlinks=True)
    return ready / "node_modules"


def assert_told(told, calls, wanted):
    """Every tool that is offered was called, in the order of `calls`; `wanted`: by its place, a part of what it said."""
    assert told["server"] == "baton" and "accept" in told["refused"], told
    assert set(told["tools"]) == {name for name, _ in calls}, told["tools"]
    for answer, (name, arguments), part in zip(told["answers"], calls, wanted, strict=True):
        failed = part.startswith("!")
        assert answer["name"] == name and answer["failed"] == failed and part.removeprefix("!") in answer["text"], (name, arguments, part, answer)


def spoken_to_by_the_sdk(lab):
    """the SDK's own client calls every tool, from outside an attempt"""
    modules = sdk()
    if not modules:
        return
    approved(lab)
    lab.write({"value.txt": "bad\n", "tool.py": "def parse(text):\n    return text\n", ".baton/skills/release/SKILL.md": SKILL})
    calls = [("outline", {}), ("outline", {"path": "tool.py", "budget": 200}), ("symbol", {"name": "parse"}), ("references", {"name": "parse"}), ("references", {}),
             ("more_context", {"query": "parse a text"}), ("find_similar", {"query": "parse a text"}), ("load_skill", {"name": "release"}), ("verify", {"quick": True})]
    wanted = ["tool.py: ", "1: def parse(text):", "return text", "tool.py:1: def parse", "!needs the argument `name`", "## tool.py", "No past task", "Tag first.", "Rejected"]
    client = Path(__file__).with_name("mcp_client.mjs")
    done = subprocess.run(["node", str(client), str(modules), BATON, json.dumps(calls)], cwd=lab.repo, env=lab.env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    assert_told(json.loads(done.stdout), calls, wanted)


def spoken_to_by_the_sdk_in_an_attempt(lab):
    """the same by an agent at work: its own tools, and a question that its user answers before it goes on"""
    modules = sdk()
    if not modules:
        return
    calls = [("outline", {"path": "tool.py"}), ("symbol", {"name": "parse"}), ("references", {"name": "parse"}), ("more_context", {"query": "parse a text"}),
             ("find_similar", {"query": "parse a text"}), ("list_criteria", {}), ("load_skill", {"name": "release"}), ("load_skill", {"name": "none"}), ("verify", {}),
             ("report_blocked", {"reason": "The registry is down", "needs": "a mirror"}), ("ask_human", {"question": "Which value?", "options": ["good and better", "best"]})]
    wanted = ["1: def parse(text):", "return text", "tool.py:1: def parse", "## tool.py", "No past task", "make test", "Tag first.", "!there are: release", "Rejected", "End your turn", "End your turn"]
    client = Path(__file__).with_name("mcp_client.mjs")
    ask = shlex.join(["node", str(client), str(modules), BATON, json.dumps(calls)])
    begins = f"if [ -e \"$TOLD\" ]; then echo 'good and better' > value.txt; else echo bad > value.txt; {ask} > \"$TOLD\"; fi"
    script = {"steps": [{"say": "{prompt}"}, {"shell": begins}]}
    lab.env["TOLD"] = str(lab.folder / "told.json")
    agent = {"name": "scripted", "backend": "acp", "command": ["python3", "agent.py", json.dumps(script)], "environment": ["TOLD"]}
    configure(lab, agents=[agent], sandbox="none")
    lab.commit({"agent.py": (SOURCE / "tests/agents/scripted_acp_agent.py").read_text(), "tool.py": "def parse(text):\n    return text\n",
                ".baton/skills/release/SKILL.md": SKILL})
    code, _, result, err = call(lab, "run", "--yes", "Update value.txt\n\n- gate: make test\n")
    told = Path(lab.env["TOLD"]).read_text()
    assert code == 3 and result["question"].startswith("Which value?\n- good and better"), (code, result, err, told)
    assert_told(json.loads(told), calls, wanted)
    code, _, result, err = call(lab, "answer", result["task"], "text", "good and better")
    assert code == 0 and result["state"] == "landed", (code, result, err)
    log = "".join(path.read_text() for path in (lab.repo / ".git/baton/tasks" / result["task"]).glob("s1-*.log"))
    assert "You asked: Which value?" in log and "The answer: good and better" in log, log
    shown = call(lab, "show", result["task"])[2]
    begun = shown["attempts"][0]["context"]
    assert " tokens" in begun and begun in Path(shown["document"]).read_text(), shown["attempts"][0]


def stop_hook_sends_the_agent_back(lab):
    approved(lab)
    code, out, err = lab.baton("hook", "claude-stop")
    assert code == 0, err
    command = json.loads(out)["hooks"]["Stop"][0]["hooks"][0]["command"]
    env = {**lab.env, "PATH": os.path.dirname(BATON) + ":" + lab.env["PATH"]}

    def stopped(**said):
        return subprocess.run(["sh", "-c", command], cwd=lab.repo, env=env, input=json.dumps({"hook_event_name": "Stop", **said}), capture_output=True, text=True, timeout=120)

    assert stopped(stop_hook_active=False).returncode == 0
    lab.write({"value.txt": "bad\n"})
    done = stopped(stop_hook_active=False)
    assert done.returncode == 2 and "Rejected" in done.stderr and "checking out" not in done.stderr, (done.returncode, done.stderr)
    assert stopped(stop_hook_active=True).returncode == 0, "an agent that went on because of the hook must come to an end"
    lab.write({"value.txt": "good\n"})
    lab.commit({"tests/tool.test.js": "test('parse', () => {\n  expect(parse(1)).toBe(1);\n});\n"}, "a test")
    lab.write({"tests/tool.test.js": "test('parse', () => {\n  expect(parse(1)).toBeDefined();\n});\n"})
    done = stopped(stop_hook_active=False)
    assert done.returncode == 2 and "Weaker than before (1)" in done.stderr and "+  expect(parse(1)).toBeDefined();" in done.stderr, (done.returncode, done.stderr)
    lab.git("rm", "-q", "-f", "Makefile", "tests/tool.test.js")
    lab.git("commit", "-q", "-m", "no gate is left")
    lab.write({"value.txt": "better\n"})
    done = stopped(stop_hook_active=False)
    assert done.returncode == 0 and "inconclusive" in done.stderr.lower(), ("no agent mends that", done.returncode, done.stderr)


def push_of_a_regression_is_stopped(lab):
    approved(lab)
    code, out, err = lab.baton("hook", "pre-push")
    assert code == 0, err
    hook = lab.repo / ".git/hooks/pre-push"
    hook.write_text(out)
    hook.chmod(0o755)
    remote = lab.folder / "remote.git"
    subprocess.run(["git", "init", "-q", "--bare", str(remote)], check=True, env=lab.env)
    lab.git("remote", "add", "origin", str(remote))
    env = {**lab.env, "PATH": os.path.dirname(BATON) + ":" + lab.env["PATH"]}

    def push(branch="main"):
        return subprocess.run(["git", "push", "-q", "origin", branch], cwd=lab.repo, env=env, capture_output=True, text=True, timeout=120)

    first = push()
    assert first.returncode == 0, first.stderr
    lab.commit({"value.txt": "bad\n"}, "worse")
    stopped = push()
    assert stopped.returncode != 0 and "Rejected" in stopped.stderr, stopped.stderr
    lab.commit({"value.txt": "good again\n"}, "mended")
    assert push().returncode == 0
    lab.git("checkout", "-q", "-b", "topic")
    lab.commit({"value.txt": "bad\n"}, "worse")
    lab.commit({"README.md": "# Toy, told again\n"}, "and something else")
    stopped = push("topic")  # a new branch is judged from where it leaves what the remote has
    assert stopped.returncode != 0 and "Rejected" in stopped.stderr, stopped.stderr
    code, _, err = lab.baton("hook", "pre-commit")
    assert code == 2 and "pre-push" in err, (code, err)


CASES = [judged_over_mcp, spoken_to_by_the_sdk, spoken_to_by_the_sdk_in_an_attempt, stop_hook_sends_the_agent_back, push_of_a_regression_is_stopped]

if __name__ == "__main__":
    sys.exit(cases(CASES, toy))
