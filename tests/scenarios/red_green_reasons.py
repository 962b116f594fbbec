#!/usr/bin/env python3
"""Why a test shows no fix: each reason for `invalid`, in a real run of each of five frameworks. A repository is a base, a change and the reason that
its run must give, all of it data below. A sample for every change, all forty of them where BATON_TEST_LONG=1; arguments choose by framework or
reason. A framework that is not installed is left out and named."""

import os
import subprocess
import sys
import time

from _lab import Lab
from red_green import FRAMEWORKS, gates

# What each framework is made of. `program(text)` is the file with add(), whose bug is that it subtracts; `test(...)` a file of tests with one that is
# called adds and one zero, which passes in any case. Texts in a test are of its language:
#   one_sum   adds 1 and 0: right with the bug, too        sum     adds 1 and 2: wrong with it
#   times     what is right for neither version            missing calls what the base does not have
#   writes    changes the file that it stands in           chance  is right every second time, by a file that counts
#   quits     ends the runner with 3 where the bug is there


def python(lab, kind):
    count = lab.folder / "count"
    body = {
        "one_sum": "    assert calc.add(1, 0) == 1\n",
        "sum": "    assert calc.add(1, 2) == 3\n",
        "times": "    assert calc.add(1, 2) == 33\n",
        "missing": "    assert calc.plus(1, 2) == 3\n",
        "writes": "    with open(__file__, 'a') as own:\n        own.write('# seen\\n')\n    assert calc.add(1, 2) == 3\n",
        "chance": f"    from pathlib import Path\n    count = Path('{count}')\n    n = int(count.read_text()) + 1 if count.exists() else 1\n    count.write_text(str(n))\n    assert calc.add(1, 2) == 3 or n % 2\n",
    }
    return "tests/test_calc.py", "import calc\n\n\ndef test_adds():\n" + body[kind]


def node(lab, kind):
    count = lab.folder / "count"
    body = {
        "one_sum": "assert.strictEqual(calc.add(1, 0), 1);",
        "sum": "assert.strictEqual(calc.add(1, 2), 3);",
        "times": "assert.strictEqual(calc.add(1, 2), 33);",
        "missing": "assert.strictEqual(calc.plus(1, 2), 3);",
        "writes": "fs.appendFileSync(new URL(import.meta.url), '// seen\\n'); assert.strictEqual(calc.add(1, 2), 3);",
        "chance": f"const n = fs.existsSync('{count}') ? Number(fs.readFileSync('{count}', 'utf8')) + 1 : 1; fs.writeFileSync('{count}', String(n)); assert.ok(calc.add(1, 2) === 3 || n % 2);",
    }
    return "test/calc.test.js", ("import test from 'node:test';\nimport assert from 'node:assert';\nimport fs from 'node:fs';\nimport * as calc from '../calc.js';\n\n"
                                 f"test('adds', () => {{ {body[kind]} }});\n")


def gtest(lab, kind):
    count = lab.folder / "count"
    body = {
        "one_sum": "EXPECT_EQ(add(1, 0), 1);",
        "sum": "EXPECT_EQ(add(1, 2), 3);",
        "times": "EXPECT_EQ(add(1, 2), 33);",
        "missing": "EXPECT_EQ(plus(1, 2), 3);",
        "writes": 'std::ofstream(__FILE__, std::ios::app) << "// seen\\n"; EXPECT_EQ(add(1, 2), 3);',
        "chance": f'int n = 0; std::ifstream("{count}") >> n; std::ofstream("{count}") << ++n; EXPECT_TRUE(add(1, 2) == 3 || n % 2);',
    }
    return "tests/calc_test.cpp", f'#include <gtest/gtest.h>\n\n#include <fstream>\n\n#include "calc.h"\n\nTEST(Calc, Adds) {{ {body[kind]} }}\n'


