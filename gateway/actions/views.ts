import type { clientView, keyList, keyView, tenantView } from '../contract/admin.ts';
import type { Output } from '../contract/parse.ts';
import type { ApiKey, Client, LimitSettings, Tenant } from '../core/tenants/tenant.ts';
import type { KeyCard } from '../core/tenants/tenant-registry.ts';
import { isoTime } from '../domain/clock.ts';

/** How facts of the house are shown outside: snake_case, ISO 8601 times, no hashes. */
export function viewTenant(tenant: Tenant): Output<typeof tenantView> {
  const { id, slug, name, tier, status, region, defaultPurpose, pinnedVersion, limits } = tenant;
  const defaults = { default_purpose: defaultPurpose, pinned_version: pinnedVersion };
  return { id, slug, name, tier, status, region, ...defaults, limits: viewLimits(limits) };
}

export function viewClient(client: Client): Output<typeof clientView> {
  const { id, tenantId, name, status, limits } = client;
  return { id, tenant_id: tenantId, name, status, limits: viewLimits(limits) };
}

export function viewKey(key: Omit<ApiKey, 'secretHmac'>): Output<typeof keyView> {
  const { id, environment, scopes, cidrs, expiresAt, revokedAt } = key;
  const times = {
    expires_at: isoTime(expiresAt),
    revoked_at: revokedAt === null ? null : isoTime(revokedAt),
  };
  return { id, environment, scopes: [...scopes], cidrs: [...cidrs], ...times };
}

export function viewKeyCard(card: KeyCard): Output<typeof keyList>['data'][number] {
  const { lastUsedAt } = card;
  return { ...viewKey(card), last_used_at: lastUsedAt === null ? null : isoTime(lastUsedAt) };
}

function viewLimits({ requestsPerMinute, tokensPerMinute, concurrent }: LimitSettings) {
  return { requests_per_minute: requestsPerMinute, tokens_per_minute: tokensPerMinute, concurrent };
}

/** Limits as they came over the wire, in the house's words. */
export function readLimits(limits: ReturnType<typeof viewLimits>): LimitSettings {
  const { requests_per_minute, tokens_per_minute, concurrent } = limits;
  return { requestsPerMinute: requests_per_minute, tokensPerMinute: tokens_per_minute, concurrent };
}
