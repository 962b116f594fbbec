// What the status bar says, as a pure function of what is known. Fed by the server's progress alone, so that a verification
// shows the same whoever asked for it.

export type Phase =
  | { kind: 'untrusted' }
  | { kind: 'missing'; reason: string }
  | { kind: 'starting' }
  | { kind: 'idle' }
  | { kind: 'running'; message: string; percentage?: number }
  | { kind: 'done'; outcome: string };

export interface Look {
  text: string;
  detail: string;
  command: string;
  background?: 'error' | 'warning';
}

export type Progress =
  | { kind: 'begin'; title: string; message?: string; percentage?: number }
  | { kind: 'report'; message?: string; percentage?: number }
  | { kind: 'end'; message?: string };

export function advance(phase: Phase, progress: Progress): Phase {
  if (progress.kind === 'end') return { kind: 'done', outcome: progress.message ?? '' };
  const before = phase.kind === 'running' ? phase : undefined;
  const percentage = progress.percentage ?? before?.percentage;
  return { kind: 'running', message: progress.message ?? before?.message ?? '', ...(percentage !== undefined && { percentage }) };
}

export function look(phase: Phase): Look {
  switch (phase.kind) {
    case 'untrusted':
      return { text: '$(shield) Baton', detail: 'Baton starts when you trust this workspace.', command: 'workbench.trust.manage' };
    case 'missing':
      return { text: '$(warning) Baton', detail: phase.reason, command: 'baton.restartServer', background: 'warning' };
    case 'starting':
      return { text: '$(sync~spin) Baton', detail: 'The server starts.', command: 'baton.showLog' };
    case 'idle':
      return { text: '$(verified) Baton', detail: 'Nothing has been verified yet. Click to verify this change.', command: 'baton.verify' };
    case 'running': {
      const percentage = phase.percentage === undefined ? '' : ` ${phase.percentage}%`;
      return {
        text: `$(sync~spin) Baton${percentage}${phase.message === '' ? '' : `: ${shortened(phase.message)}`}`,
        detail: `${phase.message === '' ? 'A verification runs' : phase.message}. Click to cancel.`,
        command: 'baton.cancelVerify',
      };
    }
    case 'done':
      return outcomes[phase.outcome] ?? { text: '$(warning) Baton', detail: `${phase.outcome} Click to verify.`, command: 'baton.verify' };
  }
}

const outcomes: Record<string, Look> = {
  verified: { text: '$(verified-filled) Baton: verified', detail: 'Verified. Click for the evidence.', command: 'baton.openEvidence' },
  no_regression: { text: '$(pass-filled) Baton: no regression', detail: 'Nothing got worse. Click for the evidence.', command: 'baton.openEvidence' },
  rejected: {
    text: '$(error) Baton: rejected',
    detail: 'Something got worse: see Problems. Click for the evidence.',
    command: 'baton.openEvidence',
    background: 'error',
  },
  inconclusive: {
    text: '$(question) Baton: inconclusive',
    detail: 'There is not enough to judge by. Click for the evidence.',
    command: 'baton.openEvidence',
    background: 'warning',
  },
  cancelled: { text: '$(circle-slash) Baton', detail: 'The verification was cancelled. Click to verify.', command: 'baton.verify' },
};

const longest = 40;

function shortened(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}
