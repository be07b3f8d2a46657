import type { Instant } from '../../domain/clock.ts';
import type { ClientId, IssuerId, KeyId, OperatorId, TenantId, TenantSlug } from '../../domain/ids.ts';
import type { Purpose, Region, Role, Tier } from '../../domain/vocabulary.ts';
import type { PinnedIssuer } from './issuer.ts';

export type TenantStatus = 'active' | 'suspended';

/** What one tenant or client may use per minute and at once; counted separately for each. */
export interface LimitSettings {
  readonly requestsPerMinute: number;
  readonly tokensPerMinute: number;
  readonly concurrent: number;
}

export interface Tenant {
  readonly id: TenantId;
  readonly slug: TenantSlug;
  readonly name: string;
  readonly tier: Tier;
  readonly status: TenantStatus;
  readonly region: Region;
  readonly defaultPurpose: Purpose | null;
  /** The version that the bare model name means for this tenant, when pinned. */
  readonly pinnedVersion: string | null;
  readonly limits: LimitSettings;
}

export interface Client {
  readonly id: ClientId;
  readonly tenantId: TenantId;
  readonly name: string;
  readonly status: TenantStatus;
  readonly limits: LimitSettings;
}

/** A person who works on the admin and audit planes: one of the owner's, or of a tenant's for that tenant alone. */
export interface Operator {
  readonly id: OperatorId;
  readonly name: string;
  readonly role: Role;
  readonly status: TenantStatus;
  /** Whose person it is; null for the owner's. */
  readonly tenantId: TenantId | null;
}

export type KeyEnvironment = 'live' | 'test';

/** What is stored of an API key: never the secret, only its HMAC-SHA-256 under the pepper. */
export interface ApiKey {
  readonly id: KeyId;
  readonly environment: KeyEnvironment;
  readonly secretHmac: Uint8Array;
  readonly scopes: readonly string[];
  /** CIDR blocks (RFC 4632) the key may be used from; empty means anywhere. */
  readonly cidrs: readonly string[];
  readonly expiresAt: Instant;
  readonly revokedAt: Instant | null;
}

/** Whose key it is: a tenant's client, or an operator; `tenant` is set for a tenant's own person. */
export type KeyHolder =
  | { readonly kind: 'client'; readonly tenant: Tenant; readonly client: Client }
  | { readonly kind: 'operator'; readonly operator: Operator; readonly tenant: Tenant | null };

export type ClientHolder = Extract<KeyHolder, { readonly kind: 'client' }>;

export interface KnownKey {
  readonly key: ApiKey;
  readonly holder: KeyHolder;
  /** False for an address outside the key's CIDR blocks. */
  allowsAddress(ip: string): boolean;
}

/** An access token that was found right, with the client that holds it. */
export interface KnownToken {
  /** For records; never the token. */
  readonly tokenId: string;
  readonly method: 'access_token' | 'dpop_token';
  readonly scopes: readonly string[];
  /** What the token says of its tenant; where that is another one, it is refused. */
  readonly tenant: string | null;
  /** The pinning by which it counts; null for the gateway's own tokens. */
  readonly issuerId: IssuerId | null;
  readonly holder: ClientHolder;
}

export type KnownCredential = KnownKey | KnownToken;

/**
 * Finds keys, clients and issuers. Answers are never older than one second after a change was committed anywhere:
 * when the directory cannot know that, it throws `service_unavailable`.
 */
export interface Directory {
  /** The key of that id whatever its state, or undefined when no such key was ever issued. */
  findKey(id: KeyId): Promise<KnownKey | undefined>;
  /** The client of that id whatever its state, with its tenant. */
  findClient(id: ClientId): Promise<ClientHolder | undefined>;
  /** The pinning of that issuer, to the letter; one that was removed may still be given, and says so. */
  findIssuer(issuer: string): Promise<PinnedIssuer | undefined>;
  /**
   * Resolves at once from memory: false as soon as the key, client, tenant or issuer is known to be revoked, suspended or
   * removed. A token that was good when its request came may expire meanwhile.
   */
  isStillGood(known: KnownCredential): boolean;
}
