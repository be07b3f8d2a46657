/** Holds what the network brings until it is read; one reader. */
export interface Inbox {
  /** True when more than enough waits: the sender should pause. */
  put(bytes: Uint8Array): boolean;
  /** No more will come; with a failure, the reader learns it after reading what came before. */
  end(failure?: unknown): void;
  /** Drops what waits and fails the reader, now and from now on. */
  fail(failure: unknown): void;
  /** All that waits, or null at the end. */
  readonly take: () => Promise<readonly Uint8Array[] | null>;
}

const HELD_BYTES_MAX = 262_144;

/** `resume` is called when the reader takes what made the sender pause. */
export function createInbox(resume: () => void): Inbox {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let isPaused = false;
  let ended: { readonly failure?: unknown } | undefined;
  let reader: PromiseWithResolvers<readonly Uint8Array[] | null> | undefined;

  const takeNow = () => {
    const taken = held;
    held = [];
    heldBytes = 0;
    if (isPaused) resume();
    isPaused = false;
    return taken;
  };
  const wake = () => {
    if (!reader || (held.length === 0 && !ended)) return;
    const waiting = reader;
    reader = undefined;
    waiting.resolve(take());
  };
  const take = (): Promise<readonly Uint8Array[] | null> => {
    if (held.length > 0) return Promise.resolve(takeNow());
    if (ended) return 'failure' in ended ? Promise.reject(ended.failure) : Promise.resolve(null);
    reader = Promise.withResolvers();
    return reader.promise;
  };

  return {
    put: (bytes) => {
      if (ended) return false;
      held.push(bytes);
      heldBytes += bytes.length;
      // Later pieces of the same network read arrive before the microtask runs, and go along.
      if (reader && held.length === 1) queueMicrotask(wake);
      isPaused = heldBytes > HELD_BYTES_MAX;
      return isPaused;
    },
    end: (failure) => {
      ended ??= failure === undefined ? {} : { failure };
      wake();
    },
    fail: (failure) => {
      held = [];
      ended = { failure };
      wake();
    },
    take,
  };
}
