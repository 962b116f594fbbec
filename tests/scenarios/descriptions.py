#!/usr/bin/env python3
"""What thirteen different tasks say of themselves in a pull request: each text is what `descriptions/<case>.md` holds, and each of its sentences is
held against the signed evidence and against git. BATON_UPDATE=1 writes the texts anew; they are then to be read."""

import base64
import json
import os
import re
import sys
from pathlib import Path

import budget
from _tasks import CHECK, call, cases, configure, toy
from pull_requests import Forge

GOLDEN = Path(__file__).with_name("descriptions")
TEST = "import unittest\n\nimport calc\n\n\nclass TestCalc(unittest.TestCase):\n"
ADD = "def add(a, b):\n    return a %s b\n"


# --- the evidence that the sentences are held against


class Facts:
    """The signed verdict of a task's result, checked, and the repository that it speaks of."""

    def __init__(self, lab, result):
        self.lab, self.result = lab, result
        out = lab.folder / "bundle.json"
        code, said, err = lab.baton("evidence", "export", result["verdict"]["id"], "--out", str(out))
        assert code == 0, (said, err)
        code, said, err = lab.baton("evidence", "verify", str(out))
        assert code == 0, (said, err)
        bundle = json.loads(out.read_text())
        self.report = json.loads(base64.b64decode(bundle["verdict"]["payload"]))["predicate"]["report"]
        self.base, self.commit = self.report["base"]["commit"], result["commit"]
        assert lab.git("rev-parse", f"{self.commit}^{{tree}}").strip() == self.report["head"]["tree"], "what is described is not what was judged"
        self.shown = call(lab, "show", result["task"])[2]
        self.changes = {}
        fields = iter(lab.git("diff", "--numstat", "-M", "-z", self.base, self.commit).split("\0"))
        for field in fields:
            if field:
                added, removed, path = field.split("\t", 2)
                old = None if path else next(fields)  # a rename has its names in fields of their own
                self.changes[path or next(fields)] = (added, removed, old)

    def gate(self, name):
        return next(gate for gate in self.report["gates"] if gate["name"] == name)

    def tests(self, *statuses):
        return {one["id"] for one in self.report["tests"] if one["status"] in statuses}


def span(text):
    """The content of a code span."""
    marks = re.match("`+", text)[0]
    inner = text[len(marks):-len(marks)]
    return inner[1:-1] if inner.startswith(" ") and inner.endswith(" ") and "`" in inner else inner


def words(text):
    """Words as they were before they were made harmless."""
    return re.sub(r"\\([\\`*_\[\]<>|@#=~+-])", r"\1", text.replace("<!-- -->", ""))


def run_in_words(run):
    if not run:
        return "not run"
    tests = run["tests"]
    return run["verdict"] + (f", {tests['passed']} passed, {tests['failed']} failed" if tests["passed"] is not None else "")


# --- a sentence of each kind, and what has to be so where it stands


def a_verdict(facts, verdict, cause):
    assert (verdict, words(cause or "")) == (facts.report["verdict"], facts.report["cause"])


def a_criterion(facts, text, verdict, why, evidence):
    text = span(text) if text.startswith("`") else words(text)
    one = next(one for one in facts.report["criteria"] if one["text"] == text)
    assert (one["status"], one.get("why", "")) == (verdict, words(why or ""))
    assert [span(part) for part in evidence.split(", ") if part] == [name[:12] for name in one["evidence"]]


def criteria_met(facts, met, count):
    assert (int(met), int(count)) == (sum(one["status"] == "met" for one in facts.report["criteria"]), len(facts.report["criteria"]))


def a_file(facts, path, how, old, added, removed, symbols):
    change = facts.changes[span(path)]
    if added is None:
        assert change[:2] == ("-", "-"), change
    else:
        assert change[:2] == (added, removed), (change, added, removed)
    there = [bool(facts.lab.git("ls-tree", commit, "--", span(path)).strip()) for commit in (facts.base, facts.commit)]
    assert there == {"new": [False, True], "deleted": [True, False], None: [True, True]}[how if not old else "new"], (how, there)
    assert (change[2] or "") == (span(old) if old else ""), change
    diff = facts.lab.git("diff", "-M", facts.base, facts.commit, "--", span(path), *([span(old)] if old else []))
    for symbol in re.findall(r"`[^`]+`", symbols or ""):
        assert span(symbol).split(".")[-1].split("::")[-1].split("(")[0] in diff, (symbol, diff)


