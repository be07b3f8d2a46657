import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Act } from '../../gateway/actions/action.ts';
import { CATALOGUE } from '../../gateway/actions/catalogue.ts';
import { OPERATOR_ROLES } from '../../gateway/domain/vocabulary.ts';
import { act, newPartner, type Partner } from '../support/steward.ts';
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
let made = 0;
before(async () => {
  world = await openWorld();
  partner = await newPartner(world);
});
after(() => world[Symbol.asyncDispose]());

type Fields = Readonly<Record<string, unknown>>;

/** A request that the act would carry out, were the asker permitted. */
const INPUTS: Readonly<Record<string, () => Promise<Fields> | Fields>> = {
  'admin.tenant.create': () => {
    made += 1;
    return { slug: `quay-clinic-${made}`, name: 'Quay Clinic (invented)', tier: 'research' };
  },
  'admin.client.create': () => ({ name: 'second ward app' }),
  'admin.key.issue': () => ({ client: partner.client, environment: 'test' }),
  'admin.model.preamble.set': () => ({ preamble: 'Answer as the invented Harbor panel would.' }),
  'admin.policy.check': () => ({ tenant: 'northwind', model: 'mayo-cr-1', purpose: 'HOPERAT' }),
};

async function routeOf(one: Act): Promise<string> {
  const fresh = one.event === 'admin.key.revoke' ? await newPartner(world) : partner;
  const { records } = await world.gateway.office.audit.search({}, { limit: 1 });
  const path = one.path
    .replace(':tenant', partner.tenant)
    .replace(':key', fresh.keyId)
    .replace(':id', 'mayo-cr-1')
    .replace(':record', records[0]?.recordId ?? '');
  return `${one.method.toUpperCase()} ${path}`;
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
      assert.equal(reply.status, may ? one.status : 403, reply.text);
      const records = await world.recordsOf(reply.id);
      assert.equal(records.length, 1);
      const [record] = records;
      assert.deepEqual([record?.phase, record?.body.operatorRole], ['single', role]);
      if (may) {
        assert.deepEqual(
          [record?.eventType, record?.action, record?.outcome],
          [one.event, one.action, 'success'],
        );
        assert.ok(one.output.safeParse(reply.body).success, 'the answer has the shape that is described');
      } else {
        assert.deepEqual([reply.body.code, reply.type], ['insufficient_scope', 'application/problem+json']);
        assert.deepEqual(reply.body.reasons, [one.permission]);
        assert.deepEqual([record?.outcome, record?.errorCode], ['denied', 'insufficient_scope']);
      }
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
