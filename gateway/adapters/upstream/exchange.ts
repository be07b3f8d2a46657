import type { Dispatcher } from 'undici';
import type { Problem } from '../../domain/problem.ts';
import { problemOfBreak } from './errors.ts';
import { createInbox } from './inbox.ts';

/** An answer of the host, from its headers on. */
export interface Exchange {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /**
   * What has come since the last read, in order, or null at the end; one read at a time.
   * Rejects with `upstream_error` or `upstream_timeout` when the answer broke.
   */
  read(): Promise<readonly Uint8Array[] | null>;
  /** Ends it: a read that waits, and each later one, rejects with the reason. */
  cancel(reason: unknown): void;
}

/** No answer came. Only when the request was not sent may it be sent again: the host cannot have seen it. */
export interface NoAnswer {
  readonly problem: Problem;
  readonly wasSent: boolean;
}

/**
 * Sends a request and waits for the headers of its answer. Rejects with the signal's reason as soon as that aborts,
 * whether the request is queued, connecting, sent or answered. Built on `dispatch`: the readable stream that `request`
 * makes costs more than reading a whole answer.
 */
export function exchange(
  pool: Dispatcher,
  request: Dispatcher.DispatchOptions,
  signal: AbortSignal,
): Promise<Exchange | NoAnswer> {
  if (signal.aborted) return Promise.reject(signal.reason);
  const answer = Promise.withResolvers<Exchange | NoAnswer>();
  const inbox = createInbox(() => controller?.resume());
  let controller: Dispatcher.DispatchController | undefined;
  let stopped: Error | undefined;

  const cancel = (reason: unknown) => {
    stopped ??= reason instanceof Error ? reason : new Error('cancelled');
    answer.reject(reason);
    inbox.fail(reason);
    controller?.abort(stopped);
  };
  const onAbort = () => cancel(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });

  pool.dispatch(request, {
    onRequestStart: (started) => {
      controller = started;
      if (stopped) started.abort(stopped);
    },
    onResponseStart: (_, status, headers) => {
      if (status >= 200) answer.resolve({ status, headers, read: inbox.take, cancel });
    },
    onResponseData: (started, bytes) => {
      if (inbox.put(bytes)) started.pause();
    },
    onResponseEnd: () => {
      signal.removeEventListener('abort', onAbort);
      controller = undefined;
      inbox.end();
    },
    onResponseError: (_, error) => {
      signal.removeEventListener('abort', onAbort);
      const problem = problemOfBreak(error);
      answer.resolve({ problem, wasSent: controller !== undefined });
      controller = undefined;
      inbox.end(problem);
    },
  });
  return answer.promise;
}
