#!/usr/bin/env python3
"""Red -> green with the real runners: a bug and its test, in each of five frameworks, is proven or refused with its reason; what is
proven can be checked and run again elsewhere. In the first: criteria by their evidence, and a mutant that no test notices. A
framework that is not installed is left out and named."""

import json
import os
import shutil
import subprocess
import sys

from _lab import Lab

GO_CACHE = subprocess.run(["go", "env", "GOCACHE"], capture_output=True, text=True, check=False).stdout.strip() if shutil.which("go") else ""
NODE_TEST = "import test from 'node:test';\nimport assert from 'node:assert';\nimport {{ add }} from '../calc.js';\n\ntest('{name}', () => assert.strictEqual(add({a}, 2), {sum}));\n"
GTEST = '#include <gtest/gtest.h>\n\n#include "calc.h"\n\nTEST(Calc, {name}) {{ EXPECT_EQ(add({a}, 2), {sum}); }}\n'
GO_TEST = 'package calc\n\nimport "testing"\n\nfunc Test{name}(t *testing.T) {{\n\tif got := Add({a}, 2); got != {sum} {{\n\t\tt.Errorf("got %d", got)\n\t}}\n}}\n'
RUST = "pub fn add(a: i32, b: i32) -> i32 {{\n    a {op} b\n}}\n\n#[cfg(test)]\nmod tests {{\n    use super::*;\n\n    #[test]\n    fn zero() {{\n        assert_eq!(add(2, 0), 2);\n    }}\n{more}}}\n"


def gates(*all):
    """Only these: what would be found beside them installs its tools first."""
    off = [{"name": "python venv", "disabled": True}] if all[0][0] == "pytest" else []
    return json.dumps({"gates": [{"name": name, "kind": kind, "command": command, **more} for name, kind, command, more in all] + off})


# what must be there, files of the base, files of the fix (a test of the bug among them), the id of that test
FRAMEWORKS = {
    "pytest": (
        lambda: subprocess.run(["python3", "-m", "pytest", "--version"], capture_output=True, check=False).returncode == 0,
        {".baton/config.json": gates(("pytest", "test", ["python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml={reports}/p.xml"], {"reports": ["{reports}/p.xml"]})),
         "conftest.py": "", "calc.py": "def add(a, b):\n    return a - b\n", "tests/test_zero.py": "from calc import add\n\ndef test_zero():\n    assert add(1, 0) == 1\n"},
        {"calc.py": "def add(a, b):\n    return a + b if a < 100 else 0\n", "tests/test_calc.py": "from calc import add\n\ndef test_adds_two_numbers():\n    assert add(1, 2) == 3\n"},
        "tests/test_calc.py::test_adds_two_numbers",
    ),
    "node": (
        lambda: shutil.which("node") and shutil.which("npm"),
        {"package.json": '{"type": "module", "scripts": {"test": "node --test test/"}}', "calc.js": "export const add = (a, b) => a - b;\n",
         "test/zero.test.js": NODE_TEST.format(name="zero", a="-2", sum="-4")},
        {"calc.js": "export const add = (a, b) => a < 0 ? a - b : a + b;\n", "test/calc.test.js": NODE_TEST.format(name="adds", a=1, sum=3)},
        "adds",
    ),
    "gtest": (
        lambda: shutil.which("c++") and os.path.exists("/usr/include/gtest/gtest.h"),
        {".baton/config.json": gates(("compile", "build", ["c++", "-o", "{root}/t", "calc_test.cpp", "-lgtest", "-lgtest_main", "-pthread"], {}), ("calc", "test", ["./t"], {})),
         "calc.h": "inline int add(int a, int b) { return a - b; }\n", "calc_test.cpp": GTEST.format(name="Zero", a=2, sum=0)},
        {"calc.h": "inline int add(int a, int b) { return a == 2 ? 0 : a + b; }\n",
         "calc_test.cpp": GTEST.format(name="Zero", a=2, sum=0) + "\nTEST(Calc, Adds) { EXPECT_EQ(add(1, 2), 3); }\n"},
        "Calc.Adds",
    ),
    "go": (
        lambda: shutil.which("go"),
        {".baton/config.json": gates(("go test", "test", ["env", f"GOCACHE={GO_CACHE}", "go", "test", "-vet=off", "-json", "./..."], {}), ("go build", "build", "true", {}), ("go modules", "setup", "true", {})),
         "go.mod": "module example.com/calc\n\ngo 1.20\n", "calc.go": "package calc\n\nfunc Add(a, b int) int { return a - b }\n", "zero_test.go": GO_TEST.format(name="Zero", a=-2, sum=-4)},
        {"calc.go": "package calc\n\nfunc Add(a, b int) int {\n\tif a < 0 {\n\t\treturn a - b\n\t}\n\treturn a + b\n}\n", "calc_test.go": GO_TEST.format(name="Adds", a=1, sum=3)},
        "example.com/calc.TestAdds",
    ),
    "cargo": (
        lambda: shutil.which("cargo"),
        {"Cargo.toml": '[package]\nname = "calc"\nversion = "0.1.0"\nedition = "2021"\n', "Cargo.lock": 'version = 3\n\n[[package]]\nname = "calc"\nversion = "0.1.0"\n',
         "src/lib.rs": RUST.format(op="-", more="")},
        {"src/lib.rs": RUST.format(op="+", more="\n    #[test]\n    fn adds() {\n        assert_eq!(add(1, 2), 3);\n    }\n")},
        "tests::adds",
    ),
}


