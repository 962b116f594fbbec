// Cuts GitHub's own description of its API down to the calls that a pull request needs: node github_slice.mjs FOLDER_OF_NODE_MODULES OUT
import fs from 'node:fs';
import { createRequire } from 'node:module';

const [folder, target] = process.argv.slice(2);
const require = createRequire(`${folder}/package.json`);
const api = JSON.parse(fs.readFileSync(require.resolve('@octokit/openapi/generated/api.github.com.json')));
const R = '/repos/{owner}/{repo}';
const keep = {
  [R]: ['get'],
  [`${R}/pulls`]: ['get', 'post'],
  [`${R}/pulls/{pull_number}`]: ['patch'],
  [`${R}/pulls/{pull_number}/requested_reviewers`]: ['post'],
  [`${R}/issues/{issue_number}/labels`]: ['post'],
  [`${R}/issues/{issue_number}/comments`]: ['get', 'post'],
  [`${R}/issues/comments/{comment_id}`]: ['patch'],
  [`${R}/commits/{ref}/check-runs`]: ['get'],
  [`${R}/check-runs`]: ['post'],
  [`${R}/check-runs/{check_run_id}`]: ['patch'],
  [`${R}/statuses/{sha}`]: ['post'],
};
const out = { openapi: api.openapi, info: api.info, paths: {}, components: {} };
const todo = [];
const seen = new Set();

function walk(value) {
  if (value === null || typeof value !== 'object') return;
  if (typeof value.$ref === 'string') todo.push(value.$ref);
  Object.values(value).forEach(walk);
}

// Below /api/v3, as a server of one's own has it.
for (const [path, methods] of Object.entries(keep)) {
  for (const method of methods) walk(((out.paths[`/api/v3${path}`] ??= {})[method] = api.paths[path][method]));
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
