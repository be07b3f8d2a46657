import type { Allowance, LimitStanding } from './limiter.ts';
import type { HolderUse, Tally } from './tally.ts';

/** What the x-ratelimit headers say: for requests and for tokens, the holder that has less left. */
export function standing({ request, tenant, client }: Tally): LimitStanding {
  return tighter(standingOf(request.tenantAllowance, tenant), standingOf(request.clientAllowance, client));
}

function standingOf(allowance: Allowance, use: HolderUse): LimitStanding {
  return {
    limitRequests: allowance.requestsPerMinute,
    remainingRequests: Math.max(allowance.requestsPerMinute - use.requests, 0),
    resetRequestsMs: use.resetMs,
    limitTokens: allowance.tokensPerMinute,
    remainingTokens: Math.max(allowance.tokensPerMinute - use.tokens, 0),
    resetTokensMs: use.resetMs,
  };
}

/** Requests and tokens are chosen apart: a tenant may be short of one and its client of the other. */
export function tighter(a: LimitStanding, b: LimitStanding): LimitStanding {
  const requests = b.remainingRequests < a.remainingRequests ? b : a;
  const tokens = b.remainingTokens < a.remainingTokens ? b : a;
  return {
    limitRequests: requests.limitRequests,
    remainingRequests: requests.remainingRequests,
    resetRequestsMs: requests.resetRequestsMs,
    limitTokens: tokens.limitTokens,
    remainingTokens: tokens.remainingTokens,
    resetTokensMs: tokens.resetTokensMs,
  };
}
