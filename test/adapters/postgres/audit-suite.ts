import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAuditSearch } from '../../../gateway/adapters/postgres/audit-search.ts';
import type { Database } from '../../../gateway/adapters/postgres/database.ts';
import { createLedgerWriter } from '../../../gateway/adapters/postgres/ledger-writer.ts';
import type { AuditRecord } from '../../../gateway/core/ledger/audit-record.ts';
import type { AuditFilter, AuditSearch } from '../../../gateway/core/ledger/audit-search.ts';
import { at } from '../../../gateway/domain/clock.ts';
import { newId } from '../../../gateway/domain/ids.ts';
import { Problem } from '../../../gateway/domain/problem.ts';
import { aRecord, aTenant, aUsageLine, clock, ids } from './fixtures.ts';

export function auditSuite(the: () => Database): void {
  async function append(...records: readonly AuditRecord[]): Promise<void> {
    await using ledger = createLedgerWriter(the());
    await Promise.all(records.map((record) => ledger.append(record)));
  }

  async function walk(audit: AuditSearch, filter: AuditFilter, limit: number) {
    const seen = [];
    for (let cursor: string | undefined, page = 0; page < 100; page += 1) {
      const { records, next } = await audit.search(filter, { limit, cursor });
      seen.push(...records);
      if (next === null) return seen;
      cursor = next;
    }
    return seen;
  }

  test('walking the pages meets every record of the tenant once, newest first', async () => {
    const tenantId = newId('tenant', ids);
    const records = Array.from({ length: 57 }, () => aRecord({ tenantId }));
    await append(...records, aRecord({ tenantId: newId('tenant', ids) }));
    const seen = await walk(createAuditSearch(the()), { tenantId }, 10);
    assert.deepEqual(
      seen.map(({ recordId }) => recordId).sort(),
      records.map(({ recordId }) => recordId).sort(),
    );
    const times = seen.map(({ recordedAt }) => recordedAt);
    assert.deepEqual(times, [...times].sort().reverse());
  });

  test('each filter finds the one record that differs in it', async () => {
    const tenantId = newId('tenant', ids);
    const special = aRecord({
      tenantId,
      clientId: newId('client', ids),
      phase: 'completed',
      eventType: 'policy.denied',
      outcome: 'denied',
      httpStatus: 403,
      errorCode: 'policy_denied',
      userRef: 'u-77',
      patientRef: '0123456789abcdef0123456789abcdef',
      purpose: 'TREAT',
      modelVersion: 'mayo-cr-2',
      decision: 'deny',
      reasonCode: 'no_matching_rule',
      body: { ...aRecord().body, correlationId: '01930000-0000-7000-8000-00000000abcd' },
    });
    await append(special, ...Array.from({ length: 5 }, () => aRecord({ tenantId })));
    const audit = createAuditSearch(the());
    const { requestId, clientId, phase, eventType, outcome, httpStatus, errorCode, userRef, patientRef } =
      special;
    const { purpose, modelVersion, decision, reasonCode, body } = special;
    const filters = {
      requestId,
      clientId,
      phase,
      eventType,
      outcome,
      httpStatus,
      errorCode,
      userRef,
      patientRef,
    };
    const more = { purpose, modelVersion, decision, reasonCode, correlationId: body.correlationId };
    for (const [word, value] of Object.entries({ ...filters, ...more })) {
      const { records } = await audit.search({ tenantId, [word]: value }, { limit: 200 });
      assert.deepEqual(
        records.map(({ recordId }) => recordId),
        [special.recordId],
        word,
      );
    }
    const found = await audit.find(special.recordId);
    assert.deepEqual({ ...found, recordedAt: '' }, { ...special, latencyMs: 13, recordedAt: '' });
  });

  test('from and to bound the time of recording', async () => {
    const tenantId = newId('tenant', ids);
    await append(aRecord({ tenantId }));
    const audit = createAuditSearch(the());
    const count = async (filter: AuditFilter) =>
      (await audit.search({ tenantId, ...filter }, { limit: 5 })).records.length;
    const hourMs = 3_600_000;
    assert.equal(await count({ from: at(clock.now() - hourMs), to: at(clock.now() + hourMs) }), 1);
    assert.equal(await count({ from: at(clock.now() + hourMs) }), 0);
    assert.equal(await count({ to: at(clock.now() - hourMs) }), 0);
  });

  test("another tenant's record, an unknown id and an id of the wrong form are not found alike", async () => {
    const tenantId = newId('tenant', ids);
    const record = aRecord({ tenantId });
    await append(record);
    const audit = createAuditSearch(the());
    assert.ok(await audit.find(record.recordId, tenantId));
    assert.equal(await audit.find(record.recordId, newId('tenant', ids)), undefined);
    assert.equal(await audit.find(record.recordId, 'harbour'), undefined);
    assert.equal(await audit.find(newId('record', ids)), undefined);
    assert.equal(await audit.find('rec_x' as typeof record.recordId), undefined);
    assert.deepEqual(await audit.search({ tenantId: 'harbour' }, { limit: 5 }), { records: [], next: null });
  });

  test('a cursor that is not one of ours is invalid_parameter', async () => {
    const audit = createAuditSearch(the());
    const texts = [
      '',
      'x',
      '2026-13-99T00:00:00.000000Z|01930000-0000-7000-8000-00000000abcd',
      'y'.repeat(500),
    ];
    for (const text of texts) {
      const cursor = Buffer.from(text).toString('base64url');
      await assert.rejects(
        audit.search({}, { limit: 5, cursor }),
        (thrown: unknown) => thrown instanceof Problem && thrown.code === 'invalid_parameter',
      );
    }
  });

  test('usage adds up by day and model version', async () => {
    const tenant = aTenant();
    await using ledger = createLedgerWriter(the());
    const days = ['2026-03-01T23:59:59Z', '2026-03-02T00:00:00Z', '2026-03-02T12:00:00Z'];
    for (const day of days) {
      const record = aRecord({ occurredAt: at(Date.parse(day)) });
      await ledger.append(record, aUsageLine(record, tenant));
    }
    const rows = await createAuditSearch(the()).usageByDay({
      tenantId: tenant.id,
      from: at(Date.parse('2026-03-01')),
      to: at(Date.parse('2026-04-01')),
    });
    const sums = (requests: number) => ({
      tenantId: tenant.id,
      modelVersion: 'mayo-cr-1',
      requests,
      tokensIn: 10 * requests,
      tokensCachedIn: 2 * requests,
      tokensOut: 20 * requests,
      tokensReasoning: 5 * requests,
    });
    assert.deepEqual(rows, [
      { day: '2026-03-01', ...sums(1) },
      { day: '2026-03-02', ...sums(2) },
    ]);
  });
}
