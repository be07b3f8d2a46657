import type { Allowance, LimitRequest } from './limiter.ts';

/**
 * The part that each of `replicas` may grant when they cannot count together. Rounded down, even to nothing, so that
 * all of them together never grant more than the whole.
 */
export function shareOf(allowance: Allowance, replicas: number): Allowance {
  return {
    requestsPerMinute: Math.floor(allowance.requestsPerMinute / replicas),
    tokensPerMinute: Math.floor(allowance.tokensPerMinute / replicas),
    concurrent: Math.floor(allowance.concurrent / replicas),
  };
}

/** The same request, to be judged by one replica's share of both allowances. */
export function shareOfRequest(request: LimitRequest, replicas: number): LimitRequest {
  return {
    ...request,
    tenantAllowance: shareOf(request.tenantAllowance, replicas),
    clientAllowance: shareOf(request.clientAllowance, replicas),
  };
}
