#!/usr/bin/env python3
"""Every error that a forge describes for a call of ours, answered by the forge of the scenarios with a body as it is described, and what the
user is told of it: one clear sentence that says what and what next. What a description leaves out is tried too, with a plain body.
`errors.py github|gitea|forgejo SLICE` with $PRISM, which holds the bodies against the description; `errors.py gitlab` by the table of _gitlab.py."""

import json
import re
import sys
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scenarios"))
import _gitlab  # noqa: E402
from _lab import Lab  # noqa: E402
from _tasks import call, toy  # noqa: E402
from contract import API, REVIEW, SAME, configured, described  # noqa: E402
from pull_requests import Forge, landed, pr  # noqa: E402

WORDS = "there is no room in the inn"
EVERYWHERE = [401, 403, 404, 409, 422, 429, 500, 503]
# What is said of each, and no other: the reader can tell them apart without the number.
SAYS = {400: "refuses to", 401: "does not accept the token", 403: "give it that right", 404: "has no repository", 406: "refuses to", 409: "stands against it", 410: "takes none of it",
        412: "refuses to", 413: "no room left", 415: "refuses to", 422: "refuses to", 423: "archived or locked", 429: "takes no more calls", 500: "fault of its own", 503: "fault of its own"}
NEXT = re.compile(r"; (get another|give it|look at|look|switch it on|make room|open it again|mend that|wait|run it again)[^.]*")
ISSUE, PULL = "/issues/{index}", "/pulls/{index}"
# The calls in the order in which they are made: of a first publication, of another, of a look at what was said.
HUB = {
    "find": ("GET", "/pulls"), "create": ("POST", "/pulls"), "look": ("GET", PULL),
    "label": ("POST", f"{ISSUE}/labels"), "review": ("POST", f"{PULL}/requested_reviewers"), "status": ("POST", "/statuses/{sha}"), "comments": ("GET", f"{ISSUE}/comments"),
    "comment": ("POST", f"{ISSUE}/comments"), "body": ("PATCH", PULL), "change": ("PATCH", "/issues/comments/{id}"),
    "said": [("GET", f"{ISSUE}/comments"), ("GET", f"{PULL}/reviews"), ("GET", "/commits/{ref}/status")],
}
LAB = {
    "find": ("GET", "/merge_requests"), "create": ("POST", "/merge_requests"), "look": ("GET", "/merge_requests/{iid}"),
    "label": ("PUT", "/merge_requests/{iid}"), "review": ("GET", "/users"), "status": ("POST", "/statuses/{sha}"), "comments": ("GET", "/merge_requests/{iid}/notes"),
    "comment": ("POST", "/merge_requests/{iid}/notes"), "body": ("PUT", "/merge_requests/{iid}"), "change": ("PUT", "/merge_requests/{iid}/notes/{id}"),
    "said": [("GET", "/merge_requests/{iid}/notes"), ("GET", "/repository/commits/{ref}/statuses")],
}


def calls_of(kind):
    if kind == "gitlab":
        return LAB
    more = [("GET", f"{PULL}/comments")] if kind == "github" else [("GET", f"{PULL}/reviews/{{id}}/comments")]
    return {**HUB, "said": HUB["said"] + more, **({} if kind == "github" else {"labels": ("GET", "/labels")})}


