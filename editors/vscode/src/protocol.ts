// What goes over the wire beside the standard: the server's commands, their arguments and answers (docs/protocol.md).

export const serverCommands = [
  'baton.verify',
  'baton.cancelVerify',
  'baton.doctor',
  'baton.trustRepository',
  'baton.openEvidence',
  'baton.acceptFailure',
  'baton.showKnown',
  'baton.memoryUsage',
  'baton.startTask',
  'baton.listTasks',
  'baton.showPlan',
  'baton.approvePlan',
  'baton.cancelTask',
  'baton.resumeTask',
  'baton.retryTask',
  'baton.acceptTask',
  'baton.answer',
  'baton.openWorktree',
  'baton.applyToWorkspace',
  'baton.createPullRequest',
] as const;

export type ServerCommand = (typeof serverCommands)[number];

// One JSON object; `uri` names a document or folder of the repository that is meant.
export type Arguments = { uri?: string; [name: string]: unknown };

export interface DoctorAnswer {
  text?: string;
  [name: string]: unknown;
}

export const requestCancelled = -32800;
