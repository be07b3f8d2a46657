import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import type {
  EmbedCall,
  EmbedReply,
  ModelCall,
  ModelReply,
  UpstreamModel,
} from '../../core/models/upstream.ts';
import { type Attempt, attempt, isFailedAttempt } from './attempt.ts';
import { writeChatBody } from './chat-wire.ts';
import { createCircuit } from './circuit.ts';
import { answerBytesMax, readEmbeddings, writeEmbeddingsBody } from './embeddings-wire.ts';
import type { Exchange } from './exchange.ts';
import { createLeash, type Leash } from './leash.ts';
import { orAborted } from './or-aborted.ts';
import { readAll, readUtf8, streamedReply, wholeReply } from './reply-events.ts';
import { parseJson } from './reply-stream.ts';
import { readUpstreamUrl } from './upstream-url.ts';

/** The header that signs us in at the host. */
export interface AuthHeader {
  readonly name: string;
  readonly value: string;
}

export interface UpstreamTimes {
  readonly connectMs: number;
  /** Until the headers of a streamed answer, over all attempts. Whole answers have headers only when they are whole. */
  readonly headersMs: number;
  /** The longest silence inside an answer. */
  readonly idleMs: number;
  /** From the start of the call to its last byte. */
  readonly totalMs: number;
}

export interface HttpUpstreamOptions {
  /** Ends in `/v1`. The only host that is ever asked. */
  readonly baseUrl: string;
  /** May throw `upstream_auth_error`; asked before each attempt. */
  readonly authorize: () => AuthHeader | Promise<AuthHeader>;
  /** The header under which the host takes our request id. */
  readonly clientRequestIdHeader: string;
  readonly times?: Partial<UpstreamTimes>;
  readonly connectionsMax?: number;
  readonly circuit?: { readonly failuresMax: number; readonly openMs: number };
}

const TIMES: UpstreamTimes = { connectMs: 2_000, headersMs: 60_000, idleMs: 30_000, totalMs: 300_000 };
const CONNECTIONS_MAX = 256;
const CIRCUIT = { failuresMax: 8, openMs: 10_000 };
const KEEP_ALIVE_MS = 20_000;
const RETRIES_MAX = 2;

/**
 * A model behind an OpenAI-compatible HTTP endpoint. The pool is bound to one origin and redirects are not followed,
 * so no request can reach another host. Throws an Error for a base URL it does not accept. Disposing ends all calls.
 */
export function createHttpUpstream(options: HttpUpstreamOptions): UpstreamModel & AsyncDisposable {
  const { origin, chatPath, embeddingsPath } = readUpstreamUrl(options.baseUrl);
  const times = { ...TIMES, ...options.times };
  const circuit = createCircuit({ ...(options.circuit ?? CIRCUIT), isFailure: isFailedAttempt });
  const pool = new Pool(origin, {
    connections: options.connectionsMax ?? CONNECTIONS_MAX,
    connect: { timeout: times.connectMs },
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: 0,
    bodyTimeout: times.idleMs,
  });

  const send = async (order: Order, signal: AbortSignal): Promise<Attempt> => {
    const given = options.authorize();
    const auth = given instanceof Promise ? await orAborted(given, signal) : given;
    const headers = [
      ...headersOf(order),
      auth.name,
      auth.value,
      options.clientRequestIdHeader,
      order.requestId,
    ];
    const request = { path: order.path, method: 'POST', headers, body: order.body };
    return attempt({ pool, request, isStream: order.isStream, signal });
  };

  const place = async (order: Order, signal: AbortSignal): Promise<Accepted> => {
    const acceptMs = order.isStream ? times.headersMs : times.totalMs;
    const leash = createLeash(signal, { acceptMs, totalMs: times.totalMs });
    try {
      const exchange = await persist(() => circuit.run(() => send(order, leash.signal)), leash.signal);
      leash.accepted();
      return { exchange, leash };
    } catch (thrown) {
      leash.release();
      throw leash.signal.aborted ? leash.signal.reason : thrown;
    }
  };

  return {
    ask: async (call, signal) => {
      const { requestId, stream: isStream } = call;
      const order = { path: chatPath, body: writeChatBody(call), requestId, isStream };
      return replyOf(call, await place(order, signal));
    },
    embed: async (call, signal) => {
      const { requestId } = call;
      const order = { path: embeddingsPath, body: writeEmbeddingsBody(call), requestId, isStream: false };
      return vectorsOf(call, await place(order, signal));
    },
    isReady: circuit.isReady,
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
}

/** What is sent, at each try alike. */
interface Order {
  readonly path: string;
  readonly body: string;
  readonly requestId: string;
  readonly isStream: boolean;
}

interface Accepted {
  readonly exchange: Exchange;
  readonly leash: Leash;
}

/** Tries until the host accepts, for as long as the refusal allows another try. */
async function persist(run: () => Promise<Attempt>, signal: AbortSignal): Promise<Exchange> {
  for (let retries = 0; ; retries += 1) {
    const outcome = await run();
    if (outcome.kind === 'accepted') return outcome.exchange;
    if (outcome.retryInMs === null || retries === RETRIES_MAX) throw outcome.problem;
    await orAborted(sleep(jittered(outcome.retryInMs), undefined, { signal }), signal);
  }
}

/** Up to half as much again, so that callers who failed together do not return together. */
function jittered(waitMs: number): number {
  return waitMs * (1 + Math.random() / 2);
}

/** Compressed answers are refused, not read: their size could not be bounded before the cost is paid. */
function headersOf({ isStream }: Order): readonly string[] {
  return [
    'accept',
    isStream ? 'text/event-stream' : 'application/json',
    'accept-encoding',
    'identity',
    'content-type',
    'application/json',
  ];
}

function replyOf(call: ModelCall, { exchange, leash }: Accepted): ModelReply {
  const { choices, maxCompletionTokens } = call.prompt;
  const reading = { exchange, bounds: { choices, maxCompletionTokens }, release: leash.release };
  const body = call.stream ? streamedReply(reading) : wholeReply(reading);
  return {
    events: body.events,
    dropped: body.dropped,
    upstreamRequestId: requestIdOf(exchange),
    get systemFingerprint() {
      return body.fingerprint();
    },
  };
}

async function vectorsOf({ prompt }: EmbedCall, { exchange, leash }: Accepted): Promise<EmbedReply> {
  try {
    const text = readUtf8(await readAll(exchange, answerBytesMax(prompt)));
    return { ...readEmbeddings(parseJson(text), prompt), upstreamRequestId: requestIdOf(exchange) };
  } catch (thrown) {
    exchange.cancel(thrown);
    throw leash.signal.aborted ? leash.signal.reason : thrown;
  } finally {
    leash.release();
  }
}

const REQUEST_ID_HEADERS = ['apim-request-id', 'x-request-id', 'x-ms-request-id'];
const PLAIN_ID = /^[\w.:-]{1,128}$/;

function requestIdOf({ headers }: Exchange): string | null {
  for (const name of REQUEST_ID_HEADERS) {
    const id = headers[name];
    if (typeof id === 'string' && PLAIN_ID.test(id)) return id;
  }
  return null;
}
