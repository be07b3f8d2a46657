import type { AuditRecord } from './audit-record.ts';

/** A metered line, stored in the same transaction as the record that completes its request. */
export interface UsageLine {
  readonly tenantId: string;
  readonly requestId: string;
  readonly kind: 'final';
  readonly seq: number;
  readonly clientId: string;
  readonly modelVersion: string;
  readonly deployment: string;
  readonly policySet: string;
  readonly purpose: string;
  readonly dataClass: string;
  readonly outcome: string;
  readonly source: 'upstream' | 'drained' | 'estimated' | 'none';
  readonly tokensIn: number;
  readonly tokensCachedIn: number;
  readonly tokensOut: number;
  readonly tokensReasoning: number;
  readonly occurredAt: number;
}

/**
 * The durable, append-only record of what happened.
 * `append` resolves once the record (and its usage line, in the same transaction) is committed, and throws
 * `audit_unavailable` when that is not so within its deadline of one second.
 */
export interface Ledger {
  append(record: AuditRecord, usage?: UsageLine): Promise<void>;
  isReady(): boolean;
}
