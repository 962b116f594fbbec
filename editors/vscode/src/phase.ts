// What the status bar says, as a pure function of what is known. Fed by the server's progress of verifications alone, so that
// one shows the same whoever asked for it. Several run at once where a window holds several repositories: the oldest is shown,
// and the verdict is that of the one that ended last.

export type Phase =
  | { kind: 'untrusted' }
  | { kind: 'missing'; reason: string }
  | { kind: 'starting' }
  | { kind: 'idle' }
  | { kind: 'running'; message: string; percentage?: number; beside: number } // beside: how many others run
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

interface Running {
  message: string;
  percentage?: number;
}

const verification = 'Baton: verify'; // the title of its progress

export class Verifications {
  private readonly running = new Map<number | string, Running>(); // by the token of its progress, the oldest first

  // What is to be shown from now on; undefined where the progress is of something else.
  hear(token: number | string, progress: Progress): Phase | undefined {
    const before = this.running.get(token);
    if (progress.kind === 'begin' ? progress.title !== verification : before === undefined) return undefined;
    if (progress.kind === 'end') {
      this.running.delete(token);
      return this.oldest() ?? { kind: 'done', outcome: progress.message ?? 'The verification ended without a verdict.' };
    }
    const percentage = progress.percentage ?? before?.percentage;
    this.running.set(token, { message: progress.message ?? before?.message ?? '', ...(percentage !== undefined && { percentage }) });
    return this.oldest();
  }

  // The server has ended, and what it ran with it.
  clear(): void {
    this.running.clear();
  }

  private oldest(): Phase | undefined {
    const [first] = this.running.values();
    return first && { kind: 'running', ...first, beside: this.running.size - 1 };
  }
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
        detail: `${phase.message === '' ? 'A verification runs' : phase.message}${beside(phase.beside)}`,
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

function beside(others: number): string {
  return others === 0 ? '. Click to cancel.' : `, and ${others} more. Click to cancel all.`;
}

const longest = 40;

function shortened(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}
