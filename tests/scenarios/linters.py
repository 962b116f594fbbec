#!/usr/bin/env python3
"""The real linters, each over one seeded change: the new finding blocks, with its rule and its place in UTF-16 columns, and the old
one beside it does not; and a Maven project, whose plugins are fetched for half a minute, where BATON_TEST_LONG=1. A tool that is absent,
or cannot be installed here, is left out and named, and the whole is then called skipped."""

import json
import os
import shutil
import subprocess
import sys

from _lab import Lab

CMAKE = """cmake_minimum_required(VERSION 3.16)
project(t CXX)
enable_testing()
add_executable(t t.cpp)
add_test(NAME t COMMAND t)
"""


def can(*argv, cwd):
    return subprocess.run(argv, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


def has_registry(argv, lab):
    return shutil.which(argv[0]) and can(*argv, cwd=lab.folder)


# name: what must be there, the gate, files, the file that changes to what, its new finding (rule, line, column)
CASES = {
    "shellcheck": (
        lambda lab: shutil.which("shellcheck"),
        {".shellcheckrc": "", "a.sh": "#!/bin/sh\necho $1\n", "tool": "#!/bin/sh\ntrue\n"},
        ("a.sh", '#!/bin/sh\necho $1\nx="ä😀"; echo "$x" $2\n'), ("SC2086", 3, 20),
    ),
    "clang-tidy": (
        lambda lab: all(shutil.which(tool) for tool in ("clang-tidy", "cmake", "c++")),
        {".clang-tidy": 'Checks: "-*,modernize-use-nullptr"\n', "CMakeLists.txt": CMAKE, "Makefile": "lint:\n\tclang-tidy -p build t.cpp\n",
         "t.cpp": "int* a = 0;\nint main() { return a != nullptr; }\n", "other.cpp": "int* never = 0;\n"},
        ("t.cpp", "int* a = 0;\n/* ä😀 */ int* b = 0;\nint main() { return a != b; }\n"), ("modernize-use-nullptr", 2, 20),
    ),
    "ruff": (
        lambda lab: has_registry(("python3", "-m", "pip", "download", "-q", "--no-deps", "-d", str(lab.folder / "wheels"), "ruff"), lab),
        {"ruff.toml": "[lint]\nselect = [\"F401\"]\n", "requirements-dev.txt": "ruff\n", "a.py": "import os\n"},
        ("a.py", 'import os\nx = "ä😀"; import sys\n'), ("F401", 2, 19),
    ),
    "mypy": (
        lambda lab: has_registry(("python3", "-m", "pip", "download", "-q", "--no-deps", "-d", str(lab.folder / "wheels"), "mypy"), lab),
        {"setup.cfg": "[mypy]\nfiles = a.py\n", "requirements-dev.txt": "mypy\n", "a.py": "x: int = 'a'\n"},
        ("a.py", "x: int = 'a'\ny: int = 'b'\n"), ("assignment", 2, 10),
    ),
    "stylelint": (
        lambda lab: has_registry(("npm", "view", "stylelint@16", "version"), lab),
        {"package.json": '{"name": "s", "devDependencies": {"stylelint": "^16.0.0"}}', ".stylelintrc.json": '{"rules": {"color-no-invalid-hex": true}}',
         "a.css": "a { color: #ab; }\n"},
        ("a.css", "a { color: #ab; }\n/* ä😀 */ b { color: #cd; }\n"), ("color-no-invalid-hex", 2, 22),
    ),
}


POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>t</groupId><artifactId>t</artifactId><version>1</version>
  <properties>
    <maven.compiler.source>11</maven.compiler.source><maven.compiler.target>11</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>4.13.2</version><scope>test</scope></dependency>
  </dependencies>
</project>
"""
SUM = "public class Sum {\n  static int of(int a, int b) { return a + b; }\n  static int twice(int a) { return a + a; }\n}\n"
SUM_TEST = """import static org.junit.Assert.assertEquals;
import org.junit.Test;

public class SumTest {
  @Test public void adds() { assertEquals(3, Sum.of(1, 2)); }
  @Test public void doubles() { assertEquals(8, Sum.twice(4)); }
}
"""


def maven():
    """A broken function is a regression at its assertion, the other test passes; a compile error stands on its line."""
    source = "src/main/java/Sum.java"
    with Lab() as lab:
        lab.git("init", "-q", "-b", "main")
        lab.commit({"pom.xml": POM, ".gitignore": "target/\n", source: SUM, "src/test/java/SumTest.java": SUM_TEST})
        lab.write({source: SUM.replace("a + a", "a * a")})
        code, report, err = lab.verify(timeout=280)
        tests = {one["id"]: one for one in report["tests"]}
        worse = [one for one in tests.values() if one["status"] == "regression"]
        assert code == 1 and report["verdict"] == "rejected" and len(tests) == 2, (report, err)
        assert len(worse) == 1 and "doubles" in worse[0]["id"] and worse[0]["path"].endswith("SumTest.java") and worse[0]["line"] == 6, worse
        lab.write({source: SUM.replace("a + a", "a + c")})
        code, report, err = lab.verify(timeout=280)
        places = [(one["path"], one["line"]) for one in report["findings"] if one["new"]]
        assert code == 1 and report["verdict"] == "rejected" and (source, 3) in places, (report, err)
        lab.baton("stop")


def judge(name, files, change, expected):
    with Lab() as lab:
        lab.git("init", "-q", "-b", "main")
        lab.commit(files)
        lab.write({change[0]: change[1]})
        code, out, err = lab.baton("verify", "--yes", "--json", "--gate", name, timeout=280)
        assert out, err
        report = json.loads(out)
        new = [one for one in report["findings"] if one["new"] and one["gate"] == name]
        places = [(one.get("code"), one.get("line"), one.get("col")) for one in new]
        assert expected in places and all(line == expected[1] for _, line, _ in places), f"{name}: {places}, wanted {expected}\n{out}\n{err}"
        gate = next(one for one in report["gates"] if one["name"] == name)
        assert gate["verdict"] == "fail", gate
        lab.baton("stop")


def main():
    absent = []
    for name, (there, files, change, expected) in CASES.items():
        with Lab() as lab:
            if not there(lab):
                absent.append(name)
                print(f"{name}: left out, since it is not there")
                continue
        judge(name, files, change, expected)
        print(f"{name}: as expected")
    if os.environ.get("BATON_TEST_LONG") != "1" or not shutil.which("mvn"):
        print("maven: left out, " + ("since mvn is not there" if os.environ.get("BATON_TEST_LONG") == "1" else "make test-long runs it"))
    else:
        maven()
        print("maven: as expected")
    if absent:
        print(f"skipped: {', '.join(absent)} could not be looked at; the others are as expected")
        sys.exit(77)


if __name__ == "__main__":
    main()
