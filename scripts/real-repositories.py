#!/usr/bin/env python3
"""Runs Baton on repositories that no one here wrote, and their own runners beside it, and compares (docs/real-repositories.md).

  real-repositories.py --clones DIR [--baton PATH] [--work DIR] [--config JSON] [NAME ...]

DIR holds clones as OWNER+NAME (or OWNER+NAME/repo). Prints a line of figures a repository, and what differs. JSON with --json.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]


def sh(command, cwd, timeout=1800, env=None):
    started = time.monotonic()
    done = subprocess.run(command, shell=isinstance(command, str), cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, errors="replace", timeout=timeout)
    return done, time.monotonic() - started


def read_junit(path):
    passed, failed = [], []
    files = sorted(Path(path).glob("TEST-*.xml")) if Path(path).is_dir() else [path]
    for case in (case for file in files for case in xml.parse(file).getroot().iter("testcase")):
        name = " ".join(filter(None, (case.get("classname"), case.get("name"))))
        if case.find("skipped") is not None:
            continue
        bad = case.find("failure") is not None or case.find("error") is not None
        (failed if bad else passed).append(name)
    return passed, failed


def read_ctest(path):
    """CTest's programs; the cases in one that names them (Unity), those that failed in one that names its failures (Catch)."""
    passed, failed = [], []
    for case in xml.parse(path).getroot().iter("testcase"):
        program, printed = case.get("name"), case.findtext("system-out") or ""
        unity = re.findall(r"^[^\n:]+:\d+:(\w+):(PASS|FAIL)\b", printed, re.M)
        catch = set(re.findall(r"^-{79}\n(\S[^\n]*)\n(?:  [^\n]*\n)*-{79}\n", printed, re.M))
        for name, word in unity:
            (passed if word == "PASS" else failed).append(f"{program}::{name}")
        failed += [f"{program}::{name}" for name in catch]
        if not unity:
            (failed if case.find("failure") is not None and not catch else passed).append(program)
    return passed, failed


def read_tap(path):
    """The cases; a line that closes subtests (node --test indents them) is none."""
    passed, failed, last = [], [], 0
    for line in Path(path).read_text(errors="replace").splitlines():
        if match := re.match(r"( *)(not )?ok \d+ (?:- )?(.*?)(\s+# (?:SKIP|TODO).*)?$", line):
            deep, last, before = len(match[1]), len(match[1]), last
            if deep < before or match[4]:
                continue
            (failed if match[2] else passed).append(match[3])
    return passed, failed


def read_jsmn(path):
    text = Path(path).read_text(errors="replace")
    return [""] * sum(int(n) for n in re.findall(r"PASSED: (\d+)", text)), re.findall(r"^FAILED: (.*) \(at", text, re.M)


def read_gotest(path):
    passed, failed = [], []
    for line in Path(path).read_text(errors="replace").splitlines():
        event = json.loads(line) if line.startswith("{") else {}
        if event.get("Test") and event["Action"] in ("pass", "fail"):
            (passed if event["Action"] == "pass" else failed).append(event["Package"] + "." + event["Test"])
    return passed, failed


def read_libtest(path):
    found = re.findall(r"^test (.*?)(?: - should panic)? \.\.\. (ok|FAILED)", Path(path).read_text(errors="replace"), re.M)
    return [name for name, how in found if how == "ok"], [name for name, how in found if how == "FAILED"]


READERS = {"ctest": read_ctest, "gotest": read_gotest, "libtest": read_libtest, "junit": read_junit, "tap": read_tap, "jsmn": read_jsmn}


def seed(tree, change):
    """Applies a seed; returns the line it is on."""
    path = tree / change["file"]
    text = path.read_text()
    assert text.count(change["find"]) == 1, f"{change['file']}: {change['find']!r} occurs {text.count(change['find'])} times"
    path.write_text(text.replace(change["find"], change["replace"]))
    return text[: text.index(change["find"])].count("\n") + 1


def by_hand(clone, row, work, change=None):
    tree = work / "hand" / ("break" if change else "base")
    sh(["git", "clone", "-q", str(clone), str(tree)], work)
    sh(["git", "checkout", "-q", row["commit"]], tree)
    if change:
        seed(tree, change)
    seconds = 0
    for command in row["hand"]["setup"]:
        done, took = sh(command, tree)
        seconds += took
        if done.returncode:
            print(f"  by hand: {command}: exit {done.returncode}\n{(done.stdout + done.stderr)[-1500:]}", file=sys.stderr)
    _, took = sh(row["hand"]["test"], tree)
    passed, failed = READERS[row["hand"]["format"]](tree / row["hand"]["report"])
    return {"passed": len(passed), "failed": sorted(failed), "seconds": seconds + took}


def verify(baton, tree, env, log):
    done, seconds = sh([baton, "verify", "--yes", "--json"], tree, env=env)
    log.write_text(done.stdout + "\n" + done.stderr)
    try:
        return json.loads(done.stdout), seconds
    except ValueError:
        return {"verdict": "none", "gates": [], "tests": [], "findings": [], "cause": done.stderr.strip()[-300:]}, seconds


