import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { estimatePromptTokens, worstCaseTokens } from '../../../gateway/core/limits/estimate.ts';
import type { Allowance, LimitStanding } from '../../../gateway/core/limits/limiter.ts';
import { refusal, retryAfter } from '../../../gateway/core/limits/refusal.ts';
import { shareOf } from '../../../gateway/core/limits/share.ts';
import { standing, tighter } from '../../../gateway/core/limits/standing.ts';
import { brokenLimits, type HolderUse, type Tally } from '../../../gateway/core/limits/tally.ts';
import { changed, currentWindow, settled } from '../../../gateway/core/limits/window.ts';

const ALLOWANCE: Allowance = { requestsPerMinute: 10, tokensPerMinute: 100, concurrent: 2 };
const USE: HolderUse = { requests: 4, tokens: 50, concurrent: 1, windowEndsMs: 61_000, resetMs: 40_000 };

const tally = (tenant: Partial<HolderUse>, client: Partial<HolderUse>, tokens = 10): Tally => ({
  taken: false,
  request: {
    tenant: 'ten_a',
    client: 'cli_a',
    tenantAllowance: ALLOWANCE,
    clientAllowance: ALLOWANCE,
    tokens,
    lease: 'req_a',
  },
  tenant: { ...USE, ...tenant },
  client: { ...USE, ...client },
});

test('a request that uses up the allowance to the last unit fits; one unit more does not', () => {
  const last: HolderUse = { ...USE, requests: 9, tokens: 90, concurrent: 1 };
  assert.deepEqual(brokenLimits(ALLOWANCE, last, 10), []);
  assert.deepEqual(brokenLimits(ALLOWANCE, last, 11), ['tokens']);
  assert.deepEqual(brokenLimits(ALLOWANCE, { ...last, requests: 10 }, 10), ['requests']);
  assert.deepEqual(brokenLimits(ALLOWANCE, { ...last, concurrent: 2 }, 10), ['concurrent']);
});

test('a limit or a count that is not a number fits nothing', () => {
  const none: Allowance = {
    requestsPerMinute: Number.NaN,
    tokensPerMinute: Number.NaN,
    concurrent: Number.NaN,
  };
  assert.deepEqual(brokenLimits(none, USE, 0), ['requests', 'tokens', 'concurrent']);
  assert.deepEqual(brokenLimits(ALLOWANCE, USE, Number.NaN), ['tokens']);
});

test('only slots lacking is concurrency_exceeded; any window lacking is rate_limit_exceeded', () => {
  assert.equal(refusal(tally({ concurrent: 2 }, { concurrent: 2 })).code, 'concurrency_exceeded');
  assert.equal(refusal(tally({ concurrent: 2 }, { requests: 10 })).code, 'rate_limit_exceeded');
  assert.equal(refusal(tally({ tokens: 95 }, {})).code, 'rate_limit_exceeded');
});

test('a refusal whose cause the count no longer shows is still a refusal', () => {
  assert.equal(refusal(tally({}, {})).code, 'rate_limit_exceeded');
});

test('the wait of a refusal is that of the broken window that ends last', () => {
  const problem = refusal(tally({ requests: 10, resetMs: 2_000 }, { tokens: 100, resetMs: 7_000 }));
  assert.equal(problem.retryAfterMs, 7_000);
  assert.deepEqual(problem.reasons, ['tenant_requests', 'client_tokens']);
  assert.equal(refusal(tally({ requests: 10, resetMs: 2_000 }, { resetMs: 7_000 })).retryAfterMs, 2_000);
});

test('a wait is a whole number of milliseconds from 1 to 30,000', () => {
  assert.deepEqual([-5, 0, 0.2, 1_234.5, 45_000, Infinity].map(retryAfter), [1, 1, 1, 1_235, 30_000, 30_000]);
});

test('the tighter standing has the fewer requests left and the fewer tokens left, whoever has them', () => {
  const figure = fc.nat({ max: 1_000 });
  const anyStanding: fc.Arbitrary<LimitStanding> = fc.record({
    limitRequests: figure,
    remainingRequests: figure,
    resetRequestsMs: figure,
    limitTokens: figure,
    remainingTokens: figure,
    resetTokensMs: figure,
  });
  fc.assert(
    fc.property(anyStanding, anyStanding, (a, b) => {
      const tight = tighter(a, b);
      assert.equal(tight.remainingRequests, Math.min(a.remainingRequests, b.remainingRequests));
      assert.equal(tight.remainingTokens, Math.min(a.remainingTokens, b.remainingTokens));
      const requests = tight.remainingRequests === a.remainingRequests ? a : b;
      assert.equal(tight.limitRequests, requests.limitRequests);
      assert.equal(tight.resetRequestsMs, requests.resetRequestsMs);
    }),
  );
});

