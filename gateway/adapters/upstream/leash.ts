import { Problem } from '../../domain/problem.ts';

/** Bounds one call in time, and ties it to the caller's signal. */
export interface Leash {
  /** Aborts with the caller's reason, or with `upstream_timeout`. */
  readonly signal: AbortSignal;
  /** The host has accepted the call: from now on only the total counts. */
  accepted(): void;
  /** The call is over: the timer and the tie to the caller's signal go. */
  release(): void;
}

export interface LeashTimes {
  /** Until `accepted` is called. */
  readonly acceptMs: number;
  /** From the start to the end of the call. */
  readonly totalMs: number;
}

export function createLeash(caller: AbortSignal, { acceptMs, totalMs }: LeashTimes): Leash {
  const controller = new AbortController();
  const startMs = performance.now();
  const expire = () => controller.abort(new Problem('upstream_timeout'));
  const onAbort = () => controller.abort(caller.reason);
  // Unreferenced: the call's socket keeps the process up, and an answer left unread must not.
  let timer = setTimeout(expire, Math.min(acceptMs, totalMs)).unref();

  if (caller.aborted) onAbort();
  else caller.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    accepted: () => {
      clearTimeout(timer);
      timer = setTimeout(expire, Math.max(0, startMs + totalMs - performance.now())).unref();
    },
    release: () => {
      clearTimeout(timer);
      caller.removeEventListener('abort', onAbort);
    },
  };
}
