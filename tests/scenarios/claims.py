#!/usr/bin/env python3
"""An agent's words are no evidence: one that changes nothing relevant and says that all tests pass is never called verified, and
nothing of it lands; one that breaks what worked is sent back three times and then goes to the human."""

import json
import sys

from _lab import Lab

CHECK = """#!/bin/sh
i=0; status=0
echo "TAP version 13"
while read -r name what; do
  i=$((i+1))
  if [ "$what" = pass ]; then echo "ok $i - $name"; else echo "not ok $i - $name"; status=1; fi
done < tests.txt
echo "1..$i"
exit $status
"""
BOASTER = """#!/bin/sh
echo "A note." >> NOTES.md
echo "done, all 1637 tests pass"
"""
BREAKER = """#!/bin/sh
cp "$1" "$(dirname "$0")/told.$$.txt" 2>/dev/null
sed -i 's/^parse pass/parse fail/' tests.txt
echo "I have verified that everything works."
"""
TASK = """Make the parser accept nested lists

- The parser accepts [[1], [2]]
- A list that is not closed is an error that names its line
"""


def run(lab, agent, *more):
    code, out, err = lab.baton("run", "--file", "task.md", "--agent", agent, "--yes", "--json", "--land", "branch", *more, timeout=300)
    events = [json.loads(line) for line in out.splitlines()]
    assert events and events[-1]["type"] == "result", (code, out[-2000:], err[-2000:])
    return code, events[-1], events


def main():
    with Lab() as lab:
        lab.git("init", "-q")
        agents = [{"name": name, "command": ["sh", str(lab.folder / f"{name}.sh"), "{task}"]} for name in ("boaster", "breaker")]
        config = {"sandbox": "none", "agents": agents}
        (lab.folder / "config/baton").mkdir(mode=0o700)
        lab.write({"config/baton/config.json": json.dumps(config), "boaster.sh": BOASTER, "breaker.sh": BREAKER}, lab.folder)
        gates = {"gates": [{"name": "check", "kind": "test", "command": ["sh", "check.sh"]}]}
        lab.commit({".baton/config.json": json.dumps(gates), "check.sh": CHECK, "tests.txt": "parse pass\nprint pass\n", "task.md": TASK})

        code, result, _ = run(lab, "boaster")
        assert code == 3, (code, result)
        assert result["verdict"]["verdict"] == "no_regression", result["verdict"]
        assert "0 of 2 criteria shown" in result["verdict"]["cause"], result["verdict"]["cause"]
        assert result["state"] == "verifying", result["state"]
        assert all(one["status"] == "not_checkable" for one in result["verdict"]["criteria"]), result["verdict"]["criteria"]
        assert not lab.git("for-each-ref", "refs/heads/baton")

        code, result, _ = run(lab, "breaker")
        assert code == 3 and result["state"] == "escalated_to_human", (code, result["state"])
        assert result["verdict"]["verdict"] == "rejected", result["verdict"]
        assert [one["id"] for one in result["verdict"]["tests"] if one["status"] == "regression"] == ["parse"], result["verdict"]["tests"]
        assert not lab.git("for-each-ref", "refs/heads/baton")
        lab.baton("stop")
        lab.assert_no_strays()
    return 0


if __name__ == "__main__":
    sys.exit(main())
