import type { LimitRequest } from '../../core/limits/limiter.ts';
import type { Tally } from '../../core/limits/tally.ts';
import type { Change } from '../../core/limits/window.ts';

/**
 * Where the counts are kept. Each act is whole or not at all, for tenant and client together, whoever else acts.
 */
export interface LimitStore {
  /** Takes one request, its tokens and two leases when all of them fit; else nothing. Rejects when it cannot know. */
  take(request: LimitRequest): Promise<Tally>;
  /** Frees the leases and adds the change to the windows, once: without the lease it does nothing. Never rejects. */
  settle(tally: Tally, change: Change): Promise<void>;
}

export interface LimitTiming {
  readonly windowMs: number;
  /** How long a lease holds its slot when nobody settles; longer than the longest answer. */
  readonly leaseMs: number;
}

/** One minute, and the five minutes of the longest stream with a reserve of half a minute. */
export const TIMING: LimitTiming = { windowMs: 60_000, leaseMs: 330_000 };
