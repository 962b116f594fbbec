#!/usr/bin/env python3
"""From a task to a pull request, against a forge that is a process of its own: one action, one branch, one pull request, one comment,
whatever is killed or fails in between; every refusal is one sentence, and nothing is published that is not the task's."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

from _forge import TOKEN
from _tasks import call, cases, configure, toy
from engine import Window, approve

TASK = "Update value.txt\n\nSee #12 and @everyone about it.\n\nwrite value.txt good and better\n"


class Forge:
    """The forge's process, and a remote `origin` on it with what the lab's repository has."""

    def __init__(self, lab, kind="github"):
        self.lab = lab
        self.root = lab.folder / "forge"
        lab.git("init", "-q", "--bare", "-b", "main", str(self.root / "acme/toy.git"))
        lab.git("config", "http.receivepack", "true", cwd=self.root / "acme/toy.git")
        self.process = subprocess.Popen([sys.executable, str(Path(__file__).with_name("_forge.py")), kind, str(self.root)], stdout=subprocess.PIPE, text=True)
        self.base = f"http://127.0.0.1:{int(self.process.stdout.readline())}"
        (lab.folder / "credentials").write_text(self.base.replace("://", f"://ada:{TOKEN}@") + "\n")
        lab.git("config", "--global", "credential.helper", f"store --file={lab.folder}/credentials")
        lab.git("remote", "add", "origin", f"{self.base}/acme/toy.git")
        lab.git("push", "-q", "-u", "origin", "main")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def say(self, what="state", value=None):
        data = None if value is None else json.dumps(value).encode()
        with urllib.request.urlopen(f"{self.base}/test/{what}", data=data) as answer:
            return json.load(answer)

    def fault(self, at, status, times=1, **more):
        self.say("fault", {"at": at, "status": status, "times": times, **more})

    def drop_branch(self, result):
        self.lab.git("update-ref", "-d", f"refs/heads/{result['branch']}", cwd=self.root / "acme/toy.git")

    def branches(self):
        return self.lab.git("for-each-ref", "--format=%(refname:short)", "refs/heads", cwd=self.root / "acme/toy.git").split()


def landed(lab, *options):
    code, _, result, err = call(lab, "run", "--yes", "--agent", "scripted", *options, TASK)
    assert code == 0, (code, result, err)
    return result


def pr(lab, task, *options, env=None):
    code, _, result, err = call(lab, "pr", task["task"], "--yes", *options, env=env)
    return code, result, err


def one_of_each(forge, result):
    state = forge.say()
    assert len(state["pulls"]) == 1 and len(state["comments"]) == 1, (state["pulls"], state["comments"])
    assert forge.branches() == [result["branch"], "main"], forge.branches()
    pull = state["pulls"][0]
    tip = forge.lab.git("rev-parse", result["branch"], cwd=forge.root / "acme/toy.git").strip()
    assert tip == result["commit"] and pull["branch"] == result["branch"] and pull["base"] == "main", (tip, pull)
    assert [(s["commit"], s["state"], s["context"]) for s in state["statuses"]] == [(tip, "success", "baton")], state["statuses"]
    assert state["comments"][0]["number"] == pull["number"] and tip in state["comments"][0]["body"]
    return pull


def in_one_action_on_each_forge(lab):
    """`--land draft-pr`, then a second click; on GitHub, GitLab and Gitea, each found from what answers at the remote's host"""
    template = "# Summary\n\n<!-- say what -->\n\n# How was it tested?\n\n- [ ] by hand\n"
    lab.commit({".github/PULL_REQUEST_TEMPLATE.md": template})
    configure(lab, forge={"labels": ["agent", "late"], "reviewers": ["grace", "nobody", "linus"]})
    with Forge(lab) as forge:
        for kind in ("github", "gitlab", "gitea"):
            forge.say("kind", kind)
            before = len(forge.say()["pulls"])
            result = landed(lab, "--land", "draft-pr")
            published = result["pull_request"]
            assert published["forge"] == kind and published["draft"] and published["url"].startswith("http://forge.example/"), published
            state = forge.say()
            pull = state["pulls"][before]
            assert len(state["pulls"]) == before + 1 and pull["draft"] and pull["labels"] == ["agent", "late"], pull
            grace, linus = (42, 43) if kind == "gitlab" else ("grace", "linus")
            assert pull["reviewers"] == [grace, linus] and published["reviewers"] == ["grace", "linus"], (pull, published)
            assert len(published["notes"]) == 1 and ("knows no user nobody" if kind == "gitlab" else "refuses to ask nobody for a review") in published["notes"][0], published["notes"]
            text = pull["body"]
            assert text.startswith("# Summary") and "- [ ] by hand" in text and "## What changed" in text, text
            assert text.index("no_regression") < text.index("# How was it tested?") < text.index("make test"), text
            assert "#12" not in text and "@everyone" not in text and "#<!-- -->12" in text, text
            forge.say("reviewers", {"number": pull["number"], "reviewers": [linus]})  # whom people took out is not asked again
            code, again, err = pr(lab, result)
            assert code == 0 and again["pull_request"] == published, (code, again, err)
            configure(lab, forge={"labels": ["agent", "late", "none"], "reviewers": ["grace", "ken", "linus"]})  # and who was wrong is mended
            code, again, err = pr(lab, result)
            state = forge.say()
            assert state["pulls"][before]["reviewers"] == [linus, 44 if kind == "gitlab" else "ken"], state["pulls"][before]
            notes = again["pull_request"]["notes"]
            assert (kind == "gitea") == any("has no label none" in note for note in notes) and len(notes) <= 1, notes
            configure(lab, forge={"labels": ["agent"], "reviewers": ["grace", "linus"]})
            assert len(state["pulls"]) == before + 1 and len(state["comments"]) == before + 1
            calls = len(state["calls"])
            code, again, err = pr(lab, result)
            state = forge.say()
            assert not [one for one in state["calls"][calls:] if one.startswith(("PATCH", "PUT")) or ("POST" in one and "status" not in one and "check-runs" not in one)], state["calls"][calls:]
            configure(lab, forge={"labels": ["agent", "late"], "reviewers": ["grace", "nobody", "linus"]})


