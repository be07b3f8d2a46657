import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { Database } from '../../../gateway/adapters/postgres/database.ts';
import { createUsedProofs, forgetProofs } from '../../../gateway/adapters/postgres/used-proofs.ts';
import { at } from '../../../gateway/domain/clock.ts';

export function proofsSuite(the: () => Database): void {
  const now = at(Date.now());
  const until = at(now + 1_000);
  const aName = () => randomBytes(32).toString('base64url');

  test('of fifty uses of one proof at once, by two replicas, one is the first', async () => {
    const replicas = [createUsedProofs(the()), createUsedProofs(the())];
    const name = aName();
    const uses = Array.from({ length: 50 }, (_, at) => replicas[at % 2]?.useOnce(name, { now, until }));
    assert.equal((await Promise.all(uses)).filter(Boolean).length, 1);
  });

  test('a used proof is remembered until its time is over, also when it was asked for again', async () => {
    const proofs = createUsedProofs(the());
    const [name, other] = [aName(), aName()];
    assert.equal(await proofs.useOnce(name, { now, until }), true);
    assert.equal(await proofs.useOnce(other, { now, until }), true);
    assert.equal(await proofs.useOnce(name, { now: at(now + 999), until: at(now + 9_000) }), false);
    await forgetProofs(the(), at(now + 999));
    assert.equal(await proofs.useOnce(name, { now: at(now + 999), until: at(now + 9_000) }), false);
    await forgetProofs(the(), until);
    assert.equal(await proofs.useOnce(name, { now, until }), true);
  });
}
