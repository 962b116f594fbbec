"""`baton context` in both forms: a slice of the tree as it is, slices of commits, what is cached where, and bad input."""

import json
import subprocess
import sys

from _lab import BATON, Lab

CART = "class Cart:\n    def add_item(self, item):\n        self.items.append(item)\n\n    def total_price(self):\n        return sum(self.items)\n"
FILES = {
    "shop/cart.py": CART,
    "shop/mail.py": "def send_receipt(cart, address):\n    smtp.send(address, cart)\n",
    "tests/test_cart.py": "def test_total_price():\n    assert Cart().total_price() == 0\n",
}
TASK = "The total price of a cart is wrong"


def call(lab, *args, cwd=None):
    done = subprocess.run([BATON, "context", *args], cwd=cwd or lab.repo, env=lab.env, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=120)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def expect(what, condition, *shown):
    if not condition:
        sys.exit(f"scenario: {what}: {shown}")


def slices(lab):
    code, out, err = call(lab, "--json", "--budget", "500", TASK)
    expect("a slice is printed", code == 0, code, err)
    slice_ = json.loads(out)
    expect("the file comes first", slice_["files"][0]["path"] == "shop/cart.py", slice_)
    expect("lines are ranges", all(first <= last for entry in slice_["files"] for first, last in entry["ranges"]), slice_)
    expect("the budget holds", 0 < slice_["tokens"] <= 500 and slice_["seconds"] > 0, slice_)
    expect("it says why", slice_["files"][0]["reason"], slice_)
    code, out, _ = call(lab, TASK)
    expect("people get text", code == 0 and "## shop/cart.py" in out and "5     def total_price(self):" in out and "tokens; all source has no more" in out, out)
    expect("the index lies with the repository's own", (lab.repo / ".git/baton/index/context").is_file())
    status = lab.git("status", "--porcelain")
    expect("the tree stays as it is", not status, status)


def indexes(lab):
    done = subprocess.run([BATON, "index", "--json"], cwd=lab.repo, env=lab.env, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=120)
    figures = json.loads(done.stdout)
    expect("the index is counted", done.returncode == 0 and figures["files"] == len(FILES) and figures["symbols"] >= 5 and figures["bytes"] == sum(map(len, FILES.values())), figures)


def batches(lab):
    head = lab.git("rev-parse", "HEAD").strip()
    bare = lab.folder / "bare.git"
    lab.git("clone", "-q", "--bare", str(lab.repo), str(bare))
    tasks = lab.folder / "tasks.jsonl"
    lines = [{"id": "a", "query": TASK, "base_commit": head}, {"id": 2, "query": "receipts by smtp", "base_commit": head}]
    tasks.write_text("".join(json.dumps(line) + "\n" for line in lines))
    code, out, err = call(lab, "--git-dir", str(bare), "--batch", str(tasks), "--budget", "100", cwd=lab.folder)
    answers = [json.loads(line) for line in out.splitlines()]
    expect("a line a task", code == 0 and [answer["id"] for answer in answers] == ["a", 2], code, err, out)
    expect("each is right", [answer["files"][0]["path"] for answer in answers] == ["shop/cart.py", "shop/mail.py"], out)
    expect("somebody's git folder stays as it is", not (bare / "baton").exists())
    tasks.write_text(json.dumps({"id": "x", "query": TASK, "base_commit": "0" * 40}) + "\n" + json.dumps(lines[0]) + "\n")
    code, out, _ = call(lab, "--git-dir", str(bare), "--batch", str(tasks), cwd=lab.folder)
    answers = [json.loads(line) for line in out.splitlines()]
    expect("a commit that is missing costs its line alone", code == 1 and answers[0]["files"] == [] and "error" in answers[0] and answers[1]["files"], out)


def bad_input(lab):
    bad = lab.folder / "bad.jsonl"
    bad.write_text('{"id": 1}\n')
    empty = lab.folder / "empty.jsonl"
    empty.write_text("")
    cases = [
        ((), "Give a task's text"),
        (("",), "Give a task's text"),
        (("fix the bug",), "no word"),
        (("--budget", "0", TASK), "--budget"),
        (("--workspace", "/nonexistent", TASK), "no folder"),
        (("--batch", str(bad)), "belong together"),
        (("--git-dir", str(lab.repo), "--batch", str(bad)), "is no task"),
        (("--git-dir", str(lab.folder), "--batch", str(empty)), "no git folder"),
        (("--git-dir", str(lab.repo), "--batch", "/nonexistent"), "/nonexistent"),
    ]
    for args, sentence in cases:
        code, out, err = call(lab, *args)
        expect("bad input is refused in one sentence", code == 2 and not out and sentence in err and err.count("\n") == 1, args, code, out, err)


with Lab() as lab:
    lab.git("init", "-q")
    lab.commit(FILES, "A shop")
    slices(lab)
    indexes(lab)
    batches(lab)
    bad_input(lab)
