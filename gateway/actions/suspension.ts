import type { TenantStatus } from '../core/tenants/tenant.ts';
import type { Suspender } from '../core/tenants/tenant-registry.ts';
import { Problem } from '../domain/problem.ts';
import type { Actor } from './office.ts';

/** In whose name somebody suspends. */
export const suspenderOf = ({ tenant }: Actor): Suspender => (tenant === null ? 'owner' : 'tenant');

/** Throws `insufficient_scope` when a tenant would lift what the owner has set. */
export function requireResumable(
  suspended: { readonly status: TenantStatus; readonly suspendedBy: Suspender | null },
  actor: Actor,
): void {
  if (suspended.status === 'suspended' && suspended.suspendedBy !== 'tenant' && actor.tenant !== null)
    throw new Problem('insufficient_scope', { reasons: ['suspended_by_owner'] });
}
