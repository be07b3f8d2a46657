import { and, asc, eq, sql } from 'drizzle-orm';
import type { AuditBody } from '../../core/ledger/audit-record.ts';
import { readMeter } from '../../core/metering/meter.ts';
import type { Clock } from '../../domain/clock.ts';
import { type Ids, newId } from '../../domain/ids.ts';
import type { Database, Transaction } from './database.ts';
import { auditRecord, ledgerSweep } from './schema/ledger.ts';
import { usageRecord } from './schema/metering.ts';
import { withProblems } from './storage-problem.ts';

export interface Sweep {
  /** How long after its decision a request counts as abandoned; longer than any request may take. */
  readonly olderThanMs: number;
  readonly clock: Clock;
  readonly ids: Ids;
  /** The process that sweeps, for its records. */
  readonly origin: Omit<AuditBody['origin'], 'n'> & { next(): number };
}

/**
 * Appends `abandoned`, with an estimated usage line, for every `decided` record without an end, and gives their number. One replica sweeps at a time;
 * the others give 0. It starts where the last sweep ended, so its cost is that of the new records only.
 */
export async function sweepAbandoned(database: Database, sweep: Sweep): Promise<number> {
  let abandoned = 0;
  for (let batch = 0; batch < BATCHES_MAX; batch += 1) {
    const step = await withProblems(() => database.transaction((tx) => sweepBatch(tx, sweep)));
    abandoned += step.abandoned;
    if (step.seen < BATCH_ROWS) break;
  }
  return abandoned;
}

const BATCH_ROWS = 500;
const BATCHES_MAX = 1_000;
/** An arbitrary number that nothing else in this database locks. */
const LOCK = 7_301_944_002;

async function sweepBatch(tx: Transaction, sweep: Sweep): Promise<{ seen: number; abandoned: number }> {
  if (!(await isOurTurn(tx))) return { seen: 0, abandoned: 0 };
  const decided = await selectDecided(tx, sweep.olderThanMs);
  const last = decided.at(-1);
  if (last === undefined) return { seen: 0, abandoned: 0 };
  const open = decided.filter((row) => !row.ended);
  const abandoned = open.length === 0 ? 0 : await append(tx, open, sweep);
  await tx
    .update(ledgerSweep)
    .set({ sweptAt: sql`${last.at}::timestamptz`, sweptId: sql`${last.uuid}::uuid` });
  return { seen: decided.length, abandoned };
}

async function isOurTurn(tx: Transaction): Promise<boolean> {
  const rows = await tx
    .select({ ours: sql<boolean>`pg_try_advisory_xact_lock(${LOCK})` })
    .from(sql`(SELECT) AS nothing`);
  return rows[0]?.ours === true;
}

function selectDecided(tx: Transaction, olderThanMs: number) {
  const swept = sql`(SELECT swept_at, swept_id FROM ledger_sweep)`;
  return tx
    .select({
      record: auditRecord,
      at: sql<string>`${auditRecord.recordedAt}::text`,
      uuid: sql<string>`${auditRecord.recordId}::text`,
      ended: sql<boolean>`EXISTS (SELECT FROM audit_record AS ending
        WHERE ending.request_id = audit_record.request_id AND ending.phase IN ('completed', 'abandoned'))`,
    })
    .from(auditRecord)
    .where(
      and(
        eq(auditRecord.phase, sql`'decided'`),
        sql`(${auditRecord.recordedAt}, ${auditRecord.recordId}) > ${swept}`,
        sql`${auditRecord.recordedAt} <= clock_timestamp() - make_interval(secs => ${olderThanMs / 1000})`,
      ),
    )
    .orderBy(asc(auditRecord.recordedAt), asc(auditRecord.recordId))
    .limit(BATCH_ROWS);
}

type DecidedRow = Awaited<ReturnType<typeof selectDecided>>[number];

/** Gives how many were appended: a request that ends just now keeps its own end. */
async function append(
  tx: Transaction,
  open: readonly DecidedRow[],
  { clock, ids, origin }: Sweep,
): Promise<number> {
  const { replica, boot, build } = origin;
  const rows = open.map(({ record: { recordedAt: _, ...decided } }) => {
    const body: AuditBody = { ...decided.body, origin: { replica, boot, n: origin.next(), build } };
    const recordId = newId('record', ids);
    return {
      ...decided,
      recordId,
      phase: 'abandoned' as const,
      outcome: 'abandoned' as const,
      occurredAt: clock.now(),
      body,
    };
  });
  const appended = await tx
    .insert(auditRecord)
    .values(rows)
    .onConflictDoNothing()
    .returning({ recordId: auditRecord.recordId });
  const ours = new Set(appended.map(({ recordId }) => recordId));
  await meter(
    tx,
    rows.filter(({ recordId }) => ours.has(recordId)),
  );
  return appended.length;
}

type EndedRow = typeof auditRecord.$inferInsert;

/** Each decided request has its metered line; what the model said to one that was abandoned nobody knows. */
async function meter(tx: Transaction, rows: readonly EndedRow[]): Promise<void> {
  const lines = rows.flatMap((row) => usageOf(row) ?? []);
  if (lines.length > 0) await tx.insert(usageRecord).values(lines).onConflictDoNothing();
}

function usageOf(row: EndedRow): typeof usageRecord.$inferInsert | undefined {
  const { tenantId, clientId, modelVersion, policySet, purpose, dataClass, requestId, occurredAt } = row;
  if (!tenantId || !clientId || !modelVersion || !policySet || !purpose || !dataClass) return undefined;
  const { usage, source } = readMeter({
    reported: undefined,
    wasAsked: true,
    callerLeft: false,
    promptBytes: row.body.promptBytes ?? 0,
    answerCharacters: 0,
  });
  return {
    ...{ tenantId, clientId, modelVersion, policySet, purpose, dataClass, requestId, occurredAt, source },
    kind: 'final',
    seq: 0,
    deployment: row.body.deployment ?? '',
    outcome: 'abandoned',
    tokensIn: usage.input,
    tokensCachedIn: usage.cachedInput,
    tokensOut: usage.output,
    tokensReasoning: usage.reasoning,
  };
}
