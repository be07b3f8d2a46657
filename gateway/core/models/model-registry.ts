import type { Stage } from '../../domain/vocabulary.ts';
import type { ModelVersion } from './catalogue.ts';

/** Changes which versions exist and who may meet them. */
export interface ModelRegistry {
  /** By id; at most 1,000. */
  listModelVersions(): Promise<readonly ModelVersion[]>;
  /** Adds a version, or replaces all it says about the one of that id. */
  putModelVersion(version: ModelVersion): Promise<void>;
  /** Throws `model_not_found` for an id that is not there. */
  setStage(id: string, stage: Stage): Promise<void>;
}
