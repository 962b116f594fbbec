"""A language client at the level of bytes, for any server that speaks over standard input and output. It sends what it is told,
right or wrong, takes what comes apart strictly, and keeps the conversation so that it can be held against the protocol's model."""

import collections
import importlib.util
import json
import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path

PATIENCE = float(os.environ.get("BATON_PATIENCE", "30"))  # seconds; a busy machine is no failure


def frame(body):
    if not isinstance(body, bytes):
        body = (body if isinstance(body, str) else json.dumps(body)).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


class Wire:
    """One server process. Everything that arrives is a message in `inbox`; None is the end of its output."""

    def __init__(self, command, cwd, env):
        self.process = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, bufsize=0)
        self.inbox, self.seen, self.traffic = queue.Queue(), [], []
        self.impure = b""  # of its output, what is no frame
        self.ids = 1000000
        self.paused = threading.Event()
        self.paused.set()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        stream, buffer = self.process.stdout, b""
        while True:
            self.paused.wait()
            try:
                block = stream.read(1 << 16)
            except (OSError, ValueError):
                break
            if not block:
                break
            buffer += block
            while True:
                head, mark, rest = buffer.partition(b"\r\n\r\n")
                if not mark:
                    break
                names = [line.partition(b":") for line in head.split(b"\r\n")]
                length = next((int(value) for name, _, value in names if name.lower() == b"content-length"), None)
                if length is None:
                    self.impure += head + mark
                    buffer = rest
                    continue
                if len(rest) < length:
                    break
                self._take(rest[:length])
                buffer = rest[length:]
        self.impure += buffer
        self.inbox.put(None)

    def _take(self, body):
        try:
            message = json.loads(body.decode())
        except ValueError:
            self.impure += body
            return
        self.traffic.append(("s2c", message))
        self.inbox.put(message)

    # Sending.

    def raw(self, data):
        """Bytes as they are. A server that has gone is found out by what is expected next."""
        view = memoryview(data)
        try:
            while view:
                view = view[self.process.stdin.write(view):]
        except (BrokenPipeError, ValueError):
            pass

    def send(self, message, **more):
        message = {"jsonrpc": "2.0", **message, **more}
        self.traffic.append(("c2s", message))
        self.raw(frame(message))

    def notify(self, method, params=None):
        self.send({"method": method} if params is None else {"method": method, "params": params})

    def ask(self, method, params=None, number=None):
        if number is None:
            self.ids += 1
            number = self.ids
        self.send({"id": number, "method": method} if params is None else {"id": number, "method": method, "params": params})
        return number

    # Receiving.

    def until(self, wanted, within=PATIENCE):
        """The next message that `wanted` accepts; those before it are kept in `seen`."""
        deadline = time.monotonic() + within
        while True:
            try:
                message = self.inbox.get(timeout=max(0.001, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"nothing came in {within:g} s; seen {brief(self.seen[-4:])}") from None
            if message is None:
                self.inbox.put(None)
                raise AssertionError(f"the server is gone; seen {brief(self.seen[-4:])}")
            self.seen.append(message)
            if wanted(message):
                return message

    def answer(self, number, within=PATIENCE):
        return self.until(lambda m: "method" not in m and same_id(m.get("id", "absent"), number), within)

    def result(self, method, params=None, within=PATIENCE):
        answer = self.answer(self.ask(method, params), within)
        assert "result" in answer, f"{method}: {brief(answer)}"
        return answer["result"]

    def error(self, number, *codes, within=PATIENCE):
        answer = self.answer(number, within)
        assert "error" in answer, f"an error was to come: {brief(answer)}"
        check_error(answer["error"])
        if codes:
            assert answer["error"]["code"] in codes, f"{codes} was to come: {brief(answer)}"
        return answer["error"]

    def refused(self, method, params, *codes):
        return self.error(self.ask(method, params), *codes)

    def in_step(self, within=PATIENCE):
        """It still reads frames at the right place: a request that nobody knows is refused, once."""
        return self.error(self.ask("torture/unknown"), -32601, within=within)

    def nothing_more(self, number):
        """No second answer to `number` before the answer to a request that comes later."""
        before = len(self.seen)
        self.in_step()
        again = [m for m in self.seen[before:] if "method" not in m and same_id(m.get("id", "absent"), number)]
        assert not again, f"answered twice: {brief(again)}"

    def initialize(self, capabilities=None, **params):
        params = {"processId": os.getpid(), "rootUri": None, "capabilities": capabilities or {}, **params}
        result = self.result("initialize", params)
        self.notify("initialized", {})
        return result

    # The end.

    def leave(self):
        self.result("shutdown")
        self.notify("exit")

    def end(self, within=PATIENCE):
        """Its exit code, once it has ended; negative: the signal."""
        try:
            return self.process.wait(timeout=within)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it did not end in {within:g} s") from None

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.paused.set()
        self.reader.join(5)
        for stream in (self.process.stdin, self.process.stdout):
            try:
                stream.close()
            except OSError:
                pass

    def resident(self):
        """MiB of memory, now. 0 under a sanitizer, which keeps what was freed: there the figure says nothing."""
        if any(name in Path(f"/proc/{self.process.pid}/maps").read_text() for name in ("libasan", "libtsan")):
            return 0.0
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def cpu(self):
        """Seconds of processor time, so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def same_id(one, other):
    return one == other and type(one) is type(other)


def check_error(error):
    assert isinstance(error, dict) and type(error.get("code")) is int and isinstance(error.get("message"), str), brief(error)
    assert error["message"].strip(), "an error without a word"


def brief(value):
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) < 400 else text[:400] + "…"


class Model:
    """The protocol's own model (the validator beside the repository). `absent` where it is not at hand."""

    def __init__(self, source):
        folder = Path(source).resolve().parent / "shared" / "data" / "lsp"
        self.absent = not (folder / "validate.py").exists()
        if self.absent:
            return
        spec = importlib.util.spec_from_file_location("validate", folder / "validate.py")
        self.module = importlib.util.module_from_spec(spec)
        sys.dont_write_bytecode = True
        spec.loader.exec_module(self.module)
        self.meta = self.module.load(str(folder / "metaModel-3.17.json"))

    def faults(self, traffic, both_sides=False):
        """What is wrong with a conversation: of the server alone, or of both. Ids that a client misuses on purpose make pairs
        that are none, so these are not the server's."""
        validator = self.module.Validator(self.meta)
        for direction, message in list(traffic):
            validator.feed(direction, message)
        found = [v for v in validator.finish() if both_sides or (v["dir"] == "s2c" and v["kind"] != "id")]
        return collections.Counter(f"{v['kind']} {v['where']}: {v['text']}" for v in found)
