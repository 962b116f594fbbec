#!/usr/bin/env python3
"""Session and engine as two processes: the session is light and answers at once; the engine outlives it, keeps the verdict that
nobody waited for, is replaced and killed without harm, and leaves by itself. Each case is a function with a lab of its own."""

import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from _lab import BATON, Lab, sanitized

ENGINE = Path(os.environ.get("BATON_BUILD_DIR", Path(BATON).parent)) / "libexec" / "baton-engine"
SLOW = "test:\n\t@sh check.sh\n"


class Window:
    """An editor's end of a session."""

    def __init__(self, lab, program=BATON, env=None, capabilities=None, folders=None):
        self.process = subprocess.Popen([program, "lsp"], cwd=lab.repo, env=env or lab.env, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.inbox, self.seen, self.next_id = queue.Queue(), [], 0
        threading.Thread(target=self.read, daemon=True).start()
        uri = lab.repo.as_uri()
        self.answer(self.ask("initialize", {"processId": os.getpid(), "rootUri": uri, "capabilities": capabilities or {},
                                            "workspaceFolders": [{"uri": one.as_uri(), "name": one.name} for one in folders or [lab.repo]]}))
        self.send({"method": "initialized", "params": {}})

    def read(self):
        while line := self.process.stdout.readline():
            length = int(line.split(b":")[1])
            self.process.stdout.readline()
            self.inbox.put(json.loads(self.process.stdout.read(length)))
        self.inbox.put(None)

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def ask(self, method, params):
        self.next_id += 1
        self.send({"id": self.next_id, "method": method, "params": params})
        return self.next_id

    def command(self, name, **argument):
        return self.ask("workspace/executeCommand", {"command": name, "arguments": [argument]})

    def until(self, wanted, within=60):
        """The first message, seen or coming, that `wanted` accepts."""
        deadline = time.monotonic() + within
        for message in self.seen:
            if wanted(message):
                return message
        while True:
            message = self.inbox.get(timeout=max(0.01, deadline - time.monotonic()))
            assert message is not None, "the session ended"
            self.seen.append(message)
            if wanted(message):
                return message

    def answer(self, number, within=60):
        return self.until(lambda m: m.get("id") == number and "method" not in m, within)

    def said(self, text, within=60):
        return self.until(lambda m: m.get("method") == "window/showMessage" and text in m["params"]["message"], within)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        """As an editor does it: shutdown, exit, end of input."""
        self.answer(self.ask("shutdown", None), 10)
        self.send({"method": "exit"})
        self.process.stdin.close()
        self.process.wait(timeout=10)


def slow_repository(lab, seconds=1.0):
    """Its one test takes a while, says so in a file, and fails on what is in the tree."""
    lab.commit({"Makefile": SLOW, "check.sh": f"# {lab.mark}\nsleep {seconds}\nif grep -q good value.txt; then echo 'ok 1 - value'; else echo 'not ok 1 - value'; fi\necho 1..1\ngrep -q good value.txt\n",
                "value.txt": "good\n"})
    lab.write({"value.txt": "bad\n"})


def approve(window):
    answer = window.answer(window.command("baton.trustRepository"))
    assert answer.get("result", {}).get("trusted"), answer


def address(lab):
    return json.loads((lab.repo / ".git/baton/engine.json").read_text())


def wait_for(condition, within=15.0):
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def parents(pid):
    """A process and its ancestors."""
    while pid > 1:
        yield pid
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            return


def at_work(engine):
    """The test's own `sleep` runs below this engine."""
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "comm").read_text() == "sleep\n" and engine in parents(int(entry.name)):
                return True
        except OSError:
            pass
    return False


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def stop(lab):
    code, out, err = lab.baton("stop", "--json")
    assert code == 0, err
    return json.loads(out)


def session_is_light(lab):
    if sanitized():
        return "skipped: this build links everything everywhere"
    lab.commit({"a.txt": "a\n"})
    window = Window(lab)
    linked = Path(f"/proc/{window.process.pid}/maps").read_text()
    for heavy in ("libgit2", "libsqlite3", "libpugixml", "libseccomp", "libcurl", "libyaml"):
        assert heavy not in linked, f"the session has loaded {heavy}"
    assert not (lab.repo / ".git/baton").exists(), "an opened folder leaves no trace"
    window.close()


