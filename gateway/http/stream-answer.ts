import { once } from 'node:events';
import type { Response } from 'express';
import type { ReplyEvent } from '../core/models/upstream.ts';
import { asProblem } from '../domain/problem.ts';
import type { Answer } from '../pipeline/settle.ts';
import type { AnswerCopy } from './answer-copy.ts';
import type { Exchange } from './exchange.ts';
import type { FrameWriter } from './presenter.ts';

interface Streaming extends Pick<Exchange, 'report'> {
  readonly answer: Answer;
  readonly writer: FrameWriter;
  readonly gone: AbortSignal;
  readonly copy: AnswerCopy;
}

const HEARTBEAT_MS = 15_000;
const SLOW_READER_MS = 60_000;

/**
 * Writes the answer as server-sent events. The batches are read to their end even when the caller has left, so that the
 * model's figures are known; a failure after the first byte is an error frame, never a bare end. That failure is
 * reported.
 */
export async function streamAnswer(
  response: Response,
  { answer, writer, gone, report, copy }: Streaming,
): Promise<void> {
  response.setHeader('content-type', 'text/event-stream; charset=utf-8');
  response.setHeader('cache-control', 'no-cache, no-transform');
  response.setHeader('x-accel-buffering', 'no');
  const heartbeat = setInterval(() => gone.aborted || response.write(': ping\n\n'), HEARTBEAT_MS);
  try {
    const opening = writer.opening();
    copy.add(opening);
    await write(response, opening, gone);
    for await (const batch of answer.batches) {
      if (gone.aborted && !copy.isWanted) continue;
      const frames = writer.frames(batch);
      copy.add(frames);
      if (isLast(batch)) await copy.keep();
      if (!gone.aborted) await write(response, frames, gone);
    }
  } catch (thrown) {
    const problem = asProblem(thrown);
    if (!gone.aborted) response.write(writer.failure(problem));
    report(problem);
  } finally {
    clearInterval(heartbeat);
    response.end();
  }
}

/** The figures come with the endings, in the last batch. */
const isLast = (batch: readonly ReplyEvent[]) => batch.some(({ kind }) => kind === 'usage');

/** Waits for a slow reader, but not for ever: one that takes nothing for a minute is cut off. */
async function write(response: Response, frames: string, gone: AbortSignal): Promise<void> {
  if (frames === '' || response.write(frames)) return;
  try {
    await once(response, 'drain', { signal: AbortSignal.any([gone, AbortSignal.timeout(SLOW_READER_MS)]) });
  } catch {
    response.destroy();
  }
}
