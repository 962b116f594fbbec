"""Real agents, from a sentence to a verified branch, in a network that has loopback alone (see run.sh)."""

import json
import os
import shutil
import socket
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scenarios"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

tempfile.tempdir = os.environ.get("BATON_AGENTS_LAB") or str(Path.home() / ".cache")  # codex wants no HOME below the temporary folder

from _lab import Lab, assert_same, manifest  # noqa: E402
from _tasks import branches, call, file_at  # noqa: E402
from scripted_endpoint import Endpoint  # noqa: E402

CHECK = """import calc
assert calc.add(2, 3) == 5
assert 'add' in open('NOTES.md').read()
print('ok 1 - add')
print('1..1')
"""
FILES = {"calc.py": "def add(a, b):\n    return a - b\n", "NOTES.md": "# Notes\n", "check.py": CHECK, "Makefile": "test:\n\t@python3 check.py\n"}
TASK = "Mend add in calc.py, and say so in NOTES.md\n\n- gate: make test\n"
KEY = "sk-test-0123456789abcdef0123"

OPENCODE = [
    {"tool": "read", "arguments": {"filePath": "{cwd}/calc.py"}},
    {"tool": "edit", "arguments": {"filePath": "{cwd}/calc.py", "oldString": "a - b", "newString": "a + b"}},
    {"tool": "bash", "arguments": {"command": "echo 'add is mended' >> NOTES.md && make test", "description": "Writes the note and tests"}},
    {"text": "Both are done."},
]
PATCH = "apply_patch <<'EOF'\n*** Begin Patch\n*** Update File: calc.py\n@@\n-    return a - b\n+    return a + b\n*** Update File: NOTES.md\n@@\n # Notes\n+add is mended\n*** End Patch\nEOF"
CODEX = [{"tool": "exec_command", "arguments": {"cmd": PATCH}}, {"tool": "exec_command", "arguments": {"cmd": "make test"}}, {"text": "Both are done."}]


def opencode_login(lab, home, url, model="m/x"):
    config = {"model": model, "small_model": model, "enabled_providers": ["m"], "agent": {"title": {"disable": True}},
              "provider": {"m": {"npm": "@ai-sdk/openai-compatible", "options": {"baseURL": url, "apiKey": KEY},
                                 "models": {"x": {"tool_call": True, "limit": {"context": 32000, "output": 4000}, "cost": {"input": 1, "output": 2}}}}}}
    path = home / ".config/opencode/opencode.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(config))


def codex_login(lab, home, url):
    lab.env["OPENAI_API_KEY"] = KEY
    path = home / ".codex/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(f'model = "x"\nmodel_provider = "m"\n[analytics]\nenabled = false\n[model_providers.m]\nname = "m"\nbase_url = "{url}"\nenv_key = "OPENAI_API_KEY"\n'
                    'wire_api = "responses"\nrequest_max_retries = 0\nstream_max_retries = 0\n')


def toy(lab):
    home = lab.folder / "home"
    home.mkdir()
    lab.env["HOME"] = str(home)
    for name in list(lab.env):
        if name.endswith(("_API_KEY", "_TOKEN")):
            del lab.env[name]
    lab.git("init", "-q", "-b", "main")
    lab.commit(FILES)
    return home


def user_config(lab, **agent):
    path = lab.folder / "config/baton/config.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agents": [agent]} if agent else {}))


def log_of(lab):
    logs = sorted((lab.repo / ".git/baton/tasks").rglob("s*-*.log"))
    return "\n".join(log.read_text(errors="replace") for log in logs)


def solves(lab, agent, steps, login):
    home = toy(lab)
    before = manifest(lab.repo)
    with Endpoint(steps) as endpoint:
        login(lab, home, endpoint.url)
        code, lines, result, err = call(lab, "run", "--yes", "--agent", agent, TASK, timeout=200)
        assert code == 0 and result and result["state"] == "landed", (code, err[-800:], lines[-2:], log_of(lab)[-3000:])
        assert result["verdict"]["verdict"] == "verified", result["verdict"]["verdict"]
        assert "a + b" in file_at(lab, result["branch"], "calc.py") and "mended" in file_at(lab, result["branch"], "NOTES.md")
        assert len(endpoint.requests) >= len(steps), len(endpoint.requests)
        log = log_of(lab)
        assert "allowed once" in log, log[-3000:]
        assert KEY not in log and KEY not in json.dumps(lines)
    assert_same(outside_git(before), outside_git(manifest(lab.repo)), agent)


def outside_git(files):
    return {name: value for name, value in files.items() if not os.fsencode(name).startswith(b".git/")}


def opencode(lab):
    solves(lab, "opencode", OPENCODE, opencode_login)


def codex(lab):
    solves(lab, "codex-acp-zed", CODEX, codex_login)


def metered(lab, agent, steps, wants_tool=None):
    """The same through Baton's endpoint: the agent has no login and no key of the provider's, and every call is counted."""
    toy(lab)
    lab.env["MY_PROVIDERS_KEY"] = KEY
    with Endpoint(steps) as endpoint:
        user_config(lab, name=agent, backend="acp", profile=agent, endpoint={"url": endpoint.url, "key_env": "MY_PROVIDERS_KEY", "model": "x"})
        code, lines, result, err = call(lab, "run", "--yes", "--agent", agent, TASK, timeout=200)
        assert code == 0 and result and result["state"] == "landed", (code, err[-800:], result, log_of(lab)[-3000:])
        usage, calls = result["usage"], len(endpoint.requests)
        assert usage["calls"] == calls and usage["input_tokens"] == 100 * calls and usage["output_tokens"] == 10 * calls, (usage, calls)
        assert not usage["estimated"] and KEY not in log_of(lab) + json.dumps(lines)
        if wants_tool:
            told = json.dumps([body for _, _, body in endpoint.requests])
            assert wants_tool in told, told[-3000:]


