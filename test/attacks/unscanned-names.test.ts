import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  answer,
  json,
  type Script,
  type ScriptedHost,
  scriptedHost,
} from '../adapters/upstream/scripted-host.ts';
import { keyOf, openWorld, type World } from '../world.ts';

const SSN = '536-22-8718';
let host: ScriptedHost;
let script: Script;
let world: World;
before(async () => {
  host = await scriptedHost((response, request, nth) => script(response, request, nth));
  script = json(200, answer('Rest and fluids.'));
  const environment = {
    MODEL_UPSTREAM: 'openai',
    MODEL_UPSTREAM_URL: host.baseUrl,
    MODEL_UPSTREAM_API_KEY: 'upstream-secret',
  };
  world = await openWorld({ environment });
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
});

const user = { role: 'user', content: 'a cough' };
const tool = (name: string) => ({ type: 'function', function: { name } });
const called = (id: string, name: string) => [
  user,
  {
    role: 'assistant',
    content: null,
    tool_calls: [{ id, type: 'function', function: { name, arguments: '{}' } }],
  },
  { role: 'tool', tool_call_id: id, content: 'stable' },
];

test('the ids of tool calls reach the model as ids of ours, each result still tied to its call', async () => {
  const id = `Quill Ashdown SSN ${SSN}`;
  const reply = await world.ask({ messages: [...called(id, 'look_up'), ...called('call_other', 'look_up')] });
  assert.equal(reply.status, 200, reply.text);
  const sent = host.seen.at(-1)?.body;
  assert.doesNotMatch(JSON.stringify(sent), /Ashdown|22-8718|call_other/);
  const messages = sent?.messages as { tool_calls?: { id: string }[]; tool_call_id?: string }[];
  const calls = messages.flatMap((message) => message.tool_calls?.map((call) => call.id) ?? []);
  const results = messages.flatMap((message) => message.tool_call_id ?? []);
  assert.deepEqual(results, calls);
  assert.equal(new Set(calls).size, 2);
});

const NAMES: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['messages', { messages: called('call_1', `SSN-${SSN}`) }],
  ['tools', { tools: [tool(`look_up_SSN-${SSN}`)] }],
  ['tool_choice', { tools: [tool('look_up')], tool_choice: tool(`SSN_${SSN}`) }],
  [
    'response_format',
    { response_format: { type: 'json_schema', json_schema: { name: `SSN-${SSN}`, schema: {} } } },
  ],
];
for (const [param, wish] of NAMES) {
  test(`a name in ${param} that holds an identifier is refused, and the model is not asked`, async () => {
    for (const tenant of ['northwind', 'lakeside']) {
      const asked = host.seen.length;
      const reply = await world.ask(wish, { key: keyOf(world.demo, tenant) });
      assert.equal(reply.status, 400, reply.text);
      assert.equal(reply.body.error.code, 'undeclared_phi');
      assert.equal(reply.body.error.param, param);
      assert.deepEqual(reply.body.error.inner_error.reasons, ['SSN']);
      assert.equal(host.seen.length, asked);
      assert.equal((await world.recordsOf(reply.id)).length, 1);
    }
  });
}

test('no id or fingerprint of the host carries an identifier out, nor into the ledger', async () => {
  const call = { id: `call_SSN-${SSN}`, type: 'function', function: { name: 'look_up', arguments: '{}' } };
  const message = { role: 'assistant', content: null, tool_calls: [call] };
  const choices = [{ index: 0, message, finish_reason: 'tool_calls' }];
  script = json(
    200,
    { ...answer(''), choices, system_fingerprint: `fp_SSN-${SSN}` },
    { 'x-request-id': `SSN-${SSN}` },
  );
  const reply = await world.ask({ tools: [tool('look_up')] });
  script = json(200, answer('Rest and fluids.'));
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.body.choices[0]?.message.tool_calls?.length, 1);
  assert.equal(reply.body.system_fingerprint, undefined);
  assert.ok(!reply.text.includes(SSN));
  assert.ok(!JSON.stringify(await world.recordsOf(reply.id)).includes(SSN));
});
