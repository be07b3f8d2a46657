import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FloodGuard } from '../../../gateway/core/ledger/flood-guard.ts';
import { at } from '../../../gateway/domain/clock.ts';

const limits = { ownRecords: 3, windowMs: 1_000, addressesMax: 2 };
const sum = (counts: readonly { readonly count: number }[]) =>
  counts.reduce((total, { count }) => total + count, 0);

test('the first refusals of an address are recorded one by one, the rest of its minute counted by code', () => {
  const guard = new FloodGuard(limits);
  const own = Array.from({ length: 6 }, (_, moment) =>
    guard.admit('192.0.2.1', moment % 2 === 0 ? 'a' : 'b', at(moment)),
  );
  assert.deepEqual(own, [true, true, true, false, false, false]);
  assert.deepEqual(guard.collect(at(999)), []);
  assert.deepEqual(guard.collect(at(1_000)), [
    { address: '192.0.2.1', code: 'b', count: 2, firstAt: 3, lastAt: 5 },
    { address: '192.0.2.1', code: 'a', count: 1, firstAt: 4, lastAt: 4 },
  ]);
  assert.deepEqual(guard.collectAll(), []);
  assert.equal(guard.admit('192.0.2.1', 'a', at(1_001)), true);
});

test('a window that is over is kept until it was collected', () => {
  const guard = new FloodGuard(limits);
  for (let moment = 0; moment < 4; moment += 1) guard.admit('192.0.2.1', 'a', at(moment));
  assert.equal(guard.admit('192.0.2.1', 'a', at(5_000)), false);
  assert.equal(sum(guard.collect(at(5_000))), 2);
});

test('more addresses than can be kept apart share one count, and none of them gets records of its own', () => {
  const guard = new FloodGuard(limits);
  guard.admit('192.0.2.1', 'a', at(0));
  guard.admit('192.0.2.2', 'a', at(0));
  assert.deepEqual(
    ['192.0.2.3', '192.0.2.4'].map((address) => guard.admit(address, 'a', at(1))),
    [false, false],
  );
  assert.deepEqual(guard.collectAll(), [{ address: 'other', code: 'a', count: 2, firstAt: 1, lastAt: 1 }]);
});

test('whatever comes, each refusal is recorded or counted exactly once', () => {
  const refusal = fc.record({
    address: fc.constantFrom('a', 'b', 'c', 'd'),
    code: fc.constantFrom('x', 'y'),
    afterMs: fc.nat({ max: 400 }),
    collects: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(refusal, { maxLength: 80 }), (refusals) => {
      const guard = new FloodGuard(limits);
      let now = 0;
      let own = 0;
      let counted = 0;
      for (const { address, code, afterMs, collects } of refusals) {
        now += afterMs;
        if (collects) counted += sum(guard.collect(at(now)));
        if (guard.admit(address, code, at(now))) own += 1;
      }
      assert.equal(own + counted + sum(guard.collectAll()), refusals.length);
    }),
  );
});
