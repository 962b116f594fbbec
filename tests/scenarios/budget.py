#!/usr/bin/env python3
"""What models may cost, held before the call: an agent whose calls go through Baton's endpoint, one that never stops calling, with children
that do not either, a key that stays where it is, and a budget that is raised."""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from _tasks import branches, call, cases, configure, file_at, toy

KEY = "sk-test-abcdefghij0123456789"
TASK = "Update value.txt\n\nwrite value.txt good and better\n"

# An agent as they are: asks its model by the variables that it is given, then works. `endless`: it never stops asking, and neither do its children;
# each prints when it asked, when it had its answer, and what that was.
AGENT = """
import json, os, subprocess, sys, time, urllib.error, urllib.request
def ask():
    body = json.dumps({"model": os.environ["OPENAI_MODEL"], "stream": True, "max_tokens": 40, "messages": []}).encode()
    request = urllib.request.Request(os.environ["OPENAI_BASE_URL"] + "/chat/completions", body, {"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"], "Content-Type": "application/json"})
    return urllib.request.urlopen(request, timeout=20).read()
def forever():
    while True:
        began, status, size = time.monotonic(), 200, 0
        try: size = len(ask())
        except urllib.error.HTTPError as error: status = error.code
        except Exception: status = 0
        os.write(1, f"call {began} {time.monotonic()} {status} {size}\\n".encode())
if sys.argv[1] == "endless":
    for _ in range(3): subprocess.Popen([sys.executable, __file__, "child", sys.argv[2]], start_new_session=True)
    forever()
if sys.argv[1] == "child": forever()
said = ask()
assert b"[DONE]" in said, said
open("value.txt", "w").write("good and better\\n")
open("seen.txt", "w").write(" ".join(sorted(value for value in os.environ.values() if "sk-test" in value)))
"""


