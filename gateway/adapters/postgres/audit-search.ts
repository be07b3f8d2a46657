import { and, desc, eq, getColumns, sql } from 'drizzle-orm';
import type {
  AuditFilter,
  AuditPage,
  AuditPageRequest,
  AuditSearch,
  StoredAuditRecord,
} from '../../core/ledger/audit-search.ts';
import { readId } from '../../domain/ids.ts';
import { auditConditions } from './audit/audit-conditions.ts';
import { readCursor, writeCursor } from './audit/cursor.ts';
import { usageByDay } from './audit/usage-by-day.ts';
import type { Database, Handle } from './database.ts';
import { uuidOf } from './schema/columns.ts';
import { auditRecord } from './schema/ledger.ts';
import { withProblems } from './storage-problem.ts';

/** Reads the ledger outside of any transaction. */
export function createAuditSearch(database: Database): AuditSearch {
  return {
    search: (filter, page) => withProblems(() => search(database.handle, filter, page)),
    async find(id, tenantId) {
      const recordId = readId('record', id);
      const conditions = auditConditions({ tenantId });
      if (recordId === undefined || conditions === null) return undefined;
      const wanted = and(eq(auditRecord.recordId, recordId), conditions);
      const rows = await withProblems(() => selectRecords(database.handle).where(wanted).limit(1));
      return rows[0];
    },
    usageByDay: (filter) => withProblems(() => usageByDay(database.handle, filter)),
  };
}

const LIMIT_MAX = 200;

async function search(handle: Handle, filter: AuditFilter, page: AuditPageRequest): Promise<AuditPage> {
  const limit = Math.min(Math.max(Math.trunc(page.limit), 1), LIMIT_MAX);
  const place = page.cursor === undefined ? undefined : readCursor(page.cursor);
  const conditions = auditConditions(filter);
  if (conditions === null) return { records: [], next: null };
  const behind =
    place &&
    sql`(${auditRecord.recordedAt}, ${auditRecord.recordId}) < (${place.recordedAt}::timestamptz, ${place.uuid}::uuid)`;
  const rows = await selectRecords(handle)
    .where(and(conditions, behind))
    .orderBy(desc(auditRecord.recordedAt), desc(auditRecord.recordId))
    .limit(limit + 1);
  const records = rows.slice(0, limit);
  const last = rows.length > limit ? records.at(-1) : undefined;
  return { records, next: last === undefined ? null : cursorBehind(last) };
}

function cursorBehind(record: StoredAuditRecord): string {
  return writeCursor({ recordedAt: record.recordedAt, uuid: uuidOf('record', record.recordId) });
}

function selectRecords(handle: Handle) {
  const columns = { ...getColumns(auditRecord), recordedAt: RECORDED_AT };
  return handle.select(columns).from(auditRecord).$dynamic();
}

const RECORDED_AT = sql<string>`to_char(${auditRecord.recordedAt} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
