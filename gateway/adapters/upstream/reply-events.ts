import { setImmediate as turn } from 'node:timers/promises';
import type { ModelReply, ReplyEvent } from '../../core/models/upstream.ts';
import { Problem } from '../../domain/problem.ts';
import type { Exchange } from './exchange.ts';
import { createReplyStream, parseJson } from './reply-stream.ts';
import { createReplyReader, type ReplyBounds } from './reply-wire.ts';

type Batch = readonly ReplyEvent[];

/** An accepted answer being read. `release` is called once, when nothing more is read of it. */
interface Reading {
  readonly exchange: Exchange;
  readonly bounds: ReplyBounds;
  readonly release: () => void;
}

type ReplyBody = Pick<ModelReply, 'events' | 'dropped'> & { fingerprint(): string | null };

/** The events of a stream, one batch per network read; what is broken is told after the events before it. */
export function streamedReply(reading: Reading): ReplyBody {
  const stream = createReplyStream(reading.bounds);
  let failure: unknown;
  const next = async (): Promise<Batch | null> => {
    while (failure === undefined && !stream.isDone()) {
      const pieces = await reading.exchange.read();
      if (pieces === null) {
        stream.end();
        return null;
      }
      const batch: ReplyEvent[] = [];
      try {
        for (const bytes of pieces) stream.feed(bytes, batch);
      } catch (thrown) {
        failure = thrown;
      }
      if (batch.length > 0) return batch;
    }
    if (failure !== undefined) throw failure;
    void drain(reading.exchange, (bytes) => stream.feed(bytes, []));
    await turn(); // what the host has sent already is counted with the answer
    stream.end();
    return null;
  };
  const { fingerprint, dropped } = stream;
  return { events: eventsOf(reading, next), fingerprint, dropped };
}

/** The same of a whole answer, in one batch. */
export function wholeReply(reading: Reading): ReplyBody {
  const reader = createReplyReader(reading.bounds);
  let isRead = false;
  const next = async (): Promise<Batch | null> => {
    if (isRead) return null;
    isRead = true;
    const batch: ReplyEvent[] = [];
    reader.readWhole(parseJson(readUtf8(await readAll(reading.exchange, BODY_BYTES_MAX))), batch);
    if (!reader.isComplete()) throw new Problem('upstream_error', { cause: 'the answer has no end' });
    return batch;
  };
  const dropped = () => ({ unknownFields: reader.unknownFields(), postDoneData: 0 });
  return { events: eventsOf(reading, next), fingerprint: reader.fingerprint, dropped };
}

const BODY_BYTES_MAX = 8 * 1_048_576;

/** All bytes of an answer. Throws `upstream_error` when there are more than that; rejects when the answer broke. */
export async function readAll(exchange: Exchange, bytesMax: number): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const pieces = await exchange.read();
    if (pieces === null) return all.length === 1 && all[0] ? all[0] : Buffer.concat(all);
    for (const bytes of pieces) {
      all.push(bytes);
      length += bytes.length;
    }
    if (length > bytesMax) throw new Problem('upstream_error', { cause: 'the answer is too large' });
  }
}

/** The text of the bytes. Throws `upstream_error` when they are not UTF-8. */
export function readUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Problem('upstream_error', { cause: 'the answer is not UTF-8' });
  }
}

/** After `[DONE]` the answer is complete: what follows is read only so that the connection can serve again. */
async function drain(exchange: Exchange, feed: (bytes: Uint8Array) => void): Promise<void> {
  const timer = setTimeout(() => exchange.cancel(new Error('drained')), DRAIN_MS).unref();
  try {
    for (let left = DRAIN_BYTES_MAX; left > 0; ) {
      const pieces = await exchange.read();
      if (pieces === null) return;
      for (const bytes of pieces) {
        left -= bytes.length;
        feed(bytes);
      }
    }
    exchange.cancel(new Error('drained'));
  } catch {
    exchange.cancel(new Error('drained'));
  } finally {
    clearTimeout(timer);
  }
}

const DRAIN_MS = 1_000;
const DRAIN_BYTES_MAX = 65_536;

/** By hand and not by a generator: one that is returned before its first `next` would not let go of the exchange. */
function eventsOf(reading: Reading, next: () => Promise<Batch | null>): AsyncIterable<Batch> {
  let isOver = false;
  const over = (): IteratorReturnResult<undefined> => {
    isOver = true;
    reading.release();
    return { done: true, value: undefined };
  };
  const iterator: AsyncIterator<Batch, undefined> = {
    next: async () => {
      try {
        const batch = isOver ? null : await next();
        return batch ? { done: false, value: batch } : over();
      } catch (thrown) {
        over();
        reading.exchange.cancel(thrown);
        throw thrown;
      }
    },
    return: async () => {
      if (!isOver) reading.exchange.cancel(new Error('the reader left'));
      return over();
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
