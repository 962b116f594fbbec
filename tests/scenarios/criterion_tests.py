#!/usr/bin/env python3
"""A criterion that nothing shows gets its test from another agent: proven red -> green it is met, and says by whom; a hollow test, one that
is green without the change and one that comes with an edit of the program are not. Agents are real processes of the Agent Client Protocol."""

import json
import subprocess
import sys

from _lab import SOURCE
from _tasks import branches, call, cases, configure, file_at

AGENT = (SOURCE / "tests/agents/scripted_acp_agent.py").read_text()
GATES = {"gates": [{"name": "pytest", "kind": "test", "command": ["python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml={reports}/p.xml"], "reports": ["{reports}/p.xml"]},
                   {"name": "python venv", "disabled": True}]}
BASE = {".baton/config.json": json.dumps(GATES), "agent.py": AGENT, "conftest.py": "", "cart.py": "def total(prices):\n    return sum(prices)\n",
        "tests/test_cart.py": "from cart import total\n\ndef test_total_of_nothing_is_zero():\n    assert total([]) == 0\n"}
CRITERION = "The total of a cart ignores missing prices"
TASK = f"Ignore missing prices in cart.py\n\n- {CRITERION}\n"
MENDED = "def total(prices):\n    return sum(price for price in prices if price is not None)\n"
WORK = ["frontend", "backend", "database", "devops", "documentation", "general"]


def test_file(*assertions, name="total_of_a_cart_ignores_missing_prices", imports="total"):
    return f"from cart import {imports}\n\ndef test_{name}():\n" + "".join(f"    {one}\n" for one in assertions)


HONEST = test_file("assert total([1, None, 2]) == 3")
HOLLOW = test_file("assert total([1, 2]) is not None")
GREEN_BEFORE = test_file("assert total([1, 2]) == 3")


def writes(**files):
    return {"steps": [{"write": [path.replace("__", "/").replace("_py", ".py"), text]} for path, text in files.items()]}


def agent(name, script, types=None, **more):
    return {"name": name, "backend": "acp", "command": ["python3", "agent.py", json.dumps(script)], **({"types": types} if types else {}), **more}


def workshop(lab, tester, coder=None, **more):
    if subprocess.run(["python3", "-m", "pytest", "--version"], capture_output=True, check=False).returncode:
        return "pytest is not installed"
    lab.git("init", "-q", "-b", "main")
    lab.commit(BASE)
    coder = coder or writes(cart_py=MENDED)
    configure(lab, [agent("coder", coder, WORK), *([agent("tester", tester, ["testing"])] if tester else [])], **more)
    return None


def run(lab, *arguments, task=TASK, wanted=0):
    code, lines, result, err = call(lab, "run", "--yes", *arguments, task, timeout=240)
    assert code == wanted and result, (code, err[-2000:], lines[-2:])
    shown = call(lab, "show", result["task"])[2]
    criterion = next(one for one in result["verdict"]["criteria"] if one["text"] == CRITERION or len(result["verdict"]["criteria"]) == 1)
    page = (lab.repo / ".git/baton/tasks" / result["task"] / "plan.md").read_text()
    assert criterion["status"] in page and criterion["why"] in page, page
    attempts = [(one["subtask"], one["agent"], one.get("end")) for one in shown["attempts"]]
    return result, criterion, attempts, lines


def honest(lab):
    if skip := workshop(lab, writes(tests__test_missing_py=HONEST)):
        return skip
    result, criterion, attempts, lines = run(lab)
    assert result["verdict"]["verdict"] == "verified" and result["state"] == "landed", (result["state"], result["verdict"]["cause"])
    assert attempts == [("s1", "coder", "completed"), ("tests", "tester", "completed")], attempts
    assert criterion["status"] == "met" and criterion["test"] == "tests/test_missing.py::test_total_of_a_cart_ignores_missing_prices", criterion
    assert "proven red → green" in criterion["why"] and "the test is by tester (tests), the program by coder" in criterion["why"], criterion
    assert len(criterion["evidence"]) >= 8, criterion["evidence"]
    assert file_at(lab, result["branch"], "tests/test_missing.py") == HONEST and file_at(lab, result["branch"], "cart.py") == MENDED
    assert any("tester is asked for tests of what no evidence shows: 1 criterion" in line.get("message", "") for line in lines), [line.get("message") for line in lines]
    with open(result["description"], encoding="utf-8") as page:
        assert "the test is by tester" in page.read()
    # Who gets the evidence finds the same: it says which tests had to be proven.
    bundle = lab.folder / "bundle.json"
    code, _, err = lab.baton("evidence", "export", "--out", str(bundle))
    assert code == 0, err
    code, out, err = lab.baton("evidence", "verify", str(bundle), "--replay", "--yes", timeout=240)
    assert code == 0, (out[-2000:], err[-2000:])


