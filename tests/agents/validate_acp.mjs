// Validates lines of JSON-RPC that a client of the Agent Client Protocol sends against the protocol's own schema.
// node validate_acp.mjs MODULES < lines; a line for each that does not obey. An answer is told by its id: "METHOD#n".
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const require = createRequire(process.argv[2] + '/');
const Ajv = require('ajv/dist/2020').default;
const schema = JSON.parse(readFileSync(`${process.argv[2]}/@agentclientprotocol/sdk/schema/v1/schema.json`, 'utf8'));
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, discriminator: false });
ajv.addSchema(schema, 'acp');

const byMethod = (method, ending) =>
  Object.keys(schema.$defs).find((name) => schema.$defs[name]['x-method'] === method && name.endsWith(ending));
const problems = (name, value) => {
  const validate = ajv.getSchema(`acp#/$defs/${name}`);
  return validate(value) ? '' : `${name}: ${ajv.errorsText(validate.errors)}`;
};

// A schema lets members pass that it does not know; a client that sends some has misspelt one.
const unknown = (name, value) => {
  const known = schema.$defs[name].properties;
  if (!known || schema.$defs[name].oneOf || schema.$defs[name].anyOf) return '';
  return Object.keys(value).filter((key) => !(key in known)).map((key) => `${name} has no ${key}`).join('; ');
};

let count = 0;
for (const line of readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  ++count;
  const message = JSON.parse(line);
  let name, value;
  if (message.method) {
    name = byMethod(message.method, 'id' in message ? 'Request' : 'Notification');
    value = message.params;
  } else {
    name = 'error' in message ? 'Error' : byMethod(String(message.id).split('#')[0], 'Response');
    value = message.error ?? message.result;
  }
  const said = !name ? 'no such method' : problems(name, value) || unknown(name, value);
  if (message.jsonrpc !== '2.0' || said) console.log(`${line}: ${said}`);
}
console.log(`${count} messages`);
