import type { RefusedSource } from '../core/ledger/flood-guard.ts';
import type { Ledger } from '../core/ledger/ledger.ts';
import type { Limiter } from '../core/limits/limiter.ts';
import type { ModelVersion } from '../core/models/catalogue.ts';
import type { UpstreamModel } from '../core/models/upstream.ts';
import type { PolicyDecisionPoint } from '../core/policy/decision.ts';
import type { Claims } from '../core/replay/claims.ts';
import type { WaitingRoom } from '../core/replay/waiting-room.ts';
import type { KeySets, Signatures, SigningKeys } from '../core/tenants/jwk.ts';
import type { Keyring } from '../core/tenants/keyring.ts';
import type { Directory } from '../core/tenants/tenant.ts';
import type { UsedProofs } from '../core/tenants/used-proofs.ts';
import type { VerifiedTokens } from '../core/tenants/verified-tokens.ts';
import type { Clock } from '../domain/clock.ts';
import type { Ids, KeyId } from '../domain/ids.ts';
import type { OwnerDesk } from './owner-message.ts';
import type { Telemetry } from './telemetry.ts';

/** Everything a model request needs from outside, each behind its room's port; composed once at start. */
export interface House {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly origin: Origin;
  readonly keyring: Keyring;
  readonly directory: Directory;
  readonly tokens: TokenDesk;
  readonly policy: { current(): PolicyDecisionPoint };
  readonly models: { versions(): readonly ModelVersion[] };
  readonly ownerMessage: OwnerDesk;
  readonly limiter: Limiter;
  readonly upstream: UpstreamModel;
  readonly ledger: Ledger;
  readonly refusals: RefusalDesk;
  /** Notes that a key was used; kept to the minute. */
  readonly noteUse: (key: KeyId, address: string) => void;
  readonly telemetry: Telemetry;
  readonly replays: Replays;
}

/** By what access tokens are judged. */
export interface TokenDesk {
  /** Issuer and audience of the gateway's own tokens, and the origin that proofs must name. */
  readonly publicUrl: () => string;
  readonly ownKeys: SigningKeys;
  readonly keySets: KeySets;
  readonly signatures: Signatures;
  readonly proofs: UsedProofs;
  readonly verified: VerifiedTokens;
}

/** What remembers requests that may come again. */
export interface Replays {
  readonly claims: Claims;
  readonly waiting: WaitingRoom;
  /** How long a duplicate waits for the first to end. */
  readonly waitMsMax: number;
  /** How long an answer is kept for duplicates; 0 keeps none. */
  readonly retentionMs: number;
}

/** Which process wrote a record, and the how-manieth of its records since it started. */
export interface Origin {
  readonly replica: string;
  readonly boot: string;
  readonly build: string;
  next(): number;
}

/** Guards the house against floods: whether a refusal gets its own record or is counted, and who guesses too often. */
export interface RefusalDesk {
  /** False when the record was counted instead: the aggregate of this source and minute will carry it. */
  deservesOwnRecord(source: RefusedSource, code: string): boolean;
  /** How long an address that guessed too often has to wait, in milliseconds; undefined when it need not. */
  waitMs(address: string): number | undefined;
}