def what_the_tester_is_told(lab):
    if skip := workshop(lab, {"steps": [{"say": "{prompt}"}, {"write": ["tests/test_missing.py", HOLLOW]}]}):
        return skip
    result, _, _, _ = run(lab, wanted=3)
    first, second = [open(one["log"], encoding="utf-8").read() for one in call(lab, "show", result["task"])[2]["attempts"][1:]]
    for said in (f"- [ ] {CRITERION}", "`total` in `cart.py`", "fails without the others' work, at its own assertion", "Change files of tests alone"):
        assert said in first and said in second, (said, first)
    assert "your tests do not show this" in second and "no test of the change covers it" in second and "your tests do not show this" not in first, second
    plan = (lab.repo / ".git/baton/tasks" / result["task"] / "plan.md").read_text()
    assert "- tests (testing): Tests for what no evidence shows yet; agent tester; after s1" in plan, plan


def hollow(lab):
    if skip := workshop(lab, writes(tests__test_missing_py=HOLLOW)):
        return skip
    result, criterion, attempts, _ = run(lab, wanted=3)
    assert (result["state"], result["wait"]) == ("verifying", "criteria") and branches(lab) == [], result["state"]
    assert criterion["status"] == "not_checkable" and criterion["why"] == "no test of the change covers it", criterion
    assert attempts == [("s1", "coder", "completed")] + [("tests", "tester", "completed")] * 2, attempts


def green_without_the_change(lab):
    if skip := workshop(lab, writes(tests__test_missing_py=GREEN_BEFORE)):
        return skip
    result, criterion, attempts, _ = run(lab, wanted=3)
    assert (result["state"], result["wait"]) == ("verifying", "criteria"), result["state"]
    assert criterion["status"] == "not_checkable" and "is not proven red → green: unexpected_green" in criterion["why"], criterion
    assert len(attempts) == 3, attempts


def edits_the_program(lab):
    """Also by a name of tests for what was none: it is refused, twice, and the task goes on as if nobody had been asked."""
    moves = {"steps": [{"shell": "mv cart.py tests/cart.py"}, {"write": ["tests/test_missing.py", HONEST]}]}
    for number, tester in enumerate((writes(cart_py=MENDED + "\nseen = True\n", tests__test_missing_py=HONEST), moves)):
        if number == 0 and (skip := workshop(lab, tester)):
            return skip
        configure(lab, [agent("coder", writes(cart_py=MENDED), WORK), agent("tester", tester, ["testing"])])
        result, criterion, attempts, _ = run(lab, wanted=3)
        assert (result["state"], result["wait"]) == ("verifying", "criteria"), result["state"]
        assert criterion["status"] == "not_checkable" and criterion["why"] == "no test of the change covers it", criterion
        assert attempts == [("s1", "coder", "completed")] + [("tests", "tester", "failed")] * 2, attempts
        for attempt in call(lab, "show", result["task"])[2]["attempts"][1:]:
            assert "It changed cart.py, and this part of the work may change files of tests alone" in attempt["reason"], attempt
    code, _, result, err = call(lab, "accept", result["task"], "--reason", "seen by hand")
    assert code == 0 and result["state"] == "landed", (code, result, err)
    assert "test_missing" not in lab.git("ls-tree", "-r", "--name-only", result["branch"])


