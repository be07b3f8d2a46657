import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LimitTiming } from '../../../gateway/adapters/limiter/limit-store.ts';
import type { Allowance, Limiter, LimitRequest, Reservation } from '../../../gateway/core/limits/limiter.ts';
import { asProblem, Problem } from '../../../gateway/domain/problem.ts';

/** A limiter with no counts in it, and the hand of the clock that it counts by. */
export interface LimiterUnderTest extends AsyncDisposable {
  readonly limiter: Limiter;
  /** Lets that much time pass for the limiter. */
  pass(ms: number): Promise<void>;
}

export type OpenLimiter = (timing?: LimitTiming) => Promise<LimiterUnderTest>;

const WIDE: Allowance = { requestsPerMinute: 10_000, tokensPerMinute: 1_000_000, concurrent: 10_000 };
const SHORT: LimitTiming = { windowMs: 200, leaseMs: 200 };

let leases = 0;

export function limitRequest(change: Partial<LimitRequest> = {}): LimitRequest {
  leases += 1;
  return {
    tenant: 'ten_a',
    client: 'cli_a',
    tenantAllowance: WIDE,
    clientAllowance: WIDE,
    tokens: 10,
    lease: `req_${leases}`,
    ...change,
  };
}

/** What came of reserving each at once. */
export async function reserveAll(limiter: Limiter, requests: readonly LimitRequest[]) {
  const outcomes = await Promise.allSettled(requests.map((request) => limiter.reserve(request)));
  const taken: Reservation[] = [];
  const refused: Problem[] = [];
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') taken.push(outcome.value);
    else refused.push(asProblem(outcome.reason));
  }
  return { taken, refused };
}

export function many(count: number, change: Partial<LimitRequest>): readonly LimitRequest[] {
  return Array.from({ length: count }, () => limitRequest(change));
}

async function refusalOf(limiter: Limiter, change: Partial<LimitRequest>): Promise<Problem> {
  try {
    await limiter.reserve(limitRequest(change));
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown;
    throw thrown;
  }
  return assert.fail('the reservation was accepted');
}

