"""An agent of the Agent Client Protocol that does what a script says: a real process that speaks the real protocol, for all that real
agents do right and wrong. Called with the script as JSON:

  {"steps": [...],            done at each prompt, see `Agent.step`
   "again": [...],            done at a second prompt; `steps` when absent
   "initialize": {...},       the answer to `initialize`, merged over a good one; null members are left out
   "session": {...},          the same for `session/new`
   "session_error": {...},    an error for `session/new`; with "until": "authenticate" only until then
   "start": seconds,          before it reads anything
   "deaf": ["cancel", "eof", "term"],
   "record": file}            every line that it was sent, appended
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time


def merged(good, over):
    result = {**good, **(over or {})}
    return {name: value for name, value in result.items() if value is not None}


class Cancelled(Exception):
    pass


class Agent:
    def __init__(self, script):
        self.script = script
        self.deaf = script.get("deaf", [])
        self.incoming = queue.Queue()
        self.answers = {}
        self.next_id = 0
        self.prompts = 0
        self.logged_in = False
        self.session = "s-1"

    # the wire

    def send(self, message):
        self.raw(json.dumps({"jsonrpc": "2.0", **message}))

    def raw(self, text):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def listen(self):
        for line in sys.stdin:
            if self.script.get("record"):
                with open(self.script["record"], "a", encoding="utf-8") as record:
                    record.write(line)
            self.incoming.put(json.loads(line))
        if "eof" in self.deaf:
            time.sleep(600)
        self.incoming.put(None)

    def update(self, kind, /, **more):
        self.send({"method": "session/update", "params": {"sessionId": self.session, "update": {"sessionUpdate": kind, **more}}})

    def request(self, method, params):
        """A call of the client; what comes meanwhile waits, but for a cancel."""
        mine = f"call-{self.next_id}"
        self.next_id += 1
        self.send({"id": mine, "method": method, "params": {"sessionId": self.session, **params}})
        while True:
            message = self.take()
            if message.get("id") == mine and "method" not in message:
                return message

    def take(self):
        message = self.incoming.get()
        if message is None:
            os._exit(0)
        if message.get("method") == "session/cancel" and "cancel" not in self.deaf:
            raise Cancelled
        return message

    # what is asked of it

    def serve(self):
        while True:
            try:
                message = self.take()
            except Cancelled:
                continue
            method = message.get("method")
            if "id" not in message or method is None:
                continue
            answer = getattr(self, "on_" + method.replace("/", "_"), None)
            if answer:
                answer(message["id"], message.get("params", {}))
            else:
                self.send({"id": message["id"], "error": {"code": -32601, "message": "method not found"}})

    def on_initialize(self, number, _):
        good = {"protocolVersion": 1, "agentCapabilities": {}, "agentInfo": {"name": "scripted", "version": "1.0"}, "authMethods": []}
        self.send({"id": number, "result": merged(good, self.script.get("initialize"))})

    def on_authenticate(self, number, _):
        self.logged_in = True
        self.send({"id": number, "result": {}})

    def on_session_new(self, number, _):
        error = self.script.get("session_error")
        if error and not (error.get("until") == "authenticate" and self.logged_in):
            return self.send({"id": number, "error": {"code": error["code"], "message": error["message"]}})
        self.update("available_commands_update", availableCommands=[])  # before the answer, as some do
        self.send({"id": number, "result": merged({"sessionId": self.session}, self.script.get("session"))})

    def on_session_set_mode(self, number, params):
        self.say(f"mode {params['modeId']}\n")
        self.send({"id": number, "result": {}})

    def on_session_set_config_option(self, number, params):
        self.say(f"option {params['configId']} {params['value']}\n")
        self.send({"id": number, "result": {"configOptions": []}})

    def on_session_prompt(self, number, params):
        self.prompt = params["prompt"][0]["text"]
        self.prompts += 1
        steps = self.script.get("steps", []) if self.prompts == 1 else self.script.get("again", self.script.get("steps", []))
        self.end = {"result": {"stopReason": "end_turn"}}
        self.usage = None
        try:
            for step in steps:
                self.step(step)
        except Cancelled:
            self.end = {"result": {"stopReason": "cancelled"}}
        if self.usage and "result" in self.end:
            self.end["result"]["usage"] = self.usage
        self.send({"id": number, **self.end})

    # what it does

    def say(self, text):
        self.update("agent_message_chunk", content={"type": "text", "text": text})

    def step(self, step):
        (name, value), = [(name, value) for name, value in step.items() if name not in ("then", "otherwise")]
        getattr(self, "do_" + name)(value, step)

    def do_say(self, text, _):
        self.say(text.replace("{prompt}", self.prompt))

    def do_write(self, pair, _):
        path, text = pair
        try:
            if os.path.dirname(path):
                os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        except OSError as problem:
            self.say(f"cannot write {path}: {problem.strerror}\n")

    def do_shell(self, command, _):
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        self.say(f"{command}: {done.returncode} {done.stdout}{done.stderr}\n")

    def do_child(self, command, _):
        """One that outlives it, in a session of its own, with its output held open."""
        subprocess.Popen(["sh", "-c", command], start_new_session=True, stdin=subprocess.DEVNULL)

    def do_ask(self, call, step):
        options = call.pop("options", [{"optionId": "y", "name": "Yes", "kind": "allow_once"}, {"optionId": "n", "name": "No", "kind": "reject_once"},
                                       {"optionId": "always", "name": "Always", "kind": "allow_always"}])
        answer = self.request("session/request_permission", {"toolCall": {"toolCallId": "t1", **call}, "options": options})
        outcome = answer.get("result", {}).get("outcome", {})
        self.say(f"answer: {outcome.get('outcome')} {outcome.get('optionId', '')}\n")
        for inner in step.get("then" if outcome.get("optionId") == "y" else "otherwise", []):
            self.step(inner)

    def do_call(self, call, _):
        answer = self.request(call["method"], call["params"])
        self.say(f"{call['method']}: {json.dumps(answer.get('result', answer.get('error')))}\n")

    def do_tool(self, call, _):
        self.update("tool_call", toolCallId="t1", **call)
        self.update("tool_call_update", toolCallId="t1", status=call.get("status", "completed"))

    def do_update(self, update, _):
        kind = update.pop("kind")
        self.update(kind, **update)

    def do_raw(self, text, _):
        self.raw(text)

    def do_error_output(self, text, _):
        sys.stderr.write(text)
        sys.stderr.flush()

    def do_huge(self, size, _):
        block = "x" * (1 << 20)
        sys.stdout.write('{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"s-1","update":{"sessionUpdate":"agent_message_chunk","content":{"type":"text","text":"')
        for _ in range(size >> 20):
            sys.stdout.write(block)
        sys.stdout.write('"}}}}\n')
        sys.stdout.flush()

    def do_sleep(self, seconds, _):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                message = self.incoming.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return
            if message is None:
                os._exit(0)
            if message.get("method") == "session/cancel" and "cancel" not in self.deaf:
                raise Cancelled

    def do_exit(self, code, _):
        sys.stdout.flush()
        os._exit(code)

    def do_die(self, number, _):
        os.kill(os.getpid(), number)

    def do_usage(self, usage, _):
        """Told with the end of the turn."""
        self.usage = usage

    def do_stop(self, reason, _):
        self.end = {"result": {"stopReason": reason}}

    def do_error(self, error, _):
        self.end = {"error": error}


def main():
    agent = Agent(json.loads(sys.argv[1]))
    if "term" in agent.deaf:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "eof" in agent.deaf:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    time.sleep(agent.script.get("start", 0))
    threading.Thread(target=agent.listen, daemon=True).start()
    agent.serve()


main()
