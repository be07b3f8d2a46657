import { auditPage, auditRecordView, namedRecord, searchRecords } from '../contract/audit.ts';
import type { Output } from '../contract/parse.ts';
import type { AuditFilter, AuditPage, StoredAuditRecord } from '../core/ledger/audit-search.ts';
import { at, isoTime } from '../domain/clock.ts';
import { readId } from '../domain/ids.ts';
import { Problem } from '../domain/problem.ts';
import { look } from './action.ts';
import { viewRecord, viewRecordForTenant } from './audit-views.ts';
import type { Actor, Office } from './office.ts';

export const searchAuditRecords = look({
  method: 'get',
  path: '/audit/v1/records',
  summary: 'Search the audit ledger, newest first',
  permission: 'audit:read',
  reach: 'own',
  event: 'audit.search',
  action: 'R',
  input: searchRecords,
  output: auditPage,
  run: async (query, office, actor) => {
    const { limit, cursor } = query;
    const named = { ...query, tenant: query.tenant ?? actor.tenant?.id };
    const filter = withinTenant(query, filterOf(named, office), actor);
    const page: AuditPage =
      filter === undefined
        ? { records: [], next: null }
        : await office.audit.search(filter, { limit, cursor });
    const answer = { data: page.records.map(viewOf(actor)), next_cursor: page.next };
    const ids = page.records.map(({ recordId }) => recordId);
    const shown = { rows: ids.length, digest: office.digest(ids.join('\n')) };
    const from = cursor === undefined ? {} : { cursor: office.digest(cursor) };
    return {
      answer,
      note: { filter: recordable(filter ?? { tenantId: query.tenant }), limit, ...from, ...shown },
    };
  },
});

export const readAuditRecord = look({
  method: 'get',
  path: '/audit/v1/records/:record',
  summary: 'Read one record of the audit ledger',
  permission: 'audit:read',
  reach: 'own',
  event: 'audit.read',
  action: 'R',
  input: namedRecord,
  output: auditRecordView,
  run: async ({ record: text }, office, actor) => {
    const id = readId('record', text);
    const record = id === undefined ? undefined : await office.audit.find(id, actor.tenant?.id);
    if (record === undefined) throw new Problem('not_found');
    return { answer: viewOf(actor)(record), note: { record: record.recordId } };
  },
});

type Query = Output<typeof searchRecords>;

const viewOf = ({ tenant }: Actor): ((record: StoredAuditRecord) => Output<typeof auditRecordView>) =>
  tenant === null ? viewRecord : viewRecordForTenant;

/**
 * The filter, kept to the actor's tenant; undefined when it asks for another one, of which there is nothing. A filter by
 * what a tenant is not shown would tell it: whether a version that it may not know of exists.
 * Throws `invalid_parameter` for the reason, which is not shown.
 */
function withinTenant(query: Query, filter: AuditFilter, { tenant }: Actor): AuditFilter | undefined {
  if (tenant === null) return filter;
  if (query.reason_code !== undefined) throw new Problem('invalid_parameter', { param: 'reason_code' });
  if (query.tenant !== undefined && query.tenant !== tenant.id) return undefined;
  const isHidden = query.model_version !== undefined || query.decision !== undefined;
  return { ...filter, tenantId: tenant.id, ...(isHidden ? { isModelKnown: true } : {}) };
}

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
  const { from, to, isModelKnown: _, ...words } = filter;
  const times = {
    from: from === undefined ? undefined : isoTime(from),
    to: to === undefined ? undefined : isoTime(to),
  };
  const given = Object.entries({ ...words, ...times }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}