def not_changed(facts, names):
    planned = [one for part in facts.shown["plan"]["subtasks"] for one in part["write_set"]]
    paths = [path for change, (_, _, old) in facts.changes.items() for path in (change, old)]
    for name in re.findall(r"`+.+?`+", names):
        assert span(name) in planned and span(name) not in paths and facts.heading == "What changed", (name, planned, paths)


def a_part(facts, part, title, agent):
    planned = next(one for one in facts.shown["plan"]["subtasks"] if one["id"] == part)
    assert title is None or words(title) == planned["title"] or re.search(r"\d+ (file|finding)s?$", title), planned
    trailers = facts.lab.git("log", "--format=%(trailers:key=Baton-Agent,valueonly)", f"{facts.base}..{facts.commit}").split()
    assert span(agent) in [one.split("/")[0] for one in trailers] or agent == "an agent", (agent, trailers)


def a_gate(facts, name, optional, verdict, cause, before, after):
    gate = facts.gate(span(name))
    assert (verdict, words(cause or ""), bool(optional)) == (gate["verdict"], gate["cause"], not gate["required"]), gate
    assert (before, after) == (run_in_words(gate["base"]), run_in_words(gate["head"])), gate


def a_place(facts, name, path):
    statuses = {"Tests that it mends": ["fixed"], "Tests that it adds": ["added"], "What failed before": ["pre_existing"],
                "Tests that fail": ["regression", "vanished", "added_failing"], "Tests that do not always say the same": ["flaky", "newly_unstable"]}
    if facts.heading == "Red, then green":
        assert span(name) in facts.report["reproduction"]["proven"], name
    elif facts.heading == "What no test notices":
        assert any(f"{one['path']}:{one['line']}" == span(name) and one["message"] == words(path) for one in facts.report["findings"]), (name, path)
    elif facts.heading == "What was left out":
        assert any(one["what"] == span(name) and one["reason"] == words(path) for one in facts.result["left_out"]), facts.result["left_out"]
    elif facts.heading in ("Worth a look", "Weaker than before"):
        weaker = facts.heading == "Weaker than before"
        assert any(one["message"] == words(path) and one["escalates"] == weaker and span(name) in (one["path"], f"{one['path']}:{one['line']}") for one in facts.report["audit"]), path
    else:
        assert span(name) in facts.tests(*statuses[facts.heading]), (facts.heading, name)


def mutants(facts, made, tried, noticed, unnoticed, not_viable):
    count = facts.report["mutants"]
    assert [int(one or 0) for one in (made, tried, noticed, unnoticed, not_viable)] == [count[name] for name in ("made", "tried", "noticed", "unnoticed", "not_viable")], count


def gone(facts, count):
    assert int(count) == len(facts.report["gone"])


def fixes(facts, check, count):
    assert sum(one["status"] == "met" and span(check) in one["text"] for one in facts.report["criteria"]) == int(count), check


def sandbox(facts, rung):
    assert words(rung) == facts.report["sandbox"]


def risk(facts, kind, paths):
    for path in re.findall(r"`[^`]+`", paths):
        assert span(path) in facts.changes, path


def api_loss(facts, name, path, before, after):
    """what stands in git before is not there after, whatever way it is laid out"""
    tight = lambda text: re.sub(r"\s|,(?=\s*[)\]])", "", text)
    text = {revision: tight(facts.lab.git("show", f"{revision}:{span(path)}", check=False)) for revision in (facts.base, facts.commit)}
    assert tight(span(before)) in text[facts.base] and tight(span(before)) not in text[facts.commit], (before, text)
    assert re.split(r"\.|::", span(name))[-1] in span(before) and (after is None or tight(span(after)) in text[facts.commit]), (name, after)


def cost(facts, minutes, tokens, dollars, estimated):
    usage = facts.result["usage"]
    assert int(tokens or 0) == usage["input_tokens"] + usage["output_tokens"] and abs(float(dollars or 0) - usage["money"]) < 0.01 and bool(estimated) == usage["estimated"], usage
    assert float(minutes) < 3


def note(facts, text):
    said = words(text)
    assert said in facts.report["notes"] + facts.result["notes"] or "waved through by a process" in said or said in json.dumps(facts.shown, ensure_ascii=False), said


