import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Problem } from '../../gateway/domain/problem.ts';
import type { Doors } from '../../gateway/http/doors.ts';
import { ask } from '../support/ask.ts';
import { newPartner } from '../support/steward.ts';
import { keyOf, openWorld, type World } from '../world.ts';

let world: World;
before(async () => {
  world = await openWorld({
    fixtures: {
      busy: { status: 429 },
      calm: 'Rest and fluids.',
      broken: { chunks: ['Rest is '], cutAfterChunks: 1 },
    },
  });
});
after(() => world[Symbol.asyncDispose]());

for (const stream of [false, true]) {
  test(`an answered request has two durable records around the model's call (stream: ${stream})`, async () => {
    const order: string[] = [];
    const url = await world.serveWith((doors) => ({ ...doors, house: witnessed(doors.house, order) }));
    const reply = await ask({ url, key: keyOf(world.demo, 'northwind') }, { stream });
    assert.equal(reply.status, 200);
    assert.deepEqual(order, [
      'asked to keep decided',
      'kept decided',
      'model asked',
      'asked to keep completed',
      'kept completed',
    ]);
    const records = await world.recordsOf(reply.id);
    assert.deepEqual(
      records.map(({ phase, eventType, outcome, httpStatus }) => ({ phase, eventType, outcome, httpStatus })),
      [
        { phase: 'decided', eventType: 'model.invoke', outcome: null, httpStatus: null },
        { phase: 'completed', eventType: 'model.invoke', outcome: 'success', httpStatus: 200 },
      ],
    );
    assert.equal(records[0]?.body.decisionId, reply.headers.get('x-stewardgate-decision-id'));
    assert.equal(records[1]?.body.decisionId, reply.headers.get('x-stewardgate-decision-id'));
    assert.equal((await world.usageOf(reply.id)).length, 1);
  });
}

test('the last byte of a stream leaves only after its record is durable', async () => {
  const release = Promise.withResolvers<void>();
  let isReleased = false;
  const url = await world.serveWith((doors) => ({
    ...doors,
    house: {
      ...doors.house,
      ledger: {
        isReady: () => true,
        append: async (record, usage) => {
          if (record.phase === 'completed') await release.promise;
          return doors.house.ledger.append(record, usage);
        },
      },
    },
  }));
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'api-key': keyOf(world.demo, 'northwind'), 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'mayo-cr',
      messages: [{ role: 'user', content: 'SIMULATE calm' }],
      stream: true,
    }),
  });
  let seen = '';
  for await (const bytes of response.body ?? []) {
    seen += Buffer.from(bytes).toString();
    if (!seen.includes('fluids')) continue;
    if (!isReleased) assert.doesNotMatch(seen, /"finish_reason":"|DONE/, 'an ending left before its record');
    isReleased = true;
    release.resolve();
  }
  assert.match(seen, /\[DONE\]\n\n$/);
});

interface Refusal {
  readonly name: string;
  readonly question?: Readonly<Record<string, unknown>>;
  readonly as?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly expects: {
    readonly status: number;
    readonly code: string;
    readonly event: string;
    readonly outcome: string;
  };
}

const invalid = (code: string, status = 400) => ({
  status,
  code,
  event: 'request.invalid',
  outcome: 'client_error',
});