def one_task(lab):
    """shown, refused in every way, killed at every step: one branch, one pull request, one comment in the end"""
    result = landed(lab)
    with Forge(lab) as forge:
        dry = shown_before_it_is_sent(lab, forge, result)
        every_refusal_is_one_sentence(lab, forge, result)
        killed_at_every_step(lab, forge, result)
        create, pull = dry["requests"][0], one_of_each(forge, result)
        assert create["method"] == "POST" and create["body"]["body"] == pull["body"] and create["body"]["title"] == pull["title"], (create, pull)
        verdict_as_a_check(lab, forge, result)
        code, out, err = lab.baton("pr", result["task"], "--dry-run", "--yes")
        assert code == 0 and "Already pushed" in out, (code, out, err)
        (lab.folder / "credentials").write_text("")
        for env, words in (({}, "There is no token for 127.0.0.1"), ({"GH_HOST": "127.0.0.1", "GH_ENTERPRISE_TOKEN": TOKEN}, "git has no credentials for it")):
            code, told, err = pr(lab, result, env=env)
            assert code == 1 and words in told["trouble"], (code, told)
        assert TOKEN.encode() not in (lab.repo / ".git/baton/journal.db").read_bytes(), "the token is in the journal"


def shown_before_it_is_sent(lab, forge, result):
    code, told, err = pr(lab, result, "--dry-run")
    assert code == 0, (code, told, err)
    dry = told["dry_run"]
    assert dry["push"]["ref"] == "refs/heads/" + result["branch"] and dry["push"]["commit"] == result["commit"] and dry["push"]["needed"], dry["push"]
    state = forge.say()
    assert not state["pulls"] and forge.branches() == ["main"] and not [one for one in state["calls"] if not one.startswith("GET")], state
    asked = {one["url"].rsplit("/repos/acme/toy/")[-1].split("/")[0]: one["to"] for one in dry["requests"]}
    assert asked["check-runs"] == "report the verdict as a check run" and asked["statuses"] == "report the verdict, only where the check run is refused", asked
    return dry


def what_is_shown_is_what_is_sent(lab):
    """each request with its body and the push, of a first call and of one that changes what is there, on each forge"""
    configure(lab, forge={"labels": ["agent", "late"], "reviewers": ["grace", "linus"]})
    with Forge(lab) as forge:
        for kind in ("github", "gitlab", "gitea"):
            forge.say("kind", kind)
            forge.say("checks", False)
            result = landed(lab)
            first = shown_then_sent(lab, forge, result, "--draft")
            assert any(one.get("body", {}).get("title", "").startswith({"github": "", "gitlab": "Draft: ", "gitea": "WIP: "}[kind]) for one in first), first
            forge.say("forget", {})
            assert {one["method"] for one in shown_then_sent(lab, forge, result)} >= {"PUT" if kind == "gitlab" else "PATCH"}
            assert not [one for one in shown_then_sent(lab, forge, result) if one["method"] in ("PUT", "PATCH")], "nothing is new"
            moved = landed(lab)
            lab.git("commit", "-q", "--allow-empty", "-m", f"more of {kind}")
            lab.git("push", "-q", "origin", "main")
            shown_then_sent(lab, forge, moved)
            assert "judged again" in forge.say()["comments"][-1]["body"]
            if kind == "github":
                forge.say("checks", True)
                assert not [one for one in shown_then_sent(lab, forge, moved) if "/statuses/" in one["url"]], "a check run was made"
                forge.say("drafts", False)
                assert [one["body"]["title"] for one in shown_then_sent(lab, forge, landed(lab), "--draft") if one["url"].endswith("/pulls")] == ["Update value.txt", "[draft] Update value.txt"]


def shown_then_sent(lab, forge, result, *options):
    """a dry run, then the same in earnest: what was sent"""
    bare = forge.root / "acme/toy.git"
    refs = lambda: dict(line.split()[::-1] for line in lab.git("for-each-ref", "--format=%(objectname) %(refname)", cwd=bare).splitlines())
    before, sent = refs(), len(forge.say()["sent"])
    code, told, err = pr(lab, result, "--dry-run", *options)
    assert code == 0, (code, told, err)
    dry = told["dry_run"]
    assert refs() == before and len(forge.say()["sent"]) == sent, "a dry run sends nothing"
    code, told, err = pr(lab, result, *options)
    assert code == 0, (code, told, err)
    push, published = dry["push"], told["pull_request"]
    assert (push["remote"], push["before"], push["needed"]) == ("origin", before.get(push["ref"]), before.get(push["ref"]) != push["commit"]), (push, before)
    assert refs() == before | {push["ref"]: push["commit"]}, (push, refs())
    assert dry["notes"] == published["notes"], (dry["notes"], published["notes"])
    sent = [{"method": one["method"], "url": forge.base + one["path"], "body": one["body"], "refused": one["status"] >= 400} for one in forge.say()["sent"][sent:]]
    shown = []
    for one in dry["requests"]:
        refused = len(shown) <= len(sent) and shown and sent[len(shown) - 1]["refused"]
        if ", only where" in one["to"] and not refused:
            continue
        shown.append({"method": one["method"], "url": one["url"].replace("NUMBER", str(published["number"])), "body": one["body"]})
    assert shown == [{name: one[name] for name in ("method", "url", "body")} for one in sent], (shown, sent)
    return sent


