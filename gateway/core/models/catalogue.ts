import type { Capability, Stage } from '../../domain/vocabulary.ts';

export interface ModelVersion {
  /** Such as `mayo-cr-1`; what callers ask for and what the answer's `model` says. */
  readonly id: string;
  /** The bare name, such as `mayo-cr`. */
  readonly model: string;
  readonly stage: Stage;
  /** Never empty. */
  readonly capabilities: readonly Capability[];
  /** The name under which the host serves it. */
  readonly deployment: string;
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  /** Seconds since 1970-01-01T00:00:00Z. */
  readonly created: number;
}
