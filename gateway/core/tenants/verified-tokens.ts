import { at, type Instant } from '../../domain/clock.ts';
import type { TokenFacts } from './access-token.ts';
import type { Trust } from './trust.ts';

/** A token whose signature and claims were found right, under the trust of that moment. */
export interface VerifiedToken {
  readonly facts: TokenFacts;
  readonly issuer: string;
  /** Of the pinning; undefined for the gateway's own tokens. */
  readonly pinnedId: string | undefined;
}

/**
 * Remembers for a minute which tokens were found right, by the whole SHA-256 of each. Whose they are is not remembered: that
 * is asked of the directory every time, and a pinning that was removed or made anew has another id.
 */
export class VerifiedTokens {
  readonly #tokens = new Map<string, VerifiedToken & { readonly until: Instant }>();
  readonly #countMax: number;

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  recall(digest: string, now: Instant): VerifiedToken | undefined {
    const kept = this.#tokens.get(digest);
    if (kept === undefined || kept.until > now) return kept;
    this.#tokens.delete(digest);
    return undefined;
  }

  remember(digest: string, token: VerifiedToken, now: Instant): void {
    const until = at(Math.min(token.facts.expiresAt, now + KEPT_MS));
    this.#tokens.delete(digest);
    this.#tokens.set(digest, { ...token, until });
    const [oldest] = this.#tokens.size > this.#countMax ? this.#tokens.keys() : [];
    if (oldest !== undefined) this.#tokens.delete(oldest);
  }
}

const KEPT_MS = 60_000;

/** Whether what was found right then would be held to the same now. */
export function isUnder({ pinned }: Trust, token: VerifiedToken): boolean {
  return pinned?.id === token.pinnedId;
}
