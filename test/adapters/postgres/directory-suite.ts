import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from 'drizzle-orm';
import type { Database } from '../../../gateway/adapters/postgres/database.ts';
import { createDesk, type Desk } from '../../../gateway/adapters/postgres/desk.ts';
import { CLIENTS } from '../../../gateway/adapters/postgres/directory/known-clients.ts';
import { ISSUERS } from '../../../gateway/adapters/postgres/directory/known-issuers.ts';
import { createDirectory } from '../../../gateway/adapters/postgres/directory.ts';
import { createModelCatalogue } from '../../../gateway/adapters/postgres/model-catalogue.ts';
import { touchKey } from '../../../gateway/adapters/postgres/registry/key-use.ts';
import { createTenantReader } from '../../../gateway/adapters/postgres/registry/tenant-reader.ts';
import type { PinnedIssuer } from '../../../gateway/core/tenants/issuer.ts';
import { type KeyId, newId } from '../../../gateway/domain/ids.ts';
import { Problem } from '../../../gateway/domain/problem.ts';
import { aClient, aKey, anOperator, aTenant, clock, eventually, ids, name } from './fixtures.ts';

export function directorySuite(the: () => Database): void {
  const change = <T>(work: (desk: Desk) => Promise<T>) => the().transaction((tx) => work(createDesk(tx)));

  async function aCaller(cidrs: readonly string[] = []) {
    const tenant = aTenant();
    const client = aClient(tenant);
    const key = aKey({ cidrs });
    await change(async (desk) => {
      await desk.insertTenant(tenant);
      await desk.insertClient(client);
      await desk.insertKey(key, client.id, 'local');
    });
    return { tenant, client, key };
  }

  const refused = (code: string) => (thrown: unknown) => thrown instanceof Problem && thrown.code === code;

  test('a key is found with its client and tenant as they were stored', async () => {
    await using directory = await createDirectory(the(), clock);
    const { tenant, client, key } = await aCaller();
    const known = await directory.findKey(key.id);
    assert.ok(known?.holder.kind === 'client');
    assert.deepEqual(known.holder.tenant, tenant);
    assert.deepEqual(known.holder.client, client);
    assert.deepEqual({ ...known.key, secretHmac: new Uint8Array(known.key.secretHmac) }, key);
    assert.equal(directory.isStillGood(known), true);
  });

  test("an operator's key is found with the operator", async () => {
    await using directory = await createDirectory(the(), clock);
    const operator = anOperator();
    const key = aKey();
    await change(async (desk) => {
      await desk.insertOperator(operator);
      await desk.insertKey(key, operator.id, 'local');
    });
    assert.deepEqual((await directory.findKey(key.id))?.holder, {
      kind: 'operator',
      operator,
      tenant: null,
    });
    await change((desk) => desk.setOperatorStatus(operator.id, 'suspended'));
    assert.ok(
      await eventually(async () => {
        const holder = (await directory.findKey(key.id))?.holder;
        return holder?.kind === 'operator' && holder.operator.status === 'suspended';
      }),
    );
  });

  test("a person's key is found with the tenant, and turns bad with it", async () => {
    await using directory = await createDirectory(the(), clock);
    const tenant = aTenant();
    const person = anOperator({ role: 'tenant_viewer', tenantId: tenant.id });
    const key = aKey();
    await change(async (desk) => {
      await desk.insertTenant(tenant);
      await desk.insertOperator(person);
      await desk.insertKey(key, person.id, 'local');
    });
    const known = await directory.findKey(key.id);
    assert.deepEqual(known?.holder, { kind: 'operator', operator: person, tenant });
    await change((desk) => desk.setTenantStatus(tenant.slug, 'suspended'));
    assert.ok(await eventually(async () => !directory.isStillGood(known)));
  });

  test('a role belongs to its house: the owner has no tenant’s roles, and no tenant the owner’s', async () => {
    const tenant = aTenant();
    await change((desk) => desk.insertTenant(tenant));
    for (const wrong of [
      anOperator({ role: 'owner', tenantId: tenant.id }),
      anOperator({ role: 'tenant_admin', tenantId: null }),
    ])
      await assert.rejects(change((desk) => desk.insertOperator(wrong)));
  });

  test('a name is taken within a tenant alone', async () => {
    const [one, two] = [aTenant(), aTenant()];
    const called = name('Wren Ashdown');
    const person = (tenantId: typeof one.id) => anOperator({ role: 'tenant_admin', name: called, tenantId });
    await change(async (desk) => {
      await desk.insertTenant(one);
      await desk.insertTenant(two);
      await desk.insertOperator(person(one.id));
      await desk.insertOperator(person(two.id));
    });
    const again = change((desk) => desk.insertOperator(person(one.id)));
    await assert.rejects(again, refused('already_exists'));
  });

  test('what the owner suspended, the tenant does not resume, also when it suspended it first', async () => {
    const { client } = await aCaller();
    await change((desk) => desk.setClientStatus(client.id, 'suspended', 'tenant'));
    await change((desk) => desk.setClientStatus(client.id, 'suspended', 'owner'));
    await change((desk) => desk.setClientStatus(client.id, 'suspended', 'tenant'));
    const byTenant = change((desk) => desk.setClientStatus(client.id, 'active', 'tenant'));
    await assert.rejects(byTenant, refused('not_found'));
    const byOwner = await change((desk) => desk.setClientStatus(client.id, 'active', 'owner'));
    assert.equal(byOwner.status, 'active');
  });

  test('of two rotations of one key at once only one is carried out', async () => {
    const { client, key } = await aCaller();
    const operator = anOperator();
    await change((desk) => desk.insertOperator(operator));
    const rotate = () =>
      change(async (desk) => {
        const old = await desk.findKey(key.id);
        assert.ok(old !== undefined);
        const times = { oldExpiresAt: clock.now(), createdBy: operator.id };
        return await desk.rotateKey({ old, fresh: aKey(), ...times });
      });
    const ends = await Promise.allSettled([rotate(), rotate()]);
    assert.deepEqual(ends.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
    const keys = await createTenantReader(the().handle).listKeys(client.tenantId);
    assert.equal(keys.filter(({ rotatedFrom }) => rotatedFrom === key.id).length, 1);
  });

  test('a key that was never issued is unknown, and found once it has been issued', async () => {
    await using directory = await createDirectory(the(), clock);
    const key = aKey();
    assert.equal(await directory.findKey(key.id), undefined);
    const { client } = await aCaller();
    await change((desk) => desk.insertKey(key, client.id, 'local'));
    assert.ok(await eventually(async () => (await directory.findKey(key.id)) !== undefined));
  });

  test('three directories see a revocation and what they gave out before turns bad', async () => {
    await using one = await createDirectory(the(), clock);
    await using two = await createDirectory(the(), clock);
    await using three = await createDirectory(the(), clock);
    const { key } = await aCaller();
    const held = await Promise.all(
      [one, two, three].map(async (directory) => ({ directory, known: await directory.findKey(key.id) })),
    );
    for (const { directory, known } of held) assert.ok(known && directory.isStillGood(known));
    await change((desk) => desk.revokeKey(key.id, clock.now()));
    for (const { directory, known } of held) {
      assert.ok(known && (await eventually(() => !directory.isStillGood(known))));
      const again = await directory.findKey(key.id);
      assert.ok(again && again.key.revokedAt !== null);
    }
  });

  for (const [without, impair] of [
    ['notifications', async () => ({ ...the(), listen: async () => ({ async [Symbol.asyncDispose]() {} }) })],
    [
      'polling',
      async (context: TestContext) => {
        context.mock.timers.enable({ apis: ['setInterval'] });
        return the();
      },
    ],
  ] as const) {
    test(`a revocation is seen without ${without}`, async (context) => {
      await using directory = await createDirectory(await impair(context), clock);
      const { key } = await aCaller();
      const known = await directory.findKey(key.id);
      assert.ok(known && directory.isStillGood(known));
      await change((desk) => desk.revokeKey(key.id, clock.now()));
      assert.ok(await eventually(() => !directory.isStillGood(known)));
    });
  }

  test('suspending the tenant or the client turns its keys bad, and reinstating makes them good again', async () => {
    await using directory = await createDirectory(the(), clock);
    const { tenant, client, key } = await aCaller();
    const isGood = async () => {
      const known = await directory.findKey(key.id);
      return known !== undefined && directory.isStillGood(known);
    };
    assert.equal(await isGood(), true);
    await change((desk) => desk.setTenantStatus(tenant.slug, 'suspended'));
    assert.ok(await eventually(async () => !(await isGood())));
    await change((desk) => desk.setTenantStatus(tenant.slug, 'active'));
    assert.ok(await eventually(isGood));
    await change((desk) => desk.setClientStatus(client.id, 'suspended'));
    assert.ok(await eventually(async () => !(await isGood())));
  });

  test('a change made by hand in SQL is seen like any other', async () => {
    await using directory = await createDirectory(the(), clock);
    const { key } = await aCaller();
    const known = await directory.findKey(key.id);
    await the().handle.execute(sql`UPDATE api_key SET revoked_at = clock_timestamp() WHERE id = ${key.id}`);
    assert.ok(known && (await eventually(() => !directory.isStillGood(known))));
  });

  test('an expired key is no longer good', async () => {
    await using directory = await createDirectory(the(), { now: () => aKey().expiresAt });
    const { key } = await aCaller();
    const known = await directory.findKey(key.id);
    assert.equal(known && directory.isStillGood(known), false);
  });

  test('a key with CIDR blocks is for those addresses only', async () => {
    await using directory = await createDirectory(the(), clock);
    const { key } = await aCaller(['192.0.2.0/24', '2001:db8::/32']);
    const known = await directory.findKey(key.id);
    assert.equal(known?.allowsAddress('192.0.2.9'), true);
    assert.equal(known?.allowsAddress('::ffff:192.0.2.9'), true);
    assert.equal(known?.allowsAddress('198.51.100.1'), false);
  });

  test('a taken slug is already_exists, a client of no tenant not_found, and nothing of the act is kept', async () => {
    const { tenant } = await aCaller();
    const other = aTenant();
    const act = change(async (desk) => {
      await desk.insertTenant(other);
      await desk.insertTenant(aTenant({ slug: tenant.slug }));
    });
    await assert.rejects(act, refused('already_exists'));
    assert.equal(await createTenantReader(the().handle).findTenant(other.slug), undefined);
    await assert.rejects(
      change((desk) => desk.insertClient(aClient(other))),
      refused('not_found'),
    );
  });

  test('changing or revoking what is not there, or revoked already, is not_found', async () => {
    const { key } = await aCaller();
    await change((desk) => desk.revokeKey(key.id, clock.now()));
    const acts: readonly ((desk: Desk) => Promise<unknown>)[] = [
      (desk: Desk) => desk.revokeKey(key.id, clock.now()),
      (desk: Desk) => desk.revokeKey('000000000000' as KeyId, clock.now()),
      (desk: Desk) => desk.setTenantStatus(aTenant().slug, 'active'),
      (desk: Desk) => desk.setClientStatus(aClient(aTenant()).id, 'active'),
      (desk: Desk) => desk.setOperatorStatus(anOperator().id, 'active'),
    ];
    for (const act of acts) {
      await assert.rejects(change(act), refused('not_found'));
    }
  });

  test('tenants, clients, operators and keys are never removed', async () => {
    for (const table of ['tenant', 'client', 'operator', 'api_key', 'model_version']) {
      for (const removal of [`DELETE FROM ${table}`, `TRUNCATE ${table} CASCADE`]) {
        await assert.rejects(the().handle.execute(sql.raw(removal)));
      }
    }
  });

  test('the use of a key is noted at most once a minute and is no change to the directory', async () => {
    const { tenant, key } = await aCaller();
    const epoch = async () =>
      (await the().handle.select({ epoch: sql<string>`epoch::text` }).from(sql`directory_epoch`))[0]?.epoch;
    const used = async () => {
      const [card] = await createTenantReader(the().handle).listKeys(tenant.id);
      return [card?.lastUsedAt, card?.lastUsedIp];
    };
    const before = await epoch();
    const first = clock.now();
    await touchKey(the().handle, key.id, { at: first, address: '192.0.2.7' });
    await touchKey(the().handle, key.id, { at: clock.now(), address: '192.0.2.8' });
    assert.deepEqual(await used(), [first, '192.0.2.7']);
    assert.equal(await epoch(), before);
  });

  test('a changed set of public keys is read by every replica, and is a change to the directory', async () => {
    const { tenant, client } = await aCaller();
    const epoch = async () =>
      (await the().handle.select({ epoch: sql<string>`epoch::text` }).from(sql`directory_epoch`))[0]?.epoch;
    const before = Number(await epoch());
    const jwks = { keys: [{ kty: 'EC', kid: 'one' }] };
    await change((desk) => desk.setClientJwks(client.id, jwks));
    assert.ok(Number(await epoch()) > before);
    const reader = createTenantReader(the().handle);
    assert.deepEqual((await reader.findClient(tenant.id, client.id))?.jwks, jwks);
    const other = aTenant();
    await change((desk) => desk.insertTenant(other));
    assert.equal(await reader.findClient(other.id, client.id), undefined);
  });

  test('a suspended model version is suspended for every replica', async () => {
    const version = {
      id: name('harbour-cr'),
      model: 'harbour-cr',
      stage: 'ga',
      capabilities: ['embeddings'],
      deployment: 'simulated',
      contextTokens: 8_192,
      maxOutputTokens: 1_024,
      created: 1_790_000_000,
    } as const;
    await change((desk) => desk.putModelVersion(version));
    await using one = await createModelCatalogue(the());
    await using two = await createModelCatalogue(the());
    assert.deepEqual(
      one.versions().find(({ id }) => id === version.id),
      version,
    );
    await change((desk) => desk.setStage(version.id, 'suspended'));
    for (const catalogue of [one, two]) {
      assert.ok(
        await eventually(
          () => catalogue.versions().find(({ id }) => id === version.id)?.stage === 'suspended',
        ),
      );
    }
    await assert.rejects(
      change((desk) => desk.setStage(name('no-such'), 'ga')),
      refused('model_not_found'),
    );
  });

  test('a preamble is seen by every replica, outlives a put of its version, and is in no list', async () => {
    const version = {
      id: name('harbour-cr'),
      model: 'harbour-cr',
      stage: 'ga',
      deployment: 'simulated',
      contextTokens: 8_192,
      maxOutputTokens: 1_024,
      capabilities: ['chat'],
      created: 1_790_000_000,
    } as const;
    await change((desk) => desk.putModelVersion(version));
    await using one = await createModelCatalogue(the());
    await using two = await createModelCatalogue(the());
    assert.equal(one.preambleOf(version.id), null);
    await change((desk) => desk.setPreamble(version.id, 'Be brief, Wrenfield.'));
    await change((desk) => desk.putModelVersion({ ...version, stage: 'pilot' }));
    for (const catalogue of [one, two]) {
      assert.ok(await eventually(() => catalogue.preambleOf(version.id) === 'Be brief, Wrenfield.'));
      assert.doesNotMatch(JSON.stringify(catalogue.versions()), /Wrenfield/);
    }
    await change((desk) => desk.setPreamble(version.id, null));
    assert.ok(await eventually(() => one.preambleOf(version.id) === null));
    await assert.rejects(
      change((desk) => desk.setPreamble(name('no-such'), 'x')),
      refused('model_not_found'),
    );
    for (const text of ['', 'é'.repeat(8_193)])
      await assert.rejects(change((desk) => desk.setPreamble(version.id, text)));
  });

  test('the outer handle is refused inside a transaction instead of waiting for itself', async () => {
    await assert.rejects(
      the().transaction(async () => the().handle.execute(sql`SELECT 1`)),
      /inside a transaction/,
    );
  });

  async function aPinnedIssuer() {
    const { tenant, client } = await aCaller();
    const url = `https://${name('login')}.example`;
    const issuer: PinnedIssuer = {
      id: newId('issuer', ids),
      tenantId: tenant.id,
      issuer: url,
      jwksUri: `${url}/keys`,
      audience: 'https://gateway.example',
      algs: ['ES256', 'PS256'],
      kind: 'generic',
      status: 'active',
      clients: new Map([['ward-app', client.id]]),
    };
    await change((desk) => desk.insertIssuer(issuer));
    return { tenant, client, issuer };
  }

  test('a client and the issuer that speaks for it are found as they were stored', async () => {
    await using directory = await createDirectory(the(), clock);
    const { tenant, client, issuer } = await aPinnedIssuer();
    assert.deepEqual(await directory.findIssuer(issuer.issuer), issuer);
    assert.deepEqual(await directory.findClient(client.id), { kind: 'client', tenant, client });
    assert.equal(await directory.findIssuer(`${issuer.issuer}/`), undefined);
    assert.equal(await directory.findClient(newId('client', ids)), undefined);
  });

  test('a token is no longer good once its tenant, client or issuer is stopped, in every directory', async () => {
    await using one = await createDirectory(the(), clock);
    await using other = await createDirectory(the(), clock);
    const token = { tokenId: 'tok_1', method: 'access_token', scopes: [], tenant: null } as const;
    const stops = [
      ({ tenant }: Pinned) => change((desk) => desk.setTenantStatus(tenant.slug, 'suspended')),
      ({ client }: Pinned) => change((desk) => desk.setClientStatus(client.id, 'suspended')),
      ({ issuer }: Pinned) => change((desk) => desk.removeIssuer(issuer.id)),
    ];
    for (const stop of stops) {
      const pinned = await aPinnedIssuer();
      const { tenant, client, issuer } = pinned;
      const known = { ...token, issuerId: issuer.id, holder: { kind: 'client', tenant, client } } as const;
      await one.findIssuer(issuer.issuer);
      for (const directory of [one, other]) assert.equal(directory.isStillGood(known), true);
      await stop(pinned);
      for (const directory of [one, other]) assert.ok(await eventually(() => !directory.isStillGood(known)));
    }
  });

  test('an issuer that was removed may be pinned for another tenant, and is found as that one', async () => {
    await using directory = await createDirectory(the(), clock);
    const [before, after] = [await aPinnedIssuer(), await aCaller()];
    await directory.findIssuer(before.issuer.issuer);
    await change((desk) => desk.removeIssuer(before.issuer.id));
    const again = {
      ...before.issuer,
      id: newId('issuer', ids),
      tenantId: after.tenant.id,
      clients: new Map(),
    };
    await change((desk) => desk.insertIssuer(again));
    const found = async () => (await directory.findIssuer(again.issuer))?.id;
    assert.ok(await eventually(async () => (await found()) === again.id));
    await assert.rejects(
      change((desk) => desk.insertIssuer({ ...again, id: newId('issuer', ids) })),
      refused('already_exists'),
    );
  });

  test('what has changed is read from where a page ended', async () => {
    const { client, issuer } = await aPinnedIssuer();
    const { handle } = the();
    const [clients, issuers] = [
      await CLIENTS.readChanged(handle, 0, client.id),
      await ISSUERS.readChanged(handle, 0, issuer.id),
    ];
    assert.ok(clients.every(({ known }) => known.client.id > client.id));
    assert.ok(issuers.every(({ known }) => known.id > issuer.id));
  });

  type Pinned = Awaited<ReturnType<typeof aPinnedIssuer>>;
}
