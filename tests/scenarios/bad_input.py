#!/usr/bin/env python3
"""Bad input, each with one clear sentence and nothing lost. Every case is a function; its docstring is the case."""

import json
import os
import subprocess
import sys
import time
import traceback
from pathlib import Path

from _lab import Lab, assert_same, sanitized

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


def verify_measured(lab):
    """(exit code, report, the most memory in MB that Baton or a command took at once)."""
    with open(lab.folder / "out", "w+b") as out:
        process = lab.start("verify", "--yes", "--json", "--fresh", stdout=out, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        return process.returncode, json.loads(out.read()), used.ru_maxrss / 1024


@case
def prints_too_much(lab):
    """a gate that prints 100 MB (1 GB in `make test-long`): one line of text, and bytes that are no text"""
    size = 1_000_000_000 if os.environ.get("BATON_TEST_LONG") else 100_000_000
    for byte, what in (("x", "text"), ("\\377", "no text")):
        config(lab, command=["sh", "-c", f"head -c {size} /dev/zero | tr '\\0' '{byte}'; echo; echo 'ok 1 - a'; echo 1..1"], timeout=240)
        code, report, memory = verify_measured(lab)
        assert code == 0 and report["verdict"] == "no_regression" and report["gates"][0]["head"]["tests"]["passed"] == 1, (what, code, report)
        log = lab.repo / report["gates"][0]["head"]["log"]  # relative to the workspace
        assert os.path.getsize(log) < 300 << 20, (what, os.path.getsize(log))
        assert memory < 200 or sanitized(), (what, memory)


ENTITIES = "".join(f"<!ENTITY a{i} '{f'&a{i - 1};' * 40}'>" for i in range(1, 20))
REPORTS = {
    "a report that ends in the middle": ("<testsuites><testsuite name='s' tests='1'><testcase classname='s' na", "no readable report"),
    "JSON that ends in the middle": ('{"numTotalTests": 1, "testResults": [{"name": "a", "assertionRe', "no readable report"),
    "entities without end": (f"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a0 'lol'>{ENTITIES}]><testsuites><testsuite name='s' tests='1'><testcase classname='s' name='&a19;'/></testsuite></testsuites>", ""),
    "an entity of another file": ("<?xml version='1.0'?><!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/hostname'>]><testsuites><testsuite name='s' tests='1'><testcase classname='s' name='&f;'/></testsuite></testsuites>", ""),
    "elements without end": ("<testsuites>" + "<testsuite>" * 200000, "no readable report"),
    "arrays without end": ("[" * 200000, "no readable report"),
    "bytes that are no text": (bytes(range(256)) * 200, "no readable report"),
    "nothing": ("", "no readable report"),
}


@case
def bad_reports(lab):
    """a report that is cut off, a bomb, or no report: never a pass without a test, soon, and in little memory"""
    good = "<testsuites><testsuite name='s' tests='1'><testcase classname='s' name='a'/></testsuite></testsuites>"
    config(lab, command=["sh", "-c", "cp r.xml {reports}/r.xml"], reports=["{reports}/r.xml"])
    lab.commit({"r.xml": good})
    secret = Path("/etc/hostname").read_text().strip() if Path("/etc/hostname").exists() else "?"
    for what, (text, says) in REPORTS.items():
        lab.write({"r.xml": text})
        started = time.monotonic()
        code, report, memory = verify_measured(lab)
        assert code == 1 and report["verdict"] == "rejected" and says in report["gates"][0]["cause"], (what, code, report["cause"], report["gates"][0]["cause"])
        assert time.monotonic() - started < 60 and (memory < 400 or sanitized()), (what, memory)
        assert all(one["id"] != f"s.{secret}" for one in report["tests"]), (what, report["tests"])
    lab.write({"r.xml": good, "README.md": "x\n"})
    assert lab.verify()[0] == 0


@case
def places_outside(lab):
    """findings in files outside the workspace: kept, and never at a place of the workspace or one that is read"""
    config(lab, command=["sh", "check.sh"])
    lab.commit({"check.sh": "echo 'ok 1 - a'\necho 1..1\n", "a.c": "x\n"})
    lab.write({"check.sh": "echo '/etc/passwd:1:1: error: one'\necho '../../../../etc/passwd:1:1: error: two'\necho 'a.c/../../../x.c:1:1: error: three'\necho 'a.c:1:1: error: four'\necho 'not ok 1 - a'\necho 1..1\nexit 1\n"})
    code, report, err = lab.verify()
    assert code == 1 and report["verdict"] == "rejected", (code, err)
    places = {one["message"]: one["path"] for one in report["findings"]}
    assert places.get("four") == "a.c", places
    for message in ("one", "two", "three"):
        path = places.get(message, "/")
        assert path.startswith(("/", "..")), (message, path)


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
