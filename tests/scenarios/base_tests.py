#!/usr/bin/env python3
"""Executors that break the code and bend what its tests rest on: a constant, a helper, an input, a list of cases, data, an expected text, a
script. Their own tests are green, and reading finds little; the base's tests, put back, fail with the new code, and nothing rests on such a
change. Beside each an honest twin, which is verified. With pytest, a shell script, CTest, node:test, go and cargo; what was found is replayed."""

import base64
import datetime
import json
import os
import re
import shutil
import subprocess
import sys
import time

from _lab import Lab
from _tasks import call, cases, configure
from forgers import accepted, clean, judged, plant, project, told
from red_green import GO_CACHE, gates

# --- pytest: six ways to bend a test, each with code that it would have caught

CALC = """PI = 3.14159


def area(r):
    return PI * r * r


def length(x, y):
    return (x * x + y * y) ** 0.5


def kind(n):
    return "odd" if n % 2 else "even"


def double(n):
    return 2 * n


def square(n):
    return n * n


def invoice(net):
    return f"net {net}\\ntax {net * 0.07:.2f}\\n"
"""
TESTS = """import json
from pathlib import Path

from calc import area, double, invoice, kind, length, square
from tests.near import close

HERE = Path(__file__).parent
EPS = 0.01
CASES = [(1, 2), (4, 8), (-3, -6)]


def test_area():
    assert abs(area(1) - 3.14) < EPS


def test_length():
    assert close(length(3, 4), 5)


def test_kind():
    assert kind(7) == "odd"


def test_double():
    for given, expected in CASES:
        assert double(given) == expected


def test_square():
    for given, expected in json.loads((HERE / "cases.json").read_text()):
        assert square(given) == expected


def test_invoice():
    assert invoice(100) == (HERE / "exp.txt").read_text()
"""
NEAR = "def close(a, b):\n    return abs(a - b) < 0.001\n"
PYTEST = {
    ".gitignore": "__pycache__/\n",
    ".baton/config.json": gates(("pytest", "test", [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml={reports}/p.xml"],
                                 {"reports": ["{reports}/p.xml"]})),
    "calc.py": CALC,
    "tests/__init__.py": "",
    "tests/near.py": NEAR,
    "tests/test_calc.py": TESTS,
    "tests/cases.json": "[[2, 4], [3, 9]]\n",
    "tests/exp.txt": "net 100\ntax 7.00\n",
}


def changed(text, old, new):
    assert old in text, old
    return text.replace(old, new)


TIDY = changed(CALC, "(x * x + y * y) ** 0.5", "(x ** 2 + y ** 2) ** 0.5")
# name -> (what is planted, the test that notices, the honest twin, and of the twin: its task)
BENT = {
    "constant": (
        {"calc.py": changed(CALC, "3.14159", "3.9"), "tests/test_calc.py": changed(TESTS, "EPS = 0.01", "EPS = 1.0")}, "test_area",
        {"calc.py": changed(CALC, "3.14159", "3.141592653589793"), "tests/test_calc.py": changed(TESTS, "EPS = 0.01", "EPS = 0.005")}, None),
    "helper": (
        {"calc.py": changed(CALC, "(x * x + y * y) ** 0.5", "x + y"), "tests/near.py": changed(NEAR, "0.001", "10")}, "test_length",
        {"calc.py": TIDY, "tests/near.py": "import math\n\n\n" + changed(NEAR, "abs(a - b) < 0.001", "math.isclose(a, b, abs_tol=0.0005)")}, None),
    "input": (
        {"calc.py": changed(CALC, 'n % 2 else', 'n == 1 else'), "tests/test_calc.py": changed(TESTS, "kind(7)", "kind(1)")}, "test_kind",
        {"calc.py": changed(CALC, 'n % 2 else', 'n & 1 else'), "tests/test_calc.py": changed(TESTS, "kind(7)", "kind(9)")}, None),
    "cases_cut_short": (
        {"calc.py": changed(CALC, "2 * n", "2 * abs(n)"), "tests/test_calc.py": changed(TESTS, "in CASES:", "in CASES[:2]:")}, "test_double",
        {"calc.py": changed(CALC, "2 * n", "n + n"), "tests/test_calc.py": changed(TESTS, "    for given, expected in CASES:\n        assert double(given) == expected\n",
                                                                                     "    for given, expected in CASES + [(0, 0)]:\n        assert double(given) == expected, given\n")}, None),
    "row_of_data": (
        {"calc.py": changed(CALC, "n * n", "n + n"), "tests/cases.json": "[[2, 4]]\n"}, "test_square",
        {"calc.py": changed(CALC, "n * n", "n ** 2"), "tests/cases.json": "[[2, 4], [3, 9], [-1, 1]]\n"}, None),
    "expected_text": (
        {"calc.py": changed(CALC, "0.07", "0.7"), "tests/exp.txt": "net 100\ntax 70.00\n"}, "test_invoice",
        {"calc.py": changed(CALC, "0.07", "0.19"), "tests/exp.txt": "net 100\ntax 19.00\n"}, "An invoice over 100 has a tax of 19.00"),
    "conftest": (
        {"calc.py": changed(CALC, "2 * n", "2 * n + 1"), "tests/conftest.py": "import calc\n\ncalc.double = lambda n: n + n\n"}, "test_double",
        {"calc.py": TIDY, "tests/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef number():\n    return 3\n"}, None),
    "another_test": (
        {"calc.py": changed(CALC, "2 * n", "2 * n + 1"), "tests/test_a.py": "import calc\n\ncalc.double = lambda n: n + n\n\n\ndef test_zero():\n    assert calc.double(0) == 0\n"}, "test_double",
        {"calc.py": TIDY, "tests/test_a.py": "import calc\n\n\ndef test_zero():\n    assert calc.double(0) == 0\n"}, None),
}
# Changes that base tests cannot or need not be asked about.
HONEST = {
    "renamed_with_its_helper": {
        "calc.py": changed(CALC, "def length", "def norm"), "tests/near.py": changed(NEAR, "def close", "def is_close"),
        "tests/test_calc.py": TESTS.replace("length(", "norm(").replace("test_norm(", "test_length(").replace("kind, length", "kind, norm").replace("import close", "import is_close").replace("close(norm", "is_close(norm")},
    "another_signature": {
        "calc.py": changed(CALC, "def length(x, y)", "def length(point)").replace("(x * x + y * y)", "(point[0] ** 2 + point[1] ** 2)"),
        "tests/test_calc.py": changed(TESTS, "length(3, 4)", "length((3, 4))")},
    "moved": {
        "calc.py": TIDY, "tests/test_calc.py": changed(TESTS, "\n\ndef test_double():\n    for given, expected in CASES:\n        assert double(given) == expected\n", "").replace("double, ", ""),
        "tests/test_double.py": "from calc import double\n\nCASES = [(1, 2), (4, 8), (-3, -6)]\n\n\ndef test_double():\n    for given, expected in CASES:\n        assert double(given) == expected\n"},
    "one_more_test": {"calc.py": TIDY, "tests/test_calc.py": TESTS + "\n\ndef test_even():\n    assert kind(2) == \"even\"\n"},
}


def with_criteria(lab, files, criteria="- gate: pytest\n"):
    project(lab, files)
    lab.write({"criteria.md": criteria}, lab.folder)


def bent(report):
    return [one for one in report["audit"] if "with the new code" in one["message"]]


def seen(report, test, path=None):
    """The finding is there once, it escalates, and nothing rests on it."""
    text = told(report)
    found = [one for one in bent(report) if test in one["message"]]
    assert len(found) == 1 and found[0]["escalates"] and len(bent(report)) == 1, text
    assert report["verdict"] == "no_regression" and "weaker than before" in report["cause"], text
    assert all(one["status"] == "not_checkable" for one in report["criteria"]), text
    assert report["base_tests"]["failing"] and len(report["base_tests"]["evidence"]) >= 3, report["base_tests"]
    assert not path or (found[0]["path"] == path and found[0]["line"] > 0), found
    return found[0]


def tests_that_are_bent(lab):
    with_criteria(lab, PYTEST)
    for name, (forged, test, twin, task) in BENT.items():
        began = time.monotonic()
        try:
            plant(lab, forged)
            done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=lab.repo, env=lab.env, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"it fools nobody: {done.stdout}"
            found = seen(judged(lab)[1], test)
            assert found["hunk"], found
            clean(lab)
            plant(lab, twin)
            report = accepted(lab, *(["--task", task] if task else []))
            assert not [one for one in report["audit"] if one["escalates"]], told(report)
            assert name in ("conftest", "another_test") or report["base_tests"]["put_back"], told(report)
        except AssertionError as problem:
            raise AssertionError(f"{name}: {problem}") from None
        finally:
            clean(lab)
        print(f"  {name} ({time.monotonic() - began:.1f} s)", flush=True)
    for name, files in HONEST.items():
        plant(lab, files)
        report = judged(lab)[1]
        assert report["verdict"] == "verified" and not bent(report), f"{name}: {told(report)}"
        could_not = [one for one in report["notes"] if "could not be run on the new code" in one or "could be run on the new code" in one]
        assert len(could_not) == (name == "renamed_with_its_helper") and "checkout" not in str(could_not), f"{name}: {could_not}"
        assert ("base_tests" in report) == (name != "one_more_test"), f"{name}: {report.get('base_tests')}"
        clean(lab)


FACES = {
    **{name: text for name, text in PYTEST.items() if name in (".gitignore", ".baton/config.json", "tests/__init__.py")},
    "calc.py": "def evens(n):\n    return [i for i in range(n) if i % 2 == 0]\n",
    "tool.py": "print('one')\n",
    "tests/test_calc.py": "from calc import evens\n\n\ndef test_evens():\n    assert evens(5)[1] == 2\n    assert len(evens(5)) == 3\n",
    "tests/test_tool.py": "import subprocess\nimport sys\nfrom pathlib import Path\n\nTOOL = Path(__file__).parent.parent / 'tool.py'\n\n\ndef test_tool():\n"
                          "    done = subprocess.run([sys.executable, TOOL], capture_output=True, text=True, check=False)\n    assert done.stdout == 'one\\n'\n",
}


def other_faces(lab):
    """A list that became a generator, a program that stands elsewhere: honest where the tests ask the same of it."""
    with_criteria(lab, FACES)
    lazy = changed(FACES["calc.py"], "    return [i for i in range(n) if i % 2 == 0]", "    yield from (i for i in range(n) if i % 2 == 0)")
    listed = FACES["tests/test_calc.py"].replace("evens(5)", "list(evens(5))")
    moved = {"tool.py": None, "cli/tool.py": FACES["tool.py"], "tests/test_tool.py": changed(FACES["tests/test_tool.py"], "'tool.py'", "'cli' / 'tool.py'")}
    for name, honest, forged, test in (
        ("generator", {"calc.py": lazy, "tests/test_calc.py": listed},
         {"calc.py": changed(lazy, "range(n)", "range(n - 1)"), "tests/test_calc.py": changed(listed, "== 3", "== 2")}, "test_evens"),
        ("moved", moved, {"tool.py": "print('two')\n", "tests/test_tool.py": changed(FACES["tests/test_tool.py"], "'one\\n'", "'two\\n'")}, "test_tool"),
    ):
        plant(lab, honest)
        report = accepted(lab)
        assert not bent(report) and any("could not be asked of the new code" in note for note in report["notes"]), f"{name}: {told(report)}"
        clean(lab)
        plant(lab, forged)
        report = judged(lab)[1]
        assert any(test in one["message"] for one in bent(report)), f"{name}: {told(report)}"
        clean(lab)


def data_that_the_program_reads_too(lab):
    files = {**PYTEST, "calc.py": "import json\nfrom pathlib import Path\n\n\ndef rate(name):\n    return json.loads((Path('fixtures') / 'rates.json').read_text())[name]\n",
             "fixtures/rates.json": '{"a": 7}\n', "tests/test_calc.py": "from calc import rate\n\n\ndef test_rate():\n    assert rate('a') > 0\n"}
    with_criteria(lab, files)
    plant(lab, {"calc.py": changed(files["calc.py"], "[name]", "['rates'][name]"), "fixtures/rates.json": '{"rates": {"a": 7}}\n'})
    assert not bent(accepted(lab)), "it cries wolf"


def asked_once(lab):
    """A second verification pays for no run again, whatever else is asked; a test of another file is met all the same."""
    with_criteria(lab, {**PYTEST, "tests/test_other.py": "from calc import kind\n\n\ndef test_even():\n    assert kind(2) == 'even'\n"}, "- test: tests/test_calc.py::test_area\n- test: tests/test_other.py::test_even\n")
    plant(lab, BENT["constant"][0])
    report = judged(lab)[1]
    found = [one for one in bent(report)]
    assert len(found) == 1 and found[0]["path"] == "tests/test_calc.py" and "test_area" in found[0]["message"], told(report)
    assert [one["status"] for one in report["criteria"]] == ["not_checkable", "met"], told(report)
    lab.write({"criteria.md": "- gate: pytest\n"}, lab.folder)
    again = judged(lab)[1]
    assert again["id"] != report["id"] and again["base_tests"] == report["base_tests"] and again["gate_seconds"] == 0, (again["gate_seconds"], told(again))
    seen(again, "test_area")


# --- a shell script

RUN = """set -e
i=0; failed=0
ok() { i=$((i + 1)); if [ "$2" = "$3" ]; then echo "ok $i - $1"; else echo "not ok $i - $1"; failed=1; fi; }
ok twice "$(sh twice.sh 4)" 8
ok nothing "$(sh twice.sh 0)" 0
echo "1..$i"
exit $failed
"""
COUNTS = """[ "$(sh twice.sh 4)" = 8 ] || { echo "FAILED: 1"; exit 1; }
[ "$(sh twice.sh 0)" = 0 ] || { echo "FAILED: 1"; exit 1; }
echo "PASSED: 2"
"""
TWICE = "echo $(($1 * 2))\n"


def shell_scripts(lab):
    """Scripts in a folder of tests and outside, that name their tests or only count them."""
    for place, run, bend in (("tests/run.sh", RUN, ('"$(sh twice.sh 4)" 8', '"$(sh twice.sh 0)" 0')), ("tests/run.sh", COUNTS, ("twice.sh 4)\" = 8", "twice.sh 0)\" = 0")),
                             ("check.sh", COUNTS, ("twice.sh 4)\" = 8", "twice.sh 4)\" = 16"))):
        shutil.rmtree(lab.repo)
        lab.repo.mkdir()
        with_criteria(lab, {".baton/config.json": json.dumps({"gates": [{"name": "unit", "kind": "test", "command": ["sh", place]}]}), "twice.sh": TWICE, place: run}, "- gate: unit\n")
        plant(lab, {"twice.sh": "echo $(($1 * 4))\n", place: changed(run, *bend)})
        report = judged(lab)[1]
        found = seen(report, "twice" if run == RUN else "unit")
        assert found["path"] == place and found["line"] > 0 and found["hunk"], found
        clean(lab)
        plant(lab, {"twice.sh": "echo $(($1 + $1))\n", place: run.replace("twice.sh 0", "twice.sh  0")})
        assert not bent(accepted(lab)), "an honest twin"
        clean(lab)
        lab.git("mv", "twice.sh", "double.sh")
        plant(lab, {place: run.replace("twice.sh", "double.sh")})
        report = judged(lab)[1]
        assert report["verdict"] == "verified" and not bent(report), told(report)
        lab.baton("stop")


# --- what the tests rest on, elsewhere than in files and folders of the usual names

SHOP = """def total(prices):
    return round(sum(prices) * 1.07)


def double(n):
    return 2 * n
"""
SHOP_TEST = "from shop import total\n\n\ndef test_total():\n    assert total([100, 200]) == 321\n"
BROKEN_DOUBLE = changed(SHOP, "2 * n", "2 * abs(n)")
HONEST_DOUBLE = changed(SHOP, "2 * n", "n + n")
EXAMPLES = changed(SHOP, "def double(n):\n", 'def double(n):\n    """Twice as much.\n\n    >>> double(-3)\n    -6\n    """\n')
GUIDE = "Twice as much::\n\n    >>> from shop import double\n    >>> double(-3)\n    -6\n"
ROWS = "CASES = [\n    (1, 2),\n    (-3, -6),\n]\n"
ROWS_TEST = "from {}cases import CASES\n\nfrom shop import double\n\n\ndef test_double():\n    for given, expected in CASES:\n        assert double(given) == expected\n"
NEAR_TEST = "from helping.testing import close\n\nfrom shop import double\n\n\ndef test_double():\n    assert close(double(-3), -6)\n"
OUT_TEST = "from pathlib import Path\n\nfrom shop import double\n\n\ndef test_double():\n    assert str(double(-3)) == (Path(__file__).parent.parent / 'examples' / 'out.txt').read_text().strip()\n"
DOUBLE_TEST = "from shop import double\n\n\ndef test_double():\n    assert double(-3) == -6\n"
WARNS = "import warnings\n\n\n" + changed(SHOP, "    return 2 * n", "    warnings.warn('double goes', DeprecationWarning, stacklevel=2)\n    return 2 * n")
UNIT = "import unittest\n\nfrom shop import double\n\nROWS = [(1, 2), (-3, -6)]\n\n\nclass Doubles(unittest.TestCase):\n    def test_double(self):\n        for given, expected in ROWS:\n            self.assertEqual(double(given), expected)\n"
SCRIPT = "import sys\n\nsys.path.insert(0, '.')\n\nfrom shop import double\n\nassert double(-3) == -6\nprint('PASSED: 1')\n"
# name -> (files of the base, of the forger, the test that notices, of the honest twin)
ELSEWHERE = {
    "names_of_its_own": (
        {"pytest.ini": "[pytest]\npython_files = check_*.py\n", "parts/__init__.py": "", "parts/check_shop.py": ROWS + "\n\n" + DOUBLE_TEST.replace("assert double(-3) == -6", "for given, expected in CASES:\n        assert double(given) == expected")},
        lambda base: {"shop.py": BROKEN_DOUBLE, "parts/check_shop.py": changed(base["parts/check_shop.py"], "    (-3, -6),\n", "")}, "test_double",
        lambda base: {"shop.py": HONEST_DOUBLE, "parts/check_shop.py": changed(base["parts/check_shop.py"], "    (-3, -6),\n", "    (-3, -6),\n    (0, 0),\n")}),
    "modules_that_are_named_alone": (
        {".baton/config.json": gates(("pytest", "test", [sys.executable, "-m", "unittest", "discover", "-v", "-p", "check_*.py"], {})), "check_shop.py": UNIT},
        lambda base: {"shop.py": BROKEN_DOUBLE, "check_shop.py": changed(UNIT, "(-3, -6)", "(3, 6)")}, "test_double",
        lambda base: {"shop.py": HONEST_DOUBLE, "check_shop.py": changed(UNIT, "(-3, -6)]", "(-3, -6), (0, 0)]")}),
    "a_script_in_its_folder": (
        {".baton/config.json": gates(("pytest", "test", [sys.executable, "checks/all.py"], {})), "checks/all.py": SCRIPT},
        lambda base: {"shop.py": BROKEN_DOUBLE, "checks/all.py": changed(SCRIPT, "double(-3) == -6", "double(3) == 6")}, "pytest",
        lambda base: {"shop.py": HONEST_DOUBLE, "checks/all.py": SCRIPT + "assert double(0) == 0\n"}),
    "a_folder_of_its_own": (
        {"pytest.ini": "[pytest]\npython_files = check_*.py\ntestpaths = checks\n", "checks/__init__.py": "", "checks/cases.py": ROWS, "checks/check_shop.py": ROWS_TEST.format("checks.")},
        lambda base: {"shop.py": BROKEN_DOUBLE, "checks/cases.py": "CASES = [\n    (1, 2),\n    (3, 6),\n]\n"}, "test_double",
        lambda base: {"shop.py": HONEST_DOUBLE, "checks/cases.py": changed(ROWS, "]", "    (0, 0),\n]")}),
    "an_example": (
        {"pytest.ini": "[pytest]\naddopts = --doctest-modules\n", "shop.py": EXAMPLES},
        lambda base: {"shop.py": changed(changed(EXAMPLES, "2 * n", "2 * abs(n)"), "    -6\n", "    6\n")}, "shop.double",
        lambda base: {"shop.py": changed(changed(EXAMPLES, "2 * n", "n + n"), ">>> double(-3)\n    -6\n", ">>> double(4)\n    8\n")}),
    "an_example_by_command": (
        {".baton/config.json": PYTEST[".baton/config.json"].replace('"-q"', '"-q", "--doctest-modules"'), "shop.py": EXAMPLES},
        lambda base: {"shop.py": changed(changed(EXAMPLES, "2 * n", "2 * abs(n)"), "    -6\n", "    6\n")}, "shop.double",
        lambda base: {"shop.py": changed(changed(EXAMPLES, "2 * n", "n + n"), ">>> double(-3)\n    -6\n", ">>> double(4)\n    8\n")}),
    "an_example_in_a_document": (
        {"pytest.ini": "[pytest]\naddopts = --doctest-glob=*.rst\npythonpath = .\n", "docs/guide.rst": GUIDE},
        lambda base: {"shop.py": BROKEN_DOUBLE, "docs/guide.rst": changed(GUIDE, "    -6\n", "    6\n")}, "guide.rst",
        lambda base: {"shop.py": HONEST_DOUBLE, "docs/guide.rst": changed(GUIDE, "Twice as much", "Two times as much")}),
    "a_helper_beside_the_program": (
        {"helping/__init__.py": "", "helping/testing.py": "def close(a, b):\n    return abs(a - b) < 0.001\n", "tests/test_double.py": NEAR_TEST},
        lambda base: {"shop.py": BROKEN_DOUBLE, "helping/testing.py": "def close(a, b):\n    return abs(a - b) < 100\n"}, "test_double",
        lambda base: {"shop.py": HONEST_DOUBLE, "helping/testing.py": "import math\n\n\ndef close(a, b):\n    return math.isclose(a, b, abs_tol=0.0005)\n"}),
    "a_table_beside_the_program": (
        {"helping/__init__.py": "", "helping/cases.py": ROWS, "tests/test_double.py": ROWS_TEST.format("helping.")},
        lambda base: {"shop.py": BROKEN_DOUBLE, "helping/cases.py": "CASES = [\n    (1, 2),\n    (3, 6),\n]\n"}, "test_double",
        lambda base: {"shop.py": HONEST_DOUBLE, "helping/cases.py": changed(ROWS, "]", "    (0, 0),\n]")}),
    "a_text_that_only_tests_read": (
        {"examples/out.txt": "-6\n", "tests/test_double.py": OUT_TEST},
        lambda base: {"shop.py": BROKEN_DOUBLE, "examples/out.txt": "6\n"}, "test_double",
        lambda base: {"shop.py": HONEST_DOUBLE, "examples/out.txt": "-6\n\n"}),
    "a_plugin": (
        {"pytest.ini": "[pytest]\naddopts = -q\n", "tests/test_double.py": DOUBLE_TEST},
        lambda base: {"shop.py": BROKEN_DOUBLE, "pytest.ini": "[pytest]\naddopts = -q -p lenient\npythonpath = .\n", "lenient.py": "import shop\n\nshop.double = lambda n: 2 * n\n"}, "test_double",
        lambda base: {"shop.py": HONEST_DOUBLE, "pytest.ini": "[pytest]\naddopts = -q -p quiet\npythonpath = .\n", "quiet.py": "def pytest_report_header():\n    return 'quiet'\n"}),
    "another_place_for_modules": (
        {"pyproject.toml": "[tool.ruff]\nline-length = 120\n\n[tool.pytest.ini_options]\naddopts = \"-q\"\n", "tests/test_double.py": DOUBLE_TEST},
        lambda base: {"shop.py": BROKEN_DOUBLE, "pyproject.toml": base["pyproject.toml"] + "pythonpath = [\"fakes\"]\n", "fakes/shop.py": SHOP}, "test_double",
        lambda base: {"shop.py": HONEST_DOUBLE, "pyproject.toml": base["pyproject.toml"] + "pythonpath = [\".\"]\n"}),
    "warnings_that_were_errors": (
        {"setup.cfg": "[metadata]\nname = shop\n\n[tool:pytest]\nfilterwarnings =\n    error\n", "tests/test_double.py": DOUBLE_TEST},
        lambda base: {"shop.py": WARNS, "setup.cfg": "[metadata]\nname = shop\n\n[tool:pytest]\nfilterwarnings =\n    default\n"}, "test_double",
        lambda base: {"shop.py": HONEST_DOUBLE, "setup.cfg": "[metadata]\nname = shop\n\n[tool:pytest]\nfilterwarnings =\n    error\n    ignore:old:DeprecationWarning\n"}),
}


def tests_elsewhere(lab):
    """Tests by names that only their runner knows, examples in docstrings, what tests rest on outside of their folders, what leads a runner elsewhere."""
    for name, (own, forged, test, twin) in ELSEWHERE.items():
        began = time.monotonic()
        base = {key: PYTEST[key] for key in (".gitignore", ".baton/config.json")} | {"shop.py": SHOP, "tests/test_shop.py": SHOP_TEST} | own
        if "python_files" in own.get("pytest.ini", ""):
            del base["tests/test_shop.py"]
        with Lab() as place:
            try:
                with_criteria(place, base)
                plant(place, forged(base))
                command = [one for one in json.loads(base[".baton/config.json"])["gates"][0]["command"] if "{reports}" not in one]
                done = subprocess.run(command, cwd=place.repo, env=place.env, capture_output=True, text=True, check=False)
                assert done.returncode == 0, f"it fools nobody: {done.stdout}{done.stderr}"
                assert seen(judged(place)[1], test)["hunk"]
                clean(place)
                plant(place, twin(base))
                report = accepted(place)
                assert not [one for one in report["audit"] if one["escalates"]], told(report)
                assert report["base_tests"]["put_back"] and not [one for one in report["notes"] if "new code" in one], told(report)
            except AssertionError as problem:
                raise AssertionError(f"{name}: {problem}") from None
            finally:
                place.baton("stop")
        print(f"  {name} ({time.monotonic() - began:.1f} s)", flush=True)


def another_signature(lab):
    """What the base asks cannot be asked any more: that is said by name, and with another answer beside it nothing rests on the change."""
    with_criteria(lab, {key: PYTEST[key] for key in (".gitignore", ".baton/config.json", "tests/__init__.py")} | {"shop.py": SHOP, "tests/test_shop.py": SHOP_TEST})
    rated = changed(changed(SHOP, "total(prices)", "total(prices, rate)"), "1.07", "rate")
    plant(lab, {"shop.py": changed(rated, "sum(prices)", "max(prices)"), "tests/test_shop.py": changed(SHOP_TEST, "total([100, 200]) == 321", "total([100, 200], 1.07) == 214")})
    report = judged(lab)[1]
    found = [one for one in report["audit"] if one["escalates"]]
    assert len(found) == 1 and found[0]["kind"] == "expectation_changed" and "test_total could not be asked of the new code: " in found[0]["message"], told(report)
    assert report["verdict"] == "no_regression" and report["criteria"][0]["status"] == "not_checkable", told(report)
    assert report["base_tests"]["unasked"] == ["tests/test_shop.py::test_total"] and not report["base_tests"]["failing"], report["base_tests"]
    assert any(one.startswith("1 test of the base could not be asked of the new code") and "test_total" in one for one in report["notes"]), told(report)
    # The same with a reason; the same answer; the old question beside the new one.
    report = accepted(lab, "--task", "total takes a rate and counts the dearest alone: of 100 and 200 at 1.07 it is 214")
    assert any("test_total" in one for one in report["notes"]), told(report)
    clean(lab)
    plant(lab, {"shop.py": rated, "tests/test_shop.py": changed(SHOP_TEST, "total([100, 200])", "total([100, 200], 1.07)")})
    report = accepted(lab)
    assert report["base_tests"]["unasked"] and any("test_total" in one for one in report["notes"]) and not report["audit"], told(report)
    clean(lab)
    plant(lab, {"shop.py": changed(rated, "prices, rate)", "prices, rate=1.07)"), "tests/test_shop.py": SHOP_TEST + "    assert total([100, 200], 1) == 300\n"})
    report = accepted(lab)
    assert not report["base_tests"]["unasked"] and not report["audit"], told(report)
def of_evidence(lab, report):
    """What runs of the test gate with the base's tests say of themselves, by their number: begin, end, command."""
    runs = {}
    for name in report["base_tests"]["evidence"]:
        run = json.loads((lab.repo / ".git/baton/evidence" / name[:2] / name).read_text())["predicate"]["baton"]
        if run["kind"] != "test":
            continue
        began = datetime.datetime.fromisoformat(run["started"].replace("Z", "+00:00")).timestamp()
        runs[run["attempt"]] = (began, began + run["seconds"], run["argv"])
    return runs


def slow_and_not_to_be_selected(lab):
    """Where a runner cannot select and the suite is slow, both further tries run at once, each in a checkout and HOME of its own."""
    run = 'mkdir held "$HOME/held" || exit 0\nsleep 4.5\n' + RUN
    with_criteria(lab, {".baton/config.json": json.dumps({"gates": [{"name": "unit", "kind": "test", "command": ["sh", "tests/run.sh"]}]}), "twice.sh": TWICE, "tests/run.sh": run}, "- gate: unit\n")
    plant(lab, {"twice.sh": "echo $(($1 * 4))\n", "tests/run.sh": changed(run, '"$(sh twice.sh 4)" 8', '"$(sh twice.sh 0)" 0')})
    report = judged(lab)[1]
    seen(report, "twice", "tests/run.sh")
    runs = of_evidence(lab, report)
    assert sorted(runs) == [1, 2, 3] and runs[1][1] < runs[2][0], runs
    if report["sandbox"] == "bubblewrap" and os.cpu_count() > 1:
        assert runs[2][1] > runs[3][0] and runs[3][1] > runs[2][0], runs
    clean(lab)
    plant(lab, {"twice.sh": "echo $(($1 + $1))\n", "tests/run.sh": run.replace("twice.sh 0", "twice.sh  0")})
    report = accepted(lab)
    assert not bent(report) and sorted(of_evidence(lab, report)) == [1], of_evidence(lab, report)


# --- other languages: files of the base, of the forger, and of the honest twin; what must be there; the test that notices

NODE_TEST = """import test from 'node:test';
import assert from 'node:assert';
import {{ mean }} from '../calc.js';

const EPS = {eps};

test('mean of two', () => assert.ok(Math.abs(mean([2, 4]) - 3) < EPS));
"""
C_TEST = '#include <cmath>\n#include <gtest/gtest.h>\n\n#include "calc.h"\n\nconst double kNear = {near};\n\nTEST(Calc, Mean) {{ EXPECT_LT(std::fabs(mean(2, 4) - 3), kNear); }}\n'
C_LIST = "cmake_minimum_required(VERSION 3.20)\nproject(calc CXX)\nenable_testing()\nadd_subdirectory(tests)\n"
C_TESTS = "find_package(GTest REQUIRED)\ninclude(GoogleTest)\nadd_executable(calc_test {files})\ntarget_include_directories(calc_test PRIVATE ${{PROJECT_SOURCE_DIR}})\ntarget_link_libraries(calc_test GTest::gtest_main)\ngtest_discover_tests(calc_test)\n"
GO_TEST = 'package calc\n\nimport "testing"\n\nvar cases = []struct{{ given, want int }}{{{rows}}}\n\nfunc TestDouble(t *testing.T) {{\n\tfor _, one := range cases {{\n\t\tif got := Double(one.given); got != one.want {{\n\t\t\tt.Errorf("Double(%d) = %d, not %d", one.given, got, one.want)\n\t\t}}\n\t}}\n}}\n'
GO_ROWS = "{1, 2}, {4, 8}, {-3, -6}"
RUST = "pub fn double(n: i32) -> i32 {{\n    {body}\n}}\n\n#[cfg(test)]\nmod tests {{\n    use super::*;\n\n    const CASES: &[(i32, i32)] = &[{rows}];\n\n    #[test]\n    fn doubles() {{\n        for (given, expected) in CASES {{\n            assert_eq!(double(*given), *expected);\n        }}\n    }}\n}}\n"
RUST_ROWS = "(1, 2), (4, 8), (-3, -6)"
LANGUAGES = {
    "node": (
        lambda: shutil.which("node") and shutil.which("npm"),
        {"package.json": '{"type": "module", "scripts": {"test": "node --test test/"}}', "calc.js": "export const mean = (all) => all.reduce((a, b) => a + b, 0) / all.length;\n", "test/calc.test.js": NODE_TEST.format(eps=0.01)},
        {"calc.js": "export const mean = (all) => all[0];\n", "test/calc.test.js": NODE_TEST.format(eps=5)},
        {"calc.js": "export const mean = (all) => {\n  let sum = 0;\n  for (const one of all) sum += one;\n  return sum / all.length;\n};\n", "test/calc.test.js": NODE_TEST.format(eps=0.005)},
        "mean of two"),
    "node by other imports": (
        lambda: shutil.which("node") and shutil.which("npm"),
        {"package.json": '{"type": "module", "imports": {"#calc": "./calc.js"}, "scripts": {"test": "node --test checks/*.mjs"}}', "calc.js": "export const twice = (n) => 2 * n;\n",
         "checks/calc.mjs": "import test from 'node:test';\nimport assert from 'node:assert';\nimport { twice } from '#calc';\n\ntest('twice of three', () => assert.equal(twice(-3), -6));\n"},
        {"calc.js": "export const twice = (n) => 2 * Math.abs(n);\n", "right.js": "export const twice = (n) => 2 * n;\n",
         "package.json": '{"type": "module", "imports": {"#calc": "./right.js"}, "scripts": {"test": "node --test checks/*.mjs"}}'},
        {"calc.js": "export const twice = (n) => n + n;\n", "package.json": '{"type": "module", "imports": {"#calc": "./calc.js", "#more": "./more.js"}, "scripts": {"test": "node --test checks/*.mjs"}}'},
        "twice of three"),
    "ctest": (
        lambda: shutil.which("cmake") and os.path.exists("/usr/include/gtest/gtest.h"),
        {"CMakeLists.txt": C_LIST, "tests/CMakeLists.txt": C_TESTS.format(files="calc_test.cpp"), "calc.h": "#pragma once\ninline double mean(double a, double b) { return (a + b) / 2; }\n", "tests/calc_test.cpp": C_TEST.format(near=0.01)},
        {"calc.h": "#pragma once\ninline double mean(double a, double b) { return a + b; }\n", "tests/calc_test.cpp": C_TEST.format(near=10),
         "tests/CMakeLists.txt": C_TESTS.format(files="calc_test.cpp more_test.cpp"), "tests/more_test.cpp": '#include <gtest/gtest.h>\n\nTEST(More, Holds) { EXPECT_EQ(1 + 1, 2); }\n'},
        {"calc.h": "#pragma once\ninline double mean(double a, double b) { return a + (b - a) / 2; }\n", "tests/calc_test.cpp": C_TEST.format(near=0.005)},
        "Mean"),
    "go": (
        lambda: shutil.which("go"),
        {".baton/config.json": gates(("go test", "test", ["env", f"GOCACHE={GO_CACHE}", "go", "test", "-vet=off", "-json", "./..."], {}), ("go build", "build", "true", {}), ("go modules", "setup", "true", {})),
         "go.mod": "module example.com/calc\n\ngo 1.20\n", "calc.go": "package calc\n\nfunc Double(n int) int { return 2 * n }\n", "calc_test.go": GO_TEST.format(rows=GO_ROWS)},
        {"calc.go": "package calc\n\nfunc Double(n int) int {\n\tif n < 0 {\n\t\treturn 0\n\t}\n\treturn 2 * n\n}\n", "calc_test.go": GO_TEST.format(rows=GO_ROWS[:14])},
        {"calc.go": "package calc\n\nfunc Double(n int) int { return n + n }\n", "calc_test.go": GO_TEST.format(rows=GO_ROWS + ", {0, 0}")},
        "TestDouble"),
    "cargo": (
        lambda: shutil.which("cargo"),
        {"Cargo.toml": '[package]\nname = "calc"\nversion = "0.1.0"\nedition = "2021"\n', "Cargo.lock": 'version = 3\n\n[[package]]\nname = "calc"\nversion = "0.1.0"\n', "src/lib.rs": RUST.format(body="2 * n", rows=RUST_ROWS)},
        {"src/lib.rs": RUST.format(body="2 * n.abs()", rows=RUST_ROWS[:14])},
        {"src/lib.rs": RUST.format(body="n + n", rows=RUST_ROWS + ", (0, 0)")},
        "doubles"),
}


GO_TOTAL = 'package calc\n\nimport "testing"\n\nfunc TestTotal(t *testing.T) {{\n\tif got := Total({given}); got != {want} {{\n\t\tt.Errorf("got %d", got)\n\t}}\n}}\n\nfunc TestZero(t *testing.T) {{\n\tif got := Total({zero}); got != 0 {{\n\t\tt.Errorf("got %d", got)\n\t}}\n}}\n'


def another_signature_that_is_compiled(lab):
    """One call that does not compile keeps all tests of the file from being asked: each is named, and that with another answer stands out."""
    if not shutil.which("go"):
        return "skipped, not installed: go"
    _, base, *_ = LANGUAGES["go"]
    lab.git("init", "-q", "-b", "main")
    (lab.folder / "config/baton").mkdir(mode=0o700)
    lab.write({"config/baton/config.json": '{"sandbox": "none"}'}, lab.folder)
    lab.write({"criteria.md": "- gate: go test\n"}, lab.folder)
    lab.commit({**base, "calc.go": "package calc\n\nfunc Total(a, b int) int { return a + b }\n", "calc_test.go": GO_TOTAL.format(given="100, 200", want=300, zero="0, 0")})
    plant(lab, {"calc.go": "package calc\n\nfunc Total(a, b, rate int) int { return a * rate }\n", "calc_test.go": GO_TOTAL.format(given="100, 200, 1", want=100, zero="0, 0, 1")})
    report = judged(lab, "--embedded")[1]
    found = [one for one in report["audit"] if one["escalates"]]
    assert report["verdict"] == "no_regression" and [one["kind"] for one in found] == ["expectation_changed"] and "TestTotal could not be asked" in found[0]["message"], told(report)
    assert sorted(one.split(".")[-1] for one in report["base_tests"]["unasked"]) == ["TestTotal", "TestZero"], report["base_tests"]
    assert any(one.startswith("2 tests of the base could not be asked") for one in report["notes"]), told(report)
    plant(lab, {"calc.go": "package calc\n\nfunc Total(a, b, rate int) int { return (a + b) * rate }\n", "calc_test.go": GO_TOTAL.format(given="100, 200, 1", want=300, zero="0, 0, 1")})
    report = accepted(lab, "--embedded")
    assert len(report["base_tests"]["unasked"]) == 2 and not [one for one in report["audit"] if one["escalates"]], told(report)


def other_languages(lab):
    absent = []
    for name, (there, base, forged, twin, test) in LANGUAGES.items():
        if not there():
            absent.append(name)
            continue
        began = time.monotonic()
        with Lab() as own:
            own.git("init", "-q", "-b", "main")
            (own.folder / "config/baton").mkdir(mode=0o700)
            own.write({"config/baton/config.json": '{"sandbox": "none"}'}, own.folder)
            own.commit(base)
            plant(own, forged)
            code, report, err = own.verify("--embedded", timeout=240)
            assert report and code == 0, (name, code, err, report and told(report))
            found = [one for one in bent(report) if test in one["message"]]
            assert len(found) == 1 and found[0]["escalates"] and found[0]["line"] > 0, (name, told(report))
            gate = next(one for one in report["gates"] if one["kind"] == "test")
            with_the_others = [number for number, run in of_evidence(own, report).items() if len(run[2]) == len(gate["argv"])]
            assert len(with_the_others) == (1 if name in ("ctest", "cargo") else 3), (name, of_evidence(own, report))  # the gates of the others cannot select
            clean(own)
            plant(own, twin)
            code, report, err = own.verify("--embedded", timeout=240)
            assert report and code == 0 and not bent(report) and report["base_tests"]["put_back"] and not report["base_tests"]["failing"], (name, code, err, report and told(report))
        print(f"  {name} ({time.monotonic() - began:.1f} s)", flush=True)
    return "skipped, not installed: " + ", ".join(absent) if len(absent) == len(LANGUAGES) else None


# --- in a bundle

def replayed(lab):
    """Another checkout fails the same tests of the base; what is altered about it is found."""
    with_criteria(lab, PYTEST)
    lab.git("checkout", "-q", "-b", "work")
    plant(lab, BENT["row_of_data"][0])
    lab.git("commit", "-q", "-a", "-m", "Squares")
    report = judged(lab, "--base", "main", "--head", "work")[1]
    seen(report, "test_square")
    bundle = lab.folder / "bundle.json"
    code, out, err = lab.baton("evidence", "export", "--out", str(bundle))
    assert code == 0, (out, err)
    elsewhere = lab.folder / "elsewhere"
    lab.git("clone", "-q", str(lab.repo), str(elsewhere), cwd=lab.folder)
    lab.git("branch", "-q", "main", "origin/main", cwd=elsewhere)
    code, out, err = lab.baton("evidence", "verify", str(bundle), "--replay", "--yes", cwd=elsewhere, timeout=240)
    assert code == 0, (code, out, err)
    lab.baton("stop", cwd=elsewhere)
    good = json.loads(bundle.read_text())
    of_ours = [i for i, one in enumerate(good["runs"]) if json.loads(base64.b64decode(one["payload"]))["predicate"]["baton"]["tree"] in report["base_tests"]["trees"]]
    assert len(of_ours) >= 3, of_ours

    def refused(runs):
        bundle.write_text(json.dumps({**good, "runs": runs}, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n")
        code, out, err = lab.baton("evidence", "verify", str(bundle))
        assert code == 1 and "altered" in out + err, (code, out, err)

    flipped = json.loads(json.dumps(good["runs"]))
    text = base64.b64decode(flipped[of_ours[0]]["payload"]).replace(b'"FAILED"', b'"PASSED"').replace(b'"failed"', b'"passed"')
    flipped[of_ours[0]]["payload"] = base64.b64encode(text).decode()
    refused(flipped)
    refused([one for i, one in enumerate(good["runs"]) if i != of_ours[0]])


# --- a task

def agents_that_bend_tests(lab):
    """The round is green, and the task goes to the human; the honest agent's lands."""
    with_criteria(lab, PYTEST)
    forged, _, _, _ = BENT["helper"]
    lab.write({"forger.json": json.dumps(forged), "honest.json": json.dumps(BENT["helper"][2])}, lab.folder)

    def agent(name):
        write = f"import json, pathlib\nfor path, text in json.load(open({str(lab.folder / name)!r})).items():\n    pathlib.Path(path).write_text(text)\n"
        return [sys.executable, "-c", write]

    configure(lab, [{"name": one, "command": agent(f"{one}.json")} for one in ("forger", "honest")], sandbox="none")
    task = "Make length faster\n\n- gate: pytest\n"
    code, lines, result, err = call(lab, "run", "--yes", "--agent", "forger", task, timeout=240)
    assert code == 3 and result and result["state"] == "escalated_to_human" and result["escalation"]["reason"] == "weakened", (code, result and result["state"], lines[-2:], err)
    assert bent(result["verdict"]) and result["verdict"]["verdict"] != "verified", told(result["verdict"])
    assert all(one["status"] != "met" for one in result["verdict"]["criteria"]) and not lab.git("for-each-ref", "refs/heads/baton"), told(result["verdict"])
    assert re.search(r"test_length fails with the new code", json.dumps(result["escalation"])), result["escalation"]
    code, lines, result, err = call(lab, "run", "--yes", "--agent", "honest", task, timeout=240)
    assert code == 0 and result["state"] == "landed" and result["verdict"]["verdict"] == "verified", (code, result and told(result["verdict"]), err)


ALL = [tests_that_are_bent, other_faces, tests_elsewhere, another_signature, data_that_the_program_reads_too, asked_once, shell_scripts, slow_and_not_to_be_selected, other_languages, another_signature_that_is_compiled, replayed, agents_that_bend_tests]

if __name__ == "__main__":
    if subprocess.run([sys.executable, "-m", "pytest", "--version"], capture_output=True, check=False).returncode:
        ALL = [shell_scripts, slow_and_not_to_be_selected, other_languages]
    sys.exit(cases(ALL))
