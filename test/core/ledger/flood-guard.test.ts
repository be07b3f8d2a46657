import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FloodGuard } from '../../../gateway/core/ledger/flood-guard.ts';
import { at } from '../../../gateway/domain/clock.ts';

const limits = { ownRecords: 3, ownRecordsOfKey: 5, guessesMax: 5, windowMs: 1_000, sourcesMax: 2 };
const from = (address: string) => ({ address });
const sum = (counts: readonly { readonly count: number }[]) =>
  counts.reduce((total, { count }) => total + count, 0);

test('the first refusals of an address are recorded one by one, the rest of its minute counted by code', () => {
  const guard = new FloodGuard(limits);
  const own = Array.from({ length: 6 }, (_, moment) =>
    guard.admit(from('192.0.2.1'), moment % 2 === 0 ? 'a' : 'b', at(moment)),
  );
  assert.deepEqual(own, [true, true, true, false, false, false]);
  assert.deepEqual(guard.collect(at(999)), []);
  assert.deepEqual(guard.collect(at(1_000)), [
    { source: from('192.0.2.1'), code: 'b', count: 2, firstAt: 3, lastAt: 5 },
    { source: from('192.0.2.1'), code: 'a', count: 1, firstAt: 4, lastAt: 4 },
  ]);
  assert.deepEqual(guard.collectAll(), []);
  assert.equal(guard.admit(from('192.0.2.1'), 'a', at(1_001)), true);
});

test('a window that is over is kept until it was collected', () => {
  const guard = new FloodGuard(limits);
  for (let moment = 0; moment < 4; moment += 1) guard.admit(from('192.0.2.1'), 'a', at(moment));
  assert.equal(guard.admit(from('192.0.2.1'), 'a', at(5_000)), false);
  assert.equal(sum(guard.collect(at(5_000))), 2);
});

test('more addresses than can be kept apart share one count, and none of them gets records of its own', () => {
  const guard = new FloodGuard(limits);
  guard.admit(from('192.0.2.1'), 'a', at(0));
  guard.admit(from('192.0.2.2'), 'a', at(0));
  assert.deepEqual(
    ['192.0.2.3', '192.0.2.4'].map((address) => guard.admit(from(address), 'a', at(1))),
    [false, false],
  );
  assert.deepEqual(guard.collectAll(), [
    { source: from('other'), code: 'a', count: 2, firstAt: 1, lastAt: 1 },
  ]);
});

test('what could not be recorded is taken back and collected again', () => {
  const guard = new FloodGuard(limits);
  for (let moment = 0; moment < 5; moment += 1) guard.admit(from('192.0.2.1'), 'a', at(moment));
  const [collected] = guard.collect(at(1_000));
  assert.ok(collected);
  guard.restore(collected);
  guard.admit(from('192.0.2.1'), 'a', at(1_500));
  assert.equal(sum(guard.collectAll()), 2);
});

test('one key has room for more than a stranger, wherever it calls from, and its own count', () => {
  const guard = new FloodGuard(limits);
  const key = { credentialId: 'key_a', tenantId: 'ten_a' };
  const own = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5', '192.0.2.6'].map((address) =>
    guard.admit({ address, ...key }, 'invalid_json', at(1)),
  );
  assert.deepEqual(own, [true, true, true, true, true, false]);
  assert.deepEqual(guard.collectAll(), [
    { source: { address: '192.0.2.1', ...key }, code: 'invalid_json', count: 1, firstAt: 1, lastAt: 1 },
  ]);
});

test('addresses of one IPv6 network of 64 bits are one stranger', () => {
  const guard = new FloodGuard({ ...limits, ownRecords: 0 });
  for (const address of ['2001:db8::1', '2001:db8:0:0:9::', '2001:db8:0:0:1:2:3:4', '2001:db8:0:1::1'])
    guard.admit(from(address), 'a', at(0));
  assert.deepEqual(
    guard.collectAll().map(({ source, count }) => [source.address, count]),
    [
      ['2001:db8:0:0::/64', 3],
      ['2001:db8:0:1::/64', 1],
    ],
  );
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
        if (collects) {
          const [first, ...rest] = guard.collect(at(now));
          if (first !== undefined) guard.restore(first);
          counted += sum(rest);
        }
        if (guard.admit(from(address), code, at(now))) own += 1;
      }
      assert.equal(own + counted + sum(guard.collectAll()), refusals.length);
    }),
  );
});

test('an address that guesses keys too often waits for the end of its minute, one that errs otherwise does not', () => {
  const guard = new FloodGuard(limits);
  for (let moment = 0; moment < 9; moment += 1) guard.admit(from('192.0.2.1'), 'not_found', at(moment));
  for (let moment = 0; moment < 4; moment += 1) guard.admit(from('192.0.2.1'), 'invalid_api_key', at(moment));
  assert.equal(guard.waitMs('192.0.2.1', at(10)), undefined);
  guard.admit(from('192.0.2.1'), 'invalid_api_key', at(10));
  assert.equal(guard.waitMs('192.0.2.1', at(10)), 990);
  assert.equal(guard.waitMs('192.0.2.2', at(10)), undefined);
  assert.equal(guard.waitMs('192.0.2.1', at(1_000)), undefined);
});
