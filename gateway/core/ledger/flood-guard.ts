import { at, type Instant } from '../../domain/clock.ts';

/** Whose refusal it is: a stranger's, told by address, or one whose key was good. */
export type RefusedSource =
  | { readonly address: string }
  | { readonly address: string; readonly credentialId: string; readonly tenantId: string | null };

/** Refusals of one source and code within one minute that were counted instead of recorded one by one. */
export interface Aggregate {
  readonly source: RefusedSource;
  readonly code: string;
  readonly count: number;
  readonly firstAt: Instant;
  readonly lastAt: Instant;
}

interface Window {
  own: number;
  readonly source: RefusedSource;
  guesses: number;
  readonly openedAt: Instant;
  readonly counted: Map<string, Sum>;
}

type Sum = Pick<Aggregate, 'count' | 'firstAt' | 'lastAt'>;

export interface FloodLimits {
  /** Refusals of one address in a window that get a record of their own. */
  readonly ownRecords: number;
  /** The same for one key that is good: what is refused before it is counted by the limits. */
  readonly ownRecordsOfKey: number;
  /** Wrong keys from one address in a window after which it is told to wait. */
  readonly guessesMax: number;
  readonly windowMs: number;
  /** Sources kept apart; beyond them all others share one window named `other`. */
  readonly sourcesMax: number;
}

const FLOOD_LIMITS: FloodLimits = {
  ownRecords: 20,
  ownRecordsOfKey: 600,
  guessesMax: 100,
  windowMs: 60_000,
  sourcesMax: 10_000,
};

/** A wrong key or assertion, and one more after being told to wait. */
const GUESSES: ReadonlySet<string> = new Set(['invalid_api_key', 'invalid_client', 'rate_limit_exceeded']);

/** Keeps a flood of refusals from filling the ledger: nothing is lost, only counted. */
export class FloodGuard {
  readonly #limits: FloodLimits;
  readonly #windows = new Map<string, Window>();

  constructor(limits: FloodLimits = FLOOD_LIMITS) {
    this.#limits = limits;
  }

  /** True when this refusal gets its own record; false when it was counted. */
  admit(source: RefusedSource, code: string, now: Instant): boolean {
    const window = this.#windowOf(source, now);
    if (GUESSES.has(code)) window.guesses += 1;
    if (window.own > 0) {
      window.own -= 1;
      return true;
    }
    add(window.counted, code, { count: 1, firstAt: now, lastAt: now });
    return false;
  }

  /** How long until this address may guess again, in milliseconds; undefined while it has not done so too often. */
  waitMs(address: string, now: Instant): number | undefined {
    const window = this.#windows.get(networkOf(address));
    if (window === undefined || window.guesses < this.#limits.guessesMax) return undefined;
    const leftMs = window.openedAt + this.#limits.windowMs - now;
    return leftMs > 0 ? leftMs : undefined;
  }

  /** Closes the windows that are over (all of them with `now` at infinity) and gives what was counted in them. */
  collect(now: Instant): readonly Aggregate[] {
    const over = [...this.#windows].filter(([, window]) => now - window.openedAt >= this.#limits.windowMs);
    for (const [name] of over) this.#windows.delete(name);
    return over.flatMap(([, { source, counted }]) =>
      [...counted].map(([code, sum]) => ({ source, code, ...sum })),
    );
  }

  /** Everything counted so far, for the end of the process. */
  collectAll(): readonly Aggregate[] {
    return this.collect(at(Number.POSITIVE_INFINITY));
  }

  /** Takes back what was collected and could not be recorded; it is collected again when its window is over. */
  restore({ source, code, ...sum }: Aggregate): void {
    add(this.#windowOf(source, sum.firstAt).counted, code, sum);
  }

  /** A window stays open until it is collected, so that a count cannot be dropped by its own minute passing. */
  #windowOf(source: RefusedSource, now: Instant): Window {
    const { ownRecords, ownRecordsOfKey, sourcesMax } = this.#limits;
    const wanted = nameOf(source);
    const isCrowded = this.#windows.size >= sourcesMax && !this.#windows.has(wanted);
    const name = isCrowded ? OTHER : wanted;
    const open = this.#windows.get(name);
    if (open !== undefined) return open;
    const own = isCrowded ? 0 : 'credentialId' in source ? ownRecordsOfKey : ownRecords;
    const told = isCrowded ? { address: OTHER } : namedSource(source);
    const window: Window = { own, guesses: 0, source: told, openedAt: now, counted: new Map() };
    this.#windows.set(name, window);
    return window;
  }
}

const OTHER = 'other';

function nameOf(source: RefusedSource): string {
  return 'credentialId' in source ? `key ${source.credentialId}` : networkOf(source.address);
}

function namedSource(source: RefusedSource): RefusedSource {
  return 'credentialId' in source ? source : { address: networkOf(source.address) };
}

/**
 * What one stranger can be told by: an IPv4 address, or the first 64 bits of an IPv6 one, since whoever has one address
 * there has them all (RFC 4291 section 2.5.4).
 */
function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => '0');
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`;
}

function add(counted: Map<string, Sum>, code: string, more: Sum): void {
  const sum = counted.get(code);
  counted.set(code, sum === undefined ? more : joined(sum, more));
}

function joined(a: Sum, b: Sum): Sum {
  return {
    count: a.count + b.count,
    firstAt: at(Math.min(a.firstAt, b.firstAt)),
    lastAt: at(Math.max(a.lastAt, b.lastAt)),
  };
}
