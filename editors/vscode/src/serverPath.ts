// Where the server is: the setting, else the one that came with the extension, else the one in PATH.
import * as path from 'node:path';

export type Found = { path: string; from: 'setting' | 'bundled' | 'PATH' } | { missing: string };

export interface Places {
  setting: string;
  extension: string; // the extension's own folder
  search: string; // PATH
  home: string;
  isProgram(file: string): boolean;
}

const program = 'baton';

export function findServer(places: Places): Found {
  const setting = places.setting.trim();
  if (setting !== '') {
    const named = setting.startsWith('~/') ? path.join(places.home, setting.slice(2)) : setting;
    if (path.isAbsolute(named) && places.isProgram(named)) return { path: named, from: 'setting' };
    return {
      missing: path.isAbsolute(named)
        ? `There is no program ${named}: correct the setting baton.server.path, or empty it to have baton looked for in PATH.`
        : `The setting baton.server.path must be an absolute path, and is "${setting}".`,
    };
  }
  const bundled = path.join(places.extension, 'server', program);
  if (places.isProgram(bundled)) return { path: bundled, from: 'bundled' };
  for (const folder of places.search.split(path.delimiter)) {
    const file = path.join(folder, program);
    if (path.isAbsolute(folder) && places.isProgram(file)) return { path: file, from: 'PATH' };
  }
  return {
    missing: 'The program baton was not found in PATH: install it (`make install` in its sources) or name it in the setting baton.server.path.',
  };
}