def go(lab, kind):
    count = lab.folder / "count"
    wrong = "{\n\t\tt.Error(\"wrong\")\n\t}\n"
    body = {
        "one_sum": f"\tif Add(1, 0) != 1 {wrong}",
        "sum": f"\tif Add(1, 2) != 3 {wrong}",
        "times": f"\tif Add(1, 2) != 33 {wrong}",
        "missing": f"\tif Plus(1, 2) != 3 {wrong}",
        "writes": "\town, _ := os.OpenFile(\"calc_test.go\", os.O_APPEND|os.O_WRONLY, 0644)\n\town.WriteString(\"// seen\\n\")\n\town.Close()\n" f"\tif Add(1, 2) != 3 {wrong}",
        "chance": f"\tn := 0\n\ttext, _ := os.ReadFile(\"{count}\")\n\tfmt.Sscan(string(text), &n)\n\tos.WriteFile(\"{count}\", []byte(fmt.Sprint(n+1)), 0644)\n\tif Add(1, 2) != 3 && n%2 == 0 {wrong}",
    }
    imports = "import (\n" + ("\t\"fmt\"\n" if kind == "chance" else "") + ("\t\"os\"\n" if kind in ("chance", "writes") else "") + "\t\"testing\"\n)\n"
    return "calc_test.go", f"package calc\n\n{imports}\nfunc TestAdds(t *testing.T) {{\n{body[kind]}}}\n"


def cargo(lab, kind):
    count = lab.folder / "count"
    body = {
        "one_sum": "assert_eq!(calc::add(1, 0), 1);",
        "sum": "assert_eq!(calc::add(1, 2), 3);",
        "times": "assert_eq!(calc::add(1, 2), 33);",
        "missing": "assert_eq!(calc::plus(1, 2), 3);",
        "writes": 'let own = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/calc.rs");\n    let text = std::fs::read_to_string(own).unwrap();\n    std::fs::write(own, text + "// seen\\n").unwrap();\n    assert_eq!(calc::add(1, 2), 3);',
        "chance": f'let n = std::fs::read_to_string("{count}").ok().and_then(|text| text.parse::<i32>().ok()).unwrap_or(0) + 1;\n    std::fs::write("{count}", n.to_string()).unwrap();\n    assert!(calc::add(1, 2) == 3 || n % 2 == 1);',
    }
    return "tests/calc.rs", f"#[test]\nfn adds() {{\n    {body[kind]}\n}}\n"


PYTEST = gates(("pytest", "test", ["python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml={reports}/p.xml"], {"reports": ["{reports}/p.xml"]}))
CMAKE = ('cmake_minimum_required(VERSION 3.16)\nproject(calc CXX)\nenable_testing()\nfind_package(GTest REQUIRED)\n'
         'file(GLOB tests tests/*.cpp)\nadd_executable(calc ${tests})\ntarget_include_directories(calc PRIVATE .)\ntarget_link_libraries(calc GTest::gtest)\nadd_test(NAME calc COMMAND calc)\n')
CPP_MAIN = '#include <gtest/gtest.h>\n\nint main(int argc, char** argv) {\n  testing::InitGoogleTest(&argc, argv);\n  return RUN_ALL_TESTS();\n}\n'
CARGO_TOML = '[package]\nname = "calc"\nversion = "0.1.0"\nedition = "2021"\n'
CARGO_LOCK = 'version = 3\n\n[[package]]\nname = "calc"\nversion = "0.1.0"\n'
GO_GATES = FRAMEWORKS["go"][1][".baton/config.json"].replace('"-vet=off"', '"-vet=off", "-count=1"')  # Go remembers what passed

