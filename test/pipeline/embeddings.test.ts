import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { EmbedCall, EmbedReply } from '../../gateway/core/models/upstream.ts';
import { Problem, type ProblemCode } from '../../gateway/domain/problem.ts';
import { embeddingsDialect } from '../../gateway/pipeline/embeddings-dialect.ts';
import { embeddingsJourney } from '../../gateway/pipeline/embeddings-journey.ts';
import type { House } from '../../gateway/pipeline/house.ts';
import type { AboutCall } from '../../gateway/pipeline/telemetry.ts';
import { embed } from '../support/embed.ts';
import { heldRequest } from '../support/request.ts';
import { act, newPartner } from '../support/steward.ts';
import { until } from '../support/until.ts';
import { keyOf, openWorld, type World } from '../world.ts';

let world: World;
before(async () => {
  world = await openWorld({
    fixtures: {
      busy: { status: 429 },
      filtered: { status: 400, error: 'content_filter' },
      unwell: { status: 500 },
      lost: { status: 404 },
      short: { raw: ['{"data":[]}'] },
      told: { usage: { prompt_tokens: 41, total_tokens: 41 } },
      uncounted: { usage: null },
      // Longer than a test may take: only giving up on it can end a call.
      silent: { stallMs: 120_000 },
    },
  });
});
after(() => world[Symbol.asyncDispose]());

const SSN = '536-22-8718';
const as = (tenant: string) => ({ url: world.url, key: keyOf(world.demo, tenant) });
const tokensLeft = (headers: Headers) => Number(headers.get('x-ratelimit-remaining-tokens'));

interface Heard {
  readonly calls: EmbedCall[];
  readonly order: string[];
  readonly about: AboutCall[];
}

/** A gateway that tells what the model was asked, what the ledger kept, and in which order. */
async function listening(
  answer?: (call: EmbedCall) => Promise<EmbedReply>,
): Promise<Heard & { url: string }> {
  const heard: Heard = { calls: [], order: [], about: [] };
  const url = await world.serveWith((doors) => ({ ...doors, house: overheard(doors.house, heard, answer) }));
  return { ...heard, url };
}

function overheard(
  house: House,
  { calls, order, about }: Heard,
  answer?: (call: EmbedCall) => Promise<EmbedReply>,
): House {
  return {
    ...house,
    ledger: {
      isReady: () => true,
      append: async (record, usage) => {
        await house.ledger.append(record, usage);
        order.push(`kept ${record.phase}`);
      },
    },
    upstream: {
      ...house.upstream,
      embed: (call, signal) => {
        calls.push(call);
        order.push('model asked');
        return answer === undefined ? house.upstream.embed(call, signal) : answer(call);
      },
    },
    telemetry: {
      ...house.telemetry,
      modelCall: (told) => {
        about.push(told);
        return house.telemetry.modelCall(told);
      },
    },
  };
}

test("an answered request has two durable records around the model's call, and one metered line", async () => {
  const { url, order, about } = await listening();
  const reply = await embed(
    { ...as('northwind'), url },
    { input: ['a cough', 'SIMULATE told'], encoding_format: 'base64', dimensions: 8 },
  );
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual(order, ['kept decided', 'model asked', 'kept completed']);
  const records = await world.recordsOf(reply.id);
  assert.deepEqual(
    records.map(({ phase, eventType, outcome, httpStatus, tokensIn, tokensOut }) => [
      phase,
      eventType,
      outcome,
      httpStatus,
      tokensIn,
      tokensOut,
    ]),
    [
      ['decided', 'model.embed', null, null, null, null],
      ['completed', 'model.embed', 'success', 200, 41, 0],
    ],
  );
  const [line, ...more] = await world.usageOf(reply.id);
  assert.deepEqual(more, []);
  assert.deepEqual(
    [line?.tokensIn, line?.tokensOut, line?.source, line?.outcome, line?.modelVersion],
    [41, 0, 'upstream', 'success', 'mayo-cr-1'],
  );
  assert.equal(reply.body.usage.total_tokens, 41);
  assert.deepEqual(about, [
    {
      operation: 'embeddings',
      version: 'mayo-cr-1',
      deployment: 'mayo-cr-1-deployment',
      streamed: false,
      vectors: { encoding: 'base64', dimensions: 8 },
    },
  ]);
});

test('a host that reports no figures is metered by our estimate', async () => {
  const reply = await embed(as('northwind'), { input: 'SIMULATE uncounted' });
  const [line] = await world.usageOf(reply.id);
  assert.deepEqual([line?.source, line?.tokensIn], ['estimated', 5]);
  assert.equal(reply.body.usage.prompt_tokens, 5);
});

