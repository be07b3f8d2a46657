import { sql } from 'drizzle-orm';
import type { Database, Handle } from '../database.ts';
import { directoryEpoch } from '../schema/tenants.ts';
import { withinMs } from '../within.ts';

/** Follows the number that grows with each committed change to tenants, credentials and models. */
export interface EpochWatch extends AsyncDisposable {
  /** True when everything that was committed up to `ageMsMax` ago has been applied. */
  isFresh(ageMsMax: number): boolean;
}

/**
 * Applies every change: at once when notified, and by polling in case a notification is lost.
 * `apply` is given the epoch applied before and the new one; when it throws, the same step is tried again.
 */
export async function watchEpoch(
  database: Database,
  apply: (before: number, now: number) => Promise<void>,
): Promise<EpochWatch> {
  let epoch = 0;
  let freshAtMs = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | undefined;
  let wanted = false;

  async function look(): Promise<void> {
    const startedAtMs = performance.now();
    const found = await withinMs(ANSWER_MS, currentEpoch(database.watch));
    if (found !== epoch) await apply(epoch, found);
    epoch = found;
    freshAtMs = startedAtMs;
  }

  async function lookUntilSettled(): Promise<void> {
    do {
      wanted = false;
      // A failure shows by its effect: the watch is no longer fresh.
      await look().catch(() => undefined);
    } while (wanted);
    running = undefined;
  }

  function lookSoon(): void {
    wanted = true;
    running ??= lookUntilSettled();
  }

  await look();
  const listening = await database.listen(CHANNEL, lookSoon);
  const polling = setInterval(lookSoon, POLL_MS);
  polling.unref();
  return {
    isFresh: (ageMsMax) => performance.now() - freshAtMs <= ageMsMax,
    async [Symbol.asyncDispose]() {
      clearInterval(polling);
      await listening[Symbol.asyncDispose]();
      await running;
    },
  };
}

/** As the triggers name it. */
const CHANNEL = 'stewardgate_directory';
const POLL_MS = 300;
const ANSWER_MS = 900;

/** For the select list of another query, so that its rows and the epoch are of one snapshot. */
export const EPOCH_OF_SNAPSHOT = sql<number>`(SELECT epoch FROM directory_epoch)`.mapWith(Number);

async function currentEpoch(handle: Handle): Promise<number> {
  const rows = await handle.select({ epoch: directoryEpoch.epoch }).from(directoryEpoch);
  const epoch = rows[0]?.epoch;
  if (epoch === undefined) throw new Error('the schema has no directory epoch');
  return epoch;
}
