#!/usr/bin/env python3
"""Every request that Baton sends to a forge, held against the forge's own description by Prism, which stands before the forge of the
scenarios. `contract.py github|gitea|forgejo SLICE`, with $PRISM; run by run.sh."""

import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scenarios"))
from _lab import Lab  # noqa: E402
from _tasks import call, configure, toy  # noqa: E402
from pull_requests import Forge, free_port, landed, pr  # noqa: E402

PRISM = os.environ.get("PRISM", "")
REVIEW = {"id": 5, "state": "COMMENT", "body": "Look again.", "submitted_at": "2026-11-28T11:00:00Z", "user": {"login": "grace"},
          "lines": [{"path": "value.txt", "line": 1, "position": 1, "body": "Better than what?", "user": {"login": "grace"}, "created_at": "2026-11-28T11:00:00Z"}]}
SAID = {"github": {"/pulls/1/reviews", "/pulls/1/comments", "/status", "/check-runs"}, "gitea": {"/pulls/1/reviews", "/pulls/1/reviews/5/comments", "/status"}}
API = {"github": "/api/v3", "gitea": "/api/v1", "gitlab": "/api/v4"}
SAME = {"forgejo": "gitea"}  # speaks its words


class Recorder(BaseHTTPRequestHandler):
    """Passes on to Prism, and keeps each request with what Prism says against it; git goes to the forge itself."""

    def log_message(self, *_):
        pass

    def do(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        api = self.path.startswith("/api/")
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "content-length", "accept-encoding", "connection")}
        request = urllib.request.Request((self.server.prism if api else self.server.forge) + self.path, data=body or None, headers=headers, method=self.command)
        try:
            answer = urllib.request.urlopen(request)
        except urllib.error.HTTPError as refused:
            answer = refused
        with answer:
            given = answer.read()
            if api:
                # Those of requests come first, and the list is cut where it is long; what the scenarios' forge leaves out of answers is not ours.
                violations = answer.headers.get("sl-violations") or ""
                said = re.findall(r'\{"location":\["request"[^}]*\}', violations)
                self.server.seen.append((f"{self.command} {self.path}", answer.status, said, re.findall(r'\{"location":\["response"[^}]*\}', violations)))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name.lower() in ("content-type", "www-authenticate", "retry-after", "x-ratelimit-remaining"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(given)))
            self.end_headers()
            self.wfile.write(given)

    do_GET = do_POST = do_PUT = do_PATCH = do


def started(port, process):
    deadline = time.monotonic() + 90
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/").close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError("Prism does not start") from None
            time.sleep(0.2)


@contextmanager
def described(lab, kind, description):
    """The forge behind Prism, configured for the lab: (forge, what was seen, the address)."""
    with Forge(lab, SAME.get(kind, kind)) as forge:
        port = free_port()
        prism = subprocess.Popen([PRISM, "proxy", "-h", "127.0.0.1", "-p", str(port), description, forge.base], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        recorder = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
        recorder.daemon_threads = True
        recorder.prism, recorder.forge, recorder.seen = f"http://127.0.0.1:{port}", forge.base, []
        threading.Thread(target=recorder.serve_forever, daemon=True).start()
        try:
            started(port, prism)
            url = f"http://127.0.0.1:{recorder.server_address[1]}"
            configured(lab, kind, url)
            yield forge, recorder.seen, url
        finally:
            recorder.shutdown()
            prism.terminate()
            prism.wait()


def configured(lab, kind, url):
    lab.env["FORGE_TOKEN"] = "test-token-of-the-forge"
    # It keeps what it was told, so that a second attempt changes something too.
    agent = {"name": "scripted", "command": ["sh", "-c", "sh agent.sh {task}; cp {task} told.md"], "network": "none"}
    configure(lab, [agent], forge={"kind": kind, "url": url, "token_env": "FORGE_TOKEN", "labels": ["agent"], "reviewers": ["grace", *(["acme/team"] if kind == "github" else [])]})


def main(kind, description):
    with Lab() as lab:
        toy(lab)
        with described(lab, kind, description) as (forge, seen, url):
            result = landed(lab, "--land", "draft-pr")
            assert result["pull_request"]["url"] and not result["pull_request"]["notes"], result["pull_request"]
            forge.say("forget", {})  # the comment says something else, so that it is changed
            code, again, err = pr(lab, result)
            assert code == 0, (again, err)
            forge.say("review", REVIEW)
            code, _, again, err = call(lab, "retry", result["task"], "--from-pr", "--yes")
            assert code == 0, (again, err)
            forge.say("checks", True)
            for _ in range(2):  # made, then changed
                code, again, err = pr(lab, result)
                assert code == 0, (again, err)
            from_a_fork(lab, forge, url)
            check(kind, seen, json.loads(Path(description).read_text()))
            seen.clear()
            wrong = urllib.request.Request(f"{url}{API[SAME.get(kind, kind)]}/repos/acme/toy/pulls", data=json.dumps({"title": 1, "base": "main", "draft": "yes"}).encode(), method="POST",
                                           headers={"Content-Type": "application/json"})
            try:
                urllib.request.urlopen(wrong).close()
            except urllib.error.HTTPError as refused:
                refused.close()
            assert seen[0][2], "what is wrong would not be seen"
        lab.baton("stop")
        lab.assert_no_strays(8)
    return 0


def from_a_fork(lab, forge, url):
    fork = forge.root / "ada/toy.git"
    lab.git("clone", "-q", "--bare", str(forge.root / "acme/toy.git"), str(fork), cwd=lab.folder)
    lab.git("config", "http.receivepack", "true", cwd=fork)
    lab.git("remote", "add", "mine", forge.base + "/ada/toy.git")
    lab.git("config", "remote.pushDefault", "mine")
    forge.say("parents", {"ada/toy": "acme/toy"})
    result = landed(lab, "--land", "draft-pr")
    assert result["pull_request"]["remote"] == "mine" and "/acme/toy/" in result["pull_request"]["url"], result["pull_request"]


def not_called(kind, seen, api):
    """what the slice of the description has and nothing called"""
    called = {tuple(line.split("?")[0].split()) for line, *_ in seen}
    pattern = lambda path: re.sub(r"\\\{.*?\\\}", "[^/]+", re.escape(path))
    wanted = [(method.upper(), path) for path, methods in api["paths"].items() for method in methods]
    return [one for one in wanted if not any(method == one[0] and re.fullmatch(pattern(one[1]), path) for method, path in called)]


def check(kind, seen, api):
    bad = [one for one in seen if one[2]]
    words = SAME.get(kind, kind)
    kinds = sorted({line.split("?")[0].replace(API[words] + "/repos/acme/toy", "") for line, *_ in seen})
    print(f"{kind}: {len(seen)} requests, {len(kinds)} of them different:")
    for one in kinds:
        print("  " + one)
    assert not bad, bad
    left = [one for one in not_called(kind, seen, api) if not one[1].endswith("/version")]
    assert not left, ("described and never called", left)
    assert all(any(one.startswith("GET ") and one.endswith(path) for one in kinds) for path in SAID[words]), kinds
    assert len([line for line, *_ in seen if line.startswith(("POST", "PATCH"))]) >= 7, kinds
    print("each is as its own description has it")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