def words(name):
    return re.sub(r"[^a-z0-9]+", " ", name.lower()).strip()


def same_tests(ours, theirs):
    """Every id of ours ends in a name of theirs, and the other way round. Tests that share a name have a number in ours alone."""
    a, b = sorted(words(re.sub(r" \(\d+\)$", "", one)) for one in ours), sorted(map(words, theirs))
    near = lambda x, many: any(x.endswith(y) or y.endswith(x) or set(x.split()) <= set(y.split()) or set(y.split()) <= set(x.split()) for y in many)
    return len(a) == len(b) and all(near(x, b) for x in a) and all(near(y, a) for y in b)


def counts(report, side):
    total = {"passed": 0, "failed": 0}
    for gate in report["gates"]:
        tests = (gate.get(side) or {}).get("tests")
        if gate["kind"] == "test" and tests:
            for key in total:
                total[key] += tests.get(key) or 0
    return total


def judge(row, clone, baton, work, config):
    env = dict(os.environ, XDG_CACHE_HOME=str(work / "cache"), XDG_CONFIG_HOME=str(work / "config"))
    tree = work / row["name"].split("/")[1]
    sh(["git", "clone", "-q", str(clone), str(tree)], work)
    sh(["git", "checkout", "-q", row["commit"]], tree)
    if config:
        (tree / ".baton").mkdir()
        (tree / ".baton/config.json").write_text(config)
        sh("git add -A && git -c user.name=a -c user.email=a@b commit -qm config", tree)
    out = {"name": row["name"], "wrong": []}
    plain = by_hand(clone, row, work)
    report, out["seconds"] = verify(baton, tree, env, work / "same.log")
    out["gates"] = [f"{g['name']}: {g['verdict']}" for g in report["gates"]]
    out["verdict"], out["cause"] = report["verdict"], report.get("cause")
    out["ours"], out["by hand"] = counts(report, "head"), {"passed": plain["passed"], "failed": len(plain["failed"])}
    out["hand seconds"] = plain["seconds"]
    if report["verdict"] != "no_regression":
        out["wrong"].append(f"unchanged tree is {report['verdict']}: {report.get('cause')}")
    if out["ours"] != out["by hand"] or counts(report, "base") != out["by hand"]:
        out["wrong"].append(f"counts: ours {counts(report, 'base')} -> {out['ours']}, by hand {out['by hand']}")

    broken = by_hand(clone, row, work, row["break"])
    seed(tree, row["break"])
    report, out["break seconds"] = verify(baton, tree, env, work / "break.log")
    regressions = [t["id"] for t in report["tests"] if t["status"] == "regression"]
    out["regressions"] = regressions
    theirs = list((Counter(broken["failed"]) - Counter(plain["failed"])).elements())
    if report["verdict"] != "rejected" or not same_tests(regressions, theirs):
        out["wrong"].append(f"break: {report['verdict']} ({report.get('cause')}), regressions {regressions}, by hand {theirs}")
    others = [f"{t['id']}: {t['status']}" for t in report["tests"] if t["status"] in ("vanished", "added_failing", "newly_unstable")]
    if others:
        out["wrong"].append(f"break: also {others[:5]}")
    sh(["git", "checkout", "-q", "."], tree)

    line = seed(tree, row["error"])
    report, out["error seconds"] = verify(baton, tree, env, work / "error.log")
    places = [(f["path"], f["line"]) for f in report["findings"] if f["severity"] == "error" and f.get("new", f.get("is_new", True))]
    if report["verdict"] != "rejected" or (row["error"]["file"], line) not in places:
        out["wrong"].append(f"error: {report['verdict']} ({report.get('cause')}), wanted {row['error']['file']}:{line}, found {places[:5]}")
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clones", type=Path, required=True)
    parser.add_argument("--baton", default=str(HERE / "build/release/baton"))
    parser.add_argument("--work", type=Path, help="kept when given")
    parser.add_argument("--manifest", type=Path, default=HERE / "tests/real/manifest.json")
    parser.add_argument("--config", default="", help="a .baton/config.json, committed first")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    right = 0
    rows = [r for r in json.loads(args.manifest.read_text())["repositories"] if not args.names or r["name"] in args.names]
    for row in rows:
        clone = args.clones / row["name"].replace("/", "+")
        if (clone / "repo").is_dir():
            clone = clone / "repo"
        work = args.work / row["name"].replace("/", "+") if args.work else Path(tempfile.mkdtemp(prefix="baton-real-"))
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        try:
            out = judge(row, clone, args.baton, work, args.config)
        except Exception as error:  # one bad repository must not hide the others
            out = {"name": row["name"], "wrong": [f"{type(error).__name__}: {error}"]}
        finally:
            if not args.work:
                shutil.rmtree(work, ignore_errors=True)
        right += not out["wrong"]
        print(json.dumps(out) if args.json else f"{out['name']}: {'right' if not out['wrong'] else 'WRONG'}\n" + "".join(
            f"    {k}: {v}\n" for k, v in out.items() if k not in ("name",) and v), flush=True)
    print(f"{right} of {len(rows)} right")
    return 0 if right == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
