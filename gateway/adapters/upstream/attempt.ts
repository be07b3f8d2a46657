import type { Dispatcher } from 'undici';
import { Problem } from '../../domain/problem.ts';
import { isHostFailure, problemOfRefusal } from './errors.ts';
import { type Exchange, exchange } from './exchange.ts';
import { readAll } from './reply-events.ts';
import { parseJson } from './reply-stream.ts';
import { hostWaitMs } from './retry-after.ts';

/** One try at the host: an answer to read, or why not, and whether and when the same call may be sent again. */
export type Attempt =
  | { readonly kind: 'accepted'; readonly exchange: Exchange }
  | { readonly kind: 'refused'; readonly problem: Problem; readonly retryInMs: number | null };

export interface AttemptOrder {
  readonly pool: Dispatcher;
  readonly request: Dispatcher.DispatchOptions;
  readonly isStream: boolean;
  readonly signal: AbortSignal;
}

/**
 * Sends the call once. Resolves with `refused` for everything the host or the network did, and rejects only with the
 * signal's reason. Sent again may be: what never left this machine, and a 429 or 503 that asks for a short wait.
 */
export async function attempt({ pool, request, isStream, signal }: AttemptOrder): Promise<Attempt> {
  const answer = await exchange(pool, request, signal);
  if ('problem' in answer) {
    return { kind: 'refused', problem: answer.problem, retryInMs: answer.wasSent ? null : RECONNECT_MS };
  }
  if (answer.status !== 200) return refused(answer);
  if (isContentAsAsked(answer, isStream)) return { kind: 'accepted', exchange: answer };
  const problem = new Problem('upstream_error', { cause: 'the answer has another content type or encoding' });
  answer.cancel(problem);
  return { kind: 'refused', problem, retryInMs: null };
}

/** What the circuit breaker counts: thrown or returned, a failure of the host itself. */
export function isFailedAttempt(outcome: unknown): boolean {
  return isHostFailure(isRefused(outcome) ? outcome.problem : outcome);
}

function isRefused(outcome: unknown): outcome is Extract<Attempt, { kind: 'refused' }> {
  return typeof outcome === 'object' && outcome !== null && 'kind' in outcome && outcome.kind === 'refused';
}

const RECONNECT_MS = 50;
const RETRY_WAIT_MS_MAX = 2_000;

async function refused(answer: Exchange): Promise<Attempt> {
  const { status, headers } = answer;
  const waitMs = hostWaitMs(headers);
  const body = await readRefusal(answer);
  const problem = problemOfRefusal({ status, body, waitMs });
  const isBrief = waitMs !== undefined && waitMs <= RETRY_WAIT_MS_MAX;
  return {
    kind: 'refused',
    problem,
    retryInMs: isBrief && (status === 429 || status === 503) ? waitMs : null,
  };
}

/** A refusal's body only helps to name it: what is too large, too slow or not JSON is as good as none. */
async function readRefusal(answer: Exchange): Promise<unknown> {
  const timer = setTimeout(() => answer.cancel(new Error('slow')), REFUSAL_MS);
  try {
    const bytes = await readAll(answer, REFUSAL_BYTES_MAX);
    return parseJson(Buffer.from(bytes).toString('utf8'));
  } catch {
    answer.cancel(new Error('unread'));
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

const REFUSAL_MS = 2_000;
const REFUSAL_BYTES_MAX = 65_536;

function isContentAsAsked({ headers }: Exchange, isStream: boolean): boolean {
  const encoding = headers['content-encoding'];
  const type = headers['content-type'];
  if (typeof type !== 'string' || (encoding !== undefined && encoding !== 'identity')) return false;
  const mediaType = type.split(';', 1)[0]?.trim().toLowerCase();
  return mediaType === (isStream ? 'text/event-stream' : 'application/json');
}
