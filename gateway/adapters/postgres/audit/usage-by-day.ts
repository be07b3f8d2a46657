import { and, asc, eq, gte, lt, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { UsageFilter, UsageSummaryRow } from '../../../core/ledger/audit-search.ts';
import { readId } from '../../../domain/ids.ts';
import type { Handle } from '../database.ts';
import { usageRecord } from '../schema/metering.ts';

/** Sums usage by tenant, day (UTC) and model version, in that order. */
export async function usageByDay(handle: Handle, filter: UsageFilter): Promise<readonly UsageSummaryRow[]> {
  const tenantId = filter.tenantId === undefined ? undefined : readId('tenant', filter.tenantId);
  if (filter.tenantId !== undefined && tenantId === undefined) return [];
  return await handle
    .select({
      tenantId: usageRecord.tenantId,
      day: DAY,
      modelVersion: usageRecord.modelVersion,
      requests: sql<number>`count(*)`.mapWith(Number),
      tokensIn: total(usageRecord.tokensIn),
      tokensCachedIn: total(usageRecord.tokensCachedIn),
      tokensOut: total(usageRecord.tokensOut),
      tokensReasoning: total(usageRecord.tokensReasoning),
    })
    .from(usageRecord)
    .where(
      and(
        tenantId && eq(usageRecord.tenantId, tenantId),
        gte(usageRecord.occurredAt, filter.from),
        lt(usageRecord.occurredAt, filter.to),
      ),
    )
    .groupBy(usageRecord.tenantId, DAY, usageRecord.modelVersion)
    .orderBy(asc(usageRecord.tenantId), asc(DAY), asc(usageRecord.modelVersion))
    .limit(ROWS_MAX);
}

const ROWS_MAX = 10_000;
const DAY = sql<string>`to_char(${usageRecord.occurredAt} AT TIME ZONE 'UTC', 'YYYY-MM-DD')`;

function total(column: PgColumn) {
  return sql<number>`sum(${column})`.mapWith(Number);
}
