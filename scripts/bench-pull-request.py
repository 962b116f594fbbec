#!/usr/bin/env python3
"""From the editor's command to the page of a pull request that is made, on a forge of this machine: median of five tasks, one JSON object;
ends with 1 when it takes longer than 2 s.

    bench-pull-request.py BATON"""

import json
import os
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
os.environ.update(BATON=sys.argv[1], BATON_SOURCE_DIR=str(ROOT))
sys.path.insert(0, str(ROOT / "tests/scenarios"))
from _lab import Lab  # noqa: E402
from _tasks import toy  # noqa: E402
from engine import Window, approve  # noqa: E402
from pull_requests import Forge, landed  # noqa: E402

TASKS, BAR = 5, 2.0


def seconds_to_the_page(window, task):
    window.seen.clear()
    began = time.monotonic()
    number = window.command("baton.createPullRequest", task=task, draft=True)
    window.until(lambda m: m.get("method") == "window/showDocument")
    seconds = time.monotonic() - began
    window.answer(number)
    return seconds


def main():
    with Lab() as lab:
        toy(lab)
        tasks = [landed(lab)["task"] for _ in range(TASKS)]
        with Forge(lab) as forge:
            window = Window(lab, capabilities={"window": {"showDocument": {"support": True}}})
            approve(window)
            times = [seconds_to_the_page(window, task) for task in tasks]
            window.close()
            made = len(forge.say()["pulls"])
        lab.baton("stop")
    median = statistics.median(times)
    print(json.dumps({"figure": "from the command to the page of a pull request", "seconds": round(median, 3), "worst": round(max(times), 3), "made": made, "bar": BAR}))
    return median > BAR or made != TASKS


if __name__ == "__main__":
    sys.exit(main())
