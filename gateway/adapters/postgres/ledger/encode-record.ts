import type { AuditRecord } from '../../../core/ledger/audit-record.ts';
import type { UsageLine } from '../../../core/ledger/ledger.ts';
import { isoTime } from '../../../domain/clock.ts';
import { uuidOf } from '../schema/columns.ts';
import { storableJson } from './storable-json.ts';

/** A record as one JSON object whose members are named like the columns. Throws a TypeError on an id of the wrong form. */
export function encodeRecord(record: AuditRecord): string {
  return storableJson({
    record_id: uuidOf('record', record.recordId),
    request_id: uuidOf('request', record.requestId),
    phase: record.phase,
    event_type: record.eventType,
    action: record.action,
    occurred_at: isoTime(record.occurredAt),
    outcome: record.outcome,
    http_status: record.httpStatus,
    error_code: record.errorCode,
    tenant_id: record.tenantId === null ? null : uuidOf('tenant', record.tenantId),
    client_id: record.clientId === null ? null : uuidOf('client', record.clientId),
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
    latency_ms: record.latencyMs === null ? null : Math.round(record.latencyMs),
    body: record.body,
  });
}

/** A usage line in the same form, with the id of the record it is stored with. */
export function encodeUsage(line: UsageLine, record: AuditRecord): string {
  return storableJson({
    record_id: uuidOf('record', record.recordId),
    tenant_id: uuidOf('tenant', line.tenantId),
    request_id: uuidOf('request', line.requestId),
    kind: line.kind,
    seq: line.seq,
    client_id: uuidOf('client', line.clientId),
    model_version: line.modelVersion,
    deployment: line.deployment,
    policy_set: line.policySet,
    purpose: line.purpose,
    data_class: line.dataClass,
    outcome: line.outcome,
    source: line.source,
    tokens_in: line.tokensIn,
    tokens_cached_in: line.tokensCachedIn,
    tokens_out: line.tokensOut,
    tokens_reasoning: line.tokensReasoning,
    occurred_at: new Date(line.occurredAt).toISOString(),
  });
}
