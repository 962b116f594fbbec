// What the commands of tasks ask for when they come from the palette, without arguments: the text, the task, the reason.
import * as vscode from 'vscode';
import type { Server } from './client';
import type { Arguments, ServerCommand } from './protocol';

interface TaskLine {
  task: string;
  title: string;
  state: string;
}

type View = (given: Arguments) => Promise<unknown>;

async function pick(server: Server, given: Arguments): Promise<string | undefined> {
  if (typeof given['task'] === 'string') return given['task'];
  const { tasks } = (await server.run('baton.listTasks', given.uri === undefined ? {} : { uri: given.uri })) as { tasks: TaskLine[] };
  if (tasks.length === 0) {
    void vscode.window.showInformationMessage('Baton: there is no task yet; "Start a Task" begins one.');
    return undefined;
  }
  const chosen = await vscode.window.showQuickPick(tasks.map((one) => ({ label: one.title, description: one.state, task: one.task })));
  return chosen?.task;
}

// A command of one task, with a text that it needs.
function ofTask(server: Server, command: ServerCommand, asks: { name: string; prompt: string } | undefined = undefined): View {
  return async (given) => {
    const task = await pick(server, given);
    if (task === undefined) return undefined;
    const whole: Arguments = { ...given, task };
    if (asks !== undefined && whole[asks.name] === undefined) {
      const text = await vscode.window.showInputBox({ prompt: asks.prompt });
      if (text === undefined) return undefined;
      whole[asks.name] = text;
    }
    return server.run(command, whole);
  };
}

export function taskViews(server: Server): Partial<Record<ServerCommand, View>> {
  return {
    'baton.startTask': async (given) => {
      const known = given['text'] !== undefined || given['range'] !== undefined;
      const text = known ? undefined : await vscode.window.showInputBox({ prompt: 'What is to be done?' });
      if (!known && !text) return undefined;
      return server.run('baton.startTask', known ? given : { ...given, text });
    },
    'baton.listTasks': ofTask(server, 'baton.showPlan'),
    'baton.showPlan': ofTask(server, 'baton.showPlan'),
    'baton.approvePlan': ofTask(server, 'baton.approvePlan'),
    'baton.cancelTask': ofTask(server, 'baton.cancelTask'),
    'baton.resumeTask': ofTask(server, 'baton.resumeTask'),
    'baton.retryTask': ofTask(server, 'baton.retryTask', { name: 'hint', prompt: 'A hint for the next attempt (may be empty)' }),
    'baton.acceptTask': ofTask(server, 'baton.acceptTask', { name: 'reason', prompt: 'Why is it accepted all the same? This is recorded.' }),
    'baton.answer': ofTask(server, 'baton.answer', { name: 'choice', prompt: 'Your answer: text, retry, accept, hand-in, land, give-up or cancel' }),
    'baton.openWorktree': ofTask(server, 'baton.openWorktree'),
    'baton.applyToWorkspace': ofTask(server, 'baton.applyToWorkspace'),
    'baton.createPullRequest': ofTask(server, 'baton.createPullRequest'),
  };
}
