"""What a task may go through, in stories that together tell it of every event that it knows: a toy repository with gates that take
milliseconds, and the words of its user one after the other. Each is told whole, and killed anywhere, by tasks_killed.py."""

import json
import shutil
import sqlite3
from pathlib import Path

from _tasks import call, configure, toy
from engine import Window, approve
from pull_requests import Forge
from tasks import PARTS

TASK = "Update value.txt\n\n- gate: make test\n\nwrite value.txt good and better\n"
VAGUE = "Make it better"
UNSHOWN_OF_CART = "Ignore missing prices in cart.py\n\n- The total ignores missing prices\n"
UNSHOWN = "Improve the README\n\n- The README must explain the toy\n\nwrite notes.txt all of it\n"


class Step:
    """A word of the user's. `tells`: the event by which the task has taken it. `before`: what the world does first, once.
    `dies`: it is killed there each time, also in the story that is told whole. Nothing tells a word that is refused."""

    def __init__(self, tells, *words, before=None, dies=None):
        self.tells, self.words, self.before, self.dies = tells, words, before, dies

    def line(self, lab):
        return [task_id(lab) if word is TASK_ID else word(lab) if callable(word) else word for word in self.words]


TASK_ID = object()


class Story:
    """`prepare(lab)` makes the repository and gives what is to be closed in the end, or nothing. `varies`: events of which a kill may
    change the number, since its user says the word that tells them again. `trusted`: its user has approved the commands."""

    def __init__(self, name, prepare, *steps, varies=(), trusted=False, needs=()):
        self.name, self.prepare, self.steps, self.varies, self.trusted, self.needs = name, prepare, steps, frozenset(varies), trusted, needs

    def missing(self):
        return [program for program in self.needs if not shutil.which(program)]


def journal(lab, query):
    with sqlite3.connect(f"file:{lab.repo}/.git/baton/journal.db?mode=ro", uri=True) as file:
        return file.execute(query).fetchall()


def task_id(lab):
    ((task,),) = journal(lab, "SELECT DISTINCT task_id FROM event WHERE kind = 'task_drafted'")
    return task


def agent(lab, script, **more):
    configure(lab, [{"name": "scripted", "command": ["sh", "-c", script, "agent", "{task}"], "network": "none"}], **more)


def does(script, **more):
    def prepare(lab):
        toy(lab)
        agent(lab, script, **more)
    return prepare


def run(*options, text=TASK, **more):
    return Step("task_drafted", "run", "--yes", "--json", "--agent", "scripted", *options, text, **more)


def told(event, verb, *words, **more):
    return Step(event, verb, TASK_ID, *words, "--json", **more)


# --- what the world does between two words


def branch_in_the_way(lab):
    lab.git("branch", "baton")


def out_of_the_way(lab):
    lab.git("branch", "-q", "-D", "baton")


def work_trees_cannot_be_made(lab):
    (lab.folder / "cache/baton").mkdir(parents=True, exist_ok=True)
    (lab.folder / "cache/baton/worktrees").write_text("in the way\n")


def work_trees_can_be_made(lab):
    (lab.folder / "cache/baton/worktrees").unlink()


def a_human_mends_it(lab):
    attempts = call(lab, "show", task_id(lab))[2]["attempts"]
    Path(attempts[-1]["worktree"], "value.txt").write_text("good, by hand\n")


def trust_is_withdrawn(lab):
    (lab.folder / "config/baton/trust.json").unlink()


# --- repositories that are more than a toy


def parts_on_one_line(lab):
    """Two parts that change one line; the one that comes later makes the round red until it is told so."""
    toy(lab)
    later = "grep -q 'is red' $1 && echo fine > other.txt || echo bad > other.txt"
    configure(lab, [{"name": "scripted", "command": ["sh", "-c", PARTS.replace("LATER", later), "parts", "{task}"], "network": "none"}])


def plan_of_parts(lab):
    """The one task's plan as its user has changed it; gives the file."""
    plan = call(lab, "show", task_id(lab))[2]["plan"]
    plan["subtasks"] = [{**plan["subtasks"][0], "id": id, "after": []} for id in ("one", "two")]
    edited = lab.folder / "plan.json"
    edited.write_text(json.dumps(plan))
    return str(edited)


def approved_commands(lab):
    """Its agent asks once; it lands unasked, and its user has approved the commands in an editor."""
    does("if grep -q 'The answer' $1; then sh agent.sh $1; else echo 'Which word?' > $BATON_QUESTION; fi",
         autonomy={"feature": "branch", "bugfix": "branch", "refactor": "branch"})(lab)
    window = Window(lab)
    approve(window)
    window.close()
    lab.baton("stop")


def findings(lab):
    """Of two files that clang-format would change, one builds no more when it has."""
    lab.git("init", "-q", "-b", "main")
    lab.commit({".clang-format": "BasedOnStyle: LLVM\n", "Makefile": "test:\n\t@cc -fsyntax-only first.c && cc -fsyntax-only second.c && echo 'ok 1 - builds' && echo 1..1\n",
                "z.h": "typedef int number;\n", "a.h": "number a(void);\n", "first.c": '#include "z.h"\n#include "a.h"\nnumber b;\n', "second.c": "int   second( void ) { return 1; }\n"})
    configure(lab, [])


