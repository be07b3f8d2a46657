import { at, type Instant } from '../../domain/clock.ts';
import type { SigningKey } from './signing-key.ts';

/** How long an access token lives (SMART Backend Services: no more than 300 seconds). */
export const TOKEN_LIFETIME_S = 300;
/** Whoever keeps the key set for no longer than this knows each key before it signs. */
const PUBLISHED_AHEAD_MS = 15 * 60_000;
/** Until the last token of a key that no longer signs has expired, for the slowest of clocks as well. */
const STAYS_MS = TOKEN_LIFETIME_S * 1_000 + 60_000;

/** The key that signs now: the newest whose time has come; on a clock that is slow, the oldest. */
export function signerAt(keys: readonly SigningKey[], now: Instant): SigningKey | undefined {
  const ordered = inOrder(keys);
  return ordered.findLast((key) => key.signsFrom <= now) ?? ordered[0];
}

/** The keys whose tokens another has replaced for so long that none of them is valid any more. */
export function outlivedAt(keys: readonly SigningKey[], now: Instant): readonly SigningKey[] {
  return inOrder(keys).filter((_, place, ordered) => {
    const successor = ordered[place + 1];
    return successor !== undefined && successor.signsFrom + STAYS_MS <= now;
  });
}

/** When the next key should begin to sign, or undefined while it is not time to make one. */
export function nextKeyFrom(
  keys: readonly SigningKey[],
  { now, rotationMs }: { readonly now: Instant; readonly rotationMs: number },
): Instant | undefined {
  const newest = inOrder(keys).at(-1);
  if (newest === undefined) return now;
  const ahead = at(now + PUBLISHED_AHEAD_MS);
  return newest.signsFrom + rotationMs <= ahead ? ahead : undefined;
}

/** Replicas must agree, so two keys of one time are ordered by name. */
function inOrder(keys: readonly SigningKey[]): readonly SigningKey[] {
  return keys.toSorted((a, b) => a.signsFrom - b.signsFrom || (a.kid < b.kid ? -1 : 1));
}