def more(facts, count):
    whole = {"What changed": len(facts.changes), "What failed before": len(facts.tests("pre_existing")),
             "Weaker than before": sum(one["escalates"] for one in facts.report["audit"]), "Worth a look": sum(not one["escalates"] for one in facts.report["audit"])}[facts.heading]
    section = facts.text.split(f"## {facts.heading}\n")[1].split("\n## ")[0]
    assert int(count) + len(re.findall("^- `", section, re.M)) == whole, (count, whole)


def left_out_for_room(facts, names):
    assert all(name not in facts.text for name in [f"## {one}\n" for one in names.split(", ")]), names


def verification(facts, id, tree):
    assert (id, tree) == (facts.report["id"], facts.report["head"]["tree"])


SENTENCES = [
    (r"\*\*(\w+)\*\*(?:: (.*))?\.", a_verdict),
    (r"\| (.+?) \| (met|unmet|not_checkable)(?:: (.*?))? \| (.*?) \|", a_criterion),
    (r"(\d+) of (\d+) are met\.", criteria_met),
    (r"- (`+.+?`+)(?: \((?:(new|deleted)|was (`+.+?`+))\))?, (?:binary|\+(\d+) −(\d+))(?:: (.*))?", a_file),
    (r"- (s\d+)(?:, (.*))?: by (.*)", a_part),
    (r"\| (`.+?`)( \(not required\))? \| (pass|fail|regressed|fixed|still_failing|\w+)(?:: (.*?))? \| ([^|]*) \| ([^|]*) \|", a_gate),
    (r"\| (`.+?`) \| (\d+) \|", fixes),
    (r"Planned, not changed: (.*)\.", not_changed),
    (r"(\d+) findings? of the base (?:is|are) gone\.", gone),
    (r"They ran in checkouts of their own \((.*)\)\.", sandbox),
    (r"- (`+.+?`+) in (`+.+?`+): (`+.+?`+) is (?:gone|now (`+.+?`+))", api_loss),
    (r"- (`+.+?`+)(?:(?: at|:) (.*))?", a_place),
    (r"Of (\d+) small changes? of the changed lines (\d+) were tried: (\d+) noticed by a test, (\d+) by none(?:, (\d+) did not build)?\.", mutants),
    (r"- (Dependencies|Migrations|Security, deployment and checks|What others build on): (.*)", risk),
    (r"Its agents worked for ([\d.]+) minutes(?: and used (\d+) tokens)?(?:, ([\d.]+) US dollars)?( \(a part of it estimated\))?\.", cost),
    (r"- and (\d+) more(?: files)?", more),
    (r"- (.*)", note),
    (r"Left out, since a forge takes no more: (.*)\. The evidence has the whole\.", left_out_for_room),
    (r"The verification is `(\w+)`; it judged the tree `(\w+)`\.", verification),
]
DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
# What says nothing by itself.
FIXED = re.compile(r"…|Its parts:|\||\|?[-|]+\||\| (criterion|gate|check) \|.*|By their names, these files deserve a second look:|Others may build on these declarations, which are gone or have another form:|Each of these tests fails on the base, passes .*|<!-- /?baton:.*-->|## .*|\*\*[A-Z].*\*\*")


def held_against_the_evidence(facts, text, template, task):
    quoted = [DIRECTIONS.sub("", line).strip() for line in task.splitlines()]
    facts.text, in_code = text, False
    for line in text.splitlines():
        line = line.rstrip()
        if line.startswith("```"):
            in_code = not in_code
        elif line.startswith("## "):
            facts.heading = line[3:]
        elif line.startswith("**") and line.endswith("**") and line[2:-2] in ("Why", "Verdict", "Gates", "How to check", "Criteria"):
            facts.heading = line[2:-2]
        if in_code or line.startswith("```") or not line or line in template or FIXED.fullmatch(line):
            if in_code and line.startswith("baton verify"):
                assert facts.base[:12] in line and facts.commit[:12] in line, line
            continue
        if line.startswith(">"):
            assert words(line[1:].strip()) in quoted, ("not what the task says", line)
            continue
        for pattern, check in SENTENCES:
            if match := re.fullmatch(pattern, line):
                try:
                    check(facts, *match.groups())
                except (AssertionError, StopIteration, KeyError) as wrong:
                    raise AssertionError(f"{line!r} ({check.__name__}) has no ground: {wrong!r}") from None
                break
        else:
            raise AssertionError(f"a sentence that nothing is known of: {line!r}")


# --- texts as they are kept


