#!/usr/bin/env python3
"""Figures of the session beside those of its peers in the same run, one JSON object a line; ends with 1 when a bar is missed.

    bench-protocol.py BATON NULL_SERVER

Peers: clangd, efm-langserver, and a null server that only answers. One that is not installed is left out, and said."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

STARTS, PINGS, CHANGES, LINES = 20, 3000, 10000, 10000
missed = []


class Client:
    """One server and a plain blocking conversation with it."""

    def __init__(self, command, cwd, env):
        self.process = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, bufsize=0)
        self.out, self.buffer, self.ids = self.process.stdout.fileno(), b"", 0

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}, separators=(",", ":")).encode()
        self.raw(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def raw(self, data):
        view = memoryview(data)
        while view:
            view = view[self.process.stdin.write(view):]

    def next(self):
        while True:
            head, mark, rest = self.buffer.partition(b"\r\n\r\n")
            if mark:
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r")[0])
                if len(rest) >= length:
                    self.buffer = rest[length:]
                    return json.loads(rest[:length])
            block = os.read(self.out, 1 << 16)
            if not block:
                raise EOFError("the server is gone")
            self.buffer += block

    def ask(self, method, params=None):
        self.ids += 1
        self.send({"id": self.ids, "method": method, **({} if params is None else {"params": params})})
        return self.ids

    def answer(self, number):
        while True:
            message = self.next()
            if message.get("id") == number and "method" not in message:
                return message

    def initialize(self, root):
        answer = self.answer(self.ask("initialize", {"processId": os.getpid(), "rootUri": Path(root).as_uri(), "capabilities": {}}))
        self.send({"method": "initialized", "params": {}})
        return answer

    def command(self, name, **argument):
        return self.ask("workspace/executeCommand", {"command": name, "arguments": [argument]})

    def open(self, path, text):
        self.send({"method": "textDocument/didOpen",
                   "params": {"textDocument": {"uri": Path(path).as_uri(), "languageId": "c", "version": 1, "text": text}}})

    def ping(self):
        """Microseconds to the answer to a request that nobody knows."""
        started = time.perf_counter()
        self.answer(self.ask("bench/unknown"))
        return (time.perf_counter() - started) * 1e6

    def resident(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")) / 1024

    def cpu(self):
        """Milliseconds of processor time of all its threads."""
        total = 0
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            try:
                total += int((task / "schedstat").read_text().split()[0])
            except OSError:
                pass
        return total / 1e6

    def end(self):
        """Kills it; milliseconds of processor time that it used."""
        self.process.kill()
        usage = os.wait4(self.process.pid, 0)[2]
        self.process.returncode = -9
        self.process.stdin.close()
        self.process.stdout.close()
        return (usage.ru_utime + usage.ru_stime) * 1000


def figure(name, ours, bar, unit, **peers):
    row = {"figure": name, "ours": round(ours, 2), "bar": round(bar, 2), "unit": unit}
    row.update({peer.replace("_", "-"): round(value, 2) for peer, value in peers.items()})
    print(json.dumps(row), flush=True)
    if ours > bar:
        missed.append(name)


def shutdown(client):
    started = time.perf_counter()
    client.answer(client.ask("shutdown"))
    return (time.perf_counter() - started) * 1000


def start_figures(servers, place):
    wall, cpu = {name: [] for name in servers}, {name: [] for name in servers}
    for _ in range(STARTS):
        for name, command in servers.items():
            started = time.perf_counter()
            client = Client(command, *place)
            client.answer(client.ask("initialize", {"processId": os.getpid(), "rootUri": Path(place[0]).as_uri(), "capabilities": {}}))
            wall[name].append((time.perf_counter() - started) * 1000)
            cpu[name].append(client.end())
    mean = {name: statistics.mean(values) for name, values in cpu.items()}
    median = {name: statistics.median(values) for name, values in wall.items()}
    others = lambda values: {name: value for name, value in values.items() if name != "baton"}
    figure("start to initialize answered, processor", mean["baton"], 10, "ms, mean of 20", **others(mean))
    bar = 2 * median["efm"] if "efm" in median else 20
    figure("start to initialize answered, wall", median["baton"], bar, "ms, median of 20", **others(median))


def memory_figures(servers, place):
    text = "int number_of_things(int of, int what);\n" * LINES
    idle, large = {}, {}
    for name, command in servers.items():
        client = Client(command, *place)
        client.initialize(place[0])
        client.ping()
        idle[name] = client.resident()
        client.open(Path(place[0]) / "large.c", text)
        client.ping()
        if name == "baton":
            large[name] = client.resident()
            before = client.cpu()
            time.sleep(2)
            figure("processor at rest", client.cpu() - before, 1, "ms in 2 s")
        else:
            large[name] = client.resident()
        client.end()
    figure("memory after initialize", idle.pop("baton"), 15, "MiB", **idle)
    figure("memory with 10,000 lines open", large.pop("baton"), 25, "MiB", **large)


def ping_figures(name, ours, null, more):
    """Turn by turn, so that both meet the same machine."""
    times = {"baton": [], "null": []}
    for _ in range(PINGS if more is None else 100000):
        times["baton"].append(ours.ping())
        times["null"].append(null.ping())
        if more and not more():
            break
    median = {key: statistics.median(values) for key, values in times.items()}
    figure(name, median["baton"], 2 * median["null"], "us, p50", null=median["null"])


def change_figures(servers, place):
    text = "int number_of_things(int of, int what);\n" * LINES
    wall, cpu = {}, {}
    for name, command in servers.items():
        if name == "efm":  # knows whole texts only
            continue
        client = Client(command, *place)
        client.initialize(place[0])
        uri = (Path(place[0]) / "large.c").as_uri()
        client.open(Path(place[0]) / "large.c", text)
        client.ping()
        frames = []
        for n in range(CHANGES):
            at = {"line": n, "character": 0}
            body = json.dumps({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {
                "textDocument": {"uri": uri, "version": n + 2}, "contentChanges": [{"range": {"start": at, "end": at}, "text": " "}]}})
            frames.append(f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
        burst, before, started = b"".join(frames), client.cpu(), time.perf_counter()
        client.raw(burst)
        client.answer(client.ask("bench/unknown"))
        wall[name], cpu[name] = (time.perf_counter() - started) * 1000, client.cpu() - before
        if name == "baton":
            longest(client)
        client.end()
    figure("10,000 changes, then an answer", wall.pop("baton"), 250, "ms", **wall)
    figure("10,000 changes, then an answer, processor", cpu.pop("baton"), 200, "ms", **cpu)


def longest(client, when=""):
    used = client.answer(client.command("baton.memoryUsage"))["result"]
    figure("longest own time of the io thread" + when, used["io_thread"]["longest_ms"], 5, "ms")


def repository(repo, env, gates, files):
    repo.mkdir()
    (repo / ".baton").mkdir()
    (repo / ".baton/config.json").write_text(json.dumps({"gates": gates}))
    for name, text in files.items():
        (repo / name).write_text(text)
    git = lambda *a: subprocess.run(["git", *a], cwd=repo, env=env, check=True, capture_output=True)
    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "-q", "-m", "first")


def trusted(baton, repo, env):
    client = Client(baton, repo, env)
    client.initialize(repo)
    answer = client.answer(client.command("baton.trustRepository"))
    if "result" not in answer:
        raise SystemExit(f"bench: {answer}")
    return client


def stop_engine(baton, repo, env):
    subprocess.run([baton[0], "stop"], cwd=repo, env=env, capture_output=True, check=False)


def many_findings(baton, folder, env):
    """A verdict of 4,000 findings in 100 open files."""
    repo, bad = folder / "findings", "BAD\n" * 40
    files = {f"f{n}.txt": "fine\n" for n in range(100)}
    repository(repo, env, [{"name": "lint", "kind": "lint", "command": ["sh", "lint.sh"]}], {
        **files, "lint.sh": "grep -n BAD f*.txt | sed 's/^\\([^:]*:[0-9]*\\):.*/\\1:1: error: BAD word/'\n! grep -q BAD f*.txt\n"})
    client = trusted(baton, repo, env)
    for name in files:
        client.open(repo / name, bad)
    told = client.answer(client.command("baton.verify"))
    if told.get("result", {}).get("new_findings") != 4000:
        raise SystemExit(f"bench: {told}")
    time.sleep(1)  # for what is published
    longest(client, " after a verdict of 4,000 findings")
    client.end()
    stop_engine(baton, repo, env)


def busy_gates(mark):
    """How many processes of gates run: each has the mark for its last word."""
    count = 0
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        count += words[0] == b"sh" and words[-2:-1] == [mark.encode()]
    return count


def under_load(servers, folder, env):
    """Eight repositories of one session, in each of which a gate keeps a processor busy while we ask."""
    mark, baton = f"busy-{folder.name}", servers["baton"]
    gate = {"name": "busy", "kind": "test", "command": ["sh", "busy.sh", mark]}
    script = "end=$(($(date +%s) + 60))\nwhile [ $(date +%s) -lt $end ]; do i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done; done\necho 'ok 1 - busy'; echo 1..1\n"
    repos = [folder / f"busy{n}" for n in range(8)]
    for repo in repos:
        repository(repo, env, [gate], {"busy.sh": script})
    ours, null = Client(baton, folder, env), Client(servers["null"], folder, env)
    ours.initialize(repos[0])
    null.initialize(repos[0])
    running, early = [], []
    for repo in repos:
        ours.answer(ours.command("baton.trustRepository", uri=repo.as_uri()))
        (repo / "note.txt").write_text("a change\n")
        running.append(ours.command("baton.verify", uri=repo.as_uri(), fresh=True))
    until = time.monotonic() + 60
    while busy_gates(mark) < len(repos):
        if time.monotonic() > until:
            raise SystemExit(f"bench: {busy_gates(mark)} of {len(repos)} gates run")
        time.sleep(0.1)
    until = time.monotonic() + 8

    def answer(number):  # a verdict may come between two pings
        while True:
            message = ours.next()
            if message.get("id") in running and "method" not in message:
                early.append(message)
            if message.get("id") == number and "method" not in message:
                return message

    ours.answer = answer
    ping_figures("unknown request while eight gates run", ours, null, lambda: time.monotonic() < until)
    if early or busy_gates(mark) < len(repos):
        print(f"bench: the load was over early: {early}", file=sys.stderr)
        missed.append("unknown request while eight gates run")
    longest(ours, " while eight gates run")
    figure("shutdown while eight gates run", shutdown(ours), 2000, "ms")
    ours.send({"method": "exit"})
    started = time.perf_counter()
    ours.process.wait(timeout=20)
    figure("exit while eight gates run", (time.perf_counter() - started) * 1000, 2000, "ms")
    null.end()
    for repo in repos:
        stop_engine(baton, repo, env)


def main():
    baton, null = (str(Path(program).resolve()) for program in sys.argv[1:3])
    servers = {"baton": [baton, "lsp"], "null": [null]}
    for name, command in {"efm": ["efm-langserver"], "clangd": ["clangd"]}.items():
        if shutil.which(command[0]):
            servers[name] = command
        else:
            print(f"bench: {command[0]} is not installed and is left out", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as name:
        folder = Path(name)
        env = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "XDG_", "BATON"))}
        for kind in ("config", "cache", "run"):
            (folder / kind).mkdir(mode=0o700)
        env.update(XDG_CONFIG_HOME=str(folder / "config"), XDG_CACHE_HOME=str(folder / "cache"), XDG_RUNTIME_DIR=str(folder / "run"))
        plain = folder / "plain"
        plain.mkdir()
        place = (plain, env)
        start_figures(servers, place)
        memory_figures(servers, place)
        ours, floor = Client(servers["baton"], *place), Client(servers["null"], *place)
        ours.initialize(plain)
        floor.initialize(plain)
        ping_figures("unknown request", ours, floor, None)
        figure("shutdown at rest", shutdown(ours), 50, "ms", null=shutdown(floor))
        ours.end()
        floor.end()
        change_figures(servers, place)
        many_findings(servers["baton"], folder, env)
        under_load(servers, folder, env)
        subprocess.run(["chmod", "-R", "u+w", name], check=False)
    for one in missed:
        print(f"bench: missed: {one}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
