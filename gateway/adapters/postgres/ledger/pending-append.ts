import { Problem } from '../../../domain/problem.ts';

/** A record on its way to storage and the request that waits for it. */
export interface PendingAppend {
  readonly record: string;
  readonly usage: string | undefined;
  readonly sizeBytes: number;
  /** An earlier attempt may have stored it. */
  again: boolean;
  readonly settled: boolean;
  readonly done: Promise<void>;
  resolve(): void;
  /** Throws `audit_unavailable` in the request that waits, with the reason as its cause. */
  reject(reason: string): void;
}

/** Settles by itself, with `audit_unavailable`, when nothing else has settled it within `deadlineMs`. */
export function createPendingAppend(
  record: string,
  usage: string | undefined,
  deadlineMs: number,
): PendingAppend {
  const waiting = Promise.withResolvers<void>();
  const timer = setTimeout(() => pending.reject(`not stored within ${deadlineMs} ms`), deadlineMs);
  const pending = {
    record,
    usage,
    sizeBytes: Buffer.byteLength(record) + (usage === undefined ? 0 : Buffer.byteLength(usage)),
    again: false,
    settled: false,
    done: waiting.promise,
    resolve() {
      clearTimeout(timer);
      pending.settled = true;
      waiting.resolve();
    },
    reject(reason: string) {
      clearTimeout(timer);
      pending.settled = true;
      waiting.reject(auditUnavailable(reason));
    },
  };
  return pending;
}

export function auditUnavailable(reason: string): Problem {
  return new Problem('audit_unavailable', { retryAfterMs: RETRY_AFTER_MS, cause: new Error(reason) });
}

const RETRY_AFTER_MS = 1_000;
