import assert from 'node:assert/strict';
import { act, newPartner, newPerson, type Partner } from '../support/steward.ts';
import { keyOf } from '../world.ts';
import { row, underAttack } from './catalogue.ts';

const target = underAttack(() => ({}));

interface Scene {
  readonly home: Partner;
  readonly abroad: Partner;
  readonly admin: Person;
  readonly developer: Person;
  readonly viewer: Person;
}

let ready: Promise<Scene> | undefined;
/** Two tenants that have asked, and the people of one of them; made by the first row that wants them. */
const scene = () => (ready ??= makeScene());

async function makeScene(): Promise<Scene> {
  const { world } = target;
  const [home, abroad] = [await newPartner(world), await newPartner(world)];
  for (const { key } of [home, abroad, abroad]) await world.ask('a cough', { key });
  return {
    home,
    abroad,
    admin: await newPerson(world, home.tenant, 'tenant_admin'),
    developer: await newPerson(world, home.tenant, 'tenant_developer'),
    viewer: await newPerson(world, home.tenant, 'tenant_viewer'),
  };
}

type Person = { readonly key: string };
const as = (person: Person, route: string, body?: Readonly<Record<string, unknown>>) =>
  act(target.world, person, route, body);
const at = (partner: Partner, rest: string) => `/admin/v1/tenants/${partner.tenant}/${rest}`;

row('T01', 'a person of a tenant sees its usage, and no word in the query makes it another’s', async () => {
  const { home, abroad, viewer } = await scene();
  const own = await as(viewer, `GET ${at(home, 'usage')}`);
  assert.deepEqual(
    own.body.data.map(({ requests, model_version }) => [requests, model_version]),
    [[1, 'mayo-cr-2']],
  );
  for (const query of [
    'tenant=summit',
    'tenant[$ne]=x',
    'tenants=x',
    'tenant_id=x',
    'from=2020-01-01',
    'to=x',
  ]) {
    const reply = await as(viewer, `GET ${at(home, 'usage')}?${query}`);
    assert.equal(reply.status, 400, query);
    assert.match(reply.body.code, /^(invalid|unknown)_parameter$/);
  }
  const foreign = await as(viewer, `GET ${at(abroad, 'usage')}`);
  assert.deepEqual([foreign.status, foreign.body.code], [404, 'not_found']);
});

row(
  'T01',
  'an audit search by a person of a tenant finds that tenant alone, whatever it asks for',
  async () => {
    const { home, abroad, viewer } = await scene();
    const { body: all } = await as(viewer, 'GET /audit/v1/records?limit=200');
    assert.ok(all.data.length > 0);
    assert.ok(all.data.every(({ tenant_id }) => tenant_id === home.tenantId));
    for (const query of [`tenant=${abroad.tenantId}`, `client=${abroad.client}`, 'tenant=ten_x'])
      assert.deepEqual((await as(viewer, `GET /audit/v1/records?${query}`)).body.data, []);
    // What another tenant's key would make of a patient must not be told, not even in the record of the search.
    const query = `tenant=${abroad.tenantId}&patient_ref=pt-4f9a`;
    const { id } = await as(viewer, `GET /audit/v1/records?${query}`);
    const [search] = await target.world.recordsOf(id);
    assert.deepEqual(search?.body.search?.filter, { tenantId: abroad.tenantId });
    const { body: mine } = await as(viewer, `GET /audit/v1/records?tenant=${home.tenantId}&limit=1`);
    assert.equal(mine.data.length, 1);
  },
);

row(
  'T01',
  'a cursor of another tenant’s search leads a person nowhere but through their own records',
  async () => {
    const { home, abroad, viewer } = await scene();
    const { body } = await act(
      target.world,
      'auditor',
      `GET /audit/v1/records?tenant=${abroad.tenantId}&limit=1`,
    );
    const reply = await as(viewer, `GET /audit/v1/records?cursor=${body.next_cursor}`);
    assert.equal(reply.status, 200);
    assert.ok(reply.body.data.every(({ tenant_id }) => tenant_id === home.tenantId));
  },
);

