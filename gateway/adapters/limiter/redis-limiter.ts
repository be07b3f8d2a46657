import type { Limiter } from '../../core/limits/limiter.ts';
import { shareOfRequest } from '../../core/limits/share.ts';
import type { Clock } from '../../domain/clock.ts';
import { AllowanceLimiter } from './allowance-limiter.ts';
import { createLimiter } from './create-limiter.ts';
import { type LimitStore, type LimitTiming, TIMING } from './limit-store.ts';
import { createMemoryStore } from './memory-store.ts';
import type { OnLineChange } from './redis-line.ts';
import { RedisStore } from './redis-store.ts';

export type RedisLimiterOptions = {
  readonly url: string;
  /** How long a request waits for Redis before it counts as down. */
  readonly deadlineMs?: number;
  /** How long the start waits for the first connection. */
  readonly connectMs?: number;
  readonly timing?: LimitTiming;
  readonly keyPrefix?: string;
  /** For logs and metrics. */
  readonly onChange?: OnLineChange;
} & WhenDown;

/** While Redis is down: refuse every request, or let each replica grant its share of every allowance by itself. */
export type WhenDown =
  | { readonly whenDown: 'refuse' }
  | { readonly whenDown: 'insure'; readonly replicas: number; readonly clock: Clock };

/**
 * Limits counted in Redis, for any number of replicas. Waits for the first connection, but when there is
 * none it resolves all the same: a gateway that starts before its Redis is not ready, and becomes so by itself.
 */
export async function createRedisLimiter(options: RedisLimiterOptions): Promise<Limiter & AsyncDisposable> {
  const { url, deadlineMs = 50, connectMs = 2_000, timing = TIMING, onChange = () => {} } = options;
  const { keyPrefix = 'sg:limits' } = options;
  const insurance = insuranceFor(options, timing);
  const store = new RedisStore({ url, deadlineMs, timing, keyPrefix, onChange });
  await store.opened(connectMs);
  const limiter = createLimiter(
    new AllowanceLimiter(store, insurance),
    () => store.isUp || insurance !== undefined,
  );
  return { ...limiter, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

function insuranceFor(options: WhenDown, timing: LimitTiming): AllowanceLimiter | undefined {
  if (options.whenDown === 'refuse') return undefined;
  const { replicas, clock } = options;
  if (!(Number.isSafeInteger(replicas) && replicas >= 1)) throw new RangeError('replicas must be at least 1');
  return new AllowanceLimiter(shareStore(createMemoryStore(clock, timing), replicas));
}

/** Judges by one replica's share; the tally says so, and settles as it was taken. */
function shareStore(whole: LimitStore, replicas: number): LimitStore {
  return {
    take: (request) => whole.take(shareOfRequest(request, replicas)),
    settle: (tally, change) => whole.settle(tally, change),
  };
}