# name -> is it there, its files, a file of the program with the bug and with the fix (`plus` is a function of the fix alone), the test, a test that
# fails on both sides, what ends the runner with 3 although its tests pass, and the target's id
KITS = {
    "pytest": dict(
        there=FRAMEWORKS["pytest"][0], base={".baton/config.json": PYTEST, "conftest.py": "", "tests/test_zero.py": "import calc\n\n\ndef test_zero():\n    assert calc.add(2, 0) == 2\n"},
        program="calc.py", bug="def add(a, b):\n    return a - b\n", fix="def add(a, b):\n    return a + b\n\n\ndef plus(a, b):\n    return add(a, b)\n", test=python,
        old={"tests/test_old.py": "def test_old():\n    assert 1 == 2\n"},
        quits={"tests/conftest.py": "import calc\n\n\ndef pytest_sessionfinish(session):\n    if calc.add(1, 2) != 3:\n        session.exitstatus = 1\n"}),
    "node": dict(
        there=FRAMEWORKS["node"][0],
        base={"package.json": '{"type": "module", "scripts": {"test": "node --require ./test/strict.cjs --test test/"}}', "test/strict.cjs": "",
              "test/zero.test.js": "import test from 'node:test';\nimport assert from 'node:assert';\nimport { add } from '../calc.js';\n\ntest('zero', () => assert.strictEqual(add(2, 0), 2));\n"},
        program="calc.js", bug="export const add = (a, b) => a - b;\n", fix="export const add = (a, b) => a + b;\nexport const plus = add;\n", test=node,
        old={"test/old.test.js": "import test from 'node:test';\nimport assert from 'node:assert';\n\ntest('old', () => assert.strictEqual(1, 2));\n"},
        quits={"test/strict.cjs": "let bad = false;\nif (!process.env.NODE_TEST_CONTEXT) {\n  import('../calc.js').then(({ add }) => { bad = add(1, 2) !== 3; });\n"
                                  "  process.on('exit', () => { if (bad) process.exitCode = 1; });\n}\n"}),
    "ctest": dict(
        there=FRAMEWORKS["gtest"][0],
        base={".gitignore": "build/\n", "CMakeLists.txt": CMAKE, "tests/main.cpp": CPP_MAIN, "tests/zero_test.cpp": '#include <gtest/gtest.h>\n\n#include "calc.h"\n\nTEST(Calc, Zero) { EXPECT_EQ(add(2, 0), 2); }\n'},
        program="calc.h", bug="#pragma once\n\ninline int add(int a, int b) { return a - b; }\n", fix="#pragma once\n\ninline int add(int a, int b) { return a + b; }\ninline int plus(int a, int b) { return a + b; }\n", test=gtest,
        old={"tests/old_test.cpp": '#include <gtest/gtest.h>\n\nTEST(Old, Fails) { EXPECT_EQ(1, 2); }\n'},
        # A program that fails beside its cases is a test of CTest's: the framework alone.
        quits_base={".baton/config.json": gates(("compile", "build", ["sh", "-c", "c++ -I. -o {root}/t tests/*.cpp -lgtest -pthread"], {}), ("calc", "test", ["./t"], {})), "tests/main.cpp": CPP_MAIN},
        quits={"tests/main.cpp": CPP_MAIN.replace('#include <gtest/gtest.h>\n', '#include <gtest/gtest.h>\n\n#include "calc.h"\n').replace("return RUN_ALL_TESTS();", "const int ran = RUN_ALL_TESTS();\n  return ran != 0 || add(1, 2) == 3 ? ran : 3;")}),
    "go": dict(
        there=FRAMEWORKS["go"][0], base={".baton/config.json": GO_GATES, "go.mod": "module example.com/calc\n\ngo 1.20\n",
                                         "zero_test.go": 'package calc\n\nimport "testing"\n\nfunc TestZero(t *testing.T) {\n\tif Add(2, 0) != 2 {\n\t\tt.Error("wrong")\n\t}\n}\n'},
        program="calc.go", bug="package calc\n\nfunc Add(a, b int) int { return a - b }\n", fix="package calc\n\nfunc Add(a, b int) int { return a + b }\n\nfunc Plus(a, b int) int { return a + b }\n", test=go,
        old={"old_test.go": 'package calc\n\nimport "testing"\n\nfunc TestOld(t *testing.T) {\n\tt.Error("old")\n}\n'},
        quits={"main_test.go": 'package calc\n\nimport (\n\t"os"\n\t"testing"\n)\n\nfunc TestMain(m *testing.M) {\n\tran := m.Run()\n\tif ran == 0 && Add(1, 2) != 3 {\n\t\tran = 3\n\t}\n\tos.Exit(ran)\n}\n'}),
    "cargo": dict(
        there=FRAMEWORKS["cargo"][0], base={"Cargo.toml": CARGO_TOML, "Cargo.lock": CARGO_LOCK,
                                            "tests/zero.rs": "#[test]\nfn zero() {\n    assert_eq!(calc::add(2, 0), 2);\n}\n"},
        program="src/lib.rs", bug="pub fn add(a: i32, b: i32) -> i32 {\n    a - b\n}\n", fix="pub fn add(a: i32, b: i32) -> i32 {\n    a + b\n}\n\npub fn plus(a: i32, b: i32) -> i32 {\n    a + b\n}\n", test=cargo,
        old_base={".baton/config.json": gates(("cargo test", "test", ["cargo", "test", "--offline"], {})), "Cargo.toml": CARGO_TOML, "Cargo.lock": CARGO_LOCK},  # which does not choose among tests
        old={"tests/old.rs": "#[test]\nfn old() {\n    assert_eq!(1, 2);\n}\n"},
        # libtest has no hook for its end: a test of its own binary leaves before it has said anything.
        quits={"tests/calc.rs": "#[test]\nfn adds() {\n    if calc::add(1, 2) != 3 {\n        std::process::exit(3);\n    }\n}\n"}),
}

