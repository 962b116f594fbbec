"""`baton verify` as a person at a terminal and a script meet it: consent, Ctrl-C, SIGTERM, JSON, exit codes."""
import json, os, pty, select, shutil, signal, subprocess, sys, tempfile, time

BATON = os.environ["BATON"]
if not os.path.exists(BATON) or not shutil.which("git") or not shutil.which("make"):
    sys.exit(77)

work = tempfile.mkdtemp(prefix="baton-cli-")
env = {"PATH": os.environ["PATH"], "HOME": work + "/home", "XDG_CONFIG_HOME": work + "/config", "XDG_CACHE_HOME": work + "/cache",
       "XDG_RUNTIME_DIR": work + "/run", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "TERM": "xterm", "LANG": "C.UTF-8"}
for name in ("BATON_SANDBOX", "BATON_LIBEXEC"):
    if name in os.environ:
        env[name] = os.environ[name]
for folder in ("home", "config", "cache"):
    os.makedirs(work + "/" + folder)
os.makedirs(work + "/run", 0o700)


def project(name, recipe):
    root = os.path.join(work, name)
    os.makedirs(root)
    with open(root + "/Makefile", "w") as f:
        f.write("test:\n\t%s\n" % recipe)
    for args in (["init", "-q", "-b", "main"], ["add", "-A"], ["-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "-qm", "base"]):
        subprocess.run(["git", "-C", root] + args, check=True, env=env)
    return root


def run(root, *args):
    return subprocess.run([BATON, "verify", *args], cwd=root, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)


def expect(what, condition, detail=""):
    if not condition:
        sys.exit("FAILED: %s\n%s" % (what, detail))
    print("ok:", what)


def without_terminal_and_consent():
    root = project("consent", "echo hello")
    p = run(root)
    expect("without a terminal nothing runs: exit 3", p.returncode == 3, p)
    expect("nothing on stdout, one sentence that names the command", p.stdout == "" and p.stderr.strip().count("\n") == 0 and "baton verify --yes" in p.stderr, p)
    p = run(root, "--json", "--yes")
    report = json.loads(p.stdout)
    expect("--json is one object and nothing else", p.stdout.count("\n") == 1 and p.stderr == "" and report["verdict"], p)
    expect("the exit code says the verdict", p.returncode == (0 if report["verdict"] in ("verified", "no_regression") else 1), p)


def at_a_terminal(answer, wanted_code):
    root = project("terminal-" + answer, "echo hello")
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(root)
        os.execve(BATON, [BATON, "verify"], env)
    seen, asked, until = b"", False, time.monotonic() + 120
    while time.monotonic() < until:
        if not select.select([fd], [], [], 1)[0]:
            continue
        try:
            got = os.read(fd, 65536)
        except OSError:
            break
        if not got:
            break
        seen += got
        if not asked and b"[y/N]" in seen:
            asked = True
            os.write(fd, answer.encode() + b"\n")
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    text = seen.decode(errors="replace")
    expect("at a terminal the commands are shown and asked about", asked and "make" in text, text)
    expect("the answer %r ends with %s" % (answer, wanted_code), code in wanted_code, text)
    return root


def folder_of(pid):
    try:
        return os.readlink("/proc/%s/cwd" % pid)
    except OSError:  # it has ended
        return ""


def interrupted(number):
    root = project("interrupt-%d" % number, "sleep 300")
    p = subprocess.Popen([BATON, "verify", "--yes"], cwd=root, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    sleeping = lambda: subprocess.run(["pgrep", "-f", "^sleep 300$"], capture_output=True, text=True).stdout.split()
    line = ""
    while "make" not in line and time.monotonic() < until:
        line = p.stderr.readline()
    expect("progress names what is waited for", "make" in line, line)
    began = time.monotonic()
    p.send_signal(number)
    out, err = p.communicate(timeout=30)
    took = time.monotonic() - began
    expect("signal %d ends it with 4 in %.1f s" % (number, took), p.returncode == 4 and took < 3, (p.returncode, err))
    expect("nothing on stdout", out == "", out)
    until = time.monotonic() + 5
    mine = lambda: [q for q in sleeping() if work in folder_of(q)]
    while mine() and time.monotonic() < until:
        time.sleep(0.05)
    expect("no process is left", not mine(), mine())


try:
    without_terminal_and_consent()
    root = at_a_terminal("n", (3,))
    root = at_a_terminal("y", (0, 1))
    p = run(root)
    expect("an approval is kept", p.returncode in (0, 1), p)
    interrupted(signal.SIGINT)
    interrupted(signal.SIGTERM)
finally:
    shutil.rmtree(work, ignore_errors=True)
