import assert from 'node:assert/strict';
import { test } from 'node:test';
import { theCredential } from '../../../gateway/core/tenants/credentials.ts';

const sent = (authorization?: string, apiKey?: string) => ({ authorization, apiKey });

test('a credential is taken from either header, and from both when they are equal', () => {
  for (const one of [
    sent('Bearer k'),
    sent('bearer k'),
    sent('BEARER k'),
    sent(undefined, 'k'),
    sent('Bearer k', 'k'),
  ]) {
    assert.equal(theCredential(one), 'k');
  }
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
] as const;

for (const [headers, code] of REFUSED) {
  test(`refused as ${code}: ${JSON.stringify(headers)}`, () => {
    assert.throws(() => theCredential(headers), { code });
  });
}