def every_refusal_is_one_sentence(lab, forge, result):
    table = [
        ("^POST .*/pulls$", 403, {"body": {"message": "Resource not accessible by personal access token"}, "headers": {"X-Accepted-GitHub-Permissions": "pull_requests=write"}}, "needed: pull_requests=write"),
        ("^GET .*/pulls$", 404, {}, "has no repository acme/toy"),
        ("^GET .*/pulls$", 401, {}, "does not accept the token from git's credential helper"),
        ("^POST .*/pulls$", 422, {"body": {"message": "Validation Failed", "errors": [{"message": "No commits between main and it"}]}}, "No commits between main and it"),
        ("^GET .*/pulls$", 307, {"headers": {"Location": "http://elsewhere.example/x"}}, "elsewhere.example, which is not followed"),
        ("^POST .*/pulls$", 503, {}, "has a fault of its own (503)"),
    ]
    for at, status, more, words in table:
        forge.fault(at, status, **more)
        code, told, err = pr(lab, result)
        assert code == 1 and words in told["trouble"] and told["trouble"].endswith(".") and TOKEN not in json.dumps(told) + err, (status, code, told and told.get("trouble"), err)
        assert not forge.say()["pulls"], status
    forge.drop_branch(result)


def killed_at_every_step(lab, forge, result):
    points = ["before effect publish", "publish pushed", "publish made", "publish labelled", "publish reported", "publish commented", "after effect publish", "before published", "after published"]
    for point in points:
        process = lab.start("pr", result["task"], "--yes", "--json", env={**lab.env, "BATON_FAULT": point})
        _, err = process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL, (point, process.returncode, err.decode()[-400:])
    code, _, answer, err = call(lab, "resume", "--yes")
    assert code == 0, (code, answer, err)
    shown = call(lab, "show", result["task"])[2]
    assert shown["pull_request"]["complete"], shown["pull_request"]
    one_of_each(forge, result)


def killed_at_every_step_on(kind):
    def case(lab):
        result = landed(lab)
        with Forge(lab, kind) as forge:
            killed_at_every_step(lab, forge, result)

    case.__name__ = f"killed_at_every_step_on_{kind}"
    return case


def verdict_as_a_check(lab, forge, result):
    """where the token may: made, found again and changed, and no status beside it"""
    forge.say("checks", True)
    for verb in ("POST", "PATCH"):
        calls = len(forge.say()["calls"])
        code, told, err = pr(lab, result)
        assert code == 0 and not told["pull_request"]["notes"], (code, told, err)
        state = forge.say()
        assert [one.split()[0] for one in state["calls"][calls:] if re.match("(POST|PATCH) .*/check-runs", one)] == [verb] and not [one for one in state["calls"][calls:] if "/statuses/" in one], state["calls"][calls:]
        assert [(one["head_sha"], one["name"], one["conclusion"]) for one in state["checks"]] == [(result["commit"], "baton", "success")], state["checks"]
        text = state["checks"][0]["output"]["summary"]
        assert "## What changed" in text and "#<!-- -->12" in text and "@<!-- -->everyone" in text and "#12" not in text, text


def nothing_else_is_published(lab):
    """uncommitted work, commits that the remote does not have, branches of others"""
    lab.write({"README.md": "# Toy, being rewritten\n", "notes.txt": "mine\n"})
    result = landed(lab)
    with Forge(lab) as forge:
        bare = forge.root / "acme/toy.git"
        lab.git("push", "-q", "origin", f"main:refs/heads/{result['branch']}")
        code, told, err = pr(lab, result)
        assert code == 1 and "holds other work, which is never overwritten" in told["trouble"], (code, told, err)
        forge.drop_branch(result)
        hook = lab.repo / ".git/hooks/pre-push"
        lab.write({".git/hooks/pre-push": "#!/bin/sh\necho the hook refuses >&2\nexit 1\n"})
        code, told, err = pr(lab, result)
        assert code == 1 and "push to origin failed" in told["trouble"], (code, told, err)
        hook.unlink()
        lab.write({"acme/toy.git/hooks/update": "#!/bin/sh\necho 'GH006: Protected branch update failed' >&2\nexit 1\n"}, root=forge.root)
        code, told, err = pr(lab, result)
        assert code == 1 and "protected there" in told["trouble"], (code, told, err)
        (bare / "hooks/update").unlink()
        forge.fault("^GET .*/pulls$", 429, headers={"Retry-After": "1"})
        forge.fault("^POST .*/pulls$", 502, after=True)  # it was made, and the answer lost
        code, told, err = pr(lab, result)
        one_of_each(forge, result)
        assert code == 0 and lab.git("diff", "--name-only", "main", result["branch"], cwd=bare).split() == ["value.txt"], (code, told, err)
        verdict, comment = result["verdict"], forge.say()["comments"][0]["body"]
        assert verdict["base"]["commit"] == lab.git("rev-parse", "main", cwd=bare).strip(), "it was judged against what the forge does not have"
        assert f"the verification `{verdict['id']}`" in comment and f"--base {verdict['base']['commit'][:12]} " in comment, comment
        lab.git("stash", "-q", "-u")
        lab.git("commit", "-q", "--allow-empty", "-m", "not pushed yet")
        lab.git("stash", "pop", "-q")
        later = landed(lab)
        code, told, err = pr(lab, later)
        assert code == 1 and "push them yourself first" in told["trouble"] and len(forge.say()["pulls"]) == 1, (code, told, err)


def under_another_name(lab):
    """the forge answers with its own spelling of the repository, or with the name that it was given since: there is still one pull request"""
    with Forge(lab) as forge:
        for count, kind in enumerate(("github", "gitlab", "gitea"), 1):
            forge.say("kind", kind)
            forge.say("names", {"acme/toy": "Acme/Toy"})
            result = landed(lab)
            forge.fault("^POST .*/(pulls|merge_requests)$", 502, after=True)  # it was made, and the answer lost
            code, told, err = pr(lab, result)
            assert code == 0 and "/Acme/Toy/" in told["pull_request"]["url"], (kind, code, told, err)
            forge.say("names", {"acme/toy": "acme/renamed"})
            code, told, err = pr(lab, result)
            assert code == 0 and "/acme/renamed/" in told["pull_request"]["url"] and len(forge.say()["pulls"]) == count, (kind, code, told, err)
            forge.say("close", {"number": told["pull_request"]["number"], "state": "closed"})
            forge.say("names", {"acme/toy": "acme/again"})
            code, told, err = pr(lab, result)
            assert code == 1 and "was closed there" in told["trouble"], (kind, code, told, err)


