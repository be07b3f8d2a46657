/** What one holder (tenant or client) may use per minute and at once. */
export interface Allowance {
  readonly requestsPerMinute: number;
  readonly tokensPerMinute: number;
  readonly concurrent: number;
}

export interface LimitRequest {
  /** Opaque ids; the limiter keys on them, so that `a:b`+`c` and `a`+`b:c` never share a bucket. */
  readonly tenant: string;
  readonly client: string;
  readonly tenantAllowance: Allowance;
  readonly clientAllowance: Allowance;
  /** The worst case: prompt estimate plus the most the answer may have. */
  readonly tokens: number;
  /** Unique for each request: names the concurrency lease. */
  readonly lease: string;
}

/** The tighter of tenant and client, for the x-ratelimit headers. */
export interface LimitStanding {
  readonly limitRequests: number;
  readonly remainingRequests: number;
  readonly resetRequestsMs: number;
  readonly limitTokens: number;
  readonly remainingTokens: number;
  readonly resetTokensMs: number;
}

export interface Reservation {
  readonly standing: LimitStanding;
  /** Gives back what was reserved beyond `tokensUsed` and frees the concurrency lease. Never throws; a second call does nothing. */
  settle(tokensUsed: number): Promise<void>;
}

/**
 * Reserves room before the model is asked.
 * Throws `rate_limit_exceeded` (with `retryAfterMs`, nothing kept reserved), `concurrency_exceeded`, or
 * `service_unavailable` when it cannot know within its deadline; it never lets a request through uncounted.
 */
export interface Limiter {
  reserve(request: LimitRequest): Promise<Reservation>;
  /** True when reserve() is likely to be able to decide; for readiness. */
  isReady(): boolean;
}
