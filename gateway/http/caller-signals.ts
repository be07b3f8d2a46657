import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long the model may still speak after the caller has left, so that its own figures can be metered. */
const DRAIN_MS = 5_000;

export interface CallerSignals {
  /** Fires when the connection closes before the answer was finished. */
  readonly gone: AbortSignal;
  /** Fires `DRAIN_MS` after that, or when the gateway gives up. */
  readonly cancel: AbortSignal;
  readonly giveUp: () => void;
}

/** Watches one exchange for a caller that leaves. */
export function callerSignals(request: IncomingMessage, response: ServerResponse): CallerSignals {
  const gone = new AbortController();
  const cancel = new AbortController();
  response.once('close', () => {
    if (response.writableFinished) return;
    gone.abort();
    setTimeout(() => cancel.abort(), DRAIN_MS).unref();
  });
  if (request.destroyed) gone.abort();
  return { gone: gone.signal, cancel: cancel.signal, giveUp: () => cancel.abort() };
}
