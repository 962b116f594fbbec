#!/usr/bin/env python3
"""Tests of the base that go on under another id, and tests that go as the task asks: neither stops an honest change. Beside each a twin that takes
something away, which is rejected. What was judged with a task is judged again in another checkout and says the same."""

import json
import sys

from _tasks import cases
from forgers import clean, plant, project
from known import agent_above_us, as_agent
from red_green import gates

CALC = "def add(a, b):\n    return a + b\n\n\ndef tax(n):\n    return n * 0.2\n"
OLD = "\n\ndef old_add(a, b):\n    return add(a, b)\n"
HEAD = "import pytest\nfrom calc import add, tax\n\n\n"
TAX = "\n\ndef test_tax():\n    assert tax(10) == 2.0\n"
ONE = HEAD + "def test_add():\n    assert add(1, 2) == 3\n    assert add(-1, 1) == 0\n" + TAX
ROWS = HEAD + "@pytest.mark.parametrize('a,b,c', [(1, 2, 3), (-1, 1, 0)])\ndef test_add(a, b, c):\n    assert add(a, b) == c\n" + TAX
LOOP = HEAD + "def test_add():\n    for a, b, c in [(1, 2, 3), (-1, 1, 0)]:\n        assert add(a, b) == c\n" + TAX
SPLIT = HEAD + "def test_adds():\n    assert add(1, 2) == 3\n\n\ndef test_adds_negatives():\n    assert add(-1, 1) == 0\n" + TAX
WITH_OLD = ONE.replace("add, tax", "add, old_add, tax", 1) + "\n\ndef test_old_add():\n    assert old_add(1, 2) == 3\n"
FILES = {
    ".gitignore": "__pycache__/\n",
    ".baton/config.json": gates(("pytest", "test", [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml={reports}/p.xml"], {"reports": ["{reports}/p.xml"]})),
    "calc.py": CALC + OLD,
    "tests/__init__.py": "",
}


def changed(text, *pairs):
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


def judged(lab, *options):
    code, report, err = lab.verify(*options, timeout=240)
    assert report, (code, err)
    gone = {test["id"].split("::")[-1] for test in report["tests"] if test["status"] == "vanished"}
    return report, gone


# name -> the base's tests, the result's, what is said of the result's, the twin's, what vanishes of that
MORE = (("'a,b,c'", "'a,b,c,d'"), ("2, 3)", "2, 3, None)"), ("1, 0)", "1, 0, None)"), ("a, b, c)", "a, b, c, d)"))
FORMS = {
    "another parameter": (ROWS, changed(ROWS, *MORE), "was tests/test_calc.py::test_add[1-2-3]", changed(changed(ROWS, *MORE), (", (-1, 1, 0, None)", "")), {"test_add[1-2-3]", "test_add[-1-1-0]"}),
    "one loop": (ROWS, LOOP, "tests/test_calc.py::test_add[1-2-3]", changed(LOOP, ("        assert", "        if a < 0:\n            continue\n        assert")), {"test_add[-1-1-0]"}),
    "split": (ONE, SPLIT, "was tests/test_calc.py::test_add", changed(SPLIT, ("def test_adds_neg", "@pytest.mark.skip\ndef test_adds_neg")), {"test_add"}),
    "merged": (SPLIT, ROWS, "was tests/test_calc.py::test_adds_negatives", changed(ROWS, ("(-1, 1, 0)", "(1, 0, 1)")), {"test_adds_negatives"}),
    "renamed": (ONE, changed(ONE, ("def test_tax():\n    assert tax(10) == 2.0", "def test_of_ten():\n    got = tax(10)\n    assert got == 2.0")), "was tests/test_calc.py::test_tax",
                changed(ONE, ("def test_tax():\n    assert tax(10) == 2.0", "def test_of_ten():\n    got = tax(10)\n    assert got > 0")), {"test_tax"}),
}


def tests_that_go_on(lab):
    project(lab, FILES)
    for name, (before, after, says, twin, gone) in FORMS.items():
        lab.commit({"tests/test_calc.py": before})
        plant(lab, {"tests/test_calc.py": after})
        report, lost = judged(lab)
        assert report["verdict"] == "no_regression" and not lost, (name, report["cause"], lost)
        assert any(says in test.get("message", "") for test in report["tests"]), (name, [test for test in report["tests"] if test.get("message")])
        clean(lab)
        plant(lab, {"tests/test_calc.py": twin})
        report, lost = judged(lab)
        assert report["verdict"] == "rejected" and gone <= lost, (name, report["cause"], lost)
        clean(lab)


def tests_that_the_task_removes(lab):
    project(lab, {**FILES, "tests/test_calc.py": WITH_OLD})
    removed = {"calc.py": CALC, "tests/test_calc.py": ONE}
    plant(lab, removed)
    report, lost = judged(lab, "--task", "Remove the deprecated function old_add and its test.")
    test = next(test for test in report["tests"] if test["status"] == "vanished")
    assert report["verdict"] == "no_regression" and test["removed_by_task"] and test["message"] == "the task removes it", (report["cause"], test)
    bundle = lab.folder / "bundle.json"
    code, out, err = lab.baton("evidence", "export", report["id"], "--out", str(bundle))
    assert code == 0, (out, err)
    for options in ([], ["--task", "Remove the deprecated function older_add and its test."], ["--task", "Do not remove old_add, speed it up."]):
        report, lost = judged(lab, *options)
        assert report["verdict"] == "rejected" and lost == {"test_old_add"}, (options, report["cause"], lost)
    plant(lab, {"tests/test_calc.py": changed(ONE, (TAX, ""))})  # and one more
    report, lost = judged(lab, "--task", "Remove the deprecated function old_add and its test.")
    assert report["verdict"] == "rejected" and lost == {"test_old_add", "test_tax"}, (report["cause"], lost)
    lab.commit(removed)  # so that the trees are in a clone
    elsewhere = lab.folder / "elsewhere"
    lab.git("clone", "-q", str(lab.repo), str(elsewhere), cwd=lab.folder)
    code, out, err = lab.baton("evidence", "verify", str(bundle), "--replay", "--yes", "--json", cwd=elsewhere, timeout=240)
    assert code == 0 and json.loads(out)["replay"]["same"], (code, out, err)


def cases_that_the_task_removes(lab):
    named = changed(ROWS, ("(-1, 1, 0)]", "(-1, 1, 0), pytest.param(5, 5, 10, id='roman')]"))
    project(lab, {**FILES, "tests/test_calc.py": named})
    program = {"calc.py": changed(CALC + OLD, ("return n * 0.2", "return 0.2 * n"))}
    plant(lab, {**program, "tests/test_calc.py": ROWS})
    report, lost = judged(lab, "--task", "Drop support of Roman numerals.")
    assert report["verdict"] == "no_regression" and lost == {"test_add[roman]"}, (report["cause"], lost)
    report, lost = judged(lab, "--task", "Speed up Roman numerals.")
    assert report["verdict"] == "rejected", report["cause"]
    plant(lab, {**program, "tests/test_calc.py": changed(ROWS, (", (-1, 1, 0)", ""))})  # and one more
    report, lost = judged(lab, "--task", "Drop support of Roman numerals.")
    assert report["verdict"] == "rejected" and lost == {"test_add[roman]", "test_add[-1-1-0]"}, (report["cause"], lost)


def what_an_agent_says_was_asked(lab):
    """An agent that deletes a test does not say that it was to go; whoever judges its verdict again hears the same."""
    project(lab, {**FILES, "tests/test_calc.py": WITH_OLD})
    lab.commit({"calc.py": CALC, "tests/test_calc.py": ONE})
    argv = ["verify", "--yes", "--json", "--base", "HEAD~1", "--head", "HEAD", "--task", "Remove the deprecated function old_add and its test."]
    _, out, err = as_agent(lab, *argv)
    report = json.loads(out)
    assert report["verdict"] == "rejected" and report["task_by_agent"], (report["cause"], err)
    bundle = lab.folder / "bundle.json"
    code, out, err = lab.baton("evidence", "export", report["id"], "--out", str(bundle))
    assert code == 0, (out, err)
    code, out, err = lab.baton("evidence", "verify", str(bundle), "--replay", "--yes", "--json", timeout=240)
    assert code == 0 and json.loads(out)["replay"]["same"], (code, out, err)
    if not agent_above_us():  # else nobody here is a human
        code, out, err = lab.baton(*argv)
        assert code == 0 and json.loads(out)["verdict"] == "no_regression", (code, out, err)


if __name__ == "__main__":
    sys.exit(cases([tests_that_go_on, tests_that_the_task_removes, cases_that_the_task_removes, what_an_agent_says_was_asked]))
