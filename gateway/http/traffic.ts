/** The exchanges under way: stopping waits for the last record of each, and can ask them to end. */
export class Traffic {
  readonly #enders = new Set<() => void>();
  readonly #awaiting = new Set<() => void>();
  #underway = 0;
  #isEnding = false;

  /** Counts the work as under way until it is done. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#underway += 1;
    try {
      return await work();
    } finally {
      this.#underway -= 1;
      if (this.#underway === 0) for (const tell of this.#awaiting) tell();
    }
  }

  /** Calls `end` when the gateway can wait no longer, at once if that is so already; the return value takes it back. */
  whenEnding(end: () => void): () => void {
    this.#enders.add(end);
    if (this.#isEnding) end();
    return () => void this.#enders.delete(end);
  }

  /** Asks everything under way to end. */
  endAll(): void {
    this.#isEnding = true;
    for (const end of this.#enders) end();
  }

  /** Resolves once nothing is under way, or after `mostMs`. */
  async idle(mostMs: number): Promise<void> {
    if (this.#underway === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, mostMs);
    this.#awaiting.add(resolve);
    await promise;
    clearTimeout(timer);
    this.#awaiting.delete(resolve);
  }
}