/** Every promise of the Limiter port, for any store behind it. */
export function limiterContract(store: string, open: OpenLimiter): void {
  const promise = (guarantee: string, prove: (limiter: Limiter) => Promise<void>) =>
    test(`${store}: ${guarantee}`, async () => {
      await using opened = await open();
      await prove(opened.limiter);
    });

  promise('a limit of 100 requests accepts exactly 100 of 1,000 at once', async (limiter) => {
    const allowance = { ...WIDE, requestsPerMinute: 100 };
    const { taken, refused } = await reserveAll(limiter, many(1_000, { tenantAllowance: allowance }));
    assert.equal(taken.length, 100);
    assert.deepEqual(new Set(refused.map(({ code }) => code)), new Set(['rate_limit_exceeded']));
    assert.deepEqual(refused[0]?.reasons, ['tenant_requests']);
  });

  promise('a limit of 1,000 tokens accepts exactly 100 reservations of 10 at once', async (limiter) => {
    const allowance = { ...WIDE, tokensPerMinute: 1_000 };
    const { taken, refused } = await reserveAll(limiter, many(300, { clientAllowance: allowance }));
    assert.equal(taken.length, 100);
    assert.equal(refused[0]?.code, 'rate_limit_exceeded');
    assert.deepEqual(refused[0]?.reasons, ['client_tokens']);
  });

  promise(
    'a limit of 5 at once accepts exactly 5 of 50, and 5 more when those have settled',
    async (limiter) => {
      const allowance = { ...WIDE, concurrent: 5 };
      const first = await reserveAll(limiter, many(50, { clientAllowance: allowance }));
      assert.equal(first.taken.length, 5);
      assert.deepEqual(new Set(first.refused.map(({ code }) => code)), new Set(['concurrency_exceeded']));
      await Promise.all(first.taken.map((reservation) => reservation.settle(1)));
      const second = await reserveAll(limiter, many(50, { clientAllowance: allowance }));
      assert.equal(second.taken.length, 5);
    },
  );

  promise('a refusal says when to come back, at least 1 ms and at most 30 s away', async (limiter) => {
    const nothing = { requestsPerMinute: 0, tokensPerMinute: 0, concurrent: 0 };
    for (const allowance of [{ ...WIDE, requestsPerMinute: 0 }, { ...WIDE, concurrent: 0 }, nothing]) {
      const { retryAfterMs = 0 } = await refusalOf(limiter, { tenantAllowance: allowance });
      assert.ok(retryAfterMs >= 1 && retryAfterMs <= 30_000);
    }
  });

  promise('a refusal names every limit that it broke', async (limiter) => {
    const nothing = { requestsPerMinute: 0, tokensPerMinute: 0, concurrent: 0 };
    const problem = await refusalOf(limiter, {
      tenantAllowance: nothing,
      clientAllowance: { ...WIDE, concurrent: 0 },
    });
    assert.equal(problem.code, 'rate_limit_exceeded');
    assert.deepEqual(problem.reasons, [
      'tenant_requests',
      'tenant_tokens',
      'tenant_concurrent',
      'client_concurrent',
    ]);
  });

  promise('a request refused for its tokens takes no tokens, no request and no slot', async (limiter) => {
    const tight = { requestsPerMinute: 1, tokensPerMinute: 100, concurrent: 1 };
    const { refused } = await reserveAll(limiter, many(20, { tenantAllowance: tight, tokens: 101 }));
    assert.equal(refused.length, 20);
    const { standing } = await limiter.reserve(limitRequest({ tenantAllowance: tight, tokens: 100 }));
    assert.equal(standing.remainingTokens, 0);
    assert.equal(standing.remainingRequests, 0);
  });

  promise('what the client may not, is not taken from the tenant', async (limiter) => {
    await refusalOf(limiter, { clientAllowance: { ...WIDE, requestsPerMinute: 0 } });
    const { standing } = await limiter.reserve(limitRequest());
    assert.equal(standing.remainingRequests, WIDE.requestsPerMinute - 1);
    assert.equal(standing.remainingTokens, WIDE.tokensPerMinute - 10);
  });

  promise('what the tenant may not, is not taken from the client', async (limiter) => {
    await refusalOf(limiter, { tenantAllowance: { ...WIDE, concurrent: 0 } });
    const lastSlot = { ...WIDE, concurrent: 1 };
    const { standing } = await limiter.reserve(limitRequest({ clientAllowance: lastSlot }));
    assert.equal(standing.remainingRequests, WIDE.requestsPerMinute - 1);
  });

  promise('settling leaves the true figure charged and gives back the rest, once', async (limiter) => {
    const reservation = await limiter.reserve(limitRequest({ tokens: 400 }));
    await reservation.settle(150);
    await reservation.settle(0);
    const { standing } = await limiter.reserve(limitRequest({ tokens: 0 }));
    assert.equal(standing.remainingTokens, WIDE.tokensPerMinute - 150);
  });

  promise('what was used beyond the reservation is charged on settling', async (limiter) => {
    const reservation = await limiter.reserve(limitRequest({ tokens: 100 }));
    await reservation.settle(170);
    const { standing } = await limiter.reserve(limitRequest({ tokens: 0 }));
    assert.equal(standing.remainingTokens, WIDE.tokensPerMinute - 170);
  });

  promise('a figure that is not a count settles at the worst case', async (limiter) => {
    for (const figure of [Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY]) {
      await (await limiter.reserve(limitRequest({ tokens: 100 }))).settle(figure);
    }
    const { standing } = await limiter.reserve(limitRequest({ tokens: 0 }));
    assert.equal(standing.remainingTokens, WIDE.tokensPerMinute - 400);
  });

  promise('tokens that are not a count are never reserved', async (limiter) => {
    for (const tokens of [Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY]) {
      await assert.rejects(limiter.reserve(limitRequest({ tokens })), RangeError);
    }
  });

  promise('an allowance that is not a number allows nothing', async (limiter) => {
    for (const limit of ['requestsPerMinute', 'tokensPerMinute', 'concurrent'] as const) {
      const broken = { ...WIDE, [limit]: Number.NaN };
      await assert.rejects(limiter.reserve(limitRequest({ tenantAllowance: broken })), Problem);
      await assert.rejects(limiter.reserve(limitRequest({ clientAllowance: broken })), Problem);
    }
  });

  promise(
    'the standing is that of the tighter of tenant and client, for requests and tokens apart',
    async (limiter) => {
      const { standing } = await limiter.reserve(
        limitRequest({
          tenantAllowance: { ...WIDE, requestsPerMinute: 50 },
          clientAllowance: { ...WIDE, tokensPerMinute: 500 },
          tokens: 100,
        }),
      );
      assert.equal(standing.limitRequests, 50);
      assert.equal(standing.remainingRequests, 49);
      assert.equal(standing.limitTokens, 500);
      assert.equal(standing.remainingTokens, 400);
      assert.ok(standing.resetRequestsMs > 0 && standing.resetRequestsMs <= 60_000);
      assert.ok(standing.resetTokensMs > 0 && standing.resetTokensMs <= 60_000);
    },
  );

  promise('two clients share what their tenant may use', async (limiter) => {
    const one = { ...WIDE, requestsPerMinute: 1 };
    await limiter.reserve(limitRequest({ client: 'cli_a', tenantAllowance: one }));
    const problem = await refusalOf(limiter, { client: 'cli_b', tenantAllowance: one });
    assert.deepEqual(problem.reasons, ['tenant_requests']);
  });

  promise('ids that run together when joined never share a count', async (limiter) => {
    const one = { ...WIDE, requestsPerMinute: 1 };
    const pairs = [
      ['a:b', 'c'],
      ['a', 'b:c'],
      ['a}1:b', 'c'],
      ['a', 'b}1:c'],
      ['a}5:b', 'c'],
      ['{a', 'b'],
      ['{', 'a:b'],
      ['1:a', '1:b'],
      ['1', 'a1:b'],
    ] as const;
    for (const [tenant, client] of pairs) {
      await limiter.reserve(limitRequest({ tenant, client, clientAllowance: one }));
    }
    for (const [tenant, client] of pairs) {
      await refusalOf(limiter, { tenant, client, clientAllowance: one });
    }
  });

  promise('a tenant whose id is spelled as the key of a client is still another holder', async (limiter) => {
    const one = { ...WIDE, requestsPerMinute: 1 };
    await limiter.reserve(limitRequest({ tenant: 'a', client: 'b', tenantAllowance: one }));
    await limiter.reserve(limitRequest({ tenant: 'a}1:b', client: 'b', tenantAllowance: one }));
    await limiter.reserve(limitRequest({ tenant: '{1:a}1:b', client: 'b', tenantAllowance: one }));
  });

  promise('when all is settled, the true usage stays charged and every slot is free', async (limiter) => {
    let turn = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { maxLength: 40 }), async (steps) => {
        turn += 1;
        await proveNothingIsLost(limiter, `ten_${turn}`, steps);
      }),
      { numRuns: 40 },
    );
  });

  test(`${store}: a new window starts with the whole allowance`, async () => {
    await using opened = await open(SHORT);
    const one = { requestsPerMinute: 1, tokensPerMinute: 10, concurrent: 2 };
    await opened.limiter.reserve(limitRequest({ tenantAllowance: one }));
    await opened.pass(SHORT.windowMs + 1);
    const { standing } = await opened.limiter.reserve(limitRequest({ tenantAllowance: one }));
    assert.equal(standing.remainingRequests, 0);
  });

  test(`${store}: what is given back after its window has ended does not enlarge the next`, async () => {
    await using opened = await open({ windowMs: 600, leaseMs: 60_000 });
    const reservation = await opened.limiter.reserve(limitRequest({ tokens: 400 }));
    await opened.pass(601);
    await opened.limiter.reserve(limitRequest({ tokens: 300 }));
    await reservation.settle(150);
    const { standing } = await opened.limiter.reserve(limitRequest({ tokens: 0 }));
    assert.equal(standing.remainingTokens, WIDE.tokensPerMinute - 300);
    assert.equal(standing.remainingRequests, WIDE.requestsPerMinute - 2);
  });

  test(`${store}: an excess that is known after its window has ended is charged to the next`, async () => {
    await using opened = await open({ windowMs: 200, leaseMs: 60_000 });
    const reservation = await opened.limiter.reserve(limitRequest({ tokens: 400 }));
    await opened.pass(201);
    await reservation.settle(550);
    const { standing } = await opened.limiter.reserve(limitRequest({ tokens: 0 }));
    assert.equal(standing.remainingTokens, WIDE.tokensPerMinute - 150);
  });

  test(`${store}: a slot that nobody frees is free again when its lease has run out`, async () => {
    await using opened = await open({ windowMs: 60_000, leaseMs: 200 });
    const one = { ...WIDE, concurrent: 1 };
    await opened.limiter.reserve(limitRequest({ clientAllowance: one }));
    await opened.pass(201);
    const late = await opened.limiter.reserve(limitRequest({ clientAllowance: one }));
    await late.settle(1);
    await opened.limiter.reserve(limitRequest({ clientAllowance: one }));
  });

  test(`${store}: a lease runs out by itself while others are taken after it`, async () => {
    await using opened = await open({ windowMs: 60_000, leaseMs: 400 });
    const two = { ...WIDE, concurrent: 2 };
    await opened.limiter.reserve(limitRequest({ tenantAllowance: two }));
    await opened.pass(300);
    await opened.limiter.reserve(limitRequest({ tenantAllowance: two }));
    await opened.pass(101);
    await opened.limiter.reserve(limitRequest({ tenantAllowance: two }));
  });
}

