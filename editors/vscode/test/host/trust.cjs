// A workspace that is not trusted: the server does not start before it is, and every command says so.
'use strict';
const assert = require('node:assert/strict');
const vscode = require('vscode');
const { click, open, seeNotification, seeStatus, story, until } = require('./support.cjs');

const run = (command, ...given) => vscode.commands.executeCommand(command, ...given);

exports.run = story({
  'nothing runs before the workspace is trusted': async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    await open('src/money.cpp');
    await seeStatus('Baton');
    assert.equal(await run('baton.doctor'), undefined);
    await seeNotification('runs nothing before you trust this workspace');
    await run('notifications.clearAll');
  },

  'trust starts the server': async () => {
    await run('workbench.trust.manage');
    await click('.workspace-trust-editor .monaco-button', 'Trust');
    await until('trust', vscode.workspace.onDidGrantWorkspaceTrust, () => vscode.workspace.isTrusted);
    await open('src/money.cpp');
    const answer = await run('baton.doctor');
    assert.ok(answer.gates.length > 0);
  },

  'a server that is missing is said in one sentence, and found again': async () => {
    const settings = vscode.workspace.getConfiguration('baton');
    const before = settings.get('server.path');
    await settings.update('server.path', '/nowhere/baton', vscode.ConfigurationTarget.Global);
    assert.equal(await run('baton.doctor'), undefined);
    await seeNotification('There is no program /nowhere/baton: correct the setting baton.server.path');
    await settings.update('server.path', before, vscode.ConfigurationTarget.Global);
    assert.ok((await run('baton.doctor')).gates.length > 0);
  },
});
