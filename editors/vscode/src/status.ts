// The status bar item.
import * as vscode from 'vscode';
import { look, type Phase } from './phase';

const links = [
  ['Verify', 'baton.verify'],
  ['Evidence', 'baton.openEvidence'],
  ['Doctor', 'baton.doctor'],
  ['Log', 'baton.showLog'],
] as const;

export class Status implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('baton.status', vscode.StatusBarAlignment.Left, 40);
  private current: Phase = { kind: 'starting' };
  private server = '';

  constructor() {
    this.item.name = 'Baton';
  }

  get phase(): Phase {
    return this.current;
  }

  serverIs(version: string): void {
    this.server = version;
  }

  show(phase: Phase): void {
    this.current = phase;
    const now = look(phase);
    this.item.text = now.text;
    this.item.command = now.command;
    this.item.backgroundColor = now.background && new vscode.ThemeColor(`statusBarItem.${now.background}Background`);
    this.item.accessibilityInformation = { label: `Baton: ${now.detail}` };
    const tip = new vscode.MarkdownString(undefined, true);
    tip.isTrusted = { enabledCommands: links.map(([, command]) => command) };
    tip.appendText(now.detail);
    tip.appendMarkdown(`\n\n${links.map(([title, command]) => `[${title}](command:${command})`).join(' · ')}`);
    if (this.server !== '') tip.appendText(`\n\nbaton ${this.server}`);
    this.item.tooltip = tip;
    this.item.show();
  }

  dispose(): void {
    this.item.dispose();
  }
}
