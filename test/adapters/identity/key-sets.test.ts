import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeySets } from '../../../gateway/adapters/identity/key-sets.ts';
import type { Jwk } from '../../../gateway/core/tenants/jwk.ts';
import { heldClock } from '../../support/held-clock.ts';

const URI = 'https://login.hospital.example/keys';

/** A provider whose keys and health the test decides. */
function provider(...kids: readonly string[]) {
  const state = { kids, isUp: true, asked: 0 };
  const clock = heldClock();
  const fetch = async (): Promise<readonly Jwk[]> => {
    state.asked += 1;
    if (!state.isUp) throw new Error('down');
    return state.kids.map((kid) => ({ kid }));
  };
  return { state, clock, sets: createKeySets(fetch, clock) };
}

test('a thousand unknown keys at once, and a thousand after, cost one question in thirty seconds', async () => {
  const { state, clock, sets } = provider('known');
  await sets.keysWith(URI, 'known');
  clock.advance(31_000);
  for (let round = 0; round < 2; round += 1) {
    const asking = Array.from({ length: 1_000 }, (_, at) => sets.keysWith(URI, `random-${round}-${at}`));
    for (const { status } of await Promise.allSettled(asking)) assert.equal(status, 'rejected');
  }
  assert.equal(state.asked, 2);
  clock.advance(29_000);
  await assert.rejects(sets.keysWith(URI, 'one more'), { code: 'unknown_kid', retryAfterMs: 1_000 });
  assert.equal(state.asked, 2);
  assert.equal((await sets.keysWith(URI, 'known')).length, 1);
});

test('a key that was published since is found when the cooldown is over', async () => {
  const { state, clock, sets } = provider('old');
  await sets.keysWith(URI, 'old');
  state.kids = ['old', 'new'];
  clock.advance(5_000);
  await assert.rejects(sets.keysWith(URI, 'new'), { code: 'unknown_kid', retryAfterMs: 25_000 });
  clock.advance(25_000);
  assert.equal((await sets.keysWith(URI, 'new')).length, 2);
});

test('a key that was taken back no longer counts after five minutes', async () => {
  const { state, clock, sets } = provider('old', 'kept');
  await sets.keysWith(URI, 'old');
  state.kids = ['kept'];
  clock.advance(300_001);
  await assert.rejects(sets.keysWith(URI, 'old'), { code: 'unknown_kid' });
});

test('an ageing set is asked for anew in the background, and nobody waits for it', async () => {
  const { state, clock, sets } = provider('old');
  await sets.keysWith(URI, 'old');
  state.kids = ['new'];
  clock.advance(200_000);
  assert.deepEqual(await sets.keysWith(URI, 'old'), [{ kid: 'old' }]);
  assert.deepEqual(await sets.keysWith(URI, 'new'), [{ kid: 'new' }]);
  assert.equal(state.asked, 2);
});

test('a provider that is down for ten minutes is not missed; after fifteen its tokens are 503', async () => {
  const { state, clock, sets } = provider('known');
  await sets.keysWith(URI, 'known');
  state.isUp = false;
  clock.advance(600_000);
  assert.equal((await sets.keysWith(URI, 'known')).length, 1);
  clock.advance(300_001);
  await assert.rejects(sets.keysWith(URI, 'known'), { code: 'idp_unavailable' });
  state.isUp = true;
  clock.advance(30_000);
  assert.equal((await sets.keysWith(URI, 'known')).length, 1);
});

test('a provider that was never reached is 503, and is asked again after the cooldown alone', async () => {
  const { state, clock, sets } = provider('known');
  state.isUp = false;
  for (let time = 0; time < 5; time += 1)
    await assert.rejects(sets.keysWith(URI, 'known'), { code: 'idp_unavailable' });
  assert.equal(state.asked, 1);
  clock.advance(30_000);
  await assert.rejects(sets.keysWith(URI, 'known'), { code: 'idp_unavailable' });
  assert.equal(state.asked, 2);
});
