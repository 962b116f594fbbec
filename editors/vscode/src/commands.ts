// Every command of the manifest, registered from the start, so that each says what is missing while no server runs.
import * as vscode from 'vscode';
import type { Server } from './client';
import type { Pages } from './pages';
import { serverCommands, type Arguments, type DoctorAnswer, type ServerCommand } from './protocol';
import { taskViews } from './tasks';

export function registerCommands(server: Server, pages: Pages, log: vscode.LogOutputChannel): vscode.Disposable[] {
  const told = (work: (given: Arguments) => Promise<unknown>, where = place) => async (given?: unknown) => {
    try {
      return await work({ ...where(), ...asArguments(given) });
    } catch (error) {
      const sentence = (error as Error).message;
      log.error(sentence);
      void vscode.window.showErrorMessage(`Baton: ${sentence}`);
      return undefined;
    }
  };
  const views: Partial<Record<ServerCommand, (given: Arguments) => Promise<unknown>>> = {
    'baton.doctor': async (given) => {
      const answer = await doctor(server, given);
      await pages.show('Doctor', answer.text);
      return answer;
    },
    'baton.memoryUsage': async (given) => {
      const answer = await server.run('baton.memoryUsage', given);
      await pages.show('Memory', `${JSON.stringify(answer, undefined, 2)}\n`);
      return answer;
    },
    'baton.trustRepository': (given) => trust(server, given),
    'baton.acceptFailure': (given) => accept(server, given),
    ...taskViews(server),
  };
  return [
    ...serverCommands.map((command) =>
      vscode.commands.registerCommand(
        command,
        told(views[command] ?? ((given) => server.run(command, given)), command === 'baton.cancelVerify' ? everywhere : place),
      )),
    vscode.commands.registerCommand('baton.verifyQuickly', told((given) => server.run('baton.verify', { ...given, quick: true }))),
    vscode.commands.registerCommand('baton.restartServer', () => server.restart()),
    vscode.commands.registerCommand('baton.showLog', () => log.show()),
  ];
}

// A button in the view of source control hands over the repository that it stands at instead of arguments of ours.
function asArguments(given: unknown): Arguments {
  const root = (given as { rootUri?: unknown } | undefined)?.rootUri;
  return root instanceof vscode.Uri ? { uri: root.toString() } : ((given ?? {}) as Arguments);
}

// The repository of what is looked at.
function place(): Arguments {
  const uri = vscode.window.activeTextEditor?.document.uri;
  return uri?.scheme === 'file' ? { uri: uri.toString() } : {};
}

// What runs may be in another repository than what is looked at.
function everywhere(): Arguments {
  return {};
}

async function doctor(server: Server, given: Arguments): Promise<DoctorAnswer & { text: string }> {
  const answer = (await server.run('baton.doctor', given)) as DoctorAnswer;
  return { ...answer, text: answer.text ?? `${JSON.stringify(answer, undefined, 2)}\n` };
}

// A quick fix says which failure; from the palette it is chosen among those of the file that is looked at. The reason is always typed.
async function accept(server: Server, given: Arguments): Promise<unknown> {
  if (given['test'] === undefined && given['path'] === undefined) return chooseFailure();
  if (given['withdraw'] === true || given['reason'] !== undefined) return server.run('baton.acceptFailure', given);
  const reason = await vscode.window.showInputBox({ prompt: 'Why is this failure accepted as known? It is still shown, with the reason.' });
  return reason ? server.run('baton.acceptFailure', { ...given, reason }) : undefined;
}

async function chooseFailure(): Promise<unknown> {
  const document = vscode.window.activeTextEditor?.document;
  const ours = document ? vscode.languages.getDiagnostics(document.uri).filter((one) => one.source === 'baton') : [];
  if (document === undefined || ours.length === 0) throw new Error('This file has no failure to accept: open one that has, or verify first.');
  const chosen = await vscode.window.showQuickPick(ours.map((one) => ({ label: one.message.split('\n')[0] ?? '', range: one.range })));
  if (chosen === undefined) return undefined;
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', document.uri, chosen.range);
  const command = actions.find((one) => one.command?.command === 'baton.acceptFailure')?.command;
  if (command === undefined) throw new Error('This cannot be accepted: only failing tests and new findings can.');
  return vscode.commands.executeCommand(command.command, ...(command.arguments ?? []));
}

// With a digest the commands have been shown already, by the question of the verification. Without, they are shown here.
async function trust(server: Server, given: Arguments): Promise<unknown> {
  if (given['digest'] === undefined) {
    const { text } = await doctor(server, given);
    const approve = 'Approve';
    const chosen = await vscode.window.showWarningMessage(
      'May Baton run the commands of this repository, on copies of it?', { modal: true, detail: text }, approve);
    if (chosen !== approve) return undefined;
  }
  return server.run('baton.trustRepository', given);
}
