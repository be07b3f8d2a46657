import { auditPage, auditRecordView, namedRecord, searchRecords } from '../contract/audit.ts';
import type { Output } from '../contract/parse.ts';
import type { AuditFilter, StoredAuditRecord } from '../core/ledger/audit-search.ts';
import { at, isoTime } from '../domain/clock.ts';
import { readId } from '../domain/ids.ts';
import { Problem } from '../domain/problem.ts';
import { look } from './action.ts';
import type { Office } from './office.ts';

export const searchAuditRecords = look({
  method: 'get',
  path: '/audit/v1/records',
  summary: 'Search the audit ledger, newest first',
  permission: 'audit:read',
  event: 'audit.search',
  action: 'R',
  input: searchRecords,
  output: auditPage,
  run: async (query, office) => {
    const { limit, cursor } = query;
    const filter = filterOf(query, office);
    const page = await office.audit.search(filter, { limit, cursor });
    const answer = { data: page.records.map(viewRecord), next_cursor: page.next };
    const ids = page.records.map(({ recordId }) => recordId);
    const shown = { rows: ids.length, digest: office.digest(ids.join('\n')) };
    const from = cursor === undefined ? {} : { cursor: office.digest(cursor) };
    return { answer, note: { filter: recordable(filter), limit, ...from, ...shown } };
  },
});

export const readAuditRecord = look({
  method: 'get',
  path: '/audit/v1/records/:record',
  summary: 'Read one record of the audit ledger',
  permission: 'audit:read',
  event: 'audit.read',
  action: 'R',
  input: namedRecord,
  output: auditRecordView,
  run: async ({ record: text }, office) => {
    const id = readId('record', text);
    const record = id === undefined ? undefined : await office.audit.find(id);
    if (record === undefined) throw new Problem('not_found');
    return { answer: viewRecord(record), note: { record: record.recordId } };
  },
});

type Query = Output<typeof searchRecords>;

function filterOf(query: Query, office: Office): AuditFilter {
  const ours = query.request_id?.startsWith('req_') === true;
  return {
    tenantId: query.tenant,
    clientId: query.client,
    ...(ours ? { requestId: query.request_id } : { correlationId: query.request_id }),
    phase: query.phase,
    eventType: query.event_type,
    outcome: query.outcome,
    decision: query.decision,
    reasonCode: query.reason_code,
    errorCode: query.error_code,
    httpStatus: query.http_status,
    purpose: query.purpose,
    dataClass: query.data_class,
    modelVersion: query.model_version,
    userRef: query.user_ref,
    patientRef: patientHash(query, office),
    from: query.from === undefined ? undefined : at(Date.parse(query.from)),
    to: query.to === undefined ? undefined : at(Date.parse(query.to)),
  };
}

/** A patient is found by the keyed hash of its reference, so the tenant whose key it is must be said. */
function patientHash({ patient_ref, tenant }: Query, office: Office): string | undefined {
  if (patient_ref === undefined) return undefined;
  const id = tenant === undefined ? undefined : readId('tenant', tenant);
  if (id === undefined) throw new Problem('invalid_parameter', { param: 'tenant' });
  return office.keyring.patientRef(id, patient_ref);
}

/** What was asked, for the record of the search itself; the patient stays a hash. */
function recordable(filter: AuditFilter): Readonly<Record<string, unknown>> {
  const { from, to, ...words } = filter;
  const times = {
    from: from === undefined ? undefined : isoTime(from),
    to: to === undefined ? undefined : isoTime(to),
  };
  const given = Object.entries({ ...words, ...times }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}

function viewRecord(record: StoredAuditRecord): Output<typeof auditRecordView> {
  return {
    record_id: record.recordId,
    request_id: record.requestId,
    phase: record.phase,
    event_type: record.eventType,
    action: record.action,
    recorded_at: record.recordedAt,
    occurred_at: isoTime(record.occurredAt),
    outcome: record.outcome,
    http_status: record.httpStatus,
    error_code: record.errorCode,
    tenant_id: record.tenantId,
    client_id: record.clientId,
    user_ref: record.userRef,
    patient_ref: record.patientRef,
    purpose: record.purpose,
    data_class: record.dataClass,
    model_version: record.modelVersion,
    decision: record.decision,
    reason_code: record.reasonCode,
    policy_set: record.policySet,
    redactions: record.redactions,
    tokens_in: record.tokensIn,
    tokens_out: record.tokensOut,
    latency_ms: record.latencyMs,
    detail: { ...record.body },
  };
}
