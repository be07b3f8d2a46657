import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readSigned } from '../../../gateway/core/tenants/signed-text.ts';

const encode = (text: string) => Buffer.from(text).toString('base64url');
const jwt = (head: string, body: string, signature = 'AAAA') =>
  `${encode(head)}.${encode(body)}.${signature}`;

test('what was written is read', () => {
  const text = jwt('{"alg":"ES384"}', '{"iss":"cli_x","extensions":{"a":[1]}}');
  assert.deepEqual(readSigned(text), {
    text,
    header: { alg: 'ES384' },
    claims: { iss: 'cli_x', extensions: { a: [1] } },
  });
});

const UNCLEAR: Readonly<Record<string, string>> = {
  'a repeated name': jwt('{"alg":"ES384","alg":"none"}', '{}'),
  'a repeated name in another spelling': jwt('{}', '{"iss":"a","\\u0069ss":"b"}'),
  'a repeated name further in': jwt('{}', '{"extensions":{"a":1,"a":2}}'),
  'a name that is a part of every object': jwt('{}', '{"__proto__":{}}'),
  'nesting without end': jwt('{}', `{"a":${'['.repeat(80)}${']'.repeat(80)}}`),
  'a list for an object': jwt('[]', '{}'),
  'a word for an object': jwt('{}', '"x"'),
  null: jwt('null', '{}'),
  'no JSON': jwt('{', '{}'),
  'a byte order mark': jwt('\ufeff{}', '{}'),
  'broken UTF-8': `${encode('{}')}.${Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]).toString('base64url')}.AAAA`,
  'spare bits': `${encode('{}')}.${encode('{}').slice(0, -1)}1.AAAA`,
  'spare bits in the signature': jwt('{}', '{}', 'AB'),
  'no signature': jwt('{}', '{}', ''),
  padding: jwt('{}', '{}', 'AA=='),
  'a space': ` ${jwt('{}', '{}')}`,
  'five parts': `${jwt('{}', '{}')}.x.y`,
  'too many letters': jwt('{}', `{"a":"${'x'.repeat(9_000)}"}`),
};
for (const [what, text] of Object.entries(UNCLEAR))
  test(`a JWT with ${what} is not read`, () => assert.equal(readSigned(text), undefined));

test('no text makes the reader fail, and what it reads has one spelling', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ey.AJ9-_= {}"\\'), maxLength: 60 }), (text) => {
      const read = readSigned(text);
      if (read === undefined) return;
      const [head = '', body = ''] = text.split('.');
      assert.deepEqual(JSON.parse(Buffer.from(head, 'base64url').toString()), read.header);
      assert.deepEqual(JSON.parse(Buffer.from(body, 'base64url').toString()), read.claims);
    }),
  );
});
