import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advance, look, type Phase, type Progress } from '../../src/phase';

function check(progress: Progress[], text: string, command: string, background?: string): void {
  const phase = progress.reduce(advance, { kind: 'idle' } as Phase);
  const now = look(phase);
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
  check([{ kind: 'report', percentage: 20 }, { kind: 'report', message: 'x' }], '$(sync~spin) Baton 20%: x', 'baton.cancelVerify');
  check([{ kind: 'report', message: 'm'.repeat(60) }], `$(sync~spin) Baton: ${'m'.repeat(39)}…`, 'baton.cancelVerify');
});

test('its end is a verdict, or one sentence', () => {
  check([begin, { kind: 'end', message: 'rejected' }], '$(error) Baton: rejected', 'baton.openEvidence', 'error');
  check([begin, { kind: 'end', message: 'no_regression' }], '$(pass-filled) Baton: no regression', 'baton.openEvidence');
  check([begin, { kind: 'end', message: 'verified' }], '$(verified-filled) Baton: verified', 'baton.openEvidence');
  check([begin, { kind: 'end', message: 'inconclusive' }], '$(question) Baton: inconclusive', 'baton.openEvidence', 'warning');
  check([begin, { kind: 'end', message: 'cancelled' }], '$(circle-slash) Baton', 'baton.verify');
  check([begin, { kind: 'end', message: 'The disk is full.' }], '$(warning) Baton', 'baton.verify');
  assert.match(look({ kind: 'done', outcome: 'The disk is full.' }).detail, /^The disk is full\./);
});

test('what keeps the server from running is said', () => {
  assert.equal(look({ kind: 'untrusted' }).command, 'workbench.trust.manage');
  assert.equal(look({ kind: 'missing', reason: 'Install it.' }).detail, 'Install it.');
});
