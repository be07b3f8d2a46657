import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readKept, writeKept } from '../../../gateway/core/replay/kept-answer.ts';
import { readSentKey } from '../../../gateway/core/replay/sent-key.ts';
import { WaitingRoom } from '../../../gateway/core/replay/waiting-room.ts';
import { Problem } from '../../../gateway/domain/problem.ts';

const UUID = '0198c3a2-7c1e-7d3a-9b4f-2a6d8e0f1c35';
const sent = (idempotencyKey?: string, clientRequestId?: string) =>
  readSentKey({ idempotencyKey, clientRequestId });

test('a request without a key has no name', () => {
  assert.equal(sent(), undefined);
  for (const id of ['', 'my-app', `${UUID}0`, `${UUID}, ${UUID}`])
    assert.equal(sent(undefined, id), undefined);
});

test('the idempotency key wins over the id of a client, whose case means nothing', () => {
  assert.deepEqual(sent('a', UUID), { header: 'idempotency-key', value: 'a' });
  assert.deepEqual(sent(undefined, UUID.toUpperCase()), { header: 'x-ms-client-request-id', value: UUID });
});

test('an idempotency key is 1 to 255 visible ASCII characters and nothing else', () => {
  for (const key of ['!', '~', 'x'.repeat(255)]) assert.equal(sent(key)?.value, key);
  for (const key of ['', ' ', 'a b', 'a, a', '\t', '\u007f', 'é', 'x'.repeat(256)])
    assert.throws(
      () => sent(key),
      (thrown: unknown) =>
        thrown instanceof Problem &&
        thrown.code === 'invalid_parameter' &&
        thrown.param === 'idempotency-key',
    );
});

test('whatever was kept is read again as it was, and on other terms not at all', () => {
  const kept = fc.record({
    status: fc.constant(200),
    headers: fc.dictionary(fc.stringMatching(/^[a-z-]{1,20}$/), fc.string(), { noNullPrototype: true }),
    body: fc.string({ unit: 'grapheme' }),
  });
  fc.assert(
    fc.property(kept, fc.string(), (answer, terms) => {
      assert.deepEqual(readKept(writeKept(answer, terms), terms), { ...answer });
      assert.equal(readKept(writeKept(answer, terms), `${terms}.`), undefined);
    }),
  );
});

test('what another release wrote in another form is not read', () => {
  for (const head of [
    '',
    '{',
    '{}',
    'null',
    '{"status":"200","headers":{},"terms":""}',
    '{"status":200,"terms":""}',
  ])
    assert.equal(readKept(Buffer.from(`${head}\nbody`), ''), undefined);
});

test('a client has no more seats than there are, and each is free again when it is left', () => {
  const room = new WaitingRoom(2);
  assert.deepEqual(
    [room.enter('a'), room.enter('a'), room.enter('a'), room.enter('b')],
    [true, true, false, true],
  );
  room.leave('a');
  assert.deepEqual([room.enter('a'), room.enter('a')], [true, false]);
});
