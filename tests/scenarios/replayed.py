#!/usr/bin/env python3
"""Ten tasks of as many kinds are done and land; their verdicts, each in a file, are checked and judged again in another checkout, which
says the same of every gate, test and criterion. One altered byte, and a tree that is not there, are named."""

import json
import sys

from _tasks import call, cases, toy

# What is asked for (the toy's agent writes what the text says), what lands, and the state of each criterion.
TASKS = [
    ("Update value.txt\n\n- gate: make test\n\nwrite value.txt good and better\n", "verified", {"gate: make test": "met"}),
    ("Update value.txt\n\n- test: value\n\nwrite value.txt good as gold\n", "verified", {"test: value": "met"}),
    ("Mend other.txt\n\n- test: other\n- gate: make test\n\nwrite other.txt fine\n", "verified", {"test: other": "met", "gate: make test": "met"}),
    ("Add notes.md\n\n- file: notes.md\n\nwrite notes.md Notes\n", "verified", {"file: notes.md": "met"}),
    ("Add tool.py\n\n- symbol: parse in tool.py\n\nwrite tool.py def parse(text): return text\n", "verified", {"symbol: parse in tool.py": "met"}),
    ("Add a.txt\n\n- command: test -e a.txt\n\nwrite a.txt A\n", "verified", {"command: test -e a.txt": "met"}),
    ("Change README.md\n\nwrite README.md # The toy\n", "no_regression", {}),
    ("Add b.txt\n\n- file: c.txt\n- gate: make test\n\nwrite b.txt B\n", "no_regression", {"file: c.txt": "unmet", "gate: make test": "met"}),
    ("Add d.txt\n\n- The text is a pleasure to read\n\nwrite d.txt D\n", "no_regression", {"The text is a pleasure to read": "not_checkable"}),
    ("Break value.txt\n\n- test: value\n\nwrite value.txt bad\n", "rejected", {"test: value": "unmet"}),
]


def landed(lab, text):
    """The verdict of a task, which a word of a human leads past what is not shown."""
    code, _, result, err = call(lab, "run", "--yes", "--agent", "scripted", text, timeout=240)
    assert result, (code, err)
    verdict = result["verdict"]
    if result["state"] != "landed":
        assert code == 3, (code, result["state"], err)
        code, _, result, err = call(lab, "accept", result["task"], "--reason", "looked at it")
    assert code == 0 and result["state"] == "landed", (text, code, result["state"], err)
    return verdict


def ten_tasks(lab):
    toy(lab)
    lab.commit({"other.txt": "bad\n"})
    files = []
    for text, verdict, criteria in TASKS:
        report = landed(lab, text)
        assert report["verdict"] == verdict and {one["text"]: one["status"] for one in report["criteria"]} == criteria, (text, report["verdict"], report["cause"], report["criteria"])
        files.append(str(lab.folder / f"{report['id']}.json"))
        code, out, err = lab.baton("evidence", "export", report["id"], "--out", files[-1])
        assert code == 0, (text, out, err)
    elsewhere = lab.folder / "elsewhere"
    lab.git("clone", "-q", str(lab.repo), str(elsewhere), cwd=lab.folder)
    for file, (text, verdict, _) in zip(files, TASKS):
        code, out, err = lab.baton("evidence", "verify", file, "--replay", "--yes", cwd=elsewhere, timeout=240)
        assert code == 0, (text, code, out, err)
        assert json.loads(lab.baton("evidence", "verify", file, "--json", cwd=elsewhere)[1])["verdict"] == verdict, (text, out)
    lab.baton("stop", cwd=elsewhere)

    with open(files[0], "rb") as file:
        text = file.read()
    with open(files[0], "wb") as file:
        file.write(text.replace(b'"runs"', b'"rums"', 1))
    code, out, err = lab.baton("evidence", "verify", files[0], "--replay", "--yes", cwd=elsewhere)
    assert code == 1 and not out and "altered" in err, (code, out, err)
    bare = lab.folder / "bare"
    lab.git("clone", "-q", "--single-branch", "--branch", "main", f"file://{lab.repo}", str(bare), cwd=lab.folder)
    code, out, err = lab.baton("evidence", "verify", files[1], "--replay", "--yes", cwd=bare)
    assert code != 0 and "tree" in err, (code, out, err)


if __name__ == "__main__":
    sys.exit(cases([ten_tasks]))
