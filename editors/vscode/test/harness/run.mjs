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

// The C++ half of the demo: a change that breaks rounding and renames tests away. The Python half fetches packages.
function demo(folder) {
  const git = (...args) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=Ada', '-c', 'user.email=ada@localhost', ...args], { env, stdio: 'ignore' });
  fs.cpSync(`${root}/tests/workspaces/demo/base`, folder, { recursive: true });
  fs.rmSync(`${folder}/report`, { recursive: true });
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-q', '-m', 'Ledger 1.4');
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

async function suite(name, settings) {
  console.log(`VS Code, ${name}`);
  const folder = `${work}/${name}`;
  const ask = `${folder}/ask`;
  const workspace = `${folder}/ledger`;
  fs.mkdirSync(ask, { recursive: true });
  demo(workspace);
  const remote = await forge(folder, workspace);
  const places = { XDG_CACHE_HOME: `${folder}/cache`, XDG_CONFIG_HOME: `${folder}/config`, XDG_DATA_HOME: `${folder}/data` };
  const code = new VsCode({ folder: `${folder}/vscode`, settings, env: { ...env, ...places, BATON_TEST_ASK: ask, BATON_TEST_FORGE: remote.url } });
  code.install(vsix);
  await code.start();
  const stopAnswers = answerQuestions(code.page, ask);
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
    remote.end();
  }
}

fs.mkdirSync(env.HOME, { recursive: true });
fs.mkdirSync(env.XDG_RUNTIME_DIR, { recursive: true, mode: 0o700 });
// One with a server that a setting names, whose conversation is recorded, one with the server that the extension carries.
const trusted = { 'security.workspace.trust.enabled': false, 'baton.server.path': baton };
const wanted = process.env.BATON_TEST_SUITE;
let good = true;
if (!wanted || wanted === 'loop') good = await suite('loop', trusted);
const untrusted = { 'security.workspace.trust.startupPrompt': 'never' };
if (!wanted || wanted === 'trust') good = (await suite('trust', untrusted)) && good;
process.exitCode = good ? 0 : 1;
