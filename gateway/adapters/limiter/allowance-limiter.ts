import { RateLimiterRes } from 'rate-limiter-flexible';
import RateLimiterStoreAbstract from 'rate-limiter-flexible/lib/RateLimiterStoreAbstract.js';
import type { LimitRequest } from '../../core/limits/limiter.ts';
import type { Tally } from '../../core/limits/tally.ts';
import type { LimitStore } from './limit-store.ts';

/** The package's answer, with the whole count and the limiter that made it: the insurance may have. */
export interface Verdict extends RateLimiterRes {
  readonly tally: Tally;
  readonly limiter: AllowanceLimiter;
}

/** What a call carries beside key and points: the request to take, or what was taken and is settled. */
type Occasion = { readonly take: LimitRequest } | { readonly settle: Tally };

/**
 * rate-limiter-flexible over one of our stores, by two of the hooks that its README asks of a store: `_upsert`
 * and `_getRateLimiterRes`. The package's `consume` rejects a refusal with its result and hands a broken store over to
 * `insuranceLimiter`. A point is one holder whose allowance would be broken; there are none to spend, so that any
 * broken allowance is a refusal.
 */
export class AllowanceLimiter extends RateLimiterStoreAbstract {
  readonly #store: LimitStore;

  constructor(store: LimitStore, insurance?: AllowanceLimiter) {
    const insured = insurance === undefined ? {} : { insuranceLimiter: insurance };
    super({ storeClient: store, points: 0, duration: 60, keyPrefix: '', ...insured });
    this.#store = store;
  }

  /** Resolves with what was taken. Rejects with a `Verdict` when refused, with an Error when nobody could decide. */
  async take(request: LimitRequest): Promise<Verdict> {
    return verdict(await this.consume(request.lease, request.tokens, { take: request } satisfies Occasion));
  }

  /** Frees the leases and corrects the tokens; `surplus` is what was reserved and not used, below zero an excess. */
  async settle(tally: Tally, surplus: number): Promise<void> {
    await this.reward(tally.request.lease, surplus, { settle: tally } satisfies Occasion);
  }

  async _upsert(
    _key: string,
    points: number,
    _durationMs: number,
    _forceExpire: boolean,
    occasion: Occasion,
  ): Promise<Tally> {
    if ('take' in occasion) return this.#store.take(occasion.take);
    await this.#store.settle(occasion.settle, { requests: 0, tokens: points });
    return occasion.settle;
  }

  _getRateLimiterRes(_key: string, _points: number, tally: Tally): Verdict {
    const resetMs = Math.max(tally.tenant.resetMs, tally.client.resetMs);
    const result = new RateLimiterRes(0, resetMs, tally.taken ? 0 : 1, false);
    return Object.assign(result, { tally, limiter: this });
  }
}

/** Undefined for anything but an answer of an `AllowanceLimiter`. */
export function refusedVerdict(thrown: unknown): Verdict | undefined {
  return thrown instanceof RateLimiterRes && 'tally' in thrown ? (thrown as Verdict) : undefined;
}

/** Every result comes from `_getRateLimiterRes` above, here or in the insurance. */
function verdict(result: RateLimiterRes): Verdict {
  return result as Verdict;
}
