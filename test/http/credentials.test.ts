import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import request from 'supertest';
import { randomOctets } from '../../gateway/adapters/system/system.ts';
import { mintApiKey } from '../../gateway/core/tenants/api-key.ts';
import { at } from '../../gateway/domain/clock.ts';
import { heldClock } from '../support/held-clock.ts';
import { act, newPartner } from '../support/steward.ts';
import { until } from '../support/until.ts';
import { keyOf, openWorld, type World } from '../world.ts';

const clock = heldClock();
let world: World;
let stranger = 0;
before(async () => {
  world = await openWorld({ clock, environment: { STEWARDGATE_TRUSTED_PROXIES: '127.0.0.1' } });
});
after(() => world[Symbol.asyncDispose]());

type Headers = Readonly<Record<string, string>>;

/** Each call comes from an address of its own, so that none is counted as a part of a flood. */
function models(headers: Headers) {
  stranger += 1;
  return request(world.url)
    .get('/v1/models')
    .set({ 'x-forwarded-for': `198.51.100.${stranger}`, ...headers });
}

const bare = (text: string) => text.replaceAll(/(req|dec)_[0-9a-f-]{36}/g, '$1');
const refused = async (headers: Headers, status: number, code: string) => {
  const reply = await models(headers);
  assert.deepEqual([reply.status, reply.body.error?.code], [status, code], reply.text);
  const [record, ...more] = await world.recordsOf(reply.headers['x-request-id'] ?? '');
  assert.deepEqual([more.length, record?.errorCode, record?.phase], [0, code, 'single']);
  return reply;
};

test('a key is taken from either header, and from both when they say the same', async () => {
  const key = keyOf(world.demo, 'northwind');
  for (const headers of [
    { authorization: `Bearer ${key}` },
    { authorization: `bearer ${key}` },
    { 'api-key': key },
    { authorization: `Bearer ${key}`, 'api-key': key },
  ]) {
    assert.equal((await models(headers)).status, 200);
  }
});

test('two different credentials are refused, whichever of them is good', async () => {
  const key = keyOf(world.demo, 'northwind');
  await refused(
    { authorization: `Bearer ${key}`, 'api-key': keyOf(world.demo, 'summit') },
    400,
    'multiple_credentials',
  );
  await refused({ authorization: `Bearer ${key}`, 'api-key': '' }, 400, 'multiple_credentials');
});

test('no credential is 401 with a challenge, on both planes', async () => {
  const reply = await refused({}, 401, 'missing_credentials');
  assert.equal(reply.headers['www-authenticate'], 'Bearer realm="stewardgate"');
  await refused({ authorization: 'Bearer ' }, 401, 'invalid_api_key');
  const admin = await request(world.url).get('/admin/v1/tenants').set('x-forwarded-for', '203.0.113.200');
  assert.deepEqual([admin.status, admin.headers['content-type']], [401, 'application/problem+json']);
  assert.equal(JSON.parse(admin.text).code, 'missing_credentials');
});

test('a key out of its form is refused without a single question to the database', async () => {
  const key = keyOf(world.demo, 'northwind');
  let asked = 0;
  const url = await world.serveWith((doors) => {
    const directory = {
      ...doors.house.directory,
      findKey: (id: Parameters<typeof doors.house.directory.findKey>[0]) => {
        asked += 1;
        return doors.house.directory.findKey(id);
      },
    };
    return { ...doors, house: { ...doors.house, directory } };
  });
  const flipped = key.slice(0, -1) + (key.endsWith('a') ? 'b' : 'a');
  const malformed = [
    flipped,
    key.replace('sgk_test', 'sgk_live'),
    key.replace('sgk_', 'key_'),
    `${key}x`,
    key.slice(0, -1),
    `"${key}"`,
    key.toUpperCase(),
    'x'.repeat(10_000),
    'sgk_test_x_y_z',
    `Bearer ${key}`,
  ];
  for (const text of malformed) {
    stranger += 1;
    const reply = await request(url)
      .get('/v1/models')
      .set({ 'api-key': text, 'x-forwarded-for': `198.51.100.${stranger}` });
    assert.deepEqual([reply.status, reply.body.error.code], [401, 'invalid_api_key']);
  }
  assert.equal(asked, 0);
  for (const scheme of ['Basic', 'DPoP', 'Token', 'Bearer2'])
    await refused({ authorization: `${scheme} ${key}` }, 401, 'invalid_api_key');
});

