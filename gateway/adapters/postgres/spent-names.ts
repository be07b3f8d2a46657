import { hash } from 'node:crypto';
import { inArray, lte, sql } from 'drizzle-orm';
import type { SpentName, SpentNames } from '../../core/tokens/spent-names.ts';
import type { Instant } from '../../domain/clock.ts';
import type { Database } from './database.ts';
import { spentName } from './schema/tokens.ts';
import { withProblems } from './storage-problem.ts';
import { withinMs } from './within.ts';

/** The spent names of every replica, one row each; one statement decides who was first. */
export function createSpentNames({ vital }: Database): SpentNames {
  return {
    spend: (name, { now, until }) =>
      withProblems(() =>
        withinMs(
          ANSWER_MS,
          (async () => {
            const taken = await vital
              .insert(spentName)
              .values({ nameHash: hashOf(name), spentUntil: until })
              .onConflictDoUpdate({
                target: spentName.nameHash,
                set: { spentUntil: until },
                setWhere: lte(spentName.spentUntil, now),
              })
              .returning({ spentUntil: spentName.spentUntil });
            return taken.length > 0;
          })(),
        ),
      ),
  };
}

const ANSWER_MS = 1_000;

/** The three parts cannot run into each other. */
function hashOf({ of, client, jti }: SpentName): Buffer {
  return hash('sha256', JSON.stringify([of, client, jti]), 'buffer');
}

/** Deletes the names whose time is over. Any replica may, also at once. */
export async function forgetSpentNames({ handle }: Database, now: Instant): Promise<void> {
  for (let batch = 0; batch < BATCHES_MAX; batch += 1) {
    const place = sql`ctid`;
    const over = handle
      .select({ place })
      .from(spentName)
      .where(lte(spentName.spentUntil, now))
      .limit(BATCH_ROWS)
      .for('update', { skipLocked: true });
    const gone = await withProblems(() =>
      handle.delete(spentName).where(inArray(place, over)).returning({ nameHash: spentName.nameHash }),
    );
    if (gone.length < BATCH_ROWS) return;
  }
}

const BATCH_ROWS = 500;
const BATCHES_MAX = 200;
