import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressRule } from '../../../gateway/adapters/postgres/directory/address-rule.ts';

test('no blocks means anywhere', () => {
  assert.equal(addressRule([])('198.51.100.7'), true);
});

test('an address is judged alike in its IPv6-mapped form', () => {
  const isAllowed = addressRule(['192.0.2.0/25']);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 }), (last) => {
      assert.equal(isAllowed(`192.0.2.${last}`), last < 128);
      assert.equal(isAllowed(`::ffff:192.0.2.${last}`), last < 128);
      assert.equal(isAllowed(`::FFFF:c000:02${last.toString(16).padStart(2, '0')}`), last < 128);
    }),
  );
});

test('a bare address is a block of one', () => {
  const isAllowed = addressRule(['192.0.2.1', '2001:db8::1']);
  assert.deepEqual(['192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8::2'].map(isAllowed), [
    true,
    false,
    true,
    false,
  ]);
});

test('what is no address is nowhere, and what is no block lets nobody in', () => {
  const isAllowed = addressRule([
    '192.0.2.0/33',
    '192.0.2.0/',
    '192.0.2.0/x',
    'anywhere',
    '0.0.0.0/0x',
    '192.0.2.0/24/8',
  ]);
  for (const ip of ['192.0.2.1', '', 'localhost', '192.0.2', '::ffff:999.1.1.1'])
    assert.equal(isAllowed(ip), false);
  assert.equal(addressRule(['0.0.0.0/0', '::/0'])('not an address'), false);
});
