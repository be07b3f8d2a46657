import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { eq } from 'drizzle-orm';
import type { Database } from '../../../gateway/adapters/postgres/database.ts';
import { createReplayClaims } from '../../../gateway/adapters/postgres/replay-claims.ts';
import { forgetReplays } from '../../../gateway/adapters/postgres/replay-sweep.ts';
import { idempotency } from '../../../gateway/adapters/postgres/schema/idempotency.ts';
import type { Claim } from '../../../gateway/core/replay/claims.ts';
import { at } from '../../../gateway/domain/clock.ts';
import { newId } from '../../../gateway/domain/ids.ts';
import { ids } from './fixtures.ts';

export function replaySuite(the: () => Database): void {
  const now = at(Date.now());
  const [soon, later] = [at(now + 1_000), at(now + 2_000)];
  const answer = Buffer.from('sealed');

  const aClaim = (changes: Partial<Claim> = {}): Claim => ({
    tenant: newId('tenant', ids),
    client: newId('client', ids),
    keyHmac: randomBytes(32),
    bodyHmac: randomBytes(32),
    requestId: newId('request', ids),
    ...changes,
  });
  const again = (claim: Claim): Claim => ({ ...claim, requestId: newId('request', ids) });

  test('of fifty claims to one name at once, one gets it', async () => {
    const claims = createReplayClaims(the());
    const first = aClaim();
    const holders = await Promise.all(
      Array.from({ length: 50 }, () => claims.claim(again(first), { now, until: soon })),
    );
    assert.equal(holders.filter(({ kind }) => kind === 'us').length, 1);
    assert.equal(holders.filter(({ kind }) => kind === 'running').length, 49);
  });

  test('of fifty claims to a name whose lease is over, one gets it', async () => {
    const claims = createReplayClaims(the());
    const first = aClaim();
    await claims.claim(first, { now, until: soon });
    const holders = await Promise.all(
      Array.from({ length: 50 }, () => claims.claim(again(first), { now: soon, until: later })),
    );
    assert.equal(holders.filter(({ kind }) => kind === 'us').length, 1);
  });

  test('a finished claim tells its request, its body and its answer, until its time is over', async () => {
    const claims = createReplayClaims(the());
    const first = aClaim();
    await claims.claim(first, { now, until: soon });
    await claims.finish(first, { answer, until: later });
    const { requestId, bodyHmac } = first;
    const expected = { kind: 'finished', requestId, bodyHmac, answer };
    for (const holder of [
      await claims.look(again(first), soon),
      await claims.claim(again(first), { now: soon, until: later }),
    ]) {
      assert.ok(holder.kind === 'finished' && holder.answer !== null);
      assert.deepEqual(
        { ...holder, bodyHmac: Buffer.from(holder.bodyHmac), answer: Buffer.from(holder.answer) },
        expected,
      );
    }
    assert.deepEqual(await claims.look(again(first), later), { kind: 'nobody' });
  });

  test('a name that was given back is free, and a finished one is not given back', async () => {
    const claims = createReplayClaims(the());
    const [released, finished] = [aClaim(), aClaim()];
    for (const one of [released, finished]) await claims.claim(one, { now, until: soon });
    await claims.finish(finished, { answer: null, until: later });
    await claims.release(released);
    await claims.release(finished);
    assert.equal((await claims.look(released, now)).kind, 'nobody');
    assert.equal((await claims.look(finished, now)).kind, 'finished');
  });

  test('a claim that another has taken over can neither be finished nor given back', async () => {
    const claims = createReplayClaims(the());
    const first = aClaim();
    await claims.claim(first, { now, until: soon });
    await claims.claim(again(first), { now: soon, until: later });
    await claims.finish(first, { answer, until: later });
    await claims.release(first);
    assert.equal((await claims.look(first, soon)).kind, 'running');
  });

  test('a name is one for each tenant and client', async () => {
    const claims = createReplayClaims(the());
    const first = aClaim();
    const others = [aClaim({ keyHmac: first.keyHmac }), { ...first, client: newId('client', ids) }];
    for (const claim of [first, ...others, { ...first, tenant: newId('tenant', ids) }])
      assert.equal((await claims.claim(claim, { now, until: soon })).kind, 'us');
  });

  test('replicas that forget at once delete every row whose time is over, and no other', async () => {
    const claims = createReplayClaims(the());
    const tenant = newId('tenant', ids);
    const old = Array.from({ length: 700 }, () => ({
      tenantId: tenant,
      clientId: newId('client', ids),
      requestId: newId('request', ids),
      keyHmac: randomBytes(32),
      bodyHmac: randomBytes(32),
      state: 'running' as const,
      heldUntil: now,
    }));
    await the().handle.insert(idempotency).values(old);
    await claims.claim(aClaim({ tenant }), { now, until: soon });
    await Promise.all([forgetReplays(the(), now), forgetReplays(the(), now)]);
    await forgetReplays(the(), now);
    const left = await the().handle.select().from(idempotency).where(eq(idempotency.tenantId, tenant));
    assert.deepEqual(
      left.map(({ heldUntil }) => heldUntil),
      [soon],
    );
  });
}