def what_is_new(lab):
    """What the base cannot call: the test is seen not to run there. One that holds as well where it is not there insists on nothing."""
    task = "Offer a discount in cart.py\n\n- `discount` takes a tenth off the total of a cart\n"
    coder = writes(cart_py=BASE["cart.py"] + "\n\ndef discount(prices):\n    return total(prices) * 0.9\n")
    named = {"name": "discount_takes_a_tenth_off_the_total_of_a_cart"}
    guarded = test_file("assert not hasattr(cart, 'discount') or cart.discount([100]) == 90", **named).replace("from cart import total", "import cart")
    for number, (text, status) in enumerate(((test_file("assert discount([100]) == 90", imports="discount", **named), "met"), (guarded, "not_checkable"))):
        if number == 0 and (skip := workshop(lab, writes(tests__test_discount_py=text), coder)):
            return skip
        configure(lab, [agent("coder", coder, WORK), agent("tester", writes(tests__test_discount_py=text), ["testing"])])
        result, criterion, _, _ = run(lab, task=task, wanted=0 if status == "met" else 3)
        assert criterion["status"] == status, (criterion, result["verdict"]["tests"])
        said = "without the change it cannot run" if status == "met" else "no test of the change covers it"
        assert said in criterion["why"], criterion


def a_test_of_the_coder_is_proven_first(lab):
    if skip := workshop(lab, {"steps": [{"die": 9}]}, writes(cart_py=MENDED, tests__test_missing_py=HONEST)):
        return skip
    result, criterion, attempts, _ = run(lab)
    assert result["verdict"]["verdict"] == "verified" and "proven red → green" in criterion["why"] and "by tester" not in criterion["why"], criterion
    assert attempts == [("s1", "coder", "completed")], attempts


def one_agent_alone_is_another_attempt(lab):
    shell = f"if grep -q None cart.py; then cat > tests/test_missing.py <<'END'\n{HONEST}END\nelse cat > cart.py <<'END'\n{MENDED}END\nfi"
    both = {"steps": [{"shell": shell}]}
    if skip := workshop(lab, None):
        return skip
    configure(lab, [agent("alone", both)])
    result, criterion, attempts, _ = run(lab)
    assert attempts == [("s1", "alone", "completed"), ("tests", "alone", "completed")], attempts
    assert criterion["status"] == "met" and "the test is by alone (tests), which wrote of the program too, in another attempt" in criterion["why"], criterion
    assert result["verdict"]["verdict"] == "verified", result["verdict"]["cause"]


def who_is_not_asked(lab):
    """Nobody by the setting, nobody who does other work, and nobody where no program changed."""
    if skip := workshop(lab, writes(tests__test_missing_py=HONEST), criteria={"tests": False}):
        return skip
    _, _, attempts, _ = run(lab, wanted=3)
    assert len(attempts) == 1, attempts
    configure(lab, [agent("coder", writes(cart_py=MENDED), WORK)])
    _, _, attempts, _ = run(lab, wanted=3)
    assert len(attempts) == 1, attempts
    configure(lab, [agent("coder", {"steps": [{"write": ["NOTES.md", "It ignores them.\n"]}]}, WORK), agent("tester", writes(tests__test_missing_py=HONEST), ["testing"])])
    _, _, attempts, _ = run(lab, wanted=3)
    assert len(attempts) == 1, attempts
    configure(lab, [agent("coder", writes(cart_py=MENDED), WORK), agent("tester", writes(tests__test_missing_py=HONEST), ["testing"])])
    _, _, attempts, _ = run(lab, "--agent", "coder", wanted=3)
    assert [who for _, who, _ in attempts] == ["coder"], ("who is asked for by name does it all", attempts)


def a_criterion_that_does_not_hold(lab):
    """The coder's work does not do it, and the tester's test says so: red, and the human has the test."""
    if skip := workshop(lab, writes(tests__test_missing_py=HONEST), writes(cart_py="def total(prices):\n    return sum(list(prices))\n")):
        return skip
    code, _, result, err = call(lab, "run", "--yes", TASK, timeout=240)
    assert code == 3 and result["state"] == "escalated_to_human" and branches(lab) == [], (code, result, err)
    assert "test_total_of_a_cart_ignores_missing_prices" in json.dumps(result["verdict"]["tests"]), result["escalation"]


if __name__ == "__main__":
    sys.exit(cases([honest, what_the_tester_is_told, hollow, green_without_the_change, edits_the_program, what_is_new, a_test_of_the_coder_is_proven_first,
                    one_agent_alone_is_another_attempt, who_is_not_asked, a_criterion_that_does_not_hold]))
