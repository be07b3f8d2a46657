import type { ReplyEvent } from '../core/models/upstream.ts';
import { Problem } from '../domain/problem.ts';
import type { Entry } from '../pipeline/entry.ts';
import type { Answer } from '../pipeline/settle.ts';

/** How the answers of one wire are written; both ways read the batches to their end. */
export interface Presenter {
  /** The whole answer as one JSON value. Throws the Problem that broke it off. */
  whole(entry: Entry, answer: Answer): Promise<unknown>;
  stream(entry: Entry, answer: Answer): FrameWriter;
  /** Parameters that this wire calls otherwise than chat completions, whose names the stages and the model's host use. */
  readonly params: ReadonlyMap<string, string>;
}

/** Turns batches into server-sent events; each method gives whole frames, or an empty string. */
export interface FrameWriter {
  /** What comes before the first words. */
  opening(): string;
  frames(batch: readonly ReplyEvent[]): string;
  /** The end of an answer that broke off after its first byte. */
  failure(problem: Problem): string;
}

/** The problem as this wire's caller reads it. A parameter that was unknown is named as the caller wrote it. */
export function inWordsOf({ params }: Pick<Presenter, 'params'>, problem: Problem): Problem {
  const param = params.get(problem.param ?? '');
  if (param === undefined || problem.code === 'unknown_parameter') return problem;
  const { code, reasons, retryAfterMs, cause } = problem;
  return new Problem(code, {
    param,
    reasons,
    cause,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
