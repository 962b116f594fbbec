// Cuts a forge's own description of its API down to the calls that a pull request needs: node slice.mjs github|gitea|forgejo DESCRIPTION OUT
import fs from 'node:fs';

const [kind, source, target] = process.argv.slice(2);
const words = kind === 'forgejo' ? 'gitea' : kind; // Forgejo kept Gitea's
const R = '/repos/{owner}/{repo}';
const calls = {
  github: {
    [R]: ['get'],
    [`${R}/pulls`]: ['get', 'post'],
    [`${R}/pulls/{pull_number}`]: ['get', 'patch'],
    [`${R}/pulls/{pull_number}/requested_reviewers`]: ['post'],
    [`${R}/issues/{issue_number}/labels`]: ['post'],
    [`${R}/issues/{issue_number}/comments`]: ['get', 'post'],
    [`${R}/issues/comments/{comment_id}`]: ['patch'],
    [`${R}/commits/{ref}/check-runs`]: ['get'],
    [`${R}/check-runs`]: ['post'],
    [`${R}/check-runs/{check_run_id}`]: ['patch'],
    [`${R}/statuses/{sha}`]: ['post'],
    [`${R}/pulls/{pull_number}/reviews`]: ['get'],
    [`${R}/pulls/{pull_number}/comments`]: ['get'],
    [`${R}/commits/{ref}/status`]: ['get'],
  },
  gitea: {
    '/version': ['get'],
    [R]: ['get'],
    [`${R}/pulls`]: ['get', 'post'],
    [`${R}/pulls/{index}`]: ['get', 'patch'],
    [`${R}/pulls/{index}/requested_reviewers`]: ['post'],
    [`${R}/labels`]: ['get'],
    [`${R}/issues/{index}/labels`]: ['post'],
    [`${R}/issues/{index}/comments`]: ['get', 'post'],
    [`${R}/issues/comments/{id}`]: ['patch'],
    [`${R}/statuses/{sha}`]: ['post'],
    [`${R}/pulls/{index}/reviews`]: ['get'],
    [`${R}/pulls/{index}/reviews/{id}/comments`]: ['get'],
    [`${R}/commits/{ref}/status`]: ['get'],
  },
}[words];
// Gitea's file is a template of its own: the version and a prefix are put in when it is served.
const api = JSON.parse(fs.readFileSync(source, 'utf8').replace(/\{\{.*?\}\}/g, ''));
const prefix = { github: '/api/v3', gitea: '/api/v1' }[words]; // as a server of one's own has it
const out = { info: { ...api.info, version: api.info.version || '1' }, paths: {} };
for (const key of ['openapi', 'swagger', 'consumes', 'produces']) if (api[key]) out[key] = api[key];
const todo = [];
const seen = new Set();

function walk(value) {
  if (value === null || typeof value !== 'object') return;
  if (typeof value.$ref === 'string') todo.push(value.$ref);
  Object.values(value).forEach(walk);
}

for (const [path, methods] of Object.entries(calls)) {
  for (const method of methods) walk(((out.paths[`${prefix}${path}`] ??= {})[method] = api.paths[path][method]));
}
while (todo.length > 0) {
  const ref = todo.pop();
  if (seen.has(ref)) continue;
  seen.add(ref);
  const keys = ref.slice(2).split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const value = keys.reduce((object, key) => object[key], api);
  let at = out;
  for (const key of keys.slice(0, -1)) at = at[key] ??= {};
  at[keys.at(-1)] = value;
  walk(value);
}
fs.writeFileSync(target, JSON.stringify(out));