test('identifiers are replaced in every input before the model reads it, and counted', async () => {
  const { url, calls } = await listening();
  const reply = await embed(
    { ...as('northwind'), url },
    { input: [`SSN ${SSN}`, 'a cough', `again SSN ${SSN}`] },
  );
  assert.equal(reply.status, 200, reply.text);
  const inputs = calls[0]?.prompt.inputs ?? [];
  assert.equal(inputs.length, 3);
  assert.doesNotMatch(inputs.join(), /536-22-8718/);
  assert.equal(inputs[1], 'a cough');
  assert.equal(reply.body.stewardgate.input_redactions, 2);
  const tally = (await world.recordsOf(reply.id))[1]?.body.redaction;
  assert.equal(
    Object.values(tally?.input ?? {}).reduce((sum, count) => sum + count, 0),
    2,
  );
});

test('where policy lets identified data pass for care, the model reads the input as it is', async () => {
  const { url, calls } = await listening();
  const headers = { 'x-stewardgate-data-class': 'phi' };
  assert.equal((await embed({ ...as('northwind'), url, headers }, { input: `SSN ${SSN}` })).status, 200);
  assert.deepEqual(calls[0]?.prompt.inputs, [`SSN ${SSN}`]);
});

test('where policy refuses identifiers, one in any input refuses the request, against the allowance and unbilled', async () => {
  const before = tokensLeft((await embed(as('lakeside'))).headers);
  const asked = world.callsToModel().length;
  const input = ['Stable overnight. '.repeat(5_000), `SSN ${SSN}`];
  const reply = await embed(as('lakeside'), { input });
  const { code, param } = reply.body.error;
  assert.deepEqual([reply.status, code, param], [400, 'undeclared_phi', 'input']);
  assert.equal(world.callsToModel().length, asked);
  assert.deepEqual(await world.usageOf(reply.id), []);
  assert.ok(before - tokensLeft((await embed(as('lakeside'))).headers) >= 20_000);
});

const REFUSED: readonly {
  readonly name: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly expects: readonly [status: number, code: ProblemCode, event: string];
}[] = [
  {
    name: 'tokens in the place of texts',
    fields: { input: [1_212, 318] },
    expects: [400, 'invalid_parameter', 'request.invalid'],
  },
  {
    name: 'an input that no context can hold',
    fields: { input: ['a cough', 'cough '.repeat(200_000)] },
    expects: [400, 'invalid_parameter', 'request.invalid'],
  },
  {
    name: 'a purpose that policy denies',
    headers: { 'x-stewardgate-purpose': 'HMARKT' },
    expects: [403, 'policy_denied', 'policy.denied'],
  },
  {
    name: 'a model that the tenant may not know of',
    fields: { model: 'mayo-cr-3' },
    expects: [404, 'model_not_found', 'request.invalid'],
  },
  {
    name: 'a key that was never issued',
    headers: { authorization: 'Bearer sgk_test_nobody' },
    expects: [401, 'invalid_api_key', 'auth.failed'],
  },
];

for (const { name, fields, headers = {}, expects } of REFUSED) {
  test(`refused and recorded once, the model not asked: ${name}`, async () => {
    const before = world.callsToModel().length;
    const reply = await embed({ ...as('northwind'), headers }, fields);
    const [status, code, event] = expects;
    assert.deepEqual([reply.status, reply.body.error.code], [status, code], reply.text);
    const records = await world.recordsOf(reply.id);
    assert.deepEqual(
      records.map(({ phase, eventType, errorCode }) => [phase, eventType, errorCode]),
      [['single', event, code]],
    );
    assert.deepEqual(await world.usageOf(reply.id), []);
    assert.equal(world.callsToModel().length, before);
  });
}

const FAILED = [
  ['busy', 429, 'upstream_busy', 'none'],
  ['filtered', 400, 'content_filter', 'estimated'],
  ['unwell', 502, 'upstream_error', 'none'],
  ['lost', 502, 'upstream_misconfigured', 'none'],
  ['short', 502, 'upstream_error', 'none'],
] as const;

