import type { Instant } from '../../domain/clock.ts';
import type { ClientId, RequestId, TenantId } from '../../domain/ids.ts';

/** One request under the name that its caller gave it. */
export interface Claim {
  readonly tenant: TenantId;
  readonly client: ClientId;
  /** HMAC-SHA-256 of the name. */
  readonly keyHmac: Uint8Array;
  /** HMAC-SHA-256 of everything that decides the answer. */
  readonly bodyHmac: Uint8Array;
  readonly requestId: RequestId;
}

/** Whose a name is. */
export type Holder =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'us' }
  | { readonly kind: 'running'; readonly bodyHmac: Uint8Array }
  | {
      readonly kind: 'finished';
      readonly bodyHmac: Uint8Array;
      readonly requestId: RequestId;
      /** Sealed; null when only the fact was kept. */
      readonly answer: Uint8Array | null;
    };

/**
 * Which request of a client holds which name; shared by all replicas. A row is running or finished, never in between,
 * and counts until its time is over. Each throws `service_unavailable` when storage does not answer within a second.
 */
export interface Claims {
  /**
   * Takes the name until `until` unless somebody holds it; among any number at once, one gets it. `nobody` when the
   * holder gave it back meanwhile: try again.
   */
  claim(claim: Claim, times: { readonly now: Instant; readonly until: Instant }): Promise<Holder>;
  /** Who holds it now, without taking it. */
  look(claim: Claim, now: Instant): Promise<Holder>;
  /** Ends a claim that is still ours, with what later duplicates are given until `until`. */
  finish(claim: Claim, kept: { readonly answer: Uint8Array | null; readonly until: Instant }): Promise<void>;
  /** Gives the name back when the claim is still ours and unfinished. */
  release(claim: Claim): Promise<void>;
}

/** How long an unfinished claim counts: the longest stream and half a minute, as the slot of a limit. */
export const LEASE_MS = 330_000;
