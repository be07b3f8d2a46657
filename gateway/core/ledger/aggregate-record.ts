import { type Instant, isoTime } from '../../domain/clock.ts';
import { type Ids, newId } from '../../domain/ids.ts';
import type { AuditBody, AuditRecord } from './audit-record.ts';
import type { Aggregate } from './flood-guard.ts';

/** The record that stands for refusals which were counted instead of recorded one by one. */
export function aggregateRecord(
  aggregate: Aggregate,
  about: { readonly ids: Ids; readonly origin: AuditBody['origin']; readonly now: Instant },
): AuditRecord {
  const { source, code, count, firstAt, lastAt } = aggregate;
  const isOfKey = 'credentialId' in source;
  return {
    recordId: newId('record', about.ids),
    requestId: newId('request', about.ids),
    phase: 'aggregate',
    eventType: isOfKey ? 'request.invalid' : 'auth.failed',
    action: 'E',
    occurredAt: about.now,
    outcome: 'denied',
    httpStatus: null,
    errorCode: code,
    tenantId: isOfKey ? source.tenantId : null,
    clientId: null,
    userRef: null,
    patientRef: null,
    purpose: null,
    dataClass: null,
    modelVersion: null,
    decision: null,
    reasonCode: code,
    policySet: null,
    redactions: null,
    tokensIn: null,
    tokensOut: null,
    latencyMs: null,
    body: {
      origin: about.origin,
      sourceIp: source.address,
      ...(isOfKey ? { credentialId: source.credentialId } : {}),
      count,
      firstAt: isoTime(firstAt),
      lastAt: isoTime(lastAt),
    },
  };
}
