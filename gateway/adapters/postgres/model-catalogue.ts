import type { ModelVersion } from '../../core/models/catalogue.ts';
import { Problem } from '../../domain/problem.ts';
import type { Database } from './database.ts';
import { watchEpoch } from './directory/epoch-watch.ts';
import { listModelVersions, listPreambles } from './registry/model-registry.ts';
import { withProblems } from './storage-problem.ts';

/** The model versions; a change is seen within a second of its commit. */
export interface ModelCatalogue extends AsyncDisposable {
  /** Throws `service_unavailable` when storage has not confirmed them for five seconds. */
  versions(): readonly ModelVersion[];
  /** What that version's model reads first, or null; throws as `versions` does. */
  preambleOf(id: string): string | null;
}

export async function createModelCatalogue(database: Database): Promise<ModelCatalogue> {
  let known = await withProblems(() => read(database));
  const watch = await watchEpoch(database, async () => {
    known = await read(database);
  });
  const fresh = () => {
    if (!watch.isFresh(TRUSTED_MS)) throw new Problem('service_unavailable');
    return known;
  };
  return {
    versions: () => fresh().versions,
    preambleOf: (id) => fresh().preambles.get(id) ?? null,
    [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose](),
  };
}

const TRUSTED_MS = 5_000;

async function read({ vital }: Database) {
  return { versions: await listModelVersions(vital), preambles: await listPreambles(vital) };
}
