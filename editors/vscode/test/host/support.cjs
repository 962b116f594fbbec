// A runner and what the tests share.
'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const vscode = require('vscode');

const patience = 60_000;

// Steps in order; the first that fails ends the run, since the later ones build on it.
exports.story = (steps) => async () => {
  for (const [name, step] of Object.entries(steps)) {
    try {
      await step();
      console.log(`ok: ${name}`);
    } catch (error) {
      console.log(`FAILED: ${name}\n${error.stack}`);
      throw error;
    }
  }
};

// Waits for an event after which `holds` gives something, looking first.
exports.until = (what, event, holds, limit = patience) =>
  new Promise((resolve, reject) => {
    const first = holds();
    if (first) return resolve(first);
    const timer = setTimeout(() => end(reject, new Error(`waited in vain for ${what}`)), limit);
    const subscription = event(() => {
      const now = holds();
      if (now) end(resolve, now);
    });
    function end(how, value) {
      clearTimeout(timer);
      subscription.dispose();
      how(value);
    }
  });

// Asks the page for what only a person sees.
const folder = process.env.BATON_TEST_ASK;
let next = 1;
const ask = (what, rest) =>
  new Promise((resolve, reject) => {
    const file = path.join(folder, String(next++));
    const answer = `${file}.answer.json`;
    const watcher = fs.watch(folder, look);
    fs.writeFileSync(`${file}.part`, JSON.stringify({ what, ...rest }));
    fs.renameSync(`${file}.part`, `${file}.json`);
    look();
    function look() {
      if (!fs.existsSync(answer)) return;
      watcher.close();
      const { value, error } = JSON.parse(fs.readFileSync(answer, 'utf8'));
      if (error) reject(new Error(`the page, asked to ${what} ${JSON.stringify(rest)}: ${error}`));
      else resolve(value);
    }
  });
exports.see = (selector, text) => ask('see', { selector, text });
exports.click = (selector, text) => ask('click', { selector, text });
exports.type = (selector, text) => ask('type', { selector, text });
// Under test the workbench shows no toasts; what they would say stands in the list of notifications. That closes when its last one
// goes, whoever's it was, and is opened again until `found` is done.
const inList = async (found) => {
  const open = () => vscode.commands.executeCommand('notifications.showList');
  await open();
  const again = setInterval(open, 500);
  await found().finally(() => clearInterval(again));
};
exports.seeNotification = (text) => inList(() => exports.see('.notifications-center .notification-list-item', text));
exports.answerNotification = (title) => inList(() => exports.click('.notifications-center .monaco-button', title));
exports.picture = (name) => ask('picture', { name });
exports.seeProgress = (text) => ask('see', { selector: '.statusbar-item[id="status.progress"]', text });
exports.clickStatus = () => ask('click', { selector: '.statusbar-item[id^="baton"]' });
exports.seeStatus = (text) => ask('see', { selector: '.statusbar-item[id^="baton"]', text });

exports.uriOf = (relative) => vscode.Uri.joinPath(vscode.workspace.workspaceFolders[0].uri, relative);
exports.open = async (relative) => vscode.window.showTextDocument(await vscode.workspace.openTextDocument(exports.uriOf(relative)));

// Processes, by what they were started as: those of this window are children of the extension host, near or far.
const read = (file) => {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};
const parentOf = (pid) => Number(read(`/proc/${pid}/stat`).split(')').at(-1).split(' ')[2] ?? 0);
const isBelow = (pid) => {
  for (; pid > 1; pid = parentOf(pid)) if (pid === process.pid) return true;
  return false;
};
exports.session = () =>
  fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).find((pid) => {
    const [program, verb] = read(`/proc/${pid}/cmdline`).split('\0');
    return verb === 'lsp' && path.basename(program) === 'baton' && isBelow(pid);
  });
exports.engine = () => {
  const { pid } = JSON.parse(read(exports.uriOf('.git/baton/engine.json').fsPath) || '{}');
  return read(`/proc/${pid}/cmdline`).includes('baton-engine') ? pid : undefined;
};
exports.killed = async (pid) => {
  assert.ok(pid, 'it does not run');
  process.kill(pid, 'SIGKILL');
  for (const end = Date.now() + patience; read(`/proc/${pid}/cmdline`); await new Promise((resolve) => setTimeout(resolve, 20))) {
    assert.ok(Date.now() < end, `${pid} lives`);
  }
};

exports.ours = (uri) => vscode.languages.getDiagnostics(uri).filter((one) => one.source === 'baton');
exports.lineOf = (document, text) => {
  for (let line = 0; line < document.lineCount; ++line) if (document.lineAt(line).text.includes(text)) return line;
  return assert.fail(`no line with ${text}`);
};

exports.replaceAll = async (relative, text) => {
  const document = await vscode.workspace.openTextDocument(exports.uriOf(relative));
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
  assert.ok(await vscode.workspace.applyEdit(edit));
  return document;
};
