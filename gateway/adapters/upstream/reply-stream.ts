import type { DroppedTally, ReplyEvent } from '../../core/models/upstream.ts';
import { Problem } from '../../domain/problem.ts';
import { createReplyReader, type ReplyBounds } from './reply-wire.ts';
import { createSseReader } from './sse.ts';

/** Decodes one streamed chat completion from its bytes. */
export interface ReplyStream {
  /**
   * The next bytes, in any cut; their events are appended to `into`. Throws `upstream_error`, or the Problem of an
   * error frame; what came before the fault is in `into` by then.
   */
  feed(bytes: Uint8Array, into: ReplyEvent[]): void;
  /** The end of the bytes. Throws `upstream_error` when a choice has no finish reason: such an answer broke off. */
  end(): void;
  /** True once `[DONE]` has come. */
  isDone(): boolean;
  fingerprint(): string | null;
  dropped(): DroppedTally;
}

export function createReplyStream(bounds: ReplyBounds): ReplyStream {
  const reader = createReplyReader(bounds);
  let events: ReplyEvent[] = [];
  const sse = createSseReader((payload) => reader.readChunk(parseJson(payload), events));
  return {
    feed: (bytes, into) => {
      events = into;
      sse.feed(bytes);
    },
    end: () => {
      sse.end();
      if (!reader.isComplete()) throw new Problem('upstream_error', { cause: 'the answer broke off' });
    },
    isDone: sse.isDone,
    fingerprint: reader.fingerprint,
    dropped: () => ({ unknownFields: reader.unknownFields(), postDoneData: sse.eventsAfterDone() }),
  };
}

/** The value of JSON text. Throws `upstream_error`; the parser's own message would quote the answer. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem('upstream_error', { cause: 'the answer is not JSON' });
  }
}
