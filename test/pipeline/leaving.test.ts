import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ReplyEvent, UpstreamModel } from '../../gateway/core/models/upstream.ts';
import type { House } from '../../gateway/pipeline/house.ts';
import { replyOf } from '../support/reply.ts';
import { answerTo, heldRequest } from '../support/request.ts';
import { act, newPartner } from '../support/steward.ts';
import { until } from '../support/until.ts';
import { keyOf, openWorld, type World } from '../world.ts';

const LONG = Array.from({ length: 3_000 }, (_, at) => `word${at} `);

let world: World;
before(async () => {
  world = await openWorld({
    fixtures: { long: { chunks: LONG, usage: { prompt_tokens: 9, completion_tokens: 3_000 } } },
  });
});
after(() => world[Symbol.asyncDispose]());

const USAGE: ReplyEvent = { kind: 'usage', usage: { input: 9, cachedInput: 0, output: 4, reasoning: 0 } };
const FINISH: ReplyEvent = { kind: 'finish', choice: 0, reason: 'stop' };
const say = (text: string): ReplyEvent => ({ kind: 'text', choice: 0, field: 'content', text });

function saying(events: (signal: AbortSignal) => AsyncGenerator<readonly ReplyEvent[]>): UpstreamModel {
  return {
    ...world.gateway.doors.house.upstream,
    ask: async (_, signal) => replyOf(events(signal)),
  };
}

const houseWith = (upstream: UpstreamModel): House => ({ ...world.gateway.doors.house, upstream });
const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

async function endOf(requestId: string) {
  const [line, ...more] = await world.usageOf(requestId);
  assert.deepEqual(more, []);
  const records = await world.recordsOf(requestId);
  assert.deepEqual(
    records.map(({ phase }) => phase),
    ['decided', 'completed'],
  );
  const { outcome, httpStatus, errorCode } = records[1] ?? {};
  return { outcome, httpStatus, errorCode, source: line?.source, tokensOut: line?.tokensOut };
}

test('a caller that leaves in the middle is recorded so, and metered by the figures that the model gave after', async () => {
  const leave = new AbortController();
  const response = await fetch(`${world.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'api-key': keyOf(world.demo, 'northwind'), 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'mayo-cr',
      messages: [{ role: 'user', content: 'SIMULATE long' }],
      stream: true,
    }),
    signal: leave.signal,
  });
  const id = response.headers.get('x-request-id') ?? '';
  await response.body?.getReader().read();
  leave.abort();
  assert.ok(await until(async () => (await world.recordsOf(id)).length === 2));
  const expected = {
    outcome: 'client_aborted',
    httpStatus: 499,
    errorCode: null,
    source: 'drained',
    tokensOut: 3_000,
  };
  assert.deepEqual(await endOf(id), expected);
});

test('a caller that leaves a model that says no more is metered by what was said', async () => {
  const house = houseWith(
    saying(async function* (signal) {
      yield [say('Rest and fluids, then review. ')];
      await aborted(signal);
    }),
  );
  const { entry, request, leave, cancel } = heldRequest(house, keyOf(world.demo, 'northwind'), {
    stream: true,
  });
  const answer = await answerTo(house, entry, request);
  await answer.batches.next();
  leave();
  cancel();
  await assert.rejects(answer.batches.next());
  const end = await endOf(entry.requestId);
  assert.deepEqual(
    { ...end, tokensOut: Number(end.tokensOut) > 0 },
    {
      outcome: 'client_aborted',
      httpStatus: 499,
      errorCode: 'request_timeout',
      source: 'estimated',
      tokensOut: true,
    },
  );
});

test('a caller that leaves before the model has accepted is no fault of the house', async () => {
  const house = houseWith({ ...world.gateway.doors.house.upstream, ask: (_, signal) => aborted(signal) });
  const { entry, request, leave, cancel } = heldRequest(house, keyOf(world.demo, 'northwind'), {
    stream: true,
  });
  const answer = answerTo(house, entry, request);
  leave();
  cancel();
  await assert.rejects(answer, { code: 'request_timeout' });
  const { outcome, httpStatus, errorCode } = await endOf(entry.requestId);
  assert.deepEqual(
    { outcome, httpStatus, errorCode },
    { outcome: 'client_aborted', httpStatus: 499, errorCode: 'request_timeout' },
  );
});

test('a reader that stops reading ends the request as well', async () => {
  const house = houseWith(
    saying(async function* () {
      yield [say('Rest. ')];
      yield [say('Fluids. ')];
      yield [FINISH, USAGE];
    }),
  );
  const { entry, request } = heldRequest(house, keyOf(world.demo, 'northwind'), { stream: true });
  const answer = await answerTo(house, entry, request);
  await answer.batches.next();
  await answer.batches.return(undefined);
  assert.equal((await endOf(entry.requestId)).outcome, 'failed');
});

test('a key that is revoked during an answer stops the answer, and what was used is metered', async () => {
  const partner = await newPartner(world);
  const house = houseWith(
    saying(async function* () {
      yield [say('Rest. ')];
      assert.equal((await act(world, 'owner', `POST /admin/v1/keys/${partner.keyId}/revoke`)).status, 200);
      await until(async () => (await world.ask('again', { key: partner.key })).status === 401);
      yield [say('Fluids, and nobody should read this. ')];
      yield [FINISH, USAGE];
    }),
  );
  const { entry, request } = heldRequest(house, partner.key, { stream: true });
  const answer = await answerTo(house, entry, request);
  await assert.rejects(
    async () => {
      for await (const batch of answer.batches) assert.ok(!JSON.stringify(batch).includes('nobody'));
    },
    { code: 'invalid_api_key' },
  );
  const end = await endOf(entry.requestId);
  assert.deepEqual([end.outcome, end.source], ['denied', 'estimated']);
});

test('a tenant with all its slots in use is refused until one of its answers ends', async () => {
  const limits = { requests_per_minute: 10, tokens_per_minute: 100_000, concurrent: 1 };
  const partner = await newPartner(world, { limits });
  const release = Promise.withResolvers<void>();
  const house = houseWith(
    saying(async function* () {
      yield [say('Rest and fluids, then review. ')];
      await release.promise;
      yield [FINISH, USAGE];
    }),
  );
  const { entry, request } = heldRequest(house, partner.key, { stream: true });
  const answering = answerTo(house, entry, request);
  const isAsked = async () => (await world.recordsOf(entry.requestId)).length === 1;
  assert.ok(await until(isAsked));
  const second = await world.ask('second', { key: partner.key });
  assert.deepEqual([second.status, second.body.error.code], [429, 'concurrency_exceeded']);
  assert.deepEqual(second.body.error.inner_error.reasons, ['tenant_concurrent', 'client_concurrent']);
  release.resolve();
  for await (const batch of (await answering).batches) assert.ok(batch.length > 0);
  assert.equal((await world.ask('third', { key: partner.key })).status, 200);
});
