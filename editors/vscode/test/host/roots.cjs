// Two repositories in one window: each has its own verdict at its own line, and the status bar speaks of both.
'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const vscode = require('vscode');
const { answerNotification, clickStatus, killed, ours, see, seeStatus, session, story, until } = require('./support.cjs');

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

  'a server whose pipe breaks before its end is heard is started again, whatever is typed meanwhile': async () => {
    await killed(session());
    const document = await vscode.workspace.openTextDocument(script(1));
    for (const end = Date.now() + 60_000; !session() && Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 50))) {
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, document.positionAt(document.getText().length), '#\n');
      assert.ok(await vscode.workspace.applyEdit(edit));
    }
    assert.ok(session(), 'it was not started again');
    let answer;
    for (let tries = 0; !answer && tries < 200; ++tries) {
      answer = await verify(1);
      if (!answer) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal(answer?.verdict, 'rejected');
    await until('its problem', changed, () => lines(1).length === 1 && lines(1)[0] === 4);
  },
});
