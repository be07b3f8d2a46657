import type { Stage } from '../../domain/vocabulary.ts';
import type { ModelVersion } from './catalogue.ts';

/** Changes which versions exist and who may meet them. */
export interface ModelRegistry {
  /** By id; at most 1,000. */
  listModelVersions(): Promise<readonly ModelVersion[]>;
  /** Adds a version, or replaces all it says about the one of that id; its preamble stays. */
  putModelVersion(version: ModelVersion): Promise<void>;
  /** Throws `model_not_found` for an id that is not there. */
  setStage(id: string, stage: Stage): Promise<void>;
  /** Sets what the model reads first, or takes it away with null. Throws `model_not_found`. */
  setPreamble(id: string, preamble: string | null): Promise<void>;
}
