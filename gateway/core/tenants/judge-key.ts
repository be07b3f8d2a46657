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
  if (holder.kind === 'operator') return holder.operator.status === 'active' ? undefined : 'invalid_api_key';
  if (holder.tenant.status !== 'active') return 'tenant_suspended';
  return holder.client.status === 'active' ? undefined : 'invalid_api_key';
}
