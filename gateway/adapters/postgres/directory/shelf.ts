import { Problem } from '../../../domain/problem.ts';
import type { Handle } from '../database.ts';
import { withProblems } from '../storage-problem.ts';
import { withinMs } from '../within.ts';
import { createCache } from './cache.ts';

/** A thing as it was at one epoch. */
export interface Reading<Known> {
  readonly known: Known;
  readonly epoch: number;
}

/** How one kind of thing is found, and known again when it has changed. */
export interface Kind<Name extends string, Known> {
  /** By what it is asked for. */
  readonly nameOf: (known: Known) => Name;
  /** Its row's id, in the order of which changes are read. */
  readonly idOf: (known: Known) => string;
  readonly isActive: (known: Known) => boolean;
  readonly read: (handle: Handle, name: Name) => Promise<Reading<Known> | undefined>;
  /** Those that changed after an epoch, themselves or by what they belong to; at most `PAGE_MAX`, in the order of ids. */
  readonly readChanged: (handle: Handle, epoch: number, after: string) => Promise<readonly Reading<Known>[]>;
}

/** What a directory remembers of one kind. */
export interface Shelf<Name extends string, Known> {
  /** Throws `service_unavailable`. */
  find(name: Name): Promise<Known | undefined>;
  /** True for one that a change has turned bad, however long ago it was last asked for. */
  hasTurnedBad(id: string): boolean;
  /** Takes in what was committed between two epochs. */
  takeIn(handle: Handle, step: { readonly before: number; readonly now: number }): Promise<void>;
}

export const PAGE_MAX = 1_000;
const ANSWER_MS = 1_000;
const PAGES_MAX = 200;
/** Unknown names cost a look-up each; more than these at once are turned away, so that they cannot starve known ones. */
const ASKING_MAX = 256;

export function createShelf<Name extends string, Known>(
  kind: Kind<Name, Known>,
  { vital, isFresh }: { readonly vital: Handle; readonly isFresh: () => boolean },
): Shelf<Name, Known> {
  const cache = createCache(kind);
  const asking = new Map<Name, Promise<Known | undefined>>();
  let floor = 0;

  async function ask(name: Name): Promise<Known | undefined> {
    const reading = await withProblems(() => withinMs(ANSWER_MS, kind.read(vital, name)));
    if (reading === undefined) cache.rememberMissing(name);
    // A reading older than a change that is being taken in, or has been, would never be put right.
    else if (reading.epoch >= floor) cache.remember(reading.known);
    return reading?.known;
  }

  async function askOnce(name: Name): Promise<Known | undefined> {
    const underway = asking.get(name);
    if (underway !== undefined) return underway;
    if (asking.size >= ASKING_MAX) throw new Problem('service_unavailable', { retryAfterMs: ANSWER_MS });
    const answer = ask(name).finally(() => asking.delete(name));
    asking.set(name, answer);
    return answer;
  }

  return {
    async find(name) {
      const recalled = isFresh() ? cache.recall(name) : undefined;
      return recalled === undefined ? askOnce(name) : (recalled ?? undefined);
    },
    hasTurnedBad: (id) => cache.hasTurnedBad(id),
    async takeIn(handle, { before, now }) {
      floor = now;
      cache.forgetMissing();
      // An epoch that went back means another database, so nothing remembered counts.
      if (now < before || before === 0) return cache.clear();
      let after = '';
      for (let page = 0; page < PAGES_MAX; page += 1) {
        const changed = await withinMs(ANSWER_MS, kind.readChanged(handle, before, after));
        for (const { known } of changed) cache.apply(known);
        const last = changed.at(-1);
        if (last === undefined || changed.length < PAGE_MAX) return;
        after = kind.idOf(last.known);
      }
      throw new Error('more has changed at once than a directory can take in');
    },
  };
}
