#!/usr/bin/env python3
"""Unmoved, with editors: two Neovim windows on one repository get the same keys as two windows without Baton on a copy of it.
Between edits, saves and undos they verify, cancel, close, and lose session and engine to `kill -9`, after which the next verification
works. In the end every buffer, every undo tree and every file is as without Baton, and nothing is left running. Each kind of step comes
up, and a kill has killed. UNMOVED_STEPS (60; 200 with BATON_TEST_LONG=1) and UNMOVED_SEED say how."""

import collections
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from _lab import BATON, SOURCE, Lab, assert_same

STEPS = int(os.environ.get("UNMOVED_STEPS", "200" if os.environ.get("BATON_TEST_LONG") == "1" else "60"))
SEED = int(os.environ.get("UNMOVED_SEED", str(random.randrange(1 << 30))))
NVIM = shutil.which("nvim")

INIT = """
vim.opt.swapfile = false
vim.opt.undofile = false
if os.getenv('WITH_BATON') then
  vim.opt.rtp:prepend(os.getenv('WITH_BATON'))
  vim.cmd('runtime plugin/baton.lua')
  require('baton').setup({ cmd = { os.getenv('BATON'), 'lsp' }, notify = function(text) table.insert(Told, text) end })
end
Told = {}
vim.lsp.handlers['window/showMessage'] = function(_, result) table.insert(Told, result.message) end
vim.lsp.handlers['window/showMessageRequest'] = function(_, result) return vim.NIL end
"""


def wait_for(condition, what, within=60.0):
    deadline = time.monotonic() + within
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)
    return answer


class Editor:
    """A Neovim that is typed into. `baton`: with the plugin."""

    def __init__(self, lab, repo, name, file, baton):
        self.lab, self.repo, self.name, self.file, self.baton = lab, repo, name, file, baton
        self.socket = lab.folder / f"{name}.sock"
        self.init = lab.folder / "init.lua"
        self.init.write_text(INIT)
        self.open()

    def open(self):
        env = dict(self.lab.env, NVIM_LOG_FILE=str(self.lab.folder / f"{self.name}.log"), BATON=BATON)
        for kind in ("DATA", "STATE"):
            env[f"XDG_{kind}_HOME"] = str(self.lab.folder / self.name / kind.lower())
        if self.baton:
            env["WITH_BATON"] = str(SOURCE / "editors/nvim")
        self.socket.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [NVIM, "--headless", "-n", "-i", "NONE", "-u", str(self.init), "--listen", str(self.socket), self.file],
            cwd=self.repo, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: self.socket.exists() and self.remote("--remote-expr", "1", check=False) == "1", f"{self.name} to open")

    def remote(self, how, what, check=True):
        done = subprocess.run([NVIM, "--headless", "-u", "NONE", "--server", str(self.socket), how, what], env=self.lab.env,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        assert not check or done.returncode == 0, f"{self.name}: {what}: {done.stderr}"
        # Some versions print what an expression gives on standard error.
        return (done.stdout or done.stderr).strip()

    def keys(self, keys):
        self.remote("--remote-send", keys)
        assert self.remote("--remote-expr", "mode(1)") == "n", f"{self.name}: {keys!r} left {self.remote('--remote-expr', 'mode(1)')!r}"

    def lua(self, expression):
        return json.loads(self.remote("--remote-expr", f"json_encode(luaeval({expression!r}))") or "null")

    def text(self):
        return self.lua("{lines = vim.api.nvim_buf_get_lines(0, 0, -1, false), undos = vim.fn.undotree().seq_last, modified = vim.bo.modified}")

    def session(self):
        """The process of its server."""
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]) == self.process.pid \
                        and (entry / "cmdline").read_bytes().split(b"\0")[1:2] == [b"lsp"]:
                    return int(entry.name)
            except OSError:
                continue
        return None

    def close(self):
        self.remote("--remote-send", "<C-\\><C-n>:qa!<CR>", check=False)
        self.process.wait(timeout=30)

    def trust(self):
        answer = self.lua("vim.lsp.buf_request_sync(0, 'workspace/executeCommand', "
                          "{command = 'baton.trustRepository', arguments = {vim.empty_dict()}}, 30000)")
        assert "trusted" in json.dumps(answer), answer


KEYS = {  # that a user types, by kind; none depends on anything but the buffer
    "edit": ["{line}GO{number} some words, é and 🎈<Esc>", "{line}Gotext {number}<CR>and more<Esc>", "{line}GA more<Esc>", "{line}Gdd",
             "{line}Gxx", "{line}Gyyp", "{line}G0cwword{number}<Esc>", "{line}GJ", ":silent! %s/more/less/ge<CR>"],
    "undo": ["u", "u", "<C-r>"],
    "save": [":silent write<CR>"],
}
TYPED = ["edit"] * 9 + ["undo"] * 3 + ["save"] * 2
WAYS = ["verify"] * 3 + ["cancel", "kill session", "kill engine", "wait", "reopen"]


def dealt(rng, kinds, count):
    """So many of them, in any order, each kind as often as it is listed."""
    deck = []
    while len(deck) < count:
        deck += rng.sample(kinds, len(kinds))
    return deck[:count]


