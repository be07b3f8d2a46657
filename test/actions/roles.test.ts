import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Act } from '../../gateway/actions/action.ts';
import { CATALOGUE } from '../../gateway/actions/catalogue.ts';
import { newClientKeyPair } from '../../gateway/adapters/identity/client-key-pair.ts';
import { OPERATOR_ROLES, TENANT_ROLES, type TenantRole } from '../../gateway/domain/vocabulary.ts';
import { type ActReply, act, newPartner, newPerson, type Partner } from '../support/steward.ts';
import { keyOf, openWorld, type World } from '../world.ts';

const CSV = readFileSync(join(import.meta.dirname, '../../policies/operators.csv'), 'utf8');
const ALLOWED = new Set(
  CSV.split('\n')
    .filter((line) => /,\s*allow\s*$/.test(line))
    .map((line) =>
      line
        .split(',', 2)
        .map((cell) => cell.trim())
        .join(' '),
    ),
);

let world: World;
let partner: Partner;
let partnersPerson = '';
/** Another tenant, and its people. */
let neighbour: Partner;
let made = 0;
const keys = new Map<string, string>();
const keyOfRole = (role: TenantRole, { tenant }: Partner) => keys.get(`${role} ${tenant}`) ?? '';

before(async () => {
  world = await openWorld();
  partner = await newPartner(world);
  neighbour = await newPartner(world);
  for (const role of TENANT_ROLES)
    for (const { tenant } of [partner, neighbour])
      keys.set(`${role} ${tenant}`, (await newPerson(world, tenant, role)).key);
  partnersPerson = (await newPerson(world, partner.tenant, 'tenant_viewer')).id;
  await world.ask('a cough', { key: partner.key });
});
after(() => world[Symbol.asyncDispose]());

type Fields = Readonly<Record<string, unknown>>;

/** A request that the act would carry out, were the asker permitted. */
const INPUTS: Readonly<Record<string, () => Promise<Fields> | Fields>> = {
  'admin.tenant.create': () => {
    made += 1;
    return { slug: `quay-clinic-${made}`, name: 'Quay Clinic (invented)', tier: 'research' };
  },
  'admin.client.create': () => {
    made += 1;
    return { name: `ward app ${made}` };
  },
  'admin.client.jwks.put': async () => (await newClientKeyPair()).jwks,
  'admin.key.issue': () => ({ client: partner.client, environment: 'test' }),
  'admin.person.create': () => {
    made += 1;
    return { name: `Juniper Vale ${made} (invented)`, role: 'tenant_viewer' };
  },
  'admin.issuer.pin': () => ({ ...provider(), clients: [{ subject: 'ward-app', client: partner.client }] }),
  'admin.model.preamble.set': () => ({ preamble: 'Answer as the invented Harbor panel would.' }),
  'admin.policy.check': () => ({ tenant: 'northwind', model: 'mayo-cr-1', purpose: 'HOPERAT' }),
};

/** An identity provider that was not pinned before. */
function provider() {
  made += 1;
  const issuer = `https://login-${made}.harbor.example`;
  return { issuer, jwks_uri: `${issuer}/keys`, audience: 'https://gateway.example' };
}

async function pinnedIssuer(): Promise<string> {
  const clients = [{ subject: 'ward-app', client: partner.client }];
  const route = `POST /admin/v1/tenants/${partner.tenant}/issuers`;
  return (await act(world, 'owner', route, { ...provider(), clients })).body.id;
}

async function routeOf(one: Act): Promise<string> {
  const { tenantId } = partner;
  const { records } = await world.gateway.office.audit.search({ tenantId }, { limit: 1 });
  const path = one.path
    .replace(':tenant', partner.tenant)
    .replace(':client', partner.client)
    .replace(':person', partnersPerson)
    .replace(':key', one.path.includes(':key') ? await freshKey() : '')
    .replace(':issuer', one.event === 'admin.issuer.remove' ? await pinnedIssuer() : '')
    .replace(':id', 'mayo-cr-1')
    .replace(':record', records[0]?.recordId ?? '');
  return `${one.method.toUpperCase()} ${path}`;
}

async function freshKey(): Promise<string> {
  const body = { client: partner.client, environment: 'test' };
  const issued = await act(world, 'owner', `POST /admin/v1/tenants/${partner.tenant}/keys`, body);
  return issued.body.key.id;
}

async function bodyOf(one: Act): Promise<Fields | undefined> {
  return one.method === 'get' ? undefined : ((await INPUTS[one.event]?.()) ?? {});
}

test('the table of permissions was read', () => {
  assert.ok(ALLOWED.size >= 20);
  assert.ok(CATALOGUE.every((one) => ALLOWED.has(`owner ${one.permission}`)));
});

