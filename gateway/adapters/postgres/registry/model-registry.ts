import { asc, eq, getColumns } from 'drizzle-orm';
import type { ModelRegistry } from '../../../core/models/model-registry.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Handle, Transaction } from '../database.ts';
import { modelVersion } from '../schema/models.ts';
import { withProblems } from '../storage-problem.ts';

/** Reads the versions through a handle, or through a transaction and so with its own changes. */
export function listModelVersions(handle: Handle): ReturnType<ModelRegistry['listModelVersions']> {
  const { changedEpoch: _, preamble: __, ...columns } = getColumns(modelVersion);
  return withProblems(() =>
    handle.select(columns).from(modelVersion).orderBy(asc(modelVersion.id)).limit(LIST_MAX),
  );
}

const LIST_MAX = 1_000;

/** What the model reads first, by version; only for versions that have it. */
export function listPreambles(handle: Handle): Promise<ReadonlyMap<string, string>> {
  return withProblems(async () => {
    const { id, preamble } = modelVersion;
    const rows = await handle.select({ id, preamble }).from(modelVersion).orderBy(asc(id)).limit(LIST_MAX);
    return new Map(rows.flatMap((row) => (row.preamble === null ? [] : [[row.id, row.preamble]])));
  });
}

/** Changes model versions inside a transaction; triggers move the directory's epoch and notify when it commits. */
export function createModelRegistry(tx: Transaction): ModelRegistry {
  return {
    listModelVersions: () => listModelVersions(tx),
    async putModelVersion(version) {
      const { id, ...rest } = { ...version, capabilities: [...version.capabilities] };
      await withProblems(() =>
        tx
          .insert(modelVersion)
          .values({ id, ...rest })
          .onConflictDoUpdate({ target: modelVersion.id, set: rest }),
      );
    },
    setStage: (id, stage) => update(tx, id, { stage }),
    setPreamble: (id, preamble) => update(tx, id, { preamble }),
  };
}

async function update(
  tx: Transaction,
  id: string,
  values: Partial<typeof modelVersion.$inferInsert>,
): Promise<void> {
  const rows = await withProblems(() =>
    tx.update(modelVersion).set(values).where(eq(modelVersion.id, id)).returning({ id: modelVersion.id }),
  );
  if (rows.length === 0) throw new Problem('model_not_found');
}
