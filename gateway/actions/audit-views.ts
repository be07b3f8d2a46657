import type { auditRecordView } from '../contract/audit.ts';
import type { Output } from '../contract/parse.ts';
import type { AuditBody } from '../core/ledger/audit-record.ts';
import { MODEL_NOT_VISIBLE, type StoredAuditRecord } from '../core/ledger/audit-search.ts';
import { isoTime } from '../domain/clock.ts';

/** A record as the owner and its auditors see it: whole. */
export function viewRecord(record: StoredAuditRecord): Output<typeof auditRecordView> {
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

/**
 * A record as the tenant's own people see it. What the owner keeps to itself is left out: its rules, deployments and
 * replicas, and that there is a version of which the tenant may not know.
 */
export function viewRecordForTenant(record: StoredAuditRecord): Output<typeof auditRecordView> {
  const known = record.reasonCode === MODEL_NOT_VISIBLE ? withoutModel(record) : record;
  const shown = Object.entries(known.body).filter(([name]) => SHOWN.has(name));
  return { ...viewRecord(known), detail: Object.fromEntries(shown) };
}

/** As if the model did not exist. */
function withoutModel(record: StoredAuditRecord): StoredAuditRecord {
  const { reasons: _, ...body } = record.body;
  return { ...record, modelVersion: null, decision: null, reasonCode: record.errorCode, body };
}

const SHOWN: ReadonlySet<string> = new Set<keyof AuditBody>([
  'decisionId',
  'correlationId',
  'replayOf',
  'method',
  'route',
  'credentialId',
  'authMethod',
  'assurance',
  'operatorId',
  'operatorRole',
  'sourceIp',
  'agent',
  'region',
  'purposeSource',
  'labels',
  'consents',
  'streamed',
  'instructions',
  'images',
  'reasons',
  'redaction',
  'usage',
  'finishReasons',
  'count',
  'firstAt',
  'lastAt',
  'admin',
  'search',
]);
