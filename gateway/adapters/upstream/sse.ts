import { createParser } from 'eventsource-parser';
import { Problem } from '../../domain/problem.ts';

/** Cuts a server-sent event stream (HTML standard, section 9.2) into the payloads of its events. */
export interface SseReader {
  /** Takes the next bytes, in any cut. Throws `upstream_error` when they are not UTF-8 or an event has no end. */
  feed(bytes: Uint8Array): void;
  /** Takes the end of the stream. Throws `upstream_error` when it falls inside a character. */
  end(): void;
  /** True once `[DONE]` has come; the events that follow are counted, and dropped. */
  isDone(): boolean;
  eventsAfterDone(): number;
}

/** An event without end may hold this many characters before the stream is given up. */
const EVENT_LENGTH_MAX = 1_048_576;

export function createSseReader(onPayload: (payload: string) => void): SseReader {
  let done = false;
  let eventsAfterDone = 0;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  /** Without bytes it checks that no character is left half. The decoder's own error is not kept. */
  const decode = (bytes?: Uint8Array): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      throw new Problem('upstream_error', { cause: 'the answer is not UTF-8' });
    }
  };
  const parser = createParser({
    maxBufferSize: EVENT_LENGTH_MAX,
    onEvent: ({ data }) => {
      if (data === '') return;
      if (done) eventsAfterDone += 1;
      else if (data === '[DONE]') done = true;
      else onPayload(data);
    },
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') throw new Problem('upstream_error', { cause: NO_END });
    },
  });
  return {
    feed: (bytes) => {
      const wasDone = done;
      try {
        parser.feed(decode(bytes));
      } catch (thrown) {
        if (!wasDone) throw thrown;
      }
    },
    end: () => {
      if (!done) decode();
    },
    isDone: () => done,
    eventsAfterDone: () => eventsAfterDone,
  };
}

const NO_END = 'an event is longer than 1 MiB';
