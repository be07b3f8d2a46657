import type { Instant } from '../../domain/clock.ts';

/** Remembers the names (`jti`) of what may be used once, for every replica. */
export interface SpentNames {
  /**
   * Spends a name until that time and gives true; false when it is spent already. After that time it can be used again.
   * Of any number of callers at once one is given true. Throws `service_unavailable` when storage does not answer.
   */
  spend(name: SpentName, times: { readonly now: Instant; readonly until: Instant }): Promise<boolean>;
}

export interface SpentName {
  readonly of: 'assertion' | 'proof';
  /** Whose it is: the same name of another client is another name. */
  readonly client: string;
  readonly jti: string;
}
