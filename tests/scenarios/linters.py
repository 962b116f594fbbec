#!/usr/bin/env python3
"""The real linters, each over one seeded change: the new finding blocks, with its rule and its place in UTF-16 columns, and the old
one beside it does not. A tool that is absent, or cannot be installed here, is left out and named."""

import json
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
    if len(absent) == len(CASES):
        sys.exit(77)


if __name__ == "__main__":
    main()
