import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { idempotency } from '../../gateway/adapters/postgres/schema/idempotency.ts';
import type { EmbedCall, EmbedReply } from '../../gateway/core/models/upstream.ts';
import { Problem } from '../../gateway/domain/problem.ts';
import type { House } from '../../gateway/pipeline/house.ts';
import type { Asking } from '../support/ask.ts';
import { embed, numbersOf } from '../support/embed.ts';
import { newPartner } from '../support/steward.ts';
import { until } from '../support/until.ts';
import { keyOf, openWorld, type World } from '../world.ts';

let world: World;
before(async () => {
  world = await openWorld({ fixtures: { unwell: { status: 500 } } });
});
after(() => world[Symbol.asyncDispose]());

type Fields = Readonly<Record<string, unknown>>;
type Headers = Readonly<Record<string, string>>;

const under = (key: string, more: Headers = {}) => ({ headers: { 'idempotency-key': key, ...more } });
const ask = (fields: Fields, as: Partial<Asking>) =>
  embed({ url: world.url, key: keyOf(world.demo, 'northwind'), ...as }, fields);
const isReplay = (reply: { readonly headers: globalThis.Headers }) =>
  reply.headers.get('idempotent-replayed') === 'true';
const rows = () => world.gateway.database.handle.select().from(idempotency);

/** The same gateway, its house changed. */
const serve = (change: (house: House) => Partial<House>): Promise<string> =>
  world.serveWith((doors) => ({ ...doors, house: { ...doors.house, ...change(doors.house) } }));

/** A gateway that has its model answer in this way, and remembers what it was asked. */
async function withModel(
  answer: (call: EmbedCall) => Promise<EmbedReply>,
  replays: Partial<House['replays']> = {},
) {
  const calls: EmbedCall[] = [];
  const url = await serve((house) => ({
    replays: { ...house.replays, ...replays },
    upstream: {
      ...house.upstream,
      embed: (call) => {
        calls.push(call);
        return answer(call);
      },
    },
  }));
  return { url, calls };
}

/** A model that gives its vectors only when it is let go. */
function heldVectors() {
  const gate = Promise.withResolvers<void>();
  const answer = async (): Promise<EmbedReply> => {
    await gate.promise;
    return { upstreamRequestId: null, vectors: [[0.5, -0.25]], usage: undefined };
  };
  return { answer, letGo: gate.resolve };
}

for (const encoding_format of ['float', 'base64']) {
  test(`the second request for vectors under a key is given the first answer, asked for and charged once: ${encoding_format}`, async () => {
    const key = randomUUID();
    const fields = { input: ['a cough', 'a rash'], encoding_format, dimensions: 64 };
    const first = await ask(fields, under(key));
    const asked = world.callsToModel().length;
    const second = await ask(fields, under(key));
    assert.deepEqual([first.status, second.status, second.text], [200, 200, first.text]);
    assert.equal(typeof second.body.data[0]?.embedding === 'string', encoding_format === 'base64');
    assert.equal(numbersOf(second.body.data[1]?.embedding).length, 64);
    assert.deepEqual([isReplay(first), isReplay(second)], [false, true]);
    assert.equal(world.callsToModel().length, asked);
    for (const name of [
      'content-type',
      'x-stewardgate-decision-id',
      'x-stewardgate-model-version',
      'x-stewardgate-policy-set',
      'x-stewardgate-redactions',
    ])
      assert.equal(second.headers.get(name), first.headers.get(name), name);
    assert.notEqual(second.id, first.id);
    assert.equal((await world.usageOf(first.id)).length, 1);
    assert.deepEqual(await world.usageOf(second.id), []);
  });
}

test('a replay of vectors has one record of its own, which names the first request', async () => {
  const key = randomUUID();
  const first = await ask({}, under(key));
  const { id } = await ask({}, under(key));
  const [record, ...more] = await world.recordsOf(id);
  assert.deepEqual(more, []);
  assert.deepEqual(
    [record?.phase, record?.eventType, record?.outcome, record?.httpStatus, record?.body.replayOf],
    ['single', 'model.replay', 'success', 200, first.id],
  );
  assert.deepEqual([record?.tokensIn, record?.tokensOut], [null, null]);
  assert.equal(record?.decision, 'allow_with_obligations');
});

