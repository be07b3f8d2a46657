import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inArray, sql } from 'drizzle-orm';
import { openSigningKeys } from '../../../gateway/adapters/identity/signing-keys.ts';
import { createKeyring } from '../../../gateway/adapters/keys/keyring.ts';
import type { Database } from '../../../gateway/adapters/postgres/database.ts';
import { signingKey, spentName } from '../../../gateway/adapters/postgres/schema/tokens.ts';
import { createSigningKeyStore } from '../../../gateway/adapters/postgres/signing-key-store.ts';
import { createSpentNames, forgetSpentNames } from '../../../gateway/adapters/postgres/spent-names.ts';
import { at } from '../../../gateway/domain/clock.ts';
import { heldClock } from '../../support/held-clock.ts';
import { until } from '../../support/until.ts';
import { name } from './fixtures.ts';

const DAY_MS = 86_400_000;

export function tokenSuite(the: () => Database): void {
  const now = at(Date.now());
  const [soon, later] = [at(now + 1_000), at(now + 2_000)];
  const aName = () => ({ of: 'assertion', client: name('client'), jti: name('jti') }) as const;
  const count = async () => {
    const rows = await the().handle.select({ spent: sql<number>`count(*)::int` }).from(spentName);
    return rows[0]?.spent;
  };

  test('of fifty that spend one name at once, one is given it', async () => {
    const spent = createSpentNames(the());
    const one = aName();
    const given = await Promise.all(Array.from({ length: 50 }, () => spent.spend(one, { now, until: soon })));
    assert.equal(given.filter(Boolean).length, 1);
  });

  test('a name is spent for its client and its use alone, and until its time', async () => {
    const spent = createSpentNames(the());
    const one = aName();
    const times = { now, until: soon };
    assert.equal(await spent.spend(one, times), true);
    assert.equal(await spent.spend({ ...one, client: `${one.client}x` }, times), true);
    assert.equal(await spent.spend({ ...one, of: 'proof' }, times), true);
    assert.equal(await spent.spend({ ...one, client: `${one.client}${one.jti}`, jti: '' }, times), true);
    assert.equal(await spent.spend(one, { now: at(soon - 1), until: later }), false);
    const given = await Promise.all(
      Array.from({ length: 20 }, () => spent.spend(one, { now: soon, until: later })),
    );
    assert.equal(given.filter(Boolean).length, 1);
  });

  test('names whose time is over are forgotten, and no others', async () => {
    await the().handle.delete(spentName);
    const spent = createSpentNames(the());
    const kept = aName();
    await spent.spend(kept, { now, until: later });
    for (let each = 0; each < 3; each += 1) await spent.spend(aName(), { now, until: soon });
    await forgetSpentNames(the(), soon);
    assert.equal(await count(), 1);
    assert.equal(await spent.spend(kept, { now: soon, until: later }), false);
  });

  const keyring = createKeyring(new Uint8Array(32).fill(5));
  const open = (clock = heldClock(now)) =>
    openSigningKeys({ store: createSigningKeyStore(the()), keyring, clock, rotationMs: 30 * DAY_MS });
  const kidsOf = (keys: Awaited<ReturnType<typeof open>>) =>
    keys
      .publicJwks()
      .keys.map(({ kid }) => kid)
      .toSorted();
  const forgetKeys = () => the().handle.delete(signingKey);

  test('replicas that start at once on a new database sign with one key', async () => {
    await forgetKeys();
    const replicas = await Promise.all(Array.from({ length: 4 }, () => open()));
    try {
      assert.equal(new Set(replicas.map((replica) => replica.signer().kid)).size, 1);
      for (const replica of replicas) assert.deepEqual(kidsOf(replica), [replica.signer().kid]);
    } finally {
      for (const replica of replicas) await replica[Symbol.asyncDispose]();
    }
  });

  test('a key that one replica makes is published by all before it signs, and the old one stays', async () => {
    await forgetKeys();
    const clock = heldClock(now);
    await using one = await open(clock);
    await using other = await open(clock);
    const first = one.signer().kid;
    clock.advance(30 * DAY_MS - 10 * 60_000);
    await Promise.all([one.tend(), other.tend()]);
    await until(() => kidsOf(other).length === 2 && kidsOf(one).length === 2);
    assert.equal(one.signer().kid, first);
    clock.advance(10 * 60_000);
    assert.equal(one.signer().kid, first, 'published for ten minutes, not yet fifteen');
    clock.advance(5 * 60_000);
    const second = one.signer().kid;
    assert.notEqual(second, first);
    assert.equal(other.signer().kid, second);
    clock.advance(300_000);
    assert.deepEqual(kidsOf(one), [first, second].toSorted(), 'its last token may still be valid');
    clock.advance(61_000);
    assert.deepEqual(kidsOf(one), [second]);
    await one.tend();
    const rows = await the()
      .handle.select({ kid: signingKey.kid })
      .from(signingKey)
      .where(inArray(signingKey.kid, [first, second]));
    assert.deepEqual(rows, [{ kid: second }]);
  });

  test('a private key is stored sealed, and published in its public half alone', async () => {
    await forgetKeys();
    await using keys = await open();
    const { d = '' } = keys.signer();
    assert.ok(d.length > 20);
    const [row] = await the().handle.select().from(signingKey);
    assert.ok(!JSON.stringify(row?.publicJwk).includes(d));
    assert.ok(!Buffer.from(row?.sealedKey ?? []).includes(d));
    assert.deepEqual(
      keys.publicJwks().keys.map((key) => Object.keys(key).toSorted()),
      [['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']],
    );
  });

  test('a gateway with another master key does not start on these keys', async () => {
    await forgetKeys();
    await using _ = await open();
    const store = createSigningKeyStore(the());
    const foreign = createKeyring(new Uint8Array(32).fill(6));
    await assert.rejects(
      openSigningKeys({ store, keyring: foreign, clock: heldClock(now), rotationMs: DAY_MS }),
      /STEWARDGATE_MASTER_KEY/,
    );
  });
}
