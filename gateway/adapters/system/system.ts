import { hash, randomBytes, randomUUIDv7 } from 'node:crypto';
import { hostname } from 'node:os';
import { at, type Clock } from '../../domain/clock.ts';
import type { Ids } from '../../domain/ids.ts';

/** The machine's clock. */
export const systemClock: Clock = { now: () => at(Date.now()) };

/** UUIDv7 from the runtime's cryptographic source. */
export const systemIds: Ids = { uuid: () => randomUUIDv7() };

export function randomOctets(count: number): Uint8Array {
  return randomBytes(count);
}

/** Hex of SHA-256. */
export function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}

/** Names this process in every record it writes, and numbers them. */
export function createOrigin(build: string) {
  let written = 0;
  return { replica: hostname().slice(0, 63), boot: randomUUIDv7(), build, next: () => ++written };
}

/** Runs the task again and again, never twice at once, until disposed of; a fault is reported and the next turn comes. */
export function every(
  intervalMs: number,
  task: () => Promise<void>,
  onFault: (fault: unknown) => void,
): AsyncDisposable {
  let underway: Promise<void> | undefined;
  const timer = setInterval(() => {
    underway ??= task()
      .catch(onFault)
      .finally(() => {
        underway = undefined;
      });
  }, intervalMs);
  timer.unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await underway;
    },
  };
}
