import { AsyncResource } from 'node:async_hooks';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import type { Database, Handle } from '../database.ts';
import { createTransactionGuard } from '../transaction-guard.ts';
import { lockFolder } from './folder-lock.ts';
import { startUpkeep } from './upkeep.ts';

/**
 * Opens the embedded engine in a folder, or forgetful for `memory://`.
 * It survives the death of its process but not a power loss, for it never calls fsync: storage for evaluation.
 * Throws an Error that names the folder when another process holds it.
 */
export async function openPglite(dataDir: string, upkeepMs: number): Promise<Database> {
  await using held = new AsyncDisposableStack();
  if (!dataDir.startsWith(IN_MEMORY)) held.use(lockFolder(dataDir));
  const engine = await PGlite.create({ dataDir, postgresqlconf: SETTINGS });
  held.defer(() => engine.close());
  held.use(startUpkeep(engine, upkeepMs));
  return databaseOn(engine, held.move());
}

const IN_MEMORY = 'memory://';
/**
 * The engine's memory is this process's own and is never given back: by default 128 MB of pages, and 60 MB of rows that
 * ANALYZE looks at.
 */
const SETTINGS = [
  'max_wal_size=64MB',
  'min_wal_size=32MB',
  'shared_buffers=32MB',
  'default_statistics_target=20',
];

function databaseOn(engine: PGlite, held: AsyncDisposableStack): Database {
  const guard = createTransactionGuard();
  // The driver's own result shape is narrower than the one both engines share; only query builders use it.
  const handle = drizzle({ client: engine }) as unknown as Handle;
  const outside = guard.outside(handle);
  let session: Promise<unknown> = Promise.resolve();
  return {
    kind: 'pglite',
    handle: outside,
    vital: outside,
    watch: outside,
    transaction: (work) => guard.run(() => handle.transaction(work)),
    session(work) {
      // There is but one session, so those who ask for their own have it one after the other.
      const turn = session.then(() => work(handle));
      session = turn.catch(() => undefined);
      return turn;
    },
    openWriter: async () => ({
      async run(statement, parameters) {
        await engine.query(statement, [...parameters]);
      },
      async [Symbol.asyncDispose]() {},
    }),
    async listen(channel, heard) {
      // The engine calls from within the commit that notifies; the listener is no part of that transaction.
      const stop = await engine.listen(channel, AsyncResource.bind(heard));
      return { [Symbol.asyncDispose]: () => stop() };
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