# reason -> the test that comes with the fix, what else there is (`old` in the base, `quits` in the change), and at which step it shows
REASONS = {
    "unexpected_green": ("one_sum", (), "tests_on_base"),
    "still_red": ("times", (), "with_change"),
    "zero_tests_discovered": (None, (), "with_change"),
    "fixture_or_load_failure": ("missing", (), "tests_on_base"),
    "no_target_test_failure": ("one_sum", ("old",), "tests_on_base"),
    "nonzero_exit_without_test_failure": ("one_sum", ("quits",), "tests_on_base"),
    "edited_between": ("writes", (), "tests_on_base"),
    "flaky": ("chance", (), "tests_on_base"),
}
# For every change: each framework, and each reason.
SAMPLE = {("pytest", reason) for reason in REASONS} | {("node", "edited_between"), ("ctest", "nonzero_exit_without_test_failure"), ("go", "flaky"), ("cargo", "fixture_or_load_failure")}


def repository(lab, kit, reason):
    """The base is committed, the change lies in the tree."""
    kind, more, _ = REASONS[reason]
    lab.git("init", "-q")
    (lab.folder / "config/baton").mkdir(mode=0o700)
    lab.write({"config/baton/config.json": '{"sandbox": "none"}'}, lab.folder)
    base = next((kit[f"{word}_base"] for word in more if f"{word}_base" in kit), kit["base"])
    lab.commit({**base, kit["program"]: kit["bug"], **(kit["old"] if "old" in more else {})})
    change = {kit["program"]: kit["fix"]}
    if kind:
        name, text = kit["test"](lab, kind)
        change[name] = text
    if "quits" in more:
        change.update(kit["quits"])
    lab.write(change)


def check(name, reason):
    with Lab() as lab:
        repository(lab, KITS[name], reason)
        code, report, err = lab.verify("--red-green", "--embedded", timeout=300)
        assert report, (code, err)
        shown = report["reproduction"]
        told = (shown, report["cause"], [(one["id"], one["status"]) for one in report["tests"]])
        assert shown["status"] == "invalid" and shown["reason"] == reason and shown["step"] == REASONS[reason][2], told
        assert not shown["proven"] and shown["message"], told
        criterion = next(one for one in report["criteria"] if one["text"] == "red-green")
        open_reasons = ("nonzero_exit_without_test_failure", "fixture_or_load_failure", "flaky")
        assert criterion["status"] == ("not_checkable" if reason in open_reasons else "unmet"), (criterion, told)
        assert report["verdict"] != "verified", told


def main():
    words = sys.argv[1:]
    failed, absent = 0, []
    for name, kit in KITS.items():
        if not kit["there"]():
            absent.append(name)
            continue
        for reason in REASONS:
            wanted = {name, reason} & set(words) if words else os.environ.get("BATON_TEST_LONG") == "1" or (name, reason) in SAMPLE
            if words and len(words) > 1:
                wanted = {name, reason} <= set(words)
            if not wanted:
                continue
            began = time.monotonic()
            try:
                check(name, reason)
                print(f"ok {name} {reason} ({time.monotonic() - began:.1f} s)", flush=True)
            except (AssertionError, KeyError, StopIteration, subprocess.SubprocessError) as problem:
                failed += 1
                print(f"not ok {name} {reason}: {type(problem).__name__}: {problem}", flush=True)
    if absent:
        print("not installed, left out: " + ", ".join(absent), file=sys.stderr)
    return 77 if len(absent) == len(KITS) else int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