def two_windows_one_engine(lab):
    slow_repository(lab, 0.1)
    one, two = Window(lab), Window(lab)
    one.answer(one.command("baton.doctor"))
    first = address(lab)
    two.answer(two.command("baton.doctor"))
    assert address(lab) == first
    approve(one)
    numbers = [(one, one.command("baton.verify", fresh=True)), (two, two.command("baton.verify"))]
    for window, number in numbers:
        assert window.answer(number)["result"]["verdict"] == "rejected"
    code, out, err = lab.baton("verify", "--json")  # the shell speaks to the same engine
    assert json.loads(out)["verdict"] == "rejected", err
    one.close()
    two.close()


def a_gate_is_run_again(lab):
    """By the quick fix on its failure: that gate alone, and not from what is known of it."""
    slow_repository(lab, 1.0)
    style = {"name": "style", "kind": "lint", "command": ["true"]}
    lab.commit({".baton/config.json": json.dumps({"gates": [style]}), "value.txt": "good\n"})
    lab.write({"value.txt": "bad\n"})
    window = Window(lab, capabilities={"textDocument": {"codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}}}})
    approve(window)
    first = window.answer(window.command("baton.verify"))["result"]
    assert sorted(gate["name"] for gate in first["gates"]) == ["make test", "style"], first
    shown = window.until(lambda m: m.get("method") == "textDocument/publishDiagnostics" and m["params"]["diagnostics"])["params"]
    page = {"uri": shown["uri"], "languageId": "markdown", "version": 1, "text": Path(first["evidence"]).read_text()}
    window.send({"method": "textDocument/didOpen", "params": {"textDocument": page}})
    actions = window.answer(window.ask("textDocument/codeAction", {
        "textDocument": {"uri": shown["uri"]}, "range": shown["diagnostics"][0]["range"], "context": {"diagnostics": shown["diagnostics"]}}))["result"]
    again = next(action["command"] for action in actions if action["title"] == "Run this gate again: make test")
    started = time.monotonic()
    second = window.answer(window.ask("workspace/executeCommand", {"command": again["command"], "arguments": again["arguments"]}))["result"]
    assert [(gate["name"], gate["verdict"]) for gate in second["gates"]] == [("make test", "fail")], second
    assert second["id"] != first["id"] and time.monotonic() - started >= 1, "it has run"
    window.close()


def shell_says_what_it_took_unsaved(lab):
    """What is in the judged tree, and no more: not what git ignores, nor git's own files."""
    slow_repository(lab, 0.01)
    lab.commit({".gitignore": "secret.env\n", "value.txt": "good\n"})
    lab.write({"secret.env": "A=1\n", ".git/COMMIT_EDITMSG": "x\n"})
    window = Window(lab)
    approve(window)
    for path in ("value.txt", "secret.env", ".git/COMMIT_EDITMSG"):
        uri = (lab.repo / path).as_uri()
        window.send({"method": "textDocument/didOpen", "params": {"textDocument": {"uri": uri, "languageId": "x", "version": 1, "text": "?\n"}}})
        window.send({"method": "textDocument/didChange", "params": {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": "bad, unsaved\n"}]}})
    window.answer(window.command("baton.memoryUsage"))
    for _ in range(2):  # judged, and known
        report = json.loads(lab.baton("verify", "--json")[1])
        told = [note for note in report["notes"] if "unsaved" in note or "Left out" in note]
        assert told == ["Judged as it stands unsaved in an editor: value.txt."] and report["verdict"] == "rejected", report
    window.close()


def verdict_outlives_its_window(lab):
    slow_repository(lab, 2.0)
    window = Window(lab)
    approve(window)
    for leave in (Window.kill, Window.close):
        window.command("baton.verify", fresh=True)
        wait_for(lambda: at_work(address(lab)["pid"]))
        leave(window)
        window = Window(lab)
        window.said("went on without this window")
    window.close()
    once = Window(lab)  # handed out once
    once.answer(once.command("baton.doctor"))
    assert not any("went on" in str(m) for m in once.seen), once.seen
    once.close()


def killed_engine_is_started_anew(lab):
    slow_repository(lab, 1.0)
    window = Window(lab)
    approve(window)
    number = window.command("baton.verify", fresh=True)
    pid = address(lab)["pid"]
    wait_for(lambda: at_work(pid))
    os.kill(pid, signal.SIGKILL)
    error = window.answer(number)["error"]["message"]
    assert "engine ended" in error, error
    wait_for(lambda: not [s for s in lab.strays() if str(BATON) not in s], 3)
    assert window.answer(window.command("baton.verify"))["result"]["verdict"] == "rejected"
    assert address(lab)["pid"] != pid
    window.close()


def stop_ends_it(lab):
    slow_repository(lab, 30)
    window = Window(lab)
    approve(window)
    number = window.command("baton.verify", fresh=True)
    pid = address(lab)["pid"]
    wait_for(lambda: at_work(pid))
    assert stop(lab) == {"stopped": True, "pid": pid}
    assert "error" in window.answer(number, 10)
    wait_for(lambda: not alive(pid), 8)
    window.close()
    lab.assert_no_strays()
    assert stop(lab)["stopped"] is False


def idle_engine_leaves(lab):
    lab.commit({"a.txt": "a\n"})
    done = subprocess.run([ENGINE, "reside", "--idle", "1"], cwd=lab.repo, env=lab.env, capture_output=True, timeout=30, check=True)
    pid = json.loads(done.stdout)["pid"]
    wait_for(lambda: not alive(pid))
    assert not (lab.repo / ".git/baton/engine.json").exists()


def another_build_is_replaced(lab):
    lab.commit({"a.txt": "a\n"})
    package = lab.folder / "other"
    shutil.copytree(ENGINE.parent, package / "libexec")
    shutil.copy(BATON, package / "baton")
    os.utime(package / "libexec/baton-engine", (1, 1))
    old = Window(lab, package / "baton")
    old.answer(old.command("baton.doctor"))
    first = address(lab)

    def replaced():  # one that still works on its last answer is kept, and the next window tries again
        new = Window(lab)
        new.answer(new.command("baton.doctor"))
        new.close()
        return address(lab)["build"] != first["build"]

    wait_for(replaced)
    wait_for(lambda: not alive(first["pid"]))
    old.close()


def another_protocol(lab):
    """An engine that says it speaks another protocol: while it works it is left alone and named, at rest it is replaced."""
    slow_repository(lab, 1.0)
    lab.write({"value.txt": "good still\n"})
    one = Window(lab)
    approve(one)
    number = one.command("baton.verify", fresh=True)
    theirs = address(lab)
    wait_for(lambda: at_work(theirs["pid"]))
    (lab.repo / ".git/baton/engine.json").write_text(json.dumps(theirs | {"protocol": theirs["protocol"] + 1, "build": "another", "version": "99.1"}))
    two = Window(lab)
    error = two.answer(two.command("baton.doctor"))["error"]["message"]
    assert "Baton 99.1 is at work here and speaks another protocol" in error and "`baton stop`" in error, error
    assert one.answer(number)["result"]["verdict"] == "no_regression", "its work is not disturbed"
    wait_for(lambda: "result" in two.answer(two.command("baton.doctor")))
    assert address(lab)["pid"] != theirs["pid"] and address(lab)["protocol"] == theirs["protocol"]
    one.close()
    two.close()


def another_build_at_work(lab):
    """An engine of another build that speaks our protocol: while it works it serves the new window, too; at rest it is replaced."""
    slow_repository(lab, 1.0)
    lab.write({"value.txt": "good still\n"})
    one = Window(lab)
    approve(one)
    number = one.command("baton.verify", fresh=True)
    theirs = address(lab)
    wait_for(lambda: at_work(theirs["pid"]))
    (lab.repo / ".git/baton/engine.json").write_text(json.dumps(theirs | {"build": "another", "version": "99.1"}))
    two = Window(lab)
    assert "result" in two.answer(two.command("baton.doctor"))
    assert address(lab)["pid"] == theirs["pid"], "the one that works is asked"
    assert one.answer(number)["result"]["verdict"] == "no_regression", "its work is not disturbed"

    def replaced():
        new = Window(lab)
        new.answer(new.command("baton.doctor"))
        new.close()
        return address(lab)["pid"] != theirs["pid"]

    wait_for(replaced)
    one.close()
    two.close()


def others_work_is_shown(lab):
    """A commit and a primer that come from elsewhere: the lens goes, the remark comes and goes, and nobody asked."""
    lab.commit({"m.py": "def one():\n    return 1\n"})
    lab.write({"m.py": "def one():\n    return 2\n"})
    window = Window(lab, capabilities={"workspace": {"codeLens": {"refreshSupport": True}}})
    uri = (lab.repo / "m.py").as_uri()
    window.send({"method": "textDocument/didOpen", "params": {"textDocument": {"uri": uri, "languageId": "python", "version": 1, "text": "def one():\n    return 2\n"}}})
    window.answer(window.command("baton.doctor"))

    def lenses():
        return window.answer(window.ask("textDocument/codeLens", {"textDocument": {"uri": uri}}))["result"]

    def refreshed(how):
        window.seen.clear()
        how()
        window.until(lambda m: m.get("method") == "workspace/codeLens/refresh")

    wait_for(lenses)
    refreshed(lambda: lab.git("commit", "-q", "-a", "-m", "elsewhere"))
    wait_for(lambda: not lenses())
    refreshed(lambda: lab.git("reset", "-q", "--soft", "HEAD~1"))
    wait_for(lenses)

    def remarks(count):
        return window.until(lambda m: m.get("method") == "textDocument/publishDiagnostics" and m["params"]["uri"].endswith("MINE.md")
                            and len(m["params"]["diagnostics"]) == count)

    lab.write({".baton/primers/MINE.md": "---\ninherits_from: ABSENT\n---\nMine\n"})
    assert remarks(1)["params"]["diagnostics"][0]["code"] == "primer"
    lab.write({".baton/primers/MINE.md": "Mine\n"})
    remarks(0)
    window.close()


def bad_ground(lab):
    """A stale lock and address, something in the way of the socket, an engine that is missing: each is one clear sentence or
    nothing at all."""
    lab.commit({"a.txt": "a\n"})
    state = lab.repo / ".git/baton"
    state.mkdir()
    (state / "engine.lock").write_text("stale")
    (state / "engine.json").write_text('{"socket": "/nowhere", "protocol": 1}')
    outside = lab.folder / "of the user"
    outside.write_text("mine\n")
    (state / "engine.log").symlink_to(outside)
    window = Window(lab)
    assert "result" in window.answer(window.command("baton.doctor"))
    socket = Path(address(lab)["socket"])
    window.close()
    stop(lab)
    assert outside.read_text() == "mine\n"
    wait_for(lambda: not socket.exists())
    socket.mkdir()
    window = Window(lab)
    error = window.answer(window.command("baton.doctor"))["error"]["message"]
    assert "in the way" in error and str(socket) in error, error
    window.close()
    socket.rmdir()
    alone = lab.folder / "alone"
    alone.mkdir()
    shutil.copy(BATON, alone / "baton")
    window = Window(lab, alone / "baton")
    error = window.answer(window.command("baton.doctor"))["error"]["message"]
    assert "baton-engine is not beside" in error and "install Baton again" in error, error
    window.close()
    done = subprocess.run([alone / "baton", "doctor"], cwd=lab.repo, env=lab.env, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode != 0 and "baton-engine is not beside" in done.stderr, done


def no_repository(lab):
    window = Window(lab)
    error = window.answer(window.command("baton.doctor"))["error"]["message"]
    assert "git" in error, error
    window.close()


def two_repositories_in_one_window(lab):
    """Each has its verdict at its own lines; the folder that leaves takes its own along, also what is under way."""
    other = lab.repo.parent / "other"
    other.mkdir()
    lab.git("init", "-q", "-b", "main", cwd=other)
    gates = json.dumps({"gates": [{"name": "build", "kind": "build", "command": ["sh", "check.sh"]}]})
    check = f"# {lab.mark}\nsleep 1\ncc -fsyntax-only main.c\n"
    for root in (lab.repo, other):
        lab.write({".baton/config.json": gates, "check.sh": check, "main.c": "int one;\n\nint two;\n"}, root)
        lab.git("add", "-A", cwd=root)
        lab.git("commit", "-qm", "work", cwd=root)
    lab.write({"main.c": "int one;\nint wrong = nothing;\nint two;\n"})
    lab.write({"main.c": "int one;\n\nint two;\nint wrong = nothing;\n"}, other)
    window = Window(lab, folders=[lab.repo, other])

    def marked(root, lines, after=0):
        uri = (root / "main.c").as_uri()
        wanted = lambda m: m.get("method") == "textDocument/publishDiagnostics" and m["params"]["uri"] == uri and \
            [d["range"]["start"]["line"] for d in m["params"]["diagnostics"]] == lines
        window.seen[:] = window.seen[after:]
        return window.until(wanted)

    for root, line in ((lab.repo, 1), (other, 3)):
        window.answer(window.command("baton.trustRepository", uri=root.as_uri()))
        answer = window.answer(window.command("baton.verify", uri=root.as_uri()))
        assert answer["result"]["verdict"] == "rejected", answer
        marked(root, [line])
    leaving = [{"uri": other.as_uri(), "name": "other"}]
    running = window.command("baton.verify", uri=other.as_uri(), fresh=True)
    change = lambda added, removed: window.send({"method": "workspace/didChangeWorkspaceFolders", "params": {"event": {"added": added, "removed": removed}}})
    change([], leaving)
    window.seen.clear()
    marked(other, [])
    assert window.answer(running)["result"]["verdict"] == "rejected"
    window.answer(window.command("baton.memoryUsage"))
    late = [m for m in window.seen if m.get("method") == "textDocument/publishDiagnostics" and m["params"]["diagnostics"]]
    assert not late, late
    change(leaving, [])
    answer = window.answer(window.command("baton.verify", uri=other.as_uri()))
    assert answer["result"]["verdict"] == "rejected", answer
    marked(other, [3])
    window.close()
    lab.baton("stop", "--workspace", other)


CLIENT = """import ctypes, json, socket, sys, time
if sys.argv[1]:
    ctypes.CDLL(None).prctl(15, sys.argv[1].encode())
family, address = (socket.AF_UNIX, sys.argv[2]) if sys.argv[2].startswith("/") else (socket.AF_INET, ("127.0.0.1", int(sys.argv[2])))
for _ in range(500):
    line = socket.socket(family)
    try:
        line.connect(address)
        break
    except OSError:
        time.sleep(0.02)
def ask(number, method, params):
    body = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode()
    line.sendall(b"Content-Length: %d\\r\\n\\r\\n" % len(body) + body)
    while True:
        head = b""
        while not head.endswith(b"\\r\\n\\r\\n"):
            head += line.recv(1) or sys.exit("the session ended")
        message = json.loads(line.recv(int(head.split(b":")[1]), socket.MSG_WAITALL))
        if message.get("id") == number and "method" not in message:
            return message
ask(1, "initialize", {"processId": None, "rootUri": sys.argv[3], "capabilities": {}})
print(json.dumps(ask(2, "workspace/executeCommand", {"command": "baton.trustRepository", "arguments": [{"uri": sys.argv[3]}]})))
ask(3, "shutdown", None)
"""


def who_comes_by_a_socket(lab):
    """Who connects to a session that listens is none of its ancestors: a coding agent that approves there is no human all the same."""
    slow_repository(lab, 0.01)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for where, address_ in (("--socket", str(lab.folder / "run/lsp.sock")), ("--port", str(port))):
        for name in ("", "claude"):
            shutil.rmtree(lab.folder / "config/baton", ignore_errors=True)  # what was approved
            session = subprocess.Popen([BATON, "lsp", where, address_], cwd=lab.repo, env=lab.env, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            asked = subprocess.run([sys.executable, "-c", CLIENT, name, address_, lab.repo.as_uri()], capture_output=True, text=True, timeout=60)
            assert '"trusted": true' in asked.stdout, asked
            session.wait(timeout=20)
            report = json.loads(lab.baton("verify", "--json")[1])
            told = [note for note in report["notes"] if "not by a human" in note]
            assert bool(told) == bool(name), (where, name, report["notes"])


CASES = [session_is_light, two_windows_one_engine, a_gate_is_run_again, shell_says_what_it_took_unsaved,
         verdict_outlives_its_window, killed_engine_is_started_anew, stop_ends_it,
         idle_engine_leaves, another_build_is_replaced, another_protocol, another_build_at_work, others_work_is_shown, bad_ground,
         two_repositories_in_one_window, who_comes_by_a_socket, no_repository]


def main():
    wanted = sys.argv[1:]
    failed = 0
    cases = [case for case in CASES if not wanted or case.__name__ in wanted]
    for case in cases:
        began = time.monotonic()
        with Lab() as lab:
            try:
                if case is not no_repository:
                    lab.git("init", "-q", "-b", "main")
                note = case(lab) or "ok"
                if (lab.repo / ".git").exists():
                    stop(lab)
                lab.assert_no_strays(8)
                print(f"{case.__name__}: {note} ({time.monotonic() - began:.1f} s)", flush=True)
            except Exception as problem:
                failed += 1
                print(f"not ok {case.__name__}: {type(problem).__name__}: {problem}", flush=True)
                subprocess.run(["pkill", "-KILL", "-f", lab.mark], check=False)
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
