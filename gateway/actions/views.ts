import type { clientView, issuerView, keyList, keyView, tenantView } from '../contract/admin.ts';
import type { clientCard } from '../contract/client-jwks.ts';
import type { Output } from '../contract/parse.ts';
import type { PinnedIssuer } from '../core/tenants/issuer.ts';
import { stateOfKey } from '../core/tenants/key-state.ts';
import type { ApiKey, Client, LimitSettings, Tenant } from '../core/tenants/tenant.ts';
import type { ClientCard, KeyCard } from '../core/tenants/tenant-registry.ts';
import { type Instant, isoTime } from '../domain/clock.ts';

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

export function viewClientCard(client: ClientCard): Output<typeof clientCard> {
  const keys = client.jwks?.keys;
  return {
    ...viewClient(client),
    suspended_by: client.suspendedBy,
    jwks: Array.isArray(keys) ? { keys } : null,
  };
}

export function viewKey(key: Omit<ApiKey, 'secretHmac'>): Output<typeof keyView> {
  const { id, environment, scopes, cidrs, expiresAt, revokedAt } = key;
  const times = {
    expires_at: isoTime(expiresAt),
    revoked_at: revokedAt === null ? null : isoTime(revokedAt),
  };
  return { id, environment, scopes: [...scopes], cidrs: [...cidrs], ...times };
}

export function viewKeyCard(card: KeyCard, now: Instant): Output<typeof keyList>['data'][number] {
  const { lastUsedAt, lastUsedIp } = card;
  return {
    ...viewKey(card),
    holder: card.holder,
    state: stateOfKey(card, now),
    last_used_at: lastUsedAt === null ? null : isoTime(lastUsedAt),
    last_used_ip: lastUsedIp,
    created_at: isoTime(card.createdAt),
    created_by: card.createdBy,
    rotated_from: card.rotatedFrom,
  };
}

export function viewIssuer(pinned: PinnedIssuer): Output<typeof issuerView> {
  const { id, tenantId, issuer, jwksUri, audience, kind, algs, status, clients } = pinned;
  const about = { tenant_id: tenantId, issuer, jwks_uri: jwksUri, audience, kind, algs: [...algs], status };
  return { id, ...about, clients: [...clients].map(([subject, client]) => ({ subject, client })) };
}

function viewLimits({ requestsPerMinute, tokensPerMinute, concurrent }: LimitSettings) {
  return { requests_per_minute: requestsPerMinute, tokens_per_minute: tokensPerMinute, concurrent };
}

/** Limits as they came over the wire, in the house's words. */
export function readLimits(limits: ReturnType<typeof viewLimits>): LimitSettings {
  const { requests_per_minute, tokens_per_minute, concurrent } = limits;
  return { requestsPerMinute: requests_per_minute, tokensPerMinute: tokens_per_minute, concurrent };
}
