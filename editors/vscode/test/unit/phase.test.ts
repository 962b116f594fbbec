import assert from 'node:assert/strict';
import { test } from 'node:test';
import { look, Verifications, type Phase, type Progress } from '../../src/phase';

// What the status bar shows after all that was heard.
function after(heard: [number | string, Progress][]): Phase {
  const verifications = new Verifications();
  return heard.reduce((phase, [token, progress]) => verifications.hear(token, progress) ?? phase, { kind: 'idle' } as Phase);
}

function check(progress: Progress[], text: string, command: string, background?: string): void {
  const now = look(after(progress.map((one) => ['1', one])));
  assert.equal(now.text, text);
  assert.equal(now.command, command);
  assert.equal(now.background, background);
}

const begin: Progress = { kind: 'begin', title: 'Baton: verify', message: 'looking for the repository', percentage: 0 };

test('a running verification says what it does and can be cancelled', () => {
  check([], '$(verified) Baton', 'baton.verify');
  check([begin], '$(sync~spin) Baton 0%: looking for the repository', 'baton.cancelVerify');
  check([begin, { kind: 'report', message: 'head: ctest', percentage: 60 }], '$(sync~spin) Baton 60%: head: ctest', 'baton.cancelVerify');
  check([begin, { kind: 'report', percentage: 60 }], '$(sync~spin) Baton 60%: looking for the repository', 'baton.cancelVerify');
  check([begin, { kind: 'report', percentage: 20 }, { kind: 'report', message: 'x' }], '$(sync~spin) Baton 20%: x', 'baton.cancelVerify');
  check([begin, { kind: 'report', message: 'm'.repeat(60) }], `$(sync~spin) Baton 0%: ${'m'.repeat(39)}…`, 'baton.cancelVerify');
});

test('its end is a verdict, or one sentence', () => {
  check([begin, { kind: 'end', message: 'rejected' }], '$(error) Baton: rejected', 'baton.openEvidence', 'error');
  check([begin, { kind: 'end', message: 'no_regression' }], '$(pass-filled) Baton: no regression', 'baton.openEvidence');
  check([begin, { kind: 'end', message: 'verified' }], '$(verified-filled) Baton: verified', 'baton.openEvidence');
  check([begin, { kind: 'end', message: 'inconclusive' }], '$(question) Baton: inconclusive', 'baton.openEvidence', 'warning');
  check([begin, { kind: 'end', message: 'cancelled' }], '$(circle-slash) Baton', 'baton.verify');
  check([begin, { kind: 'end', message: 'The disk is full.' }], '$(warning) Baton', 'baton.verify');
  assert.match(look({ kind: 'done', outcome: 'The disk is full.' }).detail, /^The disk is full\./);
  check([begin, { kind: 'end' }], '$(warning) Baton', 'baton.verify');
  assert.match(look(after([['1', begin], ['1', { kind: 'end' }]])).detail, /^The verification ended without a verdict\./);
});

test('progress of anything but a verification is left to the editor, and the verdict stays', () => {
  const verifications = new Verifications();
  verifications.hear('1', begin);
  const verdict = verifications.hear('1', { kind: 'end', message: 'rejected' });
  assert.deepEqual(verdict, { kind: 'done', outcome: 'rejected' });
  const task: Progress[] = [
    { kind: 'begin', title: 'Baton: tasks', message: 'looking for the repository', percentage: 0 },
    { kind: 'report', message: 'writer works', percentage: 50 },
    { kind: 'end' },
  ];
  for (const progress of task) assert.equal(verifications.hear(2, progress), undefined, progress.kind);
  // Also while a verification runs, and where the token is of one that is over.
  verifications.hear('3', begin);
  for (const progress of task) assert.equal(verifications.hear('4', progress), undefined, progress.kind);
  assert.equal(verifications.hear('1', { kind: 'end', message: 'verified' }), undefined);
});

test('of several the oldest is shown until it ends, then the next, and at last the verdict', () => {
  const says = (heard: [number | string, Progress][]) => {
    const { text, detail, command } = look(after(heard));
    return [text, detail, command];
  };
  const heard: [number | string, Progress][] = [[1, begin], ['1', begin], ['1', { kind: 'report', message: 'base: ctest' }]];
  assert.deepEqual(says(heard),
    ['$(sync~spin) Baton 0%: looking for the repository', 'looking for the repository, and 1 more. Click to cancel all.', 'baton.cancelVerify']);
  heard.push([1, { kind: 'end', message: 'rejected' }]);
  assert.deepEqual(says(heard), ['$(sync~spin) Baton 0%: base: ctest', 'base: ctest. Click to cancel.', 'baton.cancelVerify']);
  heard.push(['1', { kind: 'end', message: 'verified' }]);
  assert.equal(says(heard)[0], '$(verified-filled) Baton: verified');
});

test('what a server ran is forgotten when it ends', () => {
  const verifications = new Verifications();
  verifications.hear('1', begin);
  verifications.clear();
  assert.equal(verifications.hear('1', { kind: 'report', message: 'late' }), undefined);
  const other = verifications.hear('2', begin);
  assert.equal(other?.kind === 'running' && other.beside, 0);
});

test('what keeps the server from running is said', () => {
  assert.equal(look({ kind: 'untrusted' }).command, 'workbench.trust.manage');
  assert.equal(look({ kind: 'missing', reason: 'Install it.' }).detail, 'Install it.');
});
