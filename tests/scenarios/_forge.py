"""A forge as a process of its own: the git repositories over HTTP with basic authentication (git's own http-backend), and of the API of
GitHub, GitLab and Gitea what a pull request needs, with its state. It is asked for its state, and told of faults, below /test."""

import base64
import json
import os
import re
import subprocess
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import _gitlab

TOKEN = "test-token-of-the-forge"
PREFIX = {"github": "/api/v3", "gitlab": "/api/v4", "gitea": "/api/v1", "git": "/nothing"}  # git: a host of repositories that is no forge
KEYS = {"github": {"title", "head", "base", "body", "draft"}, "gitea": {"title", "head", "base", "body"},
        "gitlab": {"source_branch", "target_branch", "title", "description", "target_project_id"}}


class Refused(Exception):
    def __init__(self, status, body=None, headers=None):
        super().__init__(status)
        self.status, self.body, self.headers = status, body or {"message": "refused"}, headers or {}


class State:
    def __init__(self, kind, root):
        self.kind, self.root = kind, root
        self.lock = threading.RLock()
        self.pulls, self.comments, self.statuses, self.checks, self.faults, self.calls = [], [], [], [], [], []
        self.reviews, self.projects, self.takes_checks = [], ["acme/toy"], False
        self.labels = [*({"id": 1000 + number, "name": f"label {number}"} for number in range(60)), {"id": 7, "name": "agent"}, {"id": 8, "name": "late"}]
        self.parents = {}  # of forks
        self.names = {}  # how it writes a repository's name in its answers, where that is not how it is asked: another case, or renamed
        self.sent, self.has_drafts = [], True  # sent: whatever is no question
        self.people = {"grace": 42, "linus": 43, "ken": 44}

    def shown(self):
        return {"pulls": self.pulls, "comments": self.comments, "statuses": self.statuses, "checks": self.checks, "calls": self.calls, "sent": self.sent}

    # --- what a repository has

    def branch(self, repository, name):
        found = subprocess.run(["git", f"--git-dir={self.root}/{repository}.git", "rev-parse", "--verify", "-q", f"refs/heads/{name}"], capture_output=True, text=True)
        return found.stdout.strip()

    def page(self, repository, number):
        return f"http://forge.example/{self.names.get(repository, repository)}/{'merge_requests' if self.kind == 'gitlab' else 'pull'}/{number}"

    def project_id(self, repository):
        if repository not in self.projects:
            self.projects.append(repository)
        return self.projects.index(repository) + 1

    def create(self, repository, body):
        missing = {"github": {"head", "base"}, "gitea": {"head", "base", "title"}, "gitlab": {"source_branch", "target_branch", "title"}}[self.kind] - set(body)
        if missing or set(body) - KEYS[self.kind]:
            raise Refused(422, {"message": f"bad fields {sorted(missing | set(body) - KEYS[self.kind])}"})
        lab = self.kind == "gitlab"
        head, base = (body["source_branch"], body["target_branch"]) if lab else (body["head"], body["base"])
        said = head
        source, head = (f"{head.split(':')[0]}/{repository.split('/')[1]}", head.split(":")[1]) if ":" in head else (repository, head)
        if lab and "target_project_id" in body:
            repository = self.projects[body["target_project_id"] - 1]
        if not self.branch(source, head) or not self.branch(repository, base):
            raise Refused(422, {"message": "Validation Failed", "errors": [{"resource": "PullRequest", "field": "head", "code": "invalid"}]})
        if any(pull["branch"] == head and pull["state"] == "open" for pull in self.pulls):
            exists = f"Another open merge request already exists for this source branch: !{self.pulls[0]['number']}"
            raise Refused(409, {"message": [exists]}) if lab else Refused(409 if self.kind == "gitea" else 422, {"message": "Validation Failed", "errors": [{"resource": "PullRequest", "code": "custom", "message": f"A pull request already exists for acme:{head}."}]})
        if body.get("draft") and not self.has_drafts:
            raise Refused(422, {"message": "Validation Failed", "errors": [{"resource": "PullRequest", "code": "custom", "message": "Draft pull requests are not supported in this repository."}]})
        draft = body.get("draft", False) or body["title"].startswith(("Draft:", "WIP:"))
        pull = {"number": len(self.pulls) + 1, "repository": repository, "source": source, "said": said, "branch": head, "base": base, "title": body["title"], "body": body.get("description" if lab else "body", ""),
                "draft": draft, "state": "open", "labels": [], "reviewers": []}
        self.pulls.append(pull)
        return pull

    def pull_json(self, pull):
        page = self.page(pull["repository"], pull["number"])
        if self.kind == "gitlab":
            return {"iid": pull["number"], "web_url": page, "source_branch": pull["branch"], "description": pull["body"], "draft": pull["draft"], "source_project_id": self.project_id(pull["source"]), "title": pull["title"],
                    "state": {"open": "opened"}.get(pull["state"], pull["state"]), "reviewers": [{"id": one} for one in pull["reviewers"]]}
        merged = pull["state"] == "merged"
        return {"number": pull["number"], "html_url": page, "body": pull["body"], "draft": pull["draft"], "title": pull["title"], "state": "closed" if merged else pull["state"],
                "merged": merged, "merged_at": "2026-11-28T12:00:00Z" if merged else None,
                "head": {"ref": pull["branch"], "repo": {"full_name": self.names.get(pull["source"], pull["source"])}}, "base": {"ref": pull["base"]}}

    def pull(self, number):
        for pull in self.pulls:
            if pull["number"] == int(number):
                return pull
        raise Refused(404, {"message": "Not Found"})

    def comment(self, number, body):
        self.pull(number)
        one = {"id": len(self.comments) + 100, "number": int(number), "body": body["body"], "created_at": f"2026-11-28T10:00:00.{len(self.comments):06}Z"}
        self.comments.append(one)
        return one

    def page_of(self, items, query):
        """as each forge pages: GitLab gives 20 where nothing else is asked for, GitHub 30; Gitea at most 50"""
        size = min(int(query.get("limit" if self.kind == "gitea" else "per_page", ["20" if self.kind == "gitlab" else "30"])[0]), 50 if self.kind == "gitea" else 100)
        start = (int(query.get("page", ["1"])[0]) - 1) * size
        return items[start:start + size]

    def said_about(self, number, query):
        there = [one for one in self.comments if one["number"] == int(number)]
        return there if self.kind == "gitea" else self.page_of(there[::-1] if query.get("sort") == ["desc"] else there, query)

    def check(self, body, commit=None, number=0):
        """made, or changed where it has a number"""
        one = next((c for c in self.checks if c["id"] == number), None)
        if not self.takes_checks:
            raise Refused(403, {"message": "You must authenticate via a GitHub App."})
        if number and not one:
            raise Refused(404, {"message": "Not Found"})
        if not one:
            one = {"id": len(self.checks) + 900, "head_sha": commit}
            self.checks.append(one)
        one.update(body)
        return one

    def change_comment(self, number, body):
        for one in self.comments:
            if one["id"] == int(number):
                one["body"] = body["body"]
                return one
        raise Refused(404, {"message": "Not Found"})

    def status(self, repository, commit, body):
        key = body.get("context") or body.get("name")
        if self.kind == "gitlab" and any(s["commit"] == commit and s["context"] == key and s["state"] == body["state"] for s in self.statuses):
            raise Refused(400, {"message": f"Cannot transition status via :succeed from :{body['state']}"})
        self.statuses = [s for s in self.statuses if (s["commit"], s["context"]) != (commit, key)]
        self.statuses.append({"commit": commit, "context": key, "state": body["state"], "description": body["description"]})
        return {"id": len(self.statuses), "state": body["state"]}

    # --- the APIs

    def hub(self, method, path, query, body):
        repository = "/".join(path.split("/")[2:4])
        rest = path[len(f"/repos/{repository}"):]
        if not os.path.isdir(f"{self.root}/{repository}.git"):
            raise Refused(404, {"message": "Not Found"})
        match = lambda wanted, pattern: method == wanted and re.fullmatch(pattern, rest)
        if match("GET", ""):
            parent = self.parents.get(repository)
            return 200, {"full_name": repository, "default_branch": "main", "fork": bool(parent), **({"parent": {"full_name": parent}, "source": {"full_name": parent}} if parent else {})}
        if match("GET", "/pulls"):
            owner, _, head = query.get("head", [""])[0].rpartition(":")
            return 200, [self.pull_json(p) for p in self.pulls if p["state"] == "open" and (not head or (p["branch"], p["source"].split("/")[0]) == (head, owner))]
        if match("POST", "/pulls"):
            return 201, self.pull_json(self.create(repository, body))
        if m := match("GET", r"/pulls/(\d+)"):
            return 200, self.pull_json(self.pull(m[1]))
        if m := match("PATCH", r"/pulls/(\d+)"):
            pull = self.pull(m[1])
            pull["body"] = body.get("body", pull["body"])
            return 200, self.pull_json(pull)
        if m := match("POST", r"/issues/(\d+)/labels"):
            names = body["labels"] if self.kind == "github" else [label["name"] for label in self.labels if label["id"] in body["labels"]]
            self.pull(m[1])["labels"] += [name for name in names if name not in self.pull(m[1])["labels"]]
            return 200, []
        if match("GET", "/labels"):
            return 200, self.page_of(self.labels, query)
        if m := match("POST", r"/pulls/(\d+)/requested_reviewers"):
            if "nobody" in body["reviewers"]:
                raise Refused(422, {"message": "Reviews may only be requested from collaborators."})
            self.pull(m[1])["reviewers"] += body["reviewers"] + body["team_reviewers"]
            return 201, self.pull_json(self.pull(m[1]))
        if m := match("GET", r"/issues/(\d+)/comments"):
            return 200, self.said_about(m[1], query)
        if m := match("POST", r"/issues/(\d+)/comments"):
            return 201, self.comment(m[1], body)
        if m := match("PATCH", r"/issues/comments/(\d+)"):
            return 200, self.change_comment(m[1], body)
        if m := match("GET", r"/commits/([0-9a-f]+)/check-runs"):
            there = [one for one in self.checks if one["head_sha"] == m[1]]
            return 200, {"total_count": len(there), "check_runs": self.page_of(there, query)}
        if match("POST", "/check-runs"):
            return 201, self.check(body, body["head_sha"])
        if m := match("PATCH", r"/check-runs/(\d+)"):
            return 200, self.check(body, number=int(m[1]))
        if m := match("POST", r"/statuses/([0-9a-f]+)"):
            return 201, self.status(repository, m[1], body)
        if match("GET", r"/commits/[0-9a-f]+/status"):
            return 200, {"state": "failure", "statuses": self.page_of([{"context": "ci/build", "state": "failure", "status": "failure", "description": "the build of more.txt is red"}], query)}
        if match("GET", r"/pulls/\d+/reviews"):
            return 200, self.page_of([{key: value for key, value in one.items() if key != "lines"} | {"comments_count": len(one["lines"])} for one in self.reviews], query)
        if m := match("GET", r"/pulls/\d+/reviews/(\d+)/comments"):
            return 200, [line for one in self.reviews if one["id"] == int(m[1]) for line in one["lines"]]
        if match("GET", r"/pulls/\d+/comments") and self.kind == "github":
            return 200, self.page_of([line for one in self.reviews for line in one["lines"]], query)
        raise Refused(404, {"message": "Not Found"})

    def lab(self, method, path, query, body):
        if wrong := _gitlab.complaints(method, path, query, body):
            raise Refused(422, {"message": f"not as GitLab describes it: {wrong}"})
        if path == "/users":
            return 200, [{"id": self.people[name], "username": name} for name in query["username"] if name in self.people]
        match = re.fullmatch(r"/projects/([^/]+)(/.*)?", path)
        repository, rest = urllib.parse.unquote(match[1]), match[2] or ""
        if not os.path.isdir(f"{self.root}/{repository}.git"):
            raise Refused(404, {"message": "404 Project Not Found"})
        match = lambda wanted, pattern: method == wanted and re.fullmatch(pattern, rest)
        if match("GET", ""):
            parent = self.parents.get(repository)
            return 200, {"id": self.project_id(repository), "default_branch": "main", **({"forked_from_project": {"path_with_namespace": parent}} if parent else {})}
        if match("GET", "/merge_requests"):
            return 200, [self.pull_json(p) for p in self.pulls if p["branch"] == query["source_branch"][0] and p["state"] == "open"]
        if match("POST", "/merge_requests"):
            return 201, self.pull_json(self.create(repository, body))
        if m := match("GET", r"/merge_requests/(\d+)"):
            return 200, self.pull_json(self.pull(m[1]))
        if m := match("PUT", r"/merge_requests/(\d+)"):
            pull = self.pull(m[1])
            pull["body"] = body.get("description", pull["body"])
            pull["labels"] += [one for one in body.get("add_labels", []) if one not in pull["labels"]]
            pull["reviewers"] = body.get("reviewer_ids", pull["reviewers"])
            return 200, self.pull_json(pull)
        if m := match("GET", r"/merge_requests/(\d+)/notes"):
            return 200, self.said_about(m[1], query)
        if match("GET", r"/repository/commits/[0-9a-f]+/statuses"):
            return 200, self.page_of([{"name": "ci/build", "status": "failed", "description": "the build of more.txt is red"}], query)
        if m := match("POST", r"/merge_requests/(\d+)/notes"):
            return 201, self.comment(m[1], body)
        if m := match("PUT", r"/merge_requests/\d+/notes/(\d+)"):
            return 200, self.change_comment(m[1], body)
        if m := match("POST", r"/statuses/([0-9a-f]+)"):
            return 201, self.status(repository, m[1], body)
        raise Refused(404, {"message": "404 Not Found"})


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do(self):
        length = int(self.headers.get("Content-Length") or 0)
        sent = self.rfile.read(length)
        path, _, query = self.path.partition("?")
        state = self.server.state
        if path.startswith("/test/"):
            return self.test(path, sent)
        if re.match(r"/[^/]+/[^/]+\.git/", path):
            return self.git(path, query, sent)
        try:
            with state.lock:
                status, body, headers = *self.api(path, urllib.parse.parse_qs(query), sent), {}
        except Refused as refused:
            status, body, headers = refused.status, refused.body, refused.headers
        if self.command != "GET":
            state.sent.append({"method": self.command, "path": path, "body": json.loads(sent), "status": status})
        self.answer(status, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})

    do_GET = do_POST = do_PUT = do_PATCH = do

    def test(self, path, sent):
        state = self.server.state
        with state.lock:
            if path == "/test/fault":
                state.faults.append(json.loads(sent))
            if path == "/test/forget":
                for one in state.comments:
                    one["body"] += "older"
                for pull in state.pulls:
                    pull["body"] = re.sub(" text=[0-9a-f]+ -->", " -->", pull["body"]).replace("**no_regression**", "**older**")
            if path == "/test/kind":
                state.kind = json.loads(sent)
            if path == "/test/close":  # or merge, or open again
                told = json.loads(sent)
                state.pull(told["number"])["state"] = told["state"]
            if path == "/test/drafts":
                state.has_drafts = json.loads(sent)
            if path == "/test/open":  # by a person
                state.create("acme/toy", json.loads(sent))
            if path == "/test/body":
                told = json.loads(sent)
                state.pull(told["number"])["body"] = told["body"]
            if path == "/test/names":
                state.names = json.loads(sent)
            if path == "/test/parents":
                state.parents = json.loads(sent)
            if path == "/test/reviewers":
                told = json.loads(sent)
                state.pull(told["number"])["reviewers"] = told["reviewers"]
            if path == "/test/checks":
                state.takes_checks = json.loads(sent)
            if path == "/test/review":
                state.reviews.append(json.loads(sent))
            if path == "/test/comments":
                for body in json.loads(sent):
                    state.comment(1, {"body": body})
            self.answer(200, json.dumps(state.shown()).encode(), {})

    def api(self, path, query, sent):
        state = self.server.state
        for prefix in PREFIX.values():
            if path.startswith(prefix + "/") and prefix != PREFIX[state.kind]:
                raise Refused(404, {"message": "Not Found"})
        path = path.removeprefix(PREFIX[state.kind])
        if path == "/version" and state.kind == "gitea":
            return 200, {"version": "1.22.0"}
        state.calls.append(f"{self.command} {path}")
        for fault in state.faults:
            if fault["times"] > 0 and re.search(fault["at"], f"{self.command} {path}"):
                fault["times"] -= 1
                if fault.get("after"):
                    self.dispatch(path, query, sent)
                raise Refused(fault["status"], fault.get("body"), fault.get("headers"))
        if self.headers.get("Authorization") not in (f"Bearer {TOKEN}", f"token {TOKEN}"):
            raise Refused(401, {"message": "Bad credentials"})
        return self.dispatch(path, query, sent)

    def dispatch(self, path, query, sent):
        state = self.server.state
        if path in ("/version", "/meta"):
            return 200, {"version": "1", "installed_version": "3.12.0"}
        return (state.lab if state.kind == "gitlab" else state.hub)(self.command, path, query, json.loads(sent) if sent else {})

    def git(self, path, query, sent):
        given = self.headers.get("Authorization", "")
        if given.removeprefix("Basic ") != base64.b64encode(f"ada:{TOKEN}".encode()).decode():
            return self.answer(401, b"", {"WWW-Authenticate": 'Basic realm="forge"'})
        env = {"PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": self.server.state.root, "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path, "QUERY_STRING": query,
               "REQUEST_METHOD": self.command, "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(sent)), "REMOTE_USER": "ada",
               "REMOTE_ADDR": "127.0.0.1", "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""), "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", "")}
        out = subprocess.run(["git", "http-backend"], input=sent, env=env, capture_output=True).stdout
        head, _, body = out.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        self.answer(int(headers.pop("Status", "200").split()[0]), body, headers)

    def answer(self, status, body, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve(kind, root):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.state = State(kind, root)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2])
