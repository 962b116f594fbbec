// The manifest against the code and against the server's own document of the protocol.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { serverCommands } from '../../src/protocol';

const root = process.cwd();
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const sources = readdirSync(path.join(root, 'src'))
  .filter((name) => name !== 'protocol.ts')
  .map((name) => readFileSync(path.join(root, 'src', name), 'utf8'))
  .join('\n');
const contributed: string[] = manifest.contributes.commands.map((one: { command: string }) => one.command);

test('every contributed command is registered, and every registered one is contributed', () => {
  const own = [...sources.matchAll(/registerCommand\('([^']+)'/g)].map((match) => match[1] as string);
  assert.deepEqual([...contributed].sort(), [...serverCommands, ...own].sort());
});

test('a button is of a contributed command that has an icon, and the pull request has one', () => {
  const buttons = Object.values<{ command: string; group: string }[]>(manifest.contributes.menus).flat();
  for (const { command } of buttons) {
    assert.ok(manifest.contributes.commands.find((one: { command: string; icon?: string }) => one.command === command)?.icon, command);
  }
  assert.ok(buttons.some((one) => one.command === 'baton.createPullRequest' && one.group === 'navigation'));
});

test('the server offers what the extension asks for, and nothing is left out', () => {
  const protocol = readFileSync(path.join(root, '../../docs/protocol.md'), 'utf8');
  const offered = [...protocol.matchAll(/^\| `(baton\.[a-zA-Z]+)` \|/gm)].map((match) => match[1] as string);
  assert.deepEqual([...serverCommands].sort(), offered.sort());
});

test('every setting is described, has a scope, and is read', () => {
  for (const [name, setting] of Object.entries<Record<string, unknown>>(manifest.contributes.configuration.properties)) {
    assert.ok(setting['description'] ?? setting['markdownDescription'], `${name} has no description`);
    assert.ok(setting['scope'], `${name} has no scope`);
    assert.ok('default' in setting, `${name} has no default`);
    // The client library reads <id>.trace.server by itself, and the server asks for what is its own.
    assert.ok(['baton.trace.server', 'baton.verifyOnSave'].includes(name) || sources.includes(name), `${name} is not read`);
  }
});

test('no setting is of a folder: the server asks once for the window', () => {
  for (const [name, { scope }] of Object.entries<{ scope: string }>(manifest.contributes.configuration.properties)) {
    assert.ok(!/resource|language/.test(scope), `${name} is of scope ${scope}`);
  }
});

test('a setting that names a program cannot be set by a workspace that is not trusted', () => {
  const settings = manifest.contributes.configuration.properties;
  for (const name of Object.keys(settings).filter((key) => key.endsWith('.path'))) {
    assert.ok(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations.includes(name), name);
    assert.match(settings[name].scope, /^machine/);
  }
});

test('the engine asked for is the one compiled against', () => {
  assert.equal(manifest.engines.vscode, `^${manifest.devDependencies['@types/vscode']}`);
});
