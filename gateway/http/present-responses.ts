import type { ResponseObject, ResponseUsage } from '../contract/openai-response-events.ts';
import type { TokenUsage } from '../core/metering/usage.ts';
import type { ReplyEvent } from '../core/models/upstream.ts';
import type { Problem } from '../domain/problem.ts';
import type { Entry } from '../pipeline/entry.ts';
import type { Answer } from '../pipeline/settle.ts';
import { metadataOf } from './metadata.ts';
import { envelopeOf } from './present-problem.ts';
import { type FrameWriter, inWordsOf, type Presenter } from './presenter.ts';
import { type DraftEvent, ResponseDraft } from './response-draft.ts';

/** How the stages' names for parameters are spelled here. */
const PARAMS: ReadonlyMap<string, string> = new Map([
  ['messages', 'input'],
  ['max_completion_tokens', 'max_output_tokens'],
  ['response_format', 'text.format'],
  ['verbosity', 'text.verbosity'],
  ['reasoning_effort', 'reasoning.effort'],
]);

/** The Responses API: one `response`, or events of which the last holds the whole `response`. */
export const responsesPresenter: Presenter = {
  whole: async (entry, answer) => {
    const telling = new Telling(entry, answer);
    for await (const batch of answer.batches) batch.forEach((event) => void telling.tell(event));
    return telling.last;
  },
  stream: (entry, answer) => new EventWriter(entry, answer),
  params: PARAMS,
};

/** One response from its first snapshot to its last; a whole answer is the last one alone. */
class Telling {
  readonly #entry: Entry;
  readonly #answer: Answer;
  readonly #draft: ResponseDraft;
  last: ResponseObject;

  constructor(entry: Entry, answer: Answer) {
    this.#entry = entry;
    this.#answer = answer;
    this.#draft = new ResponseDraft(uuidOf(entry));
    this.last = firstSnapshot(entry, answer);
  }

  tell(event: ReplyEvent): readonly DraftEvent[] {
    return event.kind === 'usage' ? [this.#end(event.usage)] : this.#draft.say(event);
  }

  fail({ error }: ReturnType<typeof envelopeOf>): DraftEvent {
    const { code, message } = error;
    this.last = { ...this.#snapshot(), status: 'failed', error: { code, message } };
    return { type: 'response.failed', response: this.last };
  }

  #end(usage: TokenUsage): DraftEvent {
    const reason = this.#draft.shortfall;
    const status = reason === null ? 'completed' : 'incomplete';
    this.last = {
      ...this.#snapshot(),
      status,
      completed_at: reason === null ? secondsOf(this.#entry.openedAt + this.#entry.latencyMs()) : null,
      incomplete_details: reason === null ? null : { reason },
      usage: usageOf(usage),
    };
    return { type: `response.${status}`, response: this.last };
  }

  #snapshot(): ResponseObject {
    const stewardgate = metadataOf(this.#entry, this.#answer);
    return { ...this.last, output: this.#draft.output, stewardgate };
  }
}

function firstSnapshot(entry: Entry, answer: Answer): ResponseObject {
  if (answer.echo === null) throw new Error('a response gives back what it was asked');
  return {
    id: `resp_${uuidOf(entry)}`,
    object: 'response',
    created_at: secondsOf(entry.openedAt),
    completed_at: null,
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    model: answer.versionId,
    output: [],
    usage: null,
    ...answer.echo.reveal(),
    store: false,
    background: false,
    previous_response_id: null,
    max_tool_calls: null,
    truncation: 'disabled',
    top_logprobs: 0,
    service_tier: 'default',
  };
}

function uuidOf(entry: Entry): string {
  return entry.requestId.slice('req_'.length);
}

function secondsOf(ms: number): number {
  return Math.floor(ms / 1_000);
}

function usageOf({ input, output, cachedInput, reasoning }: TokenUsage): ResponseUsage {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cachedInput },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}

/** Named events, numbered from 0 without a gap. The last event ends the stream; there is no `[DONE]`. */
class EventWriter implements FrameWriter {
  readonly #entry: Entry;
  readonly #telling: Telling;
  #number = 0;

  constructor(entry: Entry, answer: Answer) {
    this.#entry = entry;
    this.#telling = new Telling(entry, answer);
  }

  opening(): string {
    const response = this.#telling.last;
    return this.#written([
      { type: 'response.created', response },
      { type: 'response.in_progress', response },
    ]);
  }

  frames(batch: readonly ReplyEvent[]): string {
    return this.#written(batch.flatMap((event) => this.#telling.tell(event)));
  }

  /** The pair that a host sends; the nested error is what makes every client fail. */
  failure(problem: Problem): string {
    const envelope = envelopeOf(this.#entry, inWordsOf({ params: PARAMS }, problem));
    return this.#written([{ type: 'error', ...envelope }, this.#telling.fail(envelope)]);
  }

  #written(events: readonly DraftEvent[]): string {
    return events.map((event) => this.#frame(event)).join('');
  }

  #frame({ type, ...more }: DraftEvent): string {
    const sequence_number = this.#number;
    this.#number += 1;
    return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number, ...more })}\n\n`;
  }
}
