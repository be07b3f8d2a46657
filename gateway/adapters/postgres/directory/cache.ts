import type { Kind } from './shelf.ts';

/** What a directory remembers of one kind: things, names of nothing, and things that turned bad. Bounded in every part. */
export interface Cache<Name extends string, Known> {
  /** The thing, `null` when it is known that there is none, undefined when nothing is known. */
  recall(name: Name): Known | null | undefined;
  remember(known: Known): void;
  rememberMissing(name: Name): void;
  /** Takes in one that has changed: replaces it when it is remembered, and notes whether it is bad. */
  apply(known: Known): void;
  /** True for one that a change has turned bad, however long ago it was last asked for. */
  hasTurnedBad(id: string): boolean;
  forgetMissing(): void;
  clear(): void;
}

type Judged<Name extends string, Known> = Pick<Kind<Name, Known>, 'nameOf' | 'idOf' | 'isActive'>;

export function createCache<Name extends string, Known>({
  nameOf,
  idOf,
  isActive,
}: Judged<Name, Known>): Cache<Name, Known> {
  const things = new Map<Name, Known>();
  const missing = new Map<Name, number>();
  const bad = new Set<string>();

  function judge(known: Known): void {
    bad.delete(idOf(known));
    if (!isActive(known)) bad.add(idOf(known));
    trim(bad, BAD_MAX);
  }

  /** Another thing of the same name gives way only to one that is good. */
  function replaces(known: Known): boolean {
    const remembered = things.get(nameOf(known));
    return remembered !== undefined && (idOf(remembered) === idOf(known) || isActive(known));
  }

  return {
    recall(name) {
      const known = things.get(name);
      if (known === undefined) return (missing.get(name) ?? 0) > performance.now() ? null : undefined;
      things.delete(name);
      things.set(name, known);
      return known;
    },
    remember(known) {
      things.set(nameOf(known), known);
      trim(things, THINGS_MAX);
      judge(known);
    },
    rememberMissing(name) {
      missing.delete(name);
      missing.set(name, performance.now() + MISSING_MS);
      trim(missing, THINGS_MAX);
    },
    apply(known) {
      if (replaces(known)) things.set(nameOf(known), known);
      judge(known);
    },
    hasTurnedBad: (id) => bad.has(id),
    forgetMissing: () => missing.clear(),
    clear() {
      things.clear();
      missing.clear();
      bad.clear();
    },
  };
}

const THINGS_MAX = 10_000;
const BAD_MAX = 100_000;
const MISSING_MS = 1_000;

/** Drops the oldest beyond the bound: maps and sets keep the order of insertion. */
function trim<Key>(entries: Map<Key, unknown> | Set<Key>, countMax: number): void {
  if (entries.size <= countMax) return;
  const [oldest] = entries.keys();
  if (oldest !== undefined) entries.delete(oldest);
}
