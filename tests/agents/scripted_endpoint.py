"""A model's endpoint that answers by a script: OpenAI's chat completions and responses, streamed and plain. It holds no state: which
step is next is told by how many tool results a request carries, so that a retry gets the same answer. A step is

  {"tool": name, "arguments": {...}} | {"calls": [[name, {...}], ...]} | {"text": "...", "finish": "stop"} |
  {"status": 429, "body": "...", "after": "1"} | {"hang": seconds}

and the last one is given again for ever. `{cwd}` in arguments is the work tree as the agent's own prompt names it; arguments that are a text
are sent as they are, JSON or not. A step's "first" is a list of steps that are given before it, once each: the only state there is."""

import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def chat_results(body):
    return sum(1 for message in body.get("messages", []) if message.get("role") == "tool")


def response_results(body):
    given = body.get("input", [])
    return sum(1 for item in given if isinstance(item, dict) and str(item.get("type", "")).endswith("_call_output")) if isinstance(given, list) else 0


class Endpoint:
    """`with Endpoint(steps) as endpoint:` serves on `endpoint.url`; `endpoint.requests` are (path, headers, body)."""

    def __init__(self, steps, usage=(100, 10)):
        self.steps, self.usage, self.requests, self.firsts = steps, usage, [], {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                self.plain(200, {"object": "list", "data": [{"id": "x", "object": "model", "created": 0, "owned_by": "m"}]})

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
                outer.requests.append((self.path, dict(self.headers), body))
                chat = not self.path.endswith("/responses")
                done = chat_results(body) if chat else response_results(body)
                step = outer.step(min(done, len(outer.steps) - 1)) if body.get("tools") else {"text": "A title"}
                if "status" in step:
                    return self.plain(step["status"], after=step.get("after"), value={"error": {"message": step.get("body", "no"), "type": "error", "code": step["status"]}})
                if "hang" in step:
                    time.sleep(step["hang"])
                    return None
                step = json.loads(json.dumps(step).replace("{cwd}", outer.cwd(body)))
                return self.chat(step, body, done) if chat else self.respond(step, body, done)

            def plain(self, status, value, after=None):
                text = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                if after:
                    self.send_header("Retry-After", after)
                self.end_headers()
                self.wfile.write(text)

            def stream(self, events):
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Connection", "close")
                self.end_headers()
                for name, value in events:
                    if name:
                        self.wfile.write(f"event: {name}\n".encode())
                    self.wfile.write(f"data: {value if isinstance(value, str) else json.dumps(value)}\n\n".encode())
                    self.wfile.flush()
                self.close_connection = True

            def chat(self, step, body, done):
                prompt, completion = outer.usage
                usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
                wanted = step.get("calls") or ([[step["tool"], step["arguments"]]] if "tool" in step else [])
                if wanted:
                    calls = [{"id": f"call_{done + i}", "type": "function", "function": {"name": name, "arguments": given if isinstance(given, str) else json.dumps(given)}}
                             for i, (name, given) in enumerate(wanted)]
                    message, reason = {"role": "assistant", "content": None, "tool_calls": calls}, "tool_calls"
                else:
                    message, reason = {"role": "assistant", "content": step["text"]}, step.get("finish", "stop")
                head = {"id": f"c{done}", "created": 0, "model": body.get("model", "x")}
                if not body.get("stream"):
                    return self.plain(200, {**head, "object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": reason}], "usage": usage})
                delta = dict(message)
                if "tool_calls" in delta:
                    delta["tool_calls"] = [{"index": i, **call} for i, call in enumerate(delta["tool_calls"])]
                chunk = {**head, "object": "chat.completion.chunk"}
                return self.stream([
                    ("", {**chunk, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}),
                    ("", {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}),
                    ("", {**chunk, "choices": [], "usage": usage}),
                    ("", "[DONE]"),
                ])

            def respond(self, step, body, done):
                prompt, completion = outer.usage
                usage = {"input_tokens": prompt, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": completion,
                         "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": prompt + completion}
                response = {"id": f"resp_{done}", "object": "response", "created_at": 0, "status": "in_progress", "model": body.get("model", "x"), "output": []}
                events = [("response.created", {"response": response})]
                if "tool" in step:
                    item = {"id": f"fc_{done}", "type": "function_call", "status": "completed", "call_id": f"call_{done}", "name": step["tool"],
                            "arguments": json.dumps(step["arguments"])}
                    events += [("response.output_item.added", {"output_index": 0, "item": item}), ("response.output_item.done", {"output_index": 0, "item": item})]
                else:
                    text = {"type": "output_text", "text": step["text"], "annotations": []}
                    item = {"id": f"msg_{done}", "type": "message", "status": "completed", "role": "assistant", "content": [text]}
                    where = {"output_index": 0, "item_id": item["id"], "content_index": 0}
                    events += [("response.output_item.added", {"output_index": 0, "item": {**item, "content": []}}),
                               ("response.content_part.added", {**where, "part": {**text, "text": ""}}),
                               ("response.output_text.delta", {**where, "delta": step["text"]}),
                               ("response.output_text.done", {**where, "text": step["text"]}),
                               ("response.output_item.done", {"output_index": 0, "item": item})]
                events.append(("response.completed", {"response": {**response, "status": "completed", "output": [item], "usage": usage}}))
                return self.stream([(name, {"type": name, "sequence_number": i, **value}) for i, (name, value) in enumerate(events)])

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"

    def step(self, number):
        step = self.steps[number]
        given = self.firsts.get(number, 0)
        if given >= len(step.get("first", [])):
            return step
        self.firsts[number] = given + 1
        return step["first"][given]

    def cwd(self, body):
        found = re.search(r"(?:[Ww]orking directory: ?|<cwd>)(/[^\s<\"\\]+)", json.dumps(body))
        return found.group(1) if found else "."

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