test('a standing never says that less than nothing is left', () => {
  const { remainingRequests, remainingTokens } = standing(tally({ requests: 12, tokens: 130 }, {}));
  assert.deepEqual([remainingRequests, remainingTokens], [0, 0]);
});

test('the shares of all replicas together never exceed the whole', () => {
  const limit = fc.nat({ max: 1_000_000 });
  const anyAllowance = fc.record({ requestsPerMinute: limit, tokensPerMinute: limit, concurrent: limit });
  fc.assert(
    fc.property(anyAllowance, fc.integer({ min: 1, max: 100 }), (whole, replicas) => {
      const share = shareOf(whole, replicas);
      for (const key of ['requestsPerMinute', 'tokensPerMinute', 'concurrent'] as const) {
        assert.ok(Number.isInteger(share[key]) && share[key] >= 0 && share[key] * replicas <= whole[key]);
      }
    }),
  );
});

test('a window runs until the moment it ends', () => {
  const window = { endsMs: 1_000, requests: 3, tokens: 30 };
  assert.equal(currentWindow(window, 999, 60_000), window);
  assert.deepEqual(currentWindow(window, 1_000, 60_000), { endsMs: 61_000, requests: 0, tokens: 0 });
  assert.deepEqual(currentWindow(undefined, 5, 60_000), { endsMs: 60_005, requests: 0, tokens: 0 });
});

test('taking and giving back the same leaves a window as it was', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.nat(), (requests, tokens, taken) => {
      const window = { endsMs: 1_000, requests, tokens };
      const after = changed(changed(window, { requests: 1, tokens: taken }), {
        requests: -1,
        tokens: -taken,
      });
      assert.deepEqual(after, window);
    }),
  );
});

test('settling never makes room that the running window did not lose', () => {
  fc.assert(
    fc.property(
      fc.nat(1_000),
      fc.nat(1_000),
      fc.integer({ min: -1_000, max: 1_000 }),
      (tokens, nowMs, change) => {
        const window = { endsMs: 500, requests: 1, tokens };
        const time = { nowMs, lengthMs: 500 };
        const after = settled(window, { requests: 0, tokens: change }, { ...time, takenEndsMs: 499 });
        const before = currentWindow(window, nowMs, 500);
        assert.equal(currentWindow(after, nowMs, 500).tokens, before.tokens + Math.max(change, 0));
      },
    ),
  );
});

/** Counts by o200k_base, the encoding of the models behind the gateway. */
const COUNTED: readonly (readonly [text: string, tokens: number])[] = [
  ['A 67-year-old man presents with three months of exertional chest pressure relieved by rest.', 19],
  [
    'Na 139 K 4.1 Cl 102 CO2 24 BUN 18 Cr 1.1 Glu 98 WBC 7.2 Hgb 13.4 Plt 245 INR 1.0 pH 7.38 pCO2 41 pO2 88',
    65,
  ],
  ['I10, E11.9, J44.1, N18.3, Z79.4, F32.9, M54.5, K21.9', 37],
  ['{"code":{"coding":[{"system":"http://loinc.org","code":"2160-0"}]},"valueQuantity":{"value":1.1}}', 32],
  ['El paciente acude por dolor torácico opresivo de tres meses de evolución.', 18],
  ['患者,男,67岁,因反复胸闷三个月加重两天入院,既往有高血压病史十年。', 33],
  ['метопролол 25 мг 2 раза в день', 12],
  ['| Drug | Dose |\n|---|---|\n| Lisinopril | 10 mg |', 20],
  ['😀😃😄 pain scale 7/10', 11],
];

test('the estimate is at least the true count of ordinary clinical text', () => {
  for (const [text, tokens] of COUNTED)
    assert.ok(estimatePromptTokens(Buffer.byteLength(text)) >= tokens, text);
});

test('the worst case holds the prompt, its messages, and every choice at its longest', () => {
  const size = { utf8Bytes: 300, messages: 2, maxCompletionTokens: 1_000, choices: 3 };
  assert.equal(worstCaseTokens(size), 225 + 2 * 4 + 3 + 3_000);
});
