import type { ApiKey, Client, Operator, Tenant } from '../../../core/tenants/tenant.ts';
import type { ClientCard, KeyCard, PersonCard } from '../../../core/tenants/tenant-registry.ts';
import type { KeyId, TenantId, TenantSlug } from '../../../domain/ids.ts';
import type { apiKey, client, operator, tenant } from '../schema/tenants.ts';

export type TenantRow = typeof tenant.$inferSelect;
export type ClientRow = typeof client.$inferSelect;
export type OperatorRow = typeof operator.$inferSelect;
export type KeyRow = typeof apiKey.$inferSelect;

// The casts to ids are safe: the tables check their form.

export function toTenant(row: TenantRow): Tenant {
  const { id, name, tier, status, region, defaultPurpose, pinnedVersion } = row;
  const slug = row.slug as TenantSlug;
  return {
    id,
    slug,
    name,
    tier,
    status,
    region,
    defaultPurpose,
    pinnedVersion,
    limits: toLimits(row),
  };
}

export function toClient(row: ClientRow): Client {
  const { id, tenantId, name, status } = row;
  return { id, tenantId, name, status, limits: toLimits(row) };
}

export function toOperator(row: OperatorRow): Operator {
  const { id, name, role, status, tenantId } = row;
  return { id, name, role, status, tenantId };
}

export const toClientCard = (row: ClientRow): ClientCard => ({
  ...toClient(row),
  jwks: row.jwks,
  suspendedBy: row.suspendedBy,
});

export const toPersonCard = (row: OperatorRow): PersonCard => ({
  ...toOperator(row),
  suspendedBy: row.suspendedBy,
});

export function toApiKey(row: KeyRow): ApiKey {
  const { environment, secretHmac, scopes, cidrs, expiresAt, revokedAt } = row;
  return { id: row.id as KeyId, environment, secretHmac, scopes, cidrs, expiresAt, revokedAt };
}

export function toKeyCard(row: KeyRow, tenantId: TenantId | null): KeyCard {
  const { clientId, operatorId, lastUsedAt, lastUsedIp, createdBy, createdAt } = row;
  const rotatedFrom = row.rotatedFrom as KeyId | null;
  const holder = clientId ?? operatorId;
  if (holder === null) throw new Error('a key without a holder');
  return { ...toApiKey(row), holder, tenantId, lastUsedAt, lastUsedIp, rotatedFrom, createdBy, createdAt };
}

function toLimits(row: TenantRow | ClientRow): Tenant['limits'] {
  const { requestsPerMinute, tokensPerMinute, concurrent } = row;
  return { requestsPerMinute, tokensPerMinute, concurrent };
}
