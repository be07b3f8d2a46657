import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { act, newPartner } from '../support/steward.ts';
import { keyOf, openWorld, type World } from '../world.ts';

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world[Symbol.asyncDispose]());

/** Asks once a change was committed, again and again for a second, until the answer is the one that it must bring. */
async function withinASecond(ask: () => Promise<number>, status: number): Promise<number> {
  const deadline = performance.now() + 1_000;
  let last = await ask();
  while (last !== status && performance.now() < deadline) last = await ask();
  return last;
}

test('a steward makes a tenant, its client and its key, and the key works at once', async () => {
  const tenant = await act(world, 'owner', 'POST /admin/v1/tenants', {
    slug: 'tidewater-care',
    name: 'Tidewater Care (invented)',
    tier: 'covered-entity',
    default_purpose: 'HOPERAT',
  });
  assert.equal(tenant.status, 201);
  assert.match(tenant.body.id, /^ten_[0-9a-f-]{36}$/);
  assert.deepEqual([tenant.body.status, tenant.body.region], ['active', 'US']);
  const client = await act(world, 'owner', 'POST /admin/v1/tenants/tidewater-care/clients', {
    name: 'chart assistant',
  });
  assert.match(client.body.id, /^cli_/);
  const issued = await act(world, 'owner', 'POST /admin/v1/tenants/tidewater-care/keys', {
    client: client.body.id,
    expires_in_days: 30,
  });
  assert.match(issued.body.secret, /^sgk_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/);
  const reply = await world.ask('a cough', { key: issued.body.secret });
  assert.equal(reply.status, 200, reply.text);
  const [record] = await world.recordsOf(reply.id);
  assert.deepEqual(
    [record?.tenantId, record?.clientId, record?.body.credentialId],
    [tenant.body.id, client.body.id, issued.body.key.id],
  );
});

test('the secret of a key is shown once: no list and no record holds it or its hash', async () => {
  const partner = await newPartner(world);
  const listed = await act(world, 'owner', `GET /admin/v1/tenants/${partner.tenant}/keys`);
  assert.deepEqual(
    listed.body.data.map(({ id }: { id: string }) => id),
    [partner.keyId],
  );
  assert.doesNotMatch(listed.text, /secret|hmac/i);
  const secret = partner.key.split('_')[3] ?? '';
  const rows = JSON.stringify(await world.gateway.database.handle.execute('SELECT * FROM audit_record'));
  assert.ok(!rows.includes(secret) && !listed.text.includes(secret));
});

test('a suspended tenant is shut out within a second, and let in again by reinstatement', async () => {
  const partner = await newPartner(world);
  const ask = async () => (await world.ask('a cough', { key: partner.key })).status;
  assert.equal(await ask(), 200);
  const suspended = await act(world, 'owner', `POST /admin/v1/tenants/${partner.tenant}/suspend`);
  assert.deepEqual([suspended.status, suspended.body.status], [200, 'suspended']);
  assert.equal(await withinASecond(ask, 403), 403);
  assert.equal((await world.ask('a cough', { key: partner.key })).body.error.code, 'tenant_suspended');
  await act(world, 'owner', `POST /admin/v1/tenants/${partner.tenant}/reinstate`);
  assert.equal(await withinASecond(ask, 200), 200);
});

test('a revoked key stops within a second, and can be revoked once', async () => {
  const partner = await newPartner(world);
  const ask = async () => (await world.ask('a cough', { key: partner.key })).status;
  assert.equal(await ask(), 200);
  const revoked = await act(world, 'owner', `POST /admin/v1/keys/${partner.keyId}/revoke`);
  assert.ok(revoked.body.revoked_at !== null);
  assert.equal(await withinASecond(ask, 401), 401);
  assert.equal((await act(world, 'owner', `POST /admin/v1/keys/${partner.keyId}/revoke`)).status, 404);
  assert.equal((await world.ask('a cough')).status, 200, 'other keys go on');
});

test('one tenant that is suspended leaves the others alone', async () => {
  const partner = await newPartner(world);
  await act(world, 'owner', `POST /admin/v1/tenants/${partner.tenant}/suspend`);
  for (const tenant of ['northwind', 'lakeside', 'summit']) {
    assert.equal((await world.ask('a cough', { key: keyOf(world.demo, tenant) })).status, 200);
  }
});

