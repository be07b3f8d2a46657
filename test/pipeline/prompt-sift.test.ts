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
const sent = () => host.seen.at(-1)?.body as Readonly<Record<string, never>> | undefined;

const BOUNDED = {
  type: 'object',
  properties: {
    phone: { type: 'integer', minimum: 1_000_000_000, maximum: 9_999_999_999 },
    ssn: { type: 'string', minLength: 123456789, maxLength: 5072842511 },
    default: { type: 'array', items: { type: 'number', multipleOf: 5072842511 }, maxItems: 5551234567 },
  },
  required: ['phone'],
};

for (const key of ['northwind', 'lakeside']) {
  test(`the bounds of a caller's schema reach the model as they are, in tools and in formats (${key})`, async () => {
    const reply = await world.ask(
      {
        messages: [user],
        tools: [{ type: 'function', function: { name: 'look_up', parameters: BOUNDED } }],
        response_format: { type: 'json_schema', json_schema: { name: 'form', schema: BOUNDED } },
      },
      { key: keyOf(world.demo, key) },
    );
    assert.equal(reply.status, 200, reply.text);
    const body = JSON.parse(JSON.stringify(sent()));
    assert.deepEqual(body.tools[0].function.parameters, BOUNDED);
    assert.deepEqual(body.response_format.json_schema.schema, BOUNDED);
  });
}

test('texts and examples in a schema are scanned all the same', async () => {
  const parameters = {
    type: 'object',
    description: 'such as SSN 536-22-8718',
    properties: {
      a: { type: 'integer', enum: [536228718], default: 536228718, examples: [536228718] },
      b: { const: { minimum: 5072842511 } },
      minimum: { $comment: 'MRN 1234567', title: 'Dr. Quillfeather' },
    },
  };
  const reply = await world.ask({
    messages: [user],
    tools: [{ type: 'function', function: { name: 'look_up', parameters } }],
  });
  assert.equal(reply.status, 200, reply.text);
  assert.doesNotMatch(JSON.stringify(sent()), /8718|5072842511|1234567|Quillfeather/);
});

test('the parts of one message are scanned as one text, so that no number slips between two', async () => {
  const parts = ['SSN 123-45-', '6789, and MRN', '1234567, fax 507-284-', '2511'];
  const reply = await world.ask({
    messages: [{ role: 'user', content: parts.map((text) => ({ type: 'text', text })) }],
  });
  assert.equal(reply.status, 200, reply.text);
  assert.doesNotMatch(JSON.stringify(sent()), /6789|1234567|2511/);
});

test('a prompt declared as a limited data set keeps its dates, and a de-identified one does not', async () => {
  const content = 'Seen 3/14/2021 in Cedar Rapids, IA 52401, MRN 1234567';
  const key = keyOf(world.demo, 'summit');
  await world.ask(
    { messages: [{ role: 'user', content }] },
    { key, headers: { 'x-stewardgate-data-class': 'limited' } },
  );
  assert.match(JSON.stringify(sent()), /Seen 3\/14\/2021 in Cedar Rapids, IA 52401, MRN \[MRN\]/);
  await world.ask({ messages: [{ role: 'user', content }] });
  assert.match(JSON.stringify(sent()), /Seen \[DATE:2021\] in \[GEO\], IA 524\*\*, MRN \[MRN\]/);
});

test('the ids of tool calls in an answer are ours, and differ from one answer to the next', async () => {
  const call = (id: string) => ({ id, type: 'function', function: { name: 'look_up', arguments: '{}' } });
  const message = {
    role: 'assistant',
    content: null,
    tool_calls: [call('call_JohnOddlock1931'), call('call_b')],
  };
  script = json(200, { ...answer(''), choices: [{ index: 0, message, finish_reason: 'tool_calls' }] });
  const tools = [{ type: 'function', function: { name: 'look_up' } }];
  const replies = [
    await world.ask({ messages: [user], tools }),
    await world.ask({ messages: [user], tools }),
  ];
  script = json(200, answer('Rest and fluids.'));
  const ids = replies.flatMap(({ text }) =>
    [...text.matchAll(/"id":"(call_[^"]*)"/g)].map(([, id]) => id ?? ''),
  );
  assert.equal(new Set(ids).size, 4);
  for (const id of ids) assert.match(id, /^call_[0-9a-f]{32}_0_[01]$/);
});