test('revoked, expired, never issued and wrong secret are the same bytes but for the ids', async () => {
  const revoked = await newPartner(world);
  const answers: string[] = [];
  const keep = async (key: string) => {
    const reply = await refused({ 'api-key': key }, 401, 'invalid_api_key');
    answers.push(bare(reply.text));
    assert.equal(reply.headers['content-length'], String(Buffer.byteLength(reply.text)));
  };
  await keep(mintApiKey('test', randomOctets(128)).text);
  const known = keyOf(world.demo, 'northwind');
  await keep(withSecretOf(known));
  await act(world, 'owner', `POST /admin/v1/keys/${revoked.keyId}/revoke`);
  assert.ok(await until(async () => (await models({ 'api-key': revoked.key })).status === 401));
  await keep(revoked.key);
  const expired = await newPartner(world);
  clock.advance(91 * 86_400_000);
  await keep(expired.key);
  assert.equal(new Set(answers).size, 1);
});

/** The same key id with another secret, its checksum right. */
function withSecretOf(text: string): string {
  const id = text.split('_')[2] ?? '';
  const letters = [...id].map((letter) =>
    '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'.indexOf(letter),
  );
  return mintApiKey('test', Uint8Array.from([...letters, ...Array.from({ length: 60 }, (_, place) => place)]))
    .text;
}

test('a key bound to addresses works from there alone', async () => {
  const partner = await newPartner(world, { cidrs: ['192.0.2.0/24', '2001:db8::/32'] });
  const from = (address: string) => models({ 'api-key': partner.key, 'x-forwarded-for': address });
  for (const address of ['192.0.2.1', '192.0.2.255', '2001:db8::7', '::ffff:192.0.2.9'])
    assert.equal((await from(address)).status, 200, address);
  for (const address of ['192.0.3.1', '198.51.100.9', '2001:db9::1', 'unknown', '']) {
    const reply = await from(address);
    assert.deepEqual([reply.status, reply.body.error.code], [403, 'ip_not_allowed'], address);
  }
});

test('a tenant that is suspended is told so, and again let in when it is reinstated', async () => {
  const partner = await newPartner(world);
  await act(world, 'owner', `POST /admin/v1/tenants/${partner.tenant}/suspend`);
  assert.ok(await until(async () => (await models({ 'api-key': partner.key })).status === 403));
  await refused({ 'api-key': partner.key }, 403, 'tenant_suspended');
  await act(world, 'owner', `POST /admin/v1/tenants/${partner.tenant}/reinstate`);
  assert.ok(await until(async () => (await models({ 'api-key': partner.key })).status === 200));
});

test('a header that names another tenant changes nothing: the key says who calls', async () => {
  const reply = await models({
    'api-key': keyOf(world.demo, 'summit'),
    'x-stewardgate-tenant': 'mayo',
    'x-sg-tenant': 'mayo',
  });
  assert.equal(reply.status, 200);
  const [record] = await world.recordsOf(reply.headers['x-request-id'] ?? '');
  const tenants = await world.gateway.office.registry.listTenants();
  assert.equal(record?.tenantId, tenants.find(({ slug }) => slug === 'summit')?.id);
});

test("an operator's key asks no model, a tenant's key does no act", async () => {
  await refused({ 'api-key': world.demo.operators.owner.apiKey }, 403, 'insufficient_scope');
  const reply = await act(world, { key: keyOf(world.demo, 'mayo') }, 'GET /admin/v1/tenants');
  assert.deepEqual([reply.status, reply.body.code], [403, 'insufficient_scope']);
});

test("a flood of a stranger's refusals is counted, and each flood has its record when its minute is over", async () => {
  const flood = '203.0.113.7';
  const seen: string[] = [];
  for (let at = 0; at < 25; at += 1) {
    const reply = await models({ 'x-forwarded-for': flood, 'api-key': 'nonsense' });
    seen.push(reply.headers['x-request-id'] ?? '');
  }
  const recorded = await Promise.all(seen.map((id) => world.recordsOf(id)));
  assert.equal(recorded.filter((records) => records.length === 1).length, 20);
  clock.advance(61_000);
  const aggregate = async () =>
    (await world.gateway.office.audit.search({ phase: 'aggregate' }, { limit: 10 })).records[0];
  assert.ok(await until(async () => (await aggregate()) !== undefined));
  const { body, errorCode } = (await aggregate()) ?? {};
  assert.deepEqual([body?.count, body?.sourceIp, errorCode], [5, flood, 'invalid_api_key']);
  assert.ok(
    Date.parse(body?.firstAt ?? '') <= Date.parse(body?.lastAt ?? '') &&
      at(Date.parse(body?.lastAt ?? '')) <= clock.now(),
  );
});
