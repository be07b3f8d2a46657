import type { Instant } from '../../domain/clock.ts';
import type { ProblemCode } from '../../domain/problem.ts';
import type { KeyHolder, KnownKey } from './tenant.ts';

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
  return objectionToHolder(holder, 'invalid_api_key');
}

/** Why this holder may not call now; a holder that is no more is the same answer as an unknown credential. */
export function objectionToHolder(
  holder: KeyHolder,
  unknown: 'invalid_api_key' | 'invalid_token',
): ProblemCode | undefined {
  if (holder.tenant !== null && holder.tenant.status !== 'active') return 'tenant_suspended';
  const { status } = holder.kind === 'operator' ? holder.operator : holder.client;
  return status === 'active' ? undefined : unknown;
}
