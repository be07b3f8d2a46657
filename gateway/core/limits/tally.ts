import type { Allowance, LimitRequest } from './limiter.ts';

/** What one holder (tenant or client) uses: requests and tokens in the running minute, leases at this moment. */
export interface HolderUse {
  readonly requests: number;
  readonly tokens: number;
  readonly concurrent: number;
  /** On the clock of whoever counts; names the window, so that nothing is given back to a later one. */
  readonly windowEndsMs: number;
  readonly resetMs: number;
}

/** The count after a reservation was taken, or as it was found when it was refused. */
export interface Tally {
  readonly taken: boolean;
  /** The request as it was judged; an insurance limiter judges by smaller allowances. */
  readonly request: LimitRequest;
  readonly tenant: HolderUse;
  readonly client: HolderUse;
}

export const LIMITS = ['requests', 'tokens', 'concurrent'] as const;
export type Limit = (typeof LIMITS)[number];

/** Whether one more request of so many tokens breaks no limit of one holder. */
export function fits(allowance: Allowance, use: HolderUse, tokens: number): boolean {
  return (
    FITS.requests(allowance, use, tokens) &&
    FITS.tokens(allowance, use, tokens) &&
    FITS.concurrent(allowance, use, tokens)
  );
}

/** The limits of one holder that one more request of so many tokens would break; none means that it fits. */
export function brokenLimits(allowance: Allowance, use: HolderUse, tokens: number): readonly Limit[] {
  return LIMITS.filter((limit) => !FITS[limit](allowance, use, tokens));
}

/** Asked as "does it fit", because a comparison with NaN is false and must then refuse. */
const FITS: Record<Limit, (allowance: Allowance, use: HolderUse, tokens: number) => boolean> = {
  requests: (allowance, use) => use.requests + 1 <= allowance.requestsPerMinute,
  tokens: (allowance, use, tokens) => use.tokens + tokens <= allowance.tokensPerMinute,
  concurrent: (allowance, use) => use.concurrent + 1 <= allowance.concurrent,
};
