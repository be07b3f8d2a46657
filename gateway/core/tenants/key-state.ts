import type { Instant } from '../../domain/clock.ts';
import type { ApiKey } from './tenant.ts';

export const KEY_STATES = ['active', 'expiring', 'expired', 'revoked'] as const;
export type KeyState = (typeof KEY_STATES)[number];

/** Long enough that a key which was rotated with the usual overlap is among those about to end. */
const EXPIRING_MS = 14 * 86_400_000;

/** How far a key is in its life. */
export function stateOfKey(key: Pick<ApiKey, 'expiresAt' | 'revokedAt'>, now: Instant): KeyState {
  if (key.revokedAt !== null) return 'revoked';
  if (key.expiresAt <= now) return 'expired';
  return key.expiresAt - now <= EXPIRING_MS ? 'expiring' : 'active';
}
