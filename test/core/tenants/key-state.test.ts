import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stateOfKey } from '../../../gateway/core/tenants/key-state.ts';
import { at } from '../../../gateway/domain/clock.ts';

const DAY_MS = 86_400_000;
const now = at(1_790_000_000_000);
const inDays = (days: number) => at(now + days * DAY_MS);

for (const [state, expiresAt, revokedAt] of [
  ['active', inDays(90), null],
  ['active', at(inDays(14) + 1), null],
  ['expiring', inDays(14), null],
  ['expiring', at(now + 1), null],
  ['expired', now, null],
  ['revoked', inDays(90), now],
  ['revoked', inDays(-1), now],
  // The clock that revoked it may be ahead of ours.
  ['revoked', inDays(90), inDays(1)],
] as const) {
  test(`a key that ends ${expiresAt - now} ms from now${revokedAt === null ? '' : ' and is revoked'} is ${state}`, () => {
    assert.equal(stateOfKey({ expiresAt, revokedAt }, now), state);
  });
}
