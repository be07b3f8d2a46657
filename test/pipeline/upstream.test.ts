import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  answer,
  DONE,
  delta,
  finish,
  frame,
  json,
  type Script,
  type ScriptedHost,
  scriptedHost,
  sse,
} from '../adapters/upstream/scripted-host.ts';
import { keyOf, openWorld, type World } from '../world.ts';

let host: ScriptedHost;
let script: Script;
let world: World;
before(async () => {
  host = await scriptedHost((response, request, nth) => script(response, request, nth));
  const environment = {
    MODEL_UPSTREAM: 'openai',
    MODEL_UPSTREAM_URL: host.baseUrl,
    MODEL_UPSTREAM_API_KEY: 'upstream-secret',
  };
  world = await openWorld({ environment });
});
beforeEach(() => {
  script = json(200, answer('Rest and fluids.'));
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
});

const lastSeen = () => host.seen.at(-1);

test('what stock clients send beside the prompt never reaches the model', async () => {
  const reply = await world.ask(
    {
      store: true,
      user: 'quill.ashdown@harbor.example',
      metadata: { mrn: '00482913' },
      prompt_cache_key: 'ward-7',
      safety_identifier: 'quill.ashdown',
      service_tier: 'auto',
      temperature: 0.2,
      seed: 7,
    },
    {
      headers: {
        'openai-organization': 'org-partner',
        'x-stainless-lang': 'js',
        'x-stewardgate-patient-ref': 'pt7f3a9c21',
      },
    },
  );
  assert.equal(reply.status, 200, reply.text);
  const seen = lastSeen();
  const { messages, model, temperature, seed, ...rest } = seen?.body ?? {};
  assert.deepEqual(
    { model, temperature, seed },
    { model: 'mayo-cr-1-deployment', temperature: 0.2, seed: 7 },
  );
  assert.ok(Array.isArray(messages));
  assert.match(String(rest.safety_identifier), /^[0-9a-f]{64}$/);
  assert.notEqual(rest.store, true);
  assert.match(String(rest.prompt_cache_key), /^[0-9a-f]{32}$/);
  for (const name of ['user', 'metadata', 'service_tier']) assert.ok(!(name in rest), name);
  const sent = JSON.stringify([seen?.headers, seen?.body]);
  assert.doesNotMatch(sent, /quill|ashdown|00482913|ward-7|org-partner|stainless|pt7f3a9c21/i);
  assert.ok(!sent.includes(keyOf(world.demo, 'northwind')), "the caller's key stays here");
  assert.equal(seen?.headers.authorization, 'Bearer upstream-secret');
});

test('the same person is the same safety identifier, and nobody else is', async () => {
  const identifierOf = async (user: string) => {
    await world.ask('a cough', { headers: { 'x-stewardgate-user': user } });
    return lastSeen()?.body.safety_identifier;
  };
  const first = await identifierOf('clinician-1');
  assert.equal(await identifierOf('clinician-1'), first);
  assert.notEqual(await identifierOf('clinician-2'), first);
});

test('the longest answer is the least of the wish, the policy and the version', async () => {
  const cases = [
    { wish: { max_tokens: 50 }, as: 'northwind', expects: 50 },
    { wish: { max_tokens: 70, max_completion_tokens: 60 }, as: 'northwind', expects: 60 },
    { wish: { max_tokens: 900_000 }, as: 'northwind', expects: 4_096 },
    { wish: {}, as: 'northwind', expects: 4_096 },
    { wish: { model: 'mayo-cr-2', max_tokens: 5_000 }, as: 'northwind', expects: 1_024 },
  ];
  for (const { wish, as, expects } of cases) {
    const reply = await world.ask(wish, { key: keyOf(world.demo, as) });
    assert.equal(reply.status, 200, reply.text);
    assert.equal(lastSeen()?.body.max_completion_tokens, expects);
    assert.ok(!('max_tokens' in (lastSeen()?.body ?? {})));
  }
});

test('identifiers in the prompt are replaced before the model reads them, wherever they stand', async () => {
  const ssn = '536-22-8718';
  const reply = await world.ask({
    messages: [
      { role: 'system', content: `Ward note, SSN ${ssn}` },
      { role: 'user', content: [{ type: 'text', text: `The SSN is ${ssn}` }] },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'look_up', arguments: `{"ssn":"${ssn}"}` } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: `{"ssn":"${ssn}","result":"stable"}` },
    ],
    tools: [
      {
        type: 'function',
        function: {
          name: 'look_up',
          description: `Finds SSN ${ssn}`,
          parameters: { type: 'object', description: `such as SSN ${ssn}` },
        },
      },
    ],
    stop: [`SSN ${ssn}`],
  });
  assert.equal(reply.status, 200, reply.text);
  assert.ok(!JSON.stringify(lastSeen()?.body).includes('22-8718'));
  const record = (await world.recordsOf(reply.id))[0];
  const found = Object.values(record?.body.redaction?.input ?? {}).reduce((sum, count) => sum + count, 0);
  assert.ok(found >= 6, `${found} found`);
});

