import type { Instant } from '../../domain/clock.ts';
import type { RecordId, RequestId } from '../../domain/ids.ts';
import type { AuditAction, AuditOutcome, AuditPhase, Verdict } from '../../domain/vocabulary.ts';

/**
 * One line of the ledger: ids, codes and counts, never content. Schema `stewardgate.audit/1`.
 * `recorded_at` is added by the database's own clock.
 */
export interface AuditRecord {
  readonly recordId: RecordId;
  readonly requestId: RequestId;
  readonly phase: AuditPhase;
  /** `model.invoke`, `model.embed`, `model.replay`, `oauth.token`, `auth.failed`, `policy.denied`, `ratelimit.denied`, `request.invalid`, `admin.*`, `audit.*`. */
  readonly eventType: string;
  readonly action: AuditAction;
  readonly occurredAt: Instant;
  readonly outcome: AuditOutcome | null;
  readonly httpStatus: number | null;
  readonly errorCode: string | null;
  readonly tenantId: string | null;
  readonly clientId: string | null;
  readonly userRef: string | null;
  /** HMAC-SHA-256 of the patient reference under the tenant's key, first 128 bits, hex. */
  readonly patientRef: string | null;
  readonly purpose: string | null;
  readonly dataClass: string | null;
  readonly modelVersion: string | null;
  readonly decision: Verdict | null;
  readonly reasonCode: string | null;
  readonly policySet: string | null;
  readonly redactions: number | null;
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
  readonly latencyMs: number | null;
  /** Everything else, content-free as well. */
  readonly body: AuditBody;
}

export interface AuditBody {
  readonly origin: {
    readonly replica: string;
    readonly boot: string;
    readonly n: number;
    readonly build: string;
  };
  readonly decisionId?: string;
  /** The caller's own request id, when it sent a UUID or ULID. */
  readonly correlationId?: string;
  /** For `model.replay`: the request whose answer was given again. */
  readonly replayOf?: string;
  readonly method?: string;
  /** The route's template, never the path as sent. */
  readonly route?: string;
  /** The id of a key, or a hash that stands for an access token. */
  readonly credentialId?: string;
  readonly authMethod?: 'api_key' | 'access_token' | 'dpop_token' | 'client_assertion';
  /** Of an access token that was issued: its `jti`, which says nothing to whoever has not the token. */
  readonly tokenId?: string;
  readonly assurance?: string;
  readonly operatorId?: string;
  readonly operatorRole?: string;
  readonly sourceIp?: string;
  /** The first product of the caller's `User-Agent`, such as `OpenAI/JS 7.57.0`, when it is one. */
  readonly agent?: string;
  readonly region?: string;
  readonly purposeSource?: 'header' | 'default';
  readonly labels?: readonly string[];
  /** The text itself claims labels that the caller did not declare. */
  readonly labelsRaised?: true;
  readonly consents?: readonly string[];
  /** The bare name, such as `mayo-cr`. */
  readonly model?: string;
  readonly deployment?: string;
  /** UTF-8 bytes that the model was given to read. */
  readonly promptBytes?: number;
  readonly stage?: string;
  readonly streamed?: boolean;
  /** How many system and developer messages the caller sent; the model reads them after the owner's. */
  readonly instructions?: number;
  /** Sentences in tool results, tool arguments or schemas that give the model orders. */
  readonly plantedOrders?: Readonly<Record<string, number>>;
  /** How many images the caller sent. */
  readonly images?: number;
  readonly matchedRules?: readonly string[];
  readonly obligations?: Readonly<Record<string, unknown>>;
  readonly nearestMisses?: readonly string[];
  /** Of a denial: every reason that applied. */
  readonly reasons?: readonly string[];
  readonly redaction?: RedactionTally;
  readonly usage?: Readonly<Record<string, number | string>>;
  readonly finishReasons?: readonly string[];
  /** Choices that the gateway ended, by reason. */
  readonly stopped?: Readonly<Record<string, number>>;
  readonly upstreamMs?: number;
  readonly firstByteMs?: number;
  readonly upstreamRequestId?: string;
  /** What the host sent beyond the answer, where it sent any: fields by place, events after the end. */
  readonly upstreamDropped?: { readonly unknown_fields: number; readonly post_done_data: number };
  readonly traceId?: string;
  /** For an aggregate: how many refusals it stands for, and the times of the first and last. */
  readonly count?: number;
  readonly firstAt?: string;
  readonly lastAt?: string;
  /** For an administrative act: what it touched, and the new state by field names and codes. */
  readonly admin?: Readonly<Record<string, unknown>>;
  /** For a read of the ledger: the filter used and how many rows it gave. */
  readonly search?: Readonly<Record<string, unknown>>;
}

/** Counts by category, and the law that every byte is scanned: scanned equals received, emitted equals released. */
export interface RedactionTally {
  /** Which rules scanned. */
  readonly engine: string;
  readonly input: Readonly<Record<string, number>>;
  readonly output: Readonly<Record<string, number>>;
  readonly unitsScanned: number;
  readonly unitsEmitted: number;
}
