import type { Directory, KnownKey, KnownToken } from '../../core/tenants/tenant.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Database } from './database.ts';
import { watchEpoch } from './directory/epoch-watch.ts';
import { CLIENTS } from './directory/known-clients.ts';
import { ISSUERS } from './directory/known-issuers.ts';
import { KEYS } from './directory/known-keys.ts';
import { createShelf } from './directory/shelf.ts';

/**
 * A directory that answers from memory and takes in every change within a second of its commit.
 * While it cannot know whether it has, it asks storage each time, and throws `service_unavailable` when that fails.
 */
export async function createDirectory(
  database: Database,
  clock: Clock,
): Promise<Directory & AsyncDisposable> {
  const isFresh = (): boolean => watch.isFresh(TRUSTED_MS);
  const about = { vital: database.vital, isFresh };
  const keys = createShelf(KEYS, about);
  const clients = createShelf(CLIENTS, about);
  const issuers = createShelf(ISSUERS, about);
  const watch = await watchEpoch(database, async (before, now) => {
    for (const shelf of [keys, clients, issuers]) await shelf.takeIn(database.watch, { before, now });
  });

  const isGoodKey = (known: KnownKey) =>
    KEYS.isActive(known) && known.key.expiresAt > clock.now() && !keys.hasTurnedBad(known.key.id);
  const isGoodToken = ({ holder, issuerId }: KnownToken) =>
    CLIENTS.isActive(holder) &&
    !clients.hasTurnedBad(holder.client.id) &&
    (issuerId === null || !issuers.hasTurnedBad(issuerId));
  return {
    findKey: (id) => keys.find(id),
    findClient: (id) => clients.find(id),
    findIssuer: (issuer) => issuers.find(issuer),
    isStillGood: (known) => ('key' in known ? isGoodKey(known) : isGoodToken(known)),
    [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose](),
  };
}

const TRUSTED_MS = 1_000;
