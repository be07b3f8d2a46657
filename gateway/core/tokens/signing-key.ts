import type { Instant } from '../../domain/clock.ts';

/** A public key of the gateway as it is published (RFC 7517). */
export interface PublicJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly kid: string;
  readonly alg: 'ES256';
  readonly use: 'sig';
}

/** A key with which access tokens are signed. */
export interface SigningKey {
  readonly kid: string;
  readonly publicJwk: PublicJwk;
  /** The private JWK, encrypted under the master key. */
  readonly sealedKey: Uint8Array;
  /** When it begins to sign; it is published from the moment it is made. */
  readonly signsFrom: Instant;
}

/** The keys of every replica. What it throws when storage does not answer is `service_unavailable`. */
export interface SigningKeyStore {
  /** Gives the keys to `heard`, at once and within a second of each change, until disposed of. */
  follow(heard: (keys: readonly SigningKey[]) => void): Promise<AsyncDisposable>;
  /** Decides on the keys as they are, one replica at a time; what `change` gives takes effect together. */
  change(change: (keys: readonly SigningKey[]) => Promise<KeyChange>): Promise<void>;
}

export interface KeyChange {
  readonly added: readonly SigningKey[];
  readonly removed: readonly string[];
}
