/** Counts who waits for another request's end, so that one client cannot hold connections without bound. */
export class WaitingRoom {
  readonly #waiting = new Map<string, number>();
  readonly #seats: number;

  constructor(seats: number) {
    this.#seats = seats;
  }

  /** False when every seat of this client is taken; who got one calls `leave`. */
  enter(client: string): boolean {
    const taken = this.#waiting.get(client) ?? 0;
    if (taken >= this.#seats) return false;
    this.#waiting.set(client, taken + 1);
    return true;
  }

  leave(client: string): void {
    const left = (this.#waiting.get(client) ?? 0) - 1;
    if (left > 0) this.#waiting.set(client, left);
    else this.#waiting.delete(client);
  }
}
