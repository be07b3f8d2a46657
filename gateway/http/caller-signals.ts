import type { IncomingMessage, ServerResponse } from 'node:http';
import { Problem } from '../domain/problem.ts';
import type { Traffic } from './traffic.ts';

/** How long the model may still speak after the caller has left, so that its own figures can be metered. */
const DRAIN_MS = 5_000;

export interface CallerSignals {
  /** Fires when the connection closes before the answer was finished. */
  readonly gone: AbortSignal;
  /** Fires `DRAIN_MS` after that, or when the gateway gives up or stops; then with the Problem as its reason. */
  readonly cancel: AbortSignal;
  readonly giveUp: () => void;
}

/** Watches one exchange for a caller that leaves, or a gateway that has to stop. */
export function callerSignals(
  request: IncomingMessage,
  response: ServerResponse,
  traffic: Traffic,
): CallerSignals {
  const gone = new AbortController();
  const cancel = new AbortController();
  const stay = traffic.whenEnding(() => cancel.abort(new Problem('service_unavailable')));
  response.once('close', () => {
    stay();
    if (response.writableFinished) return;
    gone.abort();
    setTimeout(() => cancel.abort(), DRAIN_MS).unref();
  });
  if (request.destroyed) gone.abort();
  return { gone: gone.signal, cancel: cancel.signal, giveUp: () => cancel.abort() };
}
