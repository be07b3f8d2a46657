import type { Response } from 'express';
import type { LimitStanding } from '../core/limits/limiter.ts';

/** What is left of the allowance, on answers and refusals alike; absent when no limit was asked. */
export function setLimitHeaders(response: Response, standing: LimitStanding | undefined): void {
  if (standing === undefined || response.headersSent) return;
  response.setHeader('x-ratelimit-limit-requests', String(standing.limitRequests));
  response.setHeader('x-ratelimit-remaining-requests', String(standing.remainingRequests));
  response.setHeader('x-ratelimit-reset-requests', `${standing.resetRequestsMs}ms`);
  response.setHeader('x-ratelimit-limit-tokens', String(standing.limitTokens));
  response.setHeader('x-ratelimit-remaining-tokens', String(standing.remainingTokens));
  response.setHeader('x-ratelimit-reset-tokens', `${standing.resetTokensMs}ms`);
}