def opened_by_hand(lab):
    """a pull request that a person opened on our branch is taken for ours; their words stay above our page, and where they take it out it stays out"""
    with Forge(lab) as forge:
        result = landed(lab)
        lab.git("push", "-q", "origin", f"{result['commit']}:refs/heads/{result['branch']}")
        forge.say("open", {"title": "Mine", "head": result["branch"], "base": "main", "body": "My own words."})
        for _ in range(2):
            code, told, err = pr(lab, result)
            assert code == 0, (code, told, err)
            text = one_of_each(forge, result)["body"]
            assert text.startswith("My own words.\n\n<!-- baton:all ") and text.count("## What changed") == 1, text
        forge.say("body", {"number": 1, "body": "My own words."})
        code, told, err = pr(lab, result)
        assert code == 0 and forge.say()["pulls"][0]["body"] == "My own words.", (code, told, err)


def others_commit_to_the_branch(lab):
    """a suggestion that a reviewer commits stays: the page is brought up to date below it, and no attempt begins that could not be pushed"""
    with Forge(lab) as forge:
        result = landed(lab, "--land", "draft-pr")
        bare, colleague = forge.root / "acme/toy.git", lab.folder / "colleague"
        lab.git("clone", "-q", "-b", result["branch"], f"{forge.base}/acme/toy.git", str(colleague), cwd=lab.folder)
        lab.git("commit", "-q", "--allow-empty", "-m", "as suggested", cwd=colleague)
        lab.git("push", "-q", cwd=colleague)
        theirs = lab.git("rev-parse", result["branch"], cwd=bare).strip()
        forge.say("forget", {})
        code, told, err = pr(lab, result, "--dry-run")
        assert code == 0 and not told["dry_run"]["push"]["needed"], (code, told, err)
        code, told, err = pr(lab, result)
        assert code == 0 and any(f"has commits of others ({theirs[:12]})" in note for note in told["pull_request"]["notes"]), (code, told, err)
        assert lab.git("rev-parse", result["branch"], cwd=bare).strip() == theirs, "it is overwritten"
        assert "**older**" not in forge.say()["pulls"][0]["body"], "the page is not brought up to date"
        forge.say("comments", ["Please mention why."])
        code, told, _, err = call(lab, "retry", result["task"], "--from-pr", "--yes")
        assert code != 0 and f"git fetch origin {result['branch']}" in err, (code, told, err)
        assert call(lab, "show", result["task"])[2]["state"] == "landed", "an attempt has begun"


def beside_the_host_of_its_repositories(lab):
    """the remote's host serves repositories alone; the user's own configuration says where the web is, which gets its own token, and the repository's may not"""
    with Forge(lab) as forge:
        lab.commit({".baton/config.json": json.dumps({"forge": {"url": forge.base, "kind": "github"}})})
        lab.git("push", "-q", "origin", "main")
        result = landed(lab)
        host = subprocess.Popen([sys.executable, str(Path(__file__).with_name("_forge.py")), "git", str(forge.root)], stdout=subprocess.PIPE, text=True)
        try:
            base = f"http://localhost:{int(host.stdout.readline())}"
            with (lab.folder / "credentials").open("a") as credentials:
                credentials.write(base.replace("://", f"://ada:{TOKEN}@") + "\n")
            lab.git("remote", "set-url", "origin", f"{base}/acme/toy.git")
            code, told, err = pr(lab, result)
            assert code == 0 and not forge.say()["pulls"] and "localhost is no forge" in told["message"], (code, told, err)
            configure(lab, forge={"url": forge.base})
            code, told, err = pr(lab, result)
            assert code == 0 and told["pull_request"]["number"] == 1, (code, told, err)
            one_of_each(forge, result)
        finally:
            host.kill()
            host.wait()
            host.stdout.close()


def base_that_moved(lab):
    result, worse = landed(lab), landed(lab)
    with Forge(lab) as forge:
        colleague = lab.folder / "colleague"
        lab.git("clone", "-q", f"{forge.base}/acme/toy.git", str(colleague), cwd=lab.folder)
        (colleague / "more.txt").write_text("more\n")
        lab.git("add", "-A", cwd=colleague)
        lab.git("commit", "-q", "-m", "more", cwd=colleague)
        lab.git("push", "-q", cwd=colleague)
        before = lab.git("for-each-ref")
        code, told, err = pr(lab, result)
        assert code == 0 and any("judged again: " in note for note in told["pull_request"]["notes"]), (code, told, err)
        said = forge.say()["comments"][0]["body"]
        published = told["pull_request"]
        assert f"judged again: **no\\_regression**, verification `{published['evidence']}`" in said and published["evidence"] != result["verdict"]["id"], (said, published)
        assert lab.baton("evidence", "export", published["evidence"], "--out", str(lab.folder / "bundle.json"))[0] == 0, published
        calls = len(forge.say()["calls"])
        code, again, err = pr(lab, result)  # which says and sends the same
        assert code == 0 and again["pull_request"] == published, (published, again, err)
        assert forge.say()["comments"][0]["body"] == said and not [one for one in forge.say()["calls"][calls:] if one.startswith("PATCH")], forge.say()["comments"]
        assert [line for line in lab.git("for-each-ref").splitlines() if line not in before and "refs/remotes/origin/baton/" not in line] == [], "no other ref moves"
        (colleague / "check.sh").write_text("#!/bin/sh\nif grep -q better value.txt; then echo 'not ok 1 - value'; echo 1..1; exit 1; fi\necho 'ok 1 - value'; echo 1..1\n")
        lab.git("commit", "-q", "-a", "-m", "red", cwd=colleague)
        lab.git("push", "-q", cwd=colleague)
        code, told, err = pr(lab, worse)
        assert code == 1 and "the change does not hold there" in told["trouble"] and len(forge.say()["pulls"]) == 1, (code, told, err)
        (colleague / "value.txt").write_text("good in another way\n")
        lab.git("commit", "-q", "-a", "-m", "conflict", cwd=colleague)
        lab.git("push", "-q", cwd=colleague)
        code, told, err = pr(lab, worse)
        assert code == 1 and "contradicts this change in value.txt" in told["trouble"], (code, told, err)