const REFUSALS: readonly Refusal[] = [
  {
    name: 'a key that was never issued',
    headers: { authorization: 'Bearer sgk_test_nobody' },
    expects: { status: 401, code: 'invalid_api_key', event: 'auth.failed', outcome: 'denied' },
  },
  {
    name: 'two different credentials',
    headers: { 'api-key': 'another' },
    expects: invalid('multiple_credentials'),
  },
  {
    name: 'a purpose that policy denies',
    headers: { 'x-stewardgate-purpose': 'HMARKT' },
    expects: { status: 403, code: 'policy_denied', event: 'policy.denied', outcome: 'denied' },
  },
  {
    name: 'a payer that asks for a coverage decision on identified data',
    as: 'summit',
    headers: { 'x-stewardgate-purpose': 'COVERAGE', 'x-stewardgate-data-class': 'phi' },
    expects: { status: 403, code: 'policy_denied', event: 'policy.denied', outcome: 'denied' },
  },
  {
    name: 'data that a label makes sensitive, for operations',
    headers: { 'x-stewardgate-labels': 'SUD' },
    expects: { status: 403, code: 'assurance_required', event: 'policy.denied', outcome: 'denied' },
  },
  {
    name: 'a prompt that no context can hold',
    question: { content: 'cough '.repeat(200_000) },
    expects: invalid('invalid_parameter'),
  },
  {
    name: 'research on identified data',
    as: 'lakeside',
    headers: { 'x-stewardgate-data-class': 'phi' },
    expects: { status: 403, code: 'policy_denied', event: 'policy.denied', outcome: 'denied' },
  },
  {
    name: 'research with an identifier in the prompt',
    as: 'lakeside',
    question: { content: 'Patient SSN 536-22-8718 has a cough' },
    expects: invalid('undeclared_phi'),
  },
  {
    name: 'a purpose that is no word of the vocabulary',
    headers: { 'x-stewardgate-purpose': 'treat' },
    expects: invalid('context_invalid'),
  },
  {
    name: 'treatment without a named person',
    headers: { 'x-stewardgate-purpose': 'TREAT' },
    expects: invalid('context_invalid'),
  },
  {
    name: 'a patient reference that reads like a name',
    headers: { 'x-stewardgate-patient-ref': 'Quillan-Ashdown' },
    expects: invalid('patient_ref_not_opaque'),
  },
  { name: 'an unknown parameter', question: { logit_bias: {} }, expects: invalid('unknown_parameter') },
  { name: 'a parameter out of range', question: { temperature: 3 }, expects: invalid('invalid_parameter') },
  { name: 'too many choices', question: { n: 129 }, expects: invalid('invalid_parameter') },
  {
    name: "a tool of the model's host",
    question: { tools: [{ type: 'web_search' }] },
    expects: { status: 403, code: 'tool_not_allowed', event: 'policy.denied', outcome: 'denied' },
  },
  {
    name: 'a remote image',
    question: {
      messages: [
        {
          role: 'user',
          content: [{ type: 'image_url', image_url: { url: 'https://images.example/x.png' } }],
        },
      ],
    },
    expects: invalid('remote_url_not_allowed'),
  },
  {
    name: 'a model that does not exist',
    question: { model: 'steward-clinical-1' },
    expects: invalid('model_not_found', 404),
  },
  {
    name: 'a model that the tenant may not know of',
    question: { model: 'mayo-cr-3' },
    expects: invalid('model_not_found', 404),
  },
  {
    name: 'a body of another media type',
    headers: { 'content-type': 'text/plain' },
    expects: invalid('unsupported_media_type', 415),
  },
];

for (const { name, question = {}, as = 'northwind', headers, expects } of REFUSALS) {
  test(`refused and recorded once, the model not asked: ${name}`, async () => {
    const before = world.callsToModel().length;
    const reply = await world.ask(question, { key: keyOf(world.demo, as), ...(headers && { headers }) });
    assert.deepEqual([reply.status, reply.body.error.code], [expects.status, expects.code], reply.text);
    const records = await world.recordsOf(reply.id);
    const seen = records.map(({ phase, eventType, outcome, httpStatus, errorCode }) => ({
      phase,
      eventType,
      outcome,
      httpStatus,
      errorCode,
    }));
    const { event: eventType, outcome, status: httpStatus, code: errorCode } = expects;
    assert.deepEqual(seen, [{ phase: 'single', eventType, outcome, httpStatus, errorCode }]);
    assert.deepEqual(await world.usageOf(reply.id), []);
    assert.equal(world.callsToModel().length, before);
    assert.equal(reply.headers.get('x-should-retry'), 'false');
  });
}

test('a model that one may not know of and one that does not exist are the same bytes but for the ids', async () => {
  const [hidden, missing] = await Promise.all([
    world.ask({ model: 'mayo-cr-3' }),
    world.ask({ model: 'mayo-cr-9' }),
  ]);
  const bare = ({ text }: { text: string }) => text.replaceAll(/(req|dec)_[0-9a-f-]{36}/g, '$1');
  assert.equal(bare(hidden), bare(missing));
  const names = (headers: Headers) => [...headers.keys()].toSorted();
  assert.deepEqual(names(hidden.headers), names(missing.headers));
  const [record] = await world.recordsOf(hidden.id);
  assert.equal(record?.reasonCode, 'model_not_visible', 'the ledger knows the difference');
});

test('a tenant over its requests per minute is refused, told when to come back, and recorded', async () => {
  const partner = await newPartner(world, {
    limits: { requests_per_minute: 1, tokens_per_minute: 100_000, concurrent: 5 },
  });
  assert.equal((await world.ask('first', { key: partner.key })).status, 200);
  const reply = await world.ask('second', { key: partner.key });
  assert.deepEqual([reply.status, reply.body.error.code], [429, 'rate_limit_exceeded']);
  const waitMs = Number(reply.headers.get('retry-after-ms'));
  assert.ok(waitMs > 0 && waitMs <= 30_000);
  assert.equal(reply.headers.get('retry-after'), String(Math.ceil(waitMs / 1_000)));
  assert.equal(reply.headers.get('x-should-retry'), null);
  const records = await world.recordsOf(reply.id);
  assert.deepEqual(
    records.map(({ phase, eventType, outcome }) => ({ phase, eventType, outcome })),
    [{ phase: 'single', eventType: 'ratelimit.denied', outcome: 'denied' }],
  );
});

