import type { ModelVersion } from '../../core/models/catalogue.ts';
import { Problem } from '../../domain/problem.ts';
import type { Database } from './database.ts';
import { watchEpoch } from './directory/epoch-watch.ts';
import { listModelVersions } from './registry/model-registry.ts';
import { withProblems } from './storage-problem.ts';

/** The model versions; a change is seen within a second of its commit. */
export interface ModelCatalogue extends AsyncDisposable {
  /** Throws `service_unavailable` when storage has not confirmed them for five seconds. */
  versions(): readonly ModelVersion[];
}

export async function createModelCatalogue(database: Database): Promise<ModelCatalogue> {
  let versions: readonly ModelVersion[] = await withProblems(() => listModelVersions(database.vital));
  const watch = await watchEpoch(database, async () => {
    versions = await listModelVersions(database.vital);
  });
  return {
    versions() {
      if (!watch.isFresh(TRUSTED_MS)) throw new Problem('service_unavailable');
      return versions;
    },
    [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose](),
  };
}

const TRUSTED_MS = 5_000;
