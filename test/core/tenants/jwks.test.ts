import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { isSoundKey } from '../../../gateway/core/tenants/jwks.ts';

const rsa = (modulusLength: number) =>
  generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ format: 'jwk' });
const point = (namedCurve: string) =>
  generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' });

test('a point on its curve is a key, one beside it is not', () => {
  const key = point('P-384');
  assert.equal(isSoundKey(key), true);
  assert.equal(isSoundKey({ ...key, x: point('P-384').x ?? '' }), false);
  assert.equal(isSoundKey({ ...key, crv: 'P-256' }), false);
});

test('a modulus has 2,048 to 4,096 bits, and two odd factors', () => {
  const key = rsa(2_048);
  assert.equal(isSoundKey(key), true);
  assert.equal(isSoundKey(rsa(1_024)), false);
  const even = Buffer.from(key.n ?? '', 'base64url');
  even.writeUInt8(even.readUInt8(even.length - 1) & 0xfe, even.length - 1);
  assert.equal(isSoundKey({ ...key, n: even.toString('base64url') }), false);
  const long = Buffer.concat([Buffer.from([0xff]), Buffer.alloc(1_023, 0xff)]);
  assert.equal(isSoundKey({ ...key, n: long.toString('base64url') }), false);
});

test('what is no key at all is none, and nothing is thrown', () => {
  assert.equal(isSoundKey({}), false);
  assert.equal(isSoundKey({ kty: 'oct', k: 'AAAA' }), false);
});
