import type { Limiter, LimitRequest, Reservation } from '../../core/limits/limiter.ts';
import { refusal } from '../../core/limits/refusal.ts';
import { standing } from '../../core/limits/standing.ts';
import { Problem } from '../../domain/problem.ts';
import { type AllowanceLimiter, refusedVerdict, type Verdict } from './allowance-limiter.ts';

/** The limiter's port over any store; memory and Redis differ only in the store they pass. */
export function createLimiter(allowances: AllowanceLimiter, isReady: () => boolean): Limiter {
  return { reserve: (request) => reserve(allowances, request), isReady };
}

async function reserve(allowances: AllowanceLimiter, request: LimitRequest): Promise<Reservation> {
  if (!isCount(request.tokens)) throw new RangeError('tokens to reserve must be a whole number >= 0');
  try {
    return reservation(await allowances.take(request));
  } catch (thrown) {
    const refused = refusedVerdict(thrown);
    if (refused !== undefined) throw refusal(refused.tally);
    throw new Problem('service_unavailable', { cause: thrown, retryAfterMs: DOWN_RETRY_MS });
  }
}

const DOWN_RETRY_MS = 1_000;

function reservation({ tally, limiter }: Verdict): Reservation {
  let isOpen = true;
  return {
    standing: standing(tally),
    async settle(tokensUsed) {
      if (!isOpen) return;
      isOpen = false;
      await limiter.settle(tally, surplus(tally.request.tokens, tokensUsed)).catch(() => undefined);
    },
  };
}

/** A figure that is not a count gives nothing back: the worst case stays charged. */
function surplus(reserved: number, used: number): number {
  return isCount(used) ? reserved - used : 0;
}

function isCount(figure: number): boolean {
  return Number.isSafeInteger(figure) && figure >= 0;
}
