import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { at } from '../../gateway/domain/clock.ts';
import { act, newPartner, type Partner } from '../support/steward.ts';
import { openWorld, type World } from '../world.ts';

const DAY_MS = 86_400_000;
let aheadMs = 0;
let world: World;
let partner: Partner;
before(async () => {
  world = await openWorld({ clock: { now: () => at(Date.now() + aheadMs) } });
});
after(() => world[Symbol.asyncDispose]());

const asked = async (key: string) => (await world.ask('a cough', { key })).status;
const issue = (wish: Readonly<Record<string, unknown>>) =>
  act(world, 'owner', `POST /admin/v1/tenants/${partner.tenant}/keys`, {
    client: partner.client,
    environment: 'test',
    ...wish,
  });
const rotate = (key: string, wish: Readonly<Record<string, unknown>> = {}) =>
  act(world, 'owner', `POST /admin/v1/keys/${key}/rotate`, wish);
const cardOf = async (key: string) => {
  const { body } = await act(world, 'owner', `GET /admin/v1/tenants/${partner.tenant}/keys`);
  return body.data.find(({ id }) => id === key);
};

test('a key that is rotated works on beside the new one until the overlap is over', async () => {
  partner = await newPartner(world);
  const rotated = await rotate(partner.keyId);
  assert.equal(rotated.status, 201, rotated.text);
  assert.deepEqual([await asked(partner.key), await asked(rotated.body.secret)], [200, 200]);
  const old = await cardOf(partner.keyId);
  assert.equal(old?.state, 'expiring');
  assert.equal(old?.expires_at, rotated.body.replaced.expires_at);
  assert.equal((await cardOf(rotated.body.key.id))?.rotated_from, partner.keyId);
  aheadMs += 7 * DAY_MS;
  assert.deepEqual([await asked(partner.key), await asked(rotated.body.secret)], [401, 200]);
  assert.equal((await cardOf(partner.keyId))?.state, 'expired');
});

test('the new key is for the same client, scopes and addresses, and rotation never lengthens the old one', async () => {
  partner = await newPartner(world);
  const terms = { scopes: ['model:read'], cidrs: ['127.0.0.0/8', '::1/128'], expires_in_days: 2 };
  const first = (await issue(terms)).body.key.id;
  const before = await cardOf(first);
  const { body } = await rotate(first, { overlap_days: 30, expires_in_days: 10 });
  const now = await cardOf(body.key.id);
  assert.deepEqual([now?.scopes, now?.cidrs, now?.holder], [terms.scopes, terms.cidrs, partner.client]);
  assert.equal((await cardOf(first))?.expires_at, before?.expires_at);
});

test('a key is rotated once; what is over, revoked or was never there is not', async () => {
  partner = await newPartner(world);
  const second = await rotate(partner.keyId, { overlap_days: 0 });
  assert.equal(second.status, 201);
  assert.deepEqual((await rotate(partner.keyId)).body.code, 'not_found');
  const third = await rotate(second.body.key.id);
  assert.equal(third.status, 201);
  assert.deepEqual((await rotate(second.body.key.id)).body.code, 'already_exists');
  await act(world, 'owner', `POST /admin/v1/keys/${third.body.key.id}/revoke`, {});
  assert.deepEqual((await rotate(third.body.key.id)).body.code, 'not_found');
  assert.deepEqual((await rotate('000000000000')).body.code, 'not_found');
});

test("an operator's key is not rotated by another operator, who would then hold it", async () => {
  const [, , own = ''] = world.demo.operators.auditor.apiKey.split('_');
  const reply = await rotate(own);
  assert.deepEqual([reply.status, reply.body.code], [404, 'not_found']);
});

test('a key for listing models lists them and asks none', async () => {
  partner = await newPartner(world);
  const { body } = await issue({ scopes: ['model:read'] });
  const headers = { authorization: `Bearer ${body.secret}` };
  assert.equal((await fetch(`${world.url}/v1/models`, { headers })).status, 200);
  assert.equal(await asked(body.secret), 403);
});

for (const [what, wish] of [
  ['a year and a day', { expires_in_days: 366 }],
  ['no day', { expires_in_days: 0 }],
  ['a scope that is not on the list', { scopes: ['operator'] }],
  ['no scope', { scopes: [] }],
  ['the same scope twice', { scopes: ['model:read', 'model:read'] }],
  ['what is no block of addresses', { cidrs: ['10.0.0.0/33'] }],
] as const) {
  test(`no key is issued for ${what}`, async () => {
    partner = await newPartner(world);
    const reply = await issue(wish);
    assert.deepEqual([reply.status, reply.body.code], [400, 'invalid_parameter']);
  });
}

test('a key lives 90 days unless it is said otherwise, and the list says who made it and where it was used', async () => {
  partner = await newPartner(world);
  const card = await cardOf(partner.keyId);
  const lifeMs = Date.parse(String(card?.expires_at)) - Date.parse(String(card?.created_at));
  assert.equal(Math.round((lifeMs - aheadMs) / DAY_MS), 90);
  assert.match(String(card?.created_by), /^opr_/);
  assert.deepEqual([card?.state, card?.last_used_ip, card?.rotated_from], ['active', null, null]);
});
