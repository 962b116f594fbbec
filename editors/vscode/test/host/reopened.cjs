// What a verification said that ended while no window was open.
'use strict';
const assert = require('node:assert/strict');
const vscode = require('vscode');
const { open, ours, see, seeStatus, story, until } = require('./support.cjs');

exports.run = story({
  'the verdict of a verification that outlived its window is there when it opens again': async () => {
    const editor = await open('greet.sh');
    const [problem] = await until('its problem, which nobody asked for', vscode.languages.onDidChangeDiagnostics,
      () => ours(editor.document.uri).length > 0 && ours(editor.document.uri));
    assert.equal(problem.range.start.line, 2);
    await seeStatus('Baton: rejected');
    await vscode.commands.executeCommand('workbench.actions.view.problems');
    await see('.markers-panel .monaco-list-row', 'Double quote');
  },
});
