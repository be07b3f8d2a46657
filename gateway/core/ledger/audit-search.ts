import type { Instant } from '../../domain/clock.ts';
import type { RecordId } from '../../domain/ids.ts';
import type { AuditOutcome, AuditPhase, Verdict } from '../../domain/vocabulary.ts';
import type { AuditRecord } from './audit-record.ts';

/** A record with the time the database's own clock gave it: ISO 8601, UTC, to the microsecond. */
export interface StoredAuditRecord extends AuditRecord {
  readonly recordedAt: string;
}

/** The reason on record of a request for a model version that its tenant may not know of. */
export const MODEL_NOT_VISIBLE = 'model_not_visible';

/** All that is given must hold. */
export interface AuditFilter {
  readonly tenantId?: string | undefined;
  /** Our request id, `req_…`. */
  readonly requestId?: string | undefined;
  /** The caller's own request id. */
  readonly correlationId?: string | undefined;
  readonly phase?: AuditPhase | undefined;
  readonly eventType?: string | undefined;
  readonly outcome?: AuditOutcome | undefined;
  readonly decision?: Verdict | undefined;
  readonly reasonCode?: string | undefined;
  readonly purpose?: string | undefined;
  readonly dataClass?: string | undefined;
  readonly modelVersion?: string | undefined;
  readonly userRef?: string | undefined;
  readonly patientRef?: string | undefined;
  readonly clientId?: string | undefined;
  readonly errorCode?: string | undefined;
  readonly httpStatus?: number | undefined;
  /** Leaves out requests for model versions that their tenant may not know of. */
  readonly isModelKnown?: true | undefined;
  /** Recorded at or after. */
  readonly from?: Instant | undefined;
  /** Recorded before. */
  readonly to?: Instant | undefined;
}

export interface AuditPageRequest {
  /** From 1 to 200. */
  readonly limit: number;
  /** The `next` of the page before. */
  readonly cursor?: string | undefined;
}

export interface AuditPage {
  /** Newest first. */
  readonly records: readonly StoredAuditRecord[];
  /** Continues behind the last record; null when there is none. */
  readonly next: string | null;
}

export interface UsageSummaryRow {
  readonly tenantId: string;
  /** A day in UTC, `YYYY-MM-DD`. */
  readonly day: string;
  readonly modelVersion: string;
  readonly requests: number;
  readonly tokensIn: number;
  readonly tokensCachedIn: number;
  readonly tokensOut: number;
  readonly tokensReasoning: number;
}

export interface UsageFilter {
  readonly tenantId?: string | undefined;
  readonly from: Instant;
  readonly to: Instant;
}

/** Reads the ledger. A cursor that is not one of ours is `invalid_parameter`; no answer is `service_unavailable`. */
export interface AuditSearch {
  search(filter: AuditFilter, page: AuditPageRequest): Promise<AuditPage>;
  /** With a tenant, a record of another is not found. */
  find(id: RecordId, tenantId?: string): Promise<StoredAuditRecord | undefined>;
  /** By day and model version, at most 10,000 rows. */
  usageByDay(filter: UsageFilter): Promise<readonly UsageSummaryRow[]>;
}
