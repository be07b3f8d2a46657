import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TIMING } from '../../../gateway/adapters/limiter/limit-store.ts';
import { createMemoryLimiter } from '../../../gateway/adapters/limiter/memory-limiter.ts';
import { at } from '../../../gateway/domain/clock.ts';
import { limiterContract, limitRequest, many, type OpenLimiter, reserveAll } from './limiter-contract.ts';

const openMemory: OpenLimiter = async (timing = TIMING) => {
  let nowMs = Date.UTC(2030, 0, 1);
  return {
    limiter: createMemoryLimiter({ now: () => at(nowMs) }, timing),
    async pass(ms) {
      nowMs += ms;
    },
    async [Symbol.asyncDispose]() {},
  };
};

limiterContract('memory', openMemory);

test('memory: is ready from the start', async () => {
  await using opened = await openMemory();
  assert.equal(opened.limiter.isReady(), true);
});

test('memory: a clock that is set back does not stretch a window', async () => {
  await using opened = await openMemory();
  const none = { ...limitRequest().tenantAllowance, requestsPerMinute: 1 };
  await opened.limiter.reserve(limitRequest({ tenantAllowance: none }));
  await opened.pass(-3_600_000);
  await opened.limiter.reserve(limitRequest({ tenantAllowance: none }));
});

test('memory: a holder that was idle for long is counted afresh, one with an open stream is not forgotten', async () => {
  await using opened = await openMemory({ windowMs: 1_000, leaseMs: 10_000 });
  const one = { ...limitRequest().tenantAllowance, concurrent: 1 };
  await opened.limiter.reserve(limitRequest({ tenant: 'ten_streaming', tenantAllowance: one }));
  await opened.pass(5_000);
  await opened.limiter.reserve(limitRequest({ tenant: 'ten_other' }));
  const { refused } = await reserveAll(
    opened.limiter,
    many(1, { tenant: 'ten_streaming', tenantAllowance: one }),
  );
  assert.equal(refused[0]?.code, 'concurrency_exceeded');
});
