import type { Jwk, KeySets } from '../../core/tenants/jwk.ts';
import { at, type Clock, type Instant } from '../../domain/clock.ts';
import { Problem } from '../../domain/problem.ts';
import type { KeySetFetch } from './key-set-fetch.ts';

interface Shelf {
  readonly keys: readonly Jwk[] | undefined;
  readonly readAt: Instant;
  readonly triedAt: Instant;
  readonly reading: Promise<unknown> | undefined;
}

/** A set is asked for anew in the background from this age on, and awaited from the next on. */
const AGEING_MS = 150_000;
const FRESH_MS = 300_000;
/** How long a set still counts while its provider does not answer. */
const STALE_MS = 900_000;
/** No provider is asked more often, whatever its tokens say. */
const COOLDOWN_MS = 30_000;
const PROVIDERS_MAX = 10_000;
const NEVER = at(0);

/** The key sets of identity providers, from memory while they are fresh. */
export function createKeySets(fetch: KeySetFetch, clock: Clock): KeySets {
  const shelves = new Map<string, Shelf>();

  const shelfOf = (uri: string): Shelf =>
    shelves.get(uri) ?? { keys: undefined, readAt: NEVER, triedAt: NEVER, reading: undefined };

  /** Asks once for all who wait, and not again before the cooldown is over. */
  function refresh(uri: string): Promise<unknown> {
    const { reading, triedAt } = shelfOf(uri);
    if (reading !== undefined) return reading;
    if (ageOf(triedAt) < COOLDOWN_MS) return Promise.resolve();
    const begun = read(uri);
    put(uri, { ...shelfOf(uri), triedAt: clock.now(), reading: begun });
    return begun;
  }

  async function read(uri: string): Promise<void> {
    const keys = await fetch(uri).catch(() => undefined);
    const read = keys === undefined ? {} : { keys, readAt: clock.now() };
    put(uri, { ...shelfOf(uri), ...read, reading: undefined });
  }

  function put(uri: string, shelf: Shelf): void {
    shelves.set(uri, shelf);
    const [oldest] = shelves.size > PROVIDERS_MAX ? shelves.keys() : [];
    if (oldest !== undefined) shelves.delete(oldest);
  }

  /** A clock that was put back makes a set old, not fresh for ever. */
  const ageOf = (time: Instant) => Math.abs(clock.now() - time);

  async function keysNow(uri: string): Promise<readonly Jwk[]> {
    const age = ageOf(shelfOf(uri).readAt);
    if (age > FRESH_MS) await refresh(uri);
    else if (age > AGEING_MS) void refresh(uri);
    const { keys, readAt, triedAt } = shelfOf(uri);
    if (keys !== undefined && ageOf(readAt) <= STALE_MS) return keys;
    throw new Problem('idp_unavailable', { retryAfterMs: waitFrom(triedAt) });
  }

  const waitFrom = (triedAt: Instant) => Math.max(1_000, COOLDOWN_MS - ageOf(triedAt));

  return {
    async keysWith(uri, kid) {
      const keys = await keysNow(uri);
      if (keys.some((key) => key.kid === kid)) return keys;
      await refresh(uri);
      const { keys: anew = keys, triedAt } = shelfOf(uri);
      if (anew.some((key) => key.kid === kid)) return anew;
      throw new Problem('unknown_kid', { retryAfterMs: waitFrom(triedAt) });
    },
  };
}
