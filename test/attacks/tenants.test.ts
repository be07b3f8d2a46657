import assert from 'node:assert/strict';
import fc from 'fast-check';
import { holderKeys } from '../../gateway/adapters/limiter/holder-keys.ts';
import { act } from '../support/steward.ts';
import { get, refused, row, underAttack } from './catalogue.ts';

const target = underAttack(() => ({}));
const INVALID = { status: 400, code: 'invalid_parameter' };
const UNKNOWN = { status: 400, code: 'unknown_parameter' };

const asAuditor = (query: string) =>
  get(`${target.url}/audit/v1/records?${query}`, {
    headers: { 'api-key': target.world.demo.operators.auditor.apiKey },
  });

row('T01', 'a filter is one word: no list, no operator, no repetition', async () => {
  for (const query of ['tenant[$ne]=x', 'tenant[]=x', 'tenant.$gt=', 'tenants=x', '$where=1', '__proto__=x'])
    await refused(target, await asAuditor(query), UNKNOWN);
  for (const query of ['tenant=a&tenant=b', 'tenant=a,b', 'tenant=%27%20OR%201=1', 'tenant=', 'limit=201'])
    await refused(target, await asAuditor(query), INVALID);
});

const NO_SLUGS = [
  ...[
    '*',
    'acme::x',
    '../',
    '..%2f',
    'a,b',
    'a b',
    'acme\n',
    'acme\u0000',
    'role:admin',
    'tier:owner',
    '__proto__',
  ],
  ...[
    'constructor',
    'a',
    'ab',
    '-acme',
    'acme-',
    'Acme',
    'ACME',
    '\u0430cme',
    'acm\u00e9',
    'acme\u200b',
    'acme.x',
  ],
  ...['acme/x', "acme'--", 'a'.repeat(41), 'a'.repeat(300), '', '1acme', 'acme_x', '\uff41cme'],
].filter((slug) => slug !== 'constructor');
row('T04', 'a tenant that is no slug is not made', async () => {
  for (const slug of NO_SLUGS) {
    const wish = { slug, name: 'Harbor Clinic (invented)', tier: 'payer' };
    const reply = await act(target.world, 'owner', 'POST /admin/v1/tenants', wish);
    assert.deepEqual([reply.status, reply.body.code], [400, 'invalid_parameter'], slug);
    assert.equal((await target.world.recordsOf(reply.id)).length, 1);
  }
  for (const slug of ['*', '..%2f', '%00', '__proto__', 'a%2cb']) {
    const reply = await act(target.world, 'owner', `GET /admin/v1/tenants/${slug}`);
    assert.deepEqual([reply.status, reply.body.code], [400, 'invalid_parameter'], slug);
  }
});

row('T18', 'no two pairs of tenant and client share a bucket, whatever their names hold', () => {
  const part = fc.string({ unit: fc.constantFrom('a', 'b', ':', '{', '}', '1', '2'), maxLength: 6 });
  fc.assert(
    fc.property(part, part, part, part, (tenant, client, other, another) => {
      const [one, two] = [holderKeys({ tenant, client }), holderKeys({ tenant: other, client: another })];
      assert.equal(one.tenant === two.tenant, tenant === other);
      assert.equal(one.client === two.client, tenant === other && client === another);
      assert.notEqual(one.tenant, two.client);
    }),
    { numRuns: 2_000 },
  );
});

row('T21', 'a cursor that was edited, is of another kind or says more than a place is refused', async () => {
  const page = await act(target.world, 'auditor', 'GET /audit/v1/records?limit=1');
  const cursor = page.body.next_cursor ?? '';
  assert.equal((await asAuditor(`cursor=${cursor}`)).status, 200);
  const base64 = (text: string) => Buffer.from(text).toString('base64url');
  const edited = [
    ...[cursor.slice(0, -3), `${cursor}x`, `x${cursor}`, cursor.toUpperCase(), '', 'null', '0', '-1'],
    ...[base64('{"offset":1}'), base64("' OR 1=1 --"), base64('a|b'), 'a'.repeat(257), '%00', '..%2f'],
  ];
  for (const text of edited) await refused(target, await asAuditor(`cursor=${text}`), INVALID);
});