class Description:
    """The errors of a call, and a body for each."""

    def __init__(self, kind, slice_path):
        self.kind = kind
        self.api = json.loads(Path(slice_path).read_text()) if slice_path else None

    def resolved(self, value):
        while "$ref" in value:
            at = self.api
            for key in value["$ref"][2:].split("/"):
                at = at[key.replace("~1", "/").replace("~0", "~")]
            value = at
        return value

    def responses(self, method, path):
        if self.kind == "gitlab":
            found = _gitlab.operation(method, "/projects/acme%2Ftoy" + re.sub(r"\{.*?\}", "1", path))
            return {status: {} for status in found["errors"]} if found else {}
        wanted = re.sub(r"\{.*?\}", "{}", f"{API[SAME.get(self.kind, self.kind)]}/repos/{{}}/{{}}{path}")
        for there, methods in self.api["paths"].items():
            if re.sub(r"\{.*?\}", "{}", there) == wanted:
                return {int(status): self.resolved(one) for status, one in methods[method.lower()]["responses"].items() if status.isdigit() and int(status) >= 400}
        raise AssertionError(f"{method} {path} is not described, and it is called")

    def body(self, response):
        content = response.get("content", {})
        schema = next((one["schema"] for name, one in content.items() if "json" in name), response.get("schema"))
        return self.sample(schema) if schema else {"message": WORDS}

    def sample(self, schema, depth=0):
        schema = self.resolved(schema)
        for choice in ("oneOf", "anyOf"):
            if choice in schema:
                return self.sample(schema[choice][0], depth)
        if "allOf" in schema:
            return {name: value for part in schema["allOf"] for name, value in self.sample(part, depth).items()}
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if kind == "object":
            return {name: self.sample(one, depth + 1) for name, one in schema.get("properties", {}).items() if depth < 4}
        if kind == "array":
            return [self.sample(schema.get("items", {}), depth + 1)]
        return {"integer": 1, "number": 1, "boolean": True}.get(kind, "https://forge.example/x" if schema.get("format") in ("uri", "url") else WORDS)


