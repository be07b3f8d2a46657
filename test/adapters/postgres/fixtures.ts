import { randomUUIDv7 } from 'node:crypto';
import type { AuditRecord } from '../../../gateway/core/ledger/audit-record.ts';
import type { UsageLine } from '../../../gateway/core/ledger/ledger.ts';
import type { ApiKey, Client, Operator, Tenant } from '../../../gateway/core/tenants/tenant.ts';
import { at, type Clock } from '../../../gateway/domain/clock.ts';
import { type Ids, type KeyId, newId, type TenantSlug } from '../../../gateway/domain/ids.ts';

export const clock: Clock = { now: () => at(Date.now()) };
export const ids: Ids = { uuid: () => randomUUIDv7() };
const limits = { requestsPerMinute: 60, tokensPerMinute: 60_000, concurrent: 4 };

let counter = 0;

/** Distinct in every call, so that tests can share one database. */
export function name(word: string): string {
  counter += 1;
  return `${word}-${process.pid}-${counter}`;
}

export function aTenant(changes: Partial<Tenant> = {}): Tenant {
  return {
    id: newId('tenant', ids),
    slug: name('harbour') as TenantSlug,
    name: 'Harbour Street Clinic',
    tier: 'covered-entity',
    status: 'active',
    region: 'US',
    defaultPurpose: 'HOPERAT',
    pinnedVersion: null,
    limits,
    ...changes,
  };
}

export function aClient(tenant: Tenant): Client {
  return { id: newId('client', ids), tenantId: tenant.id, name: name('ward-app'), status: 'active', limits };
}

export function anOperator(changes: Partial<Operator> = {}): Operator {
  return {
    id: newId('operator', ids),
    name: name('Steward Quill'),
    role: 'owner',
    status: 'active',
    tenantId: null,
    ...changes,
  };
}

export function aKey(changes: Partial<ApiKey> = {}): ApiKey {
  return {
    id: randomUUIDv7().replaceAll('-', '').slice(-12) as KeyId,
    environment: 'test',
    secretHmac: new Uint8Array(32).fill(7),
    scopes: ['model:invoke'],
    cidrs: [],
    expiresAt: at(Date.now() + 3_600_000),
    revokedAt: null,
    ...changes,
  };
}

export function aRecord(changes: Partial<AuditRecord> = {}): AuditRecord {
  return {
    recordId: newId('record', ids),
    requestId: newId('request', ids),
    phase: 'single',
    eventType: 'model.invoke',
    action: 'E',
    occurredAt: clock.now(),
    outcome: 'success',
    httpStatus: 200,
    errorCode: null,
    tenantId: null,
    clientId: null,
    userRef: null,
    patientRef: null,
    purpose: 'HOPERAT',
    dataClass: 'deidentified',
    modelVersion: 'mayo-cr-1',
    decision: 'allow',
    reasonCode: null,
    policySet: 'ps_0000000000000000',
    redactions: 0,
    tokensIn: 10,
    tokensOut: 20,
    latencyMs: 12.5,
    body: { origin: { replica: 'r1', boot: 'b1', n: 1, build: 'test' }, streamed: false },
    ...changes,
  };
}

export function aUsageLine(record: AuditRecord, tenant: Tenant, changes: Partial<UsageLine> = {}): UsageLine {
  return {
    tenantId: tenant.id,
    requestId: record.requestId,
    kind: 'final',
    seq: 0,
    clientId: newId('client', ids),
    modelVersion: 'mayo-cr-1',
    deployment: 'simulated',
    policySet: 'ps_0000000000000000',
    purpose: 'HOPERAT',
    dataClass: 'deidentified',
    outcome: 'success',
    source: 'upstream',
    tokensIn: 10,
    tokensCachedIn: 2,
    tokensOut: 20,
    tokensReasoning: 5,
    occurredAt: record.occurredAt,
    ...changes,
  };
}

/** Polls until it holds; the bound is generous, so a slow machine does not fail a test. */
export async function eventually(
  holds: () => Promise<boolean> | boolean,
  withinMs = 10_000,
): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline) {
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return false;
}