test('twenty requests for vectors at once under one key are one call, one usage line and one answer', async () => {
  const { answer, letGo } = heldVectors();
  const { url, calls } = await withModel(answer);
  const key = randomUUID();
  const asking = Array.from({ length: 20 }, () => ask({}, { url, ...under(key) }));
  assert.ok(await until(() => calls.length === 1));
  letGo();
  const replies = await Promise.all(asking);
  assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200]));
  assert.equal(new Set(replies.map(({ text }) => text)).size, 1);
  assert.equal(replies.filter((reply) => !isReplay(reply)).length, 1);
  assert.equal(calls.length, 1);
  const usage = await Promise.all(replies.map(({ id }) => world.usageOf(id)));
  assert.equal(usage.flat().length, 1);
});

const OTHERS: readonly (readonly [string, Fields, Headers])[] = [
  ['another text', { input: 'a fever' }, {}],
  ['the same text in a list', { input: ['a cough'] }, {}],
  ['another encoding', { encoding_format: 'base64' }, {}],
  ['other dimensions', { dimensions: 8 }, {}],
  ['another data class', {}, { 'x-stewardgate-data-class': 'limited' }],
  ['another patient', {}, { 'x-stewardgate-patient-ref': 'pt7f3a9c21' }],
];
for (const [what, fields, headers] of OTHERS) {
  test(`a key that named another request for vectors is refused: ${what}`, async () => {
    const key = randomUUID();
    assert.equal((await ask({}, under(key))).status, 200);
    const asked = world.callsToModel().length;
    const reply = await ask(fields, under(key, headers));
    assert.deepEqual([reply.status, reply.body.error.code], [422, 'idempotency_mismatch']);
    assert.equal(reply.headers.get('x-should-retry'), 'false');
    assert.equal(world.callsToModel().length, asked);
    assert.deepEqual(
      (await world.recordsOf(reply.id)).map(({ phase, eventType }) => [phase, eventType]),
      [['single', 'request.invalid']],
    );
  });
}

test('one key for an answer in words and for vectors names two requests', async () => {
  const key = randomUUID();
  assert.equal((await world.ask('a cough', under(key))).status, 200);
  const reply = await ask({}, under(key));
  assert.deepEqual([reply.status, reply.body.error.code], [422, 'idempotency_mismatch']);
});

test('a key for vectors means nothing to another tenant', async () => {
  const [key, partner] = [randomUUID(), await newPartner(world)];
  await ask({}, under(key));
  const reply = await ask({ input: 'a fever' }, { key: partner.key, ...under(key) });
  assert.deepEqual([reply.status, isReplay(reply)], [200, false]);
});

test('the id that Azure clients keep through their retries works as a key for vectors when it is a UUID', async () => {
  for (const [id, isKey] of [
    [randomUUID(), true],
    ['my-app', false],
  ] as const) {
    const headers = { 'x-ms-client-request-id': id };
    const [first, second] = [await ask({}, { headers }), await ask({}, { headers })];
    assert.deepEqual([first.status, second.status, isReplay(second)], [200, 200, isKey]);
  }
});

test('a request for vectors that ends without them gives its key back', async () => {
  const key = randomUUID();
  const before = world.callsToModel().length;
  for (let tries = 0; tries < 2; tries += 1) {
    const reply = await ask({ input: 'SIMULATE unwell' }, under(key));
    assert.deepEqual([reply.status, reply.body.error.code], [502, 'upstream_error']);
  }
  assert.equal(world.callsToModel().length, before + 2);
  const good = await ask({}, under(key));
  assert.deepEqual([good.status, isReplay(good)], [200, false]);
});

test('a request for vectors that finds no room gives its key back', async () => {
  const limits = { requests_per_minute: 1, tokens_per_minute: 100_000, concurrent: 1 };
  const partner = await newPartner(world, { limits });
  await ask({}, { key: partner.key });
  const count = (await rows()).length;
  const reply = await ask({}, { key: partner.key, ...under(randomUUID()) });
  assert.equal(reply.status, 429);
  assert.equal((await rows()).length, count);
});

test('vectors whose last record is not durable are not kept for a duplicate, and their key is given back', async () => {
  const url = await serve(({ ledger }) => ({
    ledger: {
      ...ledger,
      append: (record, usage) =>
        record.phase === 'completed'
          ? Promise.reject(new Problem('audit_unavailable'))
          : ledger.append(record, usage),
    },
  }));
  const key = randomUUID();
  const reply = await ask({}, { url, ...under(key) });
  assert.deepEqual([reply.status, reply.body.error.code], [503, 'audit_unavailable']);
  assert.deepEqual(
    (await rows()).filter(({ requestId }) => requestId === reply.id),
    [],
  );
});

