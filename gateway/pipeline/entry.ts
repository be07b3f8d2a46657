import type { AuditBody, AuditRecord } from '../core/ledger/audit-record.ts';
import type { RefusedSource } from '../core/ledger/flood-guard.ts';
import type { UsageLine } from '../core/ledger/ledger.ts';
import type { LimitStanding, Reservation } from '../core/limits/limiter.ts';
import type { MeterReading } from '../core/metering/meter.ts';
import type { Clock, Instant } from '../domain/clock.ts';
import { type DecisionId, type Ids, newId, type RequestId } from '../domain/ids.ts';
import type { Problem } from '../domain/problem.ts';
import type { AuditOutcome, AuditPhase } from '../domain/vocabulary.ts';
import type { HeldKey } from './held-key.ts';
import type { Origin } from './house.ts';

/** What is known of a request so far; each stage adds what it found, and no stage reads it. */
export interface EntryFacts extends Omit<AuditBody, 'origin' | 'count' | 'firstAt' | 'lastAt'> {
  readonly eventType?: string;
  readonly action?: AuditRecord['action'];
  readonly tenantId?: string;
  readonly clientId?: string;
  readonly userRef?: string;
  readonly patientRef?: string;
  readonly purpose?: string;
  readonly dataClass?: string;
  readonly modelVersion?: string;
  readonly decision?: NonNullable<AuditRecord['decision']>;
  readonly reasonCode?: string;
  readonly policySet?: string;
  readonly redactions?: number;
  readonly tokensIn?: number;
  readonly tokensOut?: number;
}

interface Ending {
  readonly outcome: AuditOutcome;
  readonly httpStatus: number;
  readonly errorCode?: string;
}

interface EntryTools {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly origin: Origin;
}

/** The file of one request, from the door to the ledger: it is opened once and closed exactly once. */
export class Entry {
  readonly requestId: RequestId;
  readonly decisionId: DecisionId;
  readonly openedAt: Instant;
  /** What `x-request-id` answers: the caller's own id when it can be traced, else ours. */
  readonly visibleId: string;
  readonly #tools: EntryTools;
  #facts: EntryFacts;
  #admittedAs: string | undefined;
  #decided = false;
  #closed = false;
  #reservation: Reservation | undefined;
  #standing: LimitStanding | undefined;
  #key: HeldKey | undefined;
  #promptBytes = 0;
  #scannedBytes = 0;

  constructor(tools: EntryTools, facts: EntryFacts) {
    this.#tools = tools;
    this.#facts = facts;
    this.requestId = newId('request', tools.ids);
    this.decisionId = newId('decision', tools.ids);
    this.openedAt = tools.clock.now();
    this.visibleId = facts.correlationId ?? this.requestId;
  }

  note(facts: EntryFacts): void {
    this.#facts = { ...this.#facts, ...facts };
  }

  /** Hands over what was reserved, for so many bytes to scan: from now on the end of this entry gives it back. */
  owe(reservation: Reservation, scannedBytes: number): void {
    this.#reservation = reservation;
    this.#standing = reservation.standing;
    this.#scannedBytes = scannedBytes;
  }

  /** There was no room; this is what was left. */
  noteStanding(standing: LimitStanding): void {
    this.#standing = standing;
  }

  /** What was left of the allowance when the limits were asked; undefined before. */
  get standing(): LimitStanding | undefined {
    return this.#standing;
  }

  /** Bytes of the prompt that the gateway was given to scan; 0 before there was room for it. */
  get scannedBytes(): number {
    return this.#scannedBytes;
  }

  /** Gives back what was reserved beyond `tokensUsed`. Never throws. */
  async release(tokensUsed: number): Promise<void> {
    await this.#reservation?.settle(tokensUsed);
  }

  /** Hands over the caller's key: a request that ends without an answer gives it back. */
  hold(key: HeldKey): void {
    this.#key = key;
  }

  /** Gives the key back, so that a retry may ask. Never throws. */
  async releaseKey(): Promise<void> {
    await this.#key?.release();
  }

  get policySet(): string | null {
    return this.#facts.policySet ?? null;
  }

  /** Whose refusal this would be: a credential counts only once it was found good. */
  get source(): RefusedSource {
    const { sourceIp: address = '', tenantId = null } = this.#facts;
    const credentialId = this.#admittedAs;
    return credentialId === undefined ? { address } : { address, credentialId, tenantId };
  }