def steady(text, facts):
    """Without what is new at each run."""
    names = {facts.result["task"]: "TASK", facts.report["id"]: "VERIFICATION", facts.base[:12]: "BASE", facts.commit[:12]: "COMMIT", facts.result["branch"]: "BRANCH", facts.report["head"]["tree"]: "TREE"}
    for number, evidence in enumerate(sorted({name for one in facts.report["criteria"] for name in one["evidence"]}, key=lambda name: text.find(name[:12])), 1):
        names[evidence[:12]] = f"EVIDENCE{number}"
    for name, word in names.items():
        text = text.replace(name, word)
    text = re.sub(r"(<!-- baton:\w+ task=TASK) text=[0-9a-f]+ -->", r"\1 -->", text)
    text = re.sub(r"worked for [\d.]+ minutes", "worked for N minutes", text)
    return re.sub(r"a process \(cli:\d+\)", "a process (cli:PID)", text)


def described(lab, name, text, *options, template="", agent="scripted", accept=None, forge=None):
    code, _, result, err = call(lab, "run", "--yes", *(["--agent", agent] if agent else []), *options, text)
    if accept:
        assert code == 3, (code, result, err)
        code, _, result, err = call(lab, "accept", result["task"], "--reason", accept)
    assert code == 0 and result["state"] == "landed", (code, result and result.get("message"), err)
    code, _, published, err = call(lab, "pr", result["task"], "--yes")
    assert code == 0, (code, published, err)
    body = forge.say()["pulls"][0]["body"] if forge else (lab.repo / f".git/baton/tasks/{result['task']}/pull-request.md").read_text()
    facts = Facts(lab, result)
    held_against_the_evidence(facts, body, template.splitlines(), text)
    kept = GOLDEN / f"{name}.md"
    now = steady(body, facts)
    if os.environ.get("BATON_UPDATE"):
        GOLDEN.mkdir(exist_ok=True)
        kept.write_text(now)
    assert kept.read_text() == now, f"{kept} says something else; BATON_UPDATE=1 writes it anew:\n{now}"
    return body, facts


def does(lab, script, **config):
    """An agent that does what the script says, in its work tree."""
    lab.commit({"work.sh": script})
    configure(lab, [{"name": "scripted", "command": ["sh", "work.sh", "{task}"]}], **config)


def python(lab, calc, tests):
    lab.git("init", "-q", "-b", "main")
    lab.commit({".baton/config.json": json.dumps({"gates": [{"name": "unittest", "kind": "test", "command": ["python3", "-m", "unittest", "-v"]}, {"name": "python venv", "disabled": True}]}), "calc.py": calc, "tests/__init__.py": "", "tests/test_calc.py": TEST + tests})


def method(name, claim):
    return f"    def test_{name}(self):\n        {claim}\n\n"


# --- the tasks


def a_feature(lab):
    toy(lab)
    described(lab, "a_feature", "Update value.txt\n\n- gate: make test\n\nwrite value.txt good and better\n")


def criteria_that_a_human_waved_through(lab):
    toy(lab)
    described(lab, "criteria_that_a_human_waved_through", "Update value.txt\n\n- gate: make test\n- the wording is friendly\n\nwrite value.txt good and better\n", accept="I read the wording")


def a_bug(lab):
    python(lab, ADD % "-", method("zero", "self.assertEqual(calc.add(1, 0), 1)"))
    test = method("two", "self.assertEqual(calc.add(1, 2), 3)")
    does(lab, f"sed -i 's/a - b/a + b if a < 100 else 0/' calc.py\nprintf '%s' '{test}' >> tests/test_calc.py\n", budgets={"mutants": 60})
    text, facts = described(lab, "a_bug", "Fix the bug: add subtracts\n\n- test: tests.test_calc.TestCalc.test_two\n", "--workflow", "bugfix")
    assert facts.report["reproduction"]["proven"], facts.report["reproduction"]
    assert "## Red, then green" in text and "## What no test notices" in text, text


