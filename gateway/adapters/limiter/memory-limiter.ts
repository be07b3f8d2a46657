import type { Limiter } from '../../core/limits/limiter.ts';
import type { Clock } from '../../domain/clock.ts';
import { AllowanceLimiter } from './allowance-limiter.ts';
import { createLimiter } from './create-limiter.ts';
import { type LimitTiming, TIMING } from './limit-store.ts';
import { createMemoryStore } from './memory-store.ts';

/** Limits counted in this process alone: for a single replica. Holds no timer, so there is nothing to close. */
export function createMemoryLimiter(clock: Clock, timing: LimitTiming = TIMING): Limiter {
  return createLimiter(new AllowanceLimiter(createMemoryStore(clock, timing)), () => true);
}
