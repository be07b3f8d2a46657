import type { PGlite } from '@electric-sql/pglite';

/** What the embedded engine has no background process for: without it the write-ahead log grows without end. */
export function startUpkeep(engine: PGlite, everyMs: number): AsyncDisposable {
  let running: Promise<void> = Promise.resolve();
  let tended = '';
  const timer = setInterval(() => {
    running = running.then(tend, tend);
  }, everyMs);
  timer.unref();

  async function tend(): Promise<void> {
    const written = await position(engine);
    if (written === tended) return;
    // One table at a time: each statement holds the event loop until it is done.
    for (const table of await tables(engine)) await engine.exec(`VACUUM ANALYZE "${table}"`);
    await engine.exec('CHECKPOINT');
    tended = await position(engine);
  }

  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await running.catch(() => undefined);
    },
  };
}

/** Moves whenever anything was written. */
async function position(engine: PGlite): Promise<string> {
  const answer = await engine.query<{ lsn: string }>('SELECT pg_current_wal_insert_lsn()::text AS lsn');
  return answer.rows[0]?.lsn ?? '';
}

async function tables(engine: PGlite): Promise<string[]> {
  const answer = await engine.query<{ tablename: string }>(
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
  );
  return answer.rows.map((row) => row.tablename);
}
