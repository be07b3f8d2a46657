import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inArray, sql } from 'drizzle-orm';
import type { Database } from '../../../gateway/adapters/postgres/database.ts';
import { changeOnRecord } from '../../../gateway/adapters/postgres/desk.ts';
import { createLedgerWriter } from '../../../gateway/adapters/postgres/ledger-writer.ts';
import { createTenantReader } from '../../../gateway/adapters/postgres/registry/tenant-reader.ts';
import { auditRecord } from '../../../gateway/adapters/postgres/schema/ledger.ts';
import { usageRecord } from '../../../gateway/adapters/postgres/schema/metering.ts';
import { sweepAbandoned } from '../../../gateway/adapters/postgres/sweeper.ts';
import type { AuditRecord } from '../../../gateway/core/ledger/audit-record.ts';
import { Problem } from '../../../gateway/domain/problem.ts';
import { aClient, aRecord, aTenant, aUsageLine, clock, eventually, ids } from './fixtures.ts';

export function ledgerSuite(the: () => Database): void {
  const auditUnavailable = (thrown: unknown) =>
    thrown instanceof Problem && thrown.code === 'audit_unavailable' && thrown.retryAfterMs === 1_000;

  async function stored(records: readonly AuditRecord[]): Promise<number> {
    const wanted = inArray(
      auditRecord.recordId,
      records.map((record) => record.recordId),
    );
    return (await the().handle.select({ id: auditRecord.recordId }).from(auditRecord).where(wanted)).length;
  }

  async function usageOf(record: AuditRecord) {
    const wanted = sql`${usageRecord.requestId} = ${sql.param(record.requestId, usageRecord.requestId)}`;
    return the().handle.select().from(usageRecord).where(wanted);
  }

  test('every concurrent append is stored, each usage line with its record', async () => {
    await using ledger = createLedgerWriter(the());
    const tenant = aTenant();
    const records = Array.from({ length: 600 }, () => aRecord({ tenantId: tenant.id }));
    await Promise.all(records.map((record) => ledger.append(record, aUsageLine(record, tenant))));
    assert.equal(await stored(records), records.length);
    const lines = await the()
      .handle.select()
      .from(usageRecord)
      .where(sql`tenant_id = ${tenant.id.slice(4)}::uuid`);
    assert.equal(lines.length, records.length);
    assert.equal(ledger.isReady(), true);
  });

  test('a usage line that exists already fails its own append, and neither is doubled', async () => {
    await using ledger = createLedgerWriter(the());
    const tenant = aTenant();
    const first = aRecord();
    await ledger.append(first, aUsageLine(first, tenant));
    const second = aRecord({ requestId: first.requestId });
    await assert.rejects(ledger.append(second, aUsageLine(second, tenant)), auditUnavailable);
    assert.equal(await stored([first, second]), 1);
    assert.equal((await usageOf(first)).length, 1);
  });

  test('a row that cannot be stored fails alone among many', async () => {
    await using ledger = createLedgerWriter(the());
    const good = Array.from({ length: 60 }, () => aRecord());
    const bad = [aRecord({ purpose: 'NOT-A-PURPOSE' }), aRecord({ eventType: 'x'.repeat(65) })];
    const all = [...good.slice(0, 20), ...bad.slice(0, 1), ...good.slice(20), ...bad.slice(1)];
    const outcomes = await Promise.allSettled(all.map((record) => ledger.append(record)));
    const failed = all.filter((_, index) => outcomes[index]?.status === 'rejected');
    assert.deepEqual(failed, bad);
    assert.equal(await stored(all), good.length);
    assert.equal(ledger.isReady(), true);
  });

  test('NUL characters, lone surrogates and odd keys are stored as U+FFFD, and harm nobody', async () => {
    await using ledger = createLedgerWriter(the());
    const { origin } = aRecord().body;
    const body = { origin, labels: ['a\0b', '\ud800', '\\u0000'], admin: { 'k\0': { deep: ['\0'] } } };
    const record = aRecord({ userRef: 'u\0ser', body });
    await Promise.all([ledger.append(record), ledger.append(aRecord())]);
    const [row] = await the()
      .handle.select()
      .from(auditRecord)
      .where(inArray(auditRecord.recordId, [record.recordId]));
    assert.equal(row?.userRef, 'u\ufffdser');
    assert.deepEqual(row?.body, {
      origin,
      labels: ['a\ufffdb', '\ufffd', '\\u0000'],
      admin: { 'k\ufffd': { deep: ['\ufffd'] } },
    });
  });

  test('an id of the wrong form and a record beyond 64 KiB fail before they reach a batch', async () => {
    await using ledger = createLedgerWriter(the());
    const { origin } = aRecord().body;
    for (const record of [
      aRecord({ tenantId: 'harbour' }),
      aRecord({ body: { origin, labels: ['x'.repeat(70_000)] } }),
    ]) {
      await assert.rejects(ledger.append(record), auditUnavailable);
    }
  });

  test('a reused record id is refused, not passed over in silence', async () => {
    await using ledger = createLedgerWriter(the());
    const record = aRecord();
    await ledger.append(record);
    await assert.rejects(ledger.append(aRecord({ recordId: record.recordId })), auditUnavailable);
  });

  test('a request ends once', async () => {
    await using ledger = createLedgerWriter(the());
    const { requestId } = aRecord();
    await ledger.append(aRecord({ requestId, phase: 'decided', outcome: null }));
    await ledger.append(aRecord({ requestId, phase: 'completed' }));
    await assert.rejects(ledger.append(aRecord({ requestId, phase: 'abandoned' })), auditUnavailable);
  });

  test('an append whose commit was lost is stored once', async () => {
    const real = await the().openWriter();
    let lost = 0;
    const database: Pick<Database, 'openWriter'> = {
      openWriter: async () => ({
        async run(statement, parameters) {
          await real.run(statement, parameters);
          if (statement.includes('audit_record') && parameters.length > 0 && (lost += 1) === 1) {
            throw new Error('Connection terminated unexpectedly');
          }
        },
        async [Symbol.asyncDispose]() {},
      }),
    };
    const tenant = aTenant();
    const record = aRecord();
    {
      await using ledger = createLedgerWriter(database as Database);
      await ledger.append(record, aUsageLine(record, tenant));
    }
    await real[Symbol.asyncDispose]();
    assert.ok(lost >= 2);
    assert.equal(await stored([record]), 1);
    assert.equal((await usageOf(record)).length, 1);
  });

  test('appends fail within their deadline while storage hangs, and succeed again afterwards', async () => {
    const release = Promise.withResolvers<void>();
    let hanging = true;
    const real = await the().openWriter();
    const database: Pick<Database, 'openWriter'> = {
      openWriter: async () => ({
        async run(statement, parameters) {
          if (hanging) await release.promise;
          await real.run(statement, parameters);
        },
        async [Symbol.asyncDispose]() {},
      }),
    };
    {
      await using ledger = createLedgerWriter(database as Database, { deadlineMs: 50, waitingMax: 3 });
      const appends = Array.from({ length: 10 }, () => ledger.append(aRecord()));
      for (const append of await Promise.allSettled(appends)) assert.equal(append.status, 'rejected');
      assert.ok(await eventually(() => !ledger.isReady()));
      hanging = false;
      release.resolve();
      assert.ok(await eventually(() => ledger.isReady()));
      await ledger.append(aRecord());
    }
    await real[Symbol.asyncDispose]();
  });

  test('a closed ledger takes nothing and is not ready', async () => {
    const ledger = createLedgerWriter(the());
    await ledger[Symbol.asyncDispose]();
    assert.equal(ledger.isReady(), false);
    await assert.rejects(ledger.append(aRecord()), auditUnavailable);
  });

  test('records and usage lines cannot be changed or removed', async () => {
    await using ledger = createLedgerWriter(the());
    const record = aRecord();
    await ledger.append(record, aUsageLine(record, aTenant()));
    for (const table of ['audit_record', 'usage_record']) {
      for (const statement of [
        `UPDATE ${table} SET outcome = 'success'`,
        `DELETE FROM ${table}`,
        `TRUNCATE ${table}`,
        `UPDATE ${table} SET outcome = 'success' WHERE false`,
      ]) {
        await assert.rejects(the().handle.execute(sql.raw(statement)), (thrown: unknown) =>
          /append-only/.test(String((thrown as Error).cause)),
        );
      }
    }
  });

  test('an act is kept with its record or not at all', async () => {
    const reader = createTenantReader(the().handle);
    const kept = aTenant();
    const record = aRecord({ eventType: 'admin.tenant.create' });
    await changeOnRecord(the(), async (desk) => ({ result: await desk.insertTenant(kept), record }));
    assert.deepEqual(await reader.findTenant(kept.slug), kept);
    assert.equal(await stored([record]), 1);
    const lost = aTenant();
    const act = changeOnRecord(the(), async (desk) => {
      await desk.insertTenant(lost);
      return { result: undefined, record: aRecord({ eventType: 'x'.repeat(65) }) };
    });
    await assert.rejects(
      act,
      (thrown: unknown) => thrown instanceof Problem && thrown.code === 'audit_unavailable',
    );
    assert.equal(await reader.findTenant(lost.slug), undefined);
  });

  test('racing sweepers give each request without an end one, and no other', async () => {
    await using ledger = createLedgerWriter(the());
    const open = Array.from({ length: 30 }, () => aRecord({ phase: 'decided', outcome: null }));
    const ended = aRecord({ phase: 'decided', outcome: null });
    await Promise.all([...open, ended].map((record) => ledger.append(record)));
    await ledger.append(aRecord({ requestId: ended.requestId, phase: 'completed' }));
    let n = 0;
    const origin = { replica: 'r1', boot: 'b2', build: 'test', next: () => (n += 1) };
    const sweep = () => sweepAbandoned(the(), { olderThanMs: 0, clock, ids, origin });
    // A racer that is not let in gives 0, and its call ends there.
    await Promise.all([sweep(), sweep()]);
    assert.equal(await sweep(), 0);
    const wanted = inArray(
      auditRecord.requestId,
      [...open, ended].map((record) => record.requestId),
    );
    const rows = await the().handle.select().from(auditRecord).where(wanted);
    const abandoned = rows.filter((row) => row.phase === 'abandoned');
    assert.deepEqual(
      abandoned.map((row) => row.requestId).sort(),
      open.map((record) => record.requestId).sort(),
    );
    assert.ok(abandoned.every((row) => row.outcome === 'abandoned' && row.modelVersion === 'mayo-cr-1'));
  });

  test('a request that was abandoned keeps what was known of it, and is metered by its prompt', async () => {
    await using ledger = createLedgerWriter(the());
    const tenant = aTenant();
    const known = { tenantId: tenant.id, clientId: aClient(tenant).id, policySet: 'ps_0000000000000000' };
    const body = { ...aRecord().body, promptBytes: 401, credentialId: 'aaaabbbbcccc', deployment: 'd-1' };
    const decided = aRecord({ ...known, phase: 'decided', outcome: null, body });
    await ledger.append(decided);
    const origin = { replica: 'r1', boot: 'b3', build: 'test', next: () => 1 };
    assert.ok(
      await eventually(async () => {
        await sweepAbandoned(the(), { olderThanMs: 0, clock, ids, origin });
        return (await usageOf(decided)).length === 1;
      }),
    );
    const [line] = await usageOf(decided);
    assert.deepEqual(
      [line?.outcome, line?.source, line?.tokensIn, line?.tokensOut, line?.deployment],
      ['abandoned', 'estimated', 101, 0, 'd-1'],
    );
    const rows = await the()
      .handle.select()
      .from(auditRecord)
      .where(inArray(auditRecord.requestId, [decided.requestId]));
    const abandoned = rows.find(({ phase }) => phase === 'abandoned');
    assert.deepEqual([abandoned?.body.credentialId, abandoned?.body.origin.boot], ['aaaabbbbcccc', 'b3']);
  });

  test('a sweep leaves alone what is younger than its age', async () => {
    await using ledger = createLedgerWriter(the());
    const young = aRecord({ phase: 'decided', outcome: null });
    await ledger.append(young);
    const origin = { replica: 'r1', boot: 'b2', build: 'test', next: () => 1 };
    assert.equal(await sweepAbandoned(the(), { olderThanMs: 600_000, clock, ids, origin }), 0);
    const wanted = inArray(auditRecord.requestId, [young.requestId]);
    assert.equal((await the().handle.select().from(auditRecord).where(wanted)).length, 1);
  });
}
