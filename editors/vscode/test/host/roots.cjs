// Two repositories in one window: each has its own verdict at its own line, and the status bar speaks of both.
'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const vscode = require('vscode');
const { answerNotification, clickStatus, ours, see, seeStatus, story, until } = require('./support.cjs');

const run = (command, given) => vscode.commands.executeCommand(command, given);
const changed = vscode.languages.onDidChangeDiagnostics;
// Of the repository at `index`: the script that its change made worse.
const script = (index) => vscode.Uri.joinPath(vscode.workspace.workspaceFolders[index].uri, 'greet.sh');
const verify = (index) => run('baton.verify', { uri: script(index).toString() });
const lines = (index) => ours(script(index)).map((one) => one.range.start.line);

exports.run = story({
  'each of two repositories has its verdict at its own line': async () => {
    assert.equal(vscode.workspace.workspaceFolders.length, 2);
    await seeStatus('Baton');
    for (const index of [0, 1]) {
      const verdict = verify(index);
      await answerNotification('Run them');
      assert.equal((await verdict).verdict, 'rejected');
      await run('notifications.clearAll');
    }
    await until('both problems', changed, () => lines(0).length === 1 && lines(1).length === 1);
    assert.deepEqual([lines(0), lines(1)], [[2], [4]]);
    await seeStatus('Baton: rejected');
  },

  'mended in one, the other keeps its problem': async () => {
    const document = await vscode.workspace.openTextDocument(script(0));
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, document.lineAt(2).range, 'echo "$name"');
    assert.ok(await vscode.workspace.applyEdit(edit));
    const [first, second] = await Promise.all([verify(0), verify(1)]);
    assert.deepEqual([first.verdict, second.verdict], ['no_regression', 'rejected']);
    await until('one problem', changed, () => lines(0).length === 0);
    assert.deepEqual(lines(1), [4]);
  },

  'a click on the status bar cancels what runs, also where a file of the other repository is looked at': async () => {
    fs.writeFileSync(vscode.Uri.joinPath(vscode.workspace.workspaceFolders[0].uri, 'slow').fsPath, '');
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(script(1)));
    const verdict = verify(0);
    await seeStatus('head: wait');
    await clickStatus();
    await see('.statusbar-item[id^="baton"] .codicon-circle-slash');
    assert.equal(await verdict, undefined);
    assert.deepEqual(lines(1), [4]);
  },
});
