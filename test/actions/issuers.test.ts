import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { act, newPartner, type Partner } from '../support/steward.ts';
import { openWorld, type World } from '../world.ts';

let world: World;
let partner: Partner;
let made = 0;
before(async () => {
  world = await openWorld();
  partner = await newPartner(world);
});
after(() => world[Symbol.asyncDispose]());

type Fields = Readonly<Record<string, unknown>>;

const wish = (changes: Fields = {}): Fields => {
  made += 1;
  const issuer = `https://login-${made}.harbor.example`;
  const clients = [{ subject: 'ward-app', client: partner.client }];
  return { issuer, jwks_uri: `${issuer}/keys`, audience: 'https://gateway.example', clients, ...changes };
};
const pin = (changes: Fields = {}, tenant = partner.tenant) =>
  act(world, 'owner', `POST /admin/v1/tenants/${tenant}/issuers`, wish(changes));

test('a provider is pinned, listed and removed, each on record without its addresses', async () => {
  const pinned = await pin();
  assert.equal(pinned.status, 201, pinned.text);
  const { id } = pinned.body;
  assert.match(id, /^iss_/);
  const listed = await act(world, 'owner', `GET /admin/v1/tenants/${partner.tenant}/issuers`);
  assert.deepEqual(
    listed.body.data.find((one) => one.id === id),
    JSON.parse(pinned.text),
  );
  const removed = await act(world, 'owner', `POST /admin/v1/issuers/${id}/remove`);
  assert.deepEqual([removed.status, removed.body.status], [200, 'removed']);
  for (const [reply, event] of [
    [pinned, 'admin.issuer.pin'],
    [removed, 'admin.issuer.remove'],
  ] as const) {
    const [record] = await world.recordsOf(reply.id);
    assert.equal(record?.eventType, event);
    assert.equal(record?.body.admin?.issuer, id);
    assert.doesNotMatch(JSON.stringify(record), /harbor\.example/);
  }
  assert.equal((await act(world, 'owner', `POST /admin/v1/issuers/${id}/remove`)).status, 404);
});

test('RS256 is for Entra, and elsewhere for who asks for it', async () => {
  const algsOf = async (changes: Fields) => JSON.parse((await pin(changes)).text).algs;
  assert.deepEqual(await algsOf({}), ['ES384', 'ES256', 'PS256', 'RS384']);
  assert.deepEqual(await algsOf({ kind: 'entra' }), ['RS256']);
  assert.deepEqual(await algsOf({ algs: ['RS256', 'RS256'] }), ['RS256']);
});

test('a provider speaks for one tenant, and for clients of that tenant', async () => {
  const other = await newPartner(world);
  const issuer = 'https://shared.harbor.example';
  assert.equal((await pin({ issuer })).status, 201);
  const clients = [{ subject: 'ward-app', client: other.client }];
  const again = await pin({ issuer, clients }, other.tenant);
  assert.deepEqual([again.status, again.body.code], [422, 'already_exists']);
  const foreign = await pin({ clients });
  assert.deepEqual([foreign.status, foreign.body.code], [404, 'not_found']);
  const twice = await pin({ clients: [...(wish().clients as object[]), ...(wish().clients as object[])] });
  assert.deepEqual([twice.status, twice.body.code], [400, 'invalid_parameter']);
});

test('a provider is named by an https URL of a host, on its own port and without more', async () => {
  for (const url of [
    'http://login.harbor.example/keys',
    'file:///etc/passwd',
    'gopher://login.harbor.example/',
    'https://user@login.harbor.example/keys',
    'https://login.harbor.example:22/keys',
    'https://login.harbor.example/keys?x=1',
    'https://login.harbor.example/keys#x',
    'https://login.harbor.example/%0d%0a',
    'https://127.0.0.1/keys',
    'https://2130706433/keys',
    'https://0x7f000001/keys',
    'https://127.1/keys',
    'https://0.0.0.0/keys',
    'https://[::1]/keys',
    'https://[::ffff:127.0.0.1]/keys',
    'https://169.254.169.254/keys',
    'https://localhost/keys',
    'https://LOGIN.harbor.example/keys',
    'https://lоgin.harbor.example/keys',
    `https://login.harbor.example/${'k'.repeat(1_024)}`,
  ]) {
    const refused = await pin({ jwks_uri: url });
    assert.deepEqual([refused.status, refused.body.code], [400, 'invalid_parameter'], url);
    assert.equal((await pin({ issuer: url })).status, 400, url);
  }
});

for (const [name, changes] of [
  ['an algorithm without keys', { algs: ['HS256'] }],
  ['no algorithm', { algs: [] }],
  ['no client', { clients: [] }],
  ['a member that nobody knows', { tenant_id: 'mayo' }],
] as const)
  test(`a pinning with ${name} is refused`, async () => {
    assert.equal((await pin(changes)).status, 400);
  });
