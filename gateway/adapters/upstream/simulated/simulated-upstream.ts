import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import type {
  EmbedCall,
  EmbedReply,
  ModelCall,
  ModelReply,
  ReplyEvent,
  UpstreamModel,
} from '../../../core/models/upstream.ts';
import type { Clock } from '../../../domain/clock.ts';
import { readEmbeddings } from '../embeddings-wire.ts';
import { problemOfRefusal } from '../errors.ts';
import { createReplyStream, parseJson, type ReplyStream } from '../reply-stream.ts';
import { witness } from './call-log.ts';
import { embeddingsWireOf } from './embeddings-script.ts';
import { fixtureFor, fixtureIn } from './fixture-script.ts';
import type { Fixture, Fixtures } from './fixtures.ts';
import { errorBody, SIMULATED, wireOf } from './wire-script.ts';

export interface SimulatedOptions {
  readonly fixtures?: Fixtures;
  /** Each call is written there before it is answered. */
  readonly callLogFile?: string;
  readonly clock: Clock;
}

/**
 * A model that needs no network and never says anything by chance, for demonstrations and tests. It writes what a
 * host would send, and reads it with the same decoder. Only the prompt and the fixtures decide what it answers.
 */
export function createSimulatedUpstream(options: SimulatedOptions): UpstreamModel {
  const fixtures = options.fixtures ?? new Map();
  const receive = (call: ModelCall | EmbedCall, signal: AbortSignal) => {
    signal.throwIfAborted();
    if (options.callLogFile !== undefined) witness(options.callLogFile, call, options.clock);
  };
  return {
    ask: async (call, signal) => {
      receive(call, signal);
      const fixture = fixtureFor(call.prompt, fixtures);
      await refuseAs(fixture, signal);
      return replyOf(call, fixture, signal);
    },
    embed: async (call, signal) => {
      receive(call, signal);
      const fixture = fixtureIn(call.prompt.inputs, fixtures);
      await refuseAs(fixture, signal);
      return vectorsOf(call, fixture, signal);
    },
    isReady: () => true,
  };
}

/** Throws what a host's answer of that status would become. */
async function refuseAs(fixture: Fixture | undefined, signal: AbortSignal): Promise<void> {
  if (fixture?.status === undefined || fixture.status === 200) return;
  await stall(fixture.stallMs ?? 0, signal);
  throw problemOfRefusal({ status: fixture.status, body: errorBody(fixture.error) });
}

function replyOf(call: ModelCall, fixture: Fixture | undefined, signal: AbortSignal): ModelReply {
  const pieces = wireOf(call, fixture);
  const stream = createReplyStream(call.prompt);
  const stallMs = fixture?.stallMs ?? 0;
  return {
    systemFingerprint: SIMULATED,
    upstreamRequestId: null,
    events: call.stream
      ? streamed({ stream, pieces, stallMs, signal })
      : whole({ stream, pieces, stallMs, signal }),
    dropped: stream.dropped,
  };
}

async function vectorsOf(
  { prompt }: EmbedCall,
  fixture: Fixture | undefined,
  signal: AbortSignal,
): Promise<EmbedReply> {
  await stall(fixture?.stallMs ?? 0, signal);
  const body = parseJson(embeddingsWireOf(prompt, fixture));
  return { ...readEmbeddings(body, prompt), upstreamRequestId: null };
}

interface Play {
  readonly stream: ReplyStream;
  readonly pieces: readonly string[];
  readonly stallMs: number;
  readonly signal: AbortSignal;
}

/** One batch for each piece, in turns of the event loop. What is broken is told after the events before it. */
async function* streamed({ stream, pieces, stallMs, signal }: Play): AsyncGenerator<readonly ReplyEvent[]> {
  await stall(stallMs, signal);
  for (const piece of pieces) {
    const batch: ReplyEvent[] = [];
    try {
      stream.feed(Buffer.from(piece), batch);
    } finally {
      if (batch.length > 0) yield batch;
    }
    await turn();
    signal.throwIfAborted();
  }
  stream.end();
}

async function* whole({ stream, pieces, stallMs, signal }: Play): AsyncGenerator<readonly ReplyEvent[]> {
  await stall(stallMs, signal);
  const batch: ReplyEvent[] = [];
  stream.feed(Buffer.from(pieces.join('')), batch);
  stream.end();
  yield batch;
}

async function stall(stallMs: number, signal: AbortSignal): Promise<void> {
  try {
    if (stallMs > 0) await wait(stallMs, undefined, { signal });
  } finally {
    signal.throwIfAborted();
  }
}
