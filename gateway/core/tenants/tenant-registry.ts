import type { Instant } from '../../domain/clock.ts';
import type { ClientId, KeyId, OperatorId, TenantId, TenantSlug } from '../../domain/ids.ts';
import type { ApiKey, Client, Operator, Tenant, TenantStatus } from './tenant.ts';

/** A credential as its administrators see it. */
export interface KeyCard extends ApiKey {
  readonly holder: ClientId | OperatorId;
  /** To the minute. */
  readonly lastUsedAt: Instant | null;
  readonly createdBy: string;
  readonly createdAt: Instant;
}

/** Lists hold at most 1,000, in the order of names; keys newest first. */
export interface TenantReader {
  listTenants(): Promise<readonly Tenant[]>;
  findTenant(slug: TenantSlug): Promise<Tenant | undefined>;
  listClients(tenant: TenantId): Promise<readonly Client[]>;
  listOperators(): Promise<readonly Operator[]>;
  listKeys(tenant: TenantId): Promise<readonly KeyCard[]>;
}

/**
 * Changes who may call. Every directory answers by each change within a second of its commit.
 * A taken name is `already_exists`, a reference to nothing `not_found`.
 */
export interface TenantRegistry extends TenantReader {
  insertTenant(tenant: Tenant): Promise<void>;
  setTenantStatus(slug: TenantSlug, status: TenantStatus): Promise<Tenant>;
  /** `jwks` is the client's public key set (RFC 7517), when it has one. */
  insertClient(client: Client, jwks?: Readonly<Record<string, unknown>>): Promise<void>;
  setClientStatus(id: ClientId, status: TenantStatus): Promise<Client>;
  insertOperator(operator: Operator): Promise<void>;
  setOperatorStatus(id: OperatorId, status: TenantStatus): Promise<Operator>;
  /** `createdBy` is an operator's id, or `local` for the program's own command line. */
  insertKey(key: ApiKey, holder: ClientId | OperatorId, createdBy: OperatorId | 'local'): Promise<void>;
  /** Throws `not_found` for a key that is not there or is revoked already. */
  revokeKey(id: KeyId, revokedAt: Instant): Promise<ApiKey>;
}
