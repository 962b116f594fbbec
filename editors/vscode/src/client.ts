// The server's life: started once the workspace is trusted, stopped with the window, started again on demand or when its
// setting changes.
import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import {
  ErrorAction,
  ExecuteCommandRequest,
  LanguageClient,
  State,
  TransportKind,
  WorkDoneProgress,
  type LanguageClientOptions,
} from 'vscode-languageclient/node';
import { Verifications } from './phase';
import { requestCancelled, type Arguments, type ServerCommand } from './protocol';
import { findServer } from './serverPath';
import type { Status } from './status';

export class Server implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private work: Promise<void> = Promise.resolve();
  private nextToken = 1;
  private readonly verifications = new Verifications();

  constructor(
    private readonly extension: vscode.Uri,
    private readonly status: Status,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  // One start or stop at a time, in the order they were asked for.
  restart(): Promise<void> {
    this.work = this.work.then(() => this.stop()).then(() => this.start());
    return this.work;
  }

  // Undefined where it was cancelled. Throws one sentence that says what is wrong and what to do.
  async run(command: ServerCommand, wanted: Arguments): Promise<unknown> {
    await this.work;
    const client = this.client;
    // The library starts one that was killed by itself; who asks meanwhile waits for it.
    if (client?.state === State.Starting) await client.start().catch(() => {});
    if (!client?.isRunning()) throw new Error(this.reason());
    try {
      if (command === 'baton.verify') return await this.verify(client, wanted);
      return await client.sendRequest(ExecuteCommandRequest.type, { command, arguments: [wanted] });
    } catch (error) {
      if ((error as { code?: number }).code === requestCancelled) return undefined;
      throw error;
    }
  }

  dispose(): Promise<void> {
    this.work = this.work.then(() => this.stop());
    return this.work;
  }

  // With a token of its own: one of the server's begins after a round trip, which a verdict that is known already does not wait for.
  private async verify(client: LanguageClient, wanted: Arguments): Promise<unknown> {
    const token = `baton-vscode-${this.nextToken++}`;
    // The status bar hears of it in the middleware; a token that nobody listens to would be dropped before.
    const listening = client.onProgress(WorkDoneProgress.type, token, () => {});
    try {
      return await client.sendRequest(ExecuteCommandRequest.type, { command: 'baton.verify', arguments: [wanted], workDoneToken: token });
    } finally {
      listening.dispose();
    }
  }

  private reason(): string {
    switch (this.status.phase.kind) {
      case 'untrusted':
        return 'Baton runs nothing before you trust this workspace (command "Workspaces: Manage Workspace Trust").';
      case 'missing':
        return this.status.phase.reason;
      default:
        return 'The server does not run: "Baton: Restart the Server" starts it again, "Baton: Show the Log" says why it ended.';
    }
  }

  private async start(): Promise<void> {
    if (!vscode.workspace.isTrusted) return this.status.show({ kind: 'untrusted' });
    const found = findServer({
      setting: vscode.workspace.getConfiguration('baton').get('server.path', ''),
      extension: this.extension.fsPath,
      search: process.env['PATH'] ?? '',
      home: homedir(),
      isProgram,
    });
    if ('missing' in found) {
      this.log.warn(found.missing);
      this.status.show({ kind: 'missing', reason: found.missing });
      return;
    }
    this.status.show({ kind: 'starting' });
    this.log.info(`starting ${found.path} (${found.from})`);
    const client = new LanguageClient(
      'baton',
      'Baton',
      { command: found.path, args: ['lsp'], transport: TransportKind.stdio },
      this.options(),
    );
    // The commands are registered by the extension, so that they say what is missing while no server runs.
    client.getFeature(ExecuteCommandRequest.method).initialize = () => {};
    // A write that fails tells no more than the end of the server, which is heard by itself; by the library's own rule the first
    // one stops the client, and the next server is never started.
    const rule = client.createDefaultErrorHandler();
    client.clientOptions.errorHandler = {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => rule.closed(),
    };
    client.onDidChangeState(({ newState }) => {
      if (this.client !== client) return;
      if (newState === State.Stopped) {
        this.verifications.clear();
        this.status.show({ kind: 'done', outcome: 'The server has ended.' });
      }
      // The library has started one that was killed.
      if (newState === State.Running) this.status.show({ kind: 'idle' });
    });
    try {
      await client.start();
    } catch (error) {
      const reason = `The server ${found.path} did not start: ${(error as Error).message}. "Baton: Show the Log" says more.`;
      this.log.error(reason);
      this.status.show({ kind: 'missing', reason });
      return;
    }
    this.client = client;
    this.status.serverIs(client.initializeResult?.serverInfo?.version ?? '');
    this.status.show({ kind: 'idle' });
  }

  private async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    // A server that does not answer is ended by the library; that it did is no reason to keep the next one from starting.
    await client?.dispose().catch((error: Error) => this.log.warn(error.message));
    this.verifications.clear();
  }

  private options(): LanguageClientOptions {
    return {
      documentSelector: [{ scheme: 'file' }],
      outputChannel: this.log,
      synchronize: { configurationSection: 'baton' },
      middleware: {
        // The status bar shows verifications; all else is left to the editor's own progress.
        handleWorkDoneProgress: (token, params, next) => {
          const phase = this.verifications.hear(token, params);
          if (phase) this.status.show(phase);
          // Nothing else knows how far it is, and the library shows no message without a number once a number was there.
          if (params.kind === 'begin') delete params.percentage;
          // An end always: the library forgets the token.
          if (!phase || params.kind === 'end') next(token, params);
        },
      },
    };
  }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