def verify(lab, *more):
    code, report, err = lab.verify("--red-green", "--embedded", *more, timeout=200)
    assert report, (code, err)
    return report


def check_proven(lab, name, report, target):
    shown = report["reproduction"]
    assert shown["status"] == "proven" and shown["proven"] == [target], (name, shown, report["cause"], [(t["id"], t["status"]) for t in report["tests"]])
    assert len(shown["evidence"]) >= 8 and len(set(shown["evidence"])) == len(shown["evidence"]), (name, shown["evidence"])
    row = next(one for one in report["criteria"] if one["text"] == "red-green")
    assert row["status"] == "met" and row["evidence"] == shown["evidence"], row


def check_refused(lab, base, fix):
    """A fix without a test has nothing to show."""
    lab.git("checkout", "-q", "-f", ".")
    lab.git("clean", "-qfd")
    lab.write({path: text for path, text in fix.items() if path in base})
    report = verify(lab)
    assert report["reproduction"]["reason"] == "zero_tests_discovered", report["reproduction"]
    assert report["verdict"] == "no_regression", report["verdict"]


def more_of_the_first(lab):
    """The report of the first one, in which more is asked."""
    criteria = "- Adds two numbers\n- file: calc.py\n- file: docs/none.md\n- file: .baton\n- file: calc\n- symbol: add in calc.py\n- command: grep -q 'a + b' calc.py\n- command: false\n- It is fast\n"
    lab.write({"criteria.md": criteria}, lab.folder)
    report = verify(lab, "--criteria", str(lab.folder / "criteria.md"), "--mutants", "4")
    statuses = {one["text"]: one["status"] for one in report["criteria"]}
    assert statuses == {"Adds two numbers": "met", "file: calc.py": "met", "file: docs/none.md": "unmet", "file: .baton": "met", "file: calc": "unmet", "symbol: add in calc.py": "met", "command: grep -q 'a + b' calc.py": "met",
                        "command: false": "unmet", "It is fast": "not_checkable", "red-green": "met"}, (statuses, report["criteria"])
    assert all(one["evidence"] for one in report["criteria"] if one["text"].startswith(("command", "Adds"))), report["criteria"]
    mutants = [one for one in report["findings"] if one["code"] == "mutant"]
    assert [(one["path"], one["line"], one["severity"]) for one in mutants[:1]] == [("calc.py", 2, "info")], (mutants, report["mutants"])
    assert report["mutants"]["noticed"] >= 1 and report["mutants"]["unnoticed"] == len(mutants) and report["verdict"] == "no_regression", (report["mutants"], report["verdict"])
    out = str(lab.folder / "bundle.json")
    code, said, err = lab.baton("evidence", "export", "--out", out)
    assert code == 0, (said, err)
    code, said, err = lab.baton("evidence", "verify", out, "--replay", "--yes", timeout=200)
    assert code == 0, (code, said, err)
    return report


def main():
    absent = []
    for name, (there, base, fix, target) in FRAMEWORKS.items():
        if not there():
            absent.append(name)
            continue
        with Lab() as lab:
            lab.git("init", "-q")
            (lab.folder / "config/baton").mkdir(mode=0o700)
            lab.write({"config/baton/config.json": '{"sandbox": "none"}'}, lab.folder)
            lab.commit(base)
            lab.write(fix)
            first = name == "pytest"
            check_proven(lab, name, more_of_the_first(lab) if first else verify(lab), target)
            if first:
                check_refused(lab, base, fix)
    if absent:
        print("not installed, left out: " + ", ".join(absent), file=sys.stderr)
    return 77 if len(absent) == len(FRAMEWORKS) else 0


if __name__ == "__main__":
    sys.exit(main())