def closed_or_merged_there(lab):
    """what people have decided about it is said, and a second click pushes and opens nothing"""
    unpublished = landed(lab)
    with Forge(lab) as forge:
        for kind in ("github", "gitlab", "gitea"):
            forge.say("kind", kind)
            result = landed(lab, "--land", "draft-pr")
            url, number = result["pull_request"]["url"], result["pull_request"]["number"]
            forge.drop_branch(result)  # as many do with it
            for state, words in (("closed", f"{url} was closed there, so nothing is pushed or opened; reopen it there"), ("merged", f"{url} is merged already, so there is nothing to publish")):
                forge.say("close", {"number": number, "state": state})
                before = forge.say()
                code, told, err = pr(lab, result)
                assert code == 1 and told["trouble"].startswith(words), (kind, state, code, told, err)
                code, told, err = pr(lab, result, "--dry-run")
                assert code != 0 and words in err, (kind, state, code, told, err)
                after = forge.say()
                assert after["pulls"] == before["pulls"] and not [one for one in after["calls"][len(before["calls"]):] if not one.startswith("GET")], (kind, state, after["calls"])
                assert result["branch"] not in forge.branches(), forge.branches()
                code, told, _, err = call(lab, "retry", result["task"], "--from-pr", "--yes")
                assert code != 0 and words in err and call(lab, "show", result["task"])[2]["state"] == "landed", (kind, state, code, told, err)
            forge.say("close", {"number": number, "state": "open"})
            code, told, err = pr(lab, result)
            assert code == 0 and told["pull_request"]["url"] == url and len(forge.say()["pulls"]) == len(before["pulls"]), (kind, code, told, err)
        colleague = lab.folder / "colleague"
        lab.git("clone", "-q", f"{forge.base}/acme/toy.git", str(colleague), cwd=lab.folder)
        (colleague / "value.txt").write_text("good and better\n")
        lab.git("commit", "-q", "-a", "-m", "all of it as one commit (#9)", cwd=colleague)
        lab.git("push", "-q", cwd=colleague)
        before = forge.say()
        code, told, err = pr(lab, unpublished)
        assert code == 1 and "is in main of origin already; there is nothing to publish" in told["trouble"] and len(forge.say()["pulls"]) == len(before["pulls"]), (code, told, err)


def what_was_said_becomes_another_attempt(lab):
    configure(lab, [{"name": "scripted", "command": ["sh", "-c", "sh agent.sh {task}; cp {task} told.md"], "network": "none"}])
    with Forge(lab) as forge:
        result = landed(lab, "--land", "draft-pr")
        tip = result["commit"]
        forge.say("comments", [f"Remark {number} of the release robot." for number in range(130)] + ["Please mention **why** in it."])
        forge.say("review", {"id": 5, "state": "COMMENT", "body": "", "submitted_at": "2026-11-28T11:00:00Z",
                             "lines": [{"path": "value.txt", "line": 1, "position": 1, "body": "Better than what?", "user": {"login": "grace"}, "created_at": "2026-11-28T11:00:00Z"}]})
        code, _, again, err = call(lab, "retry", result["task"], "--from-pr", "--yes")
        assert code == 0 and again["state"] == "landed", (code, again, err)
        state = forge.say()
        assert len(state["pulls"]) == 1 and [one for one in state["comments"] if one["body"].startswith("<!-- baton:")][0]["body"].count(again["commit"]) == 1, state["comments"]
        branch = again["pull_request"]["branch"]
        assert branch == result["branch"] and lab.git("rev-parse", branch, f"{branch}~1", cwd=forge.root / "acme/toy.git").split() == [again["commit"], tip]
        told = lab.git("show", f"{again['commit']}:told.md")
        assert "Please mention **why** in it." in told and "The check ci/build is red (failure)" in told and "Judged in clean checkouts" not in told, told
        assert "grace wrote at value.txt:1:" in told and "Remark 129 " in told and "Remark 3 " not in told and told.index("Remark 129 ") < told.index("mention **why**"), told
        assert "## Since the review" in state["pulls"][0]["body"], state["pulls"][0]["body"]
        for kind in ("gitea", "gitlab"):
            forge.say("kind", kind)
            forge.say("comments", [f"Say it for {kind} too."])
            code, _, again, err = call(lab, "retry", again["task"], "--from-pr", "--yes")
            told = lab.git("show", f"{again['commit']}:told.md")
            assert code == 0 and "mention **why**" in told and f"Say it for {kind} too." in told and "The check ci/build is red" in told and "Remark 3 " not in told, (code, told, err)
            assert kind == "gitlab" or "grace wrote at value.txt:1:" in told, told


TOKEN_OF_A_FORGE = "ghp_" + "a1B2" * 9


