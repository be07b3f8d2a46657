import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { mintApiKey, readApiKey } from '../../../gateway/core/tenants/api-key.ts';

const minted = () => mintApiKey('test', randomBytes(128));

test('a minted key has the outside form and reads back as its parts', () => {
  for (const environment of ['live', 'test'] as const) {
    const { text, id, secret } = mintApiKey(environment, randomBytes(128));
    assert.match(text, /^sgk_(live|test)_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/);
    assert.deepEqual(readApiKey(text), { environment, id, secret });
  }
});

test('the checksum is the CRC-32 of what stands before it, in base 62', () => {
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  const { text } = minted();
  const value = [...text.slice(-6)].reduce((sum, digit) => sum * 62 + alphabet.indexOf(digit), 0);
  assert.equal(value, crc32(text.slice(0, -7)));
});

test('one letter changed anywhere makes it no key', () => {
  const { text } = minted();
  fc.assert(
    fc.property(fc.nat({ max: text.length - 1 }), fc.stringMatching(/^[0-9A-Za-z_]$/), (at, letter) => {
      fc.pre(text[at] !== letter);
      assert.equal(readApiKey(text.slice(0, at) + letter + text.slice(at + 1)), undefined);
    }),
  );
});

test('no other text is a key', () => {
  const { text } = minted();
  for (const other of [
    '',
    'sgk_',
    `${text} `,
    ` ${text}`,
    `${text}\n`,
    text.slice(1),
    text.repeat(2),
    'x'.repeat(1e6),
  ]) {
    assert.equal(readApiKey(other), undefined);
  }
  fc.assert(fc.property(fc.string(), (other) => assert.equal(readApiKey(other), undefined)));
});

test('every letter is equally likely, and too little randomness makes no key', () => {
  const even = mintApiKey(
    'test',
    Uint8Array.from({ length: 128 }, (_, at) => (at < 64 ? 250 + (at % 6) : at)),
  );
  assert.equal(even.id, '23456789ABCD', 'bytes from 248 up are skipped');
  assert.throws(() => mintApiKey('test', randomBytes(40)));
});
