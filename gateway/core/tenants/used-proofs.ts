import type { Instant } from '../../domain/clock.ts';

/** Which proofs were used, for all replicas. */
export interface UsedProofs {
  /**
   * True for the first use of a name, and again when its time is over. Throws `service_unavailable` when that cannot be known.
   */
  useOnce(name: string, times: { readonly now: Instant; readonly until: Instant }): Promise<boolean>;
}
