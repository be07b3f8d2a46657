import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  nextKeyFrom,
  outlivedAt,
  signerAt,
  TOKEN_LIFETIME_S,
} from '../../../gateway/core/tokens/key-schedule.ts';
import type { SigningKey } from '../../../gateway/core/tokens/signing-key.ts';
import { at, type Instant } from '../../../gateway/domain/clock.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const aKey = (kid: string, signsFrom: number): SigningKey => ({
  kid,
  publicJwk: { kty: 'EC', crv: 'P-256', x: '', y: '', kid, alg: 'ES256', use: 'sig' },
  sealedKey: Uint8Array.of(),
  signsFrom: at(signsFrom),
});

test('the first key signs at once, and each later one no earlier than ten minutes after it is published', () => {
  const now = at(1_000_000);
  assert.equal(nextKeyFrom([], { now, rotationMs: DAY_MS }), now);
  const first = aKey('first', now);
  assert.equal(nextKeyFrom([first], { now, rotationMs: DAY_MS }), undefined);
  const due = at(now + DAY_MS - 15 * MINUTE_MS);
  assert.equal(nextKeyFrom([first], { now: at(due - 1), rotationMs: DAY_MS }), undefined);
  const next = nextKeyFrom([first], { now: due, rotationMs: DAY_MS });
  assert.ok(next !== undefined && next - due >= 10 * MINUTE_MS);
});

/** Looks at the keys every so often, for days, as replicas do. */
function* life(stepMs: number, rotationMs: number): Generator<{ now: Instant; keys: readonly SigningKey[] }> {
  let keys: readonly SigningKey[] = [];
  for (let now = at(0), step = 0; step < 500; step += 1, now = at(now + stepMs)) {
    const signsFrom = nextKeyFrom(keys, { now, rotationMs });
    const outlived = outlivedAt(keys, now);
    keys = keys.filter((key) => !outlived.includes(key));
    if (signsFrom !== undefined) keys = [...keys, aKey(`key-${step}`, signsFrom)];
    yield { now, keys };
  }
}

test('at any time one key signs, and it is published for as long as a token of it can be valid', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_000, max: 3 * 3_600_000 }),
      fc.integer({ min: 1, max: 5 }),
      (stepMs, days) => {
        const lastSigned = new Map<string, number>();
        for (const { now, keys } of life(stepMs, days * DAY_MS)) {
          const signer = signerAt(keys, now);
          assert.ok(signer !== undefined);
          lastSigned.set(signer.kid, now);
          for (const [kid, signedAt] of lastSigned)
            if (now - signedAt <= TOKEN_LIFETIME_S * 1_000)
              assert.ok(
                keys.some((key) => key.kid === kid) && !outlivedAt(keys, now).some((key) => key.kid === kid),
              );
          assert.ok(keys.length <= 3);
        }
      },
    ),
    { numRuns: 30 },
  );
});

test('replicas that read the keys in another order agree on the one that signs', () => {
  const keys = [aKey('b', 5), aKey('a', 5), aKey('c', 1)];
  assert.equal(signerAt(keys, at(9))?.kid, 'b');
  assert.equal(signerAt(keys.toReversed(), at(9))?.kid, 'b');
});

test('a replica whose clock is slow signs with the first key that there is', () => {
  assert.equal(signerAt([aKey('next', 9), aKey('first', 5)], at(4))?.kid, 'first');
  assert.equal(signerAt([], at(4)), undefined);
});
