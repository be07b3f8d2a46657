import type { PendingAppend } from './pending-append.ts';

/** Gathers what arrives while a commit runs and hands it over as the next batch; one commit at a time. */
export interface GroupCommit {
  add(append: PendingAppend): void;
  /** How many wait, those of the running commit not counted. */
  readonly depth: number;
  /** Resolves when everything that was added has been committed or has failed. */
  drained(): Promise<void>;
}

/** `commit` must settle every member of its batch and never reject. */
export function createGroupCommit(commit: (batch: readonly PendingAppend[]) => Promise<void>): GroupCommit {
  const queue: PendingAppend[] = [];
  let pumping: Promise<void> | undefined;

  async function pump(): Promise<void> {
    await turnOfTheLoop();
    while (queue.length > 0) {
      const batch = queue.splice(0, countThatFits(queue));
      await commit(batch.filter((append) => !append.settled));
    }
    pumping = undefined;
  }

  return {
    add(append) {
      queue.push(append);
      pumping ??= pump();
    },
    get depth() {
      return queue.length;
    },
    drained: () => pumping ?? Promise.resolve(),
  };
}

const ROWS_MAX = 256;
const BYTES_MAX = 1_048_576;

/** At least one, then as many as stay within both bounds. */
function countThatFits(queue: readonly PendingAppend[]): number {
  let bytes = 0;
  let count = 0;
  for (const append of queue) {
    bytes += append.sizeBytes;
    if (count === ROWS_MAX || (count > 0 && bytes > BYTES_MAX)) break;
    count += 1;
  }
  return count;
}

/** Lets all requests that the loop has already read join the first batch. */
function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