def an_escalation_is_told_on_the_pull_request(lab):
    """one comment for each, found again after a kill, and changed when it is settled; never where it is not wanted"""
    lab.env["HOME"] = str(lab.folder)
    token = TOKEN_OF_A_FORGE.replace("_", "_''").replace("B", "B''")  # as no configuration would be refused for
    fails = [{"name": "scripted", "command": ["sh", "-c", f"printf '%s\\n' 'tell @everyone, closes #12: {token} in {lab.folder}/x' '```' '/close' '/merge'; exit 1"], "network": "none"}]
    works = [{"name": "scripted", "command": ["sh", "-c", "sh agent.sh {task}; cp {task} told.md"], "network": "none"}]
    configure(lab, works)
    with Forge(lab) as forge:
        result = landed(lab, "--land", "draft-pr")
        task = result["task"]
        told = lambda: [one["body"] for one in forge.say()["comments"] if one["body"].startswith("<!-- baton:escalation")]
        for count, kind in enumerate(("github", "gitlab", "gitea"), 1):
            forge.say("kind", kind)
            forge.say("comments", [f"Say it for {kind} too."])
            configure(lab, fails)
            killed = killed_and_resumed(lab, task, ["before effect comment", "publish told", "after effect comment"] if kind == "github" else [])
            assert killed["state"] == "escalated_to_human", killed
            assert len(told()) == count, told()
            an_escalation_in_words(told()[-1], task, count)
            code, dry, err = pr(lab, result, "--dry-run")
            assert code == 0 and dry["dry_run"]["push"] is None and dry["dry_run"]["requests"] == [], "it is told already"
            configure(lab, works)
            if kind == "gitlab":  # refused when it is settled, and made good by the publication that follows
                forge.fault("^PUT .*/notes/", 403)
            code, _, again, err = call(lab, "retry", task, "Look at more.txt", "--yes")
            assert code == 0 and again["state"] == "landed", (code, again, err)
            assert len(told()) == count and told()[-1].split("\n")[1].startswith("**This is settled: it is tried again.**"), told()[-1]
        calls = forge.say()["calls"]
        configure(lab, fails, forge={"escalations": False})
        code, _, off, err = call(lab, "retry", task, "--from-pr", "--yes")
        assert code == 3 and off["state"] == "escalated_to_human" and len(told()) == 3, (code, off, err)
        assert not [one for one in forge.say()["calls"][len(calls):] if not one.startswith("GET")]
        configure(lab, fails)
        code, dry, err = pr(lab, result, "--dry-run")
        assert [one["method"] for one in dry["dry_run"]["requests"]] == ["POST"] and "number=4" in dry["dry_run"]["requests"][0]["body"]["body"], dry
        code, _, ended, err = call(lab, "cancel", task)
        assert ended["state"] == "cancelled" and len(told()) == 3, ("what was never told is not told when it is settled", code, ended, told())


def killed_and_resumed(lab, task, points):
    """the third failure, and a kill at each point on the way to the comment"""
    verb = ("retry", task, "--from-pr")
    for point in points:
        process = lab.start(*verb, "--yes", "--json", env={**lab.env, "BATON_FAULT": point})
        _, err = process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL, (point, process.returncode, err.decode()[-400:])
        verb = ("resume", task)
    code, _, answer, err = call(lab, *verb, "--yes")
    assert code == 3, (code, answer, err)
    return answer


def an_escalation_in_words(body, task, number):
    marker, first, *rest = body.split("\n")
    assert marker == f"<!-- baton:escalation task={task} number={number} -->" and first == "**The task behind this waits for a human.**", body
    assert f"- task `{task}`" in rest and "- reason `attempts`" in rest and "- agent `scripted`" in rest, body
    for title, words in (("Attempts", "attempt 3 by scripted: failed"), ("Evidence", ""), ("What can be done next", "baton retry")):
        lines = body.split(f"\n{title}:\n\n```text\n")[1].split("\n```")[0]
        assert words in lines and lines, (title, body)
    outside = re.sub(r"```text\n.*?\n```", "", body, flags=re.S)
    assert "/close" not in body.split("\n") and "/merge" not in body.split("\n"), ("a forge would do it", body)
    assert TOKEN_OF_A_FORGE not in body and "/baton-lab-" not in body and "@everyone" not in outside and "#12" not in outside, body


def with_a_fork(lab, forge):
    """`ada/toy` is a fork of `acme/toy`; no remote is there yet"""
    fork = forge.root / "ada/toy.git"
    lab.git("clone", "-q", "--bare", str(forge.root / "acme/toy.git"), str(fork), cwd=lab.folder)
    lab.git("config", "http.receivepack", "true", cwd=fork)
    lab.git("remote", "remove", "origin")
    forge.say("parents", {"ada/toy": "acme/toy"})
    return fork


def from_a_fork(lab):
    """`origin` is the user's own, and the pull request is for `upstream`: there once, and found again"""
    with Forge(lab) as forge:
        fork = with_a_fork(lab, forge)
        for name, repository in (("origin", "ada/toy"), ("upstream", "acme/toy")):
            lab.git("remote", "add", name, f"{forge.base}/{repository}.git")
        creates = {"github": "POST /repos/acme/toy/pulls", "gitlab": "POST /projects/ada%2Ftoy/merge_requests", "gitea": "POST /repos/acme/toy/pulls"}
        for count, (kind, create) in enumerate(creates.items(), 1):
            forge.say("kind", kind)
            result = landed(lab)
            calls = len(forge.say()["calls"])
            for _ in range(2):
                code, told, err = pr(lab, result)
                assert code == 0 and told["pull_request"]["url"].split("/")[3:5] == ["acme", "toy"], (code, told, err)
            state = forge.say()
            pull = state["pulls"][-1]
            assert len(state["pulls"]) == len(state["comments"]) == count and state["calls"][calls:].count(create) == 1, state["calls"]
            assert (pull["repository"], pull["source"], pull["branch"]) == ("acme/toy", "ada/toy", result["branch"]), pull
            assert pull["said"] == ("" if kind == "gitlab" else "ada:") + result["branch"], pull
            assert forge.branches() == ["main"] and lab.git("rev-parse", result["branch"], cwd=fork).strip() == result["commit"]


