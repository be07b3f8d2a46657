import { and, eq, gte, lt, type SQL, sql } from 'drizzle-orm';
import { type AuditFilter, MODEL_NOT_VISIBLE } from '../../../core/ledger/audit-search.ts';
import { readId } from '../../../domain/ids.ts';
import { auditRecord as record } from '../schema/ledger.ts';

/** The filter as a condition; null when it asks for an id that cannot exist, so nothing can match. */
export function auditConditions(filter: AuditFilter): SQL | undefined | null {
  const tenantId = wantedId('tenant', filter.tenantId);
  const requestId = wantedId('request', filter.requestId);
  const clientId = wantedId('client', filter.clientId);
  if (tenantId === null || requestId === null || clientId === null) return null;
  const { correlationId, from, to } = filter;
  return and(
    tenantId && eq(record.tenantId, tenantId),
    requestId && eq(record.requestId, requestId),
    clientId && eq(record.clientId, clientId),
    correlationId === undefined ? undefined : sql`(${record.body} ->> 'correlationId') = ${correlationId}`,
    ...WORDS.map((name) => {
      const word = filter[name];
      return word === undefined ? undefined : sql`${record[name]} = ${word}`;
    }),
    filter.isModelKnown && sql`${record.reasonCode} IS DISTINCT FROM ${MODEL_NOT_VISIBLE}`,
    from === undefined ? undefined : gte(record.recordedAt, from),
    to === undefined ? undefined : lt(record.recordedAt, to),
  );
}

const WORDS = [
  'phase',
  'eventType',
  'outcome',
  'decision',
  'reasonCode',
  'purpose',
  'dataClass',
  'modelVersion',
  'userRef',
  'patientRef',
  'errorCode',
  'httpStatus',
] as const;

type Noun = 'tenant' | 'request' | 'client';

function wantedId<N extends Noun>(noun: N, text: string | undefined) {
  return text === undefined ? undefined : (readId(noun, text) ?? null);
}
