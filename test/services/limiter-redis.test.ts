import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { type LimitTiming, TIMING } from '../../gateway/adapters/limiter/limit-store.ts';
import { createRedisLimiter } from '../../gateway/adapters/limiter/redis-limiter.ts';
import { RedisLine } from '../../gateway/adapters/limiter/redis-line.ts';
import { RedisStore } from '../../gateway/adapters/limiter/redis-store.ts';
import type { Allowance, Limiter, LimitRequest } from '../../gateway/core/limits/limiter.ts';
import { at } from '../../gateway/domain/clock.ts';
import { asProblem } from '../../gateway/domain/problem.ts';
import { openBreakableLine } from '../adapters/limiter/breakable-line.ts';
import {
  limiterContract,
  limitRequest,
  many,
  type OpenLimiter,
  reserveAll,
} from '../adapters/limiter/limiter-contract.ts';

const REDIS_URL = process.env.REDIS_URL ?? '';
const WIDE: Allowance = { requestsPerMinute: 10_000, tokensPerMinute: 1_000_000, concurrent: 10_000 };
const REFUSE = { whenDown: 'refuse' } as const;
const INSURE = { whenDown: 'insure', replicas: 3, clock: { now: () => at(Date.now()) } } as const;

/** For tests of counting, not of deadlines: a busy machine must not fail them. */
const PATIENT = { deadlineMs: 5_000 };
const LONG = { timeout: 30_000 };
/** `remaining` itself takes a request each time. */
const PROBES_MAX = 200;

if (REDIS_URL === '') test('the Redis limiter', { skip: 'REDIS_URL is not set' }, () => {});
else proveRedisLimiter();

