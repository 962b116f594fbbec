"""What the scenarios share: a repository of their own, the program, a manifest of all that is the user's, and orphans."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BATON = os.environ.get("BATON") or sys.exit("scenario: $BATON must name the program")
SOURCE = Path(os.environ.get("BATON_SOURCE_DIR") or Path(__file__).resolve().parents[2])


class Lab:
    """A temporary folder with a repository, and HOME and XDG folders of its own. `with Lab() as lab:` removes it."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="baton-lab-"))
        self.mark = self.folder.name
        self.repo = self.folder / "project"
        self.repo.mkdir()
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "XDG_", "BATON"))}
        self.env.update(
            XDG_CONFIG_HOME=str(self.folder / "config"),
            XDG_CACHE_HOME=str(self.folder / "cache"),
            XDG_RUNTIME_DIR=str(self.folder / "run"),
            GIT_CONFIG_GLOBAL=str(self.folder / "gitconfig"),
            GIT_CONFIG_NOSYSTEM="1",
        )
        for name in ("config", "cache", "run"):
            (self.folder / name).mkdir(mode=0o700)
        (self.folder / "gitconfig").write_text(
            "[user]\n\tname = Ada\n\temail = ada@example.com\n[init]\n\tdefaultBranch = main\n[advice]\n\tdetachedHead = false\n"
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["chmod", "-R", "u+w", str(self.folder)], stderr=subprocess.DEVNULL, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def git(self, *args, cwd=None, check=True):
        done = subprocess.run(
            ["git", *args], cwd=cwd or self.repo, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        if check and done.returncode:
            raise AssertionError(f"git {' '.join(args)}: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode(errors="surrogateescape")

    def write(self, files, root=None):
        for name, text in files.items():
            path = (root or self.repo) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            if text[:2] in ("#!", b"#!"):
                path.chmod(0o755)

    def commit(self, files=None, message="work"):
        if files:
            self.write(files)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)

    def start(self, *args, cwd=None, **kw):
        options = dict(cwd=cwd or self.repo, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        options.update(kw)
        return subprocess.Popen([BATON, *args], **options)

    def baton(self, *args, timeout=120, **kw):
        """Runs to the end; returns (exit code, stdout, stderr)."""
        process = self.start(*args, **kw)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"baton {' '.join(args)} did not end in {timeout} s: {err.decode(errors='replace')[-2000:]}")
        return process.returncode, out.decode(errors="replace"), err.decode(errors="replace")

    def verify(self, *args, **kw):
        """`baton verify --yes --json …` as (exit code, report, stderr)."""
        code, out, err = self.baton("verify", "--yes", "--json", *args, **kw)
        try:
            return code, json.loads(out), err
        except ValueError:
            return code, None, err

    def manifest(self):
        return manifest(self.repo)

    def strays(self):
        """Processes that still run because of this lab: by a command line or a working folder that names it."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                folder = os.readlink(entry / "cwd")
                state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
            except OSError:
                continue
            if state != "Z" and (self.mark in line or self.mark in folder):
                found.append(f"{entry.name}: {line.strip() or folder}")
        return found

    def assert_no_strays(self, within=3.0):
        deadline = time.monotonic() + within
        while strays := self.strays():
            if time.monotonic() > deadline:
                raise AssertionError("orphans: " + "; ".join(strays))
            time.sleep(0.05)


def sanitized():
    """Whether the program is built with a sanitizer, which links what it would not and slows down what is measured."""
    program = Path(BATON).read_bytes()
    return any(name in program for name in (b"libasan.so", b"libtsan.so"))


def manifest(root):
    """Every byte, mode and time of modification below `root` that is the user's: all but `.git/baton`. The index is in it,
    so nothing may as much as refresh it."""
    seen = {}
    for folder, folders, files in os.walk(os.fsencode(root)):
        relative = os.path.relpath(folder, os.fsencode(root))
        if relative == b".git" and b"baton" in folders:
            folders.remove(b"baton")
        for name in files + [f for f in folders if os.path.islink(os.path.join(folder, f))]:
            path = os.path.join(folder, name)
            stat = os.lstat(path)
            if os.path.islink(path):
                content = os.readlink(path)
            elif os.path.isfile(path):
                with open(path, "rb") as file:
                    content = hashlib.sha256(file.read()).hexdigest().encode()
            else:
                content = b"special"
            seen[os.path.join(relative, name)] = (stat.st_mode, stat.st_mtime_ns, content)
    return seen


def difference(before, after):
    names = sorted(set(before) | set(after))
    return [n.decode(errors="replace") for n in names if before.get(n) != after.get(n)]


def assert_same(before, after, what):
    changed = difference(before, after)
    assert not changed, f"{what}: changed {changed[:10]}"


def end(process, how):
    try:
        process.send_signal(how)
    except ProcessLookupError:
        pass


KILL, INTERRUPT, TERMINATE = signal.SIGKILL, signal.SIGINT, signal.SIGTERM
