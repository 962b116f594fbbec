// The SDK's own client against `baton mcp`: node mcp_client.mjs MODULES PROGRAM CALLS, where CALLS is JSON, a list of [tool, arguments].
// What its schemas refuse it throws. Prints what it got, in a line.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [, , modules, program, calls] = process.argv;
const require = createRequire(modules + '/');
const load = (name) => import(pathToFileURL(require.resolve(`@modelcontextprotocol/sdk/${name}`)));
const { Client } = await load('client/index.js');
const { StdioClientTransport } = await load('client/stdio.js');

const client = new Client({ name: 'test', version: '1' });
await client.connect(new StdioClientTransport({ command: program, args: ['mcp'], env: process.env, stderr: 'ignore' }));
const { tools } = await client.listTools();
const answers = [];
for (const [name, args] of JSON.parse(calls)) {
  const result = await client.callTool({ name, arguments: args });
  answers.push({ name, failed: result.isError ?? false, text: result.content[0].text });
}
let refused = '';
await client.callTool({ name: 'accept', arguments: {} }).catch((error) => { refused = error.message; });
await client.ping();
const told = { server: client.getServerVersion().name, tools: tools.map((tool) => tool.name), answers, refused };
await client.close();
console.log(JSON.stringify(told));