class Run:
    def __init__(self, lab, kind, forge, description, seen):
        self.lab, self.kind, self.forge, self.description, self.seen = lab, kind, forge, description, seen
        self.calls = calls_of(kind)
        self.reviewers = 2 if kind == "github" else 1  # as the lab is configured
        self.described = self.others = 0

    def fault(self, one, status, **headers):
        method, path = one
        responses = self.description.responses(method, path)
        known = status in responses
        if not known and status not in EVERYWHERE:
            return None
        self.described, self.others = self.described + known, self.others + (not known)
        body = self.description.body(responses[status]) if known else {"message": WORDS}
        if status in (429, 500, 503):
            headers = {"Retry-After": "120", **headers}  # longer than anybody waits
        self.seen.clear()
        times = self.times(one, status)
        self.forge.fault("^" + method + " .*" + re.sub(r"\\\{.*?\\\}", "[^/]+", re.escape(path)) + "$", status, times=times, body=body, headers=headers)
        return (one, status, known)

    def times(self, one, status):
        """reviewers who are refused together are asked each alone"""
        return 1 + self.reviewers if one == self.calls["review"] and self.reviewers > 1 and status in (422, *([404] if self.kind in ("gitea", "forgejo") else [])) else 1

    def is_clear(self, sentence, faulted):
        one, status, known = faulted
        about = (self.kind, one, status, sentence)
        assert SAYS[status] in sentence and not [words for other, words in SAYS.items() if words != SAYS[status] and words in sentence.replace(WORDS, "")], about
        assert NEXT.search(sentence), ("what is to be done?", about)
        assert sentence.endswith(".") and len(re.findall(r"\.(?= |$)", sentence)) == 1 and "\n" not in sentence and not set("{}[]\"") & set(sentence), ("one sentence without JSON", about)
        assert 40 < len(sentence) < 500, about
        bad = [seen for seen in self.seen if known and seen[1] == status and [said for said in seen[3] if "returned status code" not in said]]
        assert not bad, ("the body is not as described", bad)

    def refused(self, task, name, status):
        """ends the publication with the sentence"""
        if faulted := self.fault(self.calls[name], status):
            code, told, err = pr(self.lab, task)
            assert code == 1 and told["trouble"], (self.kind, name, status, code, told, err)
            self.is_clear(told["trouble"], faulted)

    def noted(self, task, names, status):
        """is told beside a pull request that stands"""
        faulted = [one for one in (self.fault(self.calls[name], status) for name in names) if one]
        if faulted:
            code, told, err = pr(self.lab, task, "--draft")
            assert code == 0, (self.kind, names, status, told, err)
            notes = told["pull_request"]["notes"]
            told = [one for one in faulted for _ in range(max(1, self.times(one[0], status) - 1))]
            assert len(notes) == len(told), (self.kind, names, status, notes)
            for note, one in zip(notes, told):
                self.is_clear(note, one)

    def unheard(self, task, status):
        for one in self.calls["said"]:
            if faulted := self.fault(one, status):
                code, out, err = self.lab.baton("retry", task["task"], "--from-pr", "--yes", "--json")
                assert code != 0, (self.kind, one, status, out, err)
                self.is_clear(err.strip().splitlines()[-1].removeprefix("baton: "), faulted)

    def status(self, status):
        task = landed(self.lab)
        for name in ("find", "create"):
            self.refused(task, name, status)
        first = ["label", "review", "status", "comments"]
        if "labels" in self.calls:  # where they are read first, setting them is a case of its own
            self.noted(landed(self.lab), ["label"], status)
            first[0] = "labels"
        # A comment is made where those that are there could be read.
        unread = status in EVERYWHERE or status in self.description.responses(*self.calls["comments"])
        self.noted(task, first if unread else [*first, "comment"], status)
        if unread:
            self.noted(task, ["comment"], status)
        code, told, err = pr(self.lab, task)
        assert code == 0 and not told["pull_request"]["notes"], (told, err)
        if status != 404:  # then it is looked for by its branch
            self.refused(task, "look", status)
        self.forge.say("forget", {})
        self.refused(task, "body", status)
        code, told, err = pr(self.lab, task)
        assert code == 0, (told, err)
        self.forge.say("forget", {})
        self.noted_after_body(task, status)
        self.unheard(task, status)

    def noted_after_body(self, task, status):
        if faulted := self.fault(self.calls["change"], status):
            code, told, err = pr(self.lab, task)
            assert code == 0 and len(told["pull_request"]["notes"]) == 1, (self.kind, status, told, err)
            self.is_clear(told["pull_request"]["notes"][0], faulted)

    def limits(self):
        """a limit that is used up is none of a right that is missing; a short wait is waited"""
        task = landed(self.lab)
        find = "^GET .*(pulls|merge_requests)$"
        for status, headers, words in ((403, {"X-RateLimit-Remaining": "0"}, "wait a while"), (403, {"Retry-After": "90"}, "wait 90 seconds"), (429, {"Retry-After": "90"}, "wait 90 seconds")):
            self.forge.fault(find, status, headers=headers, body={"message": WORDS})
            code, told, err = pr(self.lab, task)
            assert code == 1 and "takes no more calls at the moment; " + words in told["trouble"] and "may not" not in told["trouble"], (status, headers, told, err)
        self.forge.fault(find, 429, headers={"Retry-After": "1"}, body={"message": WORDS})
        code, told, err = pr(self.lab, task)
        assert code == 0, (told, err)


@contextmanager
def undescribed(lab, kind):
    with Forge(lab, kind) as forge:
        configured(lab, kind, forge.base)
        yield forge, [], forge.base


def main(kind, slice_path=None):
    description = Description(kind, slice_path)
    statuses = set(EVERYWHERE)
    for one in [call for calls in calls_of(kind).values() for call in (calls if isinstance(calls, list) else [calls])]:
        statuses |= set(description.responses(*one))
    with Lab() as lab:
        toy(lab)
        with described(lab, kind, slice_path) if slice_path else undescribed(lab, kind) as (forge, seen, _):
            forge.say("review", REVIEW)
            run = Run(lab, kind, forge, description, seen)
            for status in sorted(statuses):
                run.status(status)
            run.limits()
        lab.baton("stop")
        lab.assert_no_strays(8)
    print(f"{kind}: {run.described} errors that it describes and {run.others} that it does not, each one clear sentence: {sorted(statuses)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
