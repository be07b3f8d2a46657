/** Remembers the most recently made values up to a number; the oldest leaves first. */
export interface BoundedMap<Value> {
  /** The value under the key, made now when it is not there. A `make` that throws leaves nothing behind. */
  get(key: string, make: () => Value): Value;
}

export function createBoundedMap<Value extends object>(entriesMax: number): BoundedMap<Value> {
  const entries = new Map<string, Value>();
  return {
    get(key, make) {
      const known = entries.get(key);
      if (known !== undefined) return known;
      const made = make();
      const oldest = entries.size >= entriesMax ? entries.keys().next().value : undefined;
      if (oldest !== undefined) entries.delete(oldest);
      entries.set(key, made);
      return made;
    },
  };
}
