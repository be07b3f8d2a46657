import { at, type Clock } from '../../gateway/domain/clock.ts';

/** A clock whose hand the test moves. */
export interface HeldClock extends Clock {
  advance(ms: number): void;
}

export function heldClock(startMs: number = Date.now()): HeldClock {
  let nowMs = startMs;
  return {
    now: () => at(nowMs),
    advance: (ms) => {
      nowMs += ms;
    },
  };
}
