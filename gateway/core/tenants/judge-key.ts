import type { Instant } from '../../domain/clock.ts';
import type { ProblemCode } from '../../domain/problem.ts';
import type { KnownKey } from './tenant.ts';

/**
 * Why a key whose secret matched may not be used now, or undefined when it may.
 * Revoked and expired are the same answer as unknown: a caller learns nothing about keys that it does not hold.
 */
export function objectionToKey(
  known: KnownKey,
  use: { now: Instant; address: string },
): ProblemCode | undefined {
  const { key, holder } = known;
  // Whenever that was: the clock that wrote it may be ahead of ours.
  if (key.revokedAt !== null) return 'invalid_api_key';
  if (key.expiresAt <= use.now) return 'invalid_api_key';
  if (!known.allowsAddress(use.address)) return 'ip_not_allowed';
  if (holder.tenant !== null && holder.tenant.status !== 'active') return 'tenant_suspended';
  const { status } = holder.kind === 'operator' ? holder.operator : holder.client;
  return status === 'active' ? undefined : 'invalid_api_key';
}
