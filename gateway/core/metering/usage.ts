/** Tokens of one call as the model's host counts them; `cachedInput` is part of `input`, `reasoning` of `output`. */
export interface TokenUsage {
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
  readonly reasoning: number;
}

/** Where the figures came from: the host's report, its report read after the caller left, our estimate, or no call made. */
export type UsageSource = 'upstream' | 'drained' | 'estimated' | 'none';

export const NO_USAGE: TokenUsage = { input: 0, cachedInput: 0, output: 0, reasoning: 0 };