def whatever_the_remotes_are_called(lab):
    """what git is configured to push to, and what the forge knows to be a fork of what, count more than names"""
    ours, theirs, parents = "ada/toy", "acme/toy", {"ada/toy": "acme/toy"}
    table = [
        ("the other way round", {"origin": theirs, "upstream": ours}, {}, parents, (ours, theirs)),
        ("a default to push to", {"origin": theirs, "mine": ours}, {"remote.pushDefault": "mine"}, parents, (ours, theirs)),
        ("a branch's own", {"origin": theirs, "mine": ours}, {"branch.main.pushRemote": "mine", "remote.pushDefault": "origin"}, parents, (ours, theirs)),
        ("other names for both", {"project": theirs, "mine": ours}, {"remote.pushDefault": "mine", "branch.main.remote": "project", "branch.main.merge": "refs/heads/main"}, parents, (ours, theirs)),
        ("a fork of a colleague's", {"origin": theirs, "bob": ours}, {}, parents, (theirs, theirs)),
        ("a fork that was cut off", {"origin": ours, "upstream": theirs}, {}, {}, (ours, ours)),
    ]
    with Forge(lab) as forge:
        with_a_fork(lab, forge)
        for kind in ("github", "gitlab", "gitea"):
            forge.say("kind", kind)
            for what, remotes, config, known, (source, target) in table if kind == "github" else table[:1] + table[-1:]:
                result = landed(lab)
                for name, repository in remotes.items():
                    lab.git("remote", "add", name, f"{forge.base}/{repository}.git")
                for name, value in config.items():
                    lab.git("config", name, value)
                forge.say("parents", known)
                for _ in range(2):
                    code, told, err = pr(lab, result)
                    assert code == 0, (kind, what, told, err)
                pull = forge.say()["pulls"][-1]
                assert (pull["source"], pull["repository"], pull["branch"]) == (source, target, result["branch"]), (kind, what, pull)
                assert forge.say()["calls"][-1] and sum(one["branch"] == result["branch"] for one in forge.say()["pulls"]) == 1, (kind, what)
                for name in config:
                    lab.git("config", "--unset", name, check=False)
                for name in remotes:
                    lab.git("remote", "remove", name)


def from_an_editor(lab):
    result = landed(lab)
    with Forge(lab) as forge:
        window = Window(lab, capabilities={"window": {"showDocument": {"support": True}}})
        approve(window)
        number = window.command("baton.createPullRequest", task=result["task"], draft=True)
        page = window.until(lambda m: m.get("method") == "window/showDocument")["params"]
        answer = window.answer(number)["result"]
        assert page["external"] and page["uri"] == answer["pull_request"]["url"] and answer["pull_request"]["draft"], (page, answer)
        assert one_of_each(forge, result)["draft"]
        forge.fault("^GET .*/pulls/1$", 401)
        error = window.answer(window.command("baton.createPullRequest", task=result["task"]))["error"]
        assert "does not accept the token" in error["message"], error
        window.close()
        lab.baton("stop")
        for level, pulls in (("branch", 1), ("draft-pr", 2)):  # and unasked, where the user's own configuration says so
            configure(lab, autonomy={"feature": level, "bugfix": level, "refactor": level})
            code, _, told, err = call(lab, "run", "--agent", "scripted", "Update value.txt\n\n- gate: make test\n\nwrite value.txt good and better\n")
            assert code == 0 and told["state"] == "landed" and len(forge.say()["pulls"]) == pulls, (level, code, told, err)


def without_a_forge(lab):
    """no remote at all; a folder; a host that is reached by ssh under an alias"""
    result = landed(lab)
    code, told, err = pr(lab, result)
    assert code == 0 and len(told["pull_request"]["patches"]) == 1, (code, told, err)
    patch = Path(told["pull_request"]["patches"][0])
    assert "+good and better" in patch.read_text() and (patch.parents[1] / "pull-request.md").read_text().count("<!-- baton:all") == 1
    bare = lab.folder / "bare.git"
    lab.git("init", "-q", "--bare", "-b", "main", str(bare))
    lab.git("remote", "add", "origin", str(bare))
    lab.git("push", "-q", "origin", "main")
    code, told, err = pr(lab, result)
    assert code == 0 and "pushed to origin" in told["message"], (code, told, err)
    assert lab.git("rev-parse", result["branch"], cwd=bare).strip() == result["commit"]


def skipped(why):
    assert os.environ.get("BATON_FORGES_REQUIRED") != "1", why
    print(f"skipped: {why}", file=sys.stderr)


def where_the_token_is_found(lab):
    """each place says its own name where the forge refuses what it gave; the token itself stays in no file of ours"""
    result = landed(lab)
    with Forge(lab) as forge:
        lab.write({"bin/gh": "#!/bin/sh\ntest \"$*\" = 'auth token --hostname 127.0.0.1' && echo wrong-of-gh\n",
                   "bin/glab": "#!/bin/sh\ntest \"$*\" = 'config get token --host 127.0.0.1' && echo wrong-of-glab\n"}, lab.folder)
        path = {"PATH": f"{lab.folder}/bin:{lab.env['PATH']}"}
        variable = {**path, "GH_HOST": "127.0.0.1", "GH_ENTERPRISE_TOKEN": "wrong-of-it"}
        named = {"kind": "github", "url": forge.base}
        for kind, setting, env, says in (("github", {}, path, "the token from `gh`"), ("gitlab", {}, path, "the token from `glab`"), ("github", {}, variable, "the token from GH_ENTERPRISE_TOKEN"),
                                         ("github", {**named, "token_command": ["echo", "wrong-too"]}, variable, "the token from `echo …`"),
                                         ("github", {**named, "token_command": ["true"]}, variable, "printed none"),
                                         ("github", {**named, "token_env": "NOT_SET"}, variable, "NOT_SET, which holds the token")):
            forge.say("kind", kind)
            configure(lab, forge=setting)
            code, told, err = pr(lab, result, env=env)
            assert code == 1 and says in told["trouble"] and "wrong" not in told["trouble"], (kind, setting, code, told["trouble"], err)
        configure(lab, forge={**named, "token_command": ["sh", "-c", f"echo {TOKEN[:5]}${{REST}}"]})
        code, told, err = pr(lab, result, env={**path, "REST": TOKEN[5:]})
        assert code == 0 and told["pull_request"]["url"], ("last", code, told["trouble"], err)
        holds = [str(file) for file in lab.repo.rglob("*") if file.is_file() and TOKEN.encode() in file.read_bytes()]
        assert not holds, holds