for (const [fixture, status, code, source] of FAILED) {
  test(`a host that fails (${fixture}) is answered by the table, recorded as completed and metered once`, async () => {
    const { key } = await newPartner(world, {
      limits: { requests_per_minute: 10, tokens_per_minute: 100_000, concurrent: 1 },
    });
    const reply = await embed({ url: world.url, key }, { input: ['a cough', `SIMULATE ${fixture}`] });
    assert.deepEqual([reply.status, reply.body.error.code], [status, code]);
    const records = await world.recordsOf(reply.id);
    assert.deepEqual(
      records.map(({ phase, eventType, errorCode }) => [phase, eventType, errorCode]),
      [
        ['decided', 'model.embed', null],
        ['completed', 'model.embed', code],
      ],
    );
    const lines = await world.usageOf(reply.id);
    assert.deepEqual(
      lines.map((line) => line.source),
      [source],
    );
    assert.equal((await embed({ url: world.url, key })).status, 200, 'the one slot is free again');
  });
}

test('an answer whose last record is not durable is not released, and what cannot be recorded is not asked', async () => {
  for (const [phase, asked] of [
    ['decided', 0],
    ['completed', 1],
  ] as const) {
    const before = world.callsToModel().length;
    const url = await world.serveWith((doors) => {
      const { ledger } = doors.house;
      const append: typeof ledger.append = (record, usage) =>
        record.phase === phase
          ? Promise.reject(new Problem('audit_unavailable'))
          : ledger.append(record, usage);
      return { ...doors, house: { ...doors.house, ledger: { ...ledger, append } } };
    });
    const reply = await embed({ ...as('northwind'), url });
    assert.deepEqual([reply.status, reply.body.error.code], [503, 'audit_unavailable'], phase);
    assert.equal(world.callsToModel().length - before, asked);
  }
});

test('a tenant that is suspended while the model is silent gets its refusal', async () => {
  const partner = await newPartner(world);
  const before = world.callsToModel().length;
  const answer = embed({ url: world.url, key: partner.key }, { input: 'SIMULATE silent' });
  assert.ok(await until(() => world.callsToModel().length > before));
  await act(world, 'owner', `POST /admin/v1/tenants/${partner.tenant}/suspend`);
  const { status, body } = await answer;
  assert.deepEqual([status, body.error.code], [403, 'tenant_suspended']);
});

test('vectors that come after the key was revoked are metered and kept back', async () => {
  const partner = await newPartner(world);
  const { url } = await listening(async () => {
    await act(world, 'owner', `POST /admin/v1/keys/${partner.keyId}/revoke`);
    const { directory } = world.gateway.doors.house;
    const isSeen = async () => (await directory.findKey(partner.keyId as never))?.key.revokedAt !== null;
    assert.ok(await until(isSeen));
    return { upstreamRequestId: null, vectors: [[1]], usage: undefined };
  });
  const reply = await embed({ url, key: partner.key });
  assert.deepEqual([reply.status, reply.body.error.code], [401, 'invalid_api_key']);
  const [line] = await world.usageOf(reply.id);
  assert.deepEqual([line?.outcome, line?.tokensIn], ['denied', 2]);
});

/** A request for vectors, whose caller leaves when the test says so. */
function heldVectors(house: House, idempotencyKey?: string) {
  const held = heldRequest(house, keyOf(world.demo, 'northwind'), '', idempotencyKey);
  const readBody = async () => ({ model: 'mayo-cr', input: 'a cough' });
  return { ...held, request: { ...held.request, readBody, dialect: embeddingsDialect } };
}

test('a caller that leaves is recorded so, and metered by the figures that the model gave after', async () => {
  const { house } = world.gateway.doors;
  const held = heldVectors(house);
  const leaving: House = {
    ...house,
    upstream: {
      ...house.upstream,
      embed: async (call, signal) => {
        held.leave();
        return house.upstream.embed(call, signal);
      },
    },
  };
  await embeddingsJourney(leaving, held.entry, held.request);
  const { requestId } = held.entry;
  const { outcome, httpStatus } = (await world.recordsOf(requestId)).at(-1) ?? {};
  assert.deepEqual([outcome, httpStatus], ['client_aborted', 499]);
  const lines = await world.usageOf(requestId);
  assert.deepEqual(
    lines.map(({ source, tokensIn }) => [source, tokensIn]),
    [['drained', 2]],
  );
});

test('vectors whose caller left before they came are there for the retry', async () => {
  const { house } = world.gateway.doors;
  const name = randomUUID();
  const lost = heldVectors(house, name);
  lost.leave();
  const answer = await embeddingsJourney(house, lost.entry, lost.request);
  assert.ok(!answer.isRepeat && answer.key !== null);
  answer.key.add('the vectors');
  await answer.key.keep({ status: 200, headers: {} });
  const asked = world.callsToModel().length;
  const retry = heldVectors(house, name);
  const again = await embeddingsJourney(house, retry.entry, retry.request);
  assert.ok(again.isRepeat && again.answer.body === 'the vectors');
  assert.equal(world.callsToModel().length, asked);
});
