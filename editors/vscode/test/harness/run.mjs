// Runs the tests in a real VS Code: node run.mjs VSIX BATON WORK. One line a check; ends with 0 when all passed.
//
// The tests run in the extension host, beside the extension as it is packed. What only a person sees they ask of the page, by
// files: <WORK>/ask/N.json holds a question, N.answer.json what the page said.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { VsCode } from './vscode.mjs';

const [vsix, baton, work] = process.argv.slice(2);
const editor = path.resolve(import.meta.dirname, '../..');
const root = path.resolve(editor, '../..');
const patience = 100_000;
const limit = 400_000;

function commit(folder, message) {
  const git = (...args) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=Ada', '-c', 'user.email=ada@localhost', ...args], { env, stdio: 'ignore' });
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-q', '-m', message);
}

// The C++ half of the demo: a change that breaks rounding and renames tests away. The Python half fetches packages.
function demo(folder) {
  fs.cpSync(`${root}/tests/workspaces/demo/base`, folder, { recursive: true });
  fs.rmSync(`${folder}/report`, { recursive: true });
  commit(folder, 'Ledger 1.4');
  for (const part of ['src', 'tests']) {
    fs.cpSync(`${root}/tests/workspaces/demo/change/${part}`, `${folder}/${part}`, { recursive: true });
  }
}

