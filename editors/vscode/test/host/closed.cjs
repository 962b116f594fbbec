// A window that is closed while its verification runs; reopened.cjs is the next one.
'use strict';
const vscode = require('vscode');
const { answerNotification, open, seeStatus, story } = require('./support.cjs');

exports.run = story({
  'a window closes while its verification runs': async () => {
    const editor = await open('greet.sh');
    await seeStatus('Baton');
    void vscode.commands.executeCommand('baton.verify', { uri: editor.document.uri.toString() });
    await answerNotification('Run them');
    await seeStatus('head: wait');
  },
});
