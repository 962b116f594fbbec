#!/usr/bin/env python3
"""Opening a folder runs nothing from it: hooks, filters, fsmonitor, configuration that executes, scripts, all armed to leave a
mark; then doctor, verify without consent and an editor's session look at it. No mark may be there."""

import json
import subprocess
import sys
import time
from pathlib import Path

from _lab import Lab

HOOKS = [
    "applypatch-msg", "pre-applypatch", "post-applypatch", "pre-commit", "pre-merge-commit", "prepare-commit-msg", "commit-msg",
    "post-commit", "pre-rebase", "post-checkout", "post-merge", "pre-push", "post-rewrite", "pre-auto-gc", "fsmonitor-watchman",
    "post-index-change", "reference-transaction", "update", "post-update", "push-to-checkout", "sendemail-validate",
]


def armed_repository(lab):
    lab.git("init", "-q", "-b", "main")
    trap = f"{lab.folder}/traps"
    Path(trap).mkdir()
    fire = lambda name: f"touch {trap}/{name}"
    lab.commit({"README.md": "hello\n", "data.bin": "x\n", "src/a.py": "x = 1\n"}, "first")
    lab.write({
        ".gitattributes": "* filter=evil diff=evil merge=evil\n",
        "package.json": json.dumps({
            "name": "evil", "version": "1.0.0",
            "scripts": {k: fire("npm-" + k) for k in ("pretest", "test", "posttest", "preinstall", "install", "build", "lint", "prepare")},
        }),
        "package-lock.json": "{\"name\":\"evil\",\"lockfileVersion\":3,\"packages\":{}}",
        ".npmrc": f"script-shell={trap}/shell\nprefix={trap}\n",
        "eslint.config.js": f"require('child_process').execSync('{fire('eslint')}')\n",
        "conftest.py": f"import os; os.system('{fire('conftest')}')\n",
        "setup.py": f"import os; os.system('{fire('setup')}')\n",
        "pyproject.toml": "[build-system]\nrequires=[]\nbuild-backend='evil'\nbackend-path=['.']\n[tool.pytest.ini_options]\n",
        "evil.py": f"import os; os.system('{fire('backend')}')\n",
        "tests/test_a.py": f"import os; os.system('{fire('test')}')\n",
        "CMakeLists.txt": f"cmake_minimum_required(VERSION 3.16)\nproject(e NONE)\nexecute_process(COMMAND touch {trap}/cmake)\nenable_testing()\n",
        "Makefile": f"X := $(shell {fire('make')})\ntest:\n\t{fire('make-test')}\n",
        ".envrc": fire("direnv") + "\n",
        "sitecustomize.py": f"import os; os.system('{fire('site')}')\n",
        ".baton/config.json": json.dumps({
            "gates": [{"name": "evil", "kind": "test", "command": fire("gate")}],
            "setup": [fire("baton-setup")],
        }),
        "git": f"#!/bin/sh\n{fire('git-in-cwd')}\n",
    })
    lab.git("add", "-A")
    lab.git("commit", "-q", "-m", "armed")
    lab.write({"src/a.py": "x = 2\n", "untracked.txt": "u\n"})
    git = lab.repo / ".git"
    for hook in HOOKS:
        (git / "hooks" / hook).write_text(f"#!/bin/sh\n{fire('hook-' + hook)}\n")
        (git / "hooks" / hook).chmod(0o755)
    with open(git / "config", "a") as config:
        config.write(f"""
[core]
	fsmonitor = "{fire('fsmonitor')}; false"
	sshCommand = "{fire('ssh')}"
	pager = "{fire('pager')}"
	editor = "{fire('editor')}"
	askPass = "{trap}/askpass"
	gitProxy = "{fire('proxy')}"
	hooksPath = {git}/hooks
	alternateRefsCommand = "{fire('alternate')}"
[filter "evil"]
	clean = "{fire('clean')}; cat"
	smudge = "{fire('smudge')}; cat"
	process = "{fire('process')}"
	required = true
[diff "evil"]
	command = "{fire('diff')}"
	textconv = "{fire('textconv')}"
[merge "evil"]
	driver = "{fire('merge')}"
[credential]
	helper = "!{fire('credential')}"
[gpg]
	program = {trap}/gpg
[uploadpack]
	packObjectsHook = "{fire('pack')}"
[alias]
	status = "!{fire('alias')}"
	rev-parse = "!{fire('alias2')}"
[remote "origin"]
	url = ext::sh -c "{fire('remote')}"
	fetch = +refs/heads/*:refs/remotes/origin/*
	promisor = true
	partialclonefilter = blob:none
""")
    return Path(trap)


def lsp(process, *messages):
    for message in messages:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    process.stdin.flush()


def read_message(process):
    length = 0
    while (line := process.stdout.readline().strip()) != b"":
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return json.loads(process.stdout.read(length)) if length else None


def open_in_editor(lab):
    uri = lab.repo.as_uri()
    process = lab.start("lsp", "--stdio", stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    lsp(process, {"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": uri, "capabilities": {}}},
        {"method": "initialized", "params": {}},
        {"method": "textDocument/didOpen", "params": {"textDocument": {
            "uri": uri + "/src/a.py", "languageId": "python", "version": 1, "text": "x = 3\n"}}},
        {"id": 2, "method": "workspace/executeCommand", "params": {"command": "baton.doctor", "arguments": [{}]}},
        {"id": 3, "method": "workspace/executeCommand", "params": {"command": "baton.verify", "arguments": [{"uri": uri + "/src/a.py"}]}})
    answers = {}
    deadline = time.monotonic() + 30
    while not {1, 2, 3} <= answers.keys() and time.monotonic() < deadline:
        message = read_message(process)
        if message is None:
            break
        if "id" in message and "method" not in message:
            answers[message["id"]] = message
        elif "id" in message:
            lsp(process, {"id": message["id"], "result": None})
    assert "result" in answers[2], answers.get(2)
    assert "error" in answers[3] and "trust" in json.dumps(answers[3]).lower(), answers.get(3)
    lsp(process, {"id": 9, "method": "shutdown"}, {"method": "exit"})
    process.stdin.close()
    process.stdout.read()
    assert process.wait(timeout=10) == 0


def main():
    with Lab() as lab:
        traps = armed_repository(lab)
        fired = lambda: sorted(p.name for p in traps.iterdir())
        for stale in fired():
            (traps / stale).unlink()  # the commits above went through the real git

        code, out, err = lab.baton("doctor")
        assert code in (0, 1), err
        assert not fired(), f"doctor ran {fired()}"
        code, out, err = lab.baton("doctor", "--json")
        assert code in (0, 1) and json.loads(out), err
        assert not fired(), f"doctor --json ran {fired()}"
        code, out, err = lab.baton("verify")
        assert code == 3, (code, out, err)
        assert "baton verify --yes" in err, err
        assert not fired(), f"verify without consent ran {fired()}"
        open_in_editor(lab)
        assert not fired(), f"the session and its engine ran {fired()}"
        code, _, err = lab.baton("stop")
        assert code == 0, err
        lab.assert_no_strays()
    print("trust: passed")


if __name__ == "__main__":
    sys.exit(main())