// A forge that is a process of its own, with what the workspace has, and an agent of the user's that writes into the README.
async function forge(folder, workspace) {
  const bare = `${folder}/forge/acme/ledger.git`;
  const process = spawn('python3', [`${root}/tests/scenarios/_forge.py`, 'github', `${folder}/forge`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise((resolve) => process.stdout.once('data', (line) => resolve(Number(line))));
  const token = /^TOKEN = "(.*)"$/m.exec(fs.readFileSync(`${root}/tests/scenarios/_forge.py`, 'utf8'))[1];
  const git = (...args) => execFileSync('git', args, { env, stdio: 'ignore' });
  git('init', '-q', '--bare', '-b', 'main', bare);
  git('-C', bare, 'config', 'http.receivepack', 'true');
  fs.writeFileSync(`${folder}/credentials`, `http://ada:${token}@127.0.0.1:${port}\n`);
  git('-C', workspace, 'config', 'credential.helper', `store --file=${folder}/credentials`);
  git('-C', workspace, 'config', 'user.name', 'Ada');
  git('-C', workspace, 'config', 'user.email', 'ada@localhost');
  git('-C', workspace, 'remote', 'add', 'origin', `http://127.0.0.1:${port}/acme/ledger.git`);
  git('-C', workspace, 'push', '-q', '-u', 'origin', 'main');
  fs.mkdirSync(`${folder}/config/baton`, { recursive: true });
  const agent = { name: 'writer', command: ['sh', '-c', 'echo Exact to the cent. >> README.md'] };
  fs.writeFileSync(`${folder}/config/baton/config.json`, JSON.stringify({ agents: [agent] }));
  return { url: `http://127.0.0.1:${port}`, end: () => process.kill() };
}

// What each suite works on: the workspace, a server of its own, what its tests are told, and what is to be ended.
async function ledger(folder) {
  const workspace = `${folder}/ledger`;
  demo(workspace);
  const remote = await forge(folder, workspace);
  return { workspace, told: { BATON_TEST_FORGE: remote.url }, end: remote.end };
}

// Two repositories whose change a linter finds fault with, on another line in each. A file `slow` makes a verification wait.
function twoRoots(folder) {
  const gates = [{ name: 'wait', kind: 'build', command: 'test ! -e slow || sleep 300' }];
  const scripts = { hello: '#!/bin/sh\nname=$1\necho "$name"\n', goodbye: '#!/bin/sh\n# Says\n# goodbye.\nname=$1\necho "$name"\n' };
  for (const [name, text] of Object.entries(scripts)) {
    fs.mkdirSync(`${folder}/${name}/.baton`, { recursive: true });
    fs.writeFileSync(`${folder}/${name}/.baton/config.json`, JSON.stringify({ gates }));
    fs.writeFileSync(`${folder}/${name}/.shellcheckrc`, '');
    fs.writeFileSync(`${folder}/${name}/greet.sh`, text);
    commit(`${folder}/${name}`, 'Greets');
    fs.writeFileSync(`${folder}/${name}/greet.sh`, text.replace('"$name"', '$name'));
  }
  // Its pipe breaks a while before its end is heard, as on a busy machine.
  fs.writeFileSync(`${folder}/server`, `#!/bin/sh\n'${baton}' "$@"\nexec <&-\nsleep 1\n`, { mode: 0o755 });
  const workspace = `${folder}/both.code-workspace`;
  fs.writeFileSync(workspace, JSON.stringify({ folders: Object.keys(scripts).map((name) => ({ path: name })) }));
  return { workspace, server: `${folder}/server`, told: {}, end: () => {} };
}

// A change that a linter finds fault with, and a gate that takes a while, so that the window closes while it runs.
function slowGate(folder) {
  const workspace = `${folder}/greeter`;
  const text = '#!/bin/sh\nname=$1\necho "$name"\n';
  const wait = '17.25';
  fs.mkdirSync(`${workspace}/.baton`, { recursive: true });
  fs.writeFileSync(`${workspace}/.baton/config.json`, JSON.stringify({ gates: [{ name: 'wait', kind: 'build', command: `test ! -e slow || sleep ${wait}` }] }));
  fs.writeFileSync(`${workspace}/.shellcheckrc`, '');
  fs.writeFileSync(`${workspace}/greet.sh`, text);
  commit(workspace, 'Greets');
  fs.writeFileSync(`${workspace}/greet.sh`, text.replace('"$name"', '$name'));
  fs.writeFileSync(`${workspace}/slow`, '');
  const runs = () => fs.readdirSync('/proc').some((pid) => /^\d+$/.test(pid) && commandLine(pid) === `sleep ${wait}`);
  const between = async () => {
    if (!runs()) throw new Error('the gate ended with the window');
    for (const end = Date.now() + patience; runs(); await new Promise((resolve) => setTimeout(resolve, 50))) {
      if (Date.now() > end) throw new Error('the gate does not end');
    }
  };
  return { workspace, told: {}, between, end: () => {} };
}

function commandLine(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
  } catch {
    return '';
  }
}

const env = {
  PATH: process.env.PATH,
  LANG: 'C.UTF-8',
  TZ: 'UTC',
  HOME: `${work}/home`,
  XDG_RUNTIME_DIR: `${work}/run`,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  BATON_TEST_BASE: `${root}/tests/workspaces/demo/base`,
};

// What the page can be asked for; each waits for a condition.
const questions = {
  see: async (page, { selector, text }) => {
    const found = page.locator(selector, text ? { hasText: text } : {}).first();
    await found.waitFor({ state: 'visible', timeout: patience });
    return found.innerText();
  },
  click: async (page, { selector, text }) => {
    await page.locator(selector, text ? { hasText: text } : {}).first().click({ timeout: patience });
  },
  type: async (page, { selector, text }) => {
    const field = page.locator(selector).first();
    await field.fill(text, { timeout: patience });
    await field.press('Enter');
  },
  picture: async (page, { name }) => {
    await page.mouse.move(640, 5);
    await page.screenshot({ path: `${work}/${name}.png` });
  },
};

function answerQuestions(page, folder) {
  let stopped = false;
  const answer = async (file) => {
    const { what, ...rest } = JSON.parse(fs.readFileSync(`${folder}/${file}`, 'utf8'));
    const result = await questions[what](page, rest).then((value) => ({ value }), (error) => ({ error: error.message }));
    if (stopped) return;
    const to = `${folder}/${file.replace('.json', '.answer.json')}`;
    fs.writeFileSync(`${to}.part`, JSON.stringify(result));
    fs.renameSync(`${to}.part`, to);
  };
  const taken = new Set();
  const timer = setInterval(() => {
    for (const file of fs.readdirSync(folder)) {
      if (!/^\d+\.json$/.test(file) || taken.has(file)) continue;
      taken.add(file);
      void answer(file);
    }
  }, 25);
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}

// A window for each story, one after another, in the same VS Code; `between` is what happens while none is open.
async function suite(name, { settings, prepare, stories = [name] }) {
  console.log(`VS Code, ${name}`);
  const folder = `${work}/${name}`;
  fs.mkdirSync(folder, { recursive: true });
  const { workspace, server, told, between, end } = await prepare(folder);
  const places = { XDG_CACHE_HOME: `${folder}/cache`, XDG_CONFIG_HOME: `${folder}/config`, XDG_DATA_HOME: `${folder}/data` };
  const window = {
    folder: `${folder}/vscode`,
    settings: { ...settings, ...(server && { 'baton.server.path': server }) },
    env: { ...env, ...places, ...told },
  };
  new VsCode(window).install(vsix);
  try {
    for (const [index, one] of stories.entries()) {
      if (index > 0) await between();
      if (!(await story(one, workspace, { ...window, env: { ...window.env, BATON_TEST_ASK: `${folder}/ask-${one}` } }))) return false;
    }
    return true;
  } finally {
    end();
  }
}

async function story(name, workspace, window) {
  fs.mkdirSync(window.env.BATON_TEST_ASK, { recursive: true });
  const code = new VsCode(window);
  await code.start();
  const stopAnswers = answerQuestions(code.page, window.env.BATON_TEST_ASK);
  try {
    const tests = `${editor}/test/host`;
    const exit = await code.runTests({ extension: tests, tests: `${tests}/${name}.cjs`, workspace, limit });
    if (exit === 0) return true;
    await code.page.screenshot({ path: `${work}/${name}-failure.png` });
    console.log(exit === undefined ? `FAILED: ${name} did not end within ${limit / 1000} s` : `FAILED: ${name}`);
    return false;
  } finally {
    stopAnswers();
    await code.stop();
  }
}

fs.mkdirSync(env.HOME, { recursive: true });
fs.mkdirSync(env.XDG_RUNTIME_DIR, { recursive: true, mode: 0o700 });
// Those with a server that a setting names have their conversation recorded; the last has the server that the extension carries.
const trusted = { 'security.workspace.trust.enabled': false, 'baton.server.path': baton };
const suites = {
  loop: { settings: trusted, prepare: ledger },
  roots: { settings: trusted, prepare: twoRoots },
  reopened: { settings: trusted, prepare: slowGate, stories: ['closed', 'reopened'] },
  trust: { settings: { 'security.workspace.trust.startupPrompt': 'never' }, prepare: ledger },
};
const wanted = process.env.BATON_TEST_SUITE;
let good = true;
for (const [name, one] of Object.entries(suites)) {
  if (!wanted || wanted === name) good = (await suite(name, one)) && good;
}
process.exitCode = good ? 0 : 1;
