#!/usr/bin/env python3
"""Bad input, each with one clear sentence and nothing lost. Every case is a function; its docstring is the case."""

import os
import subprocess
import sys
import time
import traceback

from _lab import Lab, assert_same

SHELL_TEST = {"Makefile": "test:\n\t@sh check.sh\n", "check.sh": "echo 'ok 1 - a'\necho 'ok 2 - b'\necho 1..2\n"}
CASES = []


def case(function):
    CASES.append(function)
    return function


def one_sentence(err):
    """What a person reads on stderr when something is wrong: one line, no trace of our insides."""
    lines = [line for line in err.strip().splitlines() if line.strip()]
    assert len(lines) == 1, f"not one sentence: {err!r}"
    assert lines[0].rstrip().endswith((".", "`")) and "terminate called" not in err and "exception" not in err.lower(), err
    return lines[0].lower()


def config(lab, **gate):
    import json
    settings = {"gates": [{"name": "check", "kind": "test", **gate}]}
    lab.commit({".baton/config.json": json.dumps(settings)})


@case
def no_repository(lab):
    """a folder that is no repository"""
    folder = lab.folder / "plain"
    folder.mkdir()
    for verb in (["verify", "--yes"], ["doctor"]):
        code, out, err = lab.baton(*verb, cwd=folder)
        assert code == 2 and "git init" in one_sentence(err) and not out, (code, out, err)


@case
def bare(lab):
    """a bare repository"""
    lab.git("init", "-q", "--bare", str(lab.folder / "bare.git"), cwd=lab.folder)
    code, _, err = lab.baton("verify", "--yes", cwd=lab.folder / "bare.git")
    assert code == 2 and "bare" in one_sentence(err), (code, err)


@case
def no_commit_yet(lab):
    """a repository without a commit: the tree is judged by itself, and never called verified"""
    lab.write(SHELL_TEST)
    code, report, err = lab.verify()
    assert code == 0 and report["verdict"] == "no_regression", (code, report, err)
    assert not (lab.repo / ".git" / "index").exists()


@case
def detached(lab):
    """a detached HEAD"""
    lab.commit(SHELL_TEST)
    lab.git("checkout", "-q", "--detach")
    code, report, err = lab.verify()
    assert code == 0 and report["verdict"] == "no_regression", (code, report, err)


@case
def merge_in_progress(lab):
    """a merge in progress, with a conflict in the tree"""
    lab.commit(SHELL_TEST | {"text.txt": "a\n"})
    lab.git("checkout", "-q", "-b", "other")
    lab.commit({"text.txt": "b\n"})
    lab.git("checkout", "-q", "main")
    lab.commit({"text.txt": "c\n"})
    lab.git("merge", "other", check=False)
    before = lab.manifest()
    code, report, err = lab.verify()
    assert code == 0, (code, report, err)
    assert any("merge" in note.lower() for note in report["notes"]), report["notes"]
    assert_same(before, lab.manifest(), "merge in progress")


@case
def rebase_in_progress(lab):
    """a rebase in progress"""
    lab.commit(SHELL_TEST | {"text.txt": "a\n"})
    lab.git("checkout", "-q", "-b", "other")
    lab.commit({"text.txt": "b\n"})
    lab.git("checkout", "-q", "main")
    lab.commit({"text.txt": "c\n"})
    lab.git("rebase", "other", check=False)
    before = lab.manifest()
    code, report, err = lab.verify()
    assert code == 0 and any("rebase" in note.lower() for note in report["notes"]), (code, report, err)
    assert_same(before, lab.manifest(), "rebase in progress")


@case
def submodules(lab):
    """a repository with a submodule that its tests need"""
    inner = lab.folder / "inner"
    inner.mkdir()
    lab.git("init", "-q", cwd=inner)
    lab.write({"value.txt": "42\n"}, inner)
    lab.git("add", "-A", cwd=inner)
    lab.git("commit", "-q", "-m", "inner", cwd=inner)
    lab.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner), "lib")
    lab.commit({"Makefile": "test:\n\t@grep -q 42 lib/value.txt && echo 'ok 1 - value' && echo 1..1\n"})
    before = lab.manifest()
    code, report, err = lab.verify()
    assert code == 0 and report["verdict"] == "no_regression", (code, report, err)
    assert_same(before, lab.manifest(), "submodules")