/** Reserves so many tokens, or settles the oldest open reservation with a share of what it reserved. */
const STEP = fc.oneof(
  fc.record({ reserve: fc.integer({ min: 0, max: 400 }) }),
  fc.record({ settle: fc.integer({ min: 0, max: 150 }) }),
);
type Step = { readonly reserve: number } | { readonly settle: number };

async function proveNothingIsLost(limiter: Limiter, tenant: string, steps: readonly Step[]): Promise<void> {
  const tight: Allowance = { requestsPerMinute: 15, tokensPerMinute: 2_000, concurrent: 4 };
  const open: { readonly reservation: Reservation; readonly tokens: number }[] = [];
  let accepted = 0;
  let usedTokens = 0;
  const settleOldest = async (percent: number) => {
    const oldest = open.shift();
    if (oldest === undefined) return;
    const used = Math.floor((oldest.tokens * percent) / 100);
    usedTokens += used;
    await oldest.reservation.settle(used);
  };
  for (const step of steps) {
    if ('settle' in step) await settleOldest(step.settle);
    else {
      const held = open.reduce((sum, { tokens }) => sum + tokens, 0);
      const fits = accepted < 15 && usedTokens + held + step.reserve <= 2_000 && open.length < 4;
      const request = limitRequest({ tenant, tenantAllowance: tight, tokens: step.reserve });
      const reservation = await limiter.reserve(request).catch(() => undefined);
      assert.equal(reservation !== undefined, fits);
      if (reservation === undefined) continue;
      accepted += 1;
      open.push({ reservation, tokens: step.reserve });
    }
  }
  while (open.length > 0) await settleOldest(100);
  const roomy = { ...tight, requestsPerMinute: 100 };
  const { taken } = await reserveAll(limiter, many(5, { tenant, tenantAllowance: roomy, tokens: 0 }));
  const standing = taken.at(-1)?.standing;
  if (usedTokens > tight.tokensPerMinute) return assert.equal(taken.length, 0);
  assert.equal(taken.length, tight.concurrent);
  assert.equal(standing?.remainingTokens, tight.tokensPerMinute - usedTokens);
  assert.equal(standing?.remainingRequests, 100 - accepted - tight.concurrent);
}
