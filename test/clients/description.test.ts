import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readStream } from '../support/sse.ts';
import { keyOf, openWorld, type World } from '../world.ts';
import { DOSE_TOOL, TRIAGE_SCHEMA } from './driver.ts';
import { FIXTURES } from './fixtures.ts';
import { faultsOf } from './schemas.ts';

let world: World;
let paths: readonly string[];
before(async () => {
  world = await openWorld({ fixtures: FIXTURES });
  const document = await (await fetch(`${world.url}/openapi.json`)).json();
  paths = Object.keys((document as { paths: object }).paths);
});
after(() => world[Symbol.asyncDispose]());

async function send(path: string, body?: object, key = keyOf(world.demo, 'northwind')) {
  const response = await fetch(`${world.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}

const ROUTES = ['/v1', '/openai/v1', '/openai/deployments/mayo-cr-1'];
const chatOf = (base: string) =>
  `${base}/chat/completions${base.includes('deployments') ? '?api-version=2024-10-21' : ''}`;

const tools = [{ type: 'function', function: DOSE_TOOL }];
const json_schema = { name: 'triage', schema: TRIAGE_SCHEMA };
const WISHES: Readonly<Record<string, object>> = {
  answer: {},
  capped: {},
  declined: {},
  stopped: {},
  tool: { tools },
  triage: { response_format: { type: 'json_schema', json_schema } },
  'several answers': { n: 3 },
  'no fixture': { temperature: 0, seed: 7 },
};
const bodyOf = (name: string, more: object) => ({
  model: 'mayo-cr-1',
  messages: [{ role: 'user', content: `SIMULATE ${name}` }],
  ...WISHES[name],
  ...more,
});

for (const base of ROUTES) {
  for (const name of Object.keys(WISHES)) {
    test(`a whole answer is as OpenAI describes it: ${name} under ${base}`, async () => {
      const { status, text } = await send(chatOf(base), bodyOf(name, {}));
      assert.equal(status, 200, text);
      assert.deepEqual(faultsOf('completion', JSON.parse(text)), []);
    });

    test(`every chunk of a stream is as OpenAI describes it: ${name} under ${base}`, async () => {
      const more = { stream: true, stream_options: { include_usage: true } };
      const { status, text } = await send(chatOf(base), bodyOf(name, more));
      assert.equal(status, 200, text);
      const { chunks, isDone } = readStream(text);
      assert.deepEqual(
        chunks.flatMap((chunk) => faultsOf('chunk', chunk)),
        [],
      );
      assert.ok(isDone && chunks.length > 3);
    });
  }
}

test('a stream that fails ends in an error as OpenAI describes it', async () => {
  const { chunks, isDone } = readStream((await send(chatOf('/v1'), bodyOf('failed', { stream: true }))).text);
  assert.equal(isDone, false);
  assert.deepEqual(faultsOf('error', chunks.at(-1)), []);
  assert.deepEqual(
    chunks.slice(0, -1).flatMap((chunk) => faultsOf('chunk', chunk)),
    [],
  );
});

test('every refusal is as OpenAI describes it', async () => {
  const refusals = [
    await send(chatOf('/v1'), bodyOf('answer', {}), 'sgk_test_none'),
    await send(chatOf('/v1'), bodyOf('answer', { temperature: 9 })),
    await send(chatOf('/v1'), bodyOf('answer', { frobnicate: 1 })),
    await send(chatOf('/v1'), bodyOf('answer', { model: 'mayo-cr-9' })),
    await send(chatOf('/v1'), bodyOf('filtered', {})),
    await send(chatOf('/v1'), bodyOf('unwell', {})),
    await send('/v1/nothing', {}),
    await send('/v1/models', {}),
    await send('/v1/models/mayo-cr-9'),
  ];
  for (const { status, text } of refusals) {
    assert.ok(status >= 400, text);
    assert.deepEqual(faultsOf('error', JSON.parse(text)), [], text);
  }
});

test('the models are as OpenAI describes them', async () => {
  for (const base of ['/v1', '/openai/v1', '/openai']) {
    assert.deepEqual(faultsOf('models', JSON.parse((await send(`${base}/models`)).text)), []);
    assert.deepEqual(faultsOf('model', JSON.parse((await send(`${base}/models/mayo-cr-1`)).text)), []);
  }
});

test('answers of the Responses API are as OpenAI describes them', async (t) => {
  if (!paths.includes('/v1/responses')) return t.skip('the gateway does not serve /v1/responses');
  const ask = (name: string, more: object) =>
    send('/v1/responses', { model: 'mayo-cr-1', input: `SIMULATE ${name}`, ...more });
  const flat = { tools: [{ type: 'function', strict: false, ...DOSE_TOOL }] };
  for (const name of ['answer', 'capped', 'declined', 'stopped', 'tool']) {
    const more = name === 'tool' ? flat : {};
    assert.deepEqual(faultsOf('response', JSON.parse((await ask(name, more)).text)), [], name);
    const { text } = await ask(name, { stream: true, ...more });
    const events = [...text.matchAll(/^data: (.+)$/gm)].map(([, payload = '']) => JSON.parse(payload));
    assert.deepEqual(
      events.flatMap((one) => faultsOf('responseEvent', one)),
      [],
      name,
    );
    assert.deepEqual(
      events.map((one) => one.sequence_number),
      [...events.keys()],
    );
  }
});

test('embeddings are as OpenAI describes them', async (t) => {
  if (!paths.includes('/v1/embeddings')) return t.skip('the gateway does not serve /v1/embeddings');
  const { data } = JSON.parse((await send('/v1/models')).text) as { data: { id: string }[] };
  const model = data.find(({ id }) => id.includes('embed'))?.id ?? 'mayo-cr-1';
  for (const encoding_format of ['float', 'base64']) {
    const { text } = await send('/v1/embeddings', { model, input: ['a cough', 'a fever'], encoding_format });
    assert.deepEqual(faultsOf('embeddings', JSON.parse(text)), []);
  }
});

test('the schemas find what is missing, what is wrong and what nobody described', () => {
  const choice = { index: 0, delta: { content: 'Rest.' }, logprobs: null, finish_reason: null };
  const good = {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [choice],
  };
  assert.deepEqual(faultsOf('chunk', good), []);
  const { delta: _, ...bare } = choice;
  const bad: readonly (readonly [object, RegExp])[] = [
    [{ ...good, id: '' }, /^\/id: .*fewer than 1/],
    [{ ...good, created: null }, /^\/created/],
    [{ ...good, choices: [bare] }, /^\/choices\/0: .*'delta'/],
    [{ ...good, choices: [{ ...choice, finish_reason: 'tired' }] }, /finish_reason/],
    [{ ...good, choices: [{ ...choice, content_filter_results: {} }] }, /\(content_filter_results\)/],
    [{ ...good, obfuscation: 'xyz' }, /\(obfuscation\)/],
    [{ ...good, system_fingerprint: null }, /system_fingerprint/],
  ];
  for (const [value, fault] of bad) assert.match(faultsOf('chunk', value).join('\n'), fault);
});
