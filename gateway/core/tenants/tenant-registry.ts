import type { Instant } from '../../domain/clock.ts';
import type { ClientId, IssuerId, KeyId, OperatorId, TenantId, TenantSlug } from '../../domain/ids.ts';
import type { PinnedIssuer } from './issuer.ts';
import type { ApiKey, Client, Operator, Tenant, TenantStatus } from './tenant.ts';

/** A credential as its administrators see it. */
export interface KeyCard extends ApiKey {
  readonly holder: ClientId | OperatorId;
  /** Whose key it is in the end; null for the owner's own people. */
  readonly tenantId: TenantId | null;
  /** To the minute. */
  readonly lastUsedAt: Instant | null;
  readonly lastUsedIp: string | null;
  readonly rotatedFrom: KeyId | null;
  readonly createdBy: string;
  readonly createdAt: Instant;
}

/** Who suspended: the owner, or the tenant itself. */
export type Suspender = 'owner' | 'tenant';

export type PublicKeySet = Readonly<Record<string, unknown>>;

/** A client with what its administrators see besides. */
export interface ClientCard extends Client {
  /** The client's public key set (RFC 7517), when it has one. */
  readonly jwks: PublicKeySet | null;
  readonly suspendedBy: Suspender | null;
}

export type PersonCard = Operator & { readonly suspendedBy: Suspender | null };

/** Lists hold at most 1,000, in the order of names; keys newest first. */
export interface TenantReader {
  listTenants(): Promise<readonly Tenant[]>;
  findTenant(slug: TenantSlug): Promise<Tenant | undefined>;
  listClients(tenant: TenantId): Promise<readonly Client[]>;
  findClient(tenant: TenantId, id: ClientId): Promise<ClientCard | undefined>;
  /** The owner's own. */
  listOperators(): Promise<readonly Operator[]>;
  listPeople(tenant: TenantId): Promise<readonly Operator[]>;
  findPerson(tenant: TenantId, id: OperatorId): Promise<PersonCard | undefined>;
  /** Those of its clients and of its people. */
  listKeys(tenant: TenantId): Promise<readonly KeyCard[]>;
  findKey(id: KeyId): Promise<KeyCard | undefined>;
  /** Newest first, those that were removed too. */
  listIssuers(tenant: TenantId): Promise<readonly PinnedIssuer[]>;
}

/**
 * Changes who may call. Every directory answers by each change within a second of its commit.
 * A taken name is `already_exists`, a reference to nothing `not_found`.
 */
export interface TenantRegistry extends TenantReader {
  insertTenant(tenant: Tenant): Promise<void>;
  setTenantStatus(slug: TenantSlug, status: TenantStatus): Promise<Tenant>;
  /** `jwks` is the client's public key set (RFC 7517), when it has one. */
  insertClient(client: Client, jwks?: PublicKeySet): Promise<void>;
  setClientJwks(id: ClientId, jwks: PublicKeySet): Promise<void>;
  /** What the owner suspended, the tenant finds nothing to resume of: `not_found`. */
  setClientStatus(id: ClientId, status: TenantStatus, by?: Suspender): Promise<Client>;
  insertOperator(operator: Operator): Promise<void>;
  /** As for clients. */
  setOperatorStatus(id: OperatorId, status: TenantStatus, by?: Suspender): Promise<Operator>;
  /** `createdBy` is an operator's id, or `local` for the program's own command line. */
  insertKey(key: ApiKey, holder: ClientId | OperatorId, createdBy: OperatorId | 'local'): Promise<void>;
  /** Throws `not_found` for a key that is not there or is revoked already. */
  revokeKey(id: KeyId, revokedAt: Instant): Promise<ApiKey>;
  /**
   * Puts a second key beside an older one of the same holder, which expires at that time unless it does before.
   * Throws `not_found` for an older key that is not there or is revoked, `already_exists` when it has a second one already.
   */
  rotateKey(rotation: Rotation): Promise<ApiKey>;
  /** `already_exists` while the same issuer is pinned, for whichever tenant. */
  insertIssuer(issuer: PinnedIssuer): Promise<void>;
  /** Throws `not_found` for one that is not there or was removed already. */
  removeIssuer(id: IssuerId): Promise<PinnedIssuer>;
}

export interface Rotation {
  readonly old: KeyCard;
  readonly oldExpiresAt: Instant;
  readonly fresh: ApiKey;
  readonly createdBy: OperatorId;
}
