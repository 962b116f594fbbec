// The whole loop: verify with unsaved edits above the assertion, see what got worse on its line, open the evidence, mend in the
// buffers, verify again.
'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const vscode = require('vscode');
const { answerNotification, engine, killed, lineOf, open, ours, picture, replaceAll, see, seeProgress, seeStatus, session, story, type, until, uriOf } =
  require('./support.cjs');

const test = 'tests/money_test.cpp';
const assertion = 'EXPECT_EQ(percent_of(refund, 5), Money{-3})';
const base = (file) => fs.readFileSync(`${process.env.BATON_TEST_BASE}/${file}`, 'utf8');
const run = (command, given) => vscode.commands.executeCommand(command, given);
const changed = vscode.languages.onDidChangeDiagnostics;
const startTask = () =>
  run('baton.startTask', { uri: uriOf('').toString(), agent: 'writer', land: 'branch', text: 'Say in README.md how exact it is\n\n- gate: ctest\n' });
const lenses = () => vscode.commands.executeCommand('vscode.executeCodeLensProvider', editor.document.uri, 100);
const atAssertion = (document) =>
  ours(document.uri).find((one) => one.range.start.line === lineOf(document, assertion));

let editor, shown;

exports.run = story({
  'the server starts and the status bar says that it is there': async () => {
    await seeStatus('Baton');
    const commands = await vscode.commands.getCommands(true);
    for (const { command } of vscode.extensions.getExtension('baton.baton').packageJSON.contributes.commands) {
      assert.ok(commands.includes(command), command);
    }
  },

  'doctor says in words what would run, and runs nothing': async () => {
    const answer = await run('baton.doctor', { uri: uriOf('').toString() });
    assert.equal(answer.trust, 'never_asked');
    const page = vscode.window.activeTextEditor.document;
    assert.match(page.getText(), /ctest/);
    assert.match(page.getText(), /not trusted yet/);
    await run('workbench.action.closeActiveEditor');
  },

  'it asks before it runs anything, and judges what is on the screen': async () => {
    editor = await open(test);
    const line = lineOf(editor.document, 'TEST(Money, RoundsNegative');
    await editor.edit((edit) => edit.insert(new vscode.Position(line, 0), '// What a refund of half a\n// cent is rounded to.\n'));
    const verdict = run('baton.verify');
    await answerNotification('Run them');
    await seeStatus('head');
    const answer = await verdict;
    assert.equal(answer.verdict, 'rejected');
    assert.equal(answer.tests.regression, 1);
    assert.ok(editor.document.isDirty);
  },

  'what got worse stands at its assertion in the unsaved buffer': async () => {
    shown = await until('a diagnostic at the assertion', changed, () => atAssertion(editor.document));
    assert.equal(shown.severity, vscode.DiagnosticSeverity.Error);
    assert.match(shown.message, /percent_of\(refund, 5\)/);
  },

  'a person sees the squiggle, the problem and the verdict': async () => {
    editor.revealRange(new vscode.Range(0, 0, 0, 0), vscode.TextEditorRevealType.AtTop);
    await run('workbench.actions.view.problems');
    await see('.squiggly-error');
    await see('.markers-panel .monaco-list-row', 'percent_of');
    await seeStatus('Baton: rejected');
    await run('notifications.clearAll');
    await picture('loop');
    await run('workbench.action.closePanel');
  },

  'it moves along while lines are typed above it': async () => {
    const before = lineOf(editor.document, assertion);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '\n\n\n'));
    assert.equal(lineOf(editor.document, assertion), before + 3);
    await until('the diagnostic at its new line', changed, () => atAssertion(editor.document));
  },

  'its code action opens the evidence': async () => {
    const { range } = atAssertion(editor.document);
    const actions = await vscode.commands.executeCommand('vscode.executeCodeActionProvider', editor.document.uri, range);
    const action = actions.find((one) => one.title.startsWith('Open the evidence'));
    assert.ok(action, `offered: ${actions.map((one) => one.title).join(', ')}`);
    await vscode.commands.executeCommand(action.command.command, ...action.command.arguments);
    const opened = await until('the evidence', vscode.window.onDidChangeActiveTextEditor, () => {
      const active = vscode.window.activeTextEditor;
      return active && active.document.uri.path.includes('/baton/') && active;
    });
    // What the failure says begins above what was compared.
    const failure = lineOf(opened.document, 'percent_of(refund, 5)') - 1;
    assert.match(opened.document.lineAt(failure - 1).text, /tests\/money_test\.cpp:\d+: Failure$/);
    await until(`line ${failure} of the log, where the failure is, to be selected`, vscode.window.onDidChangeTextEditorSelection,
      () => opened.selection.active.line === failure);
    await run('workbench.action.closeActiveEditor');
  },

  'above its test a lens says so, and opens the evidence': async () => {
    // Asked for until the engine has told the outline.
    let lens;
    for (let tries = 0; !lens && tries < 20; ++tries) lens = (await lenses()).find((one) => one.command.title === 'Baton: regression');
    assert.ok(lens, 'no lens above the test');
    assert.equal(lens.command.command, 'baton.openEvidence');
    assert.ok(lens.range.start.line <= lineOf(editor.document, assertion));
  },

  'a quick fix accepts it as known, with the reason that is typed, and takes that back': async () => {
    const fix = async (title) => {
      const { range } = atAssertion(editor.document);
      const actions = await vscode.commands.executeCommand('vscode.executeCodeActionProvider', editor.document.uri, range);
      const action = actions.find((one) => one.title.startsWith(title));
      assert.ok(action, `offered: ${actions.map((one) => one.title).join(', ')}`);
      return vscode.commands.executeCommand(action.command.command, ...action.command.arguments);
    };
    const accepted = fix('Accept as known');
    await type('.quick-input-widget input', 'to be mended later');
    assert.equal((await accepted).verdict, 'rejected');
    const mild = await until('the reason', changed, () => ours(editor.document.uri).find((one) => one.message.includes('to be mended later')));
    assert.equal(mild.severity, vscode.DiagnosticSeverity.Information);
    assert.equal(mild.range.start.line, lineOf(editor.document, assertion));
    assert.equal((await fix('No longer accept')).withdrawn, true);
    await until('the error again', changed, () => atAssertion(editor.document)?.severity === vscode.DiagnosticSeverity.Error);
  },

  'a task has the progress of the editor, is cancelled there, and leaves the verdict where it is': async () => {
    const { task } = await startTask();
    const work = run('baton.approvePlan', { uri: uriOf('').toString(), task });
    await seeProgress('Baton: run the plan: ');
    await seeStatus('Baton: rejected');
    await answerNotification('Cancel');
    assert.equal((await work).state, 'cancelled');
    await seeStatus('Baton: rejected');
  },

  'a save is followed by a quick verdict where that is wanted': async () => {
    const settings = vscode.workspace.getConfiguration('baton');
    await settings.update('verifyOnSave', true, vscode.ConfigurationTarget.Global);
    assert.ok(await editor.document.save());
    await until('a provisional problem', changed, () => ours(editor.document.uri).some((one) => one.message.startsWith('Provisional: ')));
    await settings.update('verifyOnSave', false, vscode.ConfigurationTarget.Global);
    const answer = await run('baton.verifyQuickly', { uri: uriOf(test).toString() });
    assert.equal(answer.verdict, 'rejected');
    assert.ok(answer.provisional);
  },

  'a verification that runs is cancelled from the command': async () => {
    const verdict = run('baton.verify', { uri: uriOf(test).toString(), fresh: true });
    await seeStatus('head');
    assert.deepEqual(await run('baton.cancelVerify'), { cancelled: 1 });
    assert.equal(await verdict, undefined);
  },

  'mended in the buffers alone, nothing is left to show': async () => {
    const source = await replaceAll('src/money.cpp', base('src/money.cpp'));
    await replaceAll('tests/currency_test.cpp', base('tests/currency_test.cpp'));
    assert.ok(source.isDirty);
    const answer = await run('baton.verify', { uri: uriOf(test).toString() });
    assert.equal(answer.verdict, 'no_regression', answer.sentence);
    await until('the diagnostics to go', changed, () => vscode.languages.getDiagnostics().every(([uri]) => ours(uri).length === 0));
    await seeStatus('Baton: no regression');
    assert.notEqual(fs.readFileSync(source.uri.fsPath, 'utf8'), source.getText());
  },

  'a killed session and a killed engine lose no letter that is typed, and the next verification works': async () => {
    const source = await vscode.workspace.openTextDocument(uriOf('src/money.cpp'));
    const end = () => source.positionAt(source.getText().length);
    for (const process of [session, engine]) {
      const command = process === session ? 'baton.verifyQuickly' : 'baton.verify';
      const gone = killed(process());
      const edit = new vscode.WorkspaceEdit();
      edit.insert(source.uri, end(), `// typed while the ${process.name} dies\n`);
      assert.ok(await vscode.workspace.applyEdit(edit));
      await gone;
      const text = source.getText();
      // One who asks before the editor has seen that it is gone is told so, and gets no answer.
      let answer;
      for (let tries = 0; !answer && tries < 200; ++tries) {
        answer = await run(command, { uri: uriOf(test).toString() });
        if (!answer) await new Promise((resolve) => setTimeout(resolve, 50));
      }
      assert.equal(answer?.verdict, 'no_regression', answer?.sentence);
      assert.equal(source.getText(), text);
      assert.ok(source.isDirty && text.endsWith(`// typed while the ${process.name} dies\n`));
    }
    assert.ok(!fs.readFileSync(source.uri.fsPath, 'utf8').includes('typed while'));
  },

  'a task becomes a pull request with one command': async () => {
    const task = await startTask();
    const landing = run('baton.approvePlan', { uri: uriOf('').toString(), task: task.task });
    await seeProgress('Baton: run the plan: head: ');
    await seeStatus('Baton: no regression');
    const landed = await landing;
    assert.equal(landed.state, 'landed', landed.message);
    const made = await run('baton.createPullRequest', { uri: uriOf('').toString(), task: task.task, draft: true });
    assert.match(made.pull_request.url, /^http:\/\/forge\.example\//);
    const { pulls, comments } = await (await fetch(`${process.env.BATON_TEST_FORGE}/test/state`)).json();
    assert.equal(pulls.length, 1);
    assert.equal(comments.length, 1);
    assert.ok(pulls[0].draft);
    assert.match(pulls[0].body, /`README.md`, \+1/);
    assert.doesNotMatch(pulls[0].body, /money\.cpp/);
  },
});