function proveRedisLimiter(): void {
  limiterContract('redis', openRedis);

  test('three replicas on one Redis with a limit of 100 accept exactly 100 of 1,000', async () => {
    const keyPrefix = freshPrefix();
    await using a = await createRedisLimiter({ url: REDIS_URL, keyPrefix, ...PATIENT, ...REFUSE });
    await using b = await createRedisLimiter({ url: REDIS_URL, keyPrefix, ...PATIENT, ...REFUSE });
    await using c = await createRedisLimiter({ url: REDIS_URL, keyPrefix, ...PATIENT, ...REFUSE });
    const allowance = { ...WIDE, requestsPerMinute: 100 };
    const requests = many(1_000, { tenantAllowance: allowance });
    const outcomes = await Promise.all(
      [a, b, c].map((limiter, replica) =>
        reserveAll(
          limiter,
          requests.filter((_, index) => index % 3 === replica),
        ),
      ),
    );
    assert.equal(outcomes.flatMap(({ taken }) => taken).length, 100);
    const codes = outcomes.flatMap(({ refused }) => refused).map(({ code }) => code);
    assert.deepEqual(new Set(codes), new Set(['rate_limit_exceeded']));
  });

  test('a reservation of one replica can be seen by another', async () => {
    const keyPrefix = freshPrefix();
    await using a = await createRedisLimiter({ url: REDIS_URL, keyPrefix, ...PATIENT, ...REFUSE });
    await using b = await createRedisLimiter({ url: REDIS_URL, keyPrefix, ...PATIENT, ...REFUSE });
    const allowance = { ...WIDE, concurrent: 1 };
    const reservation = await a.reserve(limitRequest({ clientAllowance: allowance }));
    assert.equal(await codeOf(b, { clientAllowance: allowance }), 'concurrency_exceeded');
    await reservation.settle(1);
    assert.equal(await codeOf(b, { clientAllowance: allowance }), 'accepted');
  });

  test('keys hold ids and counts, and every one of them expires', async () => {
    const keyPrefix = freshPrefix();
    await using limiter = await createRedisLimiter({ url: REDIS_URL, keyPrefix, ...PATIENT, ...REFUSE });
    await limiter.reserve(limitRequest());
    await using redis = await openClient();
    const keys = (await redis.client.keys(`${keyPrefix}:[wl]:*`)).sort();
    assert.deepEqual(
      keys.map((key) => key.slice(keyPrefix.length)),
      [':l:{5:ten_a}', ':l:{5:ten_a}5:cli_a', ':w:{5:ten_a}', ':w:{5:ten_a}5:cli_a'],
    );
    for (const key of keys) assert.ok((await redis.client.pTTL(key)) > 0);
  });

  test('a Redis that has forgotten the scripts is told them again', async () => {
    await using limiter = await createRedisLimiter({
      url: REDIS_URL,
      keyPrefix: freshPrefix(),
      ...PATIENT,
      ...REFUSE,
    });
    const before = await limiter.reserve(limitRequest());
    await using redis = await openClient();
    await redis.client.scriptFlush();
    await before.settle(4);
    const { standing } = await limiter.reserve(limitRequest({ tokens: 0 }));
    assert.equal(standing.remainingTokens, WIDE.tokensPerMinute - 4);
  });

  test(
    'while Redis is paused every request is refused, and afterwards none of them stays counted',
    LONG,
    async () => {
      await using limiter = await createRedisLimiter({ url: REDIS_URL, keyPrefix: freshPrefix(), ...REFUSE });
      await using redis = await openClient();
      await redis.client.sendCommand(['CLIENT', 'PAUSE', '1500', 'ALL']);
      const { taken, refused } = await reserveAll(limiter, many(300, {}));
      assert.equal(taken.length, 0);
      assert.deepEqual(new Set(refused.map(({ code }) => code)), new Set(['service_unavailable']));
      assert.ok((refused[0]?.retryAfterMs ?? 0) > 0);
      assert.equal(limiter.isReady(), false);
      await until(() => limiter.isReady());
      await until(async () => (await remaining(limiter)).requests >= WIDE.requestsPerMinute - PROBES_MAX);
      assert.equal((await remaining(limiter)).tokens, WIDE.tokensPerMinute);
    },
  );

  test('a Redis that does not take writes refuses every request, and recovers by itself', LONG, async () => {
    const states: string[] = [];
    await using limiter = await createRedisLimiter({
      url: REDIS_URL,
      keyPrefix: freshPrefix(),
      onChange: (state) => states.push(state),
      ...REFUSE,
    });
    await using redis = await openClient();
    await redis.client.configSet('min-replicas-to-write', '9');
    try {
      for (const request of many(20, {})) {
        const { refused } = await reserveAll(limiter, [request]);
        assert.equal(refused[0]?.code, 'service_unavailable');
      }
      await wait(200);
      assert.deepEqual(states, ['up', 'down']);
    } finally {
      await redis.client.configSet('min-replicas-to-write', '0');
    }
    await until(() => limiter.isReady());
    assert.equal(await codeOf(limiter), 'accepted');
  });

  test('a lost connection refuses every request until Redis is back', LONG, async () => {
    await using line = await openBreakableLine(REDIS_URL);
    await using limiter = await createRedisLimiter({ url: line.url, keyPrefix: freshPrefix(), ...REFUSE });
    line.cut();
    await until(() => !limiter.isReady());
    const { taken, refused } = await reserveAll(limiter, many(1_000, {}));
    assert.equal(taken.length, 0);
    assert.deepEqual(new Set(refused.map(({ code }) => code)), new Set(['service_unavailable']));
    line.mend();
    await until(() => limiter.isReady());
    assert.equal(await codeOf(limiter), 'accepted');
  });

  test('a limiter that starts before its Redis refuses, and is ready when Redis is there', LONG, async () => {
    await using line = await openBreakableLine(REDIS_URL);
    line.cut();
    await using limiter = await createRedisLimiter({
      url: line.url,
      keyPrefix: freshPrefix(),
      connectMs: 100,
      ...REFUSE,
    });
    assert.equal(limiter.isReady(), false);
    assert.equal(await codeOf(limiter), 'service_unavailable');
    line.mend();
    await until(() => limiter.isReady());
    assert.equal(await codeOf(limiter), 'accepted');
  });

  test('a connection that stays open and silent is replaced', LONG, async () => {
    await using breakable = await openBreakableLine(REDIS_URL);
    await using line = await openLine(breakable.url, 200);
    breakable.silencePresent();
    await breakCircuit(line);
    await until(() => line.isUp);
    assert.equal(
      await line.call(
        (redis) => redis.echo('well'),
        () => assert.fail('late'),
      ),
      'well',
    );
  });

  test('a short silence after long service does not lose the replies on their way', LONG, async () => {
    await using breakable = await openBreakableLine(REDIS_URL);
    await using line = await openLine(breakable.url, 1_000);
    await wait(1_100);
    breakable.holdReplies();
    const late = await breakCircuit(line);
    await wait(200);
    breakable.mend();
    assert.deepEqual(new Set(await Promise.all(late)), new Set(['late']));
    await until(() => line.isUp);
  });

  test('insured replicas grant their shares of 100 while Redis is away, and never more', LONG, async () => {
    await using line = await openBreakableLine(REDIS_URL);
    const options = { url: line.url, keyPrefix: freshPrefix(), ...INSURE };
    await using a = await createRedisLimiter(options);
    await using b = await createRedisLimiter(options);
    await using c = await createRedisLimiter(options);
    line.cut();
    const allowance = { ...WIDE, requestsPerMinute: 100 };
    for (const limiter of [a, b, c]) {
      assert.equal(limiter.isReady(), true);
      const { taken, refused } = await reserveAll(limiter, many(400, { tenantAllowance: allowance }));
      assert.equal(taken.length, 33);
      assert.deepEqual(new Set(refused.map(({ code }) => code)), new Set(['rate_limit_exceeded']));
      assert.equal(taken[0]?.standing.limitRequests, 33);
    }
  });

  test('what the insurance took is settled there, and Redis counts again when it is back', LONG, async () => {
    await using line = await openBreakableLine(REDIS_URL);
    await using limiter = await createRedisLimiter({ url: line.url, keyPrefix: freshPrefix(), ...INSURE });
    const slot = { ...WIDE, concurrent: 3 };
    const counted = await limiter.reserve(limitRequest({ tokens: 300, clientAllowance: slot }));
    line.cut();
    const insured = await limiter.reserve(limitRequest({ tokens: 400, clientAllowance: slot }));
    assert.equal(insured.standing.limitRequests, Math.floor(WIDE.requestsPerMinute / 3));
    await insured.settle(5);
    const again = await limiter.reserve(limitRequest({ tokens: 0, clientAllowance: slot }));
    assert.equal(again.standing.remainingTokens, Math.floor(WIDE.tokensPerMinute / 3) - 5);
    await counted.settle(100);
    line.mend();
    await until(async () => (await remaining(limiter)).tokens === WIDE.tokensPerMinute - 100);
  });

  test('what settles while Redis is away is given back when it returns', LONG, async () => {
    await using line = await openBreakableLine(REDIS_URL);
    // The deadline that counts is that of a line that is cut: there calls fail at once.
    const options = { url: line.url, keyPrefix: freshPrefix(), ...PATIENT, ...REFUSE };
    await using limiter = await createRedisLimiter(options);
    const one = { ...WIDE, concurrent: 150 };
    const { taken } = await reserveAll(limiter, many(150, { tokens: 100, clientAllowance: one }));
    line.cut();
    await Promise.all(taken.map((reservation) => reservation.settle(1)));
    await Promise.all(taken.map((reservation) => reservation.settle(0)));
    line.mend();
    await until(async () => (await codeOf(limiter, { tokens: 0, clientAllowance: one })) === 'accepted');
    await until(async () => (await remaining(limiter)).tokens === WIDE.tokensPerMinute - taken.length);
  });

  test('a settlement that is sent twice changes the counts once', async () => {
    await using store = new RedisStore({
      url: REDIS_URL,
      keyPrefix: freshPrefix(),
      timing: TIMING,
      ...PATIENT,
      onChange: () => {},
    });
    await store.opened(5_000);
    const tally = await store.take(limitRequest({ tokens: 400 }));
    await store.settle(tally, { requests: 0, tokens: -50 });
    await store.settle(tally, { requests: 0, tokens: -50 });
    const { client } = await store.take(limitRequest({ tokens: 0 }));
    assert.equal(client.tokens, 350);
    assert.equal(client.concurrent, 1);
  });

  test('a reservation whose reply comes too late is taken back whole', LONG, async () => {
    await using line = await openBreakableLine(REDIS_URL);
    await using limiter = await createRedisLimiter({ url: line.url, keyPrefix: freshPrefix(), ...REFUSE });
    line.holdReplies();
    const one = { requestsPerMinute: 1, tokensPerMinute: 10, concurrent: 1 };
    assert.equal(await codeOf(limiter, { clientAllowance: one, tokens: 10 }), 'service_unavailable');
    line.mend();
    await until(async () => (await codeOf(limiter, { clientAllowance: one, tokens: 10 })) === 'accepted');
  });

  test('a reservation whose reply is lost does not keep its slot', LONG, async () => {
    await using line = await openBreakableLine(REDIS_URL);
    await using limiter = await createRedisLimiter({ url: line.url, keyPrefix: freshPrefix(), ...REFUSE });
    line.holdReplies();
    const slot = { ...WIDE, concurrent: 1 };
    assert.equal(await codeOf(limiter, { clientAllowance: slot }), 'service_unavailable');
    line.cut();
    line.mend();
    await until(async () => (await codeOf(limiter, { clientAllowance: slot })) === 'accepted');
  });
}