def opencode_metered(lab):
    metered(lab, "opencode", [{"tool": "baton_outline", "arguments": {"path": "calc.py"}}, *OPENCODE], wants_tool="def add(a, b):")


def codex_metered(lab):
    metered(lab, "codex-acp-zed", CODEX)


def codex_without_a_box(lab):
    """Nothing of ours holds it there: its own sandbox has to, and what it may not do is asked."""
    home = toy(lab)
    path = lab.folder / "config/baton/config.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"sandbox": "none"}))
    with Endpoint(CODEX) as endpoint:
        codex_login(lab, home, endpoint.url)
        code, lines, result, err = call(lab, "run", "--yes", "--agent", "codex-acp-zed", TASK, timeout=200)
        sent = json.dumps([body for _, _, body in endpoint.requests])
    assert "danger-full-access" not in sent and ("workspace-write" in sent or "read-only" in sent or code == 3), (code, sent[:3000])
    assert code == 0 and result["state"] == "landed", (code, result and result.get("question"), err[-800:], log_of(lab)[-2000:])


def asked_to_log_in(lab, agent, command):
    toy(lab)
    code, _, result, err = call(lab, "run", "--yes", "--agent", agent, TASK, timeout=100)
    assert code == 3 and result and result["state"] == "running", (code, result, err[-800:])
    assert "not logged in" in result["question"] and command in result["question"], result["question"]
    assert branches(lab) == []
    lab.baton("cancel", result["task"])


def claude_is_not_logged_in(lab):
    asked_to_log_in(lab, "claude-agent-acp", "claude /login")


def gemini_is_not_logged_in(lab):
    asked_to_log_in(lab, "gemini", "GEMINI_API_KEY")


def says_so_itself(lab, *command):
    """With a profile that looks for no sign of a login, the agent is started, and its own answer is what is told."""
    toy(lab)
    user_config(lab, name="mine", backend="acp", command=list(command))
    code, _, result, err = call(lab, "run", "--yes", "--agent", "mine", TASK, timeout=150)
    assert code == 3 and "not logged in" in result["question"], (code, result, err[-800:], log_of(lab)[-2000:])
    lab.baton("cancel", result["task"])


def gemini_says_so_itself(lab):
    says_so_itself(lab, "gemini", "--acp")


def claude_says_so_itself(lab):
    says_so_itself(lab, "claude-agent-acp")


def opencode_with_a_wrong_model(lab):
    opencode_login(lab, toy(lab), "http://127.0.0.1:9/v1")
    user_config(lab, name="opencode", backend="acp", model="m/none")
    code, _, result, err = call(lab, "run", "--yes", "--agent", "opencode", TASK, timeout=100)
    assert code == 3 and "does not know the model m/none" in result["question"], (code, result, err[-800:], log_of(lab)[-2000:])
    lab.baton("cancel", result["task"])


def codex_where_the_endpoint_is_down(lab):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        codex_login(lab, toy(lab), f"http://127.0.0.1:{nobody.getsockname()[1]}/v1")
    code, lines, result, err = call(lab, "run", "--yes", "--agent", "codex-acp-zed", TASK, timeout=150)
    told = json.dumps(result) + err
    assert code == 3 and result["state"] == "escalated_to_human" and "cannot be reached" in told, (code, result and result["state"], told[-1500:], log_of(lab)[-2000:])


def codex_with_a_key_that_is_refused(lab):
    with Endpoint([{"status": 401, "body": "Incorrect API key provided"}]) as endpoint:
        codex_login(lab, toy(lab), endpoint.url)
        code, _, result, err = call(lab, "run", "--yes", "--agent", "codex-acp-zed", TASK, timeout=100)
    assert code == 3 and "does not accept its key" in json.dumps(result), (code, result, err[-500:], log_of(lab)[-2000:])
    lab.baton("cancel", result["task"])


CASES = [opencode, codex, opencode_metered, codex_metered, codex_without_a_box, claude_is_not_logged_in, gemini_is_not_logged_in, gemini_says_so_itself, claude_says_so_itself, opencode_with_a_wrong_model, codex_where_the_endpoint_is_down,
         codex_with_a_key_that_is_refused]
MOST_SECONDS = 300  # of all cases; the installation comes before
PROGRAMS = {"opencode": "opencode", "codex": "codex-acp", "claude": "claude-agent-acp", "gemini": "gemini"}


def main():
    wanted, passed, failed, skipped = sys.argv[1:], 0, 0, []
    started = time.monotonic()
    for case in [case for case in CASES if not wanted or case.__name__ in wanted]:
        program = PROGRAMS[case.__name__.split("_")[0]]
        if not shutil.which(program):
            print(f"SKIPPED {case.__name__}: {program} is not installed", flush=True)
            skipped.append(case.__name__)
            continue
        began = time.monotonic()
        with Lab() as lab:
            try:
                case(lab)
                lab.baton("stop")
                lab.assert_no_strays(8)
                passed += 1
                print(f"ok {case.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
            except Exception as problem:
                failed += 1
                print(f"not ok {case.__name__} ({time.monotonic() - began:.1f} s): {type(problem).__name__}: {problem}", flush=True)
                lab.baton("stop")
    seconds = time.monotonic() - started
    print(f"{passed} passed, {failed} failed, {len(skipped)} skipped" + (": " + ", ".join(skipped) if skipped else "") + f"; {seconds:.0f} s of at most {MOST_SECONDS}")
    if seconds >= MOST_SECONDS:
        print("not ok: it takes too long")
        failed += 1
    return 1 if failed or not passed or (skipped and os.environ.get("BATON_AGENTS_REQUIRED") == "1") else 0


sys.exit(main())