const FACT_ONLY: readonly (readonly [string, Headers, Fields, Partial<House['replays']>])[] = [
  ['a rule keeps no content', { 'x-stewardgate-data-class': 'phi' }, {}, {}],
  ['the setting keeps none', {}, {}, { retentionMs: 0 }],
  [
    'they are longer than 1 MiB',
    {},
    { input: Array.from({ length: 200 }, () => 'a cough'), dimensions: 1_536 },
    {},
  ],
];
for (const [why, headers, fields, replays] of FACT_ONLY) {
  test(`a duplicate is refused vectors and asks nobody where ${why}`, async () => {
    const key = randomUUID();
    const url = await serve((house) => ({ replays: { ...house.replays, ...replays } }));
    const first = await ask(fields, { url, ...under(key, headers) });
    assert.equal(first.status, 200, first.text.slice(0, 200));
    const asked = world.callsToModel().length;
    const second = await ask(fields, { url, ...under(key, headers) });
    assert.deepEqual([second.status, second.body.error.code], [422, 'duplicate_request']);
    assert.equal(second.headers.get('x-should-retry'), 'false');
    assert.equal(world.callsToModel().length, asked);
    const kept = (await rows()).filter(({ requestId }) => requestId === first.id);
    assert.deepEqual(
      kept.map(({ state, answer }) => [state, answer]),
      [['finished', null]],
    );
  });
}

test('a duplicate that has waited long enough for vectors is refused, never with 409', async () => {
  const { answer, letGo } = heldVectors();
  const { url, calls } = await withModel(answer, { waitMsMax: 50 });
  const key = randomUUID();
  const first = ask({}, { url, ...under(key) });
  assert.ok(await until(() => calls.length === 1));
  const second = await ask({}, { url, ...under(key) });
  assert.deepEqual([second.status, second.body.error.code], [422, 'duplicate_request']);
  const other = await ask({ input: 'a fever' }, { url, ...under(key) });
  assert.equal(other.body.error.code, 'idempotency_mismatch');
  letGo();
  assert.equal((await first).status, 200);
});

test('while nobody can say whether a request for vectors is new, one with a key is refused and one without is answered', async () => {
  const down = () => Promise.reject(new Problem('service_unavailable'));
  const claims = { claim: down, look: down, finish: down, release: down };
  const url = await serve(({ replays }) => ({ replays: { ...replays, claims } }));
  const asked = world.callsToModel().length;
  const reply = await ask({}, { url, ...under(randomUUID()) });
  assert.deepEqual([reply.status, reply.body.error.code], [503, 'service_unavailable']);
  assert.equal(world.callsToModel().length, asked);
  assert.equal((await ask({}, { url })).status, 200);
});

test('vectors that storage does not take go out all the same, and the fault is logged', async () => {
  const finish = () => Promise.reject(new Problem('service_unavailable'));
  const url = await serve(({ replays }) => ({
    replays: { ...replays, claims: { ...replays.claims, finish } },
  }));
  const faults = world.log.faults.length;
  const reply = await ask({}, { url, ...under(randomUUID()) });
  assert.equal(reply.status, 200);
  assert.deepEqual(
    world.log.faults.slice(faults).map(({ id, route }) => [id, route]),
    [[reply.id, 'replay']],
  );
});

test('neither the texts nor their vectors can be read in what is kept', async () => {
  const key = `visible-${randomUUID()}`;
  const reply = await ask({ input: 'zebrafish', encoding_format: 'base64' }, under(key));
  const kept = (await rows()).find(({ requestId }) => requestId === reply.id);
  assert.ok(kept?.answer !== undefined && kept.answer !== null && kept.answer.length > 1_000);
  const { answer, keyHmac, bodyHmac, ...rest } = kept;
  const all = Buffer.concat([answer, keyHmac, bodyHmac, Buffer.from(JSON.stringify(rest))]);
  const vector = String(reply.body.data[0]?.embedding);
  for (const word of ['zebrafish', vector.slice(0, 24), 'embedding', key, 'mayo-cr'])
    assert.ok(!all.includes(word), word);
});