CHECK_CART = """import os
failed, there = False, os.path.exists("test_cart.py")
print("ok 1 - there")
if there:
    from test_cart import test_total_ignores_missing_prices as test
    try:
        test()
        print("ok 2 - test_total_ignores_missing_prices")
    except Exception:
        print("not ok 2 - test_total_ignores_missing_prices")
        failed = True
print(f"1..{1 + there}")
raise SystemExit(failed)
"""
CART_TEST = "import cart\n\n\ndef test_total_ignores_missing_prices():\n    assert cart.total([None, 2]) == 2\n"


def cart(lab, tests=f"cat > test_cart.py <<'END'\n{CART_TEST}END\n"):
    """Who is told what tests have to show does `tests`; everybody else writes the program."""
    lab.git("init", "-q", "-b", "main")
    lab.commit({"Makefile": "test:\n\t@python3 -B check.py\n", "check.py": CHECK_CART, "cart.py": "def total(prices):\n    return sum(prices)\n"})
    program = "cat > cart.py <<'END'\ndef total(prices):\n    return sum(price or 0 for price in prices)\nEND\n"
    agent(lab, f"if grep -q 'What your tests have to show' $1; then\n{tests}\nelse\n{program}\nfi")


def does_nothing_for_tests(lab):
    cart(lab, "exit 1")


def forge(lab):
    toy(lab)
    agent(lab, "sh agent.sh $1; if grep -q 'try this' $1; then echo why > why.txt; fi; ! grep -q 'mention why' $1")
    lab.forge = Forge(lab)
    return lab.forge


def a_reviewer_says_something(lab):
    lab.forge.say("comments", ["Please mention why."])


# --- the stories

FAILS = does("if grep -q 'try this' $1; then sh agent.sh $1; else echo bad > value.txt; exit 1; fi")
CANCEL = told("cancelled", "cancel")

STORIES = [
    Story("lands", does("sh agent.sh $1"), run()),
    Story("applies", does("sh agent.sh $1"), run("--land", "apply")),
    Story("criteria are sent back, then waved through", does("sh agent.sh $1"), run(text=UNSHOWN), told("sent_back", "retry", "say more"), told("criterion_waved", "accept", "--reason", "read it")),
    Story("tests are asked for of what is not shown", cart, run(text=UNSHOWN_OF_CART)),
    Story("tests are asked for in vain, then waved through", does_nothing_for_tests, run(text=UNSHOWN_OF_CART), told("criterion_waved", "accept", "--reason", "read it")),
    Story("attempts fail, then a hint", FAILS, run(), told("retried", "retry", "try this")),
    Story("attempts fail, then a human takes over", FAILS, run(), told("handed_in", "answer", "hand-in", before=a_human_mends_it)),
    Story("red rounds, accepted, and a branch in the way", does("sh agent.sh $1"), run(text="Break value.txt\n\nwrite value.txt bad\n"),
          told("accepted_by_human", "accept", "--reason", "meant to be bad", before=branch_in_the_way), told("land_requested", "answer", "land"),
          told("retried", "retry", before=out_of_the_way)),
    Story("a conflict, then a red round", parts_on_one_line, Step("task_drafted", "plan", "--json", "Update value.txt\n\n- gate: make test\n"),
          told("approved", "approve", "--yes", "--plan", plan_of_parts), varies={"plan_made"}),
    Story("vague, answered", does("sh agent.sh $1"), run(text=VAGUE), told("answered", "answer", "text", "Change value.txt.\n\nwrite value.txt good enough")),
    Story("vague, given up", does("sh agent.sh $1"), run(text=VAGUE), told("given_up", "answer", "give-up")),
    Story("asks, and is trusted no more", approved_commands, Step("task_drafted", "run", "--json", "--agent", "scripted", TASK),
          told("answered", "answer", "text", "better", before=trust_is_withdrawn), told("trusted", "resume", "--yes"), varies={"trust_missing", "trusted"}, trusted=True),
    Story("no work tree can be made", does("sh agent.sh $1"), run(before=work_trees_cannot_be_made), told("retried", "retry", before=work_trees_can_be_made)),
    Story("fixes of which one breaks", findings, Step("task_drafted", "run", "--yes", "--json", "Fix the clang-format findings"), needs=("clang-format", "cc")),
    Story("published, reopened and escalated, published again", forge, run("--land", "draft-pr"), told("reopened", "retry", "--from-pr", "--yes", before=a_reviewer_says_something),
          told("retried", "retry", "try this"), told("publish_requested", "pr", "--yes")),
    Story("cancelled when planned", does("sh agent.sh $1"), Step("task_drafted", "plan", "--json", TASK), CANCEL),
    Story("cancelled at work", does("echo begun > begun.txt; sleep 1; sh agent.sh $1"), run(dies="during start_attempt"), CANCEL),
    Story("cancelled when integrating", does("sh agent.sh $1"), run(dies="before effect integrate"), CANCEL),
    Story("cancelled when verifying", does("sh agent.sh $1"), run(dies="judging"), CANCEL),
    Story("not cancelled when landing", does("sh agent.sh $1"), run(dies="landing"), Step(None, "cancel", TASK_ID, "--json"), told("landed", "resume", "--yes")),
    Story("cancelled when verified", does("sh agent.sh $1"), run("--land", "none"), CANCEL),
    Story("cancelled when criteria wait", does("sh agent.sh $1"), run(text=UNSHOWN), CANCEL),
    Story("cancelled when escalated", does("sh agent.sh $1"), run(text=VAGUE), CANCEL),
]