test('usage is asked of the model in every stream, and shown only to a caller that asked', async () => {
  const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };
  script = sse(delta({ content: 'Rest.' }), finish(), frame({ choices: [], usage }), DONE);
  const silent = await world.ask({ stream: true });
  assert.deepEqual(lastSeen()?.body.stream_options, { include_usage: true });
  assert.ok(silent.stream.chunks.every((chunk) => !('usage' in chunk)));
  const asked = await world.ask({ stream: true, stream_options: { include_usage: true } });
  assert.equal(asked.stream.chunks.at(-1)?.usage?.prompt_tokens, 7);
});

test("the host's fingerprint is told in both shapes, its headers in none", async () => {
  const headers = {
    'x-ms-region': 'Utopia',
    'openai-organization': 'owner',
    'x-ratelimit-remaining-tokens': '3',
    'apim-request-id': 'upstream-77',
  };
  script = json(200, { ...answer('Rest.'), system_fingerprint: 'fp_77' }, headers);
  const whole = await world.ask('a cough');
  assert.equal(whole.body.system_fingerprint, 'fp_77');
  const names = [...whole.headers.keys()];
  assert.ok(!names.some((name) => /^(x-ms-|openai-)/.test(name)), names.join());
  assert.equal(whole.headers.get('apim-request-id'), whole.id);
  assert.notEqual(whole.headers.get('x-ratelimit-remaining-tokens'), '3');
  assert.equal((await world.recordsOf(whole.id))[1]?.body.upstreamRequestId, 'upstream-77');
  script = sse(
    frame({ choices: [{ index: 0, delta: { content: 'Rest.' } }], system_fingerprint: 'fp_78' }),
    finish(),
    DONE,
  );
  const streamed = await world.ask({ stream: true });
  assert.equal(streamed.stream.chunks[0]?.system_fingerprint, 'fp_78');
});

const CANARY = 'Quillan Ashdown 536-22-8718';
const filter = {
  error: {
    code: 'content_filter',
    message: CANARY,
    inner_error: {
      code: 'ResponsibleAIPolicyViolation',
      content_filter_result: { violence: { filtered: true } },
    },
  },
};
const STATUSES = [
  {
    name: '400',
    script: json(400, { error: { code: 'unsupported_value', param: 'temperature', message: CANARY } }),
    expects: [400, 'upstream_rejected'],
  },
  { name: '400 of the content filter', script: json(400, filter), expects: [400, 'content_filter'] },
  { name: '401', script: json(401, { error: { message: CANARY } }), expects: [502, 'upstream_auth_error'] },
  { name: '403', script: json(403, { error: { message: CANARY } }), expects: [502, 'upstream_auth_error'] },
  {
    name: '404',
    script: json(404, { error: { code: 'DeploymentNotFound', message: CANARY } }),
    expects: [502, 'upstream_misconfigured'],
  },
  { name: '408', script: json(408, { error: { message: CANARY } }), expects: [504, 'upstream_timeout'] },
  { name: '422', script: json(422, { error: { message: CANARY } }), expects: [400, 'upstream_rejected'] },
  {
    name: '429 that waits too long',
    script: json(429, { error: { code: '429', message: CANARY } }, { 'retry-after': '120' }),
    expects: [429, 'upstream_busy'],
  },
  {
    name: '200 that is HTML',
    script: json(200, `<html>${CANARY}</html>`, { 'content-type': 'text/html' }),
    expects: [502, 'upstream_error'],
  },
] as const;

for (const { name, script: played, expects } of STATUSES) {
  test(`the model's answer ${name} is told in our words, and the reservation is given back`, async () => {
    script = played;
    const before = await remaining();
    const reply = await world.ask({ max_completion_tokens: 2_000 });
    assert.deepEqual([reply.status, reply.body.error.code], expects);
    assert.doesNotMatch(reply.text, /Quillan|536-22/);
    const wait = reply.headers.get('retry-after-ms');
    if (reply.status === 429) assert.ok(Number(wait) >= 1_000 && Number(wait) <= 30_000);
    if (reply.status < 429) assert.equal(reply.headers.get('x-should-retry'), 'false');
    const lines = await world.usageOf(reply.id);
    assert.equal(lines.length, 1);
    assert.equal(lines[0]?.source, expects[1] === 'content_filter' ? 'estimated' : 'none');
    script = json(200, answer('Rest.'));
    assert.ok(before - (await remaining()) < 1_000, 'what the failed request reserved was given back');
  });
}

/** Tokens left to the tenant in this minute, as an answered request is told. */
async function remaining(): Promise<number> {
  const kept = script;
  script = json(200, answer('Rest.'));
  const reply = await world.ask({ max_completion_tokens: 10 });
  script = kept;
  return Number(reply.headers.get('x-ratelimit-remaining-tokens'));
}