for (const one of CATALOGUE) {
  for (const role of OPERATOR_ROLES) {
    const may = ALLOWED.has(`${role} ${one.permission}`);
    test(`${role} ${may ? 'may' : 'may not'}: ${one.event}`, async () => {
      const reply = await act(world, role, await routeOf(one), await bodyOf(one));
      await (may ? done(one, role, reply) : notPermitted(one, role, reply));
      // Those who come next find the tenant as it was.
      if (one.event === 'admin.tenant.suspend' && may)
        await act(world, 'owner', `POST /admin/v1/tenants/${partner.tenant}/reinstate`, {});
    });
  }

  for (const role of TENANT_ROLES) {
    const may = one.reach !== 'owner' && ALLOWED.has(`${role} ${one.permission}`);
    test(`${role} ${may ? 'may' : 'may not'}, in its own tenant: ${one.event}`, async () => {
      const key = keyOfRole(role, partner);
      const reply = await act(world, { key }, await routeOf(one), await bodyOf(one));
      await (may ? done(one, role, reply) : notPermitted(one, role, reply));
      assert.equal((await world.recordsOf(reply.id))[0]?.tenantId, partner.tenantId);
    });

    test(`${role} of another tenant may not: ${one.event}`, async () => {
      const key = keyOfRole(role, neighbour);
      const route = await routeOf(one);
      const reply = await act(world, { key }, route, await bodyOf(one));
      if (!may) return await notPermitted(one, role, reply);
      if (one.event === 'audit.search') return await onlyOf(neighbour, reply);
      const missing = await act(world, { key }, nowhere(route), await bodyOf(one));
      await notThere(role, [reply, missing]);
    });
  }

  test(`no tenant and no stranger may: ${one.event}`, async () => {
    const route = await routeOf(one);
    const body = await bodyOf(one);
    const byTenant = await act(world, { key: keyOf(world.demo, 'mayo') }, route, body);
    assert.deepEqual([byTenant.status, byTenant.body.code], [403, 'insufficient_scope']);
    const byStranger = await act(world, { key: 'nobody' }, route, body);
    assert.deepEqual([byStranger.status, byStranger.body.code], [401, 'invalid_api_key']);
  });
}

async function theRecord(role: string, reply: ActReply) {
  const records = await world.recordsOf(reply.id);
  assert.equal(records.length, 1);
  const [record] = records;
  assert.deepEqual([record?.phase, record?.body.operatorRole], ['single', role]);
  return record;
}

async function done(one: Act, role: string, reply: ActReply): Promise<void> {
  assert.equal(reply.status, one.status, reply.text);
  const record = await theRecord(role, reply);
  assert.deepEqual([record?.eventType, record?.action, record?.outcome], [one.event, one.action, 'success']);
  assert.ok(one.output.safeParse(reply.body).success, 'the answer has the shape that is described');
}

async function notPermitted(one: Act, role: string, reply: ActReply): Promise<void> {
  assert.equal(reply.status, 403, reply.text);
  assert.deepEqual([reply.body.code, reply.type], ['insufficient_scope', 'application/problem+json']);
  assert.deepEqual(reply.body.reasons, [one.permission]);
  const record = await theRecord(role, reply);
  assert.deepEqual([record?.outcome, record?.errorCode], ['denied', 'insufficient_scope']);
}

/** What is another tenant's is answered as what does not exist, and both are on record. */
async function notThere(role: string, replies: readonly ActReply[]): Promise<void> {
  for (const reply of replies) {
    assert.deepEqual([reply.status, reply.body.code], [404, 'not_found'], reply.text);
    assert.equal((await theRecord(role, reply))?.errorCode, 'not_found');
  }
  const [text, other] = replies.map((reply) => reply.text.replaceAll(reply.id, ''));
  assert.equal(text, other);
}

/** A search takes no name of a tenant in its path: it finds the asker's own, whatever else there is. */
async function onlyOf({ tenantId }: Partner, reply: ActReply): Promise<void> {
  assert.equal(reply.status, 200, reply.text);
  assert.ok(reply.body.data.length > 0);
  assert.ok(reply.body.data.every((record) => record.tenant_id === tenantId));
}

/** The same request about something that does not exist. */
function nowhere(route: string): string {
  return route
    .replace(partner.tenant, 'nobody-here')
    .replace(/keys\/[0-9A-Za-z]{12}\//, 'keys/000000000000/')
    .replace(/rec_[0-9a-f-]{36}/, 'rec_00000000-0000-7000-8000-000000000000');
}

test('an act that is refused or fails changes nothing', async () => {
  const slugs = async () =>
    (await world.gateway.office.registry.listTenants()).map(({ slug }) => slug).toSorted();
  const before = await slugs();
  const body = { slug: 'refused-clinic', name: 'Refused', tier: 'payer' };
  assert.equal((await act(world, 'auditor', 'POST /admin/v1/tenants', body)).status, 403);
  assert.equal(
    (await act(world, 'owner', 'POST /admin/v1/tenants', { ...body, tier: 'emperor' })).status,
    400,
  );
  const taken = await act(world, 'owner', 'POST /admin/v1/tenants', { ...body, slug: 'northwind' });
  assert.deepEqual([taken.status, taken.body.code], [422, 'already_exists']);
  assert.deepEqual(await slugs(), before);
});

test('a change and its record are kept together or not at all', async () => {
  const { change } = world.gateway;
  const before = (await world.gateway.office.registry.listTenants()).length;
  await assert.rejects(
    change(async (desk) => {
      const [tenant] = await desk.listTenants();
      assert.ok(tenant !== undefined);
      await desk.setTenantStatus(tenant.slug, 'suspended');
      throw new Error('the record could not be made');
    }),
  );
  const tenants = await world.gateway.office.registry.listTenants();
  assert.equal(tenants.length, before);
  assert.ok(tenants.every(({ status }) => status === 'active'));
});

test('what does not exist is not found, whoever may look', async () => {
  for (const route of [
    'GET /admin/v1/tenants/nobody-here',
    'GET /admin/v1/tenants/nobody-here/keys',
    'POST /admin/v1/tenants/nobody-here/suspend',
    'POST /admin/v1/keys/000000000000/revoke',
    'GET /audit/v1/records/rec_00000000-0000-7000-8000-000000000000',
  ]) {
    const reply = await act(world, 'owner', route, route.startsWith('POST') ? {} : undefined);
    assert.deepEqual([reply.status, reply.body.code], [404, 'not_found'], route);
  }
});

test('a key for a client of another tenant is not issued', async () => {
  const other = await newPartner(world);
  const reply = await act(world, 'owner', `POST /admin/v1/tenants/${partner.tenant}/keys`, {
    client: other.client,
  });
  assert.deepEqual([reply.status, reply.body.code], [404, 'not_found']);
});
