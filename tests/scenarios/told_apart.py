#!/usr/bin/env python3
"""Failures told apart, by the hundred: what was there before, what the change broke, what is gone, and what fails by chance."""

import json
import os
import random
import shutil
import subprocess
import sys
import time

import _mutants
from _tasks import cases

# A line a test: its name, what the code gives, what is right. CHANCE fails one run in ten.
SUITE = """import os, random
dice = random.Random(os.urandom(16))
bad = False
lines = [line.split() for line in open("values.txt")]
print("TAP version 13")
for number, (name, value, right) in enumerate(lines, 1):
    fine = dice.random() >= 0.1 if value == "CHANCE" else value == right
    bad = bad or not fine
    print(("ok" if fine else "not ok"), number, "-", name)
print(f"1..{len(lines)}")
raise SystemExit(bad)
"""


def values(rows):
    return "".join(f"{name} {value} {right}\n" for name, value, right in rows)


def suite(lab, rows):
    lab.git("init", "-q", "-b", "main")
    lab.commit({".baton/config.json": json.dumps({"gates": [{"name": "suite", "command": ["python3", "suite.py"]}]}), "suite.py": SUITE, "values.txt": values(rows)})


def told(report):
    by_status = {}
    for test in report["tests"]:
        by_status.setdefault(test["status"], set()).add(test["id"])
    by_status.pop("unchanged", None)
    return by_status


def many_failures_and_one_regression(lab):
    old = {f"old_{i}" for i in range(43)}
    rows = [(name, "2", "3") for name in sorted(old)] + [(f"fine_{i}", "3", "3") for i in range(60)]
    suite(lab, rows)
    lab.write({"values.txt": values([(n, "4" if n == "fine_7" else v, r) for n, v, r in rows])})
    code, report, err = lab.verify()
    assert code == 1 and told(report) == {"pre_existing": old, "regression": {"fine_7"}}, (code, told(report), err)
    assert report["cause"].startswith("suite failed: 1 regression"), report["cause"]
    lab.write({"values.txt": values([row for row in rows if row[0] != "fine_7"])})
    code, report, err = lab.verify()
    assert code == 1 and told(report) == {"pre_existing": old, "vanished": {"fine_7"}}, (code, told(report), err)
    lab.write({"values.txt": values([row for row in rows if row[0] != "old_7"])})
    code, report, err = lab.verify()
    assert code == 1 and told(report)["vanished"] == {"old_7"}, (code, told(report), err)


def many_changes_are_never_called_old(lab):
    """A hundred broken values at a time, beside failures that were there before."""
    dice = random.Random(20261128)
    old = {f"old_{i}" for i in range(43)}
    rows = [(name, "2", "3") for name in sorted(old)] + [(f"fine_{i}", str(i), str(i)) for i in range(200)]
    suite(lab, rows)
    left = [name for name, _, _ in rows if name not in old]
    dice.shuffle(left)
    for _ in range(2):
        broken, left = set(left[:100]), left[100:]
        lab.write({"values.txt": values([(n, v + dice.choice("0179") if n in broken else v, r) for n, v, r in rows])})
        code, report, err = lab.verify()
        assert code == 1 and told(report) == {"pre_existing": old, "regression": broken}, (code, err)


def mutants_are_never_called_old(lab):
    """Seeded mutants of a program, one a verification, among failures that were there before: what Python says is newly broken is a regression, all
    of it and nothing else. Two hundred that a test notices where BATON_TEST_LONG=1, some for every change."""
    wanted = 200 if os.environ.get("BATON_TEST_LONG") else 6
    lab.git("init", "-q", "-b", "main")
    command = ["python3", "-B", "-m", "unittest", "discover", "-v", "-s", "tests", "-t", "."]
    lab.commit({**_mutants.FILES, ".gitignore": "__pycache__/\n", ".baton/config.json": json.dumps(
        {"gates": [{"name": "unit", "kind": "test", "command": command}, {"name": "python venv", "disabled": True}, {"name": "unittest", "disabled": True}]})})
    old = _mutants.failing(lab.repo)
    assert old == {f"test_{name}" for name in _mutants.CHECKS if name.startswith("old_")}, old
    noticed = regressions = 0
    for text in _mutants.mutants(20261129):
        lab.write({"program.py": text})
        failing = _mutants.failing(lab.repo, 3)
        if failing is None:
            continue  # it does not end
        code, report, err = lab.verify()
        assert report, (code, err)
        statuses = {status: {one.rsplit(".", 1)[1] for one in ids} for status, ids in told(report).items()}
        expected = {"regression": failing - old, "pre_existing": failing & old, "fixed": old - failing}
        assert statuses == {status: ids for status, ids in expected.items() if ids}, (statuses, expected, text, err)
        assert code == (1 if failing - old else 0), (code, report["cause"], text)
        noticed += bool(failing - old)
        regressions += len(failing - old)
        if noticed == wanted:
            break
    print(f"  {noticed} mutants, {regressions} regressions, none of them called old")
    assert noticed == wanted, noticed