@case
def sparse(lab):
    """a sparse checkout: what is not in the user's tree is not deleted in the judged one"""
    lab.commit({"Makefile": "test:\n\t@grep -q far away/far.txt && echo 'ok 1 - far' && echo 1..1\n", "away/far.txt": "far\n", "near/n.txt": "n\n"})
    lab.git("sparse-checkout", "set", "near")
    assert not (lab.repo / "away").exists()
    lab.write({"near/n.txt": "changed\n"})
    before = lab.manifest()
    code, report, err = lab.verify()
    assert code == 0 and report["verdict"] == "no_regression", (code, report, err)
    assert_same(before, lab.manifest(), "sparse")


@case
def read_only(lab):
    """a tree that cannot be written"""
    lab.commit(SHELL_TEST)
    lab.write({"new.txt": "n\n"})
    root = os.geteuid() == 0
    if root:
        bind = ["mount", "--bind", str(lab.repo), str(lab.repo)]
        if subprocess.run(bind, capture_output=True).returncode:
            return "skipped: cannot mount here"
        subprocess.run(["mount", "-o", "remount,ro,bind", str(lab.repo)], check=True)
    else:
        subprocess.run(["chmod", "-R", "a-w", str(lab.repo)], check=True)
    try:
        code, report, err = lab.verify()
        if report is None:
            assert code in (1, 2) and ("write" in one_sentence(err) or "read-only" in one_sentence(err)), (code, err)
        else:
            assert code == 0 and report["verdict"] == "no_regression", (code, report, err)
    finally:
        if root:
            subprocess.run(["umount", str(lab.repo)], check=True)


@case
def odd_paths(lab):
    """paths that are not UTF-8, with spaces, quotes, newlines"""
    lab.commit(SHELL_TEST)
    for name in (b"caf\xe9.txt", b"two\nlines.txt", b"quote\".txt", b" lead.txt", b"-dash.txt", "späť ✓.txt".encode()):
        with open(os.path.join(os.fsencode(lab.repo), name), "w") as file:
            file.write("x\n")
    before = lab.manifest()
    code, report, err = lab.verify()
    assert code == 0 and report["verdict"] == "no_regression", (code, report, err)
    assert_same(before, lab.manifest(), "odd paths")


@case
def missing_tool(lab):
    """a gate whose program is not installed is the environment's fault, never the change's"""
    config(lab, command=["no-such-tool-of-ours", "--check"])
    code, report, err = lab.verify()
    assert code == 1 and report["verdict"] == "inconclusive", (code, report, err)
    gate = report["gates"][0]
    assert gate["verdict"] == "env_fault" and "no-such-tool-of-ours" in gate["cause"], gate


@case
def never_ends(lab):
    """a gate that never ends, on the result only"""
    config(lab, command=["sh", "check.sh"], timeout=2)
    lab.commit({"check.sh": "echo 'ok 1 - a'\necho 1..1\n"})
    lab.write({"check.sh": f"# {lab.mark}\nsleep 1000\n"})
    started = time.monotonic()
    code, report, err = lab.verify()
    assert code == 1 and report["verdict"] == "rejected", (code, report, err)
    assert report["gates"][0]["head"]["verdict"] == "timeout" and time.monotonic() - started < 25
    lab.assert_no_strays()


@case
def prints_a_gigabyte(lab):
    """a gate that prints 1 GB"""
    config(lab, command=["sh", "-c", "head -c 1000000000 /dev/zero | tr '\\0' x; echo; echo 'ok 1 - a'; echo 1..1"], timeout=60)
    started = time.monotonic()
    code, report, err = lab.verify()
    assert code == 0 and report["verdict"] == "no_regression", (code, report, err)
    assert time.monotonic() - started < 60
    log = lab.repo / report["gates"][0]["head"]["log"]  # relative to the workspace
    assert os.path.getsize(log) < 300 << 20, os.path.getsize(log)