def over_ssh_by_an_alias(lab):
    sshd = shutil.which("sshd", path=os.environ["PATH"] + ":/usr/sbin")
    if not sshd:
        return skipped("over_ssh_by_an_alias: no sshd here")
    result = landed(lab)
    home = lab.folder / "home"
    home.mkdir()
    lab.git("init", "-q", "--bare", "-b", "main", str(home / "acme/toy.git"))
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(home / name)], check=True)
    port = free_port()
    (home / "authorized").write_text((home / "user.pub").read_text())
    (home / "sshd").write_text(f"Port {port}\nListenAddress 127.0.0.1\nHostKey {home}/host\nAuthorizedKeysFile {home}/authorized\nStrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin yes\n")
    (home / "known").write_text(f"[127.0.0.1]:{port} {(home / 'host.pub').read_text()}")
    (home / "ssh").write_text(f"Host work-forge\n  HostName 127.0.0.1\n  Port {port}\n  IdentityFile {home}/user\n  UserKnownHostsFile {home}/known\n")
    os.makedirs("/run/sshd", exist_ok=True)
    server = subprocess.Popen([sshd, "-D", "-e", "-f", str(home / "sshd")], stderr=subprocess.PIPE, text=True)
    try:
        while "listening" not in server.stderr.readline():
            assert server.poll() is None, "sshd does not start"
        lab.git("remote", "add", "origin", f"work-forge:{home}/acme/toy.git")
        for how in ("GIT_SSH_COMMAND", "core.sshCommand"):  # as git takes it from either
            if how.startswith("GIT"):
                lab.env[how] = f"ssh -F {home}/ssh"
            else:
                lab.env.pop("GIT_SSH_COMMAND")
                lab.git("config", how, f"ssh -F {home}/ssh")
                lab.git("push", "-q", "origin", f":{result['branch']}")
            lab.git("push", "-q", "origin", "main")
            code, told, err = pr(lab, result)
            assert code == 0 and lab.git("rev-parse", result["branch"], cwd=home / "acme/toy.git").strip() == result["commit"], (how, code, told, err)
            assert "127.0.0.1 is no forge" in told["message"], ("the alias is not looked up", how, told)
        (home / "known").write_text("")
        code, told, err = pr(lab, result)
        assert code == 1 and "ssh key is not known here" in told["trouble"], (code, told, err)
    finally:
        server.kill()
        server.wait()
        server.stderr.close()


def over_http_to_a_web_server(lab):
    """lighttpd with git's own http-backend; the password from a credential helper"""
    lighttpd = shutil.which("lighttpd", path=os.environ["PATH"] + ":/usr/sbin")
    if not lighttpd:
        return skipped("over_http_to_a_web_server: no lighttpd here")
    result = landed(lab)
    home, port = lab.folder / "web", free_port()
    home.mkdir()
    bare = home / "acme/toy.git"
    lab.git("init", "-q", "--bare", "-b", "main", str(bare))
    lab.git("config", "http.receivepack", "true", cwd=bare)
    (home / "users").write_text(f"ada:{TOKEN}\n")
    backend = lab.git("--exec-path").strip() + "/git-http-backend"
    (home / "conf").write_text(f"""server.modules = ("mod_auth", "mod_authn_file", "mod_alias", "mod_cgi", "mod_setenv")
server.document-root = "{home}"
server.bind = "127.0.0.1"
server.port = {port}
alias.url = ("/git" => "{backend}")
$HTTP["url"] =~ "^/git/" {{
  cgi.assign = ("" => "")
  setenv.add-environment = ("GIT_PROJECT_ROOT" => "{home}", "GIT_HTTP_EXPORT_ALL" => "1")
  auth.backend = "plain"
  auth.backend.plain.userfile = "{home}/users"
  auth.require = ("" => ("method" => "basic", "realm" => "git", "require" => "valid-user"))
}}
""")
    server = subprocess.Popen([lighttpd, "-D", "-f", str(home / "conf")], stderr=subprocess.PIPE, text=True)
    try:
        while "server started" not in server.stderr.readline():
            assert server.poll() is None, "lighttpd does not start"
        url = f"http://127.0.0.1:{port}"
        (lab.folder / "credentials").write_text(url.replace("://", f"://ada:{TOKEN}@") + "\n")
        lab.git("config", "--global", "credential.helper", f"store --file={lab.folder}/credentials")
        lab.git("remote", "add", "origin", f"{url}/git/acme/toy.git")
        lab.git("push", "-q", "origin", "main")
        code, told, err = pr(lab, result)
        assert code == 0 and lab.git("rev-parse", result["branch"], cwd=bare).strip() == result["commit"], (code, told, err)
        assert TOKEN not in json.dumps(told) + err
        lab.git("update-ref", "-d", f"refs/heads/{result['branch']}", cwd=bare)
        (lab.folder / "credentials").write_text(url.replace("://", "://ada:wrong@") + "\n")
        code, told, err = pr(lab, result)
        assert code == 1 and told["trouble"].endswith(".") and "wrong" not in told["trouble"], (code, told, err)
    finally:
        server.kill()
        server.wait()
        server.stderr.close()


def free_port():
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


CASES = [in_one_action_on_each_forge, one_task, what_is_shown_is_what_is_sent, killed_at_every_step_on("gitlab"), killed_at_every_step_on("gitea"), nothing_else_is_published, under_another_name, opened_by_hand, others_commit_to_the_branch, beside_the_host_of_its_repositories, base_that_moved, closed_or_merged_there, what_was_said_becomes_another_attempt, an_escalation_is_told_on_the_pull_request, from_a_fork, whatever_the_remotes_are_called, from_an_editor, without_a_forge, where_the_token_is_found,
         over_ssh_by_an_alias, over_http_to_a_web_server]

if __name__ == "__main__":
    sys.exit(cases(CASES, toy))
