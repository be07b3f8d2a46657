import assert from 'node:assert/strict';
import { test } from 'node:test';
import { theCredential } from '../../../gateway/core/tenants/credentials.ts';

const sent = (authorization?: string, apiKey?: string, proof?: string) => ({ authorization, apiKey, proof });

test('a credential is taken from either header, and from both when they are equal', () => {
  for (const one of [
    sent('Bearer k'),
    sent('bearer k'),
    sent('BEARER k'),
    sent(undefined, 'k'),
    sent('Bearer k', 'k'),
  ]) {
    assert.deepEqual(theCredential(one), { kind: 'key', text: 'k' });
  }
});

test('what has dots is a token, and a proof counts only where the scheme asks for one', () => {
  const bearer = { kind: 'token', method: 'access_token', text: 'a.b.c' };
  assert.deepEqual(theCredential(sent('Bearer a.b.c')), bearer);
  assert.deepEqual(theCredential(sent('Bearer a.b.c', 'a.b.c', 'p')), bearer);
  const bound = { kind: 'token', method: 'dpop_token', text: 'a.b.c' };
  assert.deepEqual(theCredential(sent('DPoP a.b.c', undefined, 'p')), { ...bound, proof: 'p' });
  assert.deepEqual(theCredential(sent('dpop a.b.c')), { ...bound, proof: undefined });
});

const REFUSED = [
  [sent(), 'missing_credentials'],
  [sent(undefined, ''), 'missing_credentials'],
  [sent('Bearer '), 'missing_credentials'],
  [sent('Bearer k', 'l'), 'multiple_credentials'],
  [sent('Bearer k', ''), 'multiple_credentials'],
  [sent('Basic k'), 'invalid_api_key'],
  [sent('k'), 'invalid_api_key'],
  [sent(''), 'invalid_api_key'],
  [sent('DPoP k'), 'invalid_api_key'],
  [sent('DPoP a.b.c', undefined, 'p, q'), 'multiple_credentials'],
  [sent('DPoP a.b.c', 'a.b.c'), 'multiple_credentials'],
] as const;

for (const [headers, code] of REFUSED) {
  test(`refused as ${code}: ${JSON.stringify(headers)}`, () => {
    assert.throws(() => theCredential(headers), { code });
  });
}
