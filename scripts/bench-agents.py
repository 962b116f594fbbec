#!/usr/bin/env python3
"""Sixty-four agents at once: figures, one JSON object a line; ends with 1 when a bar is missed. `bench-agents.py BATON NULL_SERVER [AGENTS]`

Each is a real process that speaks the Agent Client Protocol in a work tree and a box of its own, and waits in the middle of its work until
all are there. A session is asked all the while, turn by turn with a server that does nothing but answer. Then the same again, cancelled."""

import importlib.util
import json
import os
import statistics
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
os.environ["BATON"] = sys.argv[1]
sys.path.insert(0, str(HERE / "tests/scenarios"))
from _lab import Lab  # noqa: E402
from _tasks import call, configure  # noqa: E402

found = importlib.util.spec_from_file_location("bench_protocol", HERE / "scripts/bench-protocol.py")
protocol = importlib.util.module_from_spec(found)
found.loader.exec_module(protocol)

AGENTS = int(sys.argv[3]) if len(sys.argv) > 3 else 64
WAIT = "python3 -c 'import urllib.request; urllib.request.urlopen(\"{url}\", timeout=900).read()'"
missed = []


class Gathering(ThreadingHTTPServer):
    """Where agents wait for each other."""

    daemon_threads, request_queue_size = True, 256

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Waiting)
        self.here, self.most, self.go, self.lock = 0, 0, threading.Event(), threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Waiting(BaseHTTPRequestHandler):
    def do_GET(self):
        with self.server.lock:
            self.server.here += 1
            self.server.most = max(self.server.most, self.server.here)
        self.server.go.wait(900)
        with self.server.lock:
            self.server.here -= 1
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def figure(name, ours, bar, unit, **more):
    print(json.dumps({"figure": name, "ours": ours, "bar": bar, "unit": unit, **more}), flush=True)
    if ours > bar:
        missed.append(name)


class Pings:
    """One thread: asks both servers in turn, and takes what else the session says."""

    def __init__(self, ours, null):
        self.ours, self.null, self.answers = ours, null, {}
        ours.answer = self.answer

    def answer(self, number):
        while True:
            message = self.ours.next()
            if "id" in message and "method" not in message:
                if message["id"] == number:
                    return message
                self.answers[message["id"]] = message

    def until(self, reached):
        times = {"baton": [], "null": []}
        while not reached():
            times["baton"].append(self.ours.ping())
            times["null"].append(self.null.ping())
            time.sleep(0.002)
        return times


def engine_of(lab):
    return json.loads((lab.repo / ".git/baton/engine.json").read_text())["pid"]


def resident(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) / 1024


def agents_alive(mark):
    alive = 0
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            alive += mark.encode() in path.read_bytes()
        except OSError:
            pass
    return alive


def prepared(lab, gathering, mark):
    steps = [{"say": mark}, {"ask": {"kind": "edit", "title": "Write", "locations": [{"path": "value.txt"}]}}, {"shell": WAIT.format(url=gathering.url)},
             {"shell": "echo done > \"parts/$BATON_SUBTASK.txt\""}]
    configure(lab, agents=[{"name": "waits", "backend": "acp", "command": ["python3", "agent.py", json.dumps({"steps": steps})]}], limits={"slots": AGENTS})


def many_parts(plan):
    part = plan["subtasks"][0]
    criteria = [criterion["id"] for criterion in plan["criteria"]]
    plan["subtasks"] = [{**part, "id": f"s{i + 1}", "title": f"Part {i + 1}", "write_set": [f"parts/s{i + 1}.txt"], "after": [], "criteria": criteria} for i in range(AGENTS)]
    return plan


def begun(ours):
    planned = ours.answer(ours.command("baton.startTask", text="Add a file to parts for each part\n\n- gate: make test\n"))["result"]
    shown = ours.answer(ours.command("baton.showPlan", task=planned["task"]))["result"]
    return planned["task"], ours.command("baton.approvePlan", task=planned["task"], plan=many_parts(shown["plan"]))


def main():
    with Lab() as lab:
        lab.git("init", "-q", "-b", "main")
        lab.commit({"Makefile": "test:\n\t@echo 'ok 1 - it'; echo 1..1\n", "agent.py": (HERE / "tests/agents/scripted_acp_agent.py").read_text(), "parts/README": "One file a part.\n",
                    "value.txt": "good\n"})
        gathering, mark = Gathering(), "mark-" + lab.mark
        prepared(lab, gathering, mark)
        ours, null = protocol.Client([sys.argv[1], "lsp"], lab.repo, lab.env), protocol.Client([sys.argv[2]], lab.repo, lab.env)
        ours.initialize(lab.repo)
        null.initialize(lab.repo)
        pings = Pings(ours, null)
        trusted = ours.answer(ours.command("baton.trustRepository"))
        assert "result" in trusted, trusted
        began = time.monotonic()
        task, running = begun(ours)
        starting = pings.until(lambda: gathering.here >= AGENTS or running in pings.answers or time.monotonic() - began > 600)
        assert gathering.here >= AGENTS, (gathering.here, pings.answers.get(running))
        gathered = time.monotonic() - began
        together = time.monotonic() + 3
        at_once = pings.until(lambda: time.monotonic() > together)
        alive = agents_alive(mark)
        gathering.go.set()
        ending = pings.until(lambda: running in pings.answers)
        result = pings.answers[running]["result"]
        times = {who: starting[who] + at_once[who] + ending[who] for who in starting}
        median = {who: statistics.median(values) for who, values in times.items()}
        figure(f"unknown request while {AGENTS} agents work", round(median["baton"], 1), round(3 * median["null"], 1), "us, p50", null=round(median["null"], 1),
               requests=len(times["baton"]), agents_at_once=gathering.most, seconds_until_all_are_there=round(gathered, 1))
        figure("memory of the engine, at most", round(resident(engine_of(lab)), 1), 150, "MiB", processes_of_agents=alive)
        parts = lab.git("ls-tree", "--name-only", f"{result['branch']}:parts").split() if result.get("branch") else []
        shown = call(lab, "show", task)[2]
        done = sum(attempt.get("end") == "completed" for attempt in shown["attempts"])
        figure("results that are missing", AGENTS - min(done, len(parts) - 1), 0, "of " + str(AGENTS), state=result["state"])

        gathering.go.clear()
        task, running = begun(ours)
        waits = time.monotonic()
        pings.until(lambda: gathering.here >= AGENTS or running in pings.answers or time.monotonic() - waits > 600)
        assert gathering.here >= AGENTS, (gathering.here, pings.answers.get(running))
        cancelled = time.monotonic()
        ours.command("baton.cancelTask", task=task)
        while agents_alive(mark) and time.monotonic() - cancelled < 60:
            time.sleep(0.02)
        figure("until the last agent is dead after a cancel", round(time.monotonic() - cancelled, 2), 2, "s")
        gathering.go.set()
        pings.until(lambda: running in pings.answers or time.monotonic() - cancelled > 60)
        ours.end()
        null.end()
        lab.baton("stop")
        lab.assert_no_strays(10)
    for one in missed:
        print(f"bench: missed: {one}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
