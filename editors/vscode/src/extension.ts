// Wiring only.
import * as vscode from 'vscode';
import { Server } from './client';
import { registerCommands } from './commands';
import { Pages } from './pages';
import { Status } from './status';

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Baton', { log: true });
  const status = new Status();
  const pages = new Pages();
  const started = new Server(context.extensionUri, status, log);
  server = started;
  context.subscriptions.push(
    log,
    status,
    pages,
    ...registerCommands(started, pages, log),
    vscode.workspace.onDidGrantWorkspaceTrust(() => started.restart()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('baton.server.path')) void started.restart();
    }),
  );
  void started.restart();
}

export function deactivate(): Promise<void> | undefined {
  return server?.dispose();
}