def repository(lab, folder):
    lab.write({
        "Makefile": "test:\n\t@sh check.sh\n",
        "check.sh": f"# {lab.mark}\nsleep $(cat pause.txt)\ngrep -q '^8' a.txt && echo 'ok 1 - a' || echo 'not ok 1 - a'\necho 1..1\ngrep -q '^8' a.txt\n",
        "pause.txt": "0.1\n", "a.txt": "".join(f"{n} line\n" for n in range(12)), "b.txt": "".join(f"{n} other\n" for n in range(12)),
    }, folder)
    lab.git("init", "-q", "-b", "main", cwd=folder)
    lab.git("add", "-A", cwd=folder)
    lab.git("commit", "-q", "-m", "first", cwd=folder)


def git_state(lab):
    """All of .git but our own folder."""
    return {path: value for path, value in lab.manifest().items() if path.startswith(b".git/")}


def engine_of(lab):
    """The process of the engine that runs."""
    try:
        pid = json.loads((lab.repo / ".git/baton/engine.json").read_text())["pid"]
        return pid if b"baton-engine" in Path(f"/proc/{pid}/cmdline").read_bytes() else None
    except (OSError, ValueError, KeyError):
        return None


def kill(editor, process, what):
    """Where it does not run, it is started before."""
    if not process():
        editor.keys(":silent Baton verify<CR>")
    pid = wait_for(process, f"{what} to run")
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: process() != pid, f"{what} to be gone")


def with_baton(lab, rng, editor, control, way):
    if way == "verify":
        editor.keys(":silent Baton verify<CR>")
    elif way == "cancel":
        editor.keys(":silent Baton cancel<CR>")
    elif way == "kill engine":
        kill(editor, lambda: engine_of(lab), "the engine")
        verdict_after(editor, ":silent Baton verify<CR>")
    elif way == "kill session":
        kill(editor, editor.session, "the session")
        verdict_after(editor, ":silent Baton verify<CR>")
    elif way == "reopen":
        for one in (editor, control):
            one.keys(":silent write<CR>")
            one.close()
            one.open()
    else:
        time.sleep(rng.random())


def same_text(mine, control, when):
    left, right = mine.text(), control.text()
    assert left == right, f"{when}: {mine.name} has\n{left}\nand without Baton it is\n{right}"


def verdict_after(editor, keys):
    editor.lua("(function() Told = {} return 1 end)()")
    editor.keys(keys)
    return wait_for(lambda: [t for t in editor.lua("Told") if "no_regression" in t or "rejected" in t], "a verdict", 120)


def a_verdict_outlives_its_window(lab, editor):
    lab.write({"pause.txt": "4\n", "other.txt": f"{time.time()}\n"})
    editor.keys(":silent Baton verify<CR>")
    wait_for(lambda: "head: make" in editor.lua("require('baton').status"), "the gate to run")
    editor.close()
    editor.open()
    wait_for(lambda: [t for t in editor.lua("Told") if "no_regression" in t or "rejected" in t], "the verdict that nobody waited for", 120)
    status = wait_for(lambda: editor.lua("require('baton').status"), "its word in the status line")
    assert status in ("no_regression", "rejected"), status


def main():
    if not NVIM:
        print("unmoved_editors: skipped, Neovim is not installed.", file=sys.stderr)
        return 77
    rng = random.Random(SEED)
    print(f"unmoved_editors: {STEPS} steps, seed {SEED}", flush=True)
    with Lab() as lab:
        copy = lab.folder / "copy"
        copy.mkdir()
        for folder in (lab.repo, copy):
            repository(lab, folder)
        before = git_state(lab)
        pairs = [(Editor(lab, lab.repo, f"{f}-with", f"{f}.txt", True), Editor(lab, copy, f"{f}-without", f"{f}.txt", False)) for f in "ab"]
        for mine, _ in pairs:
            mine.trust()
        steps = [("type", kind) for kind in dealt(rng, TYPED, STEPS * 7 // 10)]
        steps += [("baton", way) for way in dealt(rng, WAYS, STEPS - len(steps))]
        rng.shuffle(steps)
        done = collections.Counter()
        for number, (how, kind) in enumerate(steps):
            mine, control = rng.choice(pairs)
            if how == "baton":
                with_baton(lab, rng, mine, control, kind)
            else:
                keys = rng.choice(KEYS[kind]).format(line=rng.randrange(1, 12), number=number)
                mine.keys(keys)
                control.keys(keys)
            done[kind] += 1
            if number % 10 == 9:
                same_text(mine, control, f"step {number}")
        missing = {*WAYS, *TYPED} - done.keys()
        assert not missing, f"never happened: {missing}"
        for mine, control in pairs:
            same_text(mine, control, "in the end")
            assert (lab.repo / mine.file).read_bytes() == (copy / mine.file).read_bytes(), f"{mine.file} was saved differently"
        verdict_after(pairs[0][0], ":silent Baton verify<CR>")
        a_verdict_outlives_its_window(lab, pairs[0][0])
        for pair in pairs:
            for editor in pair:
                editor.close()
        lab.baton("stop")
        lab.assert_no_strays()
        assert_same(before, git_state(lab), "in the end")
    print(f"unmoved_editors: passed, {dict(done)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