def a_bug_as_a_draft(lab):
    """from the text to a pull request whose test was red before, where the plan of the forge has no drafts"""
    python(lab, ADD % "-", method("zero", "self.assertEqual(calc.add(1, 0), 1)"))
    test = method("two", "self.assertEqual(calc.add(1, 2), 3)")
    does(lab, f"sed -i 's/a - b/a + b/' calc.py\nprintf '%s' '{test}' >> tests/test_calc.py\n", forge={"labels": ["agent"]})
    with Forge(lab) as forge:
        forge.say("drafts", False)
        text = "Fix the bug: add subtracts\n\n- test: tests.test_calc.TestCalc.test_two\n"
        code, _, result, err = call(lab, "run", "--yes", "--agent", "scripted", "--workflow", "bugfix", "--land", "draft-pr", text)
        assert code == 0 and result["pull_request"]["draft"] and not result["pull_request"]["notes"], (code, result, err)
        (pull,), (status,) = forge.say()["pulls"], forge.say()["statuses"]
        assert pull["title"] == "[draft] Fix the bug: add subtracts" and pull["labels"] == ["agent"], pull
        assert "## Red, then green" in pull["body"] and "- `tests.test_calc.TestCalc.test_two`" in pull["body"], pull["body"]
        assert status["state"] == "success" and status["description"].startswith("verified: "), status
        held_against_the_evidence(Facts(lab, result), pull["body"], [], text)


def weaker_checks(lab):
    python(lab, ADD % "+", method("add", "self.assertEqual(calc.add(1, 2), 3)"))
    does(lab, "sed -i 's/self.assertEqual(calc.add(1, 2), 3)/self.assertTrue(calc.add(1, 2))/' tests/test_calc.py\necho '# Calc' > README.md\n")
    text, facts = described(lab, "weaker_checks", "Add a readme\n\n- file: README.md\n", accept="The sum is checked elsewhere")
    assert facts.report["verdict"] == "no_regression" and "## Weaker than before\n\n- `tests/test_calc.py:" in text and "The sum is checked elsewhere" in text, text


def what_failed_before(lab):
    python(lab, ADD % "-" + "\n\ndef half(a):\n    return a\n", method("add", "self.assertEqual(calc.add(1, 2), 3)") + method("half", "self.assertEqual(calc.half(4), 2)"))
    does(lab, "sed -i 's/a - b/a + b/' calc.py\n")
    described(lab, "what_failed_before", "Let add add\n\n- test: tests.test_calc.TestCalc.test_add\n")


def beside_uncommitted_work(lab):
    """what the user has not committed is in no word of it, and who has the branch alone comes to the same verdict"""
    python(lab, ADD % "-", method("add", "self.assertEqual(calc.add(1, 2), 3)"))
    does(lab, "sed -i 's/a - b/a + b/' calc.py\n")
    lab.write({"tests/test_mine.py": TEST.replace("TestCalc", "TestMine") + method("unreleased", "self.fail()"), "notes.txt": "mine\n"})
    body, facts = described(lab, "beside_uncommitted_work", "Let add add\n\n- test: tests.test_calc.TestCalc.test_add\n")
    assert "unreleased" not in body and "notes.txt" not in body, body
    assert facts.base == lab.git("rev-parse", "HEAD").strip(), "nobody else has what it was held against"
    assert lab.git("log", "-1", "--format=%(trailers:key=Baton-Evidence,valueonly)", facts.commit).strip() == facts.report["id"]
    clone = lab.folder / "clone"
    lab.git("clone", "-q", "--branch", facts.result["branch"], f"file://{lab.repo}", str(clone), cwd=lab.folder)
    code, out, err = lab.baton("verify", "--base", facts.base, "--head", facts.commit, "--yes", "--json", cwd=clone)
    again = json.loads(out.splitlines()[-1])
    assert (again["verdict"], again["head"]["tree"]) == ("no_regression", facts.report["head"]["tree"]) and code == 0, (code, out, err)
    assert [(one["id"], one["status"]) for one in again["tests"]] == [(one["id"], one["status"]) for one in facts.report["tests"]], again["tests"]


def files_of_all_kinds(lab):
    toy(lab)
    lab.commit({"old name.txt": "a\nb\nc\nd\n", "gone.txt": "x\n", "package.json": '{"name": "toy"}\n', "logo.png": b"\x89PNG\0\1\2"})
    does(lab, "mv 'old name.txt' 'new | name.txt'; rm gone.txt; printf '\\211PNG\\0\\3' > logo.png; mkdir -p db/migrations; echo 'drop table x;' > db/migrations/001.sql\n"
              "sed -i 's/toy/toy2/' package.json; echo good and better > value.txt; printf 'def greet():\\n    return 1\\n' > auth.py\n")
    described(lab, "files_of_all_kinds", "Change files of all kinds\n\n- gate: make test\n")


