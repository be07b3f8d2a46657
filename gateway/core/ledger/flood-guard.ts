import { at, type Instant } from '../../domain/clock.ts';

/** Refusals of one address and code within one minute that were counted instead of recorded one by one. */
export interface Aggregate {
  readonly address: string;
  readonly code: string;
  readonly count: number;
  readonly firstAt: Instant;
  readonly lastAt: Instant;
}

interface Window {
  own: number;
  readonly openedAt: Instant;
  readonly counted: Map<string, { count: number; firstAt: Instant; lastAt: Instant }>;
}

export interface FloodLimits {
  /** Refusals of one address in a window that get a record of their own. */
  readonly ownRecords: number;
  readonly windowMs: number;
  /** Addresses kept apart; beyond them all others share one window named `other`. */
  readonly addressesMax: number;
}

const FLOOD_LIMITS: FloodLimits = { ownRecords: 20, windowMs: 60_000, addressesMax: 10_000 };

/** Keeps a flood of refused strangers from filling the ledger: nothing is lost, only counted. */
export class FloodGuard {
  readonly #limits: FloodLimits;
  readonly #windows = new Map<string, Window>();

  constructor(limits: FloodLimits = FLOOD_LIMITS) {
    this.#limits = limits;
  }

  /** True when this refusal gets its own record; false when it was counted. */
  admit(address: string, code: string, now: Instant): boolean {
    const window = this.#windowOf(address, now);
    if (window.own < this.#limits.ownRecords) {
      window.own += 1;
      return true;
    }
    const counted = window.counted.get(code);
    if (counted === undefined) window.counted.set(code, { count: 1, firstAt: now, lastAt: now });
    else Object.assign(counted, { count: counted.count + 1, lastAt: now });
    return false;
  }

  /** Closes the windows that are over (all of them with `now` at infinity) and gives what was counted in them. */
  collect(now: Instant): readonly Aggregate[] {
    const over = [...this.#windows].filter(([, window]) => now - window.openedAt >= this.#limits.windowMs);
    for (const [address] of over) this.#windows.delete(address);
    return over.flatMap(([address, { counted }]) =>
      [...counted].map(([code, sum]) => ({ address, code, ...sum })),
    );
  }

  /** Everything counted so far, for the end of the process. */
  collectAll(): readonly Aggregate[] {
    return this.collect(at(Number.POSITIVE_INFINITY));
  }

  /** A window stays open until it is collected, so that a count cannot be dropped by its own minute passing. */
  #windowOf(address: string, now: Instant): Window {
    const isCrowded = this.#windows.size >= this.#limits.addressesMax && !this.#windows.has(address);
    const name = isCrowded ? 'other' : address;
    const open = this.#windows.get(name);
    if (open !== undefined) return open;
    const window = { own: isCrowded ? this.#limits.ownRecords : 0, openedAt: now, counted: new Map() };
    this.#windows.set(name, window);
    return window;
  }
}