@case
def leaves_a_server(lab):
    """a gate that leaves a server running"""
    config(lab, command=["sh", "-c", f"(setsid sleep 987 --mark {lab.mark} || setsid sh -c 'sleep 987; : {lab.mark}') >/dev/null 2>&1 & echo 'ok 1 - a'; echo 1..1"])
    code, report, err = lab.verify()
    assert code == 0 and report["verdict"] == "no_regression", (code, report, err)
    lab.assert_no_strays()


@case
def full_disk(lab):
    """a full disk under the cache"""
    lab.commit(SHELL_TEST | {"big.bin": os.urandom(3 << 20)})
    cache = lab.folder / "cache"
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(cache)], capture_output=True).returncode:
        return "skipped: cannot mount here"
    try:
        code, report, err = lab.verify()
        text = (err + str(report)).lower()
        assert code in (1, 2) and ("space" in text or "full" in text), (code, report, err)
    finally:
        subprocess.run(["umount", "-l", str(cache)], check=True)
    code, report, err = lab.verify()
    assert code == 0, (code, report, err)


@case
def finds_nothing(lab):
    """a test runner that finds nothing is never a pass"""
    config(lab, command=["sh", "check.sh"])
    lab.commit({"check.sh": "echo 'ok 1 - a'\necho 1..1\n"})
    lab.write({"check.sh": "echo 1..0\n"})
    code, report, err = lab.verify()
    assert code == 1 and report["verdict"] == "rejected", (code, report, err)
    assert report["gates"][0]["head"]["verdict"] == "vacuous", report["gates"][0]


@case
def no_gate(lab):
    """a repository in which no gate is found is never called verified"""
    lab.commit({"README.md": "hello\n"})
    code, report, err = lab.verify()
    assert code == 1 and report["verdict"] == "inconclusive" and not report["gates"], (code, report, err)


@case
def bad_arguments(lab):
    """a revision that is not there, a gate that is not there, a verb that is not there, a criteria file that is not there"""
    lab.commit(SHELL_TEST)
    for args, word in (
        (["verify", "--yes", "--json", "--base", "no-such-rev"], "no-such-rev"),
        (["verify", "--yes", "--json", "--gate", "no-such-gate"], "no-such-gate"),
        (["verify", "--yes", "--json", "--criteria", "no-such-file"], "no-such-file"),
        (["frobnicate"], "frobnicate"),
        (["verify", "--no-such-option"], "no-such-option"),
    ):
        code, out, err = lab.baton(*args)
        assert code == 2 and word in one_sentence(err) and not out, (args, code, out, err)


@case
def bad_configuration(lab):
    """broken configuration is named on its line, and what is right beside it still counts"""
    lab.commit(SHELL_TEST | {".baton/config.json": "{\n  \"gatez\": [],\n  \"gates\": 7\n}\n"})
    code, out, err = lab.baton("doctor")
    assert "config.json:2" in out + err and "gates" in out, (code, out, err)
    lab.commit({".baton/config.json": "{ not json\n"})
    code, out, err = lab.baton("doctor")
    assert "config.json:1" in out + err, (code, out, err)


def main():
    chosen = [c for c in CASES if len(sys.argv) < 2 or c.__name__ in sys.argv[1:]]
    failed = skipped = 0
    for function in chosen:
        started = time.monotonic()
        try:
            with Lab() as lab:
                lab.git("init", "-q", "-b", "main")
                note = function(lab) or "passed"
                lab.assert_no_strays()
                skipped += note != "passed"
        except Exception:
            note = "FAILED\n" + traceback.format_exc()
            failed += 1
        print(f"bad input: {function.__name__}: {note} ({time.monotonic() - started:.1f} s)", flush=True)
    print(f"{len(chosen) - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
