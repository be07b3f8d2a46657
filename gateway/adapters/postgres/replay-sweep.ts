import { eq, inArray, lte, sql } from 'drizzle-orm';
import type { Instant } from '../../domain/clock.ts';
import type { Database } from './database.ts';
import { idempotency } from './schema/idempotency.ts';
import { withProblems } from './storage-problem.ts';

/** Deletes claims and kept answers whose time is over, and gives their number. Any replica may, also at once. */
export async function forgetReplays(database: Database, now: Instant): Promise<number> {
  let forgotten = 0;
  for (let batch = 0; batch < BATCHES_MAX; batch += 1) {
    const rows = await withProblems(() => forgetBatch(database, now));
    forgotten += rows;
    if (rows < BATCH_ROWS) break;
  }
  return forgotten;
}

/** Gives back every name that an unfinished request holds: for storage that no other process can be using. */
export async function freeRunning(database: Database): Promise<void> {
  await withProblems(() => database.handle.delete(idempotency).where(eq(idempotency.state, 'running')));
}

const BATCH_ROWS = 500;
const BATCHES_MAX = 200;

async function forgetBatch({ handle }: Database, now: Instant): Promise<number> {
  const place = sql`ctid`;
  const over = handle
    .select({ place })
    .from(idempotency)
    .where(lte(idempotency.heldUntil, now))
    .limit(BATCH_ROWS)
    .for('update', { skipLocked: true });
  const gone = await handle
    .delete(idempotency)
    .where(inArray(place, over))
    .returning({ requestId: idempotency.requestId });
  return gone.length;
}