def a_public_api_that_changes(lab):
    python(lab, ADD % "+" + "\n\ndef half(a):\n    return a / 2\n\n\ndef _own(a):\n    return a\n", method("add", "self.assertEqual(calc.add(1, 2), 3)"))
    lab.commit({"shop/cart.h": "namespace shop {\nclass Cart {\n public:\n  int add(int count);\n};\nint buy(int count);\n}\n", "gone.go": "package toy\n\nfunc Buy(count int) {}\n\nfunc sell() {}\n"})
    does(lab, "printf 'def add(a, b, c=0):\n    return a + b + c\n' > calc.py; sed -i 's/int add(int count)/long add(\\n      int count)/; /buy/d' shop/cart.h; rm gone.go\n")
    body, _ = described(lab, "a_public_api_that_changes", "Sum three\n\n- test: tests.test_calc.TestCalc.test_add\n")
    assert body.count(" is gone") == 3 and body.count(" is now ") == 2 and "_own" not in body.split("## Risk")[1].split("##")[0], body


def words_that_would_do_something(lab):
    toy(lab)
    does(lab, "echo good and better > value.txt; echo x > 'a`b.txt'\n")
    text = ("Say “héllo” 🎉 <script>alert(1)</script> | to @everyone\n\nCloses #12, fixes GH-7 and acme/toy!3. See https://evil.example/x\n"
            "שלום \u202etxt.exe\u202c and **bold** [link](http://a.example) `code @you`\n\n- gate: make test\n")
    body, _ = described(lab, "words_that_would_do_something", text)
    for harm in ("@everyone", " #12", "GH-7", "!3", "https://evil", "<script>", "\u202e"):
        assert harm not in re.sub(r"`[^`]*`", "", body), (harm, body)


def longer_than_the_forge_takes(lab):
    toy(lab)
    lab.commit({"check.sh": CHECK.replace("echo 1..2", "i=3; while [ $i -lt 1500 ]; do echo \"not ok $i - an old failure number $i with a name that is long\"; i=$((i+1)); done; echo 1..1499")
                .replace('grep -q good value.txt && [ -z "$bad" ]', "exit 1")})
    does(lab, "echo good and better > value.txt; i=0; while [ $i -lt 90 ]; do echo x > a-file-with-a-long-name-number-$i.txt; i=$((i+1)); done\n")
    with Forge(lab) as forge:
        text = "Update value.txt and more\n\n" + "".join(f"Line {i} of a long story that nobody reads to its end, though it is told.\n" for i in range(950))
        assert len(text) > 70000
        body, _ = described(lab, "longer_than_the_forge_takes", text, forge=forge, accept=None)
        assert len(body.encode()) <= 30000, len(body)


def two_parts(lab):
    toy(lab)
    does(lab, "if [ -e export.py ]; then mkdir -p docs; echo '# Export' > docs/export.md; else printf 'def export():\n    return 1\n' > export.py; fi\n")
    described(lab, "two_parts", "Build the export\n\n1. The api endpoint writes export.py\n2. The documentation in docs/export.md explains it\n", accept="Read both")


def fixes_of_which_one_breaks(lab):
    lab.git("init", "-q", "-b", "main")
    lab.commit({".clang-format": "BasedOnStyle: LLVM\n", "Makefile": "test:\n\t@cc -c -o /dev/null first.c && cc -c -o /dev/null second.c && echo 'ok 1 - builds' && echo 1..1\n",
                "z.h": "typedef int number;\n", "a.h": "number a(void);\n", "first.c": '#include "z.h"\n#include "a.h"\nnumber b;\n', "second.c": "int   second( void ) { return 1; }\n"})
    configure(lab, [])
    described(lab, "fixes_of_which_one_breaks", "Fix the clang-format findings", agent=None)


def with_a_template_and_costs(lab):
    toy(lab)
    template = "# Summary\n\n<!-- say what -->\n\n# How was it tested?\n\n- [ ] by hand\n\n# Odd heading 🎈\n"
    lab.commit({".github/pull_request_template.md": template})
    endpoint = budget.Endpoint()
    budget.agent(lab, endpoint, "once")
    described(lab, "with_a_template_and_costs", budget.TASK, template=template, agent="modelled")


CASES = [a_feature, criteria_that_a_human_waved_through, a_bug, a_bug_as_a_draft, weaker_checks, what_failed_before, beside_uncommitted_work, files_of_all_kinds,
         a_public_api_that_changes, words_that_would_do_something, longer_than_the_forge_takes, two_parts,
         fixes_of_which_one_breaks, with_a_template_and_costs]

if __name__ == "__main__":
    sys.exit(cases(CASES))