row(
  'T02',
  'a person’s own audit does not tell a version that may not be known from one that does not exist',
  async () => {
    const { home, viewer } = await scene();
    const { world } = target;
    const ids = ['mayo-cr-3', 'no-such-model'].map(async (model) => {
      const { id } = await world.ask({ content: 'a cough', model }, { key: home.key });
      return id;
    });
    const views = await Promise.all(
      (await Promise.all(ids)).map(async (id) => {
        const { body } = await as(viewer, `GET /audit/v1/records?request_id=${id}`);
        const [record] = body.data;
        assert.ok(record !== undefined);
        const { detail, ...facts } = record;
        const shown = { ...facts, detail: Object.keys(Object(detail)).toSorted() };
        return JSON.stringify(shown).replace(
          /(req|rec|dec)_[0-9a-f-]{36}|\d{4}-\d\d-\d\dT[^"]*|"latency_ms":[\d.]+/g,
          '',
        );
      }),
    );
    assert.equal(views[0], views[1]);
    assert.match(views[0] ?? '', /model_not_found/);
    for (const filter of ['model_version=mayo-cr-3', 'decision=deny'])
      assert.deepEqual((await as(viewer, `GET /audit/v1/records?${filter}`)).body.data, [], filter);
    const byReason = await as(viewer, 'GET /audit/v1/records?reason_code=model_not_visible');
    assert.deepEqual([byReason.status, byReason.body.code], [400, 'invalid_parameter']);
  },
);

row(
  'T02',
  'the owner’s rules, deployments and replicas are not in what a tenant reads of its requests',
  async () => {
    const { home, admin } = await scene();
    const { body } = await as(admin, 'GET /audit/v1/records?event_type=model.invoke&phase=completed');
    const { body: whole } = await act(
      target.world,
      'auditor',
      `GET /audit/v1/records?tenant=${home.tenantId}&event_type=model.invoke&phase=completed`,
    );
    assert.ok(body.data.length > 0);
    assert.match(JSON.stringify(whole.data), /deployment.*matchedRules/);
    assert.doesNotMatch(
      JSON.stringify(body.data),
      /origin|matchedRules|nearestMisses|deployment|promptBytes/,
    );
  },
);

row('T02', 'a key, record, client or person of another tenant is not there', async () => {
  const { home, abroad, admin } = await scene();
  const other = await newPerson(target.world, abroad.tenant, 'tenant_viewer');
  const { body } = await act(
    target.world,
    'auditor',
    `GET /audit/v1/records?tenant=${abroad.tenantId}&limit=1`,
  );
  for (const route of [
    `POST /admin/v1/keys/${abroad.keyId}/revoke`,
    `POST /admin/v1/keys/${abroad.keyId}/rotate`,
    `POST /admin/v1/keys/${other.keyId}/revoke`,
    `GET ${at(home, `clients/${abroad.client}`)}`,
    `POST ${at(home, `clients/${abroad.client}/suspend`)}`,
    `POST ${at(home, `people/${other.id}/suspend`)}`,
    `POST ${at(home, `people/${other.id}/keys`)}`,
    `GET /audit/v1/records/${body.data[0]?.record_id}`,
  ]) {
    const reply = await as(admin, route, route.startsWith('GET') ? undefined : {});
    assert.deepEqual([reply.status, reply.body.code], [404, 'not_found'], route);
  }
  assert.equal((await target.world.ask('a cough', { key: abroad.key })).status, 200);
});

row('A25', 'a developer manages test keys of clients, and no live key nor any key of a person', async () => {
  const { home, admin, developer } = await scene();
  const issue = (environment: string) =>
    as(developer, `POST ${at(home, 'keys')}`, { client: home.client, environment });
  assert.equal((await issue('test')).status, 201);
  const refusedLive = await issue('live');
  assert.deepEqual([refusedLive.status, refusedLive.body.reasons], [403, ['key:live']]);
  const live = await as(admin, `POST ${at(home, 'keys')}`, { client: home.client, environment: 'live' });
  const person = await newPerson(target.world, home.tenant, 'tenant_admin');
  for (const [key, reason] of [
    [live.body.key.id, 'key:live'],
    [person.keyId, 'person:write'],
  ]) {
    for (const verb of ['rotate', 'revoke']) {
      const reply = await as(developer, `POST /admin/v1/keys/${key}/${verb}`, {});
      assert.deepEqual([reply.status, reply.body.reasons], [403, [reason]]);
    }
  }
});

row('A06', 'nobody gives a person of a tenant one of the owner’s roles, nor another tenant', async () => {
  const { home, abroad, admin } = await scene();
  for (const wish of [
    { role: 'owner' },
    { role: 'auditor' },
    { role: 'tenant_admin', tenant_id: abroad.tenantId },
    { role: 'tenant_admin', scopes: ['operator'] },
    { role: 'tenant_admin', environment: 'test' },
  ]) {
    const reply = await as(admin, `POST ${at(home, 'people')}`, {
      name: 'Quill Marlowe (invented)',
      ...wish,
    });
    assert.equal(reply.status, 400, JSON.stringify(wish));
  }
});

row('A25', 'a key of a tenant’s person asks no model, and a client’s key does no act', async () => {
  const { home, admin } = await scene();
  assert.equal((await target.world.ask('a cough', { key: admin.key })).status, 403);
  const reply = await as({ key: home.key }, `GET ${at(home, 'clients')}`);
  assert.deepEqual([reply.status, reply.body.code], [403, 'insufficient_scope']);
});

row('A25', 'what the owner suspended, the tenant’s administrator does not resume', async () => {
  const partner = await newPartner(target.world);
  const theirs = await newPerson(target.world, partner.tenant, 'tenant_admin');
  const client = (verb: string) => `POST ${at(partner, `clients/${partner.client}/${verb}`)}`;
  assert.equal((await as(theirs, client('suspend'), {})).status, 200);
  assert.equal((await as(theirs, client('resume'), {})).status, 200);
  assert.equal((await act(target.world, 'owner', client('suspend'), {})).status, 200);
  assert.equal((await as(theirs, client('suspend'), {})).status, 200);
  const reply = await as(theirs, client('resume'), {});
  assert.deepEqual([reply.status, reply.body.reasons], [403, ['suspended_by_owner']]);
  assert.equal((await target.world.ask('a cough', { key: partner.key })).status, 401);
  assert.equal((await act(target.world, 'owner', client('resume'), {})).body.status, 'active');
});

row(
  'T23',
  'a suspended person is nobody, and the people of a suspended tenant are told that it is',
  async () => {
    const partner = await newPartner(target.world);
    const theirs = await newPerson(target.world, partner.tenant, 'tenant_admin');
    const second = await newPerson(target.world, partner.tenant, 'tenant_viewer');
    await as(theirs, `POST ${at(partner, `people/${second.id}/suspend`)}`, {});
    assert.equal((await as(second, `GET ${at(partner, 'clients')}`)).body.code, 'invalid_api_key');
    await act(target.world, 'owner', `POST /admin/v1/tenants/${partner.tenant}/suspend`, {});
    assert.equal((await as(theirs, `GET ${at(partner, 'clients')}`)).body.code, 'tenant_suspended');
  },
);

row('A06', 'the demo’s own administrator of northwind administers it and nothing else', async () => {
  const { demo } = target.world;
  const key = demo.tenants.northwind?.adminApiKey ?? '';
  assert.equal((await as({ key }, 'GET /admin/v1/tenants/northwind/clients')).status, 200);
  assert.equal((await as({ key }, 'GET /admin/v1/tenants/mayo/clients')).status, 404);
  assert.equal((await as({ key }, 'GET /admin/v1/tenants')).status, 403);
  assert.equal(keyOf(demo, 'northwind') === key, false);
});
