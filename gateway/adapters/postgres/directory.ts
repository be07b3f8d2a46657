import type { Directory, KnownKey } from '../../core/tenants/tenant.ts';
import type { Clock } from '../../domain/clock.ts';
import type { KeyId } from '../../domain/ids.ts';
import { Problem } from '../../domain/problem.ts';
import type { Database } from './database.ts';
import { watchEpoch } from './directory/epoch-watch.ts';
import { createKeyCache, isActive, type KeyCache } from './directory/key-cache.ts';
import { PAGE_MAX, readChangedKeys, readKey } from './directory/known-keys.ts';
import { withProblems } from './storage-problem.ts';
import { withinMs } from './within.ts';

/**
 * A directory that answers from memory and takes in every change within a second of its commit.
 * While it cannot know whether it has, it asks storage each time, and throws `service_unavailable` when that fails.
 */
export async function createDirectory(
  database: Database,
  clock: Clock,
): Promise<Directory & AsyncDisposable> {
  const cache = createKeyCache();
  const asking = new Map<KeyId, Promise<KnownKey | undefined>>();
  let floor = 0;
  const watch = await watchEpoch(database, (before, now) => {
    floor = now;
    return takeIn(database, cache, { before, now });
  });

  async function ask(id: KeyId): Promise<KnownKey | undefined> {
    const reading = await withProblems(() => withinMs(ANSWER_MS, readKey(database.vital, id)));
    if (reading === undefined) cache.rememberMissing(id);
    // A reading older than a change that is being taken in, or has been, would never be put right.
    else if (reading.epoch >= floor) cache.remember(reading.known);
    return reading?.known;
  }

  async function askOnce(id: KeyId): Promise<KnownKey | undefined> {
    const underway = asking.get(id);
    if (underway !== undefined) return underway;
    if (asking.size >= ASKING_MAX) throw new Problem('service_unavailable', { retryAfterMs: ANSWER_MS });
    const answer = ask(id).finally(() => asking.delete(id));
    asking.set(id, answer);
    return answer;
  }

  return {
    async findKey(id) {
      const recalled = watch.isFresh(TRUSTED_MS) ? cache.recall(id) : undefined;
      return recalled === undefined ? askOnce(id) : (recalled ?? undefined);
    },
    isStillGood: (known) =>
      isActive(known) && known.key.expiresAt > clock.now() && !cache.hasTurnedBad(known.key.id),
    [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose](),
  };
}

const TRUSTED_MS = 1_000;
const ANSWER_MS = 1_000;
/** Unknown keys cost a look-up each; more than these at once are turned away, so that they cannot starve known ones. */
const ASKING_MAX = 256;
const PAGES_MAX = 200;

/** Reads the keys that changed since; an epoch that went back means another database, so nothing remembered counts. */
async function takeIn(
  database: Database,
  cache: KeyCache,
  { before, now }: { before: number; now: number },
): Promise<void> {
  cache.forgetMissing();
  if (now < before || before === 0) return cache.clear();
  let after = '';
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const changed = await withinMs(ANSWER_MS, readChangedKeys(database.watch, before, after));
    for (const { known } of changed) cache.apply(known);
    if (changed.length < PAGE_MAX) return;
    after = changed.at(-1)?.known.key.id ?? '';
  }
  throw new Error('more keys changed at once than a directory can take in');
}