async function openRedis(timing?: LimitTiming): ReturnType<OpenLimiter> {
  const limiter = await createRedisLimiter({
    url: REDIS_URL,
    keyPrefix: freshPrefix(),
    ...PATIENT,
    ...REFUSE,
    ...(timing && { timing }),
  });
  return {
    limiter,
    pass: (ms) => wait(ms),
    [Symbol.asyncDispose]: () => limiter[Symbol.asyncDispose](),
  };
}

function freshPrefix(): string {
  return `test:${randomUUID()}`;
}

async function openLine(url: string, redialMs: number): Promise<RedisLine> {
  const probeKey = `${freshPrefix()}:probe`;
  const line = new RedisLine({ url, deadlineMs: 50, probeKey, redialMs, onChange: () => {} });
  await line.opened(5_000);
  return line;
}

/** Calls that nobody answers in time until the line is down; what was sent and given up. */
async function breakCircuit(line: RedisLine): Promise<readonly Promise<string>[]> {
  const late: Promise<string>[] = [];
  const calls = Array.from({ length: 5 }, () =>
    line.call(
      (redis) => redis.echo('late'),
      (reply) => {
        reply.catch(() => undefined);
        late.push(reply);
      },
    ),
  );
  for (const { status } of await Promise.allSettled(calls)) assert.equal(status, 'rejected');
  assert.equal(line.isUp, false);
  return late;
}

async function openClient() {
  const client = await createClient({ url: REDIS_URL, RESP: 2 }).connect();
  return {
    client,
    async [Symbol.asyncDispose]() {
      client.destroy();
    },
  };
}

async function codeOf(limiter: Limiter, change: Partial<LimitRequest> = {}): Promise<string> {
  try {
    await (await limiter.reserve(limitRequest(change))).settle(change.tokens ?? 10);
    return 'accepted';
  } catch (thrown) {
    return asProblem(thrown).code;
  }
}

async function remaining(limiter: Limiter) {
  const reservation = await limiter.reserve(limitRequest({ tokens: 0 })).catch(() => undefined);
  await reservation?.settle(0);
  return {
    requests: reservation?.standing.remainingRequests ?? 0,
    tokens: reservation?.standing.remainingTokens ?? 0,
  };
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 2_000; turn += 1) {
    if (await isSo()) return;
    await wait(10);
  }
  assert.fail('it never came true');
}