def chance_is_no_regression(lab):
    """Two hundred tests that fail one run in ten, and another version of the program: each is a verification of its own."""
    suite(lab, [(f"luck_{i}", "CHANCE", "1") for i in range(200)])
    lab.write({"README.md": "# Another version\n"})
    code, report, err = lab.verify()
    statuses = told(report)
    assert len(statuses.get("regression", ())) <= 1, statuses["regression"]
    shaky = sum(len(statuses.get(one, ())) for one in ("flaky", "newly_unstable"))
    # About a tenth fails in the first run of either side, and passes in another; tries of the whole suite show more of them.
    assert shaky >= 3 and code == (1 if statuses.get("regression") else 0), (code, {k: len(v) for k, v in statuses.items()}, report["cause"], err)
    assert set(statuses) <= {"flaky", "newly_unstable", "fixed", "regression", "pre_existing"}, set(statuses)


def chance_over_two_hundred_verifications(lab):
    """The same one verification at a time, each of another version. Not for every change."""
    if not os.environ.get("BATON_TEST_LONG"):
        return "skipped, BATON_TEST_LONG is not set:"
    suite(lab, [("luck", "CHANCE", "1"), ("fine", "1", "1")])
    count = {}
    for version in range(200):
        lab.write({"README.md": f"# Version {version}\n"})
        code, report, err = lab.verify("--fresh")
        statuses = told(report)
        assert set(statuses) <= {"flaky", "newly_unstable", "fixed", "regression", "pre_existing"} and all(ids == {"luck"} for ids in statuses.values()), (version, statuses)
        assert code == (1 if "regression" in statuses else 0), (version, code, report["cause"], err)
        status = next(iter(statuses), "unchanged")
        count[status] = count.get(status, 0) + 1
        gate = report["gates"][0]
        # A first run of the result that failed is never called unchanged.
        assert gate["head"]["tests"]["failed"] == 0 or status != "unchanged", (version, gate)
    print(f"  of 200: {count}")
    assert count.get("regression", 0) <= 1 and count.get("flaky", 0) + count.get("newly_unstable", 0) >= 5, count


STALE = {
    ".gitignore": "build/\n",
    "CMakeLists.txt": "cmake_minimum_required(VERSION 3.16)\nproject(t C)\nenable_testing()\nadd_executable(t t.c)\nadd_test(NAME t COMMAND t)\n",
    "t.c": "int twice(int a) { return 2 * a; }\nint main(void) { return twice(2) != 4; }\n",
}


def scripts_that_name_no_test(lab):
    """Their exit status is all there is: enough for a regression and for none, never for `verified`, and no refuge for tests that were named."""
    lab.git("init", "-q", "-b", "main")
    lab.commit({"Makefile": "test:\n\t@sh check.sh\n", "check.sh": ". ./double.sh\n[ $(double 2) = 4 ]\n", "double.sh": "double() { echo $(($1 + $1)); }\n"})
    (lab.repo.parent / "criteria").write_text("symbol: double in double.sh\ncommand: sh check.sh\n")
    lab.write({"double.sh": "double() { echo $((2 * $1)); }\n"})
    code, report, err = lab.verify("--criteria", str(lab.repo.parent / "criteria"))
    gate = report["gates"][0]
    assert code == 0 and report["verdict"] == "no_regression" and gate["verdict"] == "pass" and "names no test" in gate["cause"], (report["verdict"], gate, err)
    lab.write({"double.sh": "double() { echo $((3 * $1)); }\n"})
    code, report, err = lab.verify()
    assert code == 1 and report["verdict"] == "rejected" and "passed on the base" in report["cause"], (report["cause"], err)
    lab.commit({"check.sh": "echo TAP version 13\n. ./double.sh\n[ $(double 3) = 9 ] && echo ok 1 - nine\necho 1..1\n"})
    lab.write({"check.sh": "true\n"})
    code, report, err = lab.verify()
    assert code == 1 and report["verdict"] == "rejected" and told(report)["vanished"] == {"nine"}, (report["cause"], told(report), err)


def stale_binaries_are_not_believed(lab):
    if not all(shutil.which(tool) for tool in ("cmake", "ctest", "cc")):
        return print("stale_binaries_are_not_believed: left out, cmake or cc is not there")
    lab.git("init", "-q", "-b", "main")
    lab.commit(STALE)
    for argv in (["cmake", "-S", ".", "-B", "build"], ["cmake", "--build", "build"]):
        subprocess.run(argv, cwd=lab.repo, env=lab.env, check=True, capture_output=True)
    lab.write({"t.c": STALE["t.c"].replace("2 * a", "3 * a")})
    later = time.time() + 3600  # so that its date has nobody build it anew
    os.utime(lab.repo / "build/t", (later, later))
    assert subprocess.run(["ctest"], cwd=lab.repo / "build", env=lab.env, check=False, capture_output=True).returncode == 0, "the old binary does not pass"
    for options in ([], ["--quick"]):
        code, report, err = lab.verify(*options)
        assert code == 1 and report["verdict"] == "rejected" and told(report) == {"regression": {"t"}}, (options, code, told(report), report["cause"], err)
    lab.write({"t.c": STALE["t.c"]})
    code, report, err = lab.verify("--quick")
    assert code == 0 and not told(report), (code, told(report), err)


if __name__ == "__main__":
    sys.exit(cases([many_failures_and_one_regression, many_changes_are_never_called_old, mutants_are_never_called_old, chance_is_no_regression, chance_over_two_hundred_verifications, scripts_that_name_no_test, stale_binaries_are_not_believed]))