class Endpoint(ThreadingHTTPServer):
    """An OpenAI-compatible endpoint that counts: 60 tokens in and 40 out a call."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answering)
        self.calls, self.keys = 0, set()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v1"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Answering(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls += 1
        self.server.keys.add(self.headers["Authorization"])
        events = [{"choices": [{"delta": {"content": "working on it"}}]}, {"choices": [], "usage": {"prompt_tokens": 60, "completion_tokens": 40}}]
        body = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


class Watch:
    """When the last of the processes that hold a word in their command line was gone."""

    def __init__(self, word):
        self.word, self.seen, self.gone = word.encode(), 0, None
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def look(self):
        while self.gone is None:
            alive = sum(self.alive(entry) for entry in Path("/proc").glob("[0-9]*/cmdline"))
            self.seen = max(self.seen, alive)
            if self.seen and not alive:
                self.gone = time.monotonic()
            time.sleep(0.02)

    def alive(self, entry):
        try:
            line = entry.read_bytes()
            return b"model_agent.py" in line and self.word in line
        except OSError:
            return False


def agent(lab, endpoint, how, tokens=None, **more):
    lab.commit({"model_agent.py": AGENT}, "an agent")
    lab.env["MY_KEY"] = KEY
    setting = {"name": "modelled", "command": [sys.executable, "model_agent.py", how, lab.mark], "endpoint": {"url": endpoint.url, "key_env": "MY_KEY", "model": "m"}}
    configure(lab, [setting], **({"budgets": {"tokens": tokens}} if tokens else {}), **more)


def counted_and_kept_secret(lab):
    endpoint = Endpoint()
    agent(lab, endpoint, "once")
    code, lines, result, err = call(lab, "run", "--yes", "--agent", "modelled", TASK)
    assert code == 0 and result["state"] == "landed", (code, result, err)
    assert endpoint.calls == 1 and endpoint.keys == {"Bearer " + KEY}, (endpoint.calls, endpoint.keys)
    usage = result["usage"]
    assert (usage["input_tokens"], usage["output_tokens"], usage["calls"], usage["estimated"]) == (60, 40, 1, False), usage
    assert file_at(lab, result["branch"], "seen.txt") == "", "the agent never sees the real key"
    holds = [str(path) for path in lab.repo.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
    assert not holds and KEY not in json.dumps(lines) + err, holds


def endless_calls_are_stopped(lab):
    endpoint = Endpoint()
    agent(lab, endpoint, "endless", tokens=2000)
    watch = Watch(lab.mark)
    code, lines, result, err = call(lab, "run", "--yes", "--agent", "modelled", TASK)
    assert code == 3 and "The budget of this task is used up" in result["question"], (code, result, err)
    plan = next(line for line in lines if line["type"] == "plan")
    assert any("the plan is likely to need" in warning for warning in plan["budget"]["warnings"]), plan
    low = [line["message"] for line in lines if "% of the budget of this task is used" in line.get("message", "")]
    assert low and "100 %" not in low[0], low  # before it was spent
    assert endpoint.calls * 100 <= 2000, endpoint.calls
    usage = result["usage"]
    counted, there = usage["input_tokens"] + usage["output_tokens"], endpoint.calls * 100
    assert abs(counted - there) <= there / 100 and usage["refused"] > 0, (usage, endpoint.calls)
    lab.assert_no_strays(2)
    # By the clock that all of them share: of what was asked after the first refusal nothing was served, and none was left two seconds after it.
    log = "".join(path.read_text(errors="replace") for path in (lab.repo / ".git/baton/tasks").rglob("s*-*.log"))
    asked = [(float(words[1]), float(words[2]), int(words[3]), int(words[4])) for words in map(str.split, log.splitlines()) if words[:1] == ["call"] and len(words) == 5]
    capped = min(end for _, end, status, _ in asked if status == 402)
    late = [one for one in asked if one[0] > capped and (one[2] == 200 or one[3])]
    assert sum(one[0] > capped for one in asked) > 0 and not late, late
    watch.thread.join(5)
    assert watch.seen >= 4 and watch.gone, watch.seen
    print(f"# all {watch.seen} processes dead {watch.gone - capped:.2f} s after the cap; ledger {counted}, endpoint {there}")
    assert watch.gone - capped < 2, watch.gone - capped
    calls = endpoint.calls
    time.sleep(0.3)
    assert endpoint.calls == calls and branches(lab) == []


def raised_and_gone_on(lab):
    endpoint = Endpoint()
    agent(lab, endpoint, "once", tokens=20)
    code, _, result, err = call(lab, "run", "--yes", "--agent", "modelled", TASK)
    assert code == 3 and "budget" in result["question"] and endpoint.calls == 0, (code, result, err)
    agent_settings = json.loads((lab.folder / "config/baton/config.json").read_text())
    agent_settings["budgets"]["tokens"] = 5000
    (lab.folder / "config/baton/config.json").write_text(json.dumps(agent_settings))
    code, _, result, err = call(lab, "answer", result["task"], "text", "go on")
    assert code == 0 and result["state"] == "landed" and endpoint.calls == 1, (code, result, err)


def bad_endpoints_say_it(lab):
    endpoint = Endpoint()
    agent(lab, endpoint, "once")
    del lab.env["MY_KEY"]
    code, _, result, err = call(lab, "run", "--yes", "--agent", "modelled", TASK)
    assert code == 3 and "MY_KEY" in json.dumps(result), (code, result, err)
    lab.write({".baton/config.json": json.dumps({"agents": [{"name": "theirs", "command": ["true"], "endpoint": {"url": "http://elsewhere", "key_env": "MY_KEY"}}]})})
    code, out, err = lab.baton("doctor")
    assert "Only your own configuration may say where the agent theirs finds its model" in out + err, (out, err)


def minutes_of_an_attempt(lab):
    slow = {"name": "slow", "command": ["sh", "-c", "sleep 60"], "network": "none", "budget": {"minutes": 0.02}}
    configure(lab, [slow])
    code, _, result, err = call(lab, "run", "--yes", "--agent", "slow", TASK)
    assert code == 3 and "The budget of this attempt is used up" in result["question"] and "`agents[].budget.minutes`" in result["question"], (code, result, err)
    assert len(call(lab, "show", result["task"])[2]["attempts"]) == 1, "the human is asked at once"


def minutes_of_a_task_and_of_a_day(lab):
    slow = [{"name": "slow", "command": ["sh", "-c", "sleep 60"], "network": "none"}]
    configure(lab, slow, budgets={"minutes": 0.02})
    began = time.monotonic()
    code, _, result, err = call(lab, "run", "--yes", "--agent", "slow", TASK)
    assert code == 3 and "The budget of this task is used up" in result["question"] and "`budgets.minutes`" in result["question"], (code, result, err)
    assert time.monotonic() - began < 30, "it worked on"
    configure(lab, slow, budgets={"day": {"minutes": 0.02}})
    code, _, result, err = call(lab, "run", "--yes", "--agent", "slow", TASK)
    assert code == 3 and "The budget of today is used up" in result["question"] and "`budgets.day.minutes`" in result["question"], (code, result, err)


def network_as_the_policy_says(lab):
    """who asks a port of the machine gets there with all of the network, and nowhere without any"""
    endpoint = Endpoint()
    ask = f"import urllib.request; urllib.request.urlopen(urllib.request.Request('{endpoint.url}/x', b'[]', {{'Authorization': 'none'}}), timeout=3).read()"
    for policy, calls in (("none", 0), ("full", 1)):
        configure(lab, [{"name": "asks", "command": ["sh", "-c", f'{sys.executable} -c "{ask}"; echo good and better > value.txt'], "network": policy}])
        code, _, result, err = call(lab, "run", "--yes", "--agent", "asks", TASK)
        assert code == 0, (code, result, err)
        attempt = call(lab, "show", result["task"])[2]["attempts"][0]
        if attempt["sandbox"] != "bubblewrap":
            print("network_as_the_policy_says: skipped, there is no box here", file=sys.stderr)
            return
        assert attempt["network"] == policy and endpoint.calls == calls, (policy, attempt, endpoint.calls)


CASES = [counted_and_kept_secret, endless_calls_are_stopped, raised_and_gone_on, bad_endpoints_say_it, minutes_of_an_attempt, minutes_of_a_task_and_of_a_day,
         network_as_the_policy_says]

if __name__ == "__main__":
    sys.exit(cases(CASES, toy))