test('an answer that cannot fit the tenant is refused before the model is asked', async () => {
  const partner = await newPartner(world, {
    limits: { requests_per_minute: 10, tokens_per_minute: 100, concurrent: 5 },
  });
  const reply = await world.ask({ max_completion_tokens: 4_000 }, { key: partner.key });
  assert.deepEqual([reply.status, reply.body.error.code], [429, 'rate_limit_exceeded']);
  assert.ok(!world.callsToModel().includes(reply.id));
});

function failingOn(doors: Doors, phase: string): Doors {
  const { ledger } = doors.house;
  const append: typeof ledger.append = (record, usage) =>
    record.phase === phase ? Promise.reject(new Problem('audit_unavailable')) : ledger.append(record, usage);
  return { ...doors, house: { ...doors.house, ledger: { ...ledger, append } } };
}

test('what cannot be written down is not asked: 503, and the model never hears of it', async () => {
  const before = world.callsToModel().length;
  const url = await world.serveWith((doors) => failingOn(doors, 'decided'));
  for (const stream of [false, true]) {
    const reply = await ask({ url, key: keyOf(world.demo, 'northwind') }, { stream });
    assert.deepEqual([reply.status, reply.body.error.code], [503, 'audit_unavailable']);
    assert.ok(Number(reply.headers.get('retry-after-ms')) > 0);
  }
  assert.equal(world.callsToModel().length, before);
});

test('an answer whose last record is not durable is not released', async () => {
  const url = await world.serveWith((doors) => failingOn(doors, 'completed'));
  const whole = await ask({ url, key: keyOf(world.demo, 'northwind') }, 'a rash');
  assert.deepEqual([whole.status, whole.body.error.code], [503, 'audit_unavailable']);
  const { stream } = await ask(
    { url, key: keyOf(world.demo, 'northwind') },
    { content: 'a rash', stream: true },
  );
  assert.equal(stream.error?.code, 'audit_unavailable');
  assert.equal(stream.isDone, false);
  assert.ok(!stream.chunks.some((chunk) => chunk.choices?.some((choice) => choice.finish_reason !== null)));
});

test('a refusal that cannot be recorded is not told: 503', async () => {
  const url = await world.serveWith((doors) => failingOn(doors, 'single'));
  const refused = await ask({ url, key: keyOf(world.demo, 'northwind') }, { model: 'mayo-cr-9' });
  assert.deepEqual([refused.status, refused.body.error.code], [503, 'audit_unavailable']);
  const listed = await fetch(`${url}/v1/models`, { headers: { 'api-key': keyOf(world.demo, 'northwind') } });
  assert.equal(listed.status, 503);
});

test('a request that failed after it was decided has a completed record that says how', async () => {
  const cases = [
    {
      content: 'SIMULATE busy',
      stream: false,
      expects: { outcome: 'upstream_error', errorCode: 'upstream_busy', httpStatus: 429 },
    },
    {
      content: 'SIMULATE broken',
      stream: false,
      expects: { outcome: 'upstream_error', errorCode: 'upstream_error', httpStatus: 502 },
    },
    {
      content: 'SIMULATE broken',
      stream: true,
      expects: { outcome: 'upstream_error', errorCode: 'upstream_error', httpStatus: 502 },
    },
  ];
  for (const { expects, ...question } of cases) {
    const reply = await world.ask(question);
    const records = await world.recordsOf(reply.id);
    assert.deepEqual(
      records.map(({ phase }) => phase),
      ['decided', 'completed'],
    );
    const { outcome, errorCode, httpStatus } = records[1] ?? {};
    assert.deepEqual({ outcome, errorCode, httpStatus }, expects);
    assert.equal((await world.usageOf(reply.id)).length, 1);
  }
});

function witnessed(house: Doors['house'], order: string[]): Doors['house'] {
  return {
    ...house,
    ledger: {
      isReady: () => true,
      append: async (record, usage) => {
        order.push(`asked to keep ${record.phase}`);
        await house.ledger.append(record, usage);
        order.push(`kept ${record.phase}`);
      },
    },
    upstream: {
      ...house.upstream,
      ask: (call, signal) => {
        order.push('model asked');
        return house.upstream.ask(call, signal);
      },
    },
  };
}
