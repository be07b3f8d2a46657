declare const instant: unique symbol;

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number & { readonly [instant]: true };

/** The only source of time in the house; tests hold the hand of this one. */
export interface Clock {
  now(): Instant;
}

export function at(epochMs: number): Instant {
  return epochMs as Instant;
}

export function isoTime(time: Instant): string {
  return new Date(time).toISOString();
}
