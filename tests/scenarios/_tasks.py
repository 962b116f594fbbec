"""What the scenarios of tasks share: a toy repository with a fast gate and a scripted command-line agent, which is a real process."""

import json

CHECK = """#!/bin/sh
if grep -q good value.txt; then echo 'ok 1 - value'; else echo 'not ok 1 - value'; fi
if [ -e other.txt ] && ! grep -q fine other.txt; then echo 'not ok 2 - other'; bad=1; else echo 'ok 2 - other'; fi
echo 1..2
grep -q good value.txt && [ -z "$bad" ]
"""

# What the agent does is in the task's text: lines of "write FILE TEXT"; it looks nowhere else.
AGENT = """#!/bin/sh
echo "reading $1"
sed -n 's/^write //p' "$1" | while read -r file text; do echo "$text" > "$file"; done
echo "done, all 1637 tests pass"
"""


def toy(lab, **more):
    """The repository with its gate, and the agent `scripted` in the user's own configuration."""
    lab.git("init", "-q", "-b", "main")
    lab.commit({"Makefile": "test:\n\t@sh check.sh\n", "check.sh": CHECK, "value.txt": "good\n", "agent.sh": AGENT, "README.md": "# Toy\n"})
    configure(lab, **more)


def configure(lab, agents=None, **more):
    agents = agents or [{"name": "scripted", "command": ["sh", "agent.sh", "{task}"]}]
    path = lab.folder / "config/baton/config.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agents": agents, **more}))


def call(lab, *args, env=None, timeout=120):
    """A verb with --json: (exit code, events, result or None, stderr)."""
    kw = {"env": {**lab.env, **env}} if env else {}
    code, out, err = lab.baton(*args, "--json", timeout=timeout, **kw)
    lines = []
    for line in out.splitlines():
        try:
            lines.append(json.loads(line))
        except ValueError:
            raise AssertionError(f"no JSON: {line!r}\n{err[-2000:]}") from None
    result = lines[-1] if lines and lines[-1].get("type") in ("result", None) else None
    return code, lines, result, err


def branches(lab):
    return lab.git("for-each-ref", "--format=%(refname:short)", "refs/heads/baton").split()


def file_at(lab, revision, path):
    return lab.git("show", f"{revision}:{path}")


def cases(all_cases, setup=None):
    """Runs the cases that the command line names, or all; a line each. A case gives nothing, or why it was skipped. Gives the exit code."""
    import os
    import signal
    import sys
    import time

    from _lab import Lab

    wanted = sys.argv[1:]
    failed = skips = 0
    chosen = [case for case in all_cases if not wanted or case.__name__ in wanted]
    for case in chosen:
        began = time.monotonic()
        with Lab() as lab:
            try:
                if setup:
                    setup(lab)
                skipped = case(lab)
                if (lab.repo / ".git").exists():
                    lab.baton("stop")
                lab.assert_no_strays(8)
                skips += skipped is not None
                print(f"{skipped or 'ok'} {case.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
            except Exception as problem:
                failed += 1
                print(f"not ok {case.__name__}: {type(problem).__name__}: {problem}", flush=True)
                for stray in lab.strays():
                    os.kill(int(stray.split(":")[0]), signal.SIGKILL)
    print(f"{len(chosen) - failed - skips} passed, {failed} failed" + (f", {skips} skipped" if skips else ""))
    return 1 if failed else 0
