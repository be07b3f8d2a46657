import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from 'pg';
import type { Database } from '../../gateway/adapters/postgres/database.ts';
import { createDesk } from '../../gateway/adapters/postgres/desk.ts';
import { createDirectory } from '../../gateway/adapters/postgres/directory.ts';
import { createLedgerWriter } from '../../gateway/adapters/postgres/ledger-writer.ts';
import { openDatabase } from '../../gateway/adapters/postgres/open-database.ts';
import { Problem } from '../../gateway/domain/problem.ts';
import { aClient, aKey, aRecord, aTenant, clock, eventually } from '../adapters/postgres/fixtures.ts';

/** What only a server can show: other sessions, locks, and lost connections. */
export function serverSuite(the: () => Database, url: () => string): void {
  async function session(): Promise<Client & AsyncDisposable> {
    const client = new Client({ connectionString: url() });
    client.on('error', () => undefined);
    await client.connect();
    return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
  }

  const killConnections = (other: Client, application: string) =>
    other.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()',
      [application],
    );

  test('a locked ledger answers audit_unavailable, turns unready, and recovers by itself', async () => {
    await using ledger = createLedgerWriter(the());
    await using other = await session();
    await ledger.append(aRecord());
    await other.query('BEGIN');
    await other.query('LOCK TABLE audit_record IN ACCESS EXCLUSIVE MODE');
    const blocked = await Promise.allSettled(Array.from({ length: 300 }, () => ledger.append(aRecord())));
    for (const append of blocked) {
      assert.ok(append.status === 'rejected' && append.reason instanceof Problem);
      assert.equal(append.reason.code, 'audit_unavailable');
    }
    assert.ok(await eventually(() => !ledger.isReady()));
    await other.query('ROLLBACK');
    assert.ok(await eventually(() => ledger.isReady()));
    await ledger.append(aRecord());
  });

  test('appends go on after the connection is killed under them, each stored once', async () => {
    await using ledger = createLedgerWriter(the());
    await using other = await session();
    const count = async () =>
      (await other.query('SELECT count(*)::int AS rows FROM audit_record')).rows[0].rows;
    const before = await count();
    let acknowledged = 0;
    const records = Array.from({ length: 20 }, async () => {
      for (let n = 0; n < 30; n += 1) {
        await ledger.append(aRecord());
        acknowledged += 1;
      }
    });
    const killer = (async () => {
      for (let n = 0; n < 5; n += 1) await killConnections(other, 'stewardgate-ledger');
    })();
    await Promise.all([...records, killer]);
    assert.equal(acknowledged, 600);
    assert.equal(await count(), before + 600);
  });

  test('a directory whose listening connection is killed still sees a revocation', async () => {
    await using directory = await createDirectory(the(), clock);
    await using other = await session();
    const tenant = aTenant();
    const client = aClient(tenant);
    const key = aKey();
    await the().transaction(async (tx) => {
      const desk = createDesk(tx);
      await desk.insertTenant(tenant);
      await desk.insertClient(client);
      await desk.insertKey(key, client.id, 'local');
    });
    const known = await directory.findKey(key.id);
    await killConnections(other, 'stewardgate-listener');
    await the().transaction((tx) => createDesk(tx).revokeKey(key.id, clock.now()));
    assert.ok(known && (await eventually(() => !directory.isStillGood(known))));
  });

  test('however often its connection is killed, a directory listens on one', async () => {
    await using _directory = await createDirectory(the(), clock);
    await using other = await session();
    const listeners = async () => {
      const { rows } = await other.query(
        "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'stewardgate-listener' AND datname = current_database()",
      );
      return rows[0].n;
    };
    const before = await listeners();
    for (let round = 0; round < 12; round += 1) {
      await killConnections(other, 'stewardgate-listener');
      await new Promise((resolve) => setTimeout(resolve, 60 * round));
    }
    assert.ok(await eventually(async () => (await listeners()) === before));
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    assert.equal(await listeners(), before);
  });

  test('a server that may lose commits is refused, naming the setting', async () => {
    const unsafe = new URL(url());
    unsafe.searchParams.set('options', '-c synchronous_commit=off');
    await assert.rejects(openDatabase({ url: unsafe.href, dataDir: '' }), /synchronous_commit is off/);
  });

  test('a directory on a database that has gone away answers service_unavailable', async () => {
    const lost = await openDatabase({ url: url(), dataDir: '' });
    const directory = await createDirectory(lost, clock);
    await directory[Symbol.asyncDispose]();
    await lost[Symbol.asyncDispose]();
    await assert.rejects(
      directory.findKey(aKey().id),
      (thrown: unknown) => thrown instanceof Problem && thrown.code === 'service_unavailable',
    );
  });
}