test('a steward reads the policy in force as it stands in the file', async () => {
  const policy = await act(world, 'author', 'GET /admin/v1/policy');
  assert.match(policy.body.policy_set, /^ps_[0-9a-f]{16}$/);
  const ids = policy.body.rules.map(({ id }: { id: string }) => id);
  assert.ok(ids.includes('never-marketing') && ids.includes('research-needs-irb'));
  const reply = await world.ask('a cough');
  assert.equal(reply.headers.get('x-stewardgate-policy-set'), policy.body.policy_set);
});

test('a steward asks what policy would decide, and it is what it then decides', async () => {
  const cases = [
    { tenant: 'northwind', purpose: 'HOPERAT', allowed: true },
    { tenant: 'northwind', purpose: 'HMARKT', allowed: false },
    { tenant: 'northwind', purpose: 'COVERAGE', allowed: false },
    { tenant: 'lakeside', purpose: 'HRESCH', allowed: true },
    { tenant: 'summit', purpose: 'HPAYMT', data_class: 'limited', allowed: true },
    { tenant: 'summit', purpose: 'COVERAGE', data_class: 'phi', allowed: false },
  ];
  const called = world.callsToModel().length;
  for (const { allowed, ...wish } of cases) {
    const checked = await act(world, 'author', 'POST /admin/v1/policy/check', {
      ...wish,
      model: 'mayo-cr-1',
    });
    assert.deepEqual([checked.status, checked.body.allowed], [200, allowed], checked.text);
    assert.equal(checked.body.reasons.length === 0, allowed);
  }
  assert.equal(world.callsToModel().length, called, 'no model is asked');
  for (const { tenant, purpose, data_class = 'deidentified', allowed } of cases) {
    const headers = { 'x-stewardgate-purpose': purpose, 'x-stewardgate-data-class': data_class };
    const reply = await world.ask({ model: 'mayo-cr-1' }, { key: keyOf(world.demo, tenant), headers });
    assert.equal(reply.status, allowed ? 200 : 403, `${tenant} ${purpose}`);
  }
});

test('each operator keeps to the role: an author changes no tenant, an approver reads no record, a biller no policy', async () => {
  const rows = [
    ['author', 'POST /admin/v1/tenants', 403],
    ['author', 'GET /audit/v1/records', 403],
    ['approver', 'POST /admin/v1/policy/check', 400],
    ['approver', 'GET /admin/v1/models', 403],
    ['billing', 'GET /admin/v1/tenants', 200],
    ['billing', 'GET /admin/v1/policy', 403],
    ['modelSteward', 'GET /admin/v1/models', 200],
    ['modelSteward', 'GET /admin/v1/tenants', 403],
    ['auditor', 'GET /admin/v1/models', 200],
  ] as const;
  for (const [role, route, status] of rows) {
    const reply = await act(world, role, route, route.startsWith('POST') ? {} : undefined);
    assert.equal(reply.status, status, `${role} ${route}`);
  }
});

test('every change a steward made is on record with what it touched', async () => {
  const partner = await newPartner(world, { tier: 'payer', purpose: 'HPAYMT' });
  const events = async (eventType: string) =>
    (await world.gateway.office.audit.search({ eventType }, { limit: 200 })).records;
  const created = (await events('admin.tenant.create')).find(
    ({ body }) => body.admin?.tenant === partner.tenantId,
  );
  assert.deepEqual(
    [created?.action, created?.outcome, created?.httpStatus, created?.body.operatorRole],
    ['C', 'success', 201, 'owner'],
  );
  assert.deepEqual(created?.body.admin, {
    tenant: partner.tenantId,
    tier: 'payer',
    region: 'US',
    status: 'active',
  });
  const issued = (await events('admin.key.issue')).find(({ body }) => body.admin?.key === partner.keyId);
  assert.equal(issued?.body.admin?.client, partner.client);
});

test('the demo world itself is on record', async () => {
  const { records } = await world.gateway.office.audit.search(
    { eventType: 'admin.demo.seed' },
    { limit: 10 },
  );
  assert.deepEqual(
    records.map(({ body }) => [body.operatorId, body.admin]),
    [['local', { tenants: ['mayo', 'northwind', 'lakeside', 'summit'] }]],
  );
});