  /** The credential is good; its refusals are counted under this name. */
  admit(name: string): void {
    this.#admittedAs = name;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Whether the model may have been asked: the `decided` record was handed to the ledger. */
  get isDecided(): boolean {
    return this.#decided;
  }

  /** The record that must be durable before the model is asked. */
  decided(promptBytes: number): AuditRecord {
    this.#decided = true;
    this.#promptBytes = promptBytes;
    this.note({ promptBytes });
    return this.#record('decided', this.#facts.eventType ?? 'model.invoke', null);
  }

  /** The last record. Throws when the entry is closed already: a request is settled once. */
  close(ending: Ending, problem?: Problem): AuditRecord {
    if (this.#closed) throw new Error('an entry is closed once');
    this.#closed = true;
    const phase = this.#decided ? 'completed' : 'single';
    const { eventType = 'model.invoke' } = this.#facts;
    const keepsName = problem === undefined || this.#decided || eventType === 'oauth.token';
    return this.#record(phase, (keepsName ? undefined : refusalEvent(problem)) ?? eventType, ending);
  }

  /** The record that `close` gave was never stored, so the entry has no end yet. */
  reopen(): void {
    this.#closed = false;
  }

  /** What the model was given to read, in UTF-8 bytes; 0 while it was not asked. */
  get promptBytes(): number {
    return this.#promptBytes;
  }

  /** The metered line of a decided request. */
  usageLine({ usage, source }: MeterReading, outcome: string): UsageLine {
    const facts = this.#facts;
    return {
      tenantId: facts.tenantId ?? '',
      requestId: this.requestId,
      kind: 'final',
      seq: 0,
      clientId: facts.clientId ?? '',
      modelVersion: facts.modelVersion ?? '',
      deployment: facts.deployment ?? '',
      policySet: facts.policySet ?? '',
      purpose: facts.purpose ?? '',
      dataClass: facts.dataClass ?? '',
      outcome,
      source,
      tokensIn: usage.input,
      tokensCachedIn: usage.cachedInput,
      tokensOut: usage.output,
      tokensReasoning: usage.reasoning,
      occurredAt: this.openedAt,
    };
  }

  latencyMs(): number {
    return this.#tools.clock.now() - this.openedAt;
  }

  #record(phase: AuditPhase, eventType: string, ending: Ending | null): AuditRecord {
    const {
      eventType: _,
      action,
      tenantId,
      clientId,
      userRef,
      patientRef,
      purpose,
      dataClass,
      ...more
    } = this.#facts;
    const { modelVersion, decision, reasonCode, policySet, redactions, tokensIn, tokensOut, ...body } = more;
    const { origin } = this.#tools;
    return {
      recordId: newId('record', this.#tools.ids),
      requestId: this.requestId,
      phase,
      eventType,
      action: action ?? 'E',
      occurredAt: this.#tools.clock.now(),
      outcome: ending?.outcome ?? null,
      httpStatus: ending?.httpStatus ?? null,
      errorCode: ending?.errorCode ?? null,
      tenantId: tenantId ?? null,
      clientId: clientId ?? null,
      userRef: userRef ?? null,
      patientRef: patientRef ?? null,
      purpose: purpose ?? null,
      dataClass: dataClass ?? null,
      modelVersion: modelVersion ?? null,
      decision: decision ?? null,
      reasonCode: reasonCode ?? ending?.errorCode ?? null,
      policySet: policySet ?? null,
      redactions: redactions ?? null,
      tokensIn: tokensIn ?? null,
      tokensOut: tokensOut ?? null,
      latencyMs: ending === null ? null : this.latencyMs(),
      body: {
        ...body,
        decisionId: this.decisionId,
        origin: { replica: origin.replica, boot: origin.boot, build: origin.build, n: origin.next() },
      },
    };
  }
}

const BY_POLICY: ReadonlySet<Problem['code']> = new Set([
  'policy_denied',
  'tool_not_allowed',
  'assurance_required',
]);

/** The event type of a request that was refused before the model was asked. */
function refusalEvent(problem: Problem): string | undefined {
  if (BY_POLICY.has(problem.code)) return 'policy.denied';
  if (problem.status === 401 || problem.status === 403) return 'auth.failed';
  if (problem.status === 429) return 'ratelimit.denied';
  return problem.status < 500 ? 'request.invalid' : undefined;
}
