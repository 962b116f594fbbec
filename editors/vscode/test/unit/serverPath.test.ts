import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findServer } from '../../src/serverPath';

const extension = '/ext';

function check(given: { setting?: string; search?: string; programs: string[] }, expected: string | RegExp): void {
  const found = findServer({
    setting: given.setting ?? '',
    extension,
    search: given.search ?? '/usr/bin:/opt/bin',
    home: '/home/ada',
    isProgram: (file) => given.programs.includes(file),
  });
  if (typeof expected === 'string') assert.equal('path' in found ? `${found.from} ${found.path}` : found.missing, expected);
  else assert.match('missing' in found ? found.missing : `found ${found.path}`, expected);
}

test('the setting comes first, and is never passed over when it is wrong', () => {
  check({ setting: '/a/baton', programs: ['/a/baton', '/ext/server/baton', '/usr/bin/baton'] }, 'setting /a/baton');
  check({ setting: '~/bin/baton', programs: ['/home/ada/bin/baton'] }, 'setting /home/ada/bin/baton');
  check({ setting: '  /a/baton ', programs: ['/a/baton'] }, 'setting /a/baton');
  check({ setting: '/gone', programs: ['/usr/bin/baton'] }, /no program \/gone: correct the setting baton\.server\.path/);
  check({ setting: 'baton', programs: ['/usr/bin/baton', 'baton'] }, /must be an absolute path/);
});

test('then the one that came with the extension, then PATH in its order', () => {
  check({ programs: ['/ext/server/baton', '/usr/bin/baton'] }, 'bundled /ext/server/baton');
  check({ programs: ['/opt/bin/baton', '/usr/bin/baton'] }, 'PATH /usr/bin/baton');
  check({ programs: ['/opt/bin/baton'] }, 'PATH /opt/bin/baton');
});

test('a folder of PATH that depends on where the editor was started is not looked into', () => {
  check({ search: '.::bin:/opt/bin', programs: ['baton', 'bin/baton', '/opt/bin/baton'] }, 'PATH /opt/bin/baton');
});

test('a missing server says what to do', () => {
  check({ programs: [] }, /not found in PATH: install it .* or name it in the setting baton\.server\.path/);
  check({ search: '', programs: [] }, /not found in PATH/);
});
