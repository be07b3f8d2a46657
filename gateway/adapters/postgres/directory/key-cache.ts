import type { KnownKey } from '../../../core/tenants/tenant.ts';
import type { KeyId } from '../../../domain/ids.ts';

/** What a directory remembers: keys, ids that are no keys, and keys that turned bad. Bounded in every part. */
export interface KeyCache {
  /** The key, `null` when it is known that there is none, undefined when nothing is known. */
  recall(id: KeyId): KnownKey | null | undefined;
  remember(known: KnownKey): void;
  rememberMissing(id: KeyId): void;
  /** Takes in a key that has changed: replaces it when it is remembered, and notes whether it is bad. */
  apply(known: KnownKey): void;
  /** True for a key that a change has turned bad, however long ago it was last asked for. */
  hasTurnedBad(id: KeyId): boolean;
  forgetMissing(): void;
  clear(): void;
}

export function createKeyCache(): KeyCache {
  const keys = new Map<KeyId, KnownKey>();
  const missing = new Map<KeyId, number>();
  const bad = new Set<KeyId>();

  function judge(known: KnownKey): void {
    bad.delete(known.key.id);
    if (!isActive(known)) bad.add(known.key.id);
    trim(bad, BAD_MAX);
  }

  return {
    recall(id) {
      const known = keys.get(id);
      if (known === undefined) return (missing.get(id) ?? 0) > performance.now() ? null : undefined;
      keys.delete(id);
      keys.set(id, known);
      return known;
    },
    remember(known) {
      keys.set(known.key.id, known);
      trim(keys, KEYS_MAX);
      judge(known);
    },
    rememberMissing(id) {
      missing.delete(id);
      missing.set(id, performance.now() + MISSING_MS);
      trim(missing, KEYS_MAX);
    },
    apply(known) {
      if (keys.has(known.key.id)) keys.set(known.key.id, known);
      judge(known);
    },
    hasTurnedBad: (id) => bad.has(id),
    forgetMissing: () => missing.clear(),
    clear() {
      keys.clear();
      missing.clear();
      bad.clear();
    },
  };
}

const KEYS_MAX = 10_000;
const BAD_MAX = 100_000;
const MISSING_MS = 1_000;

/** Neither revoked nor suspended; its times of validity aside. */
export function isActive({ key, holder }: KnownKey): boolean {
  if (key.revokedAt !== null) return false;
  const { status } = holder.kind === 'operator' ? holder.operator : holder.client;
  return status === 'active' && (holder.tenant === null || holder.tenant.status === 'active');
}

/** Drops the oldest beyond the bound: maps and sets keep the order of insertion. */
function trim<Key>(entries: Map<Key, unknown> | Set<Key>, countMax: number): void {
  if (entries.size <= countMax) return;
  const [oldest] = entries.keys();
  if (oldest !== undefined) entries.delete(oldest);
}
