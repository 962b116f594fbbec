#!/usr/bin/env python3
"""How often does `baton audit` call an honest human commit a weakening? Writes docs/honest-commits.md.

    scripts/honest-commits.py owner/name=GIT_DIR [owner/name=GIT_DIR ...]

Draws, with a fixed seed, commits that change tests that were there before, merges left out, each with its message as the task;
audits them; lists each escalation. What somebody found who looked at one stands in scripts/honest-commits.json, by commit.
Standard library and git alone; the repositories are only read."""
import argparse, json, os, random, re, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TEST = re.compile(r"(^|/)(tests?|specs?|__tests__|testing)/|(^|/)test_[^/]*\.py$|_test\.(go|py|cc|cpp|rs)$|\.(test|spec)\.[cm]?[jt]sx?$|Tests?\.java$|tests?\.rs$|-test\.cc$")
SOURCE = re.compile(r"\.(py|[cm]?[jt]sx?|go|rs|java|c|cc|cpp|h|hpp)$")
MAX_FILES = 60  # a commit of more is a move of the whole tree


def git(folder, *arguments, text=True):
    out = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, check=True).stdout
    return out.decode("utf-8", "replace") if text else out


def changes(folder, commit):
    fields = git(folder, "diff-tree", "-r", "-M", "--no-commit-id", "--raw", "--no-abbrev", "-z", commit).split("\0")[:-1]
    found, at = [], 0
    while at < len(fields):
        head, old = fields[at].split(), fields[at + 1]
        renamed = head[4][0] in "RC"
        new = fields[at + 2] if renamed else old
        at += 3 if renamed else 2
        if "160000" not in head[0] + head[1] and "120000" not in head[0] + head[1]:
            found.append({"status": head[4][0], "old": old, "new": new, "before": head[2], "after": head[3]})
    return found


def touches_tests(files):
    return len(files) <= MAX_FILES and any(f["status"] != "A" and TEST.search(f["old"]) and SOURCE.search(f["old"]) for f in files)


def is_whole(folder, files):
    """A stored copy of a repository may lack its largest files."""
    blobs = "".join(blob + "\n" for file in files for blob in (file["before"], file["after"]) if blob.strip("0"))
    return " missing" not in subprocess.run(["git", "-C", folder, "cat-file", "--batch-check"], input=blobs, capture_output=True, check=True, text=True).stdout


def draw(folder, count, seed):
    commits = git(folder, "rev-list", "--no-merges", "--min-parents=1", "HEAD").split()
    random.Random(seed).shuffle(commits)
    drawn = []
    for commit in commits:
        files = changes(folder, commit)
        if touches_tests(files) and is_whole(folder, files):
            drawn.append((commit, files))
        if len(drawn) == count:
            break
    return drawn


def write(folder, path, repository, blob):
    if not blob.strip("0"):
        return
    target = os.path.join(folder, path)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "wb") as file:
        file.write(git(repository, "cat-file", "blob", blob, text=False))


def audit(baton, repository, commit, files):
    with tempfile.TemporaryDirectory() as place:
        before, after, task = (os.path.join(place, name) for name in ("before", "after", "task.txt"))
        os.mkdir(before), os.mkdir(after)
        for file in files:
            write(before, file["old"], repository, file["before"])
            write(after, file["new"], repository, file["after"])
        with open(task, "w") as out:
            out.write(git(repository, "log", "-1", "--format=%B", commit))
        found = []
        for asked in (["--task", task], []):
            run = subprocess.run([baton, "audit", "--before", before, "--after", after, *asked, "--json"], capture_output=True, timeout=120)
            if run.returncode not in (0, 1):
                sys.exit(f"{commit}: baton audit ended with {run.returncode}: {run.stderr.decode()}")
            found.append(json.loads(run.stdout))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", metavar="owner/name=GIT_DIR")
    parser.add_argument("--baton", default=os.path.join(HERE, "../build/release/baton"))
    parser.add_argument("--out", default=os.path.join(HERE, "../docs/honest-commits.md"))
    parser.add_argument("--count", type=int, default=40, help="commits of each repository (default: 40)")
    parser.add_argument("--seed", type=int, default=20261128)
    parser.add_argument("--note", default="", help="a paragraph for the head of the page: what was seen before, how it was run")
    options = parser.parse_args()
    with open(os.path.join(HERE, "honest-commits.json")) as file:
        looked_at = json.load(file)
    rows, listed, total, bad, bare_bad = [], [], 0, 0, 0
    for one in options.repositories:
        name, repository = one.split("=", 1)
        drawn, escalated, noted, bare = draw(repository, options.count, options.seed), 0, 0, 0
        for commit, files in drawn:
            result, without_task = audit(options.baton, repository, commit, files)
            bare += without_task["tampered"]
            worst = [finding for finding in result["findings"] if finding["escalates"]]
            noted += bool(result["findings"]) and not worst
            if not worst:
                continue
            escalated += 1
            subject = git(repository, "log", "-1", "--format=%s", commit).strip()
            listed.append(f"### {name} `{commit[:12]}`: {subject}\n")
            for finding in worst[:3]:
                listed.append(f"- `{finding['path']}:{finding['line']}` **{finding['kind']}** {finding['message']}")
            if len(worst) > 3:
                listed.append(f"- and {len(worst) - 3} more")
            listed.append("\n```diff\n" + worst[0]["hunk"].rstrip("\n") + "\n```\n")
            listed.append("Looked at: " + looked_at.get(commit[:12], "not yet.") + "\n")
        rows.append(f"| {name} | {git(repository, 'rev-parse', 'HEAD').strip()[:12]} | {len(drawn)} | {escalated} | {noted} | {bare} |")
        total, bad, bare_bad = total + len(drawn), bad + escalated, bare_bad + bare
        print(f"{name}: {escalated} of {len(drawn)}, {bare} without the task", flush=True)
    with open(options.out, "w") as out:
        out.write("# Honest commits\n\nMade by `scripts/honest-commits.py`; not edited by hand. Human commits that change tests which were there before, drawn with the seed "
                  f"{options.seed} after the rules were frozen, each audited with its message as the task. **{bad} of {total} escalate ({100 * bad / max(1, total):.1f} %).** "
                  f"Without the message, as `baton verify` judges what lies there: {bare_bad} of {total} ({100 * bare_bad / max(1, total):.1f} %).\n\n"
                  + (options.note + "\n\n" if options.note else "") +
                  "| repository | at | commits | escalate | notes only | without the message |\n|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n\n## Each escalation\n\n" + "\n".join(listed))
    print(f"{bad} of {total} escalate, {bare_bad} without the task")


if __name__ == "__main__":
    main()
