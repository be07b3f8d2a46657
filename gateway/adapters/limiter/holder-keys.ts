import type { LimitRequest } from '../../core/limits/limiter.ts';

export interface HolderKeys {
  readonly tenant: string;
  readonly client: string;
}

/**
 * One key for each holder, the client's inside its tenant's. Every id stands behind its length, so that no two pairs
 * of ids can spell the same key. Both keys start with the same braces: a Redis cluster keeps them in one slot, where
 * a script may touch both.
 */
export function holderKeys({ tenant, client }: Pick<LimitRequest, 'tenant' | 'client'>): HolderKeys {
  const tenantKey = `{${tenant.length}:${tenant}}`;
  return { tenant: tenantKey, client: `${tenantKey}${client.length}:${client}` };
}
