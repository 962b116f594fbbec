// Every command of the manifest, registered from the start, so that each says what is missing while no server runs.
import * as vscode from 'vscode';
import type { Server } from './client';
import type { Pages } from './pages';
import { serverCommands, type Arguments, type DoctorAnswer, type ServerCommand } from './protocol';
import { taskViews } from './tasks';

export function registerCommands(server: Server, pages: Pages, log: vscode.LogOutputChannel): vscode.Disposable[] {
  const told = (work: (given: Arguments) => Promise<unknown>) => async (given?: Arguments) => {
    try {
      return await work({ ...place(), ...given });
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
    ...taskViews(server),
  };
  return [
    ...serverCommands.map((command) =>
      vscode.commands.registerCommand(command, told(views[command] ?? ((given) => server.run(command, given))))),
    vscode.commands.registerCommand('baton.verifyQuickly', told((given) => server.run('baton.verify', { ...given, quick: true }))),
    vscode.commands.registerCommand('baton.restartServer', () => server.restart()),
    vscode.commands.registerCommand('baton.showLog', () => log.show()),
  ];
}

// The repository of what is looked at.
function place(): Arguments {
  const uri = vscode.window.activeTextEditor?.document.uri;
  return uri?.scheme === 'file' ? { uri: uri.toString() } : {};
}

async function doctor(server: Server, given: Arguments): Promise<DoctorAnswer & { text: string }> {
  const answer = (await server.run('baton.doctor', given)) as DoctorAnswer;
  return { ...answer, text: answer.text ?? `${JSON.stringify(answer, undefined, 2)}\n` };
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
