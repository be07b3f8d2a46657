import { Problem, type ProblemCode, type ProblemDetail } from '../../domain/problem.ts';
import type { Allowance, LimitStanding } from './limiter.ts';
import { standing } from './standing.ts';
import { brokenLimits, type HolderUse, type Limit, type Tally } from './tally.ts';

/** No room, and what was found left. */
export class LimitRefusal extends Problem {
  readonly standing: LimitStanding;

  constructor(code: ProblemCode, detail: ProblemDetail, found: LimitStanding) {
    super(code, detail);
    this.standing = found;
  }
}

/**
 * Why a request was refused, with each broken limit as a reason such as `client_tokens`.
 * `concurrency_exceeded` when only that is broken, else `rate_limit_exceeded`; `retryAfterMs` is the time until
 * every broken window has ended.
 */
export function refusal(tally: Tally): LimitRefusal {
  const { request, tenant, client } = tally;
  const broken = [
    ...brokenBy('tenant', request.tenantAllowance, tenant, request.tokens),
    ...brokenBy('client', request.clientAllowance, client, request.tokens),
  ];
  const reasons = broken.map(({ reason }) => reason);
  const windows = broken.filter(({ limit }) => limit !== 'concurrent');
  if (broken.length > 0 && windows.length === 0) {
    return new LimitRefusal(
      'concurrency_exceeded',
      { reasons, retryAfterMs: SLOT_RETRY_MS },
      standing(tally),
    );
  }
  const resetMs = Math.max(...windows.map((window) => window.resetMs), 0);
  return new LimitRefusal(
    'rate_limit_exceeded',
    { reasons, retryAfterMs: retryAfter(resetMs) },
    standing(tally),
  );
}

/** The wait to tell a caller: at least 1 ms, at most 30 s, so that clients come back before they give up. */
export function retryAfter(resetMs: number): number {
  return Math.min(Math.max(Math.ceil(resetMs), 1), RETRY_MS_MAX);
}

const RETRY_MS_MAX = 30_000;

/** A slot frees when some answer ends, which nobody can know; a second is short beside any answer. */
const SLOT_RETRY_MS = 1_000;

interface Broken {
  readonly limit: Limit;
  readonly reason: string;
  readonly resetMs: number;
}

function brokenBy(holder: string, allowance: Allowance, use: HolderUse, tokens: number): readonly Broken[] {
  return brokenLimits(allowance, use, tokens).map((limit) => ({
    limit,
    reason: `${holder}_${limit}`,
    resetMs: use.resetMs,
  }));
}
